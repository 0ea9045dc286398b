"""Importing a table of cells: devices, cells, ageing and values, all or nothing."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from simple_history.utils import (
    bulk_create_with_history,
    bulk_update_with_history,
)

from analysis.cell_tables.meanings import AGED, ROLES
from analysis.cell_tables.plan import CellPlan
from analysis.models import PropertyValue
from analysis.services.typed_values import TYPED_ORIGINS, read_reference
from labdata.common.api.errors import NestedValidationError
from labdata.common.measures.quantities import quantities
from labdata.common.people.access import Project, require_write
from labdata.common.record.edits import hold_many
from labdata.common.record.history import ChangeSet, current_change_set_id
from samples.facts import replace_facts
from samples.models import (
    Ancestry,
    Cell,
    Layer,
    Process,
    ProcessInput,
    ProcessOutput,
    Relation,
    Sample,
    Stack,
    Subject,
)
from samples.services.materials import create_material
from samples.services.references import resolve_batch
from samples.services.times import parse_time

AT_ONCE = 500
FACTS_AT_ONCE = 1000
MOST_ROW_ERRORS = 200


@dataclass(frozen=True, slots=True)
class ImportedCells:
    """What an import made; ``act`` is the public id by which it is taken back."""

    act: str
    samples: list
    cells: list
    values: int
    ageing: list
    has_existing: bool


@transaction.atomic
def import_cells(
    *,
    user: User,
    project: Project,
    plan: CellPlan,
    origin: str,
    reference: Mapping[str, Any] | None = None,
    note: str = "",
) -> ImportedCells:
    """Write what a plan says.

    Parameters
    ----------
    plan : analysis.cell_tables.plan.CellPlan
    origin : str
        ``reported``, ``manual`` or ``simulated``.
    reference : dict, optional
        ``doi`` and ``locator`` of the publication.

    Raises
    ------
    ValidationError
        By field, the rows by their line under ``rows``; nothing is written then.
    """
    require_write(user, project)
    if origin not in TYPED_ORIGINS:
        known = ", ".join(TYPED_ORIGINS)
        raise ValidationError({"origin": f"{origin!r} is not one of {known}."})
    doi, locator = read_reference(reference)
    refuse(plan)
    act = current_change_set_id()
    samples, new = _samples(plan, project, user)
    cells = _cells(plan, samples)
    _layers(plan, project, user, {sample.code: sample for sample in new})
    _making(plan, project, user, {sample.code: sample for sample in new})
    acts = _ageing(plan, project, user, samples)
    subjects = _subjects(plan, samples, cells, acts)
    values = []
    for row in plan.rows:
        sample, cell = samples[row.code], cells[row.code, row.cell]
        for use, measured in row.values:
            process = acts[_conditions(row)] if use.state == AGED else None
            values.append(
                PropertyValue(
                    project=project,
                    sample=sample,
                    subject_id=subjects[cell.pk, process and process.pk],
                    quantity=use.to,
                    label=label_of(use, plan.hours),
                    is_default=True,
                    value=measured.value,
                    uncertainty=measured.uncertainty,
                    bound=measured.bound,
                    origin=origin,
                    reference_doi=doi,
                    reference_locator=locator,
                    note=note or "",
                    created_by=user,
                )
            )
    PropertyValue.objects.bulk_create(values, batch_size=AT_ONCE)
    ids = sorted(sample.pk for sample in samples.values())
    for start in range(0, len(ids), FACTS_AT_ONCE):
        replace_facts(sample_ids=ids[start : start + FACTS_AT_ONCE])
    return ImportedCells(
        act=str(ChangeSet.objects.get(pk=act).uuid),
        samples=new,
        cells=list(cells.values()),
        values=len(values),
        ageing=list(acts.values()),
        has_existing=bool(plan.existing),
    )


@transaction.atomic
def archive_import(*, user: User, act: str | UUID) -> int:
    """Put away the samples that came with an import; answers how many.

    Raises
    ------
    ValidationError
        If the act made no sample that is still there.
    """
    made = Sample.history.filter(change_set__uuid=act, history_type="+")
    there = Sample.objects.visible_to(user).filter(pk__in=made.values("id"))
    samples = list(hold_many(there).current().select_related("project"))
    if not samples:
        raise ValidationError({"act": "Nothing of this import is left to put away."})
    for project in {sample.project for sample in samples}:
        require_write(user, project)
    moment = timezone.now()
    for sample in samples:
        sample.archived_at = moment
        sample.version += 1
    bulk_update_with_history(
        samples, Sample, ["archived_at", "version"], batch_size=AT_ONCE
    )
    ids = [sample.pk for sample in samples]
    for start in range(0, len(ids), FACTS_AT_ONCE):
        replace_facts(sample_ids=ids[start : start + FACTS_AT_ONCE])
    return len(samples)


def refuse(plan):
    """Raise what is wrong with a plan, if anything is."""
    if plan.is_sound:
        return
    errors = dict(plan.errors)
    wrong = plan.wrong_rows[:MOST_ROW_ERRORS]
    if wrong:
        errors["rows"] = {row.line: row.errors for row in wrong}
    raise NestedValidationError(errors)


def label_of(use, hours):
    """The label of a value; of quantities at a time, the hours of the ageing."""
    if use.label or use.state != AGED:
        return use.label
    quantity = quantities[use.to]
    return f"{hours:g} h" if quantity.labels.startswith("time") else ""


def _samples(plan, project, user):
    """The device of each code, and those that are new."""
    batches, batch_of = {}, {}
    for row in plan.rows:
        batch_of.setdefault(row.code, row.batch)
    for code in dict.fromkeys(batch_of.values()):
        batches[code] = resolve_batch(project, code, user=user)
    new = [
        Sample(
            project=project,
            code=code,
            kind=Sample.Kind.DEVICE,
            batch=batches[batch_of[code]],
            owner=user,
            created_by=user,
        )
        for code in plan.devices
        if code not in plan.existing
    ]
    new = bulk_create_with_history(new, Sample, batch_size=AT_ONCE)
    Ancestry.objects.bulk_create(
        [Ancestry(ancestor=one, descendant=one, depth=0) for one in new],
        batch_size=AT_ONCE,
    )
    return {**plan.existing, **{sample.code: sample for sample in new}}, new


def _cells(plan, samples):
    """The cell of each row, areas filled in where they were not known."""
    there = {
        (cell.sample_id, cell.label): cell
        for cell in Cell.objects.filter(sample__in=plan.existing.values())
    }
    places = defaultdict(int)
    for sample_id, _ in there:
        places[sample_id] += 1
    found, new, filled = {}, [], []
    for row in plan.rows:
        sample = samples[row.code]
        cell = there.get((sample.pk, row.cell))
        if cell is None:
            cell = Cell(sample=sample, label=row.cell, position=places[sample.pk])
            places[sample.pk] += 1
            new.append(cell)
        elif any(getattr(cell, name) is None for name in row.areas):
            filled.append(cell)
        for name, area in row.areas.items():
            setattr(cell, name, area)
        found[row.code, row.cell] = cell
    made = bulk_create_with_history(new, Cell, batch_size=AT_ONCE)
    for cell in filled:
        cell.save()
    codes = {sample.pk: code for code, sample in samples.items()}
    return found | {(codes[cell.sample_id], cell.label): cell for cell in made}


def _layers(plan, project, user, new):
    """Stacks of the new devices, as far as the table tells them."""
    materials = dict(plan.materials)
    for name in plan.missing_materials:
        materials[name] = create_material(user=user, project=project, name=name)
    told = defaultdict(dict)
    for row in plan.rows:
        for (role, part), value in row.layers.items():
            told[row.code].setdefault(role, {})[part] = value
    stacks = {code: Stack(sample=new[code]) for code in told}
    if not stacks:
        return
    made = bulk_create_with_history(stacks.values(), Stack, batch_size=AT_ONCE)
    stacks = {stack.sample.code: stack for stack in made}
    layers = [
        Layer(
            stack=stacks[code],
            position=position,
            role=role,
            material=materials.get(roles[role].get("material")),
            thickness=roles[role].get("thickness"),
        )
        for code, roles in told.items()
        for position, role in enumerate(role for role in ROLES if role in roles)
    ]
    bulk_create_with_history(layers, Layer, batch_size=AT_ONCE)


def _making(plan, project, user, new):
    """One act for all new devices that were made on one day by one person."""
    groups = {}
    for row in plan.rows:
        if any(row.made) and row.code in new:
            groups.setdefault(row.made, {})[row.code] = new[row.code]
    acts, outputs = [], []
    for (day, operator), samples in groups.items():
        time = parse_time(day, field="sample.made_on")
        act = Process(
            project=project,
            kind=Process.Kind.GENERAL,
            name="Devices made",
            started_at=time.moment,
            started_precision=time.precision,
            started_zone=time.zone,
            operator=operator,
            created_by=user,
        )
        acts.append(act)
        outputs += [(act, sample) for sample in samples.values()]
    bulk_create_with_history(acts, Process, batch_size=AT_ONCE)
    bulk_create_with_history(
        [ProcessOutput(process=act, sample=sample) for act, sample in outputs],
        ProcessOutput,
        batch_size=AT_ONCE,
    )


def _conditions(row):
    return tuple(sorted((key, str(value)) for key, value in row.conditions.items()))


def _ageing(plan, project, user, samples):
    """One act in place for all devices that aged under the same conditions."""
    if plan.hours is None:
        return {}
    acts, aged = {}, defaultdict(dict)
    for row in plan.rows:
        key = _conditions(row)
        if key not in acts:
            acts[key] = Process(
                project=project,
                kind=Process.Kind.AGEING,
                name=f"Ageing {plan.hours:g} h",
                in_place=True,
                parameters={**plan.ageing, **row.conditions},
                created_by=user,
            )
        aged[key][row.code] = samples[row.code]
    made = bulk_create_with_history(acts.values(), Process, batch_size=AT_ONCE)
    acts = dict(zip(acts, made, strict=True))
    bulk_create_with_history(
        [
            ProcessInput(process=acts[key], sample=sample)
            for key, inputs in aged.items()
            for sample in inputs.values()
        ],
        ProcessInput,
        batch_size=AT_ONCE,
    )
    return acts


def _subjects(plan, samples, cells, acts):
    """Ids of the states of each cell: as made, and after its ageing."""
    wanted = {}
    for row in plan.rows:
        sample, cell = samples[row.code], cells[row.code, row.cell]
        wanted[cell.pk, None] = sample.pk
        if acts:
            wanted[cell.pk, acts[_conditions(row)].pk] = sample.pk
    there = _known_subjects(cells)
    Subject.objects.bulk_create(
        [
            Subject(
                sample_id=sample,
                cell_id=cell,
                process_id=process,
                relation=Relation.AFTER if process else Relation.AS_MADE,
            )
            for (cell, process), sample in wanted.items()
            if (cell, process) not in there
        ],
        batch_size=AT_ONCE,
    )
    return _known_subjects(cells)


def _known_subjects(cells):
    states = Subject.objects.filter(
        cell_id__in=[cell.pk for cell in cells.values()],
        relation__in=[Relation.AS_MADE, Relation.AFTER],
    )
    return {
        (cell, process): pk
        for pk, cell, process in states.values_list("pk", "cell_id", "process_id")
    }
