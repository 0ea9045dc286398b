"""Changing a measurement, two people at once included."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render

from labdata.common.people import drafts
from labdata.common.record.edits import held
from labdata.site.kit.pages import attempt, find, may_write, overtaken, turn_away
from labdata.site.measurements.forms.edit import MeasurementEditForm
from measurements import services
from measurements.models import Measurement


def _editable():
    return Measurement.objects.select_related(
        "project",
        "sample",
        "parsing",
        "instrument",
        "subject__process",
        "subject__cell",
    )


@login_required
def measurement_edit(request, uuid):
    """Change a measurement; an edit that somebody overtook is shown, never lost."""
    row = find(_editable(), request, uuid=uuid)
    if not may_write(request.user, row.project):
        return turn_away(request, row, row.get_absolute_url())
    if request.method != "POST":
        form = _form(request, row, initial=MeasurementEditForm.initial_of(row))
        return _page(request, form, row)
    with transaction.atomic():
        row = held(row, _editable())
        form = _form(request, row, request.POST)
        changes = overtaken(form, row)
        if changes is not None:
            return _page(request, form, row, changes=changes, status=409)
        saved = attempt(
            form,
            lambda: services.update_measurement(
                user=request.user, measurement=row, **form.values()
            ),
        )
    if saved is not None:
        drafts.drop(user=request.user, key=f"measurement-{row.uuid}")
        messages.success(request, "The measurement is changed.")
        return redirect(saved)
    return _page(request, form, row)


def _form(request, row, data=None, **options):
    return MeasurementEditForm(
        data,
        user=request.user,
        measurement=row,
        is_read=row.datasets.exists(),
        **options,
    )


def _page(request, form, row, changes=None, status=200):
    context = {
        "form": form,
        "measurement": row,
        "is_stale": changes is not None,
        "changes": changes or [],
    }
    return render(request, "measurements/edit.html", context, status=status)
