"""Times as precise as they are known: a year, a month, a day, a minute."""

import re
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from samples.models import TimePrecision

_PARTIAL = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")
_MINUTE = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?:Z|[+-]\d{2}:?\d{2})?$")


class InexactTime(NamedTuple):
    """A moment in UTC, how precisely it is known, and the zone it was told in."""

    moment: datetime | None
    precision: str
    zone: str


UNKNOWN_TIME = InexactTime(None, "", "")


def parse_time(text: str | None, *, field: str, zone: str = "") -> InexactTime:
    """Read ``2026``, ``2026-03``, ``2026-03-05`` or an ISO time with or without zone.

    Raises
    ------
    ValidationError
        Keyed by ``field``, if it is no date.
    """
    if text is None or text == "":
        return UNKNOWN_TIME
    if isinstance(text, datetime):
        aware = text if timezone.is_aware(text) else timezone.make_aware(text)
        return InexactTime(aware.astimezone(UTC), "second", zone)
    text = str(text).strip()
    local = _zone(zone, field) if zone else timezone.get_default_timezone()
    try:
        if partial := _PARTIAL.match(text):
            year, month, day = partial.groups()
            moment = datetime(int(year), int(month or 1), int(day or 1), tzinfo=local)
            precision = "day" if day else "month" if month else "year"
            return InexactTime(moment.astimezone(UTC), precision, str(local))
        moment = parse_datetime(text)
    except (ValueError, OverflowError) as error:
        raise ValidationError({field: f"{text!r} is not a date: {error}."}) from error
    if moment is None:
        raise ValidationError(
            {field: f"{text!r} is not a date. Write 2026-03-05 14:30, or less."}
        )
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=local)
        told_in = str(local)
    else:
        told_in = zone or moment.strftime("%z")
    precision = "minute" if _MINUTE.match(text) else "second"
    return InexactTime(moment.astimezone(UTC), precision, told_in)


def _zone(name, field):
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationError({field: f"{name!r} is no time zone."}) from error


_FORMATS = {
    TimePrecision.YEAR: "%Y",
    TimePrecision.MONTH: "%Y-%m",
    TimePrecision.DAY: "%Y-%m-%d",
    TimePrecision.MINUTE: "%Y-%m-%dT%H:%M",
    TimePrecision.SECOND: "%Y-%m-%dT%H:%M:%S",
}


def print_time(moment, precision, zone=""):
    """The inverse of ``parse_time``: only as many digits as are known."""
    if moment is None:
        return None
    if precision in (TimePrecision.MINUTE, TimePrecision.SECOND):
        return moment.astimezone(UTC).strftime(_FORMATS[precision]) + "Z"
    try:
        local = moment.astimezone(ZoneInfo(zone)) if zone else moment
    except (ZoneInfoNotFoundError, ValueError):
        local = moment
    return local.strftime(_FORMATS.get(precision, "%Y-%m-%dT%H:%M:%SZ"))
