"""Variables and the relations between them."""

from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.relations import aggregate, answer, tables
from analysis.relations.question import read_question
from analysis.relations.variables import (
    describe_variables,
    visible_projects,
    visible_variables,
)
from labdata.common.api.errors import TooLarge
from labdata.common.api.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from labdata.common.variables import VariableError, parse_variable

FORMATS = ("json", "csv", "parquet")
MOST_JSON_ROWS = 100_000


class LabelAnswer(serializers.Serializer):
    label = serializers.CharField()
    count = serializers.IntegerField()


class VariableAnswer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField(allow_null=True)
    units = serializers.ListField(child=serializers.CharField())
    kind = serializers.ChoiceField(["number", "text"])
    family = serializers.CharField()
    symbol = serializers.CharField()
    default_pick = serializers.CharField(allow_null=True)
    promoted = serializers.BooleanField()
    count = serializers.IntegerField()
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    labels = LabelAnswer(many=True)


class ColumnAnswer(serializers.Serializer):
    name = serializers.CharField()
    variable = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(["number", "text"])
    default_pick = serializers.CharField(allow_null=True)


class RelationAnswer(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    columns = ColumnAnswer(many=True)
    filters = serializers.ListField(child=serializers.DictField())
    results = serializers.ListField(child=serializers.DictField())


class VariableViewSet(GenericViewSet):
    """What can be an axis, a filter or a colour, with how much there is of it."""

    serializer_class = VariableAnswer
    lookup_value_regex = "[^/]+"
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("family", str, description="Such as `composition`."),
            OpenApiParameter("kind", str, enum=["number", "text"]),
            OpenApiParameter("q", str, description="Part of the key or the label."),
        ]
    )
    def list(self, request, *args, **kwargs):
        projects = list(visible_projects(request.user))
        variables = visible_variables(projects)
        asked = request.query_params
        for name in ("family", "kind", "q"):
            if "\0" in asked.get(name, ""):
                raise ValidationError({name: "A null character cannot be looked for."})
        if family := asked.get("family"):
            variables = variables.filter(key__startswith=f"{family}.")
        if kind := asked.get("kind"):
            variables = variables.filter(kind=kind)
        if text := asked.get("q"):
            found = variables.filter(key__icontains=text)
            variables = found | variables.filter(label__icontains=text)
        page = self.paginate_queryset(variables.order_by("key"))
        return self.get_paginated_response(describe_variables(page, projects))

    def retrieve(self, request, pk=None, *args, **kwargs):
        projects = list(visible_projects(request.user))
        try:
            key = parse_variable(pk).key
        except VariableError as error:
            raise Http404 from error
        found = visible_variables(projects).filter(key=key).first()
        if found is None:
            raise Http404
        return Response(describe_variables([found], projects)[0])


def _parameter(name, description, *, many=False, kind=OpenApiTypes.STR, **more):
    return OpenApiParameter(name, kind, description=description, many=many, **more)


