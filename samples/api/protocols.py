"""Protocols: how acts are usually done, which processes follow."""

from rest_framework import serializers

from labdata.common.api.answers import RecordAnswer, bookkeeping
from labdata.common.api.forms import AnyField, InputSerializer
from labdata.common.api.views import RecordViewSet
from samples import services
from samples.api.processes import SegmentAnswer
from samples.filtersets import ProtocolFilterSet
from samples.models import Process, Protocol


class ProtocolInput(InputSerializer):
    project = serializers.CharField(help_text="Slug or id.")
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(Process.Kind.choices)
    description = serializers.CharField(allow_blank=True, required=False)
    parameters = AnyField(required=False)
    program = serializers.ListField(
        child=AnyField(),
        required=False,
        help_text="Segments, as of a process.",
    )
    state = serializers.ChoiceField(
        Process.State.choices,
        required=False,
        help_text="What a process that follows it begins as.",
    )
    notes = serializers.CharField(
        allow_blank=True,
        required=False,
        help_text="Notes for each process that follows it.",
    )


class ProtocolAnswer(RecordAnswer):
    id = serializers.UUIDField()
    project = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    description = serializers.CharField()
    parameters = serializers.DictField()
    program = SegmentAnswer(many=True)
    state = serializers.CharField()
    notes = serializers.CharField()
    processes = serializers.IntegerField(help_text="How many processes followed it.")


class ProtocolViewSet(RecordViewSet):
    """How acts are usually done; a process keeps the version it followed."""

    queryset = Protocol.objects.select_related("project")
    serializer_class = ProtocolAnswer
    input_class = ProtocolInput
    filterset_class = ProtocolFilterSet
    code_field = "name"
    ordering_fields = ("name", "kind", "created_at", "updated_at")

    def get_queryset(self):
        return super().get_queryset().with_use().order_by("name", "pk")

    def describe(self, rows):
        return [
            {
                "id": row.uuid,
                "project": row.project.slug,
                "name": row.name,
                "kind": row.kind,
                "description": row.description,
                "parameters": row.parameters,
                "program": row.program,
                "state": row.state,
                "notes": row.notes,
                "processes": row.use_count,
                **bookkeeping(row),
            }
            for row in rows
        ]

    def perform_create(self, values):
        user = self.request.user
        project = services.resolve_project(user, values.pop("project"))
        row = services.create_protocol(user=user, project=project, **values)
        return self.get_queryset().get(pk=row.pk)

    def perform_update(self, row, values):
        values.pop("project", None)
        services.update_protocol(user=self.request.user, protocol=row, **values)
        return self.get_queryset().get(pk=row.pk)

    def perform_archive(self, row, archived):
        services.set_archived(user=self.request.user, record=row, archived=archived)
        return self.get_queryset().get(pk=row.pk)
