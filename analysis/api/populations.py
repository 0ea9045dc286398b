"""Populations: groups of cells side by side, with tests and what was left out."""

import csv
import io

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.populations import tables
from analysis.populations.question import BEST, read_population
from analysis.populations.summary import notes_of, summarise
from analysis.relations import answer
from analysis.relations.variables import visible_projects

FORMATS = ("json", "csv")
OURS = ("format", "table")


class PopulationAnswer(serializers.Serializer):
    y = serializers.DictField(help_text="The quantity: variable, label, unit.")
    by = serializers.DictField(allow_null=True)
    filters = serializers.ListField(child=serializers.DictField())
    best = serializers.ChoiceField(BEST)
    count = serializers.IntegerField()
    excluded = serializers.IntegerField()
    bounded = serializers.IntegerField()
    groups = serializers.ListField(child=serializers.DictField())
    points = serializers.ListField(child=serializers.DictField())
    tests = serializers.ListField(child=serializers.DictField())
    intraclass_correlation = serializers.FloatField(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())


def _parameter(name, description, **more):
    return OpenApiParameter(name, OpenApiTypes.STR, description=description, **more)


class PopulationViewSet(GenericViewSet):
    """How a quantity is spread over many cells, group beside group."""

    serializer_class = PopulationAnswer
    filter_backends = ()
    pagination_class = None

    @extend_schema(
        responses={
            (200, "application/json"): PopulationAnswer,
            (200, "text/csv"): OpenApiTypes.STR,
        },
        parameters=[
            _parameter("y", "Quantity, such as `jv.pce` or `jv.pce[reverse]`."),
            _parameter(
                "by", "Variable that groups, such as `layer.interlayer.material`."
            ),
            _parameter("filter", "`VARIABLE:op:value`, as for relations.", many=True),
            _parameter("origin", "Origins of y, such as computed.", many=True),
            _parameter("project", "Slugs.", many=True),
            _parameter(
                "bins",
                "Of a `by` that is a number: `5` for quintiles, `by:5:width` for five "
                "equal widths.",
            ),
            _parameter("best", "Which value is the champion.", enum=list(BEST)),
            _parameter("y_unit", "Unit of the answer."),
            _parameter("format", "json or csv.", enum=list(FORMATS)),
            _parameter("table", "Of a CSV file.", enum=list(tables.TABLES)),
        ],
    )
    def list(self, request, *args, **kwargs):
        """Summaries with champions, every value, and significance.

        Quartiles are linear between order statistics (type 7), whiskers reach to the
        furthest value within 1.5 interquartile ranges, deviations have n - 1. Values
        somebody rejected are told with the reason and counted nowhere.
        """
        asked = dict(request.query_params.lists())
        kind = _choice(asked, "format", FORMATS)
        table = _choice(asked, "table", tables.TABLES)
        question = read_population(
            {name: values for name, values in asked.items() if name not in OURS},
            visible_projects(request.user),
        )
        population = summarise(question)
        if kind == "csv":
            return _file(population, table)
        return Response(describe(population))


def describe(population):
    """A population as the API tells it."""
    relation = population.question.relation
    columns = {
        column["name"]: column for column in answer.describe_columns(relation.drawn)
    }
    devices = population.device_tests
    return {
        "y": columns["y"],
        "by": columns.get("color"),
        "filters": answer.describe_filters(relation),
        "best": population.question.best,
        "count": population.count,
        "excluded": population.excluded_count,
        "bounded": population.bounded,
        "groups": tables.group_rows(population),
        "points": tables.point_rows(population),
        "tests": tables.test_rows(population),
        "intraclass_correlation": devices.intraclass_correlation if devices else None,
        "notes": population.notes + notes_of(population.comparison),
    }


def _choice(asked, name, choices):
    value = (asked.get(name) or [""])[-1] or choices[0]
    if value not in choices:
        raise ValidationError({name: f"{value!r} is not one of {', '.join(choices)}."})
    return value


def _file(population, table):
    rows = {
        "groups": tables.group_rows,
        "points": tables.point_rows,
        "tests": tables.test_rows,
    }[table](population)
    buffer = io.StringIO()
    if rows:
        unit = population.question.y.unit or "1"
        writer = csv.DictWriter(buffer, [*rows[0], "unit"])
        writer.writeheader()
        writer.writerows({**row, "unit": unit} for row in rows)
    response = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="population-{table}.csv"'
    return response
