"""Recording values people read in papers or took by hand."""

import math
import re
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from analysis.models import PropertyValue
from labdata.common.measures.quantities import quantities
from labdata.common.measures.units import (
    UnitError,
    convert,
    convert_uncertainty,
    parse_measured_quantity,
)
from labdata.common.people.access import Project, require_write
from samples.facts import default_subject, replace_facts, subject_for
from samples.models import Origin, Process, Relation, Sample
from samples.services import resolve_sample
from samples.services.devices import resolve_cell
from samples.services.references import as_uuid

TYPED_ORIGINS = (Origin.REPORTED, Origin.MANUAL, Origin.SIMULATED)
DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)$", re.I)


@transaction.atomic
def record_value(
    *,
    user: User,
    sample: Sample | str,
    quantity: str,
    value: float | str,
    label: str = "",
    uncertainty: float | None = None,
    low: float | None = None,
    high: float | None = None,
    bound: str | None = None,
    unit: str | None = None,
    origin: str = Origin.MANUAL,
    reference: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    note: str = "",
    is_default: bool | None = None,
    supersedes: str | None = None,
    project: Project | str | None = None,
    cell: str | None = None,
) -> PropertyValue:
    """Record a reported or manual value of a sample.

    ``value`` is a number in ``unit`` (the quantity's, unless given) or text such as
    ``10.4500(5)`` or ``> 1500 h``; what the text says may not contradict the other
    arguments. ``state`` is ``{process, relation}``; without it the value is of the
    sample after the last act on it. ``cell`` is the label of a cell of a device, where
    the value is of that alone. ``supersedes`` is the id of the value this one replaces,
    of the same sample, cell, quantity and label.

    Raises
    ------
    ValidationError
        By field.
    """
    if not isinstance(sample, Sample):
        sample = resolve_sample(user, sample, project=project)
    require_write(user, sample.project)
    if sample.archived_at:
        raise ValidationError({"sample": f"{sample} is archived: restore it first."})
    quantity = _find_quantity(quantity)
    label = _clean_label(quantity, label)
    cell = resolve_cell(sample, cell)
    numbers = _read_numbers(quantity, unit, value, uncertainty, low, high, bound)
    if origin not in TYPED_ORIGINS:
        known = ", ".join(TYPED_ORIGINS)
        raise ValidationError(
            {"origin": f"{origin!r} is not one of {known}; runs give computed values."}
        )
    doi, locator = read_reference(reference)
    replaced = _find_superseded(user, supersedes, sample, quantity, label)
    if replaced is not None and cell not in (None, replaced.subject.cell):
        raise ValidationError(
            {"supersedes": f"That is of {_which_cell(replaced)}, not of cell {cell}."}
        )
    if replaced is not None and state is None:
        subject = replaced.subject
    else:
        cell = cell or (replaced and replaced.subject.cell)
        subject = _find_subject(user, sample, state, cell)
    record = PropertyValue(
        project_id=sample.project_id,
        sample=sample,
        subject=subject,
        quantity=quantity.key,
        label=label,
        is_default=not label if is_default is None else is_default,
        origin=origin,
        reference_doi=doi,
        reference_locator=locator,
        note=note or "",
        supersedes=replaced,
        created_by=user,
        **numbers,
    )
    record.full_clean(validate_constraints=False)
    record.save()
    replace_facts(sample_ids=[sample.pk])
    return record


def understand_value(*, quantity: str, value: float | str) -> dict[str, Any]:
    """Read a typed value as `record_value` would, without recording it.

    Returns
    -------
    dict
        ``value``, ``uncertainty``, ``low``, ``high`` and ``bound`` in the unit of the
        quantity.

    Raises
    ------
    ValidationError
        By field.
    """
    spec = _find_quantity(quantity)
    return _read_numbers(spec, None, value, None, None, None, None)


def _find_quantity(key):
    try:
        return quantities[str(key)]
    except LookupError as error:
        family = str(key).partition(".")[0]
        known = [spec.key for spec in quantities if spec.family == family]
        hint = f" (of {family}: {', '.join(known)})" if known else ""
        message = f"There is no quantity {str(key)!r}{hint}."
        raise ValidationError({"quantity": message}) from error


def _clean_label(quantity, label):
    label = (label or "").strip()
    if label and not quantity.labels:
        raise ValidationError(
            {"label": f"{quantity.key} has one value a sample and takes no label."}
        )
    return label


