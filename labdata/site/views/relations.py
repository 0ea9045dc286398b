"""The page of a relation: one question, its plot, its table, its files, its address."""

from dataclasses import replace
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse

from analysis.relations import aggregate, answer
from analysis.relations.question import read_question
from analysis.relations.variables import (
    describe_variables,
    visible_projects,
    visible_variables,
)
from labdata.common.variables import (
    AGGREGATES,
    OPERATORS,
    Filter,
    VariableError,
    VariableName,
    parse_filter,
    parse_variable,
)
from labdata.site.templatetags.quantities import measured_text, unit_symbol
from samples.models import Origin

MOST_POINTS = 2000
ROWS_SHOWN = 50
MOST_VARIABLES = 2000
# What the page adds to the parameters of the API; a filter is put together of three.
OWN = ("filter_variable", "filter_operator", "filter_value", "rows")
GROUP_TITLES = {
    "count": "Values",
    "bounded": "Limits among them",
    "x_low": "From",
    "x_high": "To",
}
SPREADS = {"mean": "mean_uncertainty", "weighted_mean": "weighted_mean_uncertainty"}
FAMILIES = {
    "composition": "Composition",
    "ion": "Ions",
    "element": "Elements",
    "process": "Processes",
    "measurement": "Measurement conditions",
    "sample": "Samples",
    "pl": "Photoluminescence",
}


@login_required
def relation(request):
    """Ask by the parameters of the API; the form's filter fields become one of them."""
    if any(name in request.GET for name in OWN):
        return redirect(_tidied(request))
    asked = {
        name: [value for value in values if value]
        for name, values in request.GET.lists()
        if any(values)
    }
    projects = visible_projects(request.user)
    variables = _offered(list(projects))
    context = {
        "families": _families(variables),
        "texts": [one for one in variables if one["kind"] == "text"],
        "projects": sorted(projects.values()),
        "operators": OPERATORS,
        "aggregates": AGGREGATES,
        "origins": Origin.choices,
        "asked": {name: values[0] for name, values in asked.items()},
        "asked_origins": asked.get("origin", []),
        "filters": [_told_filter(text, variables) for text in asked.get("filter", [])],
    }
    if "x" in asked and "y" in asked:
        context |= _answered(request, asked, projects)
    return render(request, "relations/relation.html", context)


def _tidied(request):
    """The address of the question, with typed filters in the API's notation."""
    query = request.GET.copy()
    texts = query.getlist("filter")
    for variable, operator, value in zip(
        query.getlist("filter_variable"),
        query.getlist("filter_operator"),
        query.getlist("filter_value"),
        strict=False,
    ):
        if variable and value.strip():
            texts.append(_written_filter(variable, operator, value.strip()))
    for name in OWN:
        query.pop(name, None)
    query.setlist("filter", texts)
    kept = [(name, value) for name, all_ in query.lists() for value in all_ if value]
    return f"{request.path}?{urlencode(kept)}"


def _written_filter(variable, operator, value):
    """A filter in the API's notation; what cannot be one is left for it to refuse."""
    text = f"{variable}:{operator}:{value}"
    try:
        name = parse_variable(variable)
        if operator in ("in", "between"):
            return text
        return str(Filter(name, operator, (value,)))
    except VariableError:
        return text


def _told_filter(text, variables):
    """A filter in words, and the address of the question without it."""
    labels = {one["key"]: one for one in variables}
    try:
        parsed = parse_filter(text)
    except VariableError:
        return {"text": text, "words": text}
    known = labels.get(parsed.variable.key)
    label = known["label"] if known else parsed.variable.key
    if parsed.variable.label:
        label += f" [{parsed.variable.label}]"
    values = (" and " if parsed.operator == "between" else ", ").join(parsed.values)
    unit = unit_symbol(known["unit"]) if known else ""
    words = f"{label} {OPERATORS[parsed.operator]} {values} {unit}".strip()
    return {"text": text, "words": words}


def _offered(project_ids):
    rows = list(visible_variables(project_ids).order_by("key")[:MOST_VARIABLES])
    return describe_variables(rows, project_ids)


def _families(variables):
    """Variables and their labelled forms, grouped for a list to choose from."""
    families = {}
    for one in variables:
        title = FAMILIES.get(one["family"], one["family"])
        unit = unit_symbol(one["unit"])
        tail = f" ({unit})" if unit else ""
        choices = families.setdefault(title, [])
        choices.append(
            {
                "name": one["key"],
                "text": f"{one['label']}{tail}",
                "count": one["count"],
                "kind": one["kind"],
            }
        )
        for label in one["labels"]:
            choices.append(
                {
                    "name": str(VariableName(one["key"], label["label"])),
                    "text": f"{one['label']} [{label['label']}]{tail}",
                    "count": label["count"],
                    "kind": one["kind"],
                }
            )
    return families


