"""Measurements: upload files, follow their reading, mend what is about them."""

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError

from labdata.common.api.views import RecordViewSet
from measurements import services
from measurements.api.answers import MeasurementAnswer
from measurements.api.describe import describe_measurements
from measurements.api.inputs import (
    AppendInput,
    MeasurementEdit,
    MeasurementInput,
    ReaderInput,
    ReparseInput,
)
from measurements.filtersets import MeasurementFilterSet
from measurements.models import Measurement

KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Sent twice with the same key, a request acts once.",
)


class MeasurementViewSet(RecordViewSet):
    """One act of one technique on one sample, with its files and datasets."""

    queryset = Measurement.objects.select_related(
        "project",
        "sample",
        "instrument",
        "parsing",
        "subject__process",
        "subject__cell",
        "created_by",
    )
    serializer_class = MeasurementAnswer
    input_class = MeasurementEdit
    filterset_class = MeasurementFilterSet
    takes_lists = False
    ordering_fields = ("created_at", "updated_at", "measured_at", "technique")

    def describe(self, rows):
        return describe_measurements(rows)

    @extend_schema(request={"multipart/form-data": MeasurementInput}, parameters=[KEY])
    def create(self, request, *args, **kwargs):
        """Upload the files of a measurement; reading and default analyses follow."""
        if isinstance(request.data, list):
            raise ValidationError(
                {"non_field_errors": ["Measurements are uploaded one at a time."]}
            )
        form = MeasurementInput(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        # Not within a transaction: the bytes move first, and may take long.
        row = services.create_measurement(
            user=request.user, files=values.pop("file"), **values
        )
        headers = {"Location": f"{request.path.rstrip('/')}/{row.uuid}/"}
        return self.answer(self.again(row), status.HTTP_201_CREATED, headers)

    def perform_update(self, row, values):
        row = services.update_measurement(
            user=self.request.user, measurement=row, **values
        )
        return self.again(row)

    def perform_archive(self, row, archived):
        row = services.set_archived(
            user=self.request.user, measurement=row, archived=archived
        )
        return self.again(row)

    def again(self, row):
        """The row as it stands now, with all that its description needs."""
        return self.queryset.all().get(pk=row.pk)

    @extend_schema(request=ReaderInput, responses={202: MeasurementAnswer})
    @action(detail=True, methods=["post"], url_path="answer")
    def answer_question(self, request, *args, **kwargs):
        """Say which of the candidate readers the files belong to."""
        return self._read(services.answer_question, ReaderInput)

    @extend_schema(request=ReparseInput, responses={202: MeasurementAnswer})
    @action(detail=True, methods=["post"])
    def reparse(self, request, *args, **kwargs):
        """Read the files again, with a reader named or the one detected."""
        return self._read(services.reparse, ReparseInput)

    @extend_schema(
        request={"multipart/form-data": AppendInput, "application/json": AppendInput},
        parameters=[KEY],
        responses={202: MeasurementAnswer},
    )
    @action(detail=True, methods=["post"])
    def append(self, request, *args, **kwargs):
        """Add points to a track whose test still runs: a file, columns or rows."""
        measurement = self.get_object()
        self.guard(measurement)
        form = AppendInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        # Not within a transaction: the chunk is read before it is taken.
        row = services.append_to_track(
            user=request.user,
            measurement=measurement,
            files=given.pop("file", None),
            **given,
        )
        return self.answer(self.again(row), status.HTTP_202_ACCEPTED)

    def _read(self, service, input_class):
        with transaction.atomic():
            row = self.held_object()
            form = input_class(data=self.request.data)
            form.is_valid(raise_exception=True)
            row = service(
                user=self.request.user, measurement=row, **form.validated_data
            )
        return self.answer(self.again(row), status.HTTP_202_ACCEPTED)
