"""Ageing series put together from the JV curves of a device."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis import services
from analysis.stability.ageing_series import ALONG, DIRECTIONS
from labdata.common.api.forms import InputSerializer
from labdata.common.api.views import IdempotentMixin
from measurements.api.answers import MeasurementAnswer
from measurements.api.describe import describe_measurements
from measurements.api.inputs import LooseField
from measurements.models import Measurement
from samples.models import Sample
from samples.services.references import as_uuid


class AgeingSeriesInput(InputSerializer):
    """Which curves, and what tells the time."""

    cell = serializers.CharField(
        required=False, allow_blank=True, help_text="Without it a series each cell."
    )
    direction = serializers.ChoiceField(list(DIRECTIONS), default="reverse")
    along = serializers.ChoiceField(
        list(ALONG),
        default="measured_at",
        help_text="; ".join(f"{key}: {words}" for key, words in ALONG.items()),
    )
    conditions = LooseField(required=False, help_text="Of the test.")


class AgeingSeriesViewSet(IdempotentMixin, GenericViewSet):
    """Periodic JV curves of a device as one ageing measurement a cell."""

    serializer_class = MeasurementAnswer
    filter_backends = ()
    pagination_class = None

    @extend_schema(
        request=AgeingSeriesInput,
        responses={201: MeasurementAnswer(many=True)},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    )
    def create(self, request, code=None, *args, **kwargs):
        visible = Sample.objects.visible_to(request.user).select_related("project")
        named = {"uuid": as_uuid(code)} if as_uuid(code) else {"code": code}
        if project := request.query_params.get("project"):
            named["project__slug"] = project
        sample = get_object_or_404(visible, **named)
        form = AgeingSeriesInput(data=request.data)
        form.is_valid(raise_exception=True)
        made = services.create_ageing_series(
            user=request.user, sample=sample, **form.validated_data
        )
        rows = Measurement.objects.filter(pk__in=[one.pk for one in made])
        rows = rows.select_related(
            "project",
            "sample",
            "instrument",
            "parsing",
            "subject__process",
            "created_by",
        ).order_by("pk")
        return Response(
            describe_measurements(list(rows)), status=status.HTTP_201_CREATED
        )
