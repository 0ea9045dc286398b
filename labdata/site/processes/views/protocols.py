"""Pages of protocols: how a lab usually does an act, and who followed it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from labdata.common.people import drafts
from labdata.common.people.access import Project
from labdata.common.record.edits import hold
from labdata.site.drawings.programme import draw_segments, tabulate_segments
from labdata.site.kit.acts.act_form import parameter_rows, program_rows
from labdata.site.kit.acts.programs import told_program
from labdata.site.kit.acts.starts import asked_project
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
from labdata.site.processes.forms.protocols import ProtocolForm
from samples import services
from samples.filtersets import ProtocolFilterSet
from samples.models import Process, Protocol
from samples.services.references import as_uuid
from samples.thermal import Segment

USES_SHOWN = 50


@login_required
def protocol_list(request):
    """The list: filters and parameters are those of the API."""
    visible = Protocol.objects.visible_to(request.user)
    filters = ProtocolFilterSet(request.GET, queryset=visible, request=request)
    page = page_of(
        request,
        filters.qs.select_related("project").with_use().order_by("kind", "name", "pk"),
    )
    for row in page:
        row.told = told_program(segments_of(row)) if row.program else None
    context = {
        "filters": filters,
        "page": page,
        "projects": Project.objects.current().visible_to(request.user),
        "kinds": Process.Kind.choices,
        "is_filtered": any(request.GET.get(name) for name in filters.filters),
    }
    return render(request, "processes/protocols/list.html", context)


def segments_of(protocol):
    """The steps a protocol says, as the science code knows them."""
    return [Segment(**row) for row in protocol.program]


@login_required
def protocol(request, uuid):
    row = find(Protocol.objects.select_related("project"), request, uuid=uuid)
    segments = segments_of(row)
    row.drawing = draw_segments(segments) if segments else None
    row.tabulated = tabulate_segments(segments)
    used = (
        Process.objects.current()
        .visible_to(request.user)
        .filter(protocol=row)
        .prefetch_related("outputs__sample", "inputs__sample", "inputs__lot")
        .select_related("protocol")
        .order_by("-pk")
    )
    context = {
        "protocol": row,
        "parameters": parameter_rows(row.parameters),
        "told": told_program(segments) if segments else None,
        "uses": used[:USES_SHOWN],
        "use_count": used.count(),
        "history": readable_changes(row),
        "can_write": may_write(request.user, row.project),
    }
    return render(request, "processes/protocols/protocol.html", context)


@login_required
@needs_project
def protocol_new(request):
    """Write a protocol down; ``?process=`` begins as that process was done."""
    initial, rows = {}, {}
    if given := request.GET.get("process"):
        process = find(
            Process.objects.select_related("project").prefetch_related("program"),
            request,
            uuid=as_uuid(given),
        )
        initial = {
            "project": process.project.slug,
            "kind": process.kind,
            "name": process.name,
            "notes": process.notes,
        }
        rows = {
            "parameters": parameter_rows(process.parameters),
            "program": program_rows(process.program.all()),
        }
    project = asked_project(request)
    initial.setdefault("project", project.slug if project else "")
    form = ProtocolForm(
        request.POST or None, initial=initial, rows=rows, user=request.user
    )
    if request.method == "POST":
        row = attempt(form, lambda: _create(request.user, form))
        if row is not None:
            drafts.drop(user=request.user, key="protocol-new")
            messages.success(request, f"The protocol {row.name} is there.")
            return redirect(row)
    return _protocol_form(request, form)


def _create(user, form):
    project = services.resolve_project(user, form.cleaned_data["project"])
    return services.create_protocol(user=user, project=project, **form.values())


@login_required
def protocol_edit(request, uuid):
    row = find(Protocol.objects.select_related("project"), request, uuid=uuid)
    if not may_write(request.user, row.project):
        return turn_away(request, row, row.get_absolute_url())
    if request.method != "POST":
        form = ProtocolForm(
            initial=ProtocolForm.initial_of(row),
            rows=ProtocolForm.rows_of(row),
            user=request.user,
            protocol=row,
        )
        return _protocol_form(request, form)
    form = ProtocolForm(request.POST, user=request.user, protocol=row)
    with transaction.atomic():
        hold(row)
        changes = overtaken(form, row)
        if changes is not None:
            return _protocol_form(request, form, changes=changes, status=409)
        saved = attempt(
            form,
            lambda: services.update_protocol(
                user=request.user, protocol=row, **form.values()
            ),
        )
    if saved is not None:
        drafts.drop(user=request.user, key=f"protocol-{row.uuid}")
        messages.success(request, f"{saved.name} is changed.")
        return redirect(saved)
    return _protocol_form(request, form)


def _protocol_form(request, form, changes=(), status=200):
    context = {
        "form": form,
        "protocol": form.protocol,
        "changes": changes,
        "is_stale": status == 409,
        **understood_parts(form),
        **suggestions(request.user, None),
    }
    return render(request, "processes/protocols/form.html", context, status=status)


@login_required
@require_POST
def protocol_archive(request, uuid):
    row = find(Protocol.objects.select_related("project"), request, uuid=uuid)
    archived = request.POST.get("archived") == "yes"
    said = "put away" if archived else "back"
    attempt_act(
        request,
        lambda: services.set_archived(user=request.user, record=row, archived=archived),
        f"{row.name} is {said}.",
    )
    return redirect(row)
