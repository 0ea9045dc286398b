"""Filters of runs and values, shared by pages and API."""

import django_filters as filters

from analysis.models import AnalysisRun, PropertyValue
from analysis.registry import analysis_choices
from samples.models import Origin
from samples.services.references import as_uuid


def _of_sample(queryset, prefix, text):
    """Rows of samples with this code or public id."""
    public_id = as_uuid(text)
    field = "uuid" if public_id else "code"
    return queryset.filter(**{f"{prefix}__{field}": public_id or text})


class AnalysisRunFilterSet(filters.FilterSet):
    """Filters of the list of runs."""

    project = filters.CharFilter("project__slug", label="Project")
    analysis = filters.MultipleChoiceFilter(choices=analysis_choices, label="Analysis")
    state = filters.MultipleChoiceFilter(
        choices=AnalysisRun.State.choices, label="State"
    )
    measurement = filters.UUIDFilter("measurement__uuid", label="Measurement")
    sample = filters.CharFilter(method="filter_sample", label="Sample")
    current = filters.BooleanFilter(method="filter_current", label="Current")
    created = filters.IsoDateTimeFromToRangeFilter("created_at", label="Asked")

    class Meta:
        model = AnalysisRun
        fields: list[str] = []

    def filter_sample(self, queryset, name, value):
        return _of_sample(queryset, "measurement__sample", value)

    def filter_current(self, queryset, name, value):
        standing = AnalysisRun.objects.current().values("pk")
        return queryset.current() if value else queryset.exclude(pk__in=standing)


class PropertyValueFilterSet(filters.FilterSet):
    """Filters of the list of values."""

    project = filters.CharFilter("project__slug", label="Project")
    sample = filters.CharFilter(method="filter_sample", label="Sample")
    quantity = filters.CharFilter(method="filter_quantity", label="Quantity")
    label = filters.CharFilter("label", label="Label")
    origin = filters.MultipleChoiceFilter(choices=Origin.choices, label="Origin")
    current = filters.BooleanFilter(method="filter_current", label="Current")
    accepted = filters.BooleanFilter(method="filter_accepted", label="Accepted")
    run = filters.UUIDFilter("run__uuid", label="Run")
    measurement = filters.UUIDFilter("measurement__uuid", label="Measurement")

    class Meta:
        model = PropertyValue
        fields: list[str] = []

    def filter_sample(self, queryset, name, value):
        return _of_sample(queryset, "sample", value)

    def filter_quantity(self, queryset, name, value):
        """One quantity, or a whole family where only that is named."""
        if "." in value:
            return queryset.filter(quantity=value)
        return queryset.filter(quantity__startswith=f"{value}.")

    def filter_current(self, queryset, name, value):
        return queryset.with_standing().filter(is_current=value)

    def filter_accepted(self, queryset, name, value):
        return queryset.with_standing().filter(is_accepted=value)
