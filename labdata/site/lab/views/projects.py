"""Pages of projects: who works together, on what, and with which words and machines."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.db.models import F, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from labdata.common.people import projects as services
from labdata.common.people.access import (
    WRITING_ROLES,
    Membership,
    Project,
    Role,
    require_role,
    visible_project_ids,
)
from labdata.common.people.saved_views import SavedView
from labdata.site.kit.editing import change_record
from labdata.site.kit.pages import attempt, attempt_act, find, readable_changes
from labdata.site.lab.forms.projects import MemberForm, ProjectForm
from labdata.site.lab.forms.registers import ProjectEditForm
from measurements.models import Instrument, Measurement
from samples.models import ExtraField, Lot, Sample

SUGGESTED = 200


@login_required
def project(request, slug):
    return _project_page(request, find(Project.objects, request, slug=slug))


def _project_page(request, row, form=None):
    members = list(
        Membership.objects.filter(project=row)
        .select_related("user")
        .order_by("user__username")
    )
    own = next((one.role for one in members if one.user_id == request.user.pk), "")
    context = {
        "project": row,
        "members": members,
        "own_role": own,
        "is_manager": own == Role.MANAGER,
        "can_write": own in WRITING_ROLES,
        "roles": Role.choices,
        "form": form or MemberForm(),
        "colleagues": _colleagues(request.user, row) if own == Role.MANAGER else (),
        "sample_count": Sample.objects.current().filter(project=row).count(),
        "measurement_count": Measurement.objects.current().filter(project=row).count(),
        "lot_count": Lot.objects.current().filter(project=row).count(),
        "fields": ExtraField.objects.filter(project=row),
        "instruments": Instrument.objects.filter(
            Q(project=row) | Q(project__isnull=True, archived_at__isnull=True)
        ).order_by(F("project_id").asc(nulls_last=True), "name"),
        "views": SavedView.objects.filter(project=row).select_related("user"),
        "history": readable_changes(row),
    }
    return render(request, "lab/projects/project.html", context)


def _colleagues(user, row):
    """Whom a person works with elsewhere, and could add here.

    Nobody else is suggested: who has an account is not everybody's to know.
    """
    known = Membership.objects.filter(project_id__in=visible_project_ids(user))
    people = get_user_model().objects.filter(
        pk__in=known.values("user_id"), is_active=True
    )
    return people.exclude(memberships__project=row).order_by("username")[:SUGGESTED]


@login_required
def project_new(request):
    form = ProjectForm(request.POST or None)
    if request.method == "POST":
        row = attempt(
            form,
            lambda: services.create_project(user=request.user, **form.cleaned_data),
        )
        if row is not None:
            messages.success(request, f"The project {row.slug} is yours to manage.")
            return redirect(row)
    return render(request, "lab/projects/form.html", {"form": form})


@login_required
def project_edit(request, slug):
    row = find(Project.objects, request, slug=slug)
    if not row.memberships.filter(user=request.user, role=Role.MANAGER).exists():
        if request.method == "POST":
            require_role(request.user, row, Role.MANAGER)
        messages.warning(request, f"The managers of {row.slug} change it.")
        return redirect(row)
    return change_record(
        request,
        row,
        ProjectEditForm,
        lambda row, **values: services.update_project(
            user=request.user, project=row, **values
        ),
        template="lab/projects/record_form.html",
        context={"title": f"Change {row.slug}", "project": row},
        address=row.get_absolute_url(),
    )


@login_required
@require_POST
def project_archive(request, slug):
    """Put a project away, or bring it back; everything in it stays as it is."""
    row = find(Project.objects, request, slug=slug)
    archived = request.POST.get("archived") != "no"
    attempt_act(
        request,
        lambda: services.archive_project(
            user=request.user, project=row, archived=archived
        ),
        f"{row.slug} is {'archived' if archived else 'back'}.",
    )
    return redirect(row)


@login_required
@require_POST
def project_members(request, slug):
    """Add a member, change a role, or end a membership."""
    row = find(Project.objects, request, slug=slug)
    if "remove" in request.POST:
        name = request.POST["remove"]
        attempt_act(
            request,
            lambda: services.remove_member(
                user=request.user, project=row, username=name
            ),
            f"{name} is no longer a member.",
        )
        is_member = row.memberships.filter(user=request.user).exists()
        return redirect(_members(row) if is_member else reverse("site:home"))
    require_role(request.user, row, Role.MANAGER)
    form = MemberForm(request.POST)
    membership = attempt(
        form,
        lambda: services.set_member(
            user=request.user,
            project=row,
            username=form.cleaned_data["user"].strip(),
            role=form.cleaned_data["role"],
        ),
    )
    if membership is None:
        return _project_page(request, row, form=form)
    messages.success(request, f"{membership.user} is now {membership.role}.")
    return redirect(_members(row))


def _members(row):
    return f"{row.get_absolute_url()}#members"
