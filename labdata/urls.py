"""Every address of the system."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("labdata.site.urls")),
]

handler400 = "labdata.site.kit.errors.bad_request"
handler403 = "labdata.site.kit.errors.permission_denied"
handler404 = "labdata.site.kit.errors.not_found"
handler500 = "labdata.site.kit.errors.server_error"
