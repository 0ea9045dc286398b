"""Creating a series: the form, what it would make, and what comes after."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from labdata.common.people import drafts
from labdata.common.people.preferences import set_preference
from labdata.site.drawings.programme import draw_segments
from labdata.site.kit.acts import series_start
from labdata.site.kit.acts.starts import asked_project
from labdata.site.kit.acts.understood import suggestions
from labdata.site.kit.pages import attempt, attempt_act, find, needs_project
from labdata.site.samples.forms.series import SeriesForm
from samples import services
from samples.formula import composition_html
from samples.models import Batch, Protocol, Sample
from samples.series import PROGRAM_CONDITIONS
from samples.services.parameters import PARAMETER_UNITS
from samples.services.references import as_uuid

DRAFT = "series"
PROGRAMS_DRAWN = 6
# A long series is shown by its beginning, and by all that asks for attention.
ROWS_SHOWN = 60
WRONG_ROWS_SHOWN = 100
FIELDS = {
    "kind": "Kind",
    "batch": "Batch",
    "composition": "Composition",
    "pairwise": "What varies",
    "variables": "What varies",
    "table": "List from a spreadsheet",
    "code": "Codes",
    "first_number": "Count from",
    "process_kind": "Made by",
    "inputs": "What goes in",
    "program": "Thermal programme",
    "parameters": "Other conditions",
    "precursor_code": "Codes of the mixtures",
    "precursor_kind": "The mixtures are",
}


@login_required
@needs_project
def series_new(request):
    """The form; ``?from=`` varies a sample, ``?protocol=`` follows a protocol."""
    project = asked_project(request)
    if request.method == "POST":
        start = series_start.SeriesStart()
        form = SeriesForm(request.POST, user=request.user)
        made = attempt(form, lambda: _create(request.user, form))
        if made is not None:
            _remember(request.user, form)
            return _next_steps(request, made)
    else:
        start = _start(request, project)
        form = SeriesForm(initial=start.initial, rows=start.rows, user=request.user)
    plan = _plan(request.user, form)
    context = {
        "form": form,
        "start": start,
        # Nobody has typed yet: what is missing is no fault.
        "is_untouched": not form.is_bound and plan is not None and not plan.is_sound,
        **_shown(plan),
        **suggestions(request.user, project),
        "variable_names": ["x", *PROGRAM_CONDITIONS, *sorted(PARAMETER_UNITS)],
    }
    return render(request, "samples/series/new.html", context)


def _start(request, project):
    if given := request.GET.get("from"):
        samples = Sample.objects.select_related(
            "project", "composition", "made_by__process__protocol"
        )
        return series_start.start_from_sample(
            request.user, find(samples, request, uuid=as_uuid(given))
        )
    if "blank" in request.GET:
        start = series_start.empty_start(request.user, project)
        start.rows = {"variables": [{"name": "x"}]}
    else:
        start = series_start.start_like_last(request.user, project)
    if chosen := request.GET.get("protocol"):
        protocols = Protocol.objects.select_related("project")
        series_start.follow_protocol(
            start, find(protocols, request, uuid=as_uuid(chosen))
        )
    return start


def _create(user, form):
    project = services.resolve_project(user, form.cleaned_data["project"])
    return services.create_series(user=user, project=project, **form.told(project))


def _remember(user, form):
    drafts.drop(user=user, key=DRAFT)
    last = form.remember()
    if len(json.dumps(last)) <= series_start.LARGEST_KEPT:
        set_preference(user=user, key=series_start.LAST_SERIES, value=last)


def _next_steps(request, made):
    address = _batch_address(made.batch)
    count = len(made.samples)
    said = "1 sample is" if count == 1 else f"{count} samples are"
    said += f" logged in batch {made.batch.code}"
    if not made.precursors:
        messages.success(request, f"{said}.")
        return redirect(address)
    words = format_html(
        '{}, with <a href="{}&amp;kind={}">{} {}</a>.',
        said,
        address,
        made.precursors[0].kind,
        len(made.precursors),
        "mixture" if len(made.precursors) == 1 else "mixtures",
    )
    messages.success(request, words)
    return redirect(f"{address}&kind={made.samples[0].kind}")


def _batch_address(batch):
    """The list of the samples of a batch."""
    query = QueryDict(mutable=True)
    query["project"], query["batch"] = batch.project.slug, batch.code
    return f"{reverse('site:samples')}?{query.urlencode()}"


@login_required
@require_POST
def series_preview(request):
    """What the form as it is now would make; nothing is saved."""
    form = SeriesForm(request.POST, user=request.user)
    return render(
        request, "samples/series/preview.html", _shown(_plan(request.user, form))
    )


def _plan(user, form):
    """The plan of a form, or None where too little is told to make one."""
    if not form.is_bound:
        form = SeriesForm(_as_sent(form), user=user)
    if not form.is_valid():
        return None
    project = services.resolve_project(user, form.cleaned_data["project"])
    return services.plan_series(user=user, project=project, **form.told(project))


def _as_sent(form):
    """What a browser would send of a form that nobody touched."""
    data = QueryDict(mutable=True)
    for name in form.fields:
        value = form[name].value()
        if value not in (None, False, ""):
            data[name] = value
    for table in form.tables():
        data[table.total_name] = str(len(table.rows))
        for row in table.rows:
            for cell in row:
                data[cell.name] = cell.value
    return data


def _shown(plan):
    """The plan as the template shows it: compositions typeset, programmes drawn."""
    if plan is None:
        return {"plan": None}
    letters, programs, typeset = {}, [], {}
    for row in plan.kept:
        if row.segments and row.segments not in letters:
            letters[row.segments] = _letter(len(letters))
            if len(programs) < PROGRAMS_DRAWN:
                programs.append(
                    {
                        "letter": letters[row.segments],
                        "drawing": draw_segments(row.segments),
                    }
                )
    names = [name for name in plan.names if len(name) > 1 or name in ("T", "t")]
    rows = []
    shown = _rows_shown(plan)
    for number, row in shown:
        if row.composition not in typeset:
            typeset[row.composition] = _fractions(row.parsed)
        rows.append(
            {
                "number": number,
                "row": row,
                "fractions": typeset[row.composition],
                "cells": [_cell(row, name) for name in names],
                "letter": letters.get(row.segments, ""),
                "others": _other_errors(row, names),
            }
        )
    return {
        "plan": plan,
        "plan_rows": rows,
        "rows_hidden": len(plan.rows) - len(shown),
        "condition_names": names,
        "programs": programs,
        "more_programs": max(0, len(letters) - len(programs)),
        "faults": _faults(plan),
        "has_mixtures": bool(plan.precursors),
        "has_programs": bool(letters),
        "process_count": (len(plan.kept) if plan.process else 0) + len(plan.precursors),
    }


def _rows_shown(plan):
    """The first rows, and the later ones that are wrong, chosen or left out."""
    shown, wrong = [], 0
    for number, row in enumerate(plan.rows, 1):
        is_touched = row.is_left_out or row.code != row.generated_code
        if row.errors and not row.is_left_out:
            wrong += 1
        if (
            number <= ROWS_SHOWN
            or is_touched
            or (row.errors and wrong <= WRONG_ROWS_SHOWN)
        ):
            shown.append((number, row))
    return shown


def _letter(index):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return alphabet[index] if index < 26 else str(index + 1)


def _fractions(parsed):
    """The parts of a blend in per cent, each typeset."""
    if parsed is None or len(parsed.components) < 2 or parsed.style == "alloy":
        return []
    return [
        {
            "html": composition_html([(one.name, None)], parsed.basis),
            "percent": None if one.amount is None else 100 * one.amount,
        }
        for one in parsed.components
    ]


def _cell(row, name):
    value = row.values.get(name)
    told = row.told.get(name) or (value.text if value else "")
    typed = value.text if value else ""
    return {
        "name": name,
        "told": told,
        "typed": typed if typed and typed.split()[0] != told.split()[0] else "",
        "errors": row.errors.get(name, ()),
    }


def _other_errors(row, names):
    shown = {"code", "composition", *names}
    return [
        f"{FIELDS.get(where, where)}: {text}"
        for where, texts in row.errors.items()
        if where not in shown
        for text in texts
    ]


def _faults(plan):
    """What is wrong with the whole, with the field it is about."""
    faults = []
    for where, found in plan.errors.items():
        for text in dict.fromkeys(_texts(found)):
            faults.append(
                {"label": FIELDS.get(where, where), "field": where, "text": text}
            )
    return faults


def _texts(found):
    if isinstance(found, dict):
        return [text for inner in found.values() for text in _texts(inner)]
    return [found] if isinstance(found, str) else [str(text) for text in found]


@login_required
@require_POST
def batch_done(request):
    """Say of all planned acts of a batch that they were done."""
    batches = Batch.objects.select_related("project")
    batch = find(
        batches,
        request,
        project__slug=request.POST.get("project", ""),
        code=request.POST.get("batch", ""),
    )
    done = attempt_act(
        request,
        lambda: services.finish_batch(user=request.user, batch=batch),
        "",
    )
    if done is not None:
        messages.success(request, f"{done} processes of {batch.code} are done.")
    return redirect(_batch_address(batch))
