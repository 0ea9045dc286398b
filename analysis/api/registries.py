"""Which analyses and quantities there are."""

from rest_framework import serializers

from analysis.contract.registry import analyses
from labdata.common.api.registries import RegistryViewSet
from labdata.common.measures.quantities import quantities
from labdata.common.measures.units import UnitError, accepted_units


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


class QuantityAnswer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField()
    units = serializers.ListField(child=serializers.CharField())
    symbol = serializers.CharField()
    term = serializers.CharField()
    labels = serializers.CharField()
    default_pick = serializers.CharField()


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
        }


def _units(unit):
    try:
        return list(accepted_units(unit))
    except UnitError:
        return [unit]
