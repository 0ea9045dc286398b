"""The fact table's one way in: everything known of a sample, recomputed whole.

Each app registers a producer that reads its own tables and says what it knows about
a batch of samples. Facts are replaced per sample in the transaction of the change
that made them stale, so they always equal a recomputation from history.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction

from labdata.common.measures.units import UnitError, convert, convert_uncertainty
from labdata.common.variables import VariableSpec
from samples.fact_rows import insert_facts
from samples.models import (
    Ancestry,
    Cell,
    Fact,
    Process,
    Relation,
    Sample,
    Subject,
    Variable,
)
from samples.models.facts import PROMOTED_COLUMNS

REBUILD_CHUNK = 500


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact as a producer states it."""

    subject_id: int
    sample_id: int
    variable: VariableSpec
    label: str = ""
    is_default: bool = True
    value: float | None = None
    text: str = ""
    uncertainty: float | None = None
    low: float | None = None
    high: float | None = None
    bound: str = "="
    flags: tuple[str, ...] = ()
    origin: str = "manual"
    source: object = None


Producer = Callable[[list[int]], Iterable[FactRow]]
_producers: dict[str, Producer] = {}


def register_producer(name: str, producer: Producer) -> None:
    """Add an app's producer; called once from its AppConfig."""
    if name in _producers:
        raise ValueError(f"fact producer {name!r} is registered twice")
    _producers[name] = producer


def subject_for(*, sample, process=None, relation=Relation.AS_MADE, cell=None):
    """The subject of a sample, or a cell of it, in a state; made on first need."""
    if process is None:
        relation = Relation.AS_MADE
    subject, _ = Subject.objects.get_or_create(
        sample=sample, cell=cell, process=process, relation=relation
    )
    return subject


def default_subject(*, sample, measured_at=None, cell=None):
    """The state to assume where none was named: after the latest act on the sample.

    Only acts that were done, and that are not known to have begun after the
    measurement, can have changed what was measured.
    """
    acts = in_place_acts([sample.pk]).get(sample.pk, [])
    if measured_at is not None:
        acts = [
            act
            for act in acts
            if act.started_at is None or act.started_at <= measured_at
        ]
    if not acts:
        return subject_for(sample=sample, cell=cell)
    return subject_for(
        sample=sample, process=acts[-1], relation=Relation.AFTER, cell=cell
    )


def in_place_acts(sample_ids):
    """Map each sample to the done acts on it, in the order they happened.

    An act without a time counts as done when it was recorded.
    """
    found = {}
    processes = (
        Process.objects.current()
        .done()
        .filter(in_place=True, inputs__sample_id__in=sample_ids)
        .prefetch_related("inputs", "program")
        .distinct()
    )
    for process in sorted(processes, key=happened):
        for entry in process.inputs.all():
            if entry.sample_id is not None:
                found.setdefault(entry.sample_id, []).append(process)
    return found


def happened(process):
    """Sort key of acts: when it began, or was recorded, then the order of entry."""
    return (process.started_at or process.created_at, process.pk)


def with_descendants(sample_ids):
    """The samples and everything made from them."""
    return list(
        Ancestry.objects.filter(ancestor_id__in=list(sample_ids))
        .values_list("descendant_id", flat=True)
        .distinct()
    )


@transaction.atomic
def replace_facts(*, sample_ids) -> None:
    """Recompute every fact of the given samples (and of no others)."""
    sample_ids = sorted(set(sample_ids))
    if not sample_ids:
        return
    # Two workers may finish fits on one sample at once: the second waits here and
    # then reads what the first committed.
    projects = dict(
        Sample.objects.select_for_update()
        .filter(pk__in=sample_ids)
        .order_by("pk")
        .values_list("pk", "project_id")
    )
    _ensure_subjects(sample_ids)
    rows = compute_facts(sample_ids)
    variables = _variables_of(rows)
    promoted = _promoted(rows)
    Fact.objects.filter(sample_id__in=sample_ids).delete()
    insert_facts(rows, projects, variables, promoted)


