"""Which analyses and quantities there are."""

import math

from rest_framework import serializers

from analysis.contract.plugins import REGISTRIES, installed
from analysis.contract.registry import analyses
from labdata.common.api.registries import RegistryViewSet
from labdata.common.measures.quantities import quantities
from labdata.common.measures.units import UnitError, accepted_units
from labdata.plugin.flags import SEVERITIES


class FlagAnswer(serializers.Serializer):
    key = serializers.CharField()
    word = serializers.CharField()
    sentence = serializers.CharField()
    severity = serializers.ChoiceField(SEVERITIES)
    bars_good = serializers.BooleanField()


class AnalysisAnswer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    description = serializers.CharField()
    technique = serializers.CharField()
    techniques = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
    default_for = serializers.ListField(child=serializers.CharField())
    outputs = serializers.ListField(child=serializers.CharField())
    parameters = serializers.DictField(help_text="JSON schema.")
    flags = FlagAnswer(many=True)
    distribution = serializers.CharField(help_text="The package it came from.")


class RangeField(serializers.ListField):
    child = serializers.FloatField(allow_null=True)


class QuantityAnswer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField()
    units = serializers.ListField(child=serializers.CharField())
    symbol = serializers.CharField()
    term = serializers.CharField()
    labels = serializers.CharField()
    default_pick = serializers.CharField()
    possible = RangeField(
        allow_null=True, help_text="Low and high end; an end that is null is open."
    )
    plausible = RangeField(allow_null=True, help_text="Beyond it needs a reason.")
    better = serializers.ChoiceField(["", "higher", "lower"])
    sides = serializers.ListField(
        child=serializers.CharField(), help_text="Labels that stand side by side."
    )


class PluginAnswer(serializers.Serializer):
    key = serializers.CharField(help_text="Name of its entry point.")
    distribution = serializers.CharField()
    version = serializers.CharField()
    contract = serializers.IntegerField(allow_null=True)
    is_used = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why it is not used.")
    quantities = serializers.ListField(child=serializers.CharField())
    techniques = serializers.ListField(child=serializers.CharField())
    readers = serializers.ListField(child=serializers.CharField())
    analyses = serializers.ListField(child=serializers.CharField())


class AnalysisViewSet(RegistryViewSet):
    """Analyses with the JSON schema of their parameters."""

    registry = analyses
    serializer_class = AnalysisAnswer
    filters = {"technique": lambda spec, value: spec.serves(value)}

    def describe_one(self, spec):
        return {
            "key": spec.key,
            "label": spec.label,
            "description": spec.description,
            "technique": spec.techniques[0],
            "techniques": list(spec.techniques),
            "version": spec.version,
            "default_for": list(spec.default_for),
            "outputs": list(spec.outputs),
            "parameters": spec.parameter_schema(),
            "flags": [{"key": one.key, **one.to_json()} for one in spec.flags],
            "distribution": str(analyses.origin(spec.key)),
        }


class QuantityViewSet(RegistryViewSet):
    """Quantities with their one unit, and the units they convert to."""

    registry = quantities
    serializer_class = QuantityAnswer

    def describe_one(self, spec):
        return {
            "key": spec.key,
            "label": spec.label,
            "unit": spec.unit,
            "units": _units(spec.unit),
            "symbol": spec.symbol,
            "term": spec.term,
            "labels": spec.labels,
            "default_pick": spec.default_pick,
            "possible": _range(spec.possible),
            "plausible": _range(spec.plausible),
            "better": spec.better,
            "sides": list(spec.sides),
        }


class PluginRows:
    """The plug-ins that were found, as a registry of them."""

    def __iter__(self):
        return iter(installed())

    def get(self, key):
        return next((one for one in installed() if one.name == key), None)


class PluginViewSet(RegistryViewSet):
    """Installed plug-ins: what they add, or why nothing of one is taken."""

    registry = PluginRows()
    serializer_class = PluginAnswer

    def describe_one(self, spec):
        return {
            "key": spec.name,
            "distribution": spec.distribution.name,
            "version": spec.distribution.version,
            "contract": spec.contract,
            "is_used": not spec.is_broken,
            "reason": spec.reason,
            **{kind: list(spec.adds(kind)) for kind in REGISTRIES},
        }


def _range(ends):
    return ends and [end if math.isfinite(end) else None for end in ends]


def _units(unit):
    try:
        return list(accepted_units(unit))
    except UnitError:
        return [unit]
