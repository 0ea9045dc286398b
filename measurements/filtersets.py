"""Filters of measurements, files and datasets, shared by pages and API."""

import django_filters as filters
from django.db.models import Exists, OuterRef, Q

from measurements.choices import technique_choices
from measurements.models import Dataset, File, Instrument, Measurement
from measurements.registry import readers
from measurements.search import measurements_like
from samples.filtersets import RecordFilterSet
from samples.models import Origin
from samples.services.references import as_uuid

STATES = ("queued", "parsing", "question", "ready", "failed", "errored")


def samples_named(value, prefix="sample"):
    """Match a sample by code or public id."""
    public_id = as_uuid(value)
    if public_id:
        return Q(**{f"{prefix}__uuid": public_id})
    return Q(**{f"{prefix}__code": value})


def _on_cell(label):
    """Match measurements of a cell: the one a person named, or those of the files."""
    parts = Dataset.objects.current().filter(
        measurement=OuterRef("pk"), is_result=False, cell__label=label
    )
    return Q(subject__cell__label=label) | Q(Exists(parts))


class MeasurementFilterSet(RecordFilterSet):
    """Filters of the measurement list."""

    project = filters.CharFilter("project__slug", label="Project")
    sample = filters.CharFilter(method="filter_sample", label="Sample")
    cell = filters.CharFilter(method="filter_cell", label="Cell")
    batch = filters.CharFilter("sample__batch__code", label="Batch")
    technique = filters.MultipleChoiceFilter(
        choices=technique_choices, label="Technique"
    )
    state = filters.MultipleChoiceFilter(
        method="filter_state", choices=[(key, key) for key in STATES], label="State"
    )
    instrument = filters.CharFilter("instrument__name", label="Instrument")
    operator = filters.CharFilter("operator", label="Operator")
    origin = filters.ChoiceFilter(choices=Origin.choices, label="Origin")
    reader = filters.CharFilter("parsing__reader", label="Reader")
    measured = filters.IsoDateTimeFromToRangeFilter("measured_at", label="Measured")
    q = filters.CharFilter(method="filter_text", label="Search")

    class Meta:
        model = Measurement
        fields: list[str] = []

    def filter_sample(self, queryset, name, value):
        return queryset.filter(samples_named(value))

    def filter_cell(self, queryset, name, value):
        return queryset.filter(_on_cell(value))

    def filter_state(self, queryset, name, value):
        return queryset.with_state().filter(state_key__in=value) if value else queryset

    def filter_text(self, queryset, name, value):
        return queryset.filter(measurements_like(value))


class FileFilterSet(RecordFilterSet):
    """Filters of the file list."""

    project = filters.CharFilter("project__slug", label="Project")
    measurement = filters.UUIDFilter("measurement__uuid", label="Measurement")
    sample = filters.CharFilter(method="filter_sample", label="Sample")
    process = filters.UUIDFilter("process__uuid", label="Process")
    name = filters.CharFilter("name", lookup_expr="icontains", label="Name contains")

    class Meta:
        model = File
        fields: list[str] = []

    def filter_sample(self, queryset, name, value):
        return queryset.filter(
            samples_named(value) | samples_named(value, "measurement__sample")
        )


class DatasetFilterSet(filters.FilterSet):
    """Filters of the dataset list; superseded ones only when asked for."""

    project = filters.CharFilter("project__slug", label="Project")
    measurement = filters.UUIDFilter("measurement__uuid", label="Measurement")
    sample = filters.CharFilter(method="filter_sample", label="Sample")
    cell = filters.CharFilter("cell__label", label="Cell")
    file = filters.UUIDFilter("file__uuid", label="File")
    technique = filters.MultipleChoiceFilter(
        choices=technique_choices, label="Technique"
    )
    reader = filters.ChoiceFilter(
        choices=lambda: [(reader.key, reader.label) for reader in readers],
        label="Reader",
    )
    is_result = filters.BooleanFilter(label="Made by an analysis")
    current = filters.BooleanFilter(method="filter_current", label="Current")
    created = filters.IsoDateTimeFromToRangeFilter("created_at", label="Created")

    class Meta:
        model = Dataset
        fields: list[str] = []

    def filter_sample(self, queryset, name, value):
        return queryset.filter(samples_named(value, "measurement__sample"))

    def filter_current(self, queryset, name, value):
        return queryset.filter(superseded_at__isnull=value)


class InstrumentFilterSet(RecordFilterSet):
    """Filters of the instrument list."""

    project = filters.CharFilter("project__slug", label="Project")
    name = filters.CharFilter("name", lookup_expr="icontains", label="Name contains")

    class Meta:
        model = Instrument
        fields: list[str] = []
