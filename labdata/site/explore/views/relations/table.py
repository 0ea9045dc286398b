"""The table under a picture: the same numbers, and what they lead to."""

from django.utils.html import format_html

from analysis.relations import aggregate
from analysis.relations.points import SPREADS
from labdata.common.variables import AGGREGATES
from labdata.plugin import Number
from labdata.site.kit.tags.quantities import measured_text, unit_symbol
from labdata.site.kit.tags.values import shown_value

GROUP_TITLES = {
    "count": "Values",
    "bounded": "Limits among them",
    "simulated": "Simulated among them",
}
ROWS_SHOWN = 50


def told_table(question, columns, rows):
    """Head and rows as texts with what they lead to."""
    if question.aggregates:
        names = [
            name
            for name in aggregate.column_names(question)
            if name not in SPREADS.values()
        ]
        titles = {column["name"]: _title(column) for column in columns}
        return {
            "head": [
                titles.get(name) or GROUP_TITLES.get(name) or _statistic_title(name)
                for name in names
            ],
            "rows": [
                {"cells": [_group_cell(name, row) for name in names]} for row in rows
            ],
        }
    return {
        "head": [_title(column) for column in columns],
        "has_cells": any(row["cell"] for row in rows),
        "has_states": any(row["state"] != "as made" for row in rows),
        "rows": [
            {
                "sample": row["sample"],
                "sample_id": row["sample_id"],
                "cell": row["cell"],
                "state": row["state"],
                "cells": [_cell(column, row) for column in columns],
                **_provenance(question, row),
            }
            for row in rows
        ],
    }


def _statistic_title(name):
    """A statistic, or an end of the bins a column is parted in."""
    for ending, words in (("_low", "From"), ("_high", "To")):
        if name.endswith(ending):
            return words
    return AGGREGATES[name]


def _provenance(question, row):
    """Origin and run of the property: of y, or of what colours two conditions."""
    names = [column.name for column in question.drawn]
    measured = [name for name in ("y", "color", "x") if name in names]
    name = next((one for one in measured if row[f"{one}_source"]), "y")
    return {"origin": row[f"{name}_origin"], "run": row[f"{name}_run"]}


def _title(column):
    unit = unit_symbol(column["unit"])
    return f"{column['label']} [{unit}]" if unit else column["label"]


def _cell(column, row):
    name = column["name"]
    value = row[name]
    if column["kind"] == "text" or value is None:
        return "—" if value is None else value
    number = Number(value, row[f"{name}_uncertainty"], bound=row[f"{name}_bound"])
    shown = shown_value(number)
    label = row[f"{name}_label"]
    if label and column["default_pick"]:
        return format_html("{} [{}]", shown, label)
    return shown


def _group_cell(name, row):
    """A statistic as printed, and with more digits for whoever asks."""
    value = row.get(name)
    if isinstance(value, float):
        text = measured_text(value, row.get(SPREADS.get(name)))
        return {"text": text, "exact": measured_text(value)}
    return {"text": "—" if value is None else value, "exact": ""}
