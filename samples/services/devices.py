"""Layer stacks and the cells on them: read, keep, describe, plan."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from labdata.common.access import require_write
from labdata.common.api.errors import NestedValidationError
from samples.facts import replace_facts, with_descendants
from samples.models import Cell, Layer, Sample, SavedStack, Stack
from samples.services.compositions import create_composition
from samples.services.materials import create_material
from samples.services.references import find_materials
from samples.services.samples import create_sample
from samples.services.stack_reading import CELL_NUMBERS, read_stack

AT_ONCE = 500
DETAILS = ("method", "rate", "steps", "solution", "program", "notes")
SIZES = ("thickness", "thickness_uncertainty")


@transaction.atomic
def create_device(
    *,
    user,
    project,
    code,
    kind=Sample.Kind.DEVICE,
    stack=None,
    create_materials=False,
    **values,
):
    """Log a sample together with its layer stack and cells.

    Parameters
    ----------
    stack : dict, optional
        Described as `read_stack` takes it.
    **values
        As `create_sample`.

    Raises
    ------
    ValidationError
        By field; layers and cells by index.
    """
    sample = create_sample(
        user=user,
        project=project,
        code=code,
        kind=kind,
        create_materials=create_materials,
        **values,
    )
    _write(user, [sample], [read_stack(stack or {})], create_materials)
    replace_facts(sample_ids=[sample.pk])
    return sample


@transaction.atomic
def set_stack(*, user, sample, stack, create_materials=False):
    """Give a sample the stack described, in place of the one it had.

    Layers are replaced whole. Cells are known by their labels: what is left out is
    deleted, or put away once something was measured on it.
    """
    require_write(user, sample.project)
    read = read_stack(stack)
    Layer.objects.filter(stack__sample=sample).delete()
    _write(user, [sample], [read], create_materials)
    sample.version += 1
    sample.save()
    replace_facts(sample_ids=with_descendants([sample.pk]))
    return sample.stack


def save_stack(*, user, project, name, stack):
    """Keep a stack under a name, or put it in place of what had that name."""
    require_write(user, project)
    kept = SavedStack.objects.filter(project=project, name=name).first()
    if kept is not None:
        kept.archived_at = None
        return change_saved_stack(user=user, kept=kept, name=name, stack=stack)
    kept = SavedStack(project=project, created_by=user)
    return _keep(kept, name, stack)


@transaction.atomic
def change_saved_stack(*, user, kept, name, stack):
    """Change what is kept under a name, or the name itself."""
    require_write(user, kept.project)
    kept.version += 1
    return _keep(kept, name, stack)


def _keep(kept, name, stack):
    others = SavedStack.objects.filter(project=kept.project, name=name)
    if others.exclude(pk=kept.pk).exists():
        raise ValidationError({"name": f"There is a kept stack {name!r} already."})
    kept.name = name
    for field, value in read_stack(stack).items():
        setattr(kept, field, value)
    kept.full_clean(validate_constraints=False)
    kept.save()
    return kept


def describe_stack(sample):
    """The stack and cells of one sample, in the form they are given in."""
    return describe_stacks([sample])[sample.pk]


def describe_stacks(samples):
    """The stacks and cells of samples by their row ids, in three queries."""
    ids = [sample.pk for sample in samples]
    told = {
        pk: {
            "architecture": "",
            "substrate_width": None,
            "substrate_height": None,
            "layers": [],
            "cells": [],
        }
        for pk in ids
    }
    for stack in Stack.objects.filter(sample_id__in=ids):
        told[stack.sample_id] |= {
            "architecture": stack.architecture,
            "substrate_width": stack.substrate_width,
            "substrate_height": stack.substrate_height,
        }
    layers = Layer.objects.filter(stack__sample_id__in=ids).select_related(
        "material", "composition", "stack"
    )
    for layer in layers.order_by("stack", "position"):
        told[layer.stack.sample_id]["layers"].append(_describe_layer(layer))
    cells = Cell.objects.filter(sample_id__in=ids, archived_at__isnull=True)
    for cell in cells.order_by("sample", "position", "pk"):
        told[cell.sample_id]["cells"].append(
            {
                key: value
                for key in ("label", *CELL_NUMBERS, "notes")
                if (value := getattr(cell, key)) not in (None, "")
            }
        )
    return told


def _describe_layer(layer):
    described = {"role": layer.role}
    if layer.material_id:
        described["material"] = layer.material.name
    elif layer.composition_id:
        described["composition"] = layer.composition.text
    described |= {
        key: value
        for key in (*SIZES, *DETAILS)
        if (value := getattr(layer, key)) not in (None, "", [], {})
    }
    return described


@transaction.atomic
def create_planned(
    *, user, project, planned, batch="", kind=Sample.Kind.DEVICE, **values
):
    """Log the devices of a plan at once, each with its own stack.

    Parameters
    ----------
    planned : list of dict
        As `plan_devices` gives them.

    Raises
    ------
    ValidationError
        If one of the codes is taken, or a material is not known.
    """
    require_write(user, project)
    samples = [
        create_sample(
            user=user,
            project=project,
            code=one["code"],
            kind=kind,
            batch=batch,
            **values,
        )
        for one in planned
    ]
    _write(user, samples, [read_stack(one["stack"]) for one in planned], False)
    replace_facts(sample_ids=[sample.pk for sample in samples])
    return samples


def _write(user, samples, stacks, create_materials):
    """Make the rows of stacks that were read; facts are the caller's to replace."""
    for sample, stack in zip(samples, stacks, strict=True):
        row = Stack.objects.filter(sample=sample).first() or Stack(sample=sample)
        for key in ("architecture", "substrate_width", "substrate_height"):
            setattr(row, key, stack[key])
        row.save()
        sample.stack = row
    substances = _substances(user, samples[0].project, stacks, create_materials)
    bulk_create_with_history(
        [
            Layer(
                stack=sample.stack,
                position=position,
                role=layer["role"],
                **{key: layer[key] for key in (*SIZES, *DETAILS) if key in layer},
                **substances.get(_substance(layer), {}),
            )
            for sample, stack in zip(samples, stacks, strict=True)
            for position, layer in enumerate(stack["layers"])
        ],
        Layer,
        batch_size=AT_ONCE,
    )
    for sample, stack in zip(samples, stacks, strict=True):
        _set_cells(sample, stack["cells"])


