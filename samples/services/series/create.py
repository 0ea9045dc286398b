"""Saving a series at once: its mixtures, samples, processes and their facts."""

from dataclasses import dataclass
from typing import Unpack

from django.contrib.auth.models import User
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from labdata.common.people.access import Project, require_write
from labdata.common.record.names import refuses_unknown_names
from samples.facts import replace_facts
from samples.models import (
    Ancestry,
    Batch,
    Component,
    Composition,
    Process,
    ProcessInput,
    ProcessOutput,
    Sample,
    Segment,
)
from samples.services.lineage import refresh_ancestry
from samples.services.materials import create_material
from samples.services.references import resolve_batch
from samples.services.series.plan import COMPOUNDS, SeriesFields, plan_series

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Series:
    """What was created: the samples in the order of the rows, and the mixtures."""

    batch: Batch
    samples: list
    precursors: list
    processes: list


@refuses_unknown_names
@transaction.atomic
def create_series(
    *, user: User, project: Project, **told: Unpack[SeriesFields]
) -> Series:
    """Create the samples of a series with their mixtures and processes, or nothing.

    Parameters
    ----------
    **told
        As `plan_series`.

    Raises
    ------
    ValidationError
        By field; what is wrong of single rows under ``rows``, by index and column.
    """
    require_write(user, project)
    plan = plan_series(user=user, project=project, **told)
    if not plan.is_sound:
        plan.refuse()
    batch = resolve_batch(project, plan.batch, user=user)
    compositions = _compositions(plan, user)
    precursors = _samples(plan, user, batch, plan.precursors, plan.precursor_kind)
    samples = _samples(plan, user, batch, plan.kept, plan.kind)
    for made, planned in ((precursors, plan.precursors), (samples, plan.kept)):
        for sample, row in zip(made, planned, strict=True):
            sample.composition = compositions.get(row.composition)
    precursors = bulk_create_with_history(precursors, Sample, batch_size=AT_ONCE)
    samples = bulk_create_with_history(samples, Sample, batch_size=AT_ONCE)
    new = [sample.pk for sample in (*precursors, *samples)]
    Ancestry.objects.bulk_create(
        [Ancestry(ancestor_id=pk, descendant_id=pk, depth=0) for pk in new],
        batch_size=AT_ONCE,
    )
    mixture_of = {
        planned.code: sample
        for planned, sample in zip(plan.precursors, precursors, strict=True)
    }
    processes = _processes(plan, batch, precursors, samples, mixture_of)
    refresh_ancestry(sample_ids=new)
    replace_facts(sample_ids=new)
    return Series(batch, samples, precursors, processes)


def _compositions(plan, user):
    """One composition for all samples that share it; new materials come first."""
    materials = dict(plan.materials)
    for name, formula in plan.missing_materials.items():
        materials[name] = create_material(
            user=user,
            project=plan.project,
            name=name,
            formula="" if formula is None else str(formula),
        )
    parsed = {row.composition: row.parsed for row in plan.kept if row.composition}
    made = {
        text: Composition(
            project=plan.project,
            basis=one.basis,
            text=text,
            formula=_formula(one),
            created_by=user,
        )
        for text, one in parsed.items()
    }
    Composition.objects.bulk_create(made.values(), batch_size=AT_ONCE)
    Component.objects.bulk_create(
        [
            Component(
                composition=made[text],
                position=position,
                material=materials[component.name],
                amount=component.amount,
            )
            for text, one in parsed.items()
            for position, component in enumerate(_components(one, materials))
        ],
        batch_size=AT_ONCE,
    )
    return made


def _formula(parsed):
    is_compound = parsed.formula is not None and parsed.style in COMPOUNDS
    return str(parsed.formula) if is_compound else ""


def _components(parsed, materials):
    if parsed.style == "alloy":
        return []
    return [one for one in parsed.components if one.name in materials]


def _samples(plan, user, batch, rows, kind):
    return [
        Sample(
            project=plan.project,
            code=row.code,
            kind=kind,
            batch=batch,
            owner=user,
            created_by=user,
        )
        for row in rows
    ]


def _processes(plan, batch, precursors, samples, mixture_of):
    """The acts that made the mixtures and the samples, with what went in and out."""
    acts, inputs, outputs, segments = [], [], [], []

    def add(template, row, sample, entries):
        act = _like(template, batch, getattr(row, "parameters", {}))
        acts.append(act)
        outputs.append((act, sample))
        inputs.extend((act, entry) for entry in entries)
        segments.extend(
            (act, position, segment)
            for position, segment in enumerate(getattr(row, "segments", ()))
        )

    if plan.mixing is not None:
        for row, sample in zip(plan.precursors, precursors, strict=True):
            add(plan.mixing, row, sample, row.inputs)
    if plan.process is not None:
        for row, sample in zip(plan.kept, samples, strict=True):
            entries = row.inputs
            if row.precursor is not None:
                mixture = mixture_of[row.precursor.code]
                entries = [{"sample": mixture, "amount": None, "unit": ""}]
            add(plan.process, row, sample, entries)
    bulk_create_with_history(acts, Process, batch_size=AT_ONCE)
    bulk_create_with_history(
        [ProcessInput(process=act, **entry) for act, entry in inputs],
        ProcessInput,
        batch_size=AT_ONCE,
    )
    bulk_create_with_history(
        [ProcessOutput(process=act, sample=sample) for act, sample in outputs],
        ProcessOutput,
        batch_size=AT_ONCE,
    )
    bulk_create_with_history(
        [_segment(act, position, one) for act, position, one in segments],
        Segment,
        batch_size=AT_ONCE,
    )
    return acts


def _like(template, batch, parameters):
    return Process(
        project=template.project,
        kind=template.kind,
        name=template.name,
        state=template.state,
        batch=batch,
        protocol=template.protocol,
        protocol_version=template.protocol_version,
        started_at=template.started_at,
        started_precision=template.started_precision,
        started_zone=template.started_zone,
        operator=template.operator,
        parameters=parameters,
        notes=template.notes,
        extra=template.extra,
        created_by=template.created_by,
    )


def _segment(act, position, segment):
    told = {key: value for key, value in segment.as_dict().items() if value is not None}
    return Segment(process=act, position=position, **told)
