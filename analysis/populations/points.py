"""The values of a population: those that count, and those somebody left out."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import Q

from analysis.models import Decision, PropertyValue
from analysis.relations import answer
from analysis.runs.current import REJECTED, has_verdict
from analysis.value_facts import default_label, rank
from samples.models import Fact
from samples.where import span

MOST_POINTS = 20_000
MOST_EXCLUDED = 2_000


@dataclass(slots=True)
class Point:
    """One value with whose it is; ``by`` is what it is grouped by.

    ``source`` is the public id of the value. Of one left out, ``reason``,
    ``excluded_by`` and ``excluded_at`` say why, by whom and when, and ``is_run`` that
    its whole fit was rejected.
    """

    sample: str
    sample_id: object
    cell: str | None
    state: str
    value: float
    by: object = None
    uncertainty: float | None = None
    bound: str = "="
    label: str | None = None
    origin: str = ""
    source: object = None
    run: object = None
    flags: list = field(default_factory=list)
    reason: str = ""
    excluded_by: str = ""
    excluded_at: object = None
    is_run: bool = False

    @property
    def is_excluded(self):
        return bool(self.reason)

    @property
    def name(self):
        return f"{self.sample} / {self.cell}" if self.cell else self.sample


def collect(question) -> tuple[list[Point], list[Point]]:
    """The points that count, and those that were left out.

    Raises
    ------
    ValidationError
        If there are more than a person can look at.
    """
    relation = question.relation
    rows = list(answer.answer_all(relation, limit=MOST_POINTS + 1))
    if len(rows) > MOST_POINTS:
        raise ValidationError(
            {"filter": f"More than {MOST_POINTS} values: narrow them by a filter."}
        )
    counted = [_point(row) for row in rows]
    return counted, _excluded(question)


def _point(row):
    return Point(
        sample=row["sample"],
        sample_id=row["sample_id"],
        cell=row["cell"],
        state=row["state"],
        value=row["y"],
        by=row.get("color"),
        uncertainty=row["y_uncertainty"],
        bound=row["y_bound"],
        label=row["y_label"],
        origin=row["y_origin"],
        source=row["y_source"],
        run=row["y_run"],
        flags=row["y_flags"],
    )


def _excluded(question):
    """Rejected values in whose place no other answers, in a fixed number of queries."""
    relation = question.relation
    if not relation.projects:
        return []
    values = PropertyValue.objects.filter(
        quantity=relation.y.asked.key,
        project_id__in=list(relation.projects),
        sample__archived_at__isnull=True,
        superseded_by__isnull=True,
    ).filter(
        has_verdict("value", "pk", REJECTED)
        | (Q(run__isnull=False) & has_verdict("run", "run", REJECTED))
    )
    if relation.y.asked.label is not None:
        values = values.filter(label=relation.y.asked.label)
    if relation.origins:
        values = values.filter(origin__in=relation.origins)
    rows = values.with_standing().with_state().select_related("run")[:MOST_EXCLUDED]
    by_subject = {}
    for row in rows:
        by_subject.setdefault(row.state_id, []).append(row)
    facts = _facts(question, list(by_subject))
    picked = {
        subject: _picked(rows, relation.y.asked.label)
        for subject, rows in by_subject.items()
        if not _answers(relation.y, facts.get(subject, ()))
    }
    picked = {
        subject: row
        for subject, row in picked.items()
        if all(_holds(one, facts.get(subject, ()), row) for one in relation.conditions)
    }
    if not picked:
        return []
    said = _reasons(picked.values())
    places = answer.places_of(list(picked), relation.projects)
    return [
        _excluded_point(
            row, relation, places[subject], said, _by(question, facts.get(subject, ()))
        )
        for subject, row in sorted(picked.items())
        if row.pk in said
    ]


def _picked(rows, label):
    if label is None:
        label = default_label(rows)
    return min((row for row in rows if row.label == label), key=rank)


def _facts(question, subjects):
    """Facts of the subjects that decide where they stand and whether they are asked."""
    relation = question.relation
    columns = [relation.y, relation.color, *relation.conditions]
    ids = {column.known.id for column in columns if column and column.known.id}
    facts = {}
    for fact in Fact.objects.filter(subject_id__in=subjects, variable_id__in=ids):
        facts.setdefault(fact.subject_id, []).append(fact)
    return facts


def _found(column, asked, facts):
    for fact in facts:
        if fact.variable_id != column.known.id:
            continue
        if fact.is_default if asked.label is None else fact.label == asked.label:
            return fact
    return None


def _answers(column, facts):
    return _found(column, column.asked, facts) is not None


def _by(question, facts):
    by = question.by
    fact = by and _found(by, by.asked, facts)
    if fact is None:
        return None
    return by.convert(fact.value) if by.is_number else fact.text or None


def _holds(condition, facts, row):
    """Whether a value that does not answer would pass a filter."""
    asked = condition.filter.variable
    operator = condition.filter.operator
    if asked.key == row.quantity:
        number, text = row.value, ""
    else:
        fact = _found(condition, asked, facts)
        if fact is None:
            return False
        number, text = fact.value, fact.text
    if not condition.known.is_number:
        is_among = text in condition.filter.values
        return is_among if operator in ("eq", "in") else not is_among
    if number is None:
        return False
    spans = [span(one, condition.known.unit) for one in condition.numbers]
    low, high = spans[0]
    return {
        "eq": low <= number <= high,
        "in": any(first <= number <= last for first, last in spans),
        "ne": not low <= number <= high,
        "between": low <= number <= spans[-1][1],
        "lt": number < low,
        "le": number <= high,
        "gt": number > high,
        "ge": number >= low,
    }[operator]


def _reasons(rows):
    """The newest decision about each value, or about its run, by the value's row id."""
    ids = [row.pk for row in rows]
    runs = [row.run_id for row in rows if row.run_id]
    of_values, of_runs = {}, {}
    decisions = Decision.objects.filter(
        Q(value_id__in=ids) | Q(run_id__in=runs)
    ).select_related("user")
    for decision in decisions.order_by("pk"):
        if decision.value_id:
            of_values[decision.value_id] = decision
        else:
            of_runs[decision.run_id] = decision
    said = {}
    for row in rows:
        for decision in (of_values.get(row.pk), of_runs.get(row.run_id)):
            if decision and decision.verdict == REJECTED:
                said.setdefault(row.pk, decision)
    return said


def _excluded_point(row, relation, place, said, by):
    decision = said[row.pk]
    return Point(
        sample=place["sample"],
        sample_id=place["sample_id"],
        cell=place["cell"],
        state=place["state"],
        value=relation.y.convert(row.value),
        by=by,
        bound=row.bound,
        label=row.label or None,
        origin=row.origin,
        source=row.uuid,
        run=row.run.uuid if row.run else None,
        flags=row.flags,
        reason=decision.reason,
        excluded_by=decision.user.get_username() if decision.user else "",
        excluded_at=decision.time,
        is_run=decision.run_id is not None,
    )
