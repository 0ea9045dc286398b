"""Filters of runs and values, shared by pages and API."""

import operator
from functools import reduce

import django_filters as filters
from django import forms
from django.db.models import Q

from analysis.choices import analysis_choices
from analysis.contract.registry import analyses
from analysis.models import AnalysisRun, PropertyValue
from analysis.runs.current import verdict_of
from samples.models import Origin
from samples.services.references import as_uuid


def _of_sample(queryset, prefix, text):
    """Rows of samples with this code or public id."""
    public_id = as_uuid(text)
    field = "uuid" if public_id else "code"
    return queryset.filter(**{f"{prefix}__{field}": public_id or text})


VERDICTS = [("accepted", "accepted"), ("rejected", "rejected"), ("none", "none yet")]


class IdsField(forms.MultipleChoiceField):
    """Public ids, as many as are given."""

    def valid_value(self, value):
        return as_uuid(value) is not None


class IdsFilter(filters.MultipleChoiceFilter):
    """Rows by any of several public ids: ``id=…&id=…``."""

    field_class = IdsField


class AnalysisRunFilterSet(filters.FilterSet):
    """Filters of the list of runs."""

    project = filters.CharFilter("project__slug", label="Project")
    analysis = filters.MultipleChoiceFilter(choices=analysis_choices, label="Analysis")
    state = filters.MultipleChoiceFilter(
        choices=AnalysisRun.State.choices, label="State"
    )
    verdict = filters.MultipleChoiceFilter(
        choices=VERDICTS, method="filter_verdict", label="Verdict"
    )
    id = IdsFilter("uuid", label="Runs")
    measurement = IdsFilter("measurement__uuid", label="Measurements")
    sample = filters.CharFilter(method="filter_sample", label="Sample")
    cell = filters.CharFilter("cell__label", label="Cell")
    batch = filters.CharFilter("measurement__sample__batch__code", label="Batch")
    technique = filters.CharFilter("measurement__technique", label="Technique")
    current = filters.BooleanFilter(method="filter_current", label="Current")
    outdated = filters.BooleanFilter(method="filter_outdated", label="Old version")
    mine = filters.BooleanFilter(method="filter_mine", label="Asked by me")
    created = filters.IsoDateTimeFromToRangeFilter("created_at", label="Asked")
    q = filters.CharFilter(
        "measurement__sample__code", lookup_expr="icontains", label="Sample code"
    )

    class Meta:
        model = AnalysisRun
        fields: list[str] = []

    def filter_sample(self, queryset, name, value):
        return _of_sample(queryset, "measurement__sample", value)

    def filter_current(self, queryset, name, value):
        standing = AnalysisRun.objects.current().values("pk")
        return queryset.current() if value else queryset.exclude(pk__in=standing)

    def filter_verdict(self, queryset, name, value):
        """Runs by the newest decision about them; a withdrawn one is none."""
        if not value:
            return queryset
        wanted = set(value) - {"none"} | (
            {"", "withdrawn"} if "none" in value else set()
        )
        newest = verdict_of("run", "pk")
        return queryset.alias(newest_verdict=newest).filter(newest_verdict__in=wanted)

    def filter_outdated(self, queryset, name, value):
        """Runs of a version that is no longer the one installed."""
        current = [Q(analysis=spec.key, version=spec.version) for spec in analyses]
        same = reduce(operator.or_, current, Q(pk__in=[]))
        return queryset.exclude(same) if value else queryset.filter(same)

    def filter_mine(self, queryset, name, value):
        own = Q(created_by=self.request.user)
        return queryset.filter(own) if value else queryset.exclude(own)


class PropertyValueFilterSet(filters.FilterSet):
    """Filters of the list of values."""

    project = filters.CharFilter("project__slug", label="Project")
    sample = filters.CharFilter(method="filter_sample", label="Sample")
    cell = filters.CharFilter("subject__cell__label", label="Cell")
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
