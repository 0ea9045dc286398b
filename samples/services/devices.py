"""Layer stacks and the cells on them: read, keep, describe, plan."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from simple_history.utils import bulk_create_with_history

from labdata.common.people.access import Project, require_write
from labdata.common.record.edits import hold, save_edit
from labdata.common.record.names import refuses_unknown_names
from samples.facts import replace_facts, with_descendants
from samples.models import Ancestry, Cell, Layer, Sample, SavedStack, Stack
from samples.services.device_plan import refuse_codes
from samples.services.samples import SampleFields, SharedFields, create_sample
from samples.services.stack_reading import CELL_NUMBERS, read_stack
from samples.services.stack_writing import AT_ONCE, DETAILS, SIZES, write_stacks


class CellFields(TypedDict, total=False):
    """The areas of a cell [cm²]."""

    active_area: float | None
    mask_area: float | None


@refuses_unknown_names
@transaction.atomic
def create_device(
    *,
    user: User,
    project: Project,
    code: str,
    kind: str = Sample.Kind.DEVICE,
    stack: Mapping[str, Any] | None = None,
    create_materials: bool = False,
    **values: Unpack[SampleFields],
) -> Sample:
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
    write_stacks(
        user=user,
        samples=[sample],
        stacks=[read_stack({} if stack is None else stack)],
        create_materials=create_materials,
    )
    replace_facts(sample_ids=[sample.pk])
    return sample


@transaction.atomic
def set_stack(
    *,
    user: User,
    sample: Sample,
    stack: Mapping[str, Any],
    create_materials: bool = False,
) -> Stack:
    """Give a sample the stack described, in place of the one it had.

    Layers are replaced whole. Cells are known by their labels: what is left out is
    deleted, or put away once something was measured on it.
    """
    hold(sample)
    require_write(user, sample.project)
    read = read_stack(stack)
    Layer.objects.filter(stack__sample=sample).delete()
    write_stacks(
        user=user, samples=[sample], stacks=[read], create_materials=create_materials
    )
    save_edit(sample)
    replace_facts(sample_ids=with_descendants([sample.pk]))
    return sample.stack


def save_stack(
    *, user: User, project: Project, name: str, stack: Mapping[str, Any]
) -> SavedStack:
    """Keep a stack under a name that no other of the project has."""
    require_write(user, project)
    kept = SavedStack(project=project, created_by=user)
    _set_kept(kept, name, stack)
    kept.save()
    return kept


@transaction.atomic
def change_saved_stack(
    *, user: User, kept: SavedStack, name: str, stack: Mapping[str, Any]
) -> SavedStack:
    """Change what is kept under a name, or the name itself."""
    hold(kept)
    require_write(user, kept.project)
    _set_kept(kept, name, stack)
    save_edit(kept)
    return kept


def _set_kept(kept, name, stack):
    others = SavedStack.objects.filter(project=kept.project, name=name)
    other = others.exclude(pk=kept.pk).first()
    if other is not None:
        put_away = " (archived)" if other.archived_at else ""
        raise ValidationError(
            {"name": f"There is a kept stack {name!r} already{put_away}."}
        )
    kept.name = name
    for field, value in read_stack(stack).items():
        setattr(kept, field, value)
    kept.full_clean(validate_constraints=False)


def describe_saved_stack(kept):
    """A stack kept under a name, in the form of that of a sample."""
    return {
        "architecture": kept.architecture,
        "substrate_width": kept.substrate_width,
        "substrate_height": kept.substrate_height,
        "layers": kept.layers,
        "cells": kept.cells,
    }


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


@refuses_unknown_names
@transaction.atomic
def create_planned(
    *,
    user: User,
    project: Project,
    planned: Sequence[Mapping[str, Any]],
    batch: str = "",
    kind: str = Sample.Kind.DEVICE,
    create_materials: bool = False,
    **values: Unpack[SharedFields],
) -> list[Sample]:
    """Log the devices of a plan at once, each with its own stack.

    Parameters
    ----------
    planned : list of dict
        As `plan_devices` gives them.
    **values
        As `create_sample`; the same for all.

    Raises
    ------
    ValidationError
        If one of the codes is taken, or a material is not known.
    """
    require_write(user, project)
    if not planned:
        return []
    refuse_codes(project, [one["code"] for one in planned])
    stacks = [read_stack(one["stack"]) for one in planned]
    first, *codes = (one["code"] for one in planned)
    model = create_sample(
        user=user, project=project, code=first, kind=kind, batch=batch, **values
    )
    samples = [model, *_like(model, codes)]
    write_stacks(
        user=user, samples=samples, stacks=stacks, create_materials=create_materials
    )
    replace_facts(sample_ids=[sample.pk for sample in samples])
    return samples


def _like(model, codes):
    """Samples that are logged as one is, but for their codes."""
    if not codes:
        return []
    same = ("project", "kind", "name", "location", "notes", "composition", "batch")
    same += ("control", "owner", "extra", "created_by")
    samples = bulk_create_with_history(
        [
            Sample(code=code, **{name: getattr(model, name) for name in same})
            for code in codes
        ],
        Sample,
        batch_size=AT_ONCE,
    )
    Ancestry.objects.bulk_create(
        [Ancestry(ancestor=one, descendant=one, depth=0) for one in samples],
        batch_size=AT_ONCE,
    )
    if tags := list(model.tags.all()):
        for sample in samples:
            sample.tags.set(tags)
    return samples


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


@refuses_unknown_names
def add_cell(*, sample: Sample, label: str, **values: Unpack[CellFields]) -> Cell:
    """Add a cell behind those there are; the caller has checked who may."""
    last = Cell.objects.filter(sample=sample).aggregate(last=Max("position"))["last"]
    cell = Cell(
        sample=sample, label=label, position=0 if last is None else last + 1, **values
    )
    cell.full_clean()
    cell.save()
    return cell
