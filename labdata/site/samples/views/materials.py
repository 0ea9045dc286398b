"""Pages of materials: the substances samples are made of."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from labdata.common.people import drafts
from labdata.common.people.access import Project
from labdata.common.record.edits import hold
from labdata.site.kit.pages import (
    attempt,
    attempt_act,
    find,
    may_write,
    overtaken,
    page_of,
    readable_changes,
)
from labdata.site.samples.forms.materials import MaterialForm
from samples import services
from samples.filtersets import MaterialFilterSet
from samples.models import Lot, Material, Sample

SAMPLES_SHOWN = 50


@login_required
def material_list(request):
    visible = Material.objects.visible_to(request.user)
    filters = MaterialFilterSet(request.GET, queryset=visible, request=request)
    rows = (
        filters.qs.select_related("project")
        .prefetch_related("names")
        .order_by("name", "pk")
    )
    context = {
        "page": page_of(request, rows),
        "filters": filters,
        "projects": Project.objects.current().visible_to(request.user),
        "is_filtered": any(request.GET.get(name) for name in filters.filters),
    }
    return render(request, "samples/materials/list.html", context)


@login_required
def material(request, uuid):
    row = find(
        Material.objects.select_related("project", "created_by").prefetch_related(
            "names"
        ),
        request,
        uuid=uuid,
    )
    samples = (
        Sample.objects.current()
        .visible_to(request.user)
        .filter(composition__components__material=row)
        .select_related("composition", "project")
    )
    context = {
        "material": row,
        "samples": samples[:SAMPLES_SHOWN],
        "sample_count": samples.aggregate(count=Count("pk"))["count"],
        "lots": Lot.objects.visible_to(request.user)
        .filter(material=row)
        .select_related("project"),
        "writable": set(
            Project.objects.current()
            .writable_by(request.user)
            .values_list("pk", flat=True)
        ),
        "history": readable_changes(row),
        "can_write": _may_change(request.user, row),
    }
    return render(request, "samples/materials/material.html", context)


def _may_change(user, row):
    if row.project_id is None:
        return user.is_staff or row.created_by_id == user.pk
    return may_write(user, row.project)


@login_required
def material_new(request):
    form = MaterialForm(
        request.POST or None, initial=request.GET.dict(), user=request.user
    )
    if request.method == "POST":
        row = attempt(form, lambda: _create(request.user, form))
        if row is not None:
            drafts.drop(user=request.user, key="material-new")
            messages.success(request, f"{row.name} is added.")
            return redirect("site:material", row.uuid)
    return render(request, "samples/materials/form.html", {"form": form})


def _create(user, form):
    slug = form.cleaned_data["project"]
    project = services.resolve_project(user, slug) if slug else None
    return services.create_material(user=user, project=project, **form.values())


@login_required
@require_POST
def material_archive(request, uuid):
    """Put a material away, or bring it back; samples keep it."""
    row = find(Material.objects.select_related("project"), request, uuid=uuid)
    archived = request.POST.get("archived") != "no"
    attempt_act(
        request,
        lambda: services.archive_material(
            user=request.user, material=row, archived=archived
        ),
        f"{row.name} is {'archived' if archived else 'back'}.",
    )
    return redirect("site:material", row.uuid)


@login_required
def material_edit(request, uuid):
    found = Material.objects.select_related("project").prefetch_related("names")
    row = find(found, request, uuid=uuid)
    if not _may_change(request.user, row):
        if request.method == "POST":
            raise PermissionDenied("This material is for others to change.")
        messages.warning(request, "This material is for others to change.")
        return redirect("site:material", row.uuid)
    if request.method != "POST":
        form = MaterialForm(
            initial=MaterialForm.initial_of(row), user=request.user, material=row
        )
        return _form_page(request, form)
    form = MaterialForm(request.POST, user=request.user, material=row)
    with transaction.atomic():
        hold(row)
        changes = overtaken(form, row)
        if changes is not None:
            return _form_page(request, form, changes=changes, status=409)
        saved = attempt(
            form,
            lambda: services.update_material(
                user=request.user, material=row, **form.values()
            ),
        )
    if saved is not None:
        drafts.drop(user=request.user, key=f"material-{row.uuid}")
        messages.success(request, f"{saved.name} is changed.")
        return redirect("site:material", saved.uuid)
    return _form_page(request, form)


def _form_page(request, form, changes=(), status=200):
    context = {
        "form": form,
        "material": form.material,
        "changes": changes,
        "is_stale": status == 409,
    }
    return render(request, "samples/materials/form.html", context, status=status)
