"""The manner of every endpoint: who sees, how it pages, how edits are guarded."""

import uuid

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from labdata.common.api import idempotency
from labdata.common.api.errors import Conflict, Stale, as_errors
from labdata.common.api.forms import refuse_fields
from labdata.common.record.changes import describe_changes
from labdata.common.record.edits import hold
from labdata.common.record.records import Record

MAX_LIST = 1000


class IdempotentMixin:
    """Honours ``Idempotency-Key`` on every POST of a view."""

    _idempotency_record = None

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self._idempotency_record = idempotency.begin(request)

    def handle_exception(self, error):
        if isinstance(error, idempotency.Replay):
            return error.response
        return super().handle_exception(error)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if self._idempotency_record is not None:
            idempotency.finish(self._idempotency_record, response)
        return response


class ReadOnlyViewSet(IdempotentMixin, GenericViewSet):
    """Lists and single records, seen through ``visible_to`` and built from sets.

    ``describe(rows)`` turns model rows into answers with a fixed number of queries;
    ``serializer_class`` documents its shape. ``code_field`` allows addresses by code,
    name or slug beside the public id.
    """

    lookup_value_regex = "[^/]+"
    code_field = None
    takes_lists = False
    ordering_fields = ()

    def describe(self, rows):
        raise NotImplementedError

    def get_queryset(self):
        return self.queryset.all().visible_to(self.request.user)

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        asked = self.request.query_params.get("ordering", "")
        if not asked:
            return queryset
        fields = asked.split(",")
        unknown = [f for f in fields if f.removeprefix("-") not in self.ordering_fields]
        if unknown:
            known = ", ".join(self.ordering_fields) or "nothing"
            raise ValidationError(
                {"ordering": [f"Cannot order by {unknown[0]!r} (can: {known})."]}
            )
        return queryset.order_by(*fields, "pk")

    def get_object(self):
        found = self.lookup(self.get_queryset(), self.kwargs[self.lookup_field])
        self.check_object_permissions(self.request, found)
        return found

    def lookup(self, queryset, value):
        """Find a row by public id, or by code among what the caller may see."""
        try:
            return queryset.get(uuid=uuid.UUID(value))
        except ValueError:
            pass
        except queryset.model.DoesNotExist as error:
            raise Http404 from error
        if self.code_field is None:
            raise Http404
        project = self.request.query_params.get("project")
        if project and self.code_field == "code":
            queryset = queryset.filter(project__slug=project)
        found = list(queryset.filter(**{self.code_field: value})[:2])
        if not found:
            raise Http404
        if len(found) > 1:
            raise Conflict(
                f"{value!r} exists in several of your projects: add ?project=…"
            )
        return found[0]

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.describe(page))

    def retrieve(self, request, *args, **kwargs):
        return self.answer(self.get_object())

    def answer(self, row, code=status.HTTP_200_OK, headers=None):
        response = Response(self.describe([row])[0], status=code, headers=headers)
        if isinstance(row, Record):
            response["ETag"] = etag(row)
        return response


def etag(row):
    """The tag of one edit of one record."""
    return f'"{row.uuid.hex}-{row.version}"'


class RecordViewSet(ReadOnlyViewSet):
    """Records people create, edit and archive, through services.

    ``input_class`` checks what was sent; the ``perform_`` methods hand it to the
    services of the app, which do the writing.
    """

    input_class = None
    takes_lists = True
    archivable = True

    def perform_create(self, values):
        raise NotImplementedError

    def perform_update(self, row, values):
        raise NotImplementedError

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="Sent twice with the same key, a request acts once.",
            )
        ]
    )
    def create(self, request, *args, **kwargs):
        """Create one record, or a list of them: all or none."""
        if isinstance(request.data, list):
            rows = self.create_list(request.data)
            return Response(self.describe(rows), status=status.HTTP_201_CREATED)
        with transaction.atomic():
            row = self.perform_create(self.check(request.data))
        headers = {"Location": f"{request.path.rstrip('/')}/{row.uuid}/"}
        return self.answer(row, status.HTTP_201_CREATED, headers)

    def create_list(self, items):
        if not items:
            raise ValidationError({"non_field_errors": ["The list is empty."]})
        if len(items) > MAX_LIST:
            raise ValidationError(
                {"non_field_errors": [f"At most {MAX_LIST} records at a time."]}
            )
        rows, errors = [], {}
        with transaction.atomic():
            for index, item in enumerate(items):
                try:
                    with transaction.atomic():
                        rows.append(self.perform_create(self.check(item)))
                except ValidationError as error:
                    errors[str(index)] = error.detail
                except DjangoValidationError as error:
                    errors[str(index)] = as_errors(error)
            if errors:
                raise ValidationError(errors)
        return rows

    def check(self, data, partial=False):
        form = self.input_class(
            data=data, partial=partial, context=self.get_serializer_context()
        )
        form.is_valid(raise_exception=True)
        return form.validated_data

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "If-Match",
                str,
                OpenApiParameter.HEADER,
                description="The ETag you read; 412 if the record changed since.",
            )
        ]
    )
    def partial_update(self, request, *args, **kwargs):
        """Change the fields given; the others stay."""
        with transaction.atomic():
            row = self.held_object()
            row = self.perform_update(row, self.check(request.data, partial=True))
        return self.answer(row)

    def held_object(self):
        """The row of an edit, within its transaction: nobody else changes it now."""
        row = self.get_object()
        hold(row)
        self.guard(row)
        return row

    def guard(self, row):
        """Refuse an edit of a version that is no longer the newest."""
        given = self.request.headers.get("If-Match")
        if given and given.removeprefix("W/") not in ("*", etag(row)):
            raise Stale(
                f"This was changed at {row.updated_at:%Y-%m-%d %H:%M} UTC, after you "
                "read it. Nothing was saved: read it again and repeat your change."
            )

    def destroy(self, request, *args, **kwargs):
        """Delete a record nothing depends on; archive the others."""
        try:
            with transaction.atomic():
                self.perform_destroy(self.held_object())
        except ProtectedError as error:
            kinds = sorted({o._meta.verbose_name for o in error.protected_objects})
            raise Conflict(
                f"{len(error.protected_objects)} things depend on this "
                f"({', '.join(kinds)}). Archive it instead: POST …/archive/."
            ) from error
        return Response(status=status.HTTP_204_NO_CONTENT)

    def perform_destroy(self, row):
        raise Conflict("This cannot be deleted. Archive it: POST …/archive/.")

    def perform_archive(self, row, archived):
        raise NotImplementedError

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def archive(self, request, *args, **kwargs):
        """Put a record away: it leaves lists and relations, and loses nothing."""
        return self._set_archived(archived=True)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request, *args, **kwargs):
        """Bring an archived record back."""
        return self._set_archived(archived=False)

    def _set_archived(self, *, archived):
        if not self.archivable:
            raise Conflict("This cannot be archived.")
        refuse_fields(self.request)
        with transaction.atomic():
            row = self.held_object()
            row = self.perform_archive(row, archived)
        return self.answer(row)

    @extend_schema(
        responses=inline_serializer(
            "Change",
            {
                "time": serializers.DateTimeField(),
                "user": serializers.CharField(allow_null=True),
                "request": serializers.CharField(),
                "reason": serializers.CharField(),
                "action": serializers.CharField(),
                "changes": serializers.DictField(),
            },
            many=True,
        ),
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request, *args, **kwargs):
        """Who changed this record, when and why, newest first."""
        return Response(describe_changes(self.get_object()))
