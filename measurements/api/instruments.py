"""Instruments of a project, and those the lab shares."""

from rest_framework import serializers

from labdata.common.api.answers import RecordAnswer, bookkeeping
from labdata.common.api.forms import InputSerializer
from labdata.common.api.views import RecordViewSet
from measurements.filtersets import InstrumentFilterSet
from measurements.models import Instrument
from measurements.services import instruments
from samples.services import resolve_project


class InstrumentInput(InputSerializer):
    name = serializers.CharField(max_length=200)
    project = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Slug or id; none: shared by the lab.",
    )
    manufacturer = serializers.CharField(
        max_length=200, allow_blank=True, required=False
    )
    model = serializers.CharField(max_length=200, allow_blank=True, required=False)
    serial_number = serializers.CharField(
        max_length=100, allow_blank=True, required=False
    )
    notes = serializers.CharField(allow_blank=True, required=False)


class InstrumentAnswer(RecordAnswer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    project = serializers.CharField(allow_null=True)
    manufacturer = serializers.CharField()
    model = serializers.CharField()
    serial_number = serializers.CharField()
    notes = serializers.CharField()


class InstrumentViewSet(RecordViewSet):
    """Machines that measure."""

    queryset = Instrument.objects.select_related("project")
    serializer_class = InstrumentAnswer
    input_class = InstrumentInput
    filterset_class = InstrumentFilterSet
    code_field = "name"
    ordering_fields = ("name", "created_at")

    def describe(self, rows):
        return [
            {
                "id": row.uuid,
                "name": row.name,
                "project": row.project.slug if row.project else None,
                "manufacturer": row.manufacturer,
                "model": row.model,
                "serial_number": row.serial_number,
                "notes": row.notes,
                **bookkeeping(row),
            }
            for row in rows
        ]

    def perform_create(self, values):
        user, slug = self.request.user, values.pop("project", None)
        project = resolve_project(user, slug) if slug else None
        return instruments.create_instrument(user=user, project=project, **values)

    def perform_update(self, row, values):
        if "project" in values:
            raise serializers.ValidationError(
                {"project": ["An instrument stays where it is."]}
            )
        return instruments.update_instrument(
            user=self.request.user, instrument=row, **values
        )

    def perform_archive(self, row, archived):
        return instruments.set_instrument_archived(
            user=self.request.user, instrument=row, archived=archived
        )
