"""Survival of cells on a page: curves, medians, who is at risk, and the test."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse

from analysis.named_quantities import LIFETIMES, TRACK
from analysis.relations.variables import visible_projects, visible_variables
from analysis.stability import survival_answer as survival_of
from labdata.common.measures.quantities import quantities
from labdata.common.variables import OPERATORS
from labdata.site.kit.asked import (
    FILTER_FIELDS,
    Asked,
    known_labels,
    tidied,
    told_filter,
)
from samples.models import Fact

MOST_LISTED = 300


@login_required
def survival(request):
    """The page; its parameters are those of the API."""
    if any(name in request.GET for name in FILTER_FIELDS):
        return redirect(tidied(request))
    asked = {
        name: [value for value in values if value]
        for name, values in request.GET.lists()
        if any(values)
    }
    projects = visible_projects(request.user)
    known = known_labels(Asked(asked), list(projects))
    query = urlencode(asked, doseq=True)
    api = f"{reverse('survival-list')}?{query}"
    y = (asked.get("y") or [LIFETIMES[0]])[0]
    context = {
        "track": TRACK,
        "lifetimes": [(key, quantities[key].label) for key in LIFETIMES],
        "asked_y": y,
        "asked_by": (asked.get("by") or [""])[0],
        "asked_project": (asked.get("project") or [""])[0],
        "projects": sorted(projects.values()),
        "groupings": _groupings(y, list(projects)),
        "filters": [told_filter(text, known) for text in asked.get("filter", [])],
        "operators": OPERATORS,
        "listed": visible_variables(list(projects))
        .order_by("key")
        .values_list("key", "label")[:MOST_LISTED],
        "data": api,
        "csv": f"{api}&format=csv" if query else f"{api}format=csv",
        "api_address": request.build_absolute_uri(api),
    }
    try:
        question = survival_of.read_survival(asked, projects)
        found = survival_of.answer_survival(question)
    except ValidationError as error:
        context["errors"] = error.message_dict
    else:
        context |= {"found": found, "told": survival_of.describe_survival(found)}
    return render(request, "stability/survival.html", context)


def _groupings(y, project_ids):
    """Variables that part the cells with this lifetime into few groups."""
    lived = Fact.objects.filter(
        variable__key=y.partition("[")[0], project_id__in=project_ids
    )
    rows = (
        Fact.objects.filter(subject__in=lived.values("subject"), is_default=True)
        .exclude(variable__key__startswith="stability.")
        .values("variable__key", "variable__label")
        .annotate(
            texts=Count("text", distinct=True, filter=~Q(text="")),
            numbers=Count("value", distinct=True),
        )
        .order_by("variable__key")
    )
    return [
        (row["variable__key"], row["variable__label"])
        for row in rows
        if 1 <= max(row["texts"], row["numbers"]) <= survival_of.MOST_GROUPS
    ]
