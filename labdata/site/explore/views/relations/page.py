"""The page of a question, and the numbers its picture is drawn from."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page

from analysis.relations import aggregate, answer, sql
from analysis.relations.points import MOST_POINTS, collect_points
from analysis.relations.question import ROLES, read_question
from analysis.relations.search import FAMILIES, search_variables
from analysis.relations.variables import (
    find_variables,
    promoted_columns,
    visible_projects,
    visible_variables,
)
from labdata.common.people.saved_views import SavedView
from labdata.common.variables import AGGREGATES, OPERATORS, split_key
from labdata.site.explore.views.relations.table import ROWS_SHOWN, told_table
from labdata.site.kit.asked import (
    FILTER_FIELDS,
    bin_choices,
    in_plain_words,
    known_labels,
    read_address,
    tidied,
    told_filter,
    told_role,
    typeset_label,
)
from labdata.site.kit.tags.quantities import unit_symbol
from samples.models import Origin

# Without scripts a field is completed from a list, which no page can carry whole.
MOST_LISTED = 300
MOST_OPENINGS = 8
PYTHON = """import os, pandas

table = pandas.read_parquet(
    "{}&format=parquet",
    storage_options={{"Authorization": f"Token {{os.environ['LABDATA_TOKEN']}}"}},
)"""
CHARTS = {
    "scatter": "Scatter",
    "box": "Box",
    "heatmap": "Heat map",
    "histogram": "Histogram",
}


@login_required
def relation(request):
    """Ask by the parameters of the API; the form's filter fields become one of them."""
    if any(name in request.GET for name in FILTER_FIELDS):
        return redirect(tidied(request))
    asked = read_address(request)
    projects = visible_projects(request.user)
    known = known_labels(asked, list(projects))
    context = _answered(request, asked, projects) if asked.is_question else {}
    errors = context.get("errors", {})
    context |= {
        "roles": [told_role(role, asked, known, errors) for role in ROLES],
        "listed": visible_variables(list(projects))
        .order_by("key")
        .values_list("key", "label")[:MOST_LISTED],
        "projects": sorted(projects.values()),
        "asked_project": asked.one("project"),
        "operators": OPERATORS,
        "aggregates": AGGREGATES,
        "asked_aggregate": asked.one("aggregate"),
        "bin_choices": bin_choices(asked),
        "origins": Origin.choices,
        "asked_origins": [
            origin for text in asked.api.get("origin", []) for origin in text.split(",")
        ],
        "filters": [told_filter(text, known) for text in asked.api.get("filter", [])],
        "drawn": asked.drawn,
        "saved_views": SavedView.objects.visible_to(request.user).for_page("relation"),
        "page_key": "relation",
    }
    if not asked.is_question:
        context["openings"] = _openings(list(projects))
    return render(request, "explore/relations/relation.html", context)


@login_required
@gzip_page
def relation_points(request):
    """The numbers of a question as columns, with what they mean."""
    asked = read_address(request)
    try:
        question = read_question(asked.api, visible_projects(request.user))
    except ValidationError as error:
        return JsonResponse({"errors": error.message_dict}, status=400)
    return JsonResponse(
        {
            "axes": _axes(question),
            "function": question.aggregates[0] if question.aggregates else "",
            "most": MOST_POINTS,
            **collect_points(question),
        }
    )


def _openings(project_ids):
    """Questions to begin with: what was measured over what is usually asked about."""
    known = find_variables(promoted_columns(), project_ids)
    there = [key for key in promoted_columns() if key in known and known[key].id]
    axes = dict(zip(("x", "color"), there, strict=False))
    choices, _ = search_variables(
        "", project_ids, numbers_only=True, properties_first=True
    )
    measured = [one for one in choices if one.family not in FAMILIES and one.count]
    return [
        {
            "words": choice.label,
            "count": choice.count,
            "query": urlencode(axes | {"y": choice.name}),
        }
        for choice in measured
        if "[" not in choice.name
    ][:MOST_OPENINGS]


def _answered(request, asked, projects):
    try:
        question = read_question(asked.api, projects)
    except ValidationError as error:
        return {"errors": in_plain_words(error.message_dict, asked)}
    simulated_count = 0
    if question.aggregates:
        rows, values_count = aggregate.answer_groups(question)
        count = len(rows)
        simulated_count = sum(row["simulated"] for row in rows)
    else:
        rows, count, _ = answer.answer_page(question, limit=ROWS_SHOWN)
        values_count = count
        if count:
            simulated_count = sql.count_simulated(question).rows()[0][0]
    columns = answer.describe_columns(question.told)
    address = request.build_absolute_uri(reverse("relation-list"))
    return {
        "question": question,
        "columns": columns,
        "count": count,
        "values_count": values_count,
        "most_points": MOST_POINTS,
        "table": told_table(question, columns, rows[:ROWS_SHOWN]),
        "rows_shown": min(len(rows), ROWS_SHOWN),
        "query": asked.query,
        "points_address": f"{reverse('site:relation-points')}?{asked.query}",
        "api_address": f"{address}?{asked.query}",
        "python_lines": PYTHON.format(f"{address}?{asked.query}"),
        "understood": answer.describe_filters(question),
        "simulated_count": simulated_count,
        "charts": CHARTS,
    }


def _axes(question):
    """What each part of the picture shows: words, unit, and the kind of values."""
    told = {}
    for column in question.drawn:
        label = column.known.label
        if column.asked.label:
            label += f" [{column.asked.label}]"
        told[column.name] = {
            "variable": str(column.asked),
            "label": label,
            "html": typeset_label(column.asked.key, label),
            "unit": unit_symbol(column.unit),
            "kind": column.known.kind,
            "family": split_key(column.asked.key)[0],
        }
    if question.aggregates:
        words = AGGREGATES[question.aggregates[0]]
        y = told["y"]
        if question.aggregates[0] == "count":
            told["y"] |= {"unit": "", "kind": "number", "label": words, "html": words}
        else:
            tail = f", {words.lower()}"
            told["y"] |= {"label": y["label"] + tail, "html": y["html"] + tail}
    return told
