"""Doing a run: read verified data, analyse, and write the result as one."""

import hashlib
from dataclasses import dataclass, replace

from analysis.contract.registry import analyses
from analysis.models import PropertyValue, RunDataset
from analysis.runs.environment import describe_environment
from analysis.runs.together import told_of_end
from labdata.common.jobs import JobKind, kinds
from labdata.common.measures.quantities import quantities
from labdata.plugin import AnalysisError, InvalidDataset, Result
from measurements.arrays.rows import Packed, load_dataset, pack_dataset, save_packed
from measurements.models import Dataset
from samples.facts import replace_facts, subject_for
from samples.models import Origin

TIME_LIMIT_SECONDS = 900.0
MEMORY_LIMIT_BYTES = 4 * 1024**3


class AnalysisChanged(AnalysisError):
    """The code is no longer the one that was asked for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out, its datasets packed and ready to become rows."""

    result: Result
    packed: dict[str, Packed]


def work(run, control) -> Outcome:
    """Analyse what a run names; writes no rows."""
    spec = _find_spec(run)
    control.progress(0.0, "reading the data")
    entries = list(run.inputs.select_related("dataset__blob"))
    datasets = [_as_asked(run, entry.dataset) for entry in entries]
    parameters = spec.clean_parameters(run.parameters)
    result = spec.apply(datasets, parameters, progress=control.progress)
    control.progress(1.0, "storing the result")
    if not spec.gathers and (note := _which_of_several(entries[0].dataset)):
        result = replace(result, remarks=(*result.remarks, note))
    packed = {role: pack_dataset(made) for role, made in result.datasets.items()}
    return Outcome(result, packed)


def _as_asked(run, row):
    """The dataset, named, with the conditions that were known when it was asked."""
    dataset = load_dataset(row)
    conditions = run.conditions.get(str(row.uuid))
    if conditions is None:
        return dataset
    return dataset.with_metadata(conditions=conditions, name=row.name)


def finish(run, outcome) -> None:
    """Keep values, datasets and facts in the transaction that makes the run done."""
    result, origin = outcome.result, analyses.origin(run.analysis)
    run.environment = describe_environment(origin)
    run.distribution, run.distribution_version = origin.name, origin.version
    run.result = result.to_json(
        quantities=quantities, flags=analyses[run.analysis].flags
    )
    run.save(
        update_fields=["environment", "distribution", "distribution_version", "result"]
    )
    for role, packed in sorted(outcome.packed.items()):
        dataset = save_packed(
            packed,
            measurement=run.measurement,
            name=role,
            identity=_identity(run, role),
            is_result=True,
        )
        RunDataset.objects.create(run=run, dataset=dataset, role=role)
    PropertyValue.objects.bulk_create(_values_of(run, result))
    replace_facts(sample_ids=[run.measurement.sample_id])
    told_of_end(run)


def _find_spec(run):
    spec = analyses.get(run.analysis)
    if spec is None:
        raise AnalysisChanged(f"The analysis {run.analysis!r} is no longer installed.")
    if spec.version != run.version:
        raise AnalysisChanged(
            f"{spec.label} went from version {run.version} to {spec.version} before "
            "this run began: ask again."
        )
    return spec


def _which_of_several(row):
    """Say which dataset of a measurement was analysed, where it has several."""
    siblings = Dataset.objects.current().filter(
        measurement_id=row.measurement_id, is_result=False, region__isnull=True
    )
    count = siblings.count()
    if count < 2:
        return ""
    return f"The measurement holds {count} datasets; this is the result of {row.name}."


def _identity(run, role):
    """Hash of where a result comes from: this run, and what the curve is in it."""
    return hashlib.sha256(f"run:{run.uuid}:{role}".encode()).hexdigest()


def _values_of(run, result):
    measurement = run.measurement
    seen = measurement.subject
    subject = subject_for(
        sample=measurement.sample,
        process=seen.process,
        relation=seen.relation,
        cell=run.cell,
    )
    simulated = measurement.origin == Origin.SIMULATED
    origin = Origin.SIMULATED if simulated else Origin.COMPUTED
    return [
        PropertyValue(
            project_id=run.project_id,
            sample_id=measurement.sample_id,
            subject=subject,
            run=run,
            measurement=measurement,
            quantity=item.quantity,
            label=item.label,
            is_default=item.is_default,
            value=item.estimate.value,
            uncertainty=item.estimate.uncertainty,
            low=item.estimate.low,
            high=item.estimate.high,
            bound=item.estimate.bound,
            flags=list(item.estimate.flags),
            origin=origin,
            created_by_id=run.created_by_id,
        )
        for item in result.estimates
    ]


RUN = kinds.add(
    JobKind(
        key="analysis.run",
        model="analysis.AnalysisRun",
        work=work,
        finish=finish,
        closed=told_of_end,
        data_errors=(AnalysisError, InvalidDataset),
        activity="analysing the data",
        time_limit_seconds=TIME_LIMIT_SECONDS,
        memory_limit_bytes=MEMORY_LIMIT_BYTES,
    )
)
