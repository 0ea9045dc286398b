"""Which analyses and quantities there are."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.registry import analyses
from labdata.common.quantities import quantities
from labdata.common.units import UnitError, accepted_units


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


class RegistryViewSet(GenericViewSet):
    """A registry read as rows, by key."""

    registry = None
    lookup_value_regex = "[^/]+"
    filter_backends = ()

    def describe(self, spec):
        raise NotImplementedError

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(list(self.registry))
        return self.get_paginated_response([self.describe(spec) for spec in page])

    def retrieve(self, request, pk=None, *args, **kwargs):
        spec = self.registry.get(pk)
        if spec is None:
            raise Http404
        return Response(self.describe(spec))


@extend_schema(parameters=[])
class AnalysisViewSet(RegistryViewSet):
    """Analyses with the JSON schema of their parameters."""

    registry = analyses
    serializer_class = AnalysisAnswer

    def describe(self, spec):
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

    def describe(self, spec):
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
