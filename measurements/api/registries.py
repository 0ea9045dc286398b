"""What can be measured, and which files can be read."""

from rest_framework import serializers

from labdata.common.api.registries import RegistryViewSet
from labdata.plugin.technique import FIGURES
from measurements.registry import readers, techniques


class PartAnswer(serializers.Serializer):
    name = serializers.CharField()
    unit = serializers.CharField(allow_null=True)
    label = serializers.CharField()
    required = serializers.BooleanField()


class ConditionAnswer(serializers.Serializer):
    key = serializers.CharField()
    variable = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(["number", "text", "choice"])
    choices = serializers.ListField(child=serializers.CharField())
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    required = serializers.BooleanField()


class FigureAnswer(serializers.Serializer):
    x = serializers.CharField()
    y = serializers.CharField()
    kind = serializers.ChoiceField(FIGURES)
    value = serializers.CharField(help_text="The channel shown as colour, if any.")
    along = serializers.CharField(help_text="The axis whose steps are curves, if any.")
    logarithmic = serializers.BooleanField(help_text="Whether y is.")
    log = serializers.ListField(child=serializers.CharField())
    reversed = serializers.ListField(child=serializers.CharField())
    caption = serializers.CharField()


class TechniqueAnswer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    axes = PartAnswer(many=True)
    channels = PartAnswer(many=True)
    conditions = ConditionAnswer(many=True)
    default_analyses = serializers.ListField(child=serializers.CharField())
    figure = FigureAnswer()
    together = serializers.ChoiceField(
        ["", "cell", "series"], help_text="What is drawn in one figure."
    )
    key_quantities = serializers.ListField(child=serializers.CharField())
    readers = serializers.ListField(child=serializers.CharField())


class TechniqueViewSet(RegistryViewSet):
    """Techniques with their axes, channels, units and conditions."""

    registry = techniques
    serializer_class = TechniqueAnswer

    def describe_one(self, spec):
        return {
            "key": spec.key,
            "label": spec.label,
            "axes": [_part(axis) for axis in spec.axes],
            "channels": [_part(channel) for channel in spec.channels],
            "conditions": [
                {
                    "key": one.key,
                    "variable": f"measurement.{spec.key}.{one.key}",
                    "label": one.label,
                    "unit": one.unit,
                    "kind": one.kind,
                    "choices": list(one.choices),
                    "minimum": one.minimum,
                    "maximum": one.maximum,
                    "required": one.required,
                }
                for one in spec.conditions
            ],
            "default_analyses": list(spec.default_analyses),
            "figure": {
                "x": spec.figure.x,
                "y": spec.figure.y,
                "kind": spec.figure.kind,
                "value": spec.figure.value,
                "along": spec.figure.along,
                "logarithmic": "y" in spec.figure.log,
                "log": list(spec.figure.log),
                "reversed": list(spec.figure.reversed),
                "caption": spec.figure.caption,
            },
            "together": spec.together,
            "key_quantities": list(spec.key_quantities),
            "readers": [reader.key for reader in readers if reader.serves(spec.key)],
        }


def _part(part):
    return {
        "name": part.name,
        "unit": part.unit,
        "label": part.label,
        "required": getattr(part, "required", True),
    }


class ReaderAnswer(serializers.Serializer):
    key = serializers.CharField()
    version = serializers.IntegerField()
    label = serializers.CharField()
    techniques = serializers.ListField(
        child=serializers.CharField(), help_text="Empty: any."
    )
    extensions = serializers.ListField(child=serializers.CharField())
    generic = serializers.BooleanField()
    limits = serializers.CharField()
    max_bytes = serializers.IntegerField()


class ReaderViewSet(RegistryViewSet):
    """File formats that can be read, and what each reader cannot do."""

    registry = readers
    serializer_class = ReaderAnswer
    filters = {"technique": lambda reader, value: reader.serves(value)}

    def describe_one(self, spec):
        return {
            "key": spec.key,
            "version": spec.version,
            "label": spec.label,
            "techniques": list(spec.techniques),
            "extensions": list(spec.extensions),
            "generic": spec.generic,
            "limits": spec.limits,
            "max_bytes": spec.max_bytes,
        }
