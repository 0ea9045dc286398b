"""A date and a time of day, or a length of time, as instruments write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing a time.

    Attributes
    ----------
    pattern : re.Pattern
        What a text written so looks like as a whole.
    layout : str
        As ``strptime`` has it, without fractions of a second; empty for ISO 8601.
    is_slashed : bool
        Day and month stand before slashes and are told apart by their size: the layout
        is then that of what follows the date.
    """

    pattern: re.Pattern[str]
    layout: str
    is_slashed: bool = False


_FRACTION = r"(?:[.,]\d+)?"
_SECONDS = rf":\d\d{_FRACTION}"
FORMS = (
    Form(
        re.compile(
            rf"\d{{4}}-\d\d-\d\d[ T]\d\d:\d\d(?:{_SECONDS})?(?:Z|[+-]\d\d:?\d\d)?"
        ),
        "",
    ),
    Form(
        re.compile(rf"\d{{1,2}}\.\d{{1,2}}\.\d{{4}} \d{{1,2}}:\d\d{_SECONDS}"),
        "%d.%m.%Y %H:%M:%S",
    ),
    Form(
        re.compile(r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d\d"),
        "%d.%m.%Y %H:%M",
    ),
    Form(
        re.compile(rf"\d{{4}}/\d{{1,2}}/\d{{1,2}} \d{{1,2}}:\d\d{_SECONDS}"),
        "%Y/%m/%d %H:%M:%S",
    ),
    Form(
        re.compile(rf"\d{{1,2}}/\d{{1,2}}/\d{{4}} \d{{1,2}}:\d\d{_SECONDS}"),
        "%H:%M:%S",
        is_slashed=True,
    ),
    Form(
        re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d"),
        "%H:%M",
        is_slashed=True,
    ),
    Form(
        re.compile(
            r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AP]M",
            re.IGNORECASE,
        ),
        "%I:%M:%S %p",
        is_slashed=True,
    ),
)

SLASHED = r"^\s*(?P<first>\d+)/(?P<second>\d+)/"
"""Pattern of the two numbers that are day and month in one order or the other."""

FRACTION_AT_END = r"(:\d+)[.,]\d+\s*$"
"""Pattern of a fraction of a second, which no layout has."""

ELAPSED = (
    r"^\s*(?:(?P<d>\d+)(?:\s*(?:days?|d|\.))?[\s,]+)?"
    r"(?P<h>\d+):(?P<m>\d{1,2}):(?P<s>\d{1,2}(?:[.,]\d+)?)\s*$"
)
"""Pattern of a length of time, such as ``12 days 14:34:30.4`` or ``302:34:30``."""


class AmbiguousDate(ValueError):
    """Day and month of a date cannot be told apart."""


def form_of(text: str) -> Form | None:
    """Return how a time is written, None if it is none."""
    text = text.strip()
    return next((form for form in FORMS if form.pattern.fullmatch(text)), None)


def is_elapsed(text: str) -> bool:
    """Whether a text is a length of time with colons."""
    return re.match(ELAPSED, text) is not None


def slashed_layout(form: Form, first: int, second: int) -> str:
    """Return the whole layout of a slashed form.

    Parameters
    ----------
    form : Form
    first, second : int
        The largest number before the first and before the second slash.

    Raises
    ------
    AmbiguousDate
        If both may be a month.
    ValueError
        If neither may.
    """
    if first <= 12 and second <= 12:
        raise AmbiguousDate(f"{first}/{second} may be day first or month first")
    if first > 12 and second > 12:
        raise ValueError(f"neither {first} nor {second} is a month")
    return _layout(form, month_first=second > 12)


def _layout(form: Form, *, month_first: bool) -> str:
    date = "%m/%d/%Y" if month_first else "%d/%m/%Y"
    return f"{date} {form.layout}"


def parse_clock(text: str, *, is_american: bool = False) -> datetime | None:
    """Read a date with a time of day.

    Parameters
    ----------
    text : str
        ``2025-01-31 14:05:00`` and other ISO forms, ``31.01.2025 14:05``,
        ``2025/01/31 14:05:00``, ``31/1/2025 14:05:00`` or ``1/31/2025 2:05:00 PM``.
    is_american : bool
        Whether the format is known to write the month first beside AM and PM.

    Returns
    -------
    datetime or None
        With a zone only where the text states one; None if it is no time.

    Raises
    ------
    AmbiguousDate
        If day and month before slashes cannot be told apart.
    """
    text = text.strip()
    form = form_of(text)
    if form is None:
        return None
    try:
        if not form.layout:
            return datetime.fromisoformat(text.replace(",", "."))
        layout = form.layout
        if form.is_slashed:
            first, second = (int(part) for part in text.split("/")[:2])
            if is_american and "%p" in form.layout:
                layout = _layout(form, month_first=True)
            else:
                layout = slashed_layout(form, first, second)
        moment = datetime.strptime(re.sub(FRACTION_AT_END, r"\1", text), layout)
    except AmbiguousDate:
        raise
    except ValueError:
        return None
    fraction = re.search(r":\d+[.,](\d+)$", text)
    if fraction is None:
        return moment
    return moment.replace(microsecond=int(f"{fraction[1]:0<6.6}"))


def first_clock(
    texts: Iterable[str], notes: list[str], *, is_american: bool = False
) -> datetime | None:
    """Return the first text that is a time, as `parse_clock` reads it.

    One whose day and month cannot be told apart is told in ``notes``.
    """
    for text in texts:
        try:
            clock = parse_clock(text, is_american=is_american)
        except AmbiguousDate:
            notes.append(
                f"{text.strip()!r} may be day first or month first: it was not taken as"
                " the time of the measurement."
            )
            continue
        if clock is not None:
            return clock
    return None
