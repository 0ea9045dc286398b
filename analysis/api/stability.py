"""Tests of stability and where they stand."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.viewsets import GenericViewSet

from analysis.stability import board as stability


class TrackValueAnswer(serializers.Serializer):
    value = serializers.FloatField()
    uncertainty = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    bound = serializers.ChoiceField(["=", ">", "<", "~"])
    flags = serializers.ListField(child=serializers.CharField())


class TrackAnswer(serializers.Serializer):
    measurement = serializers.UUIDField()
    dataset = serializers.UUIDField()
    run = serializers.UUIDField(allow_null=True)
    sample = serializers.CharField()
    sample_id = serializers.UUIDField()
    cell = serializers.CharField(allow_null=True)
    project = serializers.CharField()
    batch = serializers.CharField(allow_null=True)
    technique = serializers.CharField()
    origin = serializers.CharField()
    state = serializers.ChoiceField([stability.RUNNING, stability.ENDED])
    state_is_assumed = serializers.BooleanField(help_text="Nobody said so.")
    protocol = serializers.CharField(allow_null=True)
    verdict = serializers.ChoiceField(list(stability.VERDICTS), allow_null=True)
    verdict_summary = serializers.CharField(allow_null=True)
    hours = serializers.FloatField(help_text="Length of the track [h].")
    last_at = serializers.DateTimeField()
    group = serializers.JSONField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())
    curve = serializers.DictField(allow_null=True)
    t80 = TrackValueAnswer(allow_null=True)
    t95 = TrackValueAnswer(allow_null=True)
    te80 = TrackValueAnswer(allow_null=True)
    initial_pce = TrackValueAnswer(allow_null=True)
    retention = TrackValueAnswer(allow_null=True)


def _parameter(name, description, **more):
    return OpenApiParameter(name, str, description=description, **more)


class StabilityViewSet(GenericViewSet):
    """The stability board: every test, those still running first."""

    serializer_class = TrackAnswer
    filter_backends = ()

    @extend_schema(
        parameters=[
            _parameter("project", "Slug."),
            _parameter("batch", "Code."),
            _parameter("protocol", "Claimed ISOS protocol, in any spelling."),
            _parameter("state", "", enum=[stability.RUNNING, stability.ENDED]),
            _parameter("by", "Variable told as `group`."),
            _parameter("group", "Only tests of this value of `by`."),
        ]
    )
    def list(self, request, *args, **kwargs):
        asked = stability.Asked.read(request.query_params)
        tracks = stability.find_tracks(request.user, asked)
        page = self.paginate_queryset(tracks)
        return self.get_paginated_response(
            stability.describe_tracks(stability.fill(page))
        )
