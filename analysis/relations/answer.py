"""From matches to rows: uncertainties and provenance, in fixed queries a page."""

import base64
import binascii
import json
import math
import uuid
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from analysis.relations import sql
from labdata.common.measures.units import convert_uncertainty
from labdata.common.text.storable import half_character_in
from samples.models import Relation

# What each column tells beside its value, in this order.
DETAILS = (
    "uncertainty",
    "low",
    "high",
    "bound",
    "flags",
    "label",
    "origin",
    "source",
    "run",
)
PROVENANCE = ("sample", "sample_id", "cell", "project", "state")
CHUNK = 2000
# Written out: building these with the ORM takes longer than finding the matches.
PLACES = """
SELECT u.id, u.relation, p.kind, p.name, s.code, s.uuid, s.project_id, c.label
FROM samples_subject u
JOIN samples_sample s ON s.id = u.sample_id
LEFT JOIN samples_process p ON p.id = u.process_id
LEFT JOIN samples_cell c ON c.id = u.cell_id
WHERE u.id IN ({subjects})
"""
FACTS = """
SELECT f.subject_id, f.variable_id, f.is_default, f.label, f.value, f.text,
       f.uncertainty, f.low, f.high, f.bound, f.flags, f.origin, f.source, r.uuid
FROM samples_fact f
LEFT JOIN analysis_propertyvalue v ON v.uuid = f.source
LEFT JOIN analysis_analysisrun r ON r.id = v.run_id
WHERE f.subject_id IN ({subjects}) AND f.variable_id IN ({variables})
"""


class Found(NamedTuple):
    """One fact with the run behind it, as the database gave it."""

    subject: int
    variable: int
    is_default: bool
    label: str
    value: float | None
    text: str
    uncertainty: float | None
    low: float | None
    high: float | None
    bound: str
    flags: str
    origin: str
    source: Any
    run: Any


def answer_page(question, *, limit, after=None, path=None):
    """One page of a relation.

    Returns
    -------
    rows : list of dict
    count : int
        Of all matches, exactly.
    last : (value, subject id) or None
        Where the next page goes on; None on the last one.
    """
    if question.is_empty:
        return [], 0, None
    found = sql.page(question, limit=limit + 1, after=after, path=path).rows()
    if not found:
        count = sql.count(question, path=path).rows()[0][0] if after else 0
        return [], count, None
    rows = describe(question, found[:limit])
    last = None
    if len(found) > limit:
        subject, x, y, _ = found[limit - 1]
        last = (x if question.sort.endswith("x") else y, subject)
    return rows, found[0][3], last


def answer_all(question, *, limit=None, path=None):
    """Rows of the whole relation, or of its first ``limit``, chunk by chunk."""
    if question.is_empty:
        return
    found = sql.page(question, limit=limit, path=path).rows()
    for start in range(0, len(found), CHUNK):
        yield from describe(question, found[start : start + CHUNK])


def describe(question, found):
    """Dress matches with everything a reader needs to trace them."""
    subjects = [row[0] for row in found]
    places = places_of(subjects, question.projects)
    facts = _facts_of(subjects, question.shown)
    rows = []
    for subject in subjects:
        row = dict(places[subject])
        for column in question.shown:
            row |= _cell(column, facts.get((subject, column.name)))
        rows.append(row)
    return rows


def describe_columns(columns):
    """What the columns mean: variable, unit, and the pick where no label was named."""
    return [
        {
            "name": column.name,
            "variable": str(column.asked),
            "label": column.known.label,
            "unit": column.unit or None,
            "kind": column.known.kind,
            "default_pick": (
                column.known.default_pick or None
                if column.asked.label is None
                else None
            ),
        }
        for column in columns
    ]


def describe_filters(question):
    """The filters as they were understood, numbers in the stored unit."""
    return [
        {
            "filter": str(condition.filter),
            "variable": str(condition.filter.variable),
            "operator": condition.filter.operator,
            "values": list(condition.numbers or condition.filter.values),
            "unit": (condition.known.unit or None) if condition.numbers else None,
        }
        for condition in question.conditions
    ]


def column_names(question):
    """Names of a row's entries, in order, the same for every format."""
    names = list(PROVENANCE)
    for column in question.shown:
        names += [column.name, *(f"{column.name}_{detail}" for detail in DETAILS)]
    return names


def write_cursor(last):
    """The place after a row, as text for an address."""
    written = json.dumps(last, separators=(",", ":"))
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def read_cursor(text, question):
    """The place a cursor names.

    Raises
    ------
    ValidationError
        If it was not written by `write_cursor` for such a question.
    """
    column = question.x if question.sort.endswith("x") else question.y
    try:
        padded = text + "=" * (-len(text) % 4)
        value, subject = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise ValidationError({"cursor": "This cursor is damaged."}) from error
    fits = isinstance(value, str) and not half_character_in(value)
    if column.is_number:
        fits = isinstance(value, int | float) and math.isfinite(value)
    is_id = isinstance(subject, int) and 0 <= subject < 2**63
    if not (fits and is_id) or isinstance(value, bool) or isinstance(subject, bool):
        raise ValidationError({"cursor": "This cursor belongs to another question."})
    return value, subject


def places_of(subjects, projects):
    """Sample, cell, project and state of subjects, by id."""
    return {
        subject: {
            "sample": code,
            "sample_id": _as_uuid(public_id),
            "cell": cell,
            "project": projects[project],
            "state": _state(relation, name, kind),
        }
        for subject, relation, kind, name, code, public_id, project, cell in sql.about(
            PLACES, subjects
        )
    }


def _state(relation, name, kind):
    process = name or (kind or "").replace("_", " ")
    return f"{Relation(relation).label} {process}".strip()


def _facts_of(subjects, columns):
    """Facts by subject and column, each with its run, in one query for all columns."""
    by_variable = {}
    for column in columns:
        by_variable.setdefault(column.known.id, []).append(column)
    ids = [pk for pk in by_variable if pk is not None]
    facts = {}
    for row in sql.about(FACTS, subjects, ids):
        fact = Found(*row)
        for column in by_variable[fact.variable]:
            label = column.asked.label
            if fact.is_default if label is None else fact.label == label:
                facts[fact.subject, column.name] = fact
    return facts


def _cell(column, fact):
    name = column.name
    if fact is None:
        return {name: None} | {f"{name}_{detail}": None for detail in DETAILS}
    uncertainty = fact.uncertainty
    if uncertainty is not None and column.unit != column.known.unit:
        uncertainty = convert_uncertainty(uncertainty, column.known.unit, column.unit)
    return {
        name: column.convert(fact.value) if column.is_number else fact.text or None,
        f"{name}_uncertainty": uncertainty,
        f"{name}_low": column.convert(fact.low),
        f"{name}_high": column.convert(fact.high),
        f"{name}_bound": fact.bound,
        f"{name}_flags": [] if fact.flags == "[]" else json.loads(fact.flags),
        f"{name}_label": fact.label or None,
        f"{name}_origin": fact.origin,
        f"{name}_source": _as_uuid(fact.source),
        f"{name}_run": _as_uuid(fact.run),
    }


def _as_uuid(stored):
    """A public id, which SQLite keeps as text."""
    return uuid.UUID(stored) if isinstance(stored, str) else stored
