"""Devices: samples with a layer stack and cells, kept stacks, and plans of many."""

from django.core.exceptions import ValidationError
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from labdata.common.api.answers import RecordAnswer, bookkeeping
from labdata.common.api.forms import AnyField, InputSerializer
from labdata.common.api.views import RecordViewSet
from labdata.common.people.access import require_write
from samples import services
from samples.api.samples import SampleAnswer, SampleInput, SampleViewSet
from samples.filtersets import DeviceFilterSet, SavedStackFilterSet
from samples.models import Architecture, Sample, SavedStack
from samples.search import are_devices
from samples.services.references import as_uuid

STACK = ("architecture", "substrate_width", "substrate_height", "layers", "cells")
LAYERS_HELP = (
    "From the substrate up: [{role, material | composition, thickness (nm), method, "
    "rate (Å/s), steps: [{speed, acceleration, duration, antisolvent, "
    "antisolvent_volume, antisolvent_time}], solution: {solutes: [{name, "
    "concentration, unit}], solvents: [{name, fraction}], volume (µL)}, program: "
    "[{end_temperature, dwell, …}], notes}]. Numbers may be text with a unit."
)
CELLS_HELP = (
    "[{label, active_area, mask_area (cm²), x, y, width, height (mm), notes}]; known "
    "by their labels."
)


class StackInput(InputSerializer):
    architecture = serializers.ChoiceField(
        Architecture.choices, allow_blank=True, required=False
    )
    substrate_width = AnyField(required=False, allow_null=True, help_text="mm")
    substrate_height = AnyField(required=False, allow_null=True, help_text="mm")
    layers = AnyField(required=False, help_text=LAYERS_HELP)
    cells = AnyField(required=False, help_text=CELLS_HELP)


class DeviceInput(StackInput, SampleInput):
    kind = serializers.ChoiceField(
        Sample.Kind.choices, required=False, help_text="device, unless told."
    )
    stack_from = serializers.CharField(
        required=False,
        help_text="Code or id of a sample, or name or id of a kept stack, whose stack "
        "is taken; what is given besides replaces its parts.",
    )


class StackAnswer(serializers.Serializer):
    architecture = serializers.CharField()
    substrate_width = serializers.FloatField(allow_null=True)
    substrate_height = serializers.FloatField(allow_null=True)
    layers = serializers.ListField(child=serializers.DictField(), help_text=LAYERS_HELP)
    cells = serializers.ListField(child=serializers.DictField(), help_text=CELLS_HELP)


class DeviceAnswer(StackAnswer, SampleAnswer):
    remarks = serializers.ListField(
        child=serializers.CharField(),
        help_text="What in the stack contradicts itself, such as a mask larger than "
        "the cell; it is kept as it was given.",
    )


class PlanInput(StackInput):
    project = serializers.CharField(help_text="Slug or id.")
    stack_from = serializers.CharField(required=False)
    variations = AnyField(
        required=False,
        help_text='[{path: "layers.interlayer.material", values: ["none", "C60"]}]; '
        "none for a substance leaves the layer out.",
    )
    zipped = serializers.BooleanField(
        required=False, help_text="Values side by side instead of every combination."
    )
    replicates = serializers.IntegerField(required=False, min_value=1)
    pattern = serializers.CharField(
        required=False, help_text="Of the codes: B7-{interlayer}-{n:02}."
    )
    first_number = serializers.IntegerField(required=False, min_value=0)
    batch = serializers.CharField(max_length=60, required=False, allow_blank=True)
    create_materials = serializers.BooleanField(
        required=False, help_text="Add materials nobody added yet."
    )
    dry_run = serializers.BooleanField(
        required=False, help_text="Show what would be made; save nothing."
    )


class PlannedAnswer(serializers.Serializer):
    code = serializers.CharField()
    varied = serializers.DictField()
    stack = StackAnswer()


def read_start(user, project, values):
    """Take the stack out of what was sent, on top of the one it begins with.

    Raises
    ------
    ValidationError
        Under ``stack_from``.
    """
    given = {key: values.pop(key) for key in STACK if key in values}
    return {**_start(user, project, values.pop("stack_from", "")), **given}