class RelationViewSet(GenericViewSet):
    """How a property depends on compositions, conditions or other properties."""

    serializer_class = RelationAnswer
    filter_backends = ()
    pagination_class = None

    @extend_schema(
        responses={
            (200, "application/json"): RelationAnswer,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
        },
        parameters=[
            _parameter("x", "Variable, such as `composition.CsPbI3`.", required=True),
            _parameter("y", "Variable, such as `pl.fwhm[I]`.", required=True),
            _parameter("color", "Variable."),
            _parameter("facet", "Variable that parts the rows into panels."),
            _parameter("column", "Further variables.", many=True),
            _parameter(
                "filter",
                "`VARIABLE:op:value` with eq ne lt le gt ge in between; all must hold.",
                many=True,
            ),
            _parameter(
                "aggregate",
                "count mean weighted_mean median min max sd of y, within equal x, "
                "color and facet, or `FUNCTION:VARIABLE,…`.",
                many=True,
            ),
            _parameter(
                "bins",
                "Bins to aggregate in: `x:5` parts x (or color, facet or a variable "
                "the aggregate groups by) at its quintiles, `x:5:width` in five equal "
                "widths, `5` is `x:5:width`. Quantiles are those of all values asked "
                "about, linearly interpolated; a value on an edge belongs below it.",
                many=True,
            ),
            _parameter("x_unit", "Unit of the answer."),
            _parameter("y_unit", "Unit of the answer."),
            _parameter("color_unit", "Unit of the answer."),
            _parameter("facet_unit", "Unit of the answer."),
            _parameter("unit", "`VARIABLE:unit` of a further column.", many=True),
            _parameter("origin", "Origins of y, such as computed.", many=True),
            _parameter("project", "Slugs.", many=True),
            _parameter("sort", "Order of the rows.", enum=["x", "-x", "y", "-y"]),
            _parameter("limit", "First rows, without pages.", kind=OpenApiTypes.INT),
            _parameter("page_size", "Rows a page.", kind=OpenApiTypes.INT),
            _parameter("cursor", "From `next`."),
            _parameter("format", "json, csv or parquet.", enum=list(FORMATS)),
        ],
    )
    def list(self, request, *args, **kwargs):
        asked = dict(request.query_params.lists())
        question = read_question(asked, visible_projects(request.user))
        kind = (asked.get("format") or ["json"])[-1] or "json"
        if kind not in FORMATS:
            raise ValidationError(
                {"format": f"{kind!r} is not one of {', '.join(FORMATS)}."}
            )
        limit = _whole(asked, "limit", None)
        if kind != "json":
            return self._file(question, asked, kind, limit)
        if question.aggregates:
            rows, count = aggregate.answer_groups(question)
            return self._answer(question, rows[:limit], len(rows), values=count)
        if limit is None:
            return self._page(question, asked)
        if limit > MOST_JSON_ROWS:
            raise TooLarge(
                f"At most {MOST_JSON_ROWS} rows as JSON: ask for format=parquet."
            )
        rows, count, _ = answer.answer_page(question, limit=limit)
        return self._answer(question, rows, count)

    def _page(self, question, asked):
        size = _whole(asked, "page_size", MAX_PAGE_SIZE) or PAGE_SIZE
        cursor = (asked.get("cursor") or [""])[-1]
        after = answer.read_cursor(cursor, question) if cursor else None
        rows, count, last = answer.answer_page(question, limit=size, after=after)
        following = None
        if last is not None:
            again = {**asked, "cursor": [answer.write_cursor(last)]}
            following = self.request.build_absolute_uri(
                f"{self.request.path}?{urlencode(again, doseq=True)}"
            )
        return self._answer(question, rows, count, following=following)

    def _answer(self, question, rows, count, *, following=None, **more):
        return Response(
            {
                "count": count,
                "next": following,
                "previous": None,
                **more,
                "columns": answer.describe_columns(question.told),
                "filters": answer.describe_filters(question),
                "results": rows,
            }
        )

    def _file(self, question, asked, kind, limit):
        if question.aggregates:
            rows, _ = aggregate.answer_groups(question)
            names = aggregate.column_names(question)
        else:
            rows = answer.answer_all(question, limit=limit)
            names = answer.column_names(question)
        columns = answer.describe_columns(question.told)
        table = tables.build_table(rows, names, columns, asked)
        response = HttpResponse(
            tables.write_table(table, kind), content_type=tables.MEDIA_TYPES[kind]
        )
        response["Content-Disposition"] = f'attachment; filename="relation.{kind}"'
        return response


def _whole(asked, name, most):
    """A whole number of at least one among the parameters, or None."""
    text = (asked.get(name) or [""])[-1]
    if not text:
        return None
    good = text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0
    if not good or (most is not None and int(text) > most):
        upto = f" to {most}" if most else ""
        raise ValidationError({name: f"{text!r} is not a whole number from 1{upto}."})
    return int(text)
