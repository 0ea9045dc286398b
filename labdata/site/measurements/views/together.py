"""What is done with many measurements at once."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from analysis import services as analysis_services
from analysis.services.run_requests import default_analyses
from labdata.common.api.errors import Conflict
from labdata.site.kit.pages import attempt
from labdata.site.kit.selection import selected
from labdata.site.measurements.forms.edit import ManyMeasurementsForm
from measurements import services
from measurements.filtersets import MeasurementFilterSet
from measurements.models import Measurement
from measurements.services.many import MOST


def _selected(request):
    rows = Measurement.objects.select_related(
        "project", "sample", "parsing", "instrument", "subject__process"
    )
    rows = selected(request, rows, MeasurementFilterSet)
    return list(rows.order_by("sample__code", "pk")[: MOST + 1])


def _back(request):
    """The list, with the filters it had when the measurements were ticked."""
    there = reverse("site:measurements")
    told = request.POST.get("back") or request.headers.get("Referer", "")
    address = urlsplit(told)
    return f"{there}?{address.query}" if address.path == there else there


@login_required
def measurements_change(request):
    """Conditions, time, state, instrument and operator of many: all, or none."""
    rows = _selected(request)
    if not rows or len(rows) > MOST:
        return _refuse(request, rows)
    saves = request.method == "POST" and "save" in request.POST
    form = ManyMeasurementsForm(
        request.POST if saves else None, user=request.user, rows=rows
    )
    if saves:
        changed = attempt(
            form,
            lambda: services.change_measurements(
                user=request.user, measurements=rows, **form.said()
            ),
        )
        if changed is not None:
            messages.success(request, f"Changed {_count(len(changed))}.")
            return redirect(_back(request))
    context = {"form": form, "rows": rows, "back": _back(request)}
    return render(request, "measurements/change.html", context)


@login_required
@require_POST
def measurements_act(request):
    """Archive, bring back, read or analyse again what was ticked."""
    rows = _selected(request)
    back = _back(request)
    act = ACTS.get(request.GET.get("act"))
    if act is None or not rows or len(rows) > MOST:
        return _refuse(request, rows)
    try:
        messages.success(request, act(request.user, rows))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except Conflict as error:
        messages.error(request, str(error.detail))
    return redirect(back)


def _archive(user, rows):
    services.archive_measurements(user=user, measurements=rows, archived=True)
    return f"Put away: {_count(len(rows))}."


def _bring_back(user, rows):
    services.archive_measurements(user=user, measurements=rows, archived=False)
    return f"Back: {_count(len(rows))}."


def _read_again(user, rows):
    read = services.read_measurements_again(user=user, measurements=rows)
    left = len(rows) - len(read)
    tail = f" {left} without files, or being read already, left alone." if left else ""
    return f"Being read again: {_count(len(read))}.{tail}"


def _analyse_again(user, rows):
    """Ask the usual analyses anew; those that have their answer keep it."""
    ready = [row for row in rows if row.state == "ready" and not row.archived_at]
    asked = {}
    for row in ready:
        for key in default_analyses(row.technique):
            asked.setdefault(key, []).append(row)
    if not asked:
        raise ValidationError("None of these is ready and has a usual analysis.")
    made = [
        run
        for key, group in asked.items()
        for run in analysis_services.request_runs(
            user=user, analysis=key, measurements=[row.uuid for row in group]
        )
    ]
    fresh = sum(1 for run in made if run.is_open)
    tail = (
        f" {len(made) - fresh} had their answer already." if fresh < len(made) else ""
    )
    return f"Analyses queued: {fresh}.{tail}"


ACTS = {
    "archive": _archive,
    "restore": _bring_back,
    "read": _read_again,
    "analyse": _analyse_again,
}


def _refuse(request, rows):
    words = (
        f"More than {MOST} are too many to change at once: narrow the list."
        if rows
        else "Tick measurements in the list first."
    )
    messages.warning(request, words)
    return redirect(_back(request))


def _count(number):
    return f"{number} measurement{'' if number == 1 else 's'}"
