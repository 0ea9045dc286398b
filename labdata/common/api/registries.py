"""Read-only lists of what is declared in code: techniques, readers, analyses."""

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from labdata.common.api.pagination import NumberedPages


class RegistryViewSet(GenericViewSet):
    """One registry, in the order of its keys; the same for everybody signed in.

    ``filters`` maps a query parameter to a test of one entry and its value.
    """

    registry = None
    filters = {}
    filter_backends = []
    pagination_class = NumberedPages
    lookup_field = "key"
    lookup_value_regex = "[^/]+"

    def describe_one(self, spec):
        raise NotImplementedError

    def list(self, request, *args, **kwargs):
        found = list(self.registry)
        for name, passes in self.filters.items():
            if value := request.query_params.get(name, ""):
                found = [spec for spec in found if passes(spec, value)]
        page = self.paginate_queryset(found)
        return self.get_paginated_response([self.describe_one(spec) for spec in page])

    @extend_schema(parameters=[OpenApiParameter("key", str, OpenApiParameter.PATH)])
    def retrieve(self, request, key, *args, **kwargs):
        spec = self.registry.get(key)
        if spec is None:
            raise Http404
        return Response(self.describe_one(spec))
