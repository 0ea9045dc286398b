"""Whether an ageing test keeps to an ISOS protocol."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis.stability.conformity import fitting, verdict_of
from measurements.models import Measurement

OUTCOMES = ["conforms", "fails", "undecidable"]


class ClauseAnswer(serializers.Serializer):
    name = serializers.CharField()
    required = serializers.CharField(help_text="What the protocol asks for.")
    recorded = serializers.CharField(help_text="What is recorded of the test.")
    outcome = serializers.ChoiceField(OUTCOMES)
    reason = serializers.CharField()
    citation = serializers.CharField()
    reading = serializers.CharField(
        help_text="What the protocol leaves open and how that is read here."
    )


class VerdictAnswer(serializers.Serializer):
    protocol = serializers.CharField()
    outcome = serializers.ChoiceField(OUTCOMES)
    summary = serializers.CharField()
    rules_version = serializers.CharField()
    citation = serializers.CharField()
    clauses = ClauseAnswer(many=True)


class ConformityAnswer(serializers.Serializer):
    measurement = serializers.UUIDField()
    claimed = serializers.CharField(allow_null=True)
    verdict = VerdictAnswer(
        allow_null=True, help_text="None where no protocol is claimed or asked for."
    )
    fitting = serializers.ListField(
        child=serializers.CharField(),
        help_text="Protocols that what is recorded does not contradict, best first.",
    )


class ConformityView(APIView):
    """The verdict on an ageing test, computed from what is recorded of it now."""

    @extend_schema(
        operation_id="measurements_isos_retrieve",
        parameters=[
            OpenApiParameter(
                "protocol", str, description="Code to check; the claimed one, if none."
            )
        ],
        responses=ConformityAnswer,
    )
    def get(self, request, uuid):
        """Hold a test against the protocol it claims, or another one, by clause."""
        visible = Measurement.objects.visible_to(request.user).select_related("sample")
        row = get_object_or_404(visible, uuid=uuid)
        claimed, verdict = verdict_of(row, request.query_params.get("protocol", ""))
        return Response(
            {
                "measurement": row.uuid,
                "claimed": claimed or None,
                "verdict": verdict.to_json() if verdict else None,
                "fitting": [one.protocol for one in fitting(row)],
            }
        )
