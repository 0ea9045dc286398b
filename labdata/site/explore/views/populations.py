"""Populations: boxes with every point, numbers, tests, and what was left out."""

import math
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST

from analysis import services
from analysis.models import Decision, PropertyValue
from analysis.named_quantities import FAMILIES_OF_CELLS, LIFETIMES
from analysis.numerics.statistics.group_tests import QUARTILES, WHISKERS
from analysis.populations import tables
from analysis.populations.question import read_population
from analysis.populations.summary import notes_of, summarise
from analysis.relations.bins import MOST_BINS
from analysis.relations.search import search_variables
from analysis.relations.variables import visible_projects, visible_variables
from labdata.common.people.access import WRITING_ROLES, memberships_of
from labdata.common.variables import OPERATORS
from labdata.site.kit.asked import (
    FILTER_FIELDS,
    Asked,
    known_labels,
    tidied,
    told_filter,
    told_role,
    typeset_label,
)
from labdata.site.kit.pages import attempt_act, find
from labdata.site.kit.tags.quantities import measured_text, unit_symbol
from samples.models import Fact, Origin
from samples.services.references import as_uuid

MOST_LISTED = 300
MOST_OPENINGS = 8
ROWS_SHOWN = 60
OUTLIERS_SHOWN = 15
PAIRS_SHOWN = 60
LONGEST_QUERY = 4000
MOST_DECIMALS = 6
BIN_NAMES = {3: "terciles", 4: "quartiles", 5: "quintiles", 10: "deciles"}


@login_required
def population(request):
    """Ask by the parameters of the API; the form's filter fields become one of them."""
    if any(name in request.GET for name in FILTER_FIELDS):
        return redirect(tidied(request))
    given = _given(request)
    projects = visible_projects(request.user)
    # The fields are drawn as those of the explorer: `by` has the part of its colour.
    as_relation = Asked(
        {
            "y": given.get("y", []),
            "color": given.get("by", []),
            "filter": given.get("filter", []),
        }
    )
    known = known_labels(as_relation, list(projects))
    context = _answered(request, given, projects) if given.get("y") else {}
    errors = context.get("errors", {})
    context |= {
        "y_field": told_role("y", as_relation, known, errors),
        "by_field": told_role("color", as_relation, known, {}),
        "by_errors": errors.get("by", []),
        "filters": [told_filter(text, known) for text in given.get("filter", [])],
        "operators": OPERATORS,
        "origins": Origin.choices,
        "asked_origins": given.get("origin", []),
        "projects": sorted(projects.values()),
        "asked_project": (given.get("project") or [""])[0],
        "bin_choices": _bin_choices(given),
        "listed": visible_variables(list(projects))
        .order_by("key")
        .values_list("key", "label")[:MOST_LISTED],
    }
    if not given.get("y"):
        context["openings"] = _openings(list(projects))
    return render(request, "explore/populations/population.html", context)


def _given(request):
    """The parameters of the address that say something."""
    return {
        name: [value for value in values if value]
        for name, values in request.GET.lists()
        if any(values)
    }


def _bin_choices(given):
    chosen = (given.get("bins") or [""])[0]
    offered = {f"by:{n}": f"{name}: equally many" for n, name in BIN_NAMES.items()}
    offered |= {f"by:{n}:width": f"{n} equal widths" for n in (5, 10)}
    offered[f"by:{MOST_BINS}"] = "as fine as they come"
    if chosen and chosen not in offered:
        offered[chosen] = chosen
    return [(text, words, text == chosen) for text, words in offered.items()]


def _openings(project_ids):
    """Quantities of cells there are many of, to begin with."""
    found, _ = search_variables(
        "", project_ids, numbers_only=True, properties_first=True
    )
    told = [one for one in found if one.count > 1 and one.family in FAMILIES_OF_CELLS]
    return [one for one in told if "[" not in one.name][:MOST_OPENINGS]


def _answered(request, given, projects):
    try:
        question = read_population(given, projects)
        found = summarise(question)
    except ValidationError as error:
        return {"errors": error.message_dict}
    query = urlencode(given, doseq=True)
    address = request.build_absolute_uri(reverse("population-list"))
    return {
        "population": found,
        "y": question.y,
        "by": question.by,
        "unit": question.y.unit or "",
        "decimals": _decimals(found),
        "groups": [_told_group(question, group) for group in found.groups],
        "comparisons": _comparisons(found),
        "doubtful": _doubtful(found),
        "left_out": [p for group in found.groups for p in group.excluded][:ROWS_SHOWN],
        "query": query,
        "points_address": f"{reverse('site:population-points')}?{query}",
        "api_address": f"{address}?{query}",
        "here": f"{request.path}?{query}",
        "survival": _survival(question, found),
        "rules": (QUARTILES, WHISKERS),
        "can_write": _may_write(request.user, projects),
    }


