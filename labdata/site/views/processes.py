"""Pages of processes: one act, and the form that logs it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from labdata.common.access import Project
from labdata.site.drawing import draw_program, tabulate_program
from labdata.site.forms import ProcessForm
from labdata.site.views.base import (
    attempt,
    attempt_act,
    changes_since,
    find,
    may_write,
    needs_project,
    readable_changes,
    turn_away,
)
from samples import services
from samples.models import Process, Sample
from samples.services.parameters import PARAMETER_UNITS

CODES_OFFERED = 300


def _whole():
    return Process.objects.select_related("project", "batch").prefetch_related(
        "inputs__sample", "inputs__lot", "outputs__sample", "program", "files__blob"
    )


@login_required
def process(request, uuid):
    row = find(_whole(), request, uuid=uuid)
    parameters = [
        (key, value["value"], value["unit"])
        if isinstance(value, dict)
        else (key, value, PARAMETER_UNITS.get(key, ""))
        for key, value in row.parameters.items()
    ]
    row.drawing = draw_program(row.program.all())
    row.tabulated = tabulate_program(row.program.all())
    context = {
        "process": row,
        "parameters": parameters,
        "history": readable_changes(row),
        "can_write": may_write(request.user, row.project),
    }
    return render(request, "processes/process.html", context)


@login_required
@needs_project
def process_new(request):
    """Log an act; ``?output=`` and ``?input=`` name samples it is about."""
    inputs = [{"what": "sample", "code": code} for code in request.GET.getlist("input")]
    initial = {
        "project": _likely_project(request),
        "outputs": " ".join(request.GET.getlist("output")),
        "kind": request.GET.get("kind", ""),
        "operator": request.user.get_full_name() or request.user.get_username(),
        "state": "done",
    }
    form = ProcessForm(
        request.POST or None,
        initial=initial,
        user=request.user,
        rows={"inputs": inputs},
    )
    if request.method == "POST":
        row = attempt(form, lambda: _create(request.user, form))
        if row is not None:
            messages.success(request, f"{row} is logged.")
            return redirect(row)
    return _process_form(request, form)


def _likely_project(request):
    codes = [*request.GET.getlist("output"), *request.GET.getlist("input")]
    visible = Project.objects.current().writable_by(request.user)
    if slug := request.GET.get("project"):
        return slug
    found = (
        Sample.objects.visible_to(request.user)
        .filter(code__in=codes)
        .values_list("project__slug", flat=True)
        .first()
    )
    only = list(visible[:2])
    return found or (only[0].slug if len(only) == 1 else "")


def _create(user, form):
    project = services.resolve_project(user, form.cleaned_data["project"])
    return services.create_process(user=user, project=project, **form.values())


@login_required
def process_edit(request, uuid):
    row = find(_whole(), request, uuid=uuid)
    if not may_write(request.user, row.project):
        return turn_away(request, row, row.get_absolute_url())
    if request.method != "POST":
        form = ProcessForm(
            initial=ProcessForm.initial_of(row),
            rows=ProcessForm.rows_of(row),
            user=request.user,
            process=row,
        )
        return _process_form(request, form)
    form = ProcessForm(request.POST, user=request.user, process=row)
    with transaction.atomic():
        row = Process.objects.select_for_update(of=("self",)).get(pk=row.pk)
        read_at = str(form["version"].value() or "")
        if read_at != str(row.version):
            changes = changes_since(row, int(read_at) if read_at.isdecimal() else 0)
            form.data = form.data.copy()
            form.data["version"] = row.version
            return _process_form(request, form, changes=changes, status=409)
        saved = attempt(
            form,
            lambda: services.update_process(
                user=request.user, process=row, **form.values()
            ),
        )
    if saved is not None:
        messages.success(request, f"{saved} is changed.")
        return redirect(saved)
    return _process_form(request, form)


def _process_form(request, form, changes=(), status=200):
    context = {
        "form": form,
        "process": form.process,
        "changes": changes,
        "is_stale": status == 409,
        "parameter_names": sorted(PARAMETER_UNITS),
        "codes": Sample.objects.current()
        .visible_to(request.user)
        .order_by("-created_at")
        .values_list("code", flat=True)[:CODES_OFFERED],
    }
    return render(request, "processes/form.html", context, status=status)


@login_required
@require_POST
def process_archive(request, uuid):
    row = find(Process.objects.select_related("project"), request, uuid=uuid)
    archived = request.POST.get("archived") == "yes"
    said = "put away" if archived else "back"
    attempt_act(
        request,
        lambda: services.set_archived(user=request.user, record=row, archived=archived),
        f"{row} is {said}.",
    )
    return redirect(row)