def _read_numbers(quantity, unit, value, uncertainty, low, high, bound):
    """What was given as finite numbers in the quantity's unit."""
    stated = _find_unit(quantity, unit)
    measured = _read(value, stated, "value")
    if measured is None:
        raise ValidationError({"value": "A value is needed; missing is not recorded."})
    numbers = {
        "value": measured.value,
        "uncertainty": measured.uncertainty,
        "low": None,
        "high": None,
        "bound": measured.bound,
    }
    given = {"uncertainty": uncertainty, "low": low, "high": high}
    for name, number in given.items():
        parsed = None if number is None else _read(number, stated, name)
        if parsed is None:
            continue
        if parsed.bound != "=" or parsed.uncertainty is not None:
            raise ValidationError({name: "One number is wanted here."})
        if name == "uncertainty" and measured.uncertainty is not None:
            raise ValidationError({name: f"{value!r} states its uncertainty already."})
        numbers[name] = parsed.value
    if bound:
        if measured.bound not in ("=", bound):
            raise ValidationError({"bound": f"{value!r} says {measured.bound!r}."})
        if bound not in ("=", ">", "<", "~"):
            raise ValidationError({"bound": f"{bound!r} is not one of = > < ~."})
        numbers["bound"] = bound
    return _in_unit_of(quantity, stated, numbers)


def _find_unit(quantity, unit):
    """The unit the numbers are in, if it can be that of the quantity."""
    if not unit:
        return quantity.unit
    try:
        convert(1.0, unit, quantity.unit)
    except UnitError as error:
        raise ValidationError({"unit": f"{quantity.key}: {error}."}) from error
    return unit


def _read(number, unit, field):
    try:
        return parse_measured_quantity(number, unit=unit)
    except UnitError as error:
        raise ValidationError({field: f"{error}."}) from error


def _in_unit_of(quantity, stated, numbers):
    moved = dict(numbers)
    for name in ("value", "low", "high"):
        if numbers[name] is not None:
            moved[name] = convert(numbers[name], stated, quantity.unit)
    if numbers["uncertainty"] is not None:
        moved["uncertainty"] = convert_uncertainty(
            numbers["uncertainty"], stated, quantity.unit
        )
    for name in ("value", "uncertainty", "low", "high"):
        if moved[name] is not None and not math.isfinite(moved[name]):
            raise ValidationError({name: f"{moved[name]} is not a finite number."})
    if moved["uncertainty"] is not None and moved["uncertainty"] < 0:
        raise ValidationError(
            {"uncertainty": f"{moved['uncertainty']:g} is negative; it cannot be."}
        )
    for name, side in (("low", 1), ("high", -1)):
        end = moved[name]
        if end is not None and side * (moved["value"] - end) < 0:
            beyond = "above" if side > 0 else "below"
            raise ValidationError(
                {name: f"{end:g} lies {beyond} the value {moved['value']:g}."}
            )
    return moved


def read_reference(reference):
    """DOI and place of ``{doi, locator}``, the DOI without its resolver."""
    reference = reference or {}
    if not isinstance(reference, dict) or set(reference) - {"doi", "locator"}:
        raise ValidationError({"reference": "A reference is {doi, locator}."})
    doi = str(reference.get("doi") or "").strip()
    locator = str(reference.get("locator") or "").strip()
    if doi:
        match = DOI.match(doi)
        if match is None:
            raise ValidationError(
                {"reference": f"{doi!r} is no DOI; write it like 10.1000/xyz123."}
            )
        doi = match[1]
    return doi, locator


def _find_superseded(user, public_id, sample, quantity, label):
    if public_id in (None, ""):
        return None
    uuid = as_uuid(public_id)
    values = PropertyValue.objects.visible_to(user)
    values = values.select_related("subject__cell")
    replaced = values.filter(uuid=uuid).first() if uuid else None
    if replaced is None:
        raise ValidationError({"supersedes": f"There is no value {str(public_id)!r}."})
    if replaced.run_id is not None:
        raise ValidationError(
            {"supersedes": "A computed value is replaced by a new run, or rejected."}
        )
    same = (replaced.sample_id, replaced.quantity, replaced.label)
    if same != (sample.pk, quantity.key, label):
        raise ValidationError(
            {"supersedes": f"That is {replaced.quantity} of {replaced.sample}."}
        )
    if PropertyValue.objects.filter(supersedes=replaced).exists():
        raise ValidationError({"supersedes": "That value was replaced already."})
    return replaced


def _which_cell(value):
    cell = value.subject.cell
    return f"cell {cell}" if cell else "the whole sample"


def _find_subject(user, sample, state, cell):
    if state in (None, "", {}):
        return default_subject(sample=sample, cell=cell)
    if state in ("as made", Relation.AS_MADE.value):
        return subject_for(sample=sample, cell=cell)
    if not isinstance(state, dict):
        state = {"relation": state}
    relation = state.get("relation") or Relation.AFTER
    if set(state) - {"process", "relation"} or relation not in Relation.values:
        known = ", ".join(Relation.values)
        raise ValidationError(
            {"state": f"A state is {{process, relation}}, the relation one of {known}."}
        )
    if relation == Relation.AS_MADE:
        return subject_for(sample=sample, cell=cell)
    uuid = as_uuid(state.get("process"))
    acts = Process.objects.current().visible_to(user).filter(in_place=True)
    process = acts.filter(uuid=uuid, inputs__sample=sample).first() if uuid else None
    if process is None:
        named = state.get("process")
        raise ValidationError(
            {"state": f"{sample} was not changed in a process {named!r}."}
        )
    return subject_for(sample=sample, process=process, relation=relation, cell=cell)
