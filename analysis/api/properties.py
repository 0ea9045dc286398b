"""Values of quantities: those runs gave, and those people read or took by hand."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from analysis import services
from analysis.filtersets import PropertyValueFilterSet
from analysis.models import Decision, PropertyValue
from labdata.common.api.forms import AnyField, InputSerializer
from labdata.common.api.views import RecordViewSet
from labdata.common.measures.quantities import quantities
from samples.models import Origin, Relation
from samples.services import resolve_project


class ReferenceAnswer(serializers.Serializer):
    doi = serializers.CharField(allow_null=True)
    locator = serializers.CharField(allow_null=True)


class ReferenceInput(InputSerializer):
    doi = serializers.CharField(
        max_length=200, allow_blank=True, allow_null=True, required=False
    )
    locator = serializers.CharField(
        max_length=200,
        allow_blank=True,
        allow_null=True,
        required=False,
        help_text="Such as a figure or table.",
    )


class PropertyInput(InputSerializer):
    sample = serializers.CharField(help_text="Code or id.")
    project = serializers.CharField(
        required=False, help_text="Slug, where a code stands in several projects."
    )
    cell = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="Label of the cell, where the value is of one alone.",
    )
    quantity = serializers.CharField(max_length=80)
    label = serializers.CharField(
        max_length=60, allow_blank=True, allow_null=True, required=False
    )
    value = AnyField(help_text='A number, or text such as "10.4500(5)" or "> 1500 h".')
    uncertainty = AnyField(required=False, allow_null=True)
    low = AnyField(required=False, allow_null=True)
    high = AnyField(required=False, allow_null=True)
    bound = serializers.CharField(
        max_length=1, allow_blank=True, allow_null=True, required=False
    )
    unit = serializers.CharField(
        max_length=40,
        allow_blank=True,
        allow_null=True,
        required=False,
        help_text="Of the numbers given; the quantity's own, unless said.",
    )
    origin = serializers.CharField(
        required=False, default=Origin.MANUAL, help_text="reported, manual, simulated."
    )
    reference = ReferenceInput(required=False, allow_null=True)
    state = AnyField(
        required=False,
        allow_null=True,
        help_text='"as made", or {process, relation}; the latest state, unless said.',
    )
    note = serializers.CharField(
        max_length=400, allow_blank=True, allow_null=True, required=False
    )
    is_default = serializers.BooleanField(
        required=False, allow_null=True, help_text="Answers when no label is named."
    )
    supersedes = serializers.CharField(
        required=False, allow_null=True, help_text="Id of the value this one replaces."
    )


class DecisionInput(InputSerializer):
    verdict = serializers.ChoiceField(Decision.Verdict.choices)
    reason = serializers.CharField(max_length=400, allow_blank=True, required=False)


class PropertyAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    project = serializers.CharField()
    sample = serializers.CharField()
    sample_id = serializers.UUIDField()
    cell = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    quantity = serializers.CharField()
    label = serializers.CharField()
    is_default = serializers.BooleanField()
    value = serializers.FloatField()
    uncertainty = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    bound = serializers.ChoiceField(["=", ">", "<", "~"])
    flags = serializers.ListField(child=serializers.CharField())
    unit = serializers.CharField(allow_null=True)
    origin = serializers.ChoiceField(Origin.choices)
    run = serializers.UUIDField(allow_null=True)
    measurement = serializers.UUIDField(allow_null=True)
    reference = ReferenceAnswer(allow_null=True)
    note = serializers.CharField()
    current = serializers.BooleanField()
    accepted = serializers.BooleanField()
    supersedes = serializers.UUIDField(allow_null=True)
    superseded_by = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_null=True)


FIELDS = (
    "uuid",
    "quantity",
    "label",
    "is_default",
    "value",
    "uncertainty",
    "low",
    "high",
    "bound",
    "flags",
    "origin",
    "reference_doi",
    "reference_locator",
    "note",
    "created_at",
    "is_current",
    "is_accepted",
    "run_id",
    "project__slug",
    "sample__code",
    "sample__uuid",
    "run__uuid",
    "measurement__uuid",
    "supersedes__uuid",
    "superseded_by__uuid",
    "created_by__username",
    "subject__cell__label",
    "subject__relation",
    "subject__process__kind",
    "subject__process__name",
    "measurement__subject__relation",
    "measurement__subject__process__kind",
    "measurement__subject__process__name",
)


def describe_values(queryset):
    """Values as the API tells them, each with its row id, in one query."""
    rows = queryset.with_standing().order_by("-pk").values("pk", *FIELDS)
    return [(row["pk"], row["run_id"], _told(row)) for row in rows]


def _told(row):
    quantity = quantities.get(row["quantity"])
    reference = {
        "doi": row["reference_doi"] or None,
        "locator": row["reference_locator"] or None,
    }
    return {
        "id": row["uuid"],
        "project": row["project__slug"],
        "sample": row["sample__code"],
        "sample_id": row["sample__uuid"],
        "cell": row["subject__cell__label"],
        "state": _state(row),
        "quantity": row["quantity"],
        "label": row["label"],
        "is_default": row["is_default"],
        "value": row["value"],
        "uncertainty": row["uncertainty"],
        "low": row["low"],
        "high": row["high"],
        "bound": row["bound"],
        "flags": row["flags"],
        "unit": quantity.unit if quantity else None,
        "origin": row["origin"],
        "run": row["run__uuid"],
        "measurement": row["measurement__uuid"],
        "reference": reference if any(reference.values()) else None,
        "note": row["note"],
        "current": row["is_current"],
        "accepted": row["is_accepted"],
        "supersedes": row["supersedes__uuid"],
        "superseded_by": row["superseded_by__uuid"],
        "created_at": row["created_at"],
        "created_by": row["created_by__username"],
    }


def _state(row):
    # A measurement's state may have been mended since; its values follow.
    prefix = "measurement__subject" if row["measurement__uuid"] else "subject"
    relation = Relation(row[f"{prefix}__relation"]).label
    process = row[f"{prefix}__process__name"] or row[f"{prefix}__process__kind"] or ""
    return f"{relation} {process.replace('_', ' ')}".strip()


class PropertyViewSet(RecordViewSet):
    """One quantity of one sample a row; never edited, only replaced or rejected."""

    queryset = PropertyValue.objects.all()
    serializer_class = PropertyAnswer
    input_class = PropertyInput
    filterset_class = PropertyValueFilterSet
    http_method_names = ("get", "post", "head", "options")
    ordering_fields = ("created_at", "quantity", "label", "value")
    archive = restore = history = None

    def describe(self, rows):
        ids = [row.pk for row in rows]
        told = {
            pk: value
            for pk, _, value in describe_values(
                PropertyValue.objects.filter(pk__in=ids)
            )
        }
        return [told[pk] for pk in ids]

    def perform_create(self, values):
        user = self.request.user
        if slug := values.pop("project", None):
            values["project"] = resolve_project(user, slug)
        return services.record_value(user=user, **values)

    @extend_schema(request=DecisionInput, responses=PropertyAnswer)
    @action(detail=True, methods=["post"])
    def decide(self, request, *args, **kwargs):
        """Accept or reject a value with a reason, or withdraw that."""
        value = self.get_object()
        form = DecisionInput(data=request.data)
        form.is_valid(raise_exception=True)
        services.decide(user=request.user, about=value, **form.validated_data)
        return Response(self.describe([value])[0], status=status.HTTP_200_OK)
