"""The conditions of a measurement: what people typed, what files say, who said it."""

import math

from django.core.exceptions import ValidationError

from labdata.common.api.errors import NestedValidationError
from labdata.common.measures.units import UnitError, parse_quantity
from measurements.registry import techniques
from samples.services import parse_time

PERSON, FILE = "person", "file"


def clean_conditions(technique, values):
    """Check typed conditions of a technique; numbers may carry their unit.

    Raises
    ------
    ValidationError
        Under ``conditions``, by key, with the number that decided it.
    """
    if not isinstance(values or {}, dict):
        raise ValidationError({"conditions": "Conditions are a map of key to value."})
    spec = techniques[technique]
    known = {condition.key: condition for condition in spec.conditions}
    cleaned, errors = {}, {}
    for key, value in (values or {}).items():
        if key not in known:
            offered = ", ".join(known) or "none"
            errors[key] = [f"{spec.label} has no condition {key!r} (known: {offered})."]
        elif value is not None and value != "":
            try:
                cleaned[key] = _clean_value(known[key], value)
            except UnitError as error:
                errors[key] = [f"{known[key].label}: {error}."]
    errors |= {
        key: messages
        for key, messages in spec.condition_problems(cleaned).items()
        if key not in errors
    }
    if errors:
        raise NestedValidationError({"conditions": errors})
    return cleaned


def _clean_value(condition, value):
    if condition.kind == "number":
        return parse_quantity(value, unit=condition.unit or "1")
    return " ".join(value.split()) if isinstance(value, str) else value


def set_by_person(measurement, *, conditions=None, measured_at=None):
    """Take what a person typed; where that is nothing, the file's word returns.

    Parameters
    ----------
    measurement : Measurement
        Changed, not saved.
    conditions : dict, optional
        Cleaned; the person's whole word, what it leaves out is unknown to them.
    measured_at : InexactTime, optional
    """
    sources = dict(measurement.sources)
    if conditions is not None:
        measurement.conditions = dict(conditions)
        for condition in techniques[measurement.technique].conditions:
            sources.pop(condition.key, None)
        sources |= dict.fromkeys(conditions, PERSON)
    if measured_at is not None:
        _set_time(measurement, measured_at)
        sources.pop("measured_at", None)
        if measured_at.moment is not None:
            sources["measured_at"] = PERSON
    measurement.sources = sources
    parsing = measurement.parsing
    fill_from_files(measurement, parsing.found if parsing else {})


def fill_from_files(measurement, found):
    """Fill what the person left empty with what the files say, and mark it so.

    What an earlier reading of the files filled in goes first.
    """
    sources = {k: v for k, v in measurement.sources.items() if v != FILE}
    held = {
        key: value
        for key, value in measurement.conditions.items()
        if sources.get(key) == PERSON
    }
    known = {one.key for one in techniques[measurement.technique].conditions}
    said = {k: v for k, v in found.get("conditions", {}).items() if k in known}
    measurement.conditions = {**said, **held}
    sources |= {key: FILE for key in said if key not in held}
    if "measured_at" not in sources:
        clock = parse_time(found.get("measured_at"), field="measured_at")
        _set_time(measurement, clock)
        if clock.moment is not None:
            sources["measured_at"] = FILE
    measurement.sources = sources


def conditions_in_force(measurement, own):
    """What holds for one dataset, whoever said it.

    A person's word on the measurement goes before what the file says of the dataset,
    ``own``, and that before what it says of all its data.
    """
    person = {
        key: value
        for key, value in measurement.conditions.items()
        if measurement.sources.get(key) == PERSON and value is not None
    }
    return {**measurement.conditions, **own, **person}


def _set_time(measurement, time):
    measurement.measured_at = time.moment
    measurement.measured_precision = time.precision
    measurement.measured_zone = time.zone


def acceptable(technique, said):
    """Split what files say into usable conditions and remarks about the others."""
    problems = techniques[technique].condition_problems(said)
    usable, notes = {}, []
    for key, value in said.items():
        if isinstance(value, float) and math.isnan(value):
            continue
        if key in problems:
            notes.append(f"Left out what the file says: {problems[key][0]}")
        else:
            usable[key] = value
    return usable, notes
