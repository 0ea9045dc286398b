"""The statement behind every relation, in SQL that both databases read alike.

Matches are found in one fenced step and only then ordered and cut. Left to
themselves planners walk the index of the value until enough matches are met, which is
far away whenever the value depends on the descriptor, as physics has it.

Two ways find the same matches. Facts carry the values of a few promoted descriptors
of their subject: where a question needs no others, one index answers it. Any other
question joins the facts of a subject with each other.
"""

from dataclasses import dataclass, field

from django.db import connection

from analysis.relations.question import Question
from analysis.relations.variables import promoted_columns
from samples.models import Fact

FACTS = Fact._meta.db_table
# Numbers typed in another unit come back with rounding in the last digits.
TOLERANCE = 1e-9
KELVIN_OFFSET = 273.15
TEMPERATURES = ("°C", "K", "°F")


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    params: list

    def rows(self):
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            return cursor.fetchall()


@dataclass
class _Match:
    """Grows the fenced step: joins, conditions and their parameters, in order."""

    question: Question
    promoted: bool
    joins: list[str] = field(default_factory=list)
    join_params: list = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    params: list = field(default_factory=list)
    aliases: dict = field(default_factory=dict)

    def expression(self, asked, known, *, optional=False):
        """SQL for a variable of the subject, joined on first need."""
        if (asked, False) in self.aliases:
            return self.aliases[asked, False]
        held = (asked, optional)
        if held not in self.aliases:
            self.aliases[held] = self._reach(asked, known, optional)
        return self.aliases[held]

    def _reach(self, asked, known, optional):
        column = promoted_columns().get(asked.key) if self.promoted else None
        if column and asked.label is None:
            return self._required(f"y.{column}", known, optional)
        alias = f"f{len(self.aliases)}"
        condition, params = _is_variable(alias, asked, known)
        kind = "LEFT JOIN" if optional else "JOIN"
        self.joins.append(
            f"{kind} {FACTS} {alias} ON {alias}.subject_id = y.subject_id"
            f" AND {condition}"
        )
        self.join_params += params
        return self._required(_stored(alias, known), known, optional)

    def _required(self, expression, known, optional):
        if not optional:
            self.where.append(_is_there(expression, known))
        return expression

    def add(self, sql, params=()):
        self.where.append(sql)
        self.params += params


def can_promote(question, needed=()):
    """Whether one index answers: all but y are descriptors that facts carry."""
    promoted = promoted_columns()
    y = question.y.asked
    others = [question.x.asked, *(c.filter.variable for c in question.conditions)]
    others += [column.asked for column in needed]
    return all(
        asked == y or (asked.label is None and asked.key in promoted)
        for asked in others
    )


def page(question, *, limit, after=None, path=None) -> Statement:
    """Subjects of one page with x, y and the exact count of all matches.

    ``after`` is the (value, subject) of the last row before the page.
    """
    match, params = _matched(question, {}, path)
    by = question.sort.removeprefix("-")
    descending = question.sort.startswith("-")
    where = ""
    tail = []
    if after is not None:
        sign = "<" if descending else ">"
        where = f"WHERE ({by} {sign} %s OR ({by} = %s AND subject_id {sign} %s))"
        tail = [after[0], after[0], after[1]]
    direction = "DESC" if descending else "ASC"
    sql = (
        f"{match} SELECT subject_id, x, y, (SELECT COUNT(*) FROM matched) FROM matched"
        f" {where} ORDER BY {by} {direction}, subject_id {direction}"
    )
    if limit is not None:
        sql += " LIMIT %s"
        tail.append(limit)
    return Statement(sql, params + tail)


def count(question, *, path=None) -> Statement:
    """The exact number of matches."""
    match, params = _matched(question, {}, path)
    return Statement(f"{match} SELECT COUNT(*) FROM matched", params)


def all_values(question, groups, *, path=None) -> Statement:
    """Subject, y, its uncertainty and bound, and the grouping variables, unordered."""
    names = {f"g{number}": column for number, column in enumerate(groups)}
    match, params = _matched(question, names, path)
    columns = ", ".join(["subject_id", "y", "uncertainty", "bound", *names])
    return Statement(f"{match} SELECT {columns} FROM matched", params)


def _matched(question, extra, path):
    """The fenced step, and its parameters."""
    promoted = can_promote(question, extra.values()) if path is None else path
    match = _Match(question, bool(promoted))
    y, x = question.y, question.x
    match.aliases[y.asked, False] = _stored("y", y.known)
    columns = [
        "y.subject_id AS subject_id",
        f"{match.expression(x.asked, x.known)} AS x",
        f"{match.expression(y.asked, y.known)} AS y",
    ]
    if extra:
        columns += ["y.uncertainty AS uncertainty", "y.bound AS bound"]
    for name, column in extra.items():
        # A missing colour is a group of its own, a missing x is no match.
        optional = column.name != "x"
        expression = match.expression(column.asked, column.known, optional=optional)
        columns.append(f"{expression} AS {name}")
    condition, params = _is_variable("y", y.asked, y.known)
    match.where.append(_is_there(_stored("y", y.known), y.known))
    base = [condition]
    _restrict(match)
    sql = (
        f"WITH matched AS MATERIALIZED (SELECT {', '.join(columns)} FROM {FACTS} y"
        f" {' '.join(match.joins)} WHERE {' AND '.join(base + match.where)})"
    )
    return sql, match.join_params + params + match.params


def _restrict(match):
    question = match.question
    for condition in question.conditions:
        expression = match.expression(condition.filter.variable, condition.known)
        match.add(*_compare(expression, condition))
    projects, origins = list(question.projects), list(question.origins)
    match.add(f"y.project_id IN ({_places(projects)})", projects)
    if origins:
        match.add(f"y.origin IN ({_places(origins)})", origins)


def _is_variable(alias, asked, known):
    if asked.label is None:
        return (
            f"{alias}.variable_id = %s AND {alias}.is_default = %s",
            [known.id, True],
        )
    return f"{alias}.variable_id = %s AND {alias}.label = %s", [known.id, asked.label]


def _stored(alias, known):
    return f"{alias}.value" if known.is_number else f"{alias}.text"


def _is_there(expression, known):
    return f"{expression} IS NOT NULL" if known.is_number else f"{expression} <> ''"


def _compare(expression, condition):
    operator = condition.filter.operator
    if not condition.known.is_number:
        values = list(condition.filter.values)
        if operator == "in":
            return f"{expression} IN ({_places(values)})", values
        return f"{expression} {'=' if operator == 'eq' else '<>'} %s", values
    spans = [_span(number, condition.known.unit) for number in condition.numbers]
    low, high = spans[0]
    if operator == "between":
        return f"{expression} BETWEEN %s AND %s", [low, spans[1][1]]
    if operator in ("eq", "in"):
        either = " OR ".join([f"{expression} BETWEEN %s AND %s"] * len(spans))
        return f"({either})", [end for span in spans for end in span]
    if operator == "ne":
        return f"{expression} NOT BETWEEN %s AND %s", [low, high]
    # The value itself belongs to le and ge, and not to lt and gt.
    sign, end = {
        "lt": ("<", low),
        "le": ("<=", high),
        "gt": (">", high),
        "ge": (">=", low),
    }[operator]
    return f"{expression} {sign} %s", [end]


def _span(number, unit):
    scale = abs(number) + (KELVIN_OFFSET if unit in TEMPERATURES else 0.0)
    return number - TOLERANCE * scale, number + TOLERANCE * scale


def _places(values):
    return ", ".join(["%s"] * len(values))
