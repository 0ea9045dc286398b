"""What projects keep lists of: extra fields, instruments and lots of materials."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from labdata.common.people.access import Project, Role, require_role
from labdata.site.kit.editing import add_record, change_record
from labdata.site.kit.pages import (
    attempt_act,
    find,
    may_write,
    needs_project,
    turn_away,
)
from labdata.site.lab.forms.registers import ExtraFieldForm, InstrumentForm, LotForm
from measurements.models import Instrument
from measurements.services import instruments
from samples import services
from samples.models import ExtraField, Lot, Material

FORM = "lab/projects/record_form.html"


def _archived(request, row, archive):
    """Put a record away or bring it back, as the button says."""
    archived = request.POST.get("archived") != "no"
    done = f"{row} is archived: nothing new is made with it." if archived else ""
    attempt_act(request, lambda: archive(archived), done or f"{row} is back.")


def _for_managers(request, project):
    """Send somebody who does not manage a project back to it; refuse what they send."""
    if project.memberships.filter(user=request.user, role=Role.MANAGER).exists():
        return None
    if request.method == "POST":
        require_role(request.user, project, Role.MANAGER)
    messages.warning(request, f"The managers of {project.slug} decide on its fields.")
    return redirect(project)


@login_required
def field_new(request, slug):
    project = find(Project.objects, request, slug=slug)
    if away := _for_managers(request, project):
        return away
    return add_record(
        request,
        ExtraFieldForm,
        lambda **values: services.create_extra_field(
            user=request.user, project=project, **values
        ),
        template=FORM,
        context={"title": "Add a field", "project": project},
        address=f"{project.get_absolute_url()}#fields",
    )


@login_required
def field_edit(request, uuid):
    row = find(ExtraField.objects.select_related("project"), request, uuid=uuid)
    if away := _for_managers(request, row.project):
        return away
    return change_record(
        request,
        row,
        ExtraFieldForm,
        lambda row, **values: services.update_extra_field(
            user=request.user, field=row, **values
        ),
        template=FORM,
        context={"title": f"Change the field {row.label}", "project": row.project},
        address=f"{row.project.get_absolute_url()}#fields",
    )


@login_required
@require_POST
def field_archive(request, uuid):
    row = find(ExtraField.objects.select_related("project"), request, uuid=uuid)
    require_role(request.user, row.project, Role.MANAGER)
    _archived(
        request,
        row,
        lambda archived: services.set_archived(
            user=request.user, record=row, archived=archived
        ),
    )
    return redirect(f"{row.project.get_absolute_url()}#fields")


@login_required
@needs_project
def instrument_new(request):
    slug = request.GET.get("project") or request.POST.get("project") or ""
    found = Project.objects.visible_to(request.user).filter(slug=slug).first()
    address = f"{found.get_absolute_url()}#instruments" if found else ""

    def save(*, project, **values):
        owner = services.resolve_project(request.user, project) if project else None
        return instruments.create_instrument(user=request.user, project=owner, **values)

    return add_record(
        request,
        InstrumentForm,
        save,
        template=FORM,
        context={"title": "Add an instrument", "project": found},
        address=address or reverse("site:account"),
        initial={"project": slug} if found else None,
    )


def _instrument(request, uuid):
    row = find(Instrument.objects.select_related("project"), request, uuid=uuid)
    address = f"{row.project.get_absolute_url()}#instruments" if row.project else ""
    return row, address or reverse("site:account")


@login_required
def instrument_edit(request, uuid):
    row, address = _instrument(request, uuid)
    if row.project and not may_write(request.user, row.project):
        return turn_away(request, row, address)
    if not row.project and not may_care_for(request.user, row):
        if request.method == "POST":
            raise PermissionDenied("This instrument is for others to change.")
        messages.warning(request, "This instrument is for others to change.")
        return redirect(address)
    return change_record(
        request,
        row,
        InstrumentForm,
        lambda row, **values: instruments.update_instrument(
            user=request.user, instrument=row, **values
        ),
        template=FORM,
        context={"title": f"Change {row.name}", "project": row.project},
        address=address,
    )


def may_care_for(user, row):
    """Whether a person may change a record that the whole lab shares."""
    return user.is_staff or row.created_by_id == user.pk


@login_required
@require_POST
def instrument_archive(request, uuid):
    row, address = _instrument(request, uuid)
    _archived(
        request,
        row,
        lambda archived: instruments.set_instrument_archived(
            user=request.user, instrument=row, archived=archived
        ),
    )
    return redirect(address)


@login_required
@needs_project
def lot_new(request, uuid):
    material = find(Material.objects.select_related("project"), request, uuid=uuid)

    def save(*, project, **values):
        owner = services.resolve_project(request.user, project)
        return services.create_lot(
            user=request.user, project=owner, material=material, **values
        )

    own = material.project.slug if material.project else None
    return add_record(
        request,
        LotForm,
        save,
        template=FORM,
        context={"title": f"Add a lot of {material.name}", "material": material},
        address=f"{reverse('site:material', args=[material.uuid])}#lots",
        initial={"project": own} if own else None,
    )


def _lot(request, uuid):
    row = find(Lot.objects.select_related("project", "material"), request, uuid=uuid)
    return row, f"{reverse('site:material', args=[row.material.uuid])}#lots"


@login_required
def lot_edit(request, uuid):
    row, address = _lot(request, uuid)
    if not may_write(request.user, row.project):
        return turn_away(request, row, address)
    return change_record(
        request,
        row,
        LotForm,
        lambda row, **values: services.update_lot(user=request.user, lot=row, **values),
        template=FORM,
        context={"title": f"Change the lot {row.code}", "material": row.material},
        address=address,
    )


@login_required
@require_POST
def lot_archive(request, uuid):
    row, address = _lot(request, uuid)
    _archived(
        request,
        row,
        lambda archived: services.set_archived(
            user=request.user, record=row, archived=archived
        ),
    )
    return redirect(address)
