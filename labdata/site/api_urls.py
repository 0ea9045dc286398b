"""The API: every app's endpoints under one router, and their documentation."""

from csp.decorators import csp_replace
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

import analysis.api
import measurements.api
import samples.api
from analysis.api.isos import ConformityView
from labdata.common.api.projects import ProjectViewSet

router = DefaultRouter()
router.include_format_suffixes = False
router.register("projects", ProjectViewSet, basename="project")
samples.api.register(router)
measurements.api.register(router)
analysis.api.register(router)

# Swagger's page carries inline styles; no other page may.
documentation = csp_replace({"style-src": ["'self'", "'unsafe-inline'"]})(
    SpectacularSwaggerSplitView.as_view(url_name="schema")
)

urlpatterns = [
    path(
        "v1/measurements/<uuid:uuid>/isos/",
        ConformityView.as_view(),
        name="measurement-isos",
    ),
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", documentation, name="docs"),
]
