"""Pages of projects: who works together, and on what."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from labdata.common import projects as services
from labdata.common.access import Membership, Project, Role, require_role
from labdata.site.forms import MemberForm, ProjectForm
from labdata.site.views.base import attempt, attempt_act, find
from measurements.models import Measurement
from samples.models import Sample


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
        "roles": Role.choices,
        "form": form or MemberForm(),
        "sample_count": Sample.objects.current().filter(project=row).count(),
        "measurement_count": Measurement.objects.current().filter(project=row).count(),
    }
    return render(request, "projects/project.html", context)


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
    return render(request, "projects/form.html", {"form": form})


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
        left = name == request.user.get_username()
        return redirect(reverse("site:home") if left else row.get_absolute_url())
    require_role(request.user, row, Role.MANAGER)
    form = MemberForm(request.POST)
    membership = attempt(
        form,
        lambda: services.set_member(
            user=request.user,
            project=row,
            username=form.cleaned_data["user"],
            role=form.cleaned_data["role"],
        ),
    )
    if membership is None:
        return _project_page(request, row, form=form)
    messages.success(request, f"{membership.user} is now {membership.role}.")
    return redirect(row)
