"""Building a device: its layers, its cells, and what they look like while one types."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from labdata.common.people import drafts
from labdata.common.people.access import visible_project_ids
from labdata.common.record.edits import hold
from labdata.site.devices.forms.layers import CELLS, cell_rows
from labdata.site.devices.forms.stacks import CellGridForm, StackForm
from labdata.site.devices.starts import offered_starts, start_from
from labdata.site.drawings.stack import (
    draw_cross_section,
    draw_substrate,
    grid_of_cells,
)
from labdata.site.kit.acts.starts import asked_project, proposed_code
from labdata.site.kit.forms import RowTable
from labdata.site.kit.pages import (
    attempt,
    find,
    may_write,
    needs_project,
    overtaken,
    turn_away,
)
from samples import services
from samples.models import Composition, Material, Sample
from samples.thermal import GASES

NEW = "device-new"
MOST_SUBSTANCES = 12
LONGEST_TEXT = 200


@login_required
@needs_project
def device_new(request):
    """Build a device; ``?from=`` begins with another's layers, or with kept ones."""
    start = start_from(request.user, request.GET.get("from"))
    if request.method == "POST":
        form = StackForm(request.POST, user=request.user)
        made = attempt(form, lambda: _create(request.user, form))
        if made is not None:
            drafts.drop(user=request.user, key=NEW)
            messages.success(request, f"{made.code} is built.")
            return redirect(made)
    else:
        form = StackForm(
            user=request.user, stack=start.stack, initial=_initial(request, start)
        )
    context = {"start": start, "draft": NEW}
    return _page(request, form, asked_project(request), **context)


def _initial(request, start):
    """What a device is proposed to be called, and where it belongs."""
    project = asked_project(request)
    if start.source is not None and may_write(request.user, start.source.project):
        project = start.source.project
    initial = {
        **StackForm.initial_of(start.stack),
        "project": project.slug if project else "",
        "batch": request.GET.get("batch", ""),
        "kind": request.GET.get("kind") or Sample.Kind.DEVICE,
    }
    if project is not None:
        after = None if start.is_saved or start.source is None else start.source.code
        initial["code"], _ = proposed_code(
            request.user, project, kind=Sample.Kind.DEVICE, after=after
        )
    if start.source is not None and not start.is_saved:
        initial["kind"] = start.source.kind
        if start.source.batch and not initial["batch"]:
            initial["batch"] = start.source.batch.code
    return initial


@transaction.atomic
def _create(user, form):
    project = services.resolve_project(user, form.cleaned_data["project"])
    stack = form.checked_stack(project)
    made = services.create_device(
        user=user,
        project=project,
        stack=stack,
        create_materials=form.cleaned_data["create_materials"],
        **form.sample_values(),
    )
    _keep(user, form, project, stack)
    return made


def _keep(user, form, project, stack):
    name = form.cleaned_data["save_as"].strip()
    if name:
        services.save_stack(user=user, project=project, name=name, stack=stack)


@login_required
def device_stack(request, uuid):
    """The layers and cells of a sample there is; ``?from=`` proposes others."""
    sample = find(_with_stack(), request, uuid=uuid)
    if not may_write(request.user, sample.project):
        return turn_away(request, sample, sample.get_absolute_url())
    draft = f"stack-{sample.uuid}"
    start = start_from(request.user, request.GET.get("from"))
    context = {"start": start, "sample": sample, "draft": draft}
    if request.method != "POST":
        stack = start.stack or services.describe_stack(sample)
        initial = {**StackForm.initial_of(stack), "version": sample.version}
        form = StackForm(user=request.user, sample=sample, stack=stack, initial=initial)
        return _page(request, form, sample.project, **context)
    form = StackForm(request.POST, user=request.user, sample=sample)
    with transaction.atomic():
        hold(sample)
        changes = overtaken(form, sample)
        if changes is not None:
            told = {"changes": changes, "is_stale": True, "status": 409}
            return _page(request, form, sample.project, **context, **told)
        saved = attempt(form, lambda: _save(request.user, form, sample))
    if saved is not None:
        drafts.drop(user=request.user, key=draft)
        messages.success(request, f"The stack of {sample.code} is saved.")
        return redirect(sample)
    return _page(request, form, sample.project, **context)


