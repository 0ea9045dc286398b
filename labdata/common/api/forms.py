"""Checking what was sent: known fields only, said by name."""

from rest_framework import serializers

from labdata.common.api.parsers import refuse_half_characters
from labdata.common.record.names import say_unknown


class InputSerializer(serializers.Serializer):
    """Refuses fields it does not know: a typing error must not be lost in silence."""

    def to_internal_value(self, data):
        if hasattr(data, "keys"):
            unknown = [key for key in data if key not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {key: [say_unknown(key, self.fields)] for key in unknown}
                )
        return super().to_internal_value(data)


def refuse_fields(request):
    """Of an act that takes none: what it was sent would be lost in silence."""
    InputSerializer(data=request.data).is_valid(raise_exception=True)


class AnyField(serializers.JSONField):
    """A value whose shape the service checks: text, number, object or list."""

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        # Of a form it was JSON within text, which hid what JSON can name.
        refuse_half_characters(value)
        return value
