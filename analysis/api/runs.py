"""Runs: asking for analyses, watching them, judging what came out."""

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from analysis import services
from analysis.api.properties import DecisionInput, PropertyAnswer, describe_values
from analysis.filtersets import AnalysisRunFilterSet
from analysis.models import AnalysisRun, Decision, PropertyValue, RunDataset, RunInput
from labdata.common.api.forms import AnyField, InputSerializer, refuse_fields
from labdata.common.api.views import ReadOnlyViewSet
from samples.services.references import as_uuid


class RunInputForm(InputSerializer):
    analysis = serializers.CharField(max_length=60)
    measurements = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Ids; a run each."
    )
    datasets = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Ids; a run each."
    )
    parameters = AnyField(required=False, allow_null=True)

    def to_internal_value(self, data):
        if hasattr(data, "keys"):
            # A form names one field several times, JSON has a list.
            several = getattr(data, "getlist", lambda name: data[name])
            data = {
                name: several(name) if name in ("measurements", "datasets") else value
                for name, value in data.items()
            }
            for name in ("measurements", "datasets"):
                if isinstance(data.get(name), str):
                    data[name] = [data[name]]
        return super().to_internal_value(data)


class InputAnswer(serializers.Serializer):
    dataset = serializers.UUIDField()
    name = serializers.CharField()
    sha256 = serializers.CharField()


class ResultAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    role = serializers.CharField()
    shape = serializers.ListField(child=serializers.IntegerField())


class RunDecisionAnswer(serializers.Serializer):
    verdict = serializers.ChoiceField(Decision.Verdict.choices)
    reason = serializers.CharField()
    user = serializers.CharField(allow_null=True)
    time = serializers.DateTimeField()


class DistributionAnswer(serializers.Serializer):
    name = serializers.CharField()
    version = serializers.CharField()


class ProgressAnswer(serializers.Serializer):
    fraction = serializers.FloatField(required=False)
    message = serializers.CharField(required=False)


class RunAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    project = serializers.CharField()
    sample = serializers.CharField()
    measurement = serializers.UUIDField()
    cell = serializers.CharField(allow_null=True)
    scope = serializers.CharField(
        help_text="What tells it from other runs of its measurement: cell or dataset."
    )
    technique = serializers.CharField()
    analysis = serializers.CharField()
    label = serializers.CharField()
    version = serializers.IntegerField()
    parameters = serializers.DictField()
    conditions = serializers.DictField(
        help_text="What the analysis was told of each dataset, by the id of that."
    )
    state = serializers.ChoiceField(AnalysisRun.State.choices)
    progress = ProgressAnswer()
    message = serializers.CharField()
    automatic = serializers.BooleanField()
    current = serializers.BooleanField()
    decision = RunDecisionAnswer(allow_null=True)
    supersedes = serializers.UUIDField(allow_null=True)
    superseded_by = serializers.UUIDField(allow_null=True)
    properties = PropertyAnswer(many=True)
    result = serializers.DictField(
        help_text="Fits, tables, drawings, flags and definitions, without numbers and"
        " arrays: these are properties and datasets."
    )
    notes = serializers.ListField(child=serializers.CharField())
    distribution = DistributionAnswer(
        allow_null=True, help_text="The installed package the analysis came from."
    )
    datasets = ResultAnswer(many=True)
    inputs = InputAnswer(many=True)
    environment = serializers.DictField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    created_by = serializers.CharField(allow_null=True)


class NumbersAnswer(serializers.Serializer):
    value = serializers.FloatField()
    uncertainty = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    bound = serializers.CharField()


class DifferenceAnswer(serializers.Serializer):
    quantity = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField(allow_null=True)
    old = NumbersAnswer(allow_null=True)
    new = NumbersAnswer(allow_null=True)
    difference = serializers.FloatField(allow_null=True)
    in_uncertainties = serializers.FloatField(allow_null=True)


class ComparisonAnswer(serializers.Serializer):
    old = serializers.UUIDField()
    new = serializers.UUIDField()
    changes = serializers.DictField()
    values = DifferenceAnswer(many=True)


class Succession:
    """Which run replaced which among those of a measurement, analysis and scope."""

    def __init__(self, rows):
        runs = AnalysisRun.objects.filter(
            measurement_id__in={row.measurement_id for row in rows}
        )
        self.done = {}
        done = runs.filter(state=AnalysisRun.State.DONE).order_by("pk")
        for *key, pk, public_id in done.values_list(
            "measurement_id", "analysis", "scope", "pk", "uuid"
        ):
            self.done.setdefault(tuple(key), []).append((pk, public_id))
        self.standing = {
            tuple(key): public_id
            for *key, public_id in runs.current().values_list(
                "measurement_id", "analysis", "scope", "uuid"
            )
        }

    def of(self, row):
        key = (row.measurement_id, row.analysis, row.scope)
        standing = self.standing.get(key)
        is_done = row.state == AnalysisRun.State.DONE
        earlier = [i for pk, i in self.done.get(key, []) if pk < row.pk]
        return {
            "current": row.uuid == standing,
            "supersedes": earlier[-1] if is_done and earlier else None,
            "superseded_by": standing if is_done and row.uuid != standing else None,
        }


