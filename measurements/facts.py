"""What measurements tell of a sample: their conditions, and how many there are."""

from django.db.models import Exists, OuterRef

from labdata.common.variables import VariableSpec
from measurements.models import Dataset, Measurement
from measurements.registry import techniques
from samples.facts import FactRow
from samples.models import ExtraField, Origin


def measurement_facts(sample_ids):
    """Conditions of the newest measurement of each technique and subject.

    Newest is by the time of measurement where it is known, else of entry. Only those
    that hold data count: a reading under way or failed takes nothing back.
    """
    held = Dataset.objects.current().filter(measurement=OuterRef("pk"), is_result=False)
    rows = (
        Measurement.objects.current()
        .filter(Exists(held), sample_id__in=sample_ids)
        .order_by("pk")
    )
    newest, counts = {}, {}
    for row in rows:
        key = (row.subject_id, row.technique)
        counts[key] = counts.get(key, 0) + 1
        if key not in newest or _moment(row) >= _moment(newest[key]):
            newest[key] = row
    fields = _extra_fields(newest.values())
    facts = []
    for (subject_id, technique), row in newest.items():
        if technique not in techniques:
            continue
        values = _values(row, fields)
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


def _moment(row):
    return row.measured_at or row.created_at


def _origin(row):
    simulated = row.origin == Origin.SIMULATED
    return Origin.SIMULATED if simulated else Origin.MANUAL


def _values(row, fields):
    """Map the variables of one measurement to the columns of their facts."""
    spec = techniques[row.technique]
    values = {}
    for condition in spec.conditions:
        value = row.conditions.get(condition.key)
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
