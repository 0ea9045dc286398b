"""What measurements tell of a sample: their conditions, and how many there are."""

from labdata.common.variables import VariableSpec
from measurements.models import Dataset, Measurement
from measurements.reading.conditions import acceptable, conditions_in_force
from measurements.registry import techniques
from samples.facts import FactRow
from samples.models import ExtraField, Origin


def measurement_facts(recorded):
    """Conditions of the newest measurement of each technique and subject.

    Newest is by the time of measurement where it is known, else of entry. Only those
    that hold data count: a reading under way or failed takes nothing back. What was
    measured on cells tells of these, each in the state the measurement saw, and not of
    their device.
    """
    measurements = {
        row.pk: row
        for row in Measurement.objects.current()
        .filter(sample_id__in=recorded.sample_ids)
        .select_related("subject")
        .order_by("pk")
    }
    if not measurements:
        return []
    held = list(
        Dataset.objects.current()
        .filter(measurement_id__in=measurements, is_result=False)
        .order_by("measurement_id", "pk")
        .values_list("measurement_id", "cell_id", "metadata__conditions")
    )
    seen = _subjects_seen(measurements, held, recorded.states)
    rows = [row for pk, row in measurements.items() if pk in seen]
    newest, counts = {}, {}
    for row in rows:
        for subject_id in seen[row.pk]:
            key = (subject_id, row.technique)
            counts[key] = counts.get(key, 0) + 1
            if key not in newest or _moment(row) >= _moment(newest[key]):
                newest[key] = row
    fields = _extra_fields(newest.values())
    facts = []
    for (subject_id, technique), row in newest.items():
        if technique not in techniques:
            continue
        values = _values(row, seen[row.pk][subject_id], fields)
        facts += [
            FactRow(subject_id, row.sample_id, spec, origin=_origin(row), **value)
            for spec, value in values.items()
        ]
        count = VariableSpec(
            f"measurement.{technique}.count",
            f"{techniques[technique].label}: measurements",
            "1",
        )
        facts.append(
            FactRow(
                subject_id,
                row.sample_id,
                count,
                value=float(counts[subject_id, technique]),
                origin=Origin.COMPUTED,
            )
        )
    return facts


def _subjects_seen(measurements, held, states):
    """For each measurement the subjects it saw, with what their datasets agree on."""
    states = {
        (state.cell_id, state.process_id, state.relation): state.pk
        for state in states
        if state.cell_id is not None
    }
    stated = {}
    for measurement, cell, conditions in held:
        seen = measurements[measurement].subject
        state = (cell, seen.process_id, seen.relation)
        subject = states.get(state, seen.pk)
        stated.setdefault(measurement, {}).setdefault(subject, []).append(
            conditions or {}
        )
    return {
        measurement: {subject: _agreed(told) for subject, told in subjects.items()}
        for measurement, subjects in stated.items()
    }


def _agreed(stated):
    """The conditions in which the datasets of one subject that name them agree."""
    values = {}
    for conditions in stated:
        for key, value in conditions.items():
            values.setdefault(key, []).append(value)
    return {
        key: found[0]
        for key, found in values.items()
        if all(value == found[0] for value in found)
    }


def _moment(row):
    return row.measured_at or row.created_at


def _origin(row):
    simulated = row.origin == Origin.SIMULATED
    return Origin.SIMULATED if simulated else Origin.MANUAL


def _values(row, own, fields):
    """Map the variables of one measurement to the columns of their facts.

    ``own`` is what the file says of the dataset that speaks.
    """
    spec = techniques[row.technique]
    own, _ = acceptable(row.technique, own)
    held = conditions_in_force(row, own)
    values = {}
    for condition in spec.conditions:
        value = held.get(condition.key)
        if value is not None:
            is_number = condition.kind == "number"
            variable = VariableSpec(
                f"measurement.{spec.key}.{condition.key}",
                f"{spec.label}: {condition.label.lower()}",
                (condition.unit or "1") if is_number else None,
                "number" if is_number else "text",
            )
            values[variable] = _column(value, is_number=is_number)
    taken = {condition.key for condition in spec.conditions} | {"count"}
    for key, value in row.extra.items():
        field = fields.get((row.project_id, key))
        if field is not None and key not in taken:
            is_number = field.kind == ExtraField.Kind.NUMBER
            variable = VariableSpec(
                f"measurement.{spec.key}.{key}",
                f"{spec.label}: {key.replace('_', ' ')}",
                (field.unit or "1") if is_number else None,
                "number" if is_number else "text",
            )
            values[variable] = _column(value, is_number=is_number)
    return values


def _column(value, *, is_number):
    return {"value": float(value)} if is_number else {"text": str(value)}


def _extra_fields(rows):
    projects = {row.project_id for row in rows if row.extra}
    if not projects:
        return {}
    fields = ExtraField.objects.current().filter(
        project_id__in=projects, target=ExtraField.Target.MEASUREMENT
    )
    return {(field.project_id, field.key): field for field in fields}
