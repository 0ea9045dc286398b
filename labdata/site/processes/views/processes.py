"""Pages of processes: their list, one act, the form that logs it, planned and done."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from labdata.common.people import drafts
from labdata.common.people.access import Project
from labdata.common.record.edits import hold
from labdata.site.drawings.programme import draw_program, segments_of, tabulate_program
from labdata.site.kit.acts.process_form import ProcessForm
from labdata.site.kit.acts.programs import told_program
from labdata.site.kit.acts.starts import Start, asked_project, follow_protocol
from labdata.site.kit.acts.understood import suggestions, understood_parts
from labdata.site.kit.pages import (
    attempt,
    attempt_act,
    find,
    may_write,
    needs_project,
    overtaken,
    page_of,
    readable_changes,
    turn_away,
)
from measurements.store.pictures import is_photograph
from samples import services
from samples.deviations import deviations
from samples.filtersets import ProcessFilterSet
from samples.models import Process, Protocol, Sample
from samples.services.parameters import PARAMETER_UNITS
from samples.services.references import as_uuid

DRAFT = "process-new"
ORDERINGS = ("-started_at", "started_at", "-created_at", "created_at", "kind", "state")


def _whole():
    return Process.objects.select_related(
        "project", "batch", "protocol"
    ).prefetch_related(
        "inputs__sample", "inputs__lot", "outputs__sample", "program", "files__blob"
    )


@login_required
def process_list(request):
    """The list: filters and parameters are those of the API."""
    visible = Process.objects.visible_to(request.user)
    filters = ProcessFilterSet(request.GET, queryset=visible, request=request)
    asked = request.GET.get("ordering", "-created_at")
    if asked not in ORDERINGS:
        asked = "-created_at"
    rows = (
        filters.qs.select_related("project", "protocol", "batch")
        .prefetch_related("inputs__sample", "inputs__lot", "outputs__sample", "program")
        .order_by(asked, "-pk")
    )
    page = page_of(request, rows)
    for row in page:
        row.told = told_program(segments_of(row.program.all()))
    context = {
        "filters": filters,
        "page": page,
        "ordering": asked,
        "projects": Project.objects.current().visible_to(request.user),
        "kinds": Process.Kind.choices,
        "states": Process.State.choices,
        "protocols": Protocol.objects.current().visible_to(request.user),
        "is_filtered": any(request.GET.get(name) for name in filters.filters),
    }
    return render(request, "processes/list.html", context)


@login_required
def process(request, uuid):
    row = find(_whole(), request, uuid=uuid)
    parameters = [
        (key, value["value"], value["unit"])
        if isinstance(value, dict)
        else (key, value, PARAMETER_UNITS.get(key, ""))
        for key, value in row.parameters.items()
    ]
    segments = segments_of(row.program.all())
    row.drawing = draw_program(row.program.all())
    row.tabulated = tabulate_program(row.program.all())
    context = {
        "process": row,
        "parameters": parameters,
        "told": told_program(segments) if segments else None,
        "deviations": deviations(row),
        "photos": [f for f in row.files.all() if is_photograph(f.name)],
        "files": [f for f in row.files.all() if not is_photograph(f.name)],
        "history": readable_changes(row),
        "can_write": may_write(request.user, row.project),
    }
    return render(request, "processes/process.html", context)


@login_required
@needs_project
def process_new(request):
    """Log an act; ``?output=``, ``?input=`` and ``?protocol=`` say what it is about."""
    start = Start(
        making={
            "kind": request.GET.get("kind", ""),
            "operator": request.user.get_full_name() or request.user.get_username(),
            "state": request.GET.get("state", "done"),
        },
        rows={"inputs": [{"code": code} for code in request.GET.getlist("input")]},
    )
    if chosen := request.GET.get("protocol"):
        protocols = Protocol.objects.select_related("project")
        follow_protocol(start, find(protocols, request, uuid=as_uuid(chosen)))
    project = _likely_project(request) or asked_project(request)
    initial = {
        "project": project.slug if project else "",
        "outputs": " ".join(request.GET.getlist("output")),
        "in_place": bool(request.GET.get("in_place")),
    }
    form = ProcessForm(
        request.POST or None,
        initial=initial | start.making | start.sample,
        user=request.user,
        project=project,
        rows=start.rows,
    )
    if request.method == "POST":
        row = attempt(form, lambda: _create(request.user, form))
        if row is not None:
            drafts.drop(user=request.user, key=DRAFT)
            messages.success(request, f"{row} is logged.")
            return redirect(row)
    return _process_form(request, form)


def _likely_project(request):
    """The project of the samples an act is about."""
    if request.POST.get("project") or request.GET.get("project"):
        return None
    codes = [*request.GET.getlist("output"), *request.GET.getlist("input")]
    sample = (
        Sample.objects.visible_to(request.user)
        .filter(code__in=codes, project__in=_writable(request))
        .select_related("project")
        .first()
    )
    return sample.project if sample else None


def _writable(request):
    return Project.objects.current().writable_by(request.user)


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
        hold(row)
        changes = overtaken(form, row)
        if changes is not None:
            return _process_form(request, form, changes=changes, status=409)
        saved = attempt(
            form,
            lambda: services.update_process(
                user=request.user, process=row, **form.values()
            ),
        )
    if saved is not None:
        drafts.drop(user=request.user, key=f"process-{row.uuid}")
        messages.success(request, f"{saved} is changed.")
        return redirect(saved)
    return _process_form(request, form)


def _process_form(request, form, changes=(), status=200):
    context = {
        "form": form,
        "process": form.process,
        "changes": changes,
        "is_stale": status == 409,
        **understood_parts(form),
        **suggestions(request.user, form.project),
    }
    return render(request, "processes/form.html", context, status=status)


@login_required
@require_POST
def process_done(request, uuid):
    """Say that a planned act was done, or take that back as long as nobody went on."""
    row = find(Process.objects.select_related("project"), request, uuid=uuid)
    target = _way_back(request, row)
    if request.POST.get("undo"):
        attempt_act(
            request,
            lambda: services.take_back_done(user=request.user, process=row),
            f"{row} is planned again.",
        )
    else:
        done = attempt_act(
            request, lambda: services.mark_done(user=request.user, process=row), ""
        )
        if done is not None:
            messages.success(request, _done_words(done, target))
    if request.htmx:
        # The page asked for is loaded whole: its state stands in many places.
        return HttpResponse(headers={"HX-Redirect": target})
    return redirect(target)


def _done_words(row, target):
    began = timezone.localtime(row.started_at)
    return format_html(
        '{} is done, begun {}. <a href="{}" hx-post="{}" hx-vals="{}">Undo</a>',
        row,
        f"{began:%Y-%m-%d %H:%M}",
        reverse("site:process-edit", args=[row.uuid]),
        reverse("site:process-done", args=[row.uuid]),
        json.dumps({"undo": "yes", "next": target}),
    )


def _way_back(request, row):
    """Where the button was pressed, if that is a page of ours."""
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}):
        return asked
    return row.get_absolute_url()


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
