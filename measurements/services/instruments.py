"""Instruments: a project's own, and those the whole lab shares."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from labdata.common.people.access import require_unlimited, require_write
from measurements.models import Instrument
from samples.services.references import as_uuid

FIELDS = ("name", "manufacturer", "model", "serial_number", "notes")


def resolve_instrument(user, text, *, project=None, field="instrument"):
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


@transaction.atomic
def create_instrument(*, user, project=None, **values):
    """Add an instrument to a project, or to the lab if no project is named."""
    if project is not None:
        require_write(user, project)
    else:
        require_unlimited(user)
    instrument = Instrument(project=project, created_by=user)
    return _save(instrument, values)


@transaction.atomic
def update_instrument(*, user, instrument, **values):
    """Change what an instrument is called and described as."""
    _require_care(user, instrument)
    instrument.version += 1
    return _save(instrument, values)


@transaction.atomic
def set_instrument_archived(*, user, instrument, archived):
    """Put an instrument away, or bring it back."""
    _require_care(user, instrument)
    instrument.archived_at = timezone.now() if archived else None
    instrument.version += 1
    instrument.save()
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


def _save(instrument, values):
    for field in FIELDS:
        if field in values:
            setattr(instrument, field, values[field] or "")
    twins = Instrument.objects.filter(project=instrument.project, name=instrument.name)
    if twins.exclude(pk=instrument.pk).exists():
        raise ValidationError(
            {"name": f"There is an instrument {instrument.name!r} already."}
        )
    instrument.full_clean(validate_constraints=False)
    instrument.save()
    return instrument
