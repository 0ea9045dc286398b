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
from labdata.common.variables import split_key
from samples.models import Fact
from samples.where import span

FACTS = Fact._meta.db_table
# What cells only have from their device: asked about these, a device answers once.
OF_DEVICES = frozenset(
    ["composition", "ion", "element", "process", "layer", "device", "sample"]
)
SPREAD = {"eq": 0, "in": 0, "between": 1}


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
    """Grows the fenced step: the facts it joins, and what must hold of them."""

    question: Question
    promoted: bool
    tables: list[tuple[int, str]] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)
    optional_params: list = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    params: list = field(default_factory=list)
    expressions: dict = field(default_factory=dict)

    def add(self, sql, params=()):
        self.where.append(sql)
        self.params += params

    def take_y(self):
        """Begin with the facts that are asked for."""
        y = self.question.y
        self.tables.append((self._spread(y.asked), f"{FACTS} y"))
        self.add(*_is_variable("y", y.asked, y.known))
        return self._required(y.asked, _stored("y", y.known), y.known)

    def expression(self, asked, known):
        """SQL for a variable every match has, joined on first need."""
        if asked in self.expressions:
            return self.expressions[asked]
        column = promoted_columns().get(asked.key) if self.promoted else None
        if column and asked.label is None:
            return self._required(asked, f"y.{column}", known)
        alias = f"f{len(self.tables)}"
        self.tables.append((self._spread(asked), f"{FACTS} {alias}"))
        self.add(*_is_variable(alias, asked, known))
        self.add(f"{alias}.subject_id = y.subject_id")
        return self._required(asked, _stored(alias, known), known)

    def group(self, asked, known):
        """SQL for a variable that a match may lack."""
        if asked in self.expressions:
            return self.expressions[asked]
        column = promoted_columns().get(asked.key) if self.promoted else None
        if column and asked.label is None:
            return f"y.{column}"
        alias = f"g{len(self.optional)}"
        condition, params = _is_variable(alias, asked, known)
        self.optional.append(
            f"LEFT JOIN {FACTS} {alias} ON {alias}.subject_id = y.subject_id"
            f" AND {condition}"
        )
        self.optional_params += params
        return _stored(alias, known)

    def _required(self, asked, expression, known):
        self.add(_is_there(expression, known))
        self.expressions[asked] = expression
        return expression

    def _spread(self, asked):
        """How much of a variable its filters let through: little, some, all."""
        return min(
            (
                SPREAD.get(condition.filter.operator, 2)
                for condition in self.question.conditions
                if condition.filter.variable == asked
            ),
            default=3,
        )

    def sources(self):
        """The joined facts, those first of which the filters leave least.

        SQLite, which knows nothing of how values lie within a variable, joins in the
        order CROSS JOIN names; PostgreSQL finds its own.
        """
        tables = [table for _, table in sorted(self.tables, key=lambda t: t[0])]
        return " ".join([" CROSS JOIN ".join(tables), *self.optional])


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


def all_values(question, groups, *, with_uncertainty=False, path=None) -> Statement:
    """Subject, y, if asked its uncertainty, and the grouping variables, unordered."""
    names = {f"v{number}": column for number, column in enumerate(groups)}
    match, params = _matched(question, names, path, with_uncertainty)
    asked = ["subject_id", "y", *(["uncertainty"] if with_uncertainty else []), *names]
    return Statement(f"{match} SELECT {', '.join(asked)} FROM matched", params)


def limits(question) -> Statement:
    """Subjects whose y is a limit; a small index knows them."""
    y = question.y
    condition, params = _is_variable("y", y.asked, y.known)
    # Written as the condition of the index is.
    statement = f"SELECT y.subject_id FROM {FACTS} y WHERE {condition}"
    return Statement(f"{statement} AND NOT (y.bound = '=')", params)


def simulated(question) -> Statement:
    """Subjects of which something drawn is simulated; a small index knows them."""
    parts, params = [], []
    for column in question.drawn:
        if column.known.id is None:
            continue
        condition, more = _is_variable("f", column.asked, column.known)
        # Written as the condition of the index is.
        parts.append(
            f"SELECT f.subject_id FROM {FACTS} f WHERE {condition}"
            " AND f.origin = 'simulated'"
        )
        params += more
    return Statement(" UNION ".join(parts), params)


def count_simulated(question) -> Statement:
    """How many matches have something drawn from simulated data."""
    match, params = _matched(question, {}, None)
    found = simulated(question)
    return Statement(
        f"{match} SELECT COUNT(*) FROM matched WHERE subject_id IN ({found.sql})",
        params + found.params,
    )


def _matched(question, extra, path, with_uncertainty=False):
    """The fenced step, and its parameters."""
    promoted = can_promote(question, extra.values()) if path is None else path
    match = _Match(question, bool(promoted))
    y, x = match.take_y(), question.x
    columns = [
        "y.subject_id AS subject_id",
        f"{match.expression(x.asked, x.known)} AS x",
        f"{y} AS y",
    ]
    if with_uncertainty:
        columns.append("y.uncertainty AS uncertainty")
    _restrict(match)
    for name, column in extra.items():
        columns.append(f"{match.group(column.asked, column.known)} AS {name}")
    sql = (
        f"WITH matched AS MATERIALIZED (SELECT {', '.join(columns)}"
        f" FROM {match.sources()} WHERE {' AND '.join(match.where)})"
    )
    return sql, match.optional_params + match.params


def _restrict(match):
    question = match.question
    for condition in question.conditions:
        expression = match.expression(condition.filter.variable, condition.known)
        match.add(*_compare(expression, condition))
    projects, origins = list(question.projects), list(question.origins)
    match.add(f"y.project_id IN ({_places(projects)})", projects)
    if _is_of_devices(question):
        match.add(
            "NOT EXISTS (SELECT 1 FROM samples_subject u"
            " WHERE u.id = y.subject_id AND u.cell_id IS NOT NULL)"
        )
    if origins:
        match.add(f"y.origin IN ({_places(origins)})", origins)


def _is_of_devices(question):
    asked = [column.asked for column in (*question.drawn, *question.groups)]
    asked += [condition.filter.variable for condition in question.conditions]
    return all(split_key(variable.key)[0] in OF_DEVICES for variable in asked)


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
    spans = [span(number, condition.known.unit) for number in condition.numbers]
    low, high = spans[0]
    if operator == "between":
        return f"{expression} BETWEEN %s AND %s", [low, spans[1][1]]
    if operator in ("eq", "in"):
        either = " OR ".join([f"{expression} BETWEEN %s AND %s"] * len(spans))
        return f"({either})", [end for ends in spans for end in ends]
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


def _places(values):
    return ", ".join(["%s"] * len(values))


def about(statement, subjects, variables=()):
    """Rows of a statement with the places ``{subjects}`` and ``{variables}``."""
    if not subjects:
        return []
    filled = statement.format(subjects=_places(subjects), variables=_places(variables))
    return Statement(filled, [*subjects, *variables]).rows()
