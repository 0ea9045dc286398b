"""Variables found while somebody types, with how much there is of each."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from analysis.relations.search import family_title, search_variables
from analysis.relations.variables import visible_projects
from labdata.common.variables import VariableError, parse_variable
from labdata.site.kit.tags.quantities import measured_text, unit_symbol

PROPERTIES_FIRST = ("y", "color")
MOST_TOGETHER = 10


@login_required
def relation_variables(request):
    """The list under a field: ``q`` is typed, ``with`` are the variables chosen."""
    projects = visible_projects(request.user)
    slugs = [slug for slug in request.GET.getlist("project") if slug]
    chosen = [pk for pk, slug in projects.items() if not slugs or slug in slugs]
    choices, left_out = search_variables(
        request.GET.get("q", "")[:200].replace("\0", ""),
        chosen,
        together=_read(request.GET.getlist("with")),
        properties_first=request.GET.get("for") in PROPERTIES_FIRST,
    )
    families = {}
    for choice in choices:
        families.setdefault(family_title(choice.family), []).append(_told(choice))
    context = {"families": families, "left_out": left_out, "has_any": bool(choices)}
    return render(request, "explore/relations/variables.html", context)


def _read(texts):
    names = []
    for text in dict.fromkeys(texts[:MOST_TOGETHER]):
        try:
            names.append(parse_variable(text))
        except VariableError:
            continue
    return names


def _told(choice):
    unit = unit_symbol(choice.unit)
    tail = f" ({unit})" if unit else ""
    span = ""
    if choice.is_number and choice.minimum is not None:
        low, high = measured_text(choice.minimum), measured_text(choice.maximum)
        span = low if low == high else f"{low} to {high}"
        span = f"{span} {unit}".strip()
    return {
        "name": choice.name,
        "label": choice.label,
        "unit": unit,
        "text": f"{choice.label}{tail}",
        "count": choice.count,
        "together": choice.together,
        "span": span,
        "kind": "number" if choice.is_number else "text",
    }
