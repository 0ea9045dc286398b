"""Putting stacks that were read on samples, many at once: layers and cells."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from labdata.common.api.errors import NestedValidationError
from samples.formula import CompositionError
from samples.models import Cell, Layer, Sample, Stack
from samples.services.compositions import create_composition, read_composition
from samples.services.materials import create_material
from samples.services.references import find_materials
from samples.services.stack_reading import CELL_NUMBERS

AT_ONCE = 500
SIZES = ("thickness", "thickness_uncertainty")
DETAILS = ("method", "rate", "steps", "solution", "program", "notes")
WHOLE = ("architecture", "substrate_width", "substrate_height")


def write_stacks(
    *,
    user: User,
    samples: Sequence[Sample],
    stacks: Sequence[Mapping[str, Any]],
    create_materials: bool = False,
) -> None:
    """Put one stack on each sample; the samples' layers before it are gone already.

    Facts are the caller's to replace.

    Parameters
    ----------
    samples : list of Sample
        Of one project; each gets its ``stack``.
    stacks : list of dict
        As `read_stack` gives them, one for each sample.

    Raises
    ------
    ValidationError
        Under ``layers``, for materials that are not known.
    """
    substances = _substances(user, samples[0].project, stacks, create_materials)
    _set_whole(samples, stacks)
    layers = [
        Layer(
            stack=sample.stack,
            position=position,
            role=layer["role"],
            **{key: layer[key] for key in (*SIZES, *DETAILS) if key in layer},
            **substances.get(substance_of(layer), {}),
        )
        for sample, stack in zip(samples, stacks, strict=True)
        for position, layer in enumerate(stack["layers"])
    ]
    if layers:
        bulk_create_with_history(layers, Layer, batch_size=AT_ONCE)
    _set_cells(samples, stacks)


def _set_whole(samples, stacks):
    there = {
        stack.sample_id: stack for stack in Stack.objects.filter(sample__in=samples)
    }
    new = []
    for sample, stack in zip(samples, stacks, strict=True):
        row = there.get(sample.pk) or Stack(sample=sample)
        for key in WHOLE:
            setattr(row, key, stack[key])
        if row.pk is None:
            new.append(row)
        else:
            row.save()
        sample.stack = row
    if new:
        bulk_create_with_history(new, Stack, batch_size=AT_ONCE)


def substance_of(layer):
    """What a layer is written to be of: which field says it, and its text."""
    for key in ("material", "composition"):
        if key in layer:
            return key, layer[key]
    return None


def unknown_substances(project, substances):
    """Say of each substance that cannot be used in a project what is wrong with it.

    Parameters
    ----------
    substances : set of (str, str)
        As `substance_of` gives them.

    Returns
    -------
    dict
        Faults by substance; empty where all are known.
    """
    known = find_materials(project, [text for key, text in substances])
    faults = {}
    for key, text in substances:
        if key == "material" and text not in known:
            faults[key, text] = _not_known(text)
        elif key == "composition":
            try:
                parsed = read_composition(project, text)
            except CompositionError as error:
                faults[key, text] = str(error)
                continue
            names = [] if parsed.formula else [one.name for one in parsed.components]
            named = find_materials(project, names)
            if missing := [name for name in names if name not in named]:
                faults[key, text] = _not_known(", ".join(missing))
    return faults


def _not_known(name):
    return (
        f"{name} is not known as a material yet. Spell it as it is known, or have it "
        "added."
    )


def _substances(user, project, stacks, create_materials):
    """What each layer is of, by what was written; each is looked up or made once."""
    places = {}
    for stack in stacks:
        for index, layer in enumerate(stack["layers"]):
            if substance := substance_of(layer):
                places.setdefault(substance, index)
    known = find_materials(project, [text for key, text in places if key == "material"])
    found, errors = {}, {}
    for (key, text), index in places.items():
        try:
            if key == "composition":
                made = create_composition(
                    user=user,
                    project=project,
                    value=text,
                    create_materials=create_materials,
                )
            elif text in known:
                made = known[text]
            elif create_materials:
                made = create_material(user=user, project=project, name=text)
            else:
                raise ValidationError(_not_known(text))
        except ValidationError as error:
            errors.setdefault(str(index), {})[key] = error.messages
        else:
            found[key, text] = {key: made}
    if errors:
        raise NestedValidationError({"layers": errors})
    return found


def _set_cells(samples, stacks):
    there = {}
    for cell in Cell.objects.filter(sample__in=samples):
        there.setdefault(cell.sample_id, {})[cell.label] = cell
    new = []
    for sample, stack in zip(samples, stacks, strict=True):
        before = there.get(sample.pk, {})
        for position, one in enumerate(stack["cells"]):
            values = {key: one.get(key) for key in CELL_NUMBERS}
            values |= {"notes": one.get("notes", ""), "position": position}
            cell = before.pop(one["label"], None)
            if cell is None:
                new.append(Cell(sample=sample, label=one["label"], **values))
            else:
                _change(cell, values)
        for cell in before.values():
            if cell.archived_at is None:
                _remove(cell)
    if new:
        bulk_create_with_history(new, Cell, batch_size=AT_ONCE)


def _change(cell, values):
    changed = [key for key, value in values.items() if getattr(cell, key) != value]
    if changed or cell.archived_at:
        for key in changed:
            setattr(cell, key, values[key])
        cell.archived_at = None
        cell.save()


def _remove(cell):
    """Delete a cell nothing was measured on; another is put away."""
    try:
        with transaction.atomic():
            if any(
                subject.measurements.exists() or subject.property_values.exists()
                for subject in cell.subjects.all()
            ):
                raise ProtectedError("values are of it", {cell})
            cell.delete()
    except ProtectedError:
        cell.archived_at = timezone.now()
        cell.save()