def _start(user, project, text):
    if not text:
        return {}
    public_id = as_uuid(text)
    kept = SavedStack.objects.current().visible_to(user)
    kept = (
        kept.filter(uuid=public_id)
        if public_id
        else kept.filter(project=project, name=text)
    ).first()
    if kept is not None:
        return services.describe_saved_stack(kept)
    try:
        sample = services.resolve_sample(user, text, project=project)
    except ValidationError as error:
        raise ValidationError(
            {"stack_from": f"There is no kept stack and no sample {text!r}."}
        ) from error
    return services.describe_stack(sample)


class DeviceViewSet(SampleViewSet):
    """Devices, and other samples with layers or cells: log, change, look up, plan."""

    queryset = SampleViewSet.queryset.filter(are_devices())
    serializer_class = DeviceAnswer
    input_class = DeviceInput
    filterset_class = DeviceFilterSet

    # The series of samples have an address of their own.
    series = None

    def describe(self, rows):
        stacks = services.describe_stacks(rows)
        return [
            {
                **told,
                **stacks[row.pk],
                "remarks": services.remarks_on_stack(stacks[row.pk]),
            }
            for row, told in zip(rows, super().describe(rows), strict=True)
        ]

    def perform_create(self, values):
        user = self.request.user
        project = services.resolve_project(user, values.pop("project"))
        stack = read_start(user, project, values)
        return services.create_device(user=user, project=project, stack=stack, **values)

    def perform_update(self, row, values):
        user = self.request.user
        require_write(user, row.project)
        is_stack = any(key in values for key in (*STACK, "stack_from"))
        changed = read_start(user, row.project, values)
        create_materials = values.get("create_materials", False)
        if values:
            row = services.update_sample(user=user, sample=row, **values)
        if is_stack:
            services.set_stack(
                user=user,
                sample=row,
                stack={**services.describe_stack(row), **changed},
                create_materials=create_materials,
            )
        return row

    @extend_schema(request=PlanInput, responses=PlannedAnswer(many=True))
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def plan(self, request, *args, **kwargs):
        """Vary a standard device: see what would be made, or make it all."""
        form = PlanInput(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        project = services.resolve_project(request.user, values.pop("project"))
        stack = read_start(request.user, project, values)
        is_dry = values.pop("dry_run", False)
        batch = values.pop("batch", "")
        planned = services.plan_devices(
            user=request.user, project=project, stack=stack, **values
        )
        if is_dry:
            return Response(planned)
        with transaction.atomic():
            services.create_planned(
                user=request.user,
                project=project,
                planned=planned,
                batch=batch,
                create_materials=values.get("create_materials", False),
            )
        return Response(planned, status=status.HTTP_201_CREATED)


class SavedStackInput(StackInput):
    project = serializers.CharField(help_text="Slug or id.")
    name = serializers.CharField(max_length=200)


class SavedStackAnswer(StackAnswer, RecordAnswer):
    id = serializers.UUIDField()
    project = serializers.CharField()
    name = serializers.CharField()


class SavedStackViewSet(RecordViewSet):
    """Stacks kept under a name, to start devices from."""

    queryset = SavedStack.objects.select_related("project")
    serializer_class = SavedStackAnswer
    input_class = SavedStackInput
    filterset_class = SavedStackFilterSet
    code_field = "name"
    ordering_fields = ("name", "created_at", "updated_at")

    def describe(self, rows):
        return [
            {
                "id": row.uuid,
                "project": row.project.slug,
                "name": row.name,
                **services.describe_saved_stack(row),
                **bookkeeping(row),
            }
            for row in rows
        ]

    def perform_create(self, values):
        user = self.request.user
        project = services.resolve_project(user, values.pop("project"))
        name = values.pop("name")
        return services.save_stack(
            user=user, project=project, name=name, stack=dict(values)
        )

    def perform_update(self, row, values):
        if values.pop("project", row.project.slug) != row.project.slug:
            raise ValidationError({"project": "A stack stays in its project."})
        stack = services.describe_saved_stack(row)
        stack |= {key: values[key] for key in STACK if key in values}
        return services.change_saved_stack(
            user=self.request.user,
            kept=row,
            name=values.get("name", row.name),
            stack=stack,
        )

    def perform_archive(self, row, archived):
        return services.set_archived(
            user=self.request.user, record=row, archived=archived
        )
