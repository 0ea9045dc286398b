"""Processes: the graph of what was made from what, and how."""

from rest_framework import serializers

from labdata.common.api.answers import RecordAnswer, bookkeeping
from labdata.common.api.forms import AnyField, InputSerializer
from labdata.common.api.views import RecordViewSet
from samples import services
from samples.filtersets import ProcessFilterSet
from samples.models import Process


class ProcessInputForm(InputSerializer):
    project = serializers.CharField(
        required=False, help_text="Slug or id; by default that of the samples."
    )
    kind = serializers.ChoiceField(Process.Kind.choices)
    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    state = serializers.ChoiceField(Process.State.choices, required=False)
    inputs = serializers.ListField(
        child=AnyField(),
        required=False,
        help_text="Sample codes, or {sample|lot, amount, unit}.",
    )
    outputs = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Sample codes; named as inputs too: changed in place.",
    )
    started_at = serializers.CharField(
        allow_null=True,
        allow_blank=True,
        required=False,
        help_text="As precise as known: 2026, 2026-03, 2026-03-05, or a full time.",
    )
    zone = serializers.CharField(required=False, help_text="Such as Europe/Berlin.")
    operator = serializers.CharField(max_length=100, allow_blank=True, required=False)
    batch = serializers.CharField(allow_blank=True, allow_null=True, required=False)
    protocol = serializers.CharField(
        allow_blank=True,
        allow_null=True,
        required=False,
        help_text="Name or id; conditions that are not given are taken from it.",
    )
    parameters = AnyField(required=False)
    program = serializers.ListField(
        child=AnyField(),
        required=False,
        help_text="Segments {start_temperature, end_temperature [°C], ramp [°C/min], "
        "dwell [min], atmosphere, gas_flow [mL/min], pressure [Pa], cooling}.",
    )
    notes = serializers.CharField(allow_blank=True, required=False)
    extra = serializers.DictField(required=False)


class FlowAnswer(serializers.Serializer):
    sample = serializers.CharField(allow_null=True)
    lot = serializers.CharField(allow_null=True)
    amount = serializers.FloatField(allow_null=True)
    unit = serializers.CharField()


class SegmentAnswer(serializers.Serializer):
    start_temperature = serializers.FloatField(allow_null=True)
    end_temperature = serializers.FloatField(allow_null=True)
    ramp = serializers.FloatField(allow_null=True)
    dwell = serializers.FloatField(allow_null=True)
    atmosphere = serializers.CharField(allow_null=True)
    gas_flow = serializers.FloatField(allow_null=True)
    pressure = serializers.FloatField(allow_null=True)
    cooling = serializers.CharField(allow_null=True)


class ProcessAnswer(RecordAnswer):
    id = serializers.UUIDField()
    project = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    in_place = serializers.BooleanField()
    inputs = FlowAnswer(many=True)
    outputs = serializers.ListField(child=serializers.CharField())
    started_at = serializers.CharField(allow_null=True)
    started_precision = serializers.CharField(allow_null=True)
    zone = serializers.CharField(allow_null=True)
    operator = serializers.CharField()
    batch = serializers.CharField(allow_null=True)
    protocol = serializers.CharField(allow_null=True)
    protocol_version = serializers.IntegerField(allow_null=True)
    parameters = serializers.DictField()
    program = SegmentAnswer(many=True)
    notes = serializers.CharField()
    extra = serializers.DictField()


def describe_segment(segment):
    """One step of a programme; what is not known is null."""
    return {
        "start_temperature": segment.start_temperature,
        "end_temperature": segment.end_temperature,
        "ramp": segment.ramp,
        "dwell": segment.dwell,
        "atmosphere": segment.atmosphere or None,
        "gas_flow": segment.gas_flow,
        "pressure": segment.pressure,
        "cooling": segment.cooling or None,
    }


class ProcessViewSet(RecordViewSet):
    """Acts that made or changed samples, planned or done."""

    queryset = Process.objects.select_related(
        "project", "batch", "protocol"
    ).prefetch_related("inputs__sample", "inputs__lot", "outputs__sample", "program")
    serializer_class = ProcessAnswer
    input_class = ProcessInputForm
    filterset_class = ProcessFilterSet
    ordering_fields = ("kind", "state", "started_at", "created_at", "updated_at")

    def describe(self, rows):
        return [self._describe_one(row) for row in rows]

    def _describe_one(self, row):
        inputs = [
            {
                "sample": entry.sample.code if entry.sample else None,
                "lot": entry.lot.code if entry.lot else None,
                "amount": entry.amount,
                "unit": entry.unit,
            }
            for entry in row.inputs.all()
        ]
        outputs = [entry.sample.code for entry in row.outputs.all()]
        if row.in_place:
            outputs = [entry["sample"] for entry in inputs if entry["sample"]]
        return {
            "id": row.uuid,
            "project": row.project.slug,
            "kind": row.kind,
            "name": row.name,
            "state": row.state,
            "in_place": row.in_place,
            "inputs": inputs,
            "outputs": outputs,
            "started_at": services.print_time(
                row.started_at, row.started_precision, row.started_zone
            ),
            "started_precision": row.started_precision or None,
            "zone": row.started_zone or None,
            "operator": row.operator,
            "batch": row.batch.code if row.batch else None,
            "protocol": row.protocol.name if row.protocol else None,
            "protocol_version": row.protocol_version,
            "parameters": row.parameters,
            "program": [describe_segment(segment) for segment in row.program.all()],
            "notes": row.notes,
            "extra": row.extra,
            **bookkeeping(row),
        }

    def perform_create(self, values):
        user = self.request.user
        project = self._project(user, values)
        row = services.create_process(user=user, project=project, **values)
        return self.get_queryset().get(pk=row.pk)

    def _project(self, user, values):
        slug = values.pop("project", None)
        if slug:
            return services.resolve_project(user, slug)
        flow = [*values.get("outputs", ()), *values.get("inputs", ())]
        for entry in flow:
            code = entry.get("sample") if isinstance(entry, dict) else entry
            if code:
                return services.resolve_sample(user, code, field="outputs").project
        raise serializers.ValidationError(
            {"project": ["Name the project, or a sample that went in or out."]}
        )

    def perform_update(self, row, values):
        services.update_process(user=self.request.user, process=row, **values)
        return self.get_queryset().get(pk=row.pk)

    def perform_archive(self, row, archived):
        services.set_archived(user=self.request.user, record=row, archived=archived)
        return self.get_queryset().get(pk=row.pk)
