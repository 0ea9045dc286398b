"""Times as people type them at the bench, and what they were understood as."""

import re
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from samples.services import parse_time

_WORDS = {"today": 0, "yesterday": -1}
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})$")
_DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
_NAMED = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y")
_PRINTED = {
    "year": "%Y, to the year",
    "month": "%B %Y, to the month",
    "day": "%A %-d %B %Y, to the day",
    "minute": "%A %-d %B %Y, %H:%M",
    "second": "%A %-d %B %Y, %H:%M:%S",
}


def as_written(text, *, now=None):
    """Turn ``now``, ``yesterday 14:30``, ``5.3.2026`` or ``5 Mar 2026`` into ISO.

    Anything else stays as it is, for the services to judge.
    """
    now = timezone.localtime(now)
    text = " ".join(str(text or "").split())
    if text.casefold() == "now":
        return f"{now:%Y-%m-%d %H:%M}"
    day, _, rest = text.partition(" ")
    if day.casefold() in _WORDS:
        date = now + timedelta(days=_WORDS[day.casefold()])
        return _with_clock(f"{date:%Y-%m-%d}", rest, text)
    if _CLOCK.match(text):
        return _with_clock(f"{now:%Y-%m-%d}", text, text)
    if dotted := _DOTTED.match(day):
        of_month, month, year = dotted.groups()
        return _with_clock(f"{year}-{month:0>2}-{of_month:0>2}", rest, text)
    for pattern in _NAMED:
        try:
            return f"{datetime.strptime(text.replace(',', ''), pattern):%Y-%m-%d}"
        except ValueError:
            continue
    return text


def _with_clock(date, clock, text):
    if not clock:
        return date
    if match := _CLOCK.match(clock):
        return f"{date} {match[1]:0>2}:{match[2]}"
    return text


def told_time(text):
    """What a typed time was understood as, in words; empty for an empty text.

    Raises
    ------
    ValidationError
        If it is no time.
    """
    written = as_written(text)
    if not written:
        return ""
    told = parse_time(written, field="started_at")
    local = timezone.localtime(told.moment)
    return local.strftime(_PRINTED[told.precision])


def clean_time(text):
    """The text a service takes for what was typed.

    Raises
    ------
    ValidationError
        With what was typed, if it is no time.
    """
    written = as_written(text)
    if written:
        try:
            parse_time(written, field="started_at")
        except ValidationError as error:
            raise ValidationError(error.message_dict["started_at"]) from error
    return written