def _answered(request, asked, projects):
    api = {name: values for name, values in asked.items() if name != "page_size"}
    try:
        question = read_question(api, projects)
    except ValidationError as error:
        return {"errors": error.message_dict}
    if question.aggregates:
        rows, values_count = aggregate.answer_groups(question)
        count = len(rows)
    else:
        rows, count, _ = answer.answer_page(question, limit=MOST_POINTS)
        values_count = count
    columns = answer.describe_columns(question.told)
    simulated_count = _count_simulated(question)
    points = _points(question, rows, has_simulated=simulated_count > 0)
    address = request.build_absolute_uri(reverse("relation-list"))
    query = urlencode(api, doseq=True)
    return {
        "question": question,
        "columns": columns,
        "count": count,
        "values_count": values_count,
        "shown": len(rows),
        "plot": _plot(question, columns, points),
        "table": _table(question, columns, rows[:ROWS_SHOWN]),
        "rows_shown": min(len(rows), ROWS_SHOWN),
        "query": query,
        "api_address": f"{address}?{query}",
        "understood": answer.describe_filters(question),
        "simulated_count": simulated_count,
        "is_simulated": simulated_count > 0
        or any(point["origin"] == "simulated" for point in points),
    }


def _count_simulated(question):
    """How many of the values asked for come from simulated data, shown or not."""
    if question.origins and Origin.SIMULATED not in question.origins:
        return 0
    simulated = replace(question, origins=(Origin.SIMULATED.value,), aggregates=())
    return answer.answer_page(simulated, limit=1)[1]


def _points(question, rows, *, has_simulated):
    """What the plot needs of each row, in the order of x."""
    function = question.aggregates[0] if question.aggregates else None
    y = function or "y"
    spread = SPREADS.get(function, "" if function else "y_uncertainty")
    points = []
    for row in rows:
        if row.get("x") is None or row.get(y) is None:
            continue
        points.append(
            {
                "x": row["x"],
                "y": row[y],
                "dx": row.get("x_uncertainty"),
                "dy": row.get(spread),
                "bound": row.get("y_bound") or "=",
                "origin": _origin(row, has_simulated=has_simulated),
                "color": row.get("color"),
                "name": row.get("sample") or f"{row['count']} values",
                "state": row.get("state") or "",
                "address": reverse("site:sample", args=[row["sample_id"]])
                if row.get("sample_id")
                else "",
            }
        )
    return points


def _origin(row, *, has_simulated):
    """Simulated where x or y is; all groups, where any of their values may be."""
    if "y_origin" not in row:
        return "simulated" if has_simulated else ""
    origins = (row.get("x_origin"), row.get("y_origin"))
    return "simulated" if "simulated" in origins else row["y_origin"]


def _plot(question, columns, points):
    about = {column["name"]: column for column in columns}

    def axis(name):
        column = about.get(name)
        if column is None:
            return None
        unit = unit_symbol(column["unit"])
        label = column["label"]
        asked = getattr(question, name).asked
        if asked.label:
            label += f" [{asked.label}]"
        return {"label": label, "unit": unit, "kind": column["kind"]}

    told = {"x": axis("x"), "y": axis("y"), "color": axis("color"), "points": points}
    told["simulated"] = "with simulated values" if question.aggregates else "simulated"
    if question.aggregates and question.aggregates[0] == "count":
        told["y"] = {"label": "Number of values", "unit": "", "kind": "number"}
    elif question.aggregates:
        told["y"]["label"] += f", {AGGREGATES[question.aggregates[0]].lower()}"
    return told


def _table(question, columns, rows):
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
                titles.get(name) or GROUP_TITLES.get(name) or AGGREGATES[name]
                for name in names
            ],
            "rows": [
                {"cells": [_group_cell(name, row) for name in names]} for row in rows
            ],
        }
    return {
        "head": [_title(column) for column in columns],
        "has_states": any(row["state"] != "as made" for row in rows),
        "rows": [
            {
                "sample": row["sample"],
                "sample_id": row["sample_id"],
                "state": row["state"],
                "cells": [_cell(column, row) for column in columns],
                "origin": row["y_origin"],
                "run": row["y_run"],
            }
            for row in rows
        ],
    }


def _title(column):
    unit = unit_symbol(column["unit"])
    return f"{column['label']} [{unit}]" if unit else column["label"]


def _cell(column, row):
    name = column["name"]
    value = row[name]
    if column["kind"] == "text" or value is None:
        return "—" if value is None else value
    text = measured_text(value, row[f"{name}_uncertainty"], "", row[f"{name}_bound"])
    label = row[f"{name}_label"]
    return f"{text} [{label}]" if label and column["default_pick"] else text


def _group_cell(name, row):
    value = row.get(name)
    if isinstance(value, float):
        return measured_text(value, row.get(SPREADS.get(name)))
    return "—" if value is None else value
