"""Logging a sample, and what its composition is understood as while typed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from labdata.common.access import Project
from labdata.site.composition import read_composition
from labdata.site.forms import SampleForm
from labdata.site.views.base import attempt, needs_project
from samples import services
from samples.models import Sample


def _known_project(request):
    projects = Project.objects.current().writable_by(request.user)
    slug = request.POST.get("project") or request.GET.get("project")
    if slug:
        return projects.filter(slug=slug).first()
    only = list(projects[:2])
    return only[0] if len(only) == 1 else None


@login_required
@needs_project
def sample_new(request):
    project = _known_project(request)
    initial = {"project": project.slug if project else "", **request.GET.dict()}
    form = SampleForm(
        request.POST or None, initial=initial, user=request.user, project=project
    )
    if request.method == "POST":
        row = attempt(form, lambda: _create(request.user, form))
        if row is not None:
            messages.success(request, f"{row.code} is logged.")
            if "another" in request.POST:
                return redirect(f"{request.path}?project={row.project.slug}")
            return redirect(row)
    return sample_form(request, form, project)


def _create(user, form):
    project = services.resolve_project(user, form.cleaned_data["project"])
    return services.create_sample(user=user, project=project, **form.values())


def sample_form(request, form, project, changes=(), status=200):
    text = form["composition"].value() or ""
    context = {
        "form": form,
        "sample": form.sample,
        "project": project,
        "changes": changes,
        "is_stale": status == 409,
        "understood": read_composition(project, text, form["basis"].value() or ""),
        "codes": Sample.objects.current()
        .visible_to(request.user)
        .filter(project=project)
        .values_list("code", flat=True)[:200],
    }
    return render(request, "samples/form.html", context, status=status)


@login_required
def understood(request):
    """What a composition is understood as, while it is typed."""
    context = {
        "understood": read_composition(
            _known_project(request),
            request.GET.get("composition", ""),
            request.GET.get("basis", ""),
        )
    }
    return render(request, "samples/understood.html", context)
