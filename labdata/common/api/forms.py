"""Checking what was sent: known fields only, said by name."""

from difflib import get_close_matches

from rest_framework import serializers


class InputSerializer(serializers.Serializer):
    """Refuses fields it does not know: a typing error must not be lost in silence."""

    def to_internal_value(self, data):
        if hasattr(data, "keys"):
            unknown = [key for key in data if key not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {key: [self._unknown(key)] for key in unknown}
                )
        return super().to_internal_value(data)

    def _unknown(self, key):
        close = get_close_matches(key, list(self.fields), n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return f"There is no field {key!r} here.{hint}"


class AnyField(serializers.JSONField):
    """A value whose shape the service checks: text, number, object or list."""