def _may_write(user, projects):
    mine = memberships_of(user).filter(role__in=WRITING_ROLES)
    return mine.filter(project_id__in=list(projects)).exists()


def _told_group(question, group):
    champion = tables.champion_query(question, group)
    address = f"{reverse('relation-list')}?{champion}"
    return {"group": group, "summary": group.summary, "champion_address": address}


def _comparisons(found):
    """Device tests first, where cells are nested; each with its words."""
    told = []
    for comparison, title in (
        (found.device_tests, "Devices compared"),
        (
            found.tests,
            "Values compared as if they were independent"
            if found.device_tests
            else "Values compared",
        ),
    ):
        if comparison is not None:
            told.append(
                {
                    "title": title,
                    "notes": notes_of(comparison),
                    "all": [t for t in (comparison.welch, comparison.ranks) if t],
                    "pairs": comparison.pairs[:PAIRS_SHOWN],
                    "more_pairs": max(0, len(comparison.pairs) - PAIRS_SHOWN),
                }
            )
    return told


def _decimals(found):
    """As many as tell two digits of the smallest standard error of a mean."""
    known = [
        summary.standard_deviation / math.sqrt(summary.count)
        for summary in (group.summary for group in found.groups)
        if summary.standard_deviation
    ]
    if not known:
        return None
    decimals = 1 - math.floor(math.log10(min(known)))
    return decimals if 0 <= decimals <= MOST_DECIMALS else None


def _doubtful(found):
    """The outliers, furthest from their group's median first."""
    outliers = [
        (abs(point.value - group.summary.median), group, point)
        for group in found.groups
        for point in group.outliers
    ]
    outliers.sort(key=lambda entry: -entry[0])
    return {
        "rows": [(group, point) for _, group, point in outliers[:OUTLIERS_SHOWN]],
        "more": max(0, len(outliers) - OUTLIERS_SHOWN),
    }


def _survival(question, found):
    """The page that takes limits for what they are, where a lifetime has some."""
    if not (found.bounded and question.y.asked.key in LIFETIMES):
        return ""
    asked = {"y": str(question.y.asked)}
    if question.by is not None:
        asked["by"] = str(question.by.asked)
    return f"{reverse('site:survival')}?{urlencode(asked)}"


@login_required
@gzip_page
def population_points(request):
    """The points of a population as columns, for its picture."""
    try:
        question = read_population(_given(request), visible_projects(request.user))
        found = summarise(question)
    except ValidationError as error:
        return JsonResponse({"errors": error.message_dict}, status=400)
    rows = tables.point_rows(found)
    names = {group.name: place for place, group in enumerate(found.groups)}
    simulated = [row["origin"] == "simulated" for row in rows]
    columns = ("sample", "sample_id", "cell", "state", "value", "uncertainty", "bound")
    columns += ("label", "origin", "source", "outlier", "excluded", "reason")
    return JsonResponse(
        {
            "y": _axis(question.y),
            "by": _axis(question.by) if question.by else None,
            "groups": [
                {"name": group.name, "n": len(group.points), "devices": group.devices}
                for group in found.groups
            ],
            "points": {
                "group": [names[row["group"]] for row in rows],
                "simulated": simulated,
                **{name: [row[name] for row in rows] for name in columns},
            },
        }
    )


def _axis(column):
    label = column.known.label
    if column.asked.label:
        label += f" [{column.asked.label}]"
    return {
        "label": label,
        "html": typeset_label(column.asked.key, label),
        "unit": unit_symbol(column.unit),
    }


@login_required
@require_POST
def population_exclude(request):
    """Leave a value out with a reason, or count it again: a decision that stays."""
    values = PropertyValue.objects.select_related("project", "sample")
    value = find(values, request, uuid=as_uuid(request.POST.get("value")))
    is_back = "again" in request.POST
    verdict = Decision.Verdict.WITHDRAWN if is_back else Decision.Verdict.REJECTED
    reason = request.POST.get("reason", "")
    said = attempt_act(
        request,
        lambda: services.decide(
            user=request.user, about=value, verdict=verdict, reason=reason
        ),
        "",
    )
    if said is not None:
        words = "counts again" if is_back else f"is left out: {said.reason}"
        messages.success(request, f"A value of {value.sample} {words}.")
        if not is_back and (other := _answering(value)):
            messages.warning(
                request,
                f"Another value of the same cell answers in its place now: "
                f"{measured_text(other.value, other.uncertainty)}"
                + (f" [{other.label}]." if other.label else "."),
            )
    query = request.POST.get("query", "")[:LONGEST_QUERY]
    return redirect(f"{reverse('site:population')}?{query}")


def _answering(value):
    """The fact that answers for a subject after its value was left out, if one does."""
    state = PropertyValue.objects.with_state().get(pk=value.pk).state_id
    facts = Fact.objects.filter(subject_id=state, variable__key=value.quantity)
    return facts.filter(is_default=True).first()
