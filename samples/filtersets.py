"""Filters shared by pages and API, so an address means the same in both."""

import django_filters as filters
from django.db.models import Exists, OuterRef, Q
from drf_spectacular.utils import extend_schema_field

from samples.formula import normalise_name
from samples.models import (
    Architecture,
    Batch,
    ExtraField,
    Layer,
    Lot,
    Material,
    Process,
    Protocol,
    Sample,
    SavedStack,
)
from samples.search import materials_like, processes_like, samples_like
from samples.services.references import as_uuid
from samples.where import ConditionsField


class ArchivedFilter(filters.BooleanFilter):
    """Archived records are left out unless asked for."""

    def filter(self, queryset, value):
        return queryset.filter(archived_at__isnull=not value)


class RecordFilterSet(filters.FilterSet):
    """Filters every record has; pages and API leave archived records out."""

    archived = ArchivedFilter(
        label="Archived", help_text="true: the archived records instead."
    )
    created = filters.IsoDateTimeFromToRangeFilter("created_at", label="Created")
    updated = filters.IsoDateTimeFromToRangeFilter("updated_at", label="Updated")


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class WhereFilter(filters.Filter):
    """Conditions on variables, in the notation of relations; all of them hold."""

    field_class = ConditionsField

    def filter(self, queryset, value):
        for condition in value or ():
            queryset = queryset.filter(condition.holds())
        return queryset


class SampleFilterSet(RecordFilterSet):
    """Filters of the sample list."""

    project = filters.CharFilter("project__slug", label="Project")
    code = filters.CharFilter("code", lookup_expr="icontains", label="Code contains")
    kind = filters.MultipleChoiceFilter(choices=Sample.Kind.choices, label="Kind")
    batch = filters.CharFilter("batch__code", label="Batch")
    tag = filters.CharFilter("tags__name", label="Tag")
    owner = filters.CharFilter("owner__username", label="Owner")
    material = filters.CharFilter(method="filter_material", label="Contains material")
    ancestor = filters.UUIDFilter(method="filter_ancestor", label="Made from")
    technique = filters.CharFilter(
        method="filter_technique", label="Measured by technique"
    )
    where = WhereFilter(
        label="Where",
        help_text="VARIABLE:op:value with eq ne lt le gt ge in between, such as "
        "process.sintering.temperature:ge:573 K; may be repeated.",
    )
    q = filters.CharFilter(method="filter_text", label="Search")

    class Meta:
        model = Sample
        fields: list[str] = []

    @property
    def form(self):
        form = super().form
        form.fields["where"].user = self.request.user
        return form

    def filter_technique(self, queryset, name, value):
        measured = Sample.objects.filter(
            measurements__technique=value, measurements__archived_at__isnull=True
        )
        return queryset.filter(pk__in=measured.values("pk"))

    def filter_material(self, queryset, name, value):
        materials = Material.objects.visible_to(self.request.user).filter(
            names__normalised=normalise_name(value)
        )
        return queryset.filter(composition__components__material__in=materials)

    def filter_ancestor(self, queryset, name, value):
        visible = Sample.objects.visible_to(self.request.user)
        return queryset.filter(ancestry__ancestor__in=visible.filter(uuid=value))

    def filter_text(self, queryset, name, value):
        return queryset.filter(samples_like(self.request.user, value))


class DeviceFilterSet(SampleFilterSet):
    """Filters of the device list: those of samples, and what a stack holds."""

    architecture = filters.MultipleChoiceFilter(
        field_name="stack__architecture",
        choices=Architecture.choices,
        label="Architecture",
    )
    layer = filters.CharFilter(
        method="filter_layer",
        label="Has a layer of",
        help_text="Part of the name of a material or of a composition; "
        "ROLE:NAME asks for it in that role, such as interlayer:LiF.",
    )

    def filter_layer(self, queryset, name, value):
        layers = Layer.objects.filter(stack__sample=OuterRef("pk"))
        role, colon, text = value.partition(":")
        if colon and role.strip() in Layer.Role.values:
            layers = layers.filter(role=role.strip())
        else:
            text = value
        text = text.strip()
        layers = layers.filter(
            Q(material__name__icontains=text)
            | Q(material__names__name__icontains=text)
            | Q(composition__text__icontains=text)
        )
        return queryset.filter(Exists(layers))


class SavedStackFilterSet(RecordFilterSet):
    """Filters of the stacks kept under a name."""

    project = filters.CharFilter("project__slug", label="Project")
    name = filters.CharFilter("name", lookup_expr="icontains", label="Name contains")

    class Meta:
        model = SavedStack
        fields: list[str] = []


class ProcessFilterSet(RecordFilterSet):
    """Filters of the process list."""

    project = filters.CharFilter("project__slug", label="Project")
    kind = filters.MultipleChoiceFilter(choices=Process.Kind.choices, label="Kind")
    state = filters.ChoiceFilter(choices=Process.State.choices, label="State")
    sample = filters.CharFilter(method="filter_sample", label="Sample code")
    protocol = filters.CharFilter(method="filter_protocol", label="Protocol")
    started = filters.IsoDateTimeFromToRangeFilter("started_at", label="Started")
    q = filters.CharFilter(method="filter_text", label="Search")

    class Meta:
        model = Process
        fields: list[str] = []

    def filter_text(self, queryset, name, value):
        return queryset.filter(processes_like(value))

    def filter_sample(self, queryset, name, value):
        visible = Sample.objects.visible_to(self.request.user).filter(code=value)
        return queryset.filter(
            Q(inputs__sample__in=visible) | Q(outputs__sample__in=visible)
        ).distinct()

    def filter_protocol(self, queryset, name, value):
        """By the protocol's id or its name."""
        public_id = as_uuid(value)
        if public_id:
            return queryset.filter(protocol__uuid=public_id)
        return queryset.filter(protocol__name=value)


class ProtocolFilterSet(RecordFilterSet):
    """Filters of the protocol list."""

    project = filters.CharFilter("project__slug", label="Project")
    kind = filters.MultipleChoiceFilter(choices=Process.Kind.choices, label="Kind")
    q = filters.CharFilter(method="filter_text", label="Search")

    class Meta:
        model = Protocol
        fields: list[str] = []

    def filter_text(self, queryset, name, value):
        return queryset.filter(
            Q(name__icontains=value) | Q(description__icontains=value)
        )


class MaterialFilterSet(RecordFilterSet):
    """Filters of the material list."""

    project = filters.CharFilter("project__slug", label="Project")
    name = filters.CharFilter(method="filter_name", label="Name or alias")
    q = filters.CharFilter(method="filter_text", label="Search")

    class Meta:
        model = Material
        fields: list[str] = []

    def filter_name(self, queryset, name, value):
        return queryset.filter(names__normalised=normalise_name(value)).distinct()

    def filter_text(self, queryset, name, value):
        return queryset.filter(materials_like(value))


class LotFilterSet(RecordFilterSet):
    project = filters.CharFilter("project__slug", label="Project")
    material = filters.UUIDFilter("material__uuid", label="Material")
    code = filters.CharFilter("code", label="Code")

    class Meta:
        model = Lot
        fields: list[str] = []


class BatchFilterSet(RecordFilterSet):
    project = filters.CharFilter("project__slug", label="Project")
    code = filters.CharFilter("code", label="Code")

    class Meta:
        model = Batch
        fields: list[str] = []


class ExtraFieldFilterSet(RecordFilterSet):
    project = filters.CharFilter("project__slug", label="Project")
    target = filters.ChoiceFilter(choices=ExtraField.Target.choices, label="On")

    class Meta:
        model = ExtraField
        fields: list[str] = []