class RunViewSet(ReadOnlyViewSet):
    """Executions of analyses; what was found stays, whatever comes after."""

    queryset = AnalysisRun.objects.select_related(
        "project", "measurement__sample", "cell", "created_by"
    )
    serializer_class = RunAnswer
    filterset_class = AnalysisRunFilterSet
    ordering_fields = ("created_at", "finished_at", "analysis", "state")

    def describe(self, rows):
        ids = [row.pk for row in rows]
        values = {}
        for _, run_id, value in describe_values(
            PropertyValue.objects.filter(run_id__in=ids)
        ):
            values.setdefault(run_id, []).append(value)
        inputs, results = _inputs_of(ids), _results_of(ids)
        decisions, succession = _decisions_of(ids), Succession(rows)
        return [
            {
                "id": row.uuid,
                "project": row.project.slug,
                "sample": row.measurement.sample.code,
                "measurement": row.measurement.uuid,
                "cell": row.cell.label if row.cell_id else None,
                "scope": row.scope,
                "technique": row.measurement.technique,
                "analysis": row.analysis,
                "label": row.get_analysis_display(),
                "version": row.version,
                "parameters": row.parameters,
                "conditions": row.conditions,
                "state": row.state,
                "progress": row.progress,
                "message": row.message,
                "automatic": row.is_automatic,
                **succession.of(row),
                "decision": decisions.get(row.pk),
                "properties": sorted(
                    values.get(row.pk, []), key=lambda v: (v["quantity"], v["label"])
                ),
                "result": row.result,
                "notes": row.remarks,
                "distribution": _distribution(row),
                "datasets": results.get(row.pk, []),
                "inputs": inputs.get(row.pk, []),
                "environment": row.environment,
                "created_at": row.created_at,
                "started_at": row.started_at,
                "finished_at": row.finished_at,
                "created_by": row.created_by and row.created_by.get_username(),
            }
            for row in rows
        ]

    @extend_schema(request=RunInputForm, responses={202: RunAnswer(many=True)})
    def create(self, request, *args, **kwargs):
        """Ask for an analysis; the answer is always a list of runs."""
        form = RunInputForm(data=request.data)
        form.is_valid(raise_exception=True)
        runs = services.request_runs(user=request.user, **form.validated_data)
        told = self.describe(self._reread(runs))
        return Response(told, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: RunAnswer})
    @action(detail=True, methods=["post"])
    def cancel(self, request, *args, **kwargs):
        """Stop a run that is waiting or running."""
        refuse_fields(request)
        run = services.cancel_run(user=request.user, run=self.get_object())
        return self.answer(run, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: RunAnswer})
    @action(detail=True, methods=["post"])
    def rerun(self, request, *args, **kwargs):
        """Ask the same of the code and data as they are now."""
        refuse_fields(request)
        run = services.rerun(user=request.user, run=self.get_object())
        return self.answer(self._reread([run])[0], status.HTTP_202_ACCEPTED)

    @extend_schema(request=DecisionInput, responses=RunAnswer)
    @action(detail=True, methods=["post"])
    def decide(self, request, *args, **kwargs):
        """Accept or reject a whole run with a reason, or withdraw that."""
        run = self.get_object()
        form = DecisionInput(data=request.data)
        form.is_valid(raise_exception=True)
        services.decide(user=request.user, about=run, **form.validated_data)
        return self.answer(run)

    @extend_schema(
        responses=ComparisonAnswer,
        filters=False,
        parameters=[
            OpenApiParameter("with", str, description="Id; else the run before.")
        ],
    )
    @action(detail=True, methods=["get"])
    def compare(self, request, *args, **kwargs):
        """What changed from an earlier run: code, inputs, parameters, numbers."""
        new = self.get_object()
        text = request.query_params.get("with")
        public_id = as_uuid(text) if text else Succession([new]).of(new)["supersedes"]
        old = self.get_queryset().filter(uuid=public_id).first() if public_id else None
        if old is None:
            missing = f"no run {text!r}" if text else "no earlier run to compare with"
            raise DjangoValidationError({"with": f"There is {missing}."})
        return Response(services.compare_runs(old=old, new=new))

    def _reread(self, runs):
        """Rows with what an answer needs beside them, in one query."""
        found = self.get_queryset().in_bulk([run.pk for run in runs])
        return [found[run.pk] for run in runs]


def _distribution(row):
    if not row.distribution:
        return None
    return {"name": row.distribution, "version": row.distribution_version}


def _inputs_of(ids):
    inputs = {}
    rows = RunInput.objects.filter(run_id__in=ids).order_by("run_id", "position")
    for run_id, dataset, name, sha256 in rows.values_list(
        "run_id", "dataset__uuid", "dataset__name", "sha256"
    ):
        inputs.setdefault(run_id, []).append(
            {"dataset": dataset, "name": name, "sha256": sha256}
        )
    return inputs


def _results_of(ids):
    results = {}
    rows = RunDataset.objects.filter(run_id__in=ids).order_by("run_id", "role")
    for run_id, public_id, role, shape in rows.values_list(
        "run_id", "dataset__uuid", "role", "dataset__shape"
    ):
        results.setdefault(run_id, []).append(
            {"id": public_id, "role": role, "shape": shape}
        )
    return results


def _decisions_of(ids):
    """The newest decision about each run."""
    decisions = {}
    rows = Decision.objects.filter(run_id__in=ids).order_by("pk")
    for row in rows.values("run_id", "verdict", "reason", "time", "user__username"):
        decisions[row["run_id"]] = {
            "verdict": row["verdict"],
            "reason": row["reason"],
            "user": row["user__username"],
            "time": row["time"],
        }
    return decisions
