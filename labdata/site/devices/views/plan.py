"""Planning a batch: a standard device, what varies, the devices that come of it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from labdata.common.people import drafts
from labdata.site.devices.forms.plan import PlanForm, texts_of
from labdata.site.devices.starts import offered_starts, start_from
from labdata.site.drawings.stack import draw_cross_section, layer_sequence
from labdata.site.kit.acts.series_start import free_batch
from labdata.site.kit.acts.starts import asked_project
from labdata.site.kit.pages import attempt, may_write, needs_project
from labdata.site.kit.tags.quantities import measured_text
from samples import services

DRAFT = "device-plan"
# A long plan is shown by its beginning; all of it is made.
ROWS_SHOWN = 60
PATTERN_OF_CODES = "{batch}-{n:02}"


@login_required
@needs_project
def device_plan(request):
    """Plan devices like one (``?from=``): what they are like, then what varies."""
    start = start_from(request.user, _source(request))
    if start.source is None or not start.stack.get("layers"):
        return _choose(request, start)
    if request.method == "POST":
        form = PlanForm(request.POST, user=request.user, stack=start.stack)
        made = attempt(form, lambda: _create(request.user, form, start))
        if made is not None:
            drafts.drop(user=request.user, key=DRAFT)
            return _next_steps(request, made)
    else:
        form = PlanForm(
            initial=_initial(request, start), user=request.user, stack=start.stack
        )
    context = {
        "form": form,
        "start": start,
        "section": draw_cross_section(start.stack["layers"]),
        "sequence": layer_sequence(start.stack["layers"]),
        **_shown(request.user, form, start),
    }
    return render(request, "devices/plan.html", context)


def _source(request):
    """What the plan starts from: named, or ticked in the list of devices."""
    return request.POST.get("from") or request.GET.get("from") or request.GET.get("id")


def _choose(request, start):
    project = asked_project(request)
    context = {
        "start": start,
        "offered": offered_starts(request.user, project=project),
    }
    return render(request, "devices/plan_start.html", context)


def _initial(request, start):
    project = asked_project(request)
    if may_write(request.user, start.source.project):
        project = start.source.project
    batch = free_batch(project)
    return {
        "project": project.slug if project else "",
        "batch": batch,
        "pattern": PATTERN_OF_CODES.replace("{batch}", batch),
        "replicates": 4,
    }


def _planned(user, form, start):
    """The devices the form means, with what is wrong raised."""
    given = form.cleaned_data
    return services.plan_devices(
        user=user,
        project=services.resolve_project(user, given["project"]),
        stack=start.stack,
        variations=form.told_variations(),
        zipped=bool(given["pairwise"]),
        replicates=given["replicates"],
        pattern=given["pattern"],
    )


def _create(user, form, start):
    given = form.cleaned_data
    return services.create_planned(
        user=user,
        project=services.resolve_project(user, given["project"]),
        planned=_planned(user, form, start),
        batch=given["batch"],
        kind=given["kind"],
    )


def _next_steps(request, made):
    """On to the list of the batch, which offers the labels."""
    count, batch = len(made), made[0].batch
    said = "1 device is" if count == 1 else f"{count} devices are"
    messages.success(request, f"{said} planned in batch {batch.code}.")
    query = urlencode({"project": made[0].project.slug, "batch": batch.code})
    return redirect(f"{reverse('site:samples')}?{query}")


@login_required
@require_POST
def device_plan_preview(request):
    """What the form as it is now would make; nothing is saved."""
    start = start_from(request.user, _source(request))
    form = PlanForm(request.POST, user=request.user, stack=start.stack)
    context = _shown(request.user, form, start)
    return render(request, "devices/plan_preview.html", context)


def _shown(user, form, start):
    """The planned devices as a table: codes, and what varies."""
    if not form.is_bound:
        form = PlanForm(_as_sent(form), user=user, stack=start.stack)
    if not form.is_valid():
        return {"planned": None}
    try:
        planned = _planned(user, form, start)
    except ValidationError as error:
        return {"planned": None, "faults": list(dict.fromkeys(texts_of(error)))}
    paths = [variation["path"] for variation in form.told_variations()]
    varied = [form.properties[path] for path in paths]
    return {
        "planned": planned,
        "varied": varied,
        "plan_rows": [
            {
                "code": one["code"],
                "cells": [_words(one["varied"].get(path)) for path in paths],
            }
            for one in planned[:ROWS_SHOWN]
        ],
        "rows_hidden": max(0, len(planned) - ROWS_SHOWN),
    }


def _words(value):
    return measured_text(value) if isinstance(value, int | float) else value


def _as_sent(form):
    """What a browser would send of a form that nobody touched."""
    data = QueryDict(mutable=True)
    for name in form.fields:
        value = form[name].value()
        if value not in (None, ""):
            data[name] = value
    return data
