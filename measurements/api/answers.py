"""The shapes of answers, for the documentation of the API."""

from rest_framework import serializers


class FileAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    project = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    media_type = serializers.CharField()
    description = serializers.CharField()
    measurement = serializers.UUIDField(allow_null=True)
    sample = serializers.CharField(allow_null=True)
    process = serializers.UUIDField(allow_null=True)
    download = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)


class AxisAnswer(serializers.Serializer):
    name = serializers.CharField()
    unit = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.ChoiceField(["coordinate", "frame", "index"])
    size = serializers.IntegerField()
    first = serializers.FloatField()
    last = serializers.FloatField()


class ChannelAnswer(serializers.Serializer):
    name = serializers.CharField()
    unit = serializers.CharField()
    label = serializers.CharField()


class CoordinateAnswer(serializers.Serializer):
    name = serializers.CharField()
    unit = serializers.CharField(allow_null=True)
    axis = serializers.CharField()


class DatasetAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    project = serializers.CharField()
    measurement = serializers.UUIDField()
    cell = serializers.CharField(
        allow_null=True, help_text="Label of the cell it was measured on."
    )
    technique = serializers.CharField()
    file = serializers.UUIDField(allow_null=True)
    region = serializers.UUIDField(allow_null=True)
    reader = serializers.CharField(allow_null=True)
    reader_version = serializers.IntegerField(allow_null=True)
    is_result = serializers.BooleanField()
    shape = serializers.ListField(child=serializers.IntegerField())
    axes = AxisAnswer(many=True)
    channels = ChannelAnswer(many=True)
    coordinates = CoordinateAnswer(many=True)
    metadata = serializers.DictField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    superseded_at = serializers.DateTimeField(allow_null=True)
    data = serializers.CharField(help_text="Where the arrays are.")


class PartDataAnswer(serializers.Serializer):
    name = serializers.CharField()
    unit = serializers.CharField(allow_null=True)
    label = serializers.CharField(required=False)
    kind = serializers.CharField(required=False)
    axis = serializers.CharField(required=False)
    values = serializers.ListField(help_text="Nested by dimension; null where missing.")


class DataAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    shape = serializers.ListField(child=serializers.IntegerField())
    full_shape = serializers.ListField(child=serializers.IntegerField())
    is_downsampled = serializers.BooleanField()
    axes = PartDataAnswer(many=True)
    channels = PartDataAnswer(many=True)
    coordinates = PartDataAnswer(many=True)
    metadata = serializers.DictField()


class PreviewAnswer(serializers.Serializer):
    curve = DataAnswer(required=False)
    image = DataAnswer(required=False)


class RegionAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    label = serializers.CharField()
    bounds = serializers.DictField()
    datasets = serializers.ListField(child=serializers.UUIDField())
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_null=True)


class CandidateAnswer(serializers.Serializer):
    file = serializers.CharField()
    reader = serializers.CharField()
    label = serializers.CharField()
    score = serializers.FloatField()
    reason = serializers.CharField()


class InstrumentShortAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class StateAnswer(serializers.Serializer):
    relation = serializers.CharField()
    process = serializers.UUIDField(allow_null=True)
    source = serializers.ChoiceField(["person", "assumed"])


class MeasurementAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    project = serializers.CharField()
    sample = serializers.CharField()
    sample_id = serializers.UUIDField()
    cell = serializers.CharField(
        allow_null=True, help_text="The one a person named; files name theirs."
    )
    technique = serializers.CharField()
    state = serializers.ChoiceField(
        ["queued", "parsing", "question", "ready", "failed", "errored"]
    )
    message = serializers.CharField()
    progress = serializers.DictField()
    reader = serializers.CharField(allow_null=True, help_text="The one that read it.")
    reader_version = serializers.IntegerField(allow_null=True)
    reader_asked = serializers.CharField(allow_null=True)
    reason = serializers.CharField(help_text="Why this reader.")
    reader_notes = serializers.ListField(child=serializers.CharField())
    candidates = CandidateAnswer(many=True)
    conditions = serializers.DictField()
    condition_sources = serializers.DictField(help_text="person or file, by condition.")
    measured_at = serializers.CharField(allow_null=True)
    measured_precision = serializers.CharField(allow_null=True)
    measured_zone = serializers.CharField(allow_null=True)
    measured_source = serializers.CharField(allow_null=True)
    sample_state = StateAnswer()
    instrument = InstrumentShortAnswer(allow_null=True)
    operator = serializers.CharField()
    origin = serializers.CharField()
    analyse = serializers.BooleanField()
    notes = serializers.CharField()
    extra = serializers.DictField()
    files = FileAnswer(many=True)
    datasets = DatasetAnswer(many=True)
    runs = serializers.ListField(child=serializers.DictField())
    duplicate_of = serializers.ListField(
        child=serializers.UUIDField(),
        help_text="Up to ten earlier measurements of this sample and technique with "
        "equal files.",
    )
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_null=True)
    updated_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)
