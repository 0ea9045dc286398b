"""Projects and their members."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from labdata.common.api.answers import RecordAnswer, bookkeeping
from labdata.common.api.forms import InputSerializer
from labdata.common.api.views import RecordViewSet
from labdata.common.people import projects
from labdata.common.people.access import Project, Role


class ProjectInput(InputSerializer):
    slug = serializers.RegexField(
        r"^[a-z0-9][a-z0-9_-]*$",
        max_length=60,
        error_messages={"invalid": "A slug is made of a-z 0-9 _ and -."},
    )
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True, required=False)


class MemberInput(InputSerializer):
    user = serializers.CharField(help_text="User name.")
    role = serializers.ChoiceField(Role.choices)


class MemberAnswer(serializers.Serializer):
    user = serializers.CharField()
    role = serializers.CharField()


class ProjectAnswer(RecordAnswer):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    role = serializers.CharField(help_text="Your own role.")
    members = MemberAnswer(many=True)


class ProjectViewSet(RecordViewSet):
    """Who works together; anyone signed in may start a project and manages it."""

    queryset = Project.objects.prefetch_related("memberships__user")
    serializer_class = ProjectAnswer
    input_class = ProjectInput
    code_field = "slug"
    ordering_fields = ("slug", "name", "created_at")

    def describe(self, rows):
        return [self._describe_one(row) for row in rows]

    def _describe_one(self, row):
        members = [
            {"user": m.user.get_username(), "role": m.role}
            for m in row.memberships.all()
        ]
        me = self.request.user.get_username()
        return {
            "id": row.uuid,
            "slug": row.slug,
            "name": row.name,
            "description": row.description,
            "role": next((m["role"] for m in members if m["user"] == me), ""),
            "members": members,
            **bookkeeping(row),
        }

    def perform_create(self, values):
        row = projects.create_project(user=self.request.user, **values)
        return self.get_queryset().get(pk=row.pk)

    def perform_update(self, row, values):
        projects.update_project(user=self.request.user, project=row, **values)
        return self.get_queryset().get(pk=row.pk)

    def perform_archive(self, row, archived):
        return projects.archive_project(
            user=self.request.user, project=row, archived=archived
        )

    @extend_schema(request=MemberInput, responses=ProjectAnswer)
    @action(detail=True, methods=["post"])
    def members(self, request, *args, **kwargs):
        """Add a member or change a role."""
        with transaction.atomic():
            project = self.held_object()
            form = MemberInput(data=request.data)
            form.is_valid(raise_exception=True)
            projects.set_member(
                user=request.user,
                project=project,
                username=form.validated_data["user"],
                role=form.validated_data["role"],
            )
        return self.answer(self.get_queryset().get(pk=project.pk))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["delete"], url_path="members/(?P<username>[^/]+)")
    def member(self, request, *args, **kwargs):
        """End a membership."""
        with transaction.atomic():
            projects.remove_member(
                user=request.user,
                project=self.held_object(),
                username=kwargs["username"],
            )
        return Response(status=status.HTTP_204_NO_CONTENT)
