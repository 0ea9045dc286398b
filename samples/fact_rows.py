"""Writing facts in bulk: statements of many rows, put together once.

The facts of a sample are rewritten with every change of it, and those of thousands of
cells after an import: going through model instances would take most of that time.
"""

import json
import sqlite3

from django.db import connection

from samples.models import Fact
from samples.models.facts import PROMOTED_COLUMNS

VALUES_AT_ONCE = 30_000
COLUMNS = (
    "subject_id",
    "sample_id",
    "project_id",
    "variable_id",
    "label",
    "is_default",
    "value",
    "text",
    "uncertainty",
    "low",
    "high",
    "bound",
    "flags",
    "origin",
    "source",
    *PROMOTED_COLUMNS,
)
LONGEST_TEXT = 300


def insert_facts(rows, projects, variables, promoted):
    """Insert one fact a row.

    Parameters
    ----------
    rows : list of samples.facts.FactRow
    projects, variables : dict
        Ids of the projects by sample, and of the variables by key.
    promoted : dict
        Values of promoted columns by subject.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in COLUMNS)
    head = f"INSERT INTO {quote(Fact._meta.db_table)} ({columns}) VALUES "
    place = f"({', '.join(['%s'] * len(COLUMNS))})"
    adapt = Fact._meta.get_field("source").get_db_prep_value
    with connection.cursor() as cursor:
        at_once = _values_at_once() // len(COLUMNS)
        for start in range(0, len(rows), at_once):
            values = []
            part = rows[start : start + at_once]
            for row in part:
                own = promoted.get(row.subject_id, {})
                values += (
                    row.subject_id,
                    row.sample_id,
                    projects[row.sample_id],
                    variables[row.variable.key],
                    row.label,
                    row.is_default,
                    row.value,
                    row.text[:LONGEST_TEXT],
                    row.uncertainty,
                    row.low,
                    row.high,
                    row.bound,
                    json.dumps(list(row.flags)) if row.flags else "[]",
                    str(row.origin),
                    adapt(row.source, connection) if row.source else None,
                    *(own.get(name) for name in PROMOTED_COLUMNS),
                )
            cursor.execute(head + ", ".join([place] * len(part)), values)


def _values_at_once():
    """How many values a statement may carry; SQLite is built for 999 or more."""
    if connection.vendor != "sqlite":
        return VALUES_AT_ONCE
    most = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    return min(most, VALUES_AT_ONCE)
