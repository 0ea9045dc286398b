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
    Fact,
    Relation,
    Sample,
    Subject,
    Variable,
)
from samples.models.facts import PROMOTED_COLUMNS
from samples.recorded import Recorded, in_place_acts

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


Producer = Callable[[Recorded], Iterable[FactRow]]
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
    held = list(
        Sample.objects.select_for_update()
        .filter(pk__in=sample_ids)
        .order_by("pk")
        .values_list("pk", "project_id", "archived_at")
    )
    projects = {pk: project for pk, project, _ in held}
    living = [pk for pk, _, archived_at in held if archived_at is None]
    recorded = Recorded(projects)
    _ensure_states(recorded)
    if len(living) < len(held):
        recorded = Recorded(living)
    rows, variables = _computed(recorded)
    ids = _ids_of_variables(rows, variables)
    Fact.objects.filter(sample_id__in=sample_ids).delete()
    insert_facts(rows, projects, ids, _promoted(rows))


def compute_facts(sample_ids):
    """What the facts of these samples should be, from the records alone.

    Archived samples have none. Rows come sorted, so that two computations compare.
    """
    living = Sample.objects.current().filter(pk__in=sample_ids).order_by("pk")
    rows, _ = _computed(Recorded(living.values_list("pk", flat=True)))
    return rows


def _computed(recorded):
    """The facts that follow from what is recorded, and the variables known by key."""
    if not recorded.sample_ids:
        return [], {}
    rows = [row for producer in _producers.values() for row in producer(recorded)]
    rows.sort(key=lambda row: (row.subject_id, row.variable.key, row.label))
    keys = {row.variable.key for row in rows}
    known = Variable.objects.filter(key__in=keys).order_by()
    variables = {variable.key: variable for variable in known}
    return _in_one_unit(rows, variables), variables


def _in_one_unit(rows, variables):
    """Bring the rows of each variable to its unit, the one it was first given in.

    What does not convert, or is text where the variable is a number, is kept as text:
    shown with the sample, but never plotted as if it were comparable.
    """
    specs = {}
    for row in rows:
        specs.setdefault(row.variable.key, row.variable)
    for key, variable in variables.items():
        specs[key] = replace(specs[key], unit=variable.unit or None, kind=variable.kind)
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


def _ensure_states(recorded):
    """Make the states that follow from the acts on the samples, where they lack."""
    things = [(pk, None) for pk in recorded.sample_ids] + [
        (cell.sample_id, cell.pk)
        for cell in recorded.cells.values()
        if cell.archived_at is None
    ]
    wanted = {
        (sample, cell, process, relation)
        for sample, cell in things
        for process, relation in [
            (None, Relation.AS_MADE.value),
            *((a.pk, Relation.AFTER.value) for a in recorded.acts.get(sample, ())),
        ]
    }
    there = {
        (state.sample_id, state.cell_id, state.process_id, state.relation)
        for state in recorded.states
    }
    missing = wanted - there
    if missing:
        recorded.make_states(sorted(missing, key=str))


def _ids_of_variables(rows, variables):
    """Ids of the variables of the facts by key; those that are new are made."""
    known = {key: variable.pk for key, variable in variables.items()}
    missing = {
        row.variable.key: row.variable for row in rows if row.variable.key not in known
    }
    if missing:
        Variable.objects.bulk_create(
            [
                Variable(
                    key=spec.key,
                    label=spec.label,
                    unit=spec.unit or "",
                    kind=spec.kind,
                )
                for spec in missing.values()
            ],
            ignore_conflicts=True,
        )
        made = Variable.objects.filter(key__in=list(missing))
        known |= dict(made.values_list("key", "pk"))
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
