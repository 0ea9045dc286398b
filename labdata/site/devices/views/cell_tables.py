"""Importing a table of cells: choose a file, say what its columns are, look, import."""

import math
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from analysis import services
from analysis.cell_tables.meanings import (
    AGED,
    CONDITIONS,
    FIELDS,
    LAYERS,
    STATES,
    offered_quantities,
)
from analysis.named_quantities import INITIAL_EFFICIENCY, LOSS, RETENTION
from labdata.common.measures.numbers import Measured
from labdata.common.measures.quantities import quantities
from labdata.site.devices.forms.cell_tables import CellTableForm
from labdata.site.kit.pages import attempt, attempt_act, needs_project
from samples.services.references import as_uuid

ROWS_SHOWN = 12
WRONG_ROWS_SHOWN = 100
LAST_IMPORT = "cell_table_import"
UNKNOWN = Measured(math.nan)


@login_required
@needs_project
def cell_table(request):
    """The page, step by step: each sending reads the table again and shows more."""
    if request.method != "POST":
        context = {"form": CellTableForm(user=request.user)}
        last = request.session.get(LAST_IMPORT)
        return render(
            request, "devices/cell_tables/import.html", context | {"last": last}
        )
    form = CellTableForm(request.POST, request.FILES, user=request.user)
    form.read()
    plan = form.plan() if form.sheet is not None else None
    if plan is not None and plan.is_sound and "import" in request.POST:
        made = attempt(form, lambda: _import(request.user, form, plan))
        if made is not None:
            return _done(request, plan, made)
    return render(request, "devices/cell_tables/import.html", _context(form, plan))


def _import(user, form, plan):
    return services.import_cells(
        user=user,
        project=form.project,
        plan=plan,
        origin=form.cleaned_data["origin"],
        reference={
            "doi": form.cleaned_data["doi"],
            "locator": form.cleaned_data["locator"],
        },
    )


def _done(request, plan, made):
    words = f"{len(made.cells)} cells of {len({c.sample_id for c in made.cells})} "
    words += f"devices imported, with {made.values} values."
    if question := _relation(plan):
        messages.success(
            request,
            format_html(
                '{} <a href="{}?{}">Stability over initial efficiency</a>.',
                words,
                reverse("site:relation"),
                urlencode(question, doseq=True),
            ),
        )
    else:
        messages.success(request, words)
    if not made.has_existing:
        request.session[LAST_IMPORT] = {"act": made.act, "words": words}
    return redirect("site:cell-table")


def _relation(plan):
    """Loss or retention over the initial efficiency, where the table has both."""
    told = {use.to for use in plan.uses}
    for key in (LOSS, RETENTION):
        if {INITIAL_EFFICIENCY, key} <= told:
            return {
                "x": INITIAL_EFFICIENCY,
                "y": f"{key}[{plan.hours:g} h]",
                "aggregate": ["mean", "count"],
                "bins": "x:5",
            }
    return {}


def _context(form, plan):
    wrong = plan.wrong_rows if plan else []
    shown = wrong[:WRONG_ROWS_SHOWN]
    if plan and not plan.errors and not wrong:
        shown = plan.rows[:ROWS_SHOWN]
    return {
        "form": form,
        "plan": plan,
        "columns": form.columns(),
        "choices": {
            "Cells and devices": FIELDS,
            "Quantities": offered_quantities(),
            "Layers": LAYERS,
            "Ageing": CONDITIONS,
        },
        "states": STATES,
        "wrong_count": len(wrong),
        "shown_count": len(shown),
        "heads": [_head(use) for use in plan.uses if use.is_quantity] if plan else [],
        "rows": [_row(row, plan) for row in shown],
        "is_aged": any(u.is_quantity and u.state == AGED for u in form.uses),
    }


def _head(use):
    spec = quantities.get(use.to)
    return {
        "label": spec.label if spec else use.to,
        "unit": spec.unit if spec else "",
        "state": STATES.get(use.state, ""),
    }


def _row(row, plan):
    told = dict(row.values)
    return {
        "line": row.line,
        "code": row.code,
        "cell": row.cell,
        "values": [told.get(use, UNKNOWN) for use in plan.uses if use.is_quantity],
        "errors": [
            f"{where}: {text}" for where, texts in row.errors.items() for text in texts
        ],
    }


@login_required
@require_POST
def cell_table_undo(request):
    """Put away the devices of the last import."""
    act = as_uuid(request.POST.get("act", ""))
    count = act and attempt_act(
        request, lambda: services.archive_import(user=request.user, act=act), ""
    )
    if count:
        request.session.pop(LAST_IMPORT, None)
        messages.success(request, f"{count} devices were put away again.")
    return redirect("site:cell-table")
