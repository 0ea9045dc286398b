"""The same said of, or done with, many measurements: all of them, or none."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from labdata.common.people.access import require_write
from labdata.common.record.edits import hold_many
from labdata.common.record.names import refuses_unknown_names
from measurements.models import Measurement
from measurements.reading.conditions import PERSON
from measurements.registry import techniques
from measurements.services.measurements import set_archived, update_measurement
from measurements.services.readings import reparse

MOST = 500


class CommonFields(TypedDict, total=False):
    """What can be said of many measurements at once, beside their conditions."""

    measured_at: str | None
    state: str | Mapping[str, Any] | None
    instrument: str | None
    operator: str
    notes: str


def _require_some(user, measurements):
    if not measurements:
        raise ValidationError("Tick at least one measurement.")
    if len(measurements) > MOST:
        raise ValidationError(f"At most {MOST} at a time.")
    for row in measurements:
        require_write(user, row.project)


@refuses_unknown_names
@transaction.atomic
def change_measurements(
    *,
    user: User,
    measurements: Sequence[Measurement],
    conditions: Mapping[str, Any] | None = None,
    **said: Unpack[CommonFields],
) -> list[Measurement]:
    """Say the same of several measurements; what is not given stays.

    A condition goes to those whose technique knows it.

    Raises
    ------
    ValidationError
        By field, if nothing is said, or one of them cannot be so.
    """
    _require_some(user, measurements)
    if not said and not conditions:
        raise ValidationError("Fill in what is to be changed.")
    changed = []
    ids = [row.pk for row in measurements]
    now = hold_many(Measurement.objects.filter(pk__in=ids)).in_bulk()
    for row in map(now.get, ids):
        values = dict(said)
        if mine := _known_to(row, conditions or {}):
            typed = {
                key: value
                for key, value in row.conditions.items()
                if row.sources.get(key) == PERSON
            }
            values["conditions"] = {**typed, **mine}
        if values:
            changed.append(update_measurement(user=user, measurement=row, **values))
    if not changed:
        named = ", ".join(sorted(conditions))
        raise ValidationError({"conditions": f"None of these has {named}."})
    return changed


def _known_to(row, conditions):
    spec = techniques.get(row.technique)
    known = {one.key for one in spec.conditions} if spec else set()
    return {key: value for key, value in conditions.items() if key in known}


@transaction.atomic
def archive_measurements(
    *, user: User, measurements: Sequence[Measurement], archived: bool
) -> None:
    """Put several away, or bring them back."""
    _require_some(user, measurements)
    for row in measurements:
        set_archived(user=user, measurement=row, archived=archived)


@transaction.atomic
def read_measurements_again(
    *, user: User, measurements: Sequence[Measurement]
) -> list[Measurement]:
    """Read the files of several anew with the readers asked for, or detect them.

    Returns
    -------
    list of Measurement
        Those whose reading was asked for; the others have no files, or are being read.
    """
    _require_some(user, measurements)
    return [
        reparse(user=user, measurement=row, reader=row.reader)
        for row in measurements
        if row.parsing is not None and not row.parsing.is_open
    ]
