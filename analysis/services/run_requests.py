"""Asking for analyses: the same question twice is the same run."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from analysis.contract.registry import analyses
from analysis.models import AnalysisRun, RunInput
from analysis.runs.inputs import conditions_of, groups_of
from labdata.common import jobs
from labdata.common.api.errors import NestedValidationError
from labdata.common.people.access import require_write
from labdata.plugin import ParameterError
from measurements.models import Dataset, Measurement
from measurements.registry import techniques
from samples.services.references import as_uuid

# A run in one of these states is the answer to its question, or will be.
ANSWERING = (
    AnalysisRun.State.QUEUED,
    AnalysisRun.State.RUNNING,
    AnalysisRun.State.DONE,
    AnalysisRun.State.FAILED,
)
MOST_RUNS = 1000


@transaction.atomic
def request_runs(
    *,
    user: User,
    analysis: str,
    measurements: Sequence[str | UUID] | None = None,
    datasets: Sequence[str | UUID] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> list[AnalysisRun]:
    """Ask for an analysis of each measurement, or of each dataset, given by id.

    Raises
    ------
    ValidationError
        By field; parameters by their own names.
    """
    spec = _find_analysis(analysis)
    if bool(measurements) == bool(datasets):
        raise ValidationError({"measurements": "Name measurements, or else datasets."})
    for field, ids in (("measurements", measurements), ("datasets", datasets)):
        if ids and len(ids) > MOST_RUNS:
            raise ValidationError({field: f"At most {MOST_RUNS} at a time."})
    if datasets:
        chosen = _find(Dataset.objects.without_arrays(), user, datasets, "datasets")
        pairs = [(dataset.measurement, dataset) for dataset in chosen]
    else:
        chosen = _find(Measurement.objects, user, measurements, "measurements")
        pairs = [(measurement, None) for measurement in chosen]
    moment = timezone.now()
    runs = [
        run
        for measurement, dataset in pairs
        for run in request_every_run(
            user=user,
            analysis=spec.key,
            measurement=measurement,
            dataset=dataset,
            parameters=parameters,
            asked_at=moment,
        )
    ]
    return list({run.pk: run for run in runs}.values())


def request_run(
    *,
    user: User | None,
    analysis: str,
    measurement: Measurement,
    dataset: Dataset | None = None,
    scope: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    is_automatic: bool = False,
    asked_at: datetime | None = None,
) -> AnalysisRun:
    """Queue one analysis and return the run to watch, or the run that answers it.

    Takes what `request_every_run` takes; where the measurement's datasets need several
    runs, the first is returned.
    """
    return request_every_run(
        user=user,
        analysis=analysis,
        measurement=measurement,
        dataset=dataset,
        scope=scope,
        parameters=parameters,
        is_automatic=is_automatic,
        asked_at=asked_at,
    )[0]


@transaction.atomic
def request_every_run(
    *,
    user: User | None,
    analysis: str,
    measurement: Measurement,
    dataset: Dataset | None = None,
    scope: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    is_automatic: bool = False,
    asked_at: datetime | None = None,
) -> list[AnalysisRun]:
    """Queue the runs one analysis of a measurement takes: one for each cell, say.

    With a ``dataset`` only the run it belongs to, with a ``scope`` only the one of
    that. A run that errored or was cancelled answers nothing: asking again makes a new
    one. Runs asked for together share ``asked_at``, by which they are known as such.
    """
    if not is_automatic:
        require_write(user, measurement.project)
    spec = _find_analysis(analysis)
    parameters = _clean_parameters(spec, parameters)
    _require_usable(spec, measurement, dataset)
    groups = groups_of(spec, measurement, [dataset] if dataset else None)
    if scope is not None:
        groups = _of_scope(groups, scope, measurement)
    return [
        _request(user, spec, measurement, group, parameters, is_automatic, asked_at)
        for group in groups
    ]


def _of_scope(groups, scope, measurement):
    """The group a run was of, as it reads now; another one is no answer to it."""
    found = [group for group in groups if group.scope == scope]
    if not found:
        there = ", ".join(group.scope for group in groups if group.scope) or "no names"
        raise ValidationError(
            {
                "datasets": f"{measurement} was read anew and holds no {scope!r} any"
                f" more (there: {there}). Ask for the analysis of what is there."
            }
        )
    return found


def _request(user, spec, measurement, group, parameters, is_automatic, asked_at):
    conditions = conditions_of(spec, measurement, group)
    key = run_key(spec, parameters, group.datasets, conditions)
    answering = AnalysisRun.objects.filter(key=key, state__in=ANSWERING)
    if run := answering.first():
        return run
    run = AnalysisRun(
        project_id=measurement.project_id,
        measurement=measurement,
        analysis=spec.key,
        version=spec.version,
        parameters=parameters,
        conditions=conditions,
        cell=group.cell,
        scope=group.scope,
        key=key,
        is_automatic=is_automatic,
        created_by=user,
        **({"created_at": asked_at} if asked_at else {}),
    )
    run.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        # Somebody asked the same at the same moment, and was first.
        return answering.get()
    RunInput.objects.bulk_create(
        RunInput(run=run, dataset=dataset, position=position, sha256=dataset.sha256)
        for position, dataset in enumerate(group.datasets)
    )
    jobs.submit(run)
    return run


def request_default_runs(
    measurement: Measurement, datasets: Sequence[Dataset]
) -> list[AnalysisRun]:
    """Queue the analyses that declare themselves default for a technique.

    Called in the transaction that makes a measurement ready, with what was parsed.
    """
    if not measurement.analyse or not datasets:
        return []
    return [
        run
        for key in default_analyses(measurement.technique)
        for run in request_every_run(
            user=measurement.created_by,
            analysis=key,
            measurement=measurement,
            is_automatic=True,
        )
    ]


def default_analyses(technique):
    """Keys of the analyses that run by themselves after parsing."""
    named = techniques[technique].default_analyses if technique in techniques else ()
    offered = [spec.key for spec in analyses if technique in spec.default_for]
    return sorted({*offered, *(key for key in named if key in analyses)})


@transaction.atomic
def cancel_run(*, user: User, run: AnalysisRun) -> AnalysisRun:
    """Stop a run that is waiting or running; one that ended stays as it is."""
    require_write(user, run.project)
    if not run.is_open:
        raise ValidationError({"state": f"This run is {run.state}: nothing to cancel."})
    jobs.cancel(run)
    return run


@transaction.atomic
def rerun(
    *, user: User, run: AnalysisRun, parameters: Mapping[str, Any] | None = None
) -> AnalysisRun:
    """Ask a run's question again of the code and the data as they are now.

    Where neither changed, the run itself is still the answer. Data that was read
    anew since is taken as it reads now. Given ``parameters`` replace the run's own.
    """
    return _ask_again(user, run, parameters, timezone.now())


def _ask_again(user, run, parameters, asked_at):
    datasets = [entry.dataset for entry in run.inputs.select_related("dataset")]
    stale = any(dataset.superseded_at for dataset in datasets)
    return request_run(
        user=user,
        analysis=run.analysis,
        measurement=run.measurement,
        dataset=None if stale else datasets[0],
        scope=run.scope if stale else None,
        parameters=run.parameters if parameters is None else parameters,
        asked_at=asked_at,
    )


@transaction.atomic
def rerun_many(
    *,
    user: User,
    runs: Sequence[AnalysisRun],
    parameters: Mapping[str, Any] | None = None,
) -> list[AnalysisRun]:
    """Ask the questions of several runs again; each answer is given once.

    With ``parameters`` they are asked with those instead of their own.
    """
    moment = timezone.now()
    made = [_ask_again(user, run, parameters, moment) for run in runs]
    return list({run.pk: run for run in made}.values())


def run_key(spec, parameters, datasets, conditions=None) -> str:
    """Hash what makes two runs the same question."""
    question = [
        spec.key,
        spec.version,
        parameters,
        sorted(str(dataset.uuid) for dataset in datasets),
        *([conditions] if conditions else []),
    ]
    written = json.dumps(question, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _find_analysis(key):
    try:
        return analyses[key]
    except LookupError as error:
        raise ValidationError({"analysis": f"{error}."}) from error


def _clean_parameters(spec, parameters):
    try:
        return spec.parameters_json(spec.clean_parameters(parameters))
    except ParameterError as error:
        raise NestedValidationError({"parameters": error.errors}) from error


def _find(objects, user, ids, field):
    """Rows by their public ids among what a person may see, in the order asked."""
    public_ids = {text: as_uuid(text) for text in map(str, ids)}
    related = ["project", "sample", "parsing"]
    if field == "datasets":
        related = ["measurement", *(f"measurement__{name}" for name in related)]
    visible = objects.visible_to(user).select_related(*related)
    found = visible.in_bulk([i for i in public_ids.values() if i], field_name="uuid")
    missing = [text for text, i in public_ids.items() if i not in found]
    if missing:
        raise ValidationError({field: f"There is no {field[:-1]} {missing[0]!r}."})
    return [found[public_id] for public_id in public_ids.values()]


def _require_usable(spec, measurement, dataset):
    field = "datasets" if dataset else "measurements"
    technique = dataset.technique if dataset else measurement.technique
    if measurement.archived_at:
        raise ValidationError({field: f"{measurement} is archived: restore it first."})
    if not spec.serves(technique):
        wanted = " or ".join(spec.techniques)
        raise ValidationError(
            {field: f"{spec.label} needs {wanted} data; {measurement} is {technique}."}
        )
    if dataset is None and measurement.state != "ready":
        told = f": {measurement.message}" if measurement.message else ""
        raise ValidationError(
            {
                field: f"{measurement} is {measurement.state}{told} An analysis needs "
                "a measurement that is ready."
            }
        )
    if dataset is not None and dataset.superseded_at:
        raise ValidationError(
            {field: f"{dataset} was replaced when its file was read anew."}
        )
