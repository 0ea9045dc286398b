"""Pages of a list: by number with an exact count, or by cursor on request."""

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import (
    BasePagination,
    CursorPagination,
    PageNumberPagination,
)
from rest_framework.response import Response

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class NumberedPages(PageNumberPagination):
    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE

    def get_page_size(self, request):
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not asked.isdigit() or not 1 <= int(asked) <= MAX_PAGE_SIZE:
            raise ValidationError(
                {"page_size": [f"A page holds 1 to {MAX_PAGE_SIZE} rows."]}
            )
        return int(asked)


class Keyset(CursorPagination):
    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE
    ordering = "-pk"

    def get_paginated_response(self, data):
        return Response(
            {
                "count": None,
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "results": data,
            }
        )


class Pages(BasePagination):
    """Numbered pages, or a keyset when the query says ``cursor`` (empty to begin).

    A cursor walks newest first whatever the size of the list, and gives no count.
    """

    def paginate_queryset(self, queryset, request, view=None):
        by_cursor = "cursor" in request.query_params and hasattr(queryset, "order_by")
        self.inner = Keyset() if by_cursor else NumberedPages()
        return self.inner.paginate_queryset(queryset, request, view=view)

    def get_paginated_response(self, data):
        return self.inner.get_paginated_response(data)

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "nullable": True},
                "next": {"type": "string", "nullable": True, "format": "uri"},
                "previous": {"type": "string", "nullable": True, "format": "uri"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view):
        return [
            {
                "name": name,
                "required": False,
                "in": "query",
                "description": description,
                "schema": {"type": kind},
            }
            for name, kind, description in [
                ("page", "integer", "Number of the page, from 1."),
                ("page_size", "integer", f"Rows a page, at most {MAX_PAGE_SIZE}."),
                ("cursor", "string", "Page by cursor; empty to begin."),
            ]
        ]
