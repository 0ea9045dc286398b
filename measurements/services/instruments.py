"""Instruments: a project's own, and those the whole lab shares."""

from typing import TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from labdata.common.people.access import Project, require_unlimited, require_write
from labdata.common.record.edits import hold, save_edit
from labdata.common.record.names import refuses_unknown_names
from measurements.models import Instrument
from samples.services.references import as_uuid

FIELDS = ("name", "manufacturer", "model", "serial_number", "notes")


class InstrumentFields(TypedDict, total=False):
    """What an instrument is called and described as."""

    name: str
    manufacturer: str
    model: str
    serial_number: str
    notes: str


def resolve_instrument(
    user: User,
    text: str | None,
    *,
    project: Project | None = None,
    field: str = "instrument",
) -> Instrument | None:
    """Find an instrument by name or id; a project's own goes before a shared one."""
    if not text:
        return None
    usable = Instrument.objects.current().visible_to(user)
    public_id = as_uuid(text)
    found = usable.filter(uuid=public_id) if public_id else usable.filter(name=text)
    found = [
        row for row in found if project is None or row.project_id in (None, project.pk)
    ]
    found.sort(key=lambda row: row.project_id is None)
    if not found:
        raise ValidationError({field: f"There is no instrument {str(text)!r}."})
    return found[0]


@refuses_unknown_names
@transaction.atomic
def create_instrument(
    *, user: User, project: Project | None = None, **values: Unpack[InstrumentFields]
) -> Instrument:
    """Add an instrument to a project, or to the lab if no project is named."""
    if project is not None:
        require_write(user, project)
    else:
        require_unlimited(user)
    instrument = Instrument(project=project, created_by=user)
    _set(instrument, values)
    instrument.save()
    return instrument


@refuses_unknown_names
@transaction.atomic
def update_instrument(
    *, user: User, instrument: Instrument, **values: Unpack[InstrumentFields]
) -> Instrument:
    """Change what an instrument is called and described as."""
    hold(instrument)
    _require_care(user, instrument)
    _set(instrument, values)
    save_edit(instrument)
    return instrument


@transaction.atomic
def set_instrument_archived(
    *, user: User, instrument: Instrument, archived: bool
) -> Instrument:
    """Put an instrument away, or bring it back."""
    hold(instrument)
    _require_care(user, instrument)
    instrument.archived_at = timezone.now() if archived else None
    save_edit(instrument)
    return instrument


def _require_care(user, instrument):
    if instrument.project is not None:
        require_write(user, instrument.project)
        return
    require_unlimited(user)
    if not (user.is_staff or instrument.created_by_id == user.pk):
        raise PermissionDenied(
            f"{instrument.name} is shared by the lab: who added it, or an"
            " administrator, may change it."
        )


def _set(instrument, values):
    for field in FIELDS:
        if field in values:
            setattr(instrument, field, values[field] or "")
    twins = Instrument.objects.filter(project=instrument.project, name=instrument.name)
    if twins.exclude(pk=instrument.pk).exists():
        raise ValidationError(
            {"name": f"There is an instrument {instrument.name!r} already."}
        )
    instrument.full_clean(validate_constraints=False)