def _with_stack():
    return Sample.objects.select_related("project", "batch", "stack")


@transaction.atomic
def _save(user, form, sample):
    stack = form.checked_stack(sample.project)
    saved = services.set_stack(
        user=user,
        sample=sample,
        stack=stack,
        create_materials=form.cleaned_data["create_materials"],
    )
    _keep(user, form, sample.project, stack)
    return saved


def _page(request, form, project, *, status=200, **context):
    context |= {
        "form": form,
        "project": project,
        "offered": offered_starts(request.user, project=project),
        "atmospheres": sorted(set(GASES.values())),
        "grid": CellGridForm(initial={"grid_count": 6, "grid_area": "0.1"}),
        **_drawn(form.stack(project)),
    }
    return render(request, "devices/form.html", context, status=status)


def _drawn(stack):
    return {
        "section": draw_cross_section(stack["layers"]),
        "map": draw_substrate(stack),
    }


@login_required
@require_POST
def device_preview(request):
    """The stack as typed, drawn, and what its numbers were understood as."""
    form = StackForm(request.POST, user=request.user)
    stack = form.stack(asked_project(request))
    context = {
        **_drawn(stack),
        "cells": [cell for cell in form.reading_cells() if cell.column.is_read],
        "is_live": True,
    }
    return render(request, "devices/preview.html", context)


@login_required
@require_POST
def device_cells(request):
    """The table of cells, filled with a grid of equal ones."""
    grid = CellGridForm(request.POST)
    rows, told = (), []
    if grid.is_valid():
        given = grid.cleaned_data
        try:
            rows = grid_of_cells(
                given["grid_count"],
                given["substrate_width"],
                given["substrate_height"],
                given["grid_area"],
                given["grid_mask"],
            )
        except ValueError as error:
            told.append(str(error))
    else:
        told += [text for texts in grid.errors.values() for text in texts]
    data = request.POST if told else None
    table = RowTable("cells", CELLS, data=data, initial=cell_rows(rows), spare=0)
    table.errors += told
    response = render(request, "devices/cells.html", {"cells": table})
    response["HX-Trigger-After-Settle"] = "rows-changed"
    return response


@login_required
def device_starts(request):
    """Kept stacks and devices to begin with, found while somebody types."""
    text = request.GET.get("q", "")[:LONGEST_TEXT].replace("\0", "").strip()
    context = offered_starts(request.user, text)
    return render(request, "devices/starts.html", context)


@login_required
def device_substances(request):
    """Materials and compositions a layer may be of, found while somebody types."""
    text = request.GET.get("q", "")[:LONGEST_TEXT].replace("\0", "").strip()
    project = asked_project(request)
    materials = Material.objects.current().visible_to(request.user)
    compositions = Composition.objects.filter(
        project_id__in=visible_project_ids(request.user)
    )
    if project is not None:
        materials = Material.objects.current().usable_in(project)
        compositions = compositions.filter(project=project)
    if text:
        materials = materials.filter(names__name__icontains=text)
        compositions = compositions.filter(text__icontains=text)
    names = list(
        materials.order_by("name").values_list("name", flat=True).distinct()[:100]
    )
    names.sort(key=lambda name: (name.lower() != text.lower(), len(name), name))
    texts = compositions.order_by("text").values_list("text", flat=True).distinct()
    shown = names[:MOST_SUBSTANCES]
    context = {
        "text": text,
        "materials": shown,
        "compositions": [one for one in texts[:MOST_SUBSTANCES] if one not in shown],
        "is_known": any(name.lower() == text.lower() for name in shown),
    }
    return render(request, "devices/substances.html", context)
