"""Survival of cells: who lives how long, group by group."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.relations.variables import visible_projects
from analysis.stability import survival_answer as survival

FORMATS = ("json", "csv")


class MedianAnswer(serializers.Serializer):
    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    bound = serializers.ChoiceField(["=", ">", "<", "~"])


class SurvivalGroupAnswer(serializers.Serializer):
    group = serializers.CharField()
    count = serializers.IntegerField()
    deaths = serializers.IntegerField()
    censored = serializers.IntegerField()
    interval_censored = serializers.IntegerField()
    left_censored = serializers.IntegerField()
    method = serializers.CharField()
    confidence = serializers.FloatField()
    longest = serializers.FloatField()
    median = MedianAnswer()
    at_risk = serializers.ListField(child=serializers.IntegerField())
    steps = serializers.DictField()
    censored_at = serializers.ListField(child=serializers.FloatField())
    cells = serializers.ListField(child=serializers.DictField())


class SurvivalAnswer(serializers.Serializer):
    count = serializers.IntegerField()
    y = serializers.DictField()
    by = serializers.DictField(allow_null=True)
    filters = serializers.ListField(child=serializers.DictField())
    groups = SurvivalGroupAnswer(many=True)
    test = serializers.DictField(allow_null=True)
    risk_times = serializers.ListField(child=serializers.FloatField())
    notes = serializers.ListField(child=serializers.CharField())


def _parameter(name, description, *, many=False):
    return OpenApiParameter(name, str, description=description, many=many)


class SurvivalViewSet(GenericViewSet):
    """Survival curves with their confidence band, and the log-rank test."""

    serializer_class = SurvivalAnswer
    filter_backends = ()
    pagination_class = None

    @extend_schema(
        responses={
            (200, "application/json"): SurvivalAnswer,
            (200, "text/csv"): OpenApiTypes.STR,
        },
        parameters=[
            _parameter("y", "Lifetime; `stability.t80` where none is named."),
            _parameter("by", "Variable that groups, `layer.interlayer.material` say."),
            _parameter("filter", "`VARIABLE:op:value`; all must hold.", many=True),
            _parameter("origin", "Origins of y, such as computed.", many=True),
            _parameter("project", "Slugs.", many=True),
            _parameter("y_unit", "Unit of the answer."),
            _parameter("by_unit", "Unit of the answer."),
            OpenApiParameter("format", str, enum=list(FORMATS)),
        ],
    )
    def list(self, request, *args, **kwargs):
        asked = dict(request.query_params.lists())
        kind = (asked.pop("format", None) or ["json"])[-1] or "json"
        if kind not in FORMATS:
            raise ValidationError(
                {"format": f"{kind!r} is not one of {', '.join(FORMATS)}."}
            )
        question = survival.read_survival(asked, visible_projects(request.user))
        found = survival.answer_survival(question)
        if kind == "json":
            return Response(survival.describe_survival(found))
        response = HttpResponse(
            survival.write_csv(found), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="survival.csv"'
        return response
