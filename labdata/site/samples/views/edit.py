"""Changing a sample, two people at once included."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from labdata.common.people.drafts import drop
from labdata.common.record.edits import hold
from labdata.site.kit.acts.composition import read_composition
from labdata.site.kit.acts.sample_form import SampleForm
from labdata.site.kit.pages import (
    attempt,
    attempt_act,
    find,
    may_write,
    overtaken,
    turn_away,
)
from labdata.site.samples.merging import (
    BEFORE,
    apply_choices,
    merge,
    units_of,
    write_before,
)
from samples import services
from samples.models import Sample


@login_required
def sample_edit(request, uuid):
    """Change a sample; an edit that somebody overtook is merged, shown, never lost."""
    row = find(_editable(), request, uuid=uuid)
    if not may_write(request.user, row.project):
        return turn_away(request, row, row.get_absolute_url())
    if request.method != "POST":
        form = SampleForm(
            initial=SampleForm.initial_of(row), user=request.user, sample=row
        )
        return _page(request, form, write_before(form.initial))
    form = SampleForm(request.POST.copy(), user=request.user, sample=row)
    with transaction.atomic():
        hold(row)
        apply_choices(form.data, _units(form))
        changes = overtaken(form, row)
        if changes is not None:
            return _merge_page(request, form, row, changes)
        saved = attempt(
            form,
            lambda: services.update_sample(
                user=request.user, sample=row, **form.values()
            ),
        )
    if saved is not None:
        drop(user=request.user, key=f"sample-{saved.uuid}")
        messages.success(request, f"{saved.code} is changed.")
        return redirect(saved)
    return _page(request, form, request.POST.get(BEFORE, ""))


def _editable():
    return Sample.objects.select_related(
        "project", "composition", "batch", "control", "owner"
    ).prefetch_related("tags")


def _units(form):
    return units_of(
        form,
        together=[("composition", "basis")],
        joins={"tags": "names", "notes": "text"},
    )


def _merge_page(request, form, row, changes):
    """Put together what both changed, and ask where they disagree."""
    current = SampleForm.initial_of(row)
    merged = merge(_units(form), data=form.data, current=current, changes=changes)
    more = {
        "is_stale": True,
        "changes": changes,
        "merged": merged,
        "asked_count": sum(one.outcome == "asked" for one in merged),
    }
    return _page(request, form, write_before(current), status=409, **more)


def _page(request, form, before, status=200, **more):
    text = form["composition"].value() or ""
    project = form.project
    context = {
        "form": form,
        "before": before,
        "sample": form.sample,
        "project": project,
        "understood": read_composition(project, text, form["basis"].value() or ""),
        "creates_materials": bool(form["create_materials"].value()),
        "codes": Sample.objects.current()
        .visible_to(request.user)
        .filter(project=project)
        .values_list("code", flat=True)[:200],
        **more,
    }
    return render(request, "samples/form.html", context, status=status)


@login_required
@require_POST
def sample_archive(request, uuid):
    row = find(Sample.objects.select_related("project"), request, uuid=uuid)
    archived = request.POST.get("archived") == "yes"
    said = "put away" if archived else "back"
    attempt_act(
        request,
        lambda: services.set_archived(user=request.user, record=row, archived=archived),
        f"{row.code} is {said}.",
    )
    return redirect(row)
