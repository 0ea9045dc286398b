"""A series by API: the preview of the page, and the same in one request."""

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from labdata.common.api.forms import AnyField, InputSerializer
from labdata.common.people.access import require_write
from samples import services
from samples.models import Process, Sample


class VariableInput(InputSerializer):
    name = serializers.CharField(
        max_length=100, help_text="A placeholder (x), or a condition (temperature)."
    )
    values = AnyField(
        help_text='A list, or text: "0, 0.05 … 0.5", "0:0.5:0.05", "300, 350 °C".'
    )
    unit = serializers.CharField(max_length=40, allow_blank=True, required=False)


class SeriesInputInput(InputSerializer):
    sample = serializers.CharField(required=False, help_text="Code or id.")
    lot = serializers.CharField(required=False, help_text="Code or id.")
    amount = AnyField(
        required=False,
        allow_null=True,
        help_text='A number, or a pattern with its unit: "{200x} mg".',
    )
    unit = serializers.CharField(max_length=20, allow_blank=True, required=False)


class SeriesProcessInput(InputSerializer):
    kind = serializers.ChoiceField(Process.Kind.choices)
    protocol = serializers.CharField(allow_blank=True, required=False)
    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    state = serializers.ChoiceField(Process.State.choices, required=False)
    started_at = serializers.CharField(allow_blank=True, required=False)
    operator = serializers.CharField(max_length=100, allow_blank=True, required=False)
    notes = serializers.CharField(allow_blank=True, required=False)
    parameters = serializers.DictField(required=False)
    program = serializers.ListField(child=serializers.DictField(), required=False)
    inputs = SeriesInputInput(many=True, required=False)


class PrecursorInput(InputSerializer):
    kind = serializers.ChoiceField(Sample.Kind.choices, required=False)
    code = serializers.CharField(
        max_length=200,
        allow_blank=True,
        required=False,
        help_text="Pattern of codes; {batch}-M{n:02} where none is given.",
    )
    process_kind = serializers.ChoiceField(Process.Kind.choices, required=False)
    inputs = SeriesInputInput(many=True, required=False)


class SeriesInput(InputSerializer):
    project = serializers.CharField(help_text="Slug or id.")
    kind = serializers.ChoiceField(Sample.Kind.choices)
    batch = serializers.CharField(max_length=60)
    composition = serializers.CharField(
        max_length=1000,
        allow_blank=True,
        required=False,
        help_text="A pattern: (CsPbI3){x}(agZIF-62){1-x}.",
    )
    basis = serializers.ChoiceField(
        ["wt", "mol", "vol", ""], required=False, allow_blank=True
    )
    create_materials = serializers.BooleanField(required=False)
    variables = VariableInput(many=True, required=False)
    pairwise = serializers.BooleanField(
        required=False, help_text="First values with first values, no grid."
    )
    table = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="A pasted list with a header, in place of the variables.",
    )
    code = serializers.CharField(
        max_length=200,
        allow_blank=True,
        required=False,
        help_text="A pattern: C-{n:02}, S{100x:02}-{temperature}.",
    )
    first_number = serializers.IntegerField(required=False, min_value=0)
    codes = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        help_text="Codes of single rows, by the key the dry run names.",
    )
    left_out = serializers.ListField(
        child=serializers.CharField(max_length=20),
        required=False,
        help_text="Keys of rows not to make.",
    )
    process = SeriesProcessInput(required=False, allow_null=True)
    precursor = PrecursorInput(required=False, allow_null=True)
    dry_run = serializers.BooleanField(
        required=False, help_text="Answer what would be made, and save nothing."
    )


class SeriesRowAnswer(serializers.Serializer):
    key = serializers.CharField()
    left_out = serializers.BooleanField()
    code = serializers.CharField()
    composition = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())
    conditions = serializers.DictField(child=serializers.CharField())
    parameters = serializers.DictField()
    program = serializers.ListField(child=serializers.DictField())
    precursor = serializers.CharField(allow_null=True)
    errors = serializers.DictField()


class SeriesPlanAnswer(serializers.Serializer):
    sound = serializers.BooleanField()
    count = serializers.IntegerField()
    precursors = serializers.ListField(child=serializers.CharField())
    next_number = serializers.IntegerField(allow_null=True)
    errors = serializers.DictField()
    rows = SeriesRowAnswer(many=True)


class SeriesSampleAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    code = serializers.CharField()


class SeriesAnswer(serializers.Serializer):
    batch = serializers.CharField()
    samples = SeriesSampleAnswer(many=True)
    precursors = SeriesSampleAnswer(many=True)
    processes = serializers.IntegerField()


class SeriesMixin:
    """Adds ``POST …/series/`` to the samples."""

    @extend_schema(
        request=SeriesInput,
        responses={
            200: OpenApiResponse(SeriesPlanAnswer, description="Of a dry run."),
            201: SeriesAnswer,
        },
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="Sent twice with the same key, a request acts once.",
            )
        ],
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def series(self, request, *args, **kwargs):
        """Create a series: every combination of what varies, or nothing at all.

        Errors stand under their fields, those of single samples under ``rows`` by
        index. With ``dry_run`` they come with the rows, and nothing is saved.
        """
        form = SeriesInput(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        told = dict(form.validated_data)
        project = services.resolve_project(request.user, told.pop("project"))
        require_write(request.user, project)
        if told.pop("dry_run", False):
            plan = services.plan_series(user=request.user, project=project, **told)
            return Response(describe_plan(plan))
        made = services.create_series(user=request.user, project=project, **told)
        return Response(
            {
                "batch": made.batch.code,
                "samples": _named(made.samples),
                "precursors": _named(made.precursors),
                "processes": len(made.processes),
            },
            status=status.HTTP_201_CREATED,
        )


def _named(samples):
    return [{"id": sample.uuid, "code": sample.code} for sample in samples]


def describe_plan(plan):
    """A plan as the API tells it, row by row."""
    return {
        "sound": plan.is_sound,
        "count": len(plan.kept),
        "precursors": [one.code for one in plan.precursors],
        "next_number": plan.next_number,
        "errors": plan.errors,
        "rows": [
            {
                "key": row.key,
                "left_out": row.is_left_out,
                "code": row.code,
                "composition": row.composition,
                "values": {name: value.text for name, value in row.values.items()},
                "conditions": row.told,
                "parameters": row.parameters,
                "program": [segment.as_dict() for segment in row.segments],
                "precursor": row.precursor.code if row.precursor else None,
                "errors": row.errors,
            }
            for row in plan.rows
        ],
    }
