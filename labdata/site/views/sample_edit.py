"""Changing a sample, two people at once included."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from labdata.site.forms import SampleForm
from labdata.site.views.base import (
    attempt,
    attempt_act,
    changes_since,
    find,
    may_write,
    turn_away,
)
from labdata.site.views.logging import sample_form
from samples import services
from samples.models import Sample


@login_required
def sample_edit(request, uuid):
    """Change a sample; an edit that somebody overtook is shown, never lost."""
    row = find(_editable(), request, uuid=uuid)
    if not may_write(request.user, row.project):
        return turn_away(request, row, row.get_absolute_url())
    if request.method != "POST":
        form = SampleForm(
            initial=SampleForm.initial_of(row), user=request.user, sample=row
        )
        return sample_form(request, form, row.project)
    form = SampleForm(request.POST, user=request.user, sample=row)
    with transaction.atomic():
        row = _editable().select_for_update(of=("self",)).get(pk=row.pk)
        form.sample = row
        read_at = form["version"].value()
        if str(read_at) != str(row.version):
            return _overtaken(request, form, row, read_at)
        saved = attempt(
            form,
            lambda: services.update_sample(
                user=request.user, sample=row, **form.values()
            ),
        )
    if saved is not None:
        messages.success(request, f"{saved.code} is changed.")
        return redirect(saved)
    return sample_form(request, form, row.project)


def _editable():
    return Sample.objects.select_related(
        "project", "composition", "batch", "control", "owner"
    ).prefetch_related("tags")


def _overtaken(request, form, row, read_at):
    """Keep what was typed and tell what others changed; saving again is deliberate."""
    given = str(read_at)
    changes = changes_since(row, int(given) if given.isdecimal() else 0)
    form.data = form.data.copy()
    form.data["version"] = row.version
    return sample_form(request, form, row.project, changes=changes, status=409)


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
