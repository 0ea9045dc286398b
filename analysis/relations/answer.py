"""From matches to rows: uncertainties and provenance, in fixed queries a page."""

import base64
import binascii
import json
import math

from django.core.exceptions import ValidationError

from analysis.models import PropertyValue
from analysis.relations import sql
from labdata.common.units import convert_uncertainty
from samples.models import Fact, Relation, Subject

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
PROVENANCE = ("sample", "sample_id", "project", "state")
CHUNK = 2000


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
    places = _places_of(subjects, question.projects)
    facts = _facts_of(subjects, question.shown)
    runs = _runs_of(facts)
    rows = []
    for subject in subjects:
        row = dict(places[subject])
        for column in question.shown:
            fact = facts.get((subject, column.name))
            row |= _cell(column, fact, runs)
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
    fits = isinstance(value, str)
    if column.is_number:
        fits = isinstance(value, int | float) and math.isfinite(value)
    is_id = isinstance(subject, int) and 0 <= subject < 2**63
    if not (fits and is_id) or isinstance(value, bool) or isinstance(subject, bool):
        raise ValidationError({"cursor": "This cursor belongs to another question."})
    return value, subject


def _places_of(subjects, projects):
    """Sample, project and state of subjects, by id."""
    fields = (
        "pk",
        "relation",
        "process__kind",
        "process__name",
        "sample__code",
        "sample__uuid",
        "sample__project_id",
    )
    rows = Subject.objects.filter(pk__in=subjects).values(*fields)
    return {
        row["pk"]: {
            "sample": row["sample__code"],
            "sample_id": row["sample__uuid"],
            "project": projects[row["sample__project_id"]],
            "state": _state(row),
        }
        for row in rows
    }


def _state(row):
    relation = Relation(row["relation"]).label
    process = row["process__name"] or (row["process__kind"] or "").replace("_", " ")
    return f"{relation} {process}".strip()


def _facts_of(subjects, columns):
    """Facts by subject and column, in one query for all columns."""
    by_variable = {}
    for column in columns:
        by_variable.setdefault(column.known.id, []).append(column)
    rows = Fact.objects.filter(
        subject_id__in=subjects, variable_id__in=[pk for pk in by_variable if pk]
    ).only(
        "subject_id",
        "variable_id",
        "is_default",
        "value",
        "text",
        *DETAILS[:-1],
    )
    facts = {}
    for fact in rows:
        for column in by_variable[fact.variable_id]:
            label = column.asked.label
            if fact.is_default if label is None else fact.label == label:
                facts[fact.subject_id, column.name] = fact
    return facts


def _runs_of(facts):
    """Public ids of the runs that gave the values facts were taken from."""
    sources = {fact.source for fact in facts.values() if fact.source}
    return dict(
        PropertyValue.objects.filter(uuid__in=sources, run__isnull=False).values_list(
            "uuid", "run__uuid"
        )
    )


def _cell(column, fact, runs):
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
        f"{name}_flags": fact.flags,
        f"{name}_label": fact.label or None,
        f"{name}_origin": fact.origin,
        f"{name}_source": fact.source,
        f"{name}_run": runs.get(fact.source),
    }
