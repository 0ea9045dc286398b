"""Fields of requests that may come as a form with files or as JSON."""

import json

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from labdata.common.api.forms import InputSerializer
from labdata.common.api.parsers import refuse_half_characters


@extend_schema_field(OpenApiTypes.ANY)
class LooseField(serializers.Field):
    """JSON where the text looks like it, else the text; forms carry only text."""

    def to_internal_value(self, data):
        if isinstance(data, str) and data.strip()[:1] in ("{", "["):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError) as error:
                raise serializers.ValidationError(
                    f"This is no valid JSON: {error}."
                ) from error
            refuse_half_characters(data)
        return data

    def to_representation(self, value):
        return value


class FilesField(serializers.ListField):
    """One or more uploaded files under one name."""

    child = serializers.FileField(allow_empty_file=True)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.error_messages["required"] = (
            "Attach at least one file (multipart/form-data, field 'file')."
        )
        self.error_messages["not_a_list"] = self.error_messages["required"]


class MeasurementEdit(InputSerializer):
    """What can be changed of a measurement."""

    sample = serializers.CharField(help_text="Code or id.")
    cell = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="Label of the cell; without it, as the files say.",
    )
    technique = serializers.CharField()
    conditions = LooseField(
        required=False, help_text='JSON, such as {"excitation_wavelength": "405 nm"}.'
    )
    measured_at = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="2026-03, 2026-03-05 or a full ISO time.",
    )
    instrument = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, help_text="Name or id."
    )
    operator = serializers.CharField(required=False, allow_blank=True, max_length=100)
    state = LooseField(
        required=False,
        allow_null=True,
        help_text='"as made", or {"process": id, "relation": "before|during|after"}; '
        "without it, after the latest act on the sample.",
    )
    origin = serializers.CharField(
        required=False, help_text="computed, or simulated for made-up data."
    )
    analyse = serializers.BooleanField(
        required=False, help_text="Run the technique's default analyses."
    )
    notes = serializers.CharField(required=False, allow_blank=True)
    extra = LooseField(required=False)


class MeasurementInput(MeasurementEdit):
    """A measurement with its files."""

    file = FilesField()
    project = serializers.CharField(required=False, help_text="Slug or id.")
    reader = serializers.CharField(
        required=False, allow_blank=True, help_text="Without it the format is detected."
    )
    analyse = serializers.BooleanField(
        default=True, help_text="Run the technique's default analyses."
    )


class AppendInput(InputSerializer):
    """More of a track: one file, or numbers as columns or rows."""

    file = FilesField(required=False)
    columns = serializers.DictField(
        required=False,
        help_text='Numbers by channel, such as {"time": [...], "pce": [...]}; another '
        "unit than the technique's stands behind the name: `time [s]`.",
    )
    rows = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="Point by point."
    )
    cell = serializers.CharField(required=False, allow_blank=True)


class FileInput(InputSerializer):
    """Files that belong to a sample or a process."""

    file = FilesField()
    sample = serializers.CharField(required=False, help_text="Code or id.")
    process = serializers.UUIDField(required=False)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=400
    )


class FileEdit(InputSerializer):
    name = serializers.CharField(max_length=255)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=400
    )


class ReaderInput(InputSerializer):
    reader = serializers.CharField(help_text="Key of a reader.")


class ReparseInput(InputSerializer):
    reader = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Key of a reader; without it the format is detected again.",
    )


class RegionInput(InputSerializer):
    kind = serializers.ChoiceField(["point", "line", "box"])
    label = serializers.CharField(max_length=100)
    bounds = serializers.DictField(
        help_text="Axis name to a value, or to [low, high] or [start, end]."
    )