def _substance(layer):
    for key in ("material", "composition"):
        if key in layer:
            return key, layer[key]
    return None


def _substances(user, project, stacks, create_materials):
    """What each layer is of, by what was written; each is looked up or made once."""
    places = {}
    for stack in stacks:
        for index, layer in enumerate(stack["layers"]):
            if substance := _substance(layer):
                places.setdefault(substance, index)
    names = [text for key, text in places if key == "material"]
    known = find_materials(project, names)
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
                raise ValidationError(
                    f"{text} is not known as a material yet. Spell it as it is known,"
                    " or have it added."
                )
        except ValidationError as error:
            errors.setdefault(str(index), {})[key] = error.messages
        else:
            found[key, text] = {key: made}
    if errors:
        raise NestedValidationError({"layers": errors})
    return found


def _set_cells(sample, described):
    there = {cell.label: cell for cell in Cell.objects.filter(sample=sample)}
    new = []
    for position, one in enumerate(described):
        values = {key: one.get(key) for key in CELL_NUMBERS}
        values |= {"notes": one.get("notes", ""), "position": position}
        cell = there.pop(one["label"], None)
        if cell is None:
            new.append(Cell(sample=sample, label=one["label"], **values))
            continue
        changed = [key for key, value in values.items() if getattr(cell, key) != value]
        if changed or cell.archived_at:
            for key in changed:
                setattr(cell, key, values[key])
            cell.archived_at = None
            cell.save()
    if new:
        bulk_create_with_history(new, Cell, batch_size=AT_ONCE)
    for cell in there.values():
        if cell.archived_at is None:
            _remove(cell)


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


def resolve_cell(sample, label):
    """Find a cell of a sample by its label; nothing stands for no cell.

    Raises
    ------
    ValidationError
        Under ``cell``, naming the cells there are.
    """
    if label in (None, ""):
        return None
    cells = Cell.objects.filter(sample=sample, archived_at__isnull=True)
    cell = cells.filter(label=str(label)).first()
    if cell is None:
        known = ", ".join(cells.values_list("label", flat=True)) or "none"
        raise ValidationError(
            {"cell": f"{sample} has no cell {str(label)!r} (there are: {known})."}
        )
    return cell


def add_cell(*, sample, label, **values):
    """Add a cell behind those there are; the caller has checked who may."""
    last = Cell.objects.filter(sample=sample).aggregate(last=Max("position"))["last"]
    cell = Cell(
        sample=sample, label=label, position=0 if last is None else last + 1, **values
    )
    cell.full_clean()
    cell.save()
    return cell