def compute_facts(sample_ids):
    """What the facts of these samples should be, from the records alone.

    Archived samples have none. Rows come sorted, so that two computations compare.
    """
    living = list(
        Sample.objects.current().filter(pk__in=sample_ids).values_list("pk", flat=True)
    )
    if not living:
        return []
    rows = [row for producer in _producers.values() for row in producer(living)]
    rows.sort(key=lambda row: (row.subject_id, row.variable.key, row.label))
    return _in_one_unit(rows)


def _in_one_unit(rows):
    """Bring the rows of each variable to its unit, the one it was first given in.

    What does not convert, or is text where the variable is a number, is kept as text:
    shown with the sample, but never plotted as if it were comparable.
    """
    specs = {}
    for row in rows:
        specs.setdefault(row.variable.key, row.variable)
    for variable in Variable.objects.filter(key__in=list(specs)):
        specs[variable.key] = replace(
            specs[variable.key], unit=variable.unit or None, kind=variable.kind
        )
    return [_fitted(row, specs[row.variable.key]) for row in rows]


def _fitted(row, spec):
    if row.variable == spec:
        return row
    if row.value is None or row.variable.unit == spec.unit:
        return replace(row, variable=spec)
    given = row.variable.unit or "1"
    try:
        factor = convert_uncertainty(1.0, given, spec.unit or "1")
        moved = {
            name: convert(number, given, spec.unit or "1")
            for name in ("value", "low", "high")
            if (number := getattr(row, name)) is not None
        }
    except UnitError:
        return replace(row, variable=spec, value=None, text=f"{row.value:g} {given}")
    if row.uncertainty is not None:
        moved["uncertainty"] = row.uncertainty * abs(factor)
    return replace(row, variable=spec, **moved)


def rebuild_facts(progress=None) -> int:
    """Recompute the facts of every sample; answers how many samples were done."""
    ids = list(Sample.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), REBUILD_CHUNK):
        replace_facts(sample_ids=ids[start : start + REBUILD_CHUNK])
        if progress:
            progress(min(start + REBUILD_CHUNK, len(ids)), len(ids))
    return len(ids)


def _ensure_subjects(sample_ids):
    acts = in_place_acts(sample_ids)
    states = {
        pk: [
            (None, Relation.AS_MADE.value),
            *((act.pk, Relation.AFTER.value) for act in acts.get(pk, [])),
        ]
        for pk in sample_ids
    }
    things = [(pk, None) for pk in sample_ids] + list(
        Cell.objects.filter(
            sample_id__in=sample_ids, archived_at__isnull=True
        ).values_list("sample_id", "pk")
    )
    wanted = {(*thing, *state) for thing in things for state in states[thing[0]]}
    there = set(
        Subject.objects.filter(sample_id__in=sample_ids).values_list(
            "sample_id", "cell_id", "process_id", "relation"
        )
    )
    missing = wanted - there
    if missing:
        Subject.objects.bulk_create(
            [
                Subject(
                    sample_id=sample,
                    cell_id=cell,
                    process_id=process,
                    relation=relation,
                )
                for sample, cell, process, relation in sorted(missing, key=str)
            ],
            ignore_conflicts=True,
        )


def _variables_of(rows):
    specs = {row.variable.key: row.variable for row in rows}
    known = dict(Variable.objects.filter(key__in=list(specs)).values_list("key", "pk"))
    missing = [spec for key, spec in specs.items() if key not in known]
    if missing:
        Variable.objects.bulk_create(
            [
                Variable(
                    key=spec.key,
                    label=spec.label,
                    unit=spec.unit or "",
                    kind=spec.kind,
                )
                for spec in missing
            ],
            ignore_conflicts=True,
        )
        known = dict(
            Variable.objects.filter(key__in=list(specs)).values_list("key", "pk")
        )
    return known


def _promoted(rows):
    columns = dict(
        zip(settings.LABDATA_PROMOTED_DESCRIPTORS, PROMOTED_COLUMNS, strict=False)
    )
    promoted = {}
    for row in rows:
        column = columns.get(row.variable.key)
        if column and row.is_default:
            promoted.setdefault(row.subject_id, {})[column] = row.value
    return promoted
