"""Extra fields of projects."""

from rest_framework import serializers

from labdata.common.api.forms import InputSerializer
from labdata.common.api.views import RecordViewSet
from labdata.common.people.access import Role, require_role
from samples import services
from samples.filtersets import ExtraFieldFilterSet
from samples.models import ExtraField


class ExtraFieldInput(InputSerializer):
    project = serializers.CharField()
    target = serializers.ChoiceField(ExtraField.Target.choices)
    key = serializers.RegexField(r"^[a-z][a-z0-9_]*$", max_length=60)
    label = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(ExtraField.Kind.choices)
    unit = serializers.CharField(max_length=30, allow_blank=True, required=False)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False
    )


class ExtraFieldAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    project = serializers.CharField()
    target = serializers.CharField()
    key = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.CharField()
    unit = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
    archived_at = serializers.DateTimeField(allow_null=True)


class ExtraFieldViewSet(RecordViewSet):
    """Fields a project adds to its records; its managers decide on them."""

    queryset = ExtraField.objects.select_related("project")
    serializer_class = ExtraFieldAnswer
    input_class = ExtraFieldInput
    filterset_class = ExtraFieldFilterSet
    ordering_fields = ("key", "target")

    def describe(self, rows):
        return [
            {
                "id": row.uuid,
                "project": row.project.slug,
                "target": row.target,
                "key": row.key,
                "label": row.label,
                "kind": row.kind,
                "unit": row.unit,
                "choices": row.choices,
                "version": row.version,
                "archived_at": row.archived_at,
            }
            for row in rows
        ]

    def perform_create(self, values):
        user = self.request.user
        project = services.resolve_project(user, values.pop("project"))
        return services.create_extra_field(user=user, project=project, **values)

    def perform_update(self, row, values):
        values.pop("project", None)
        return services.update_extra_field(user=self.request.user, field=row, **values)

    def perform_archive(self, row, archived):
        require_role(self.request.user, row.project, Role.MANAGER)
        return services.set_archived(
            user=self.request.user, record=row, archived=archived
        )
