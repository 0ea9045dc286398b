"""A number as instruments, spreadsheets and people write it."""

from __future__ import annotations

import math
import re
from decimal import Decimal

TYPOGRAPHIC_SPACES = "\u00a0\u2007\u2009\u202f"
"""What groups thousands in print, and no separator of columns."""

MISSING = frozenset(
    {"", "-", "--", "---", "–", "—", "?"}
    | {"n/a", "#n/a", "n.a.", "na", "nan", "none", "null", "unknown"}
)
"""What stands where a value would, in lower case."""

PLAIN = r"\d+(?:[.,]\d+)?"
"""Pattern of a number among words; between two digits a comma is a decimal mark."""

IN_FORMULA = r"\d{1,9}(?:[.,]\d{1,9})?|\.\d{1,9}"
"""Pattern of a number in a formula or a mixture, where nothing groups thousands."""

MANTISSA = rf"(?:\d+(?:[.,{TYPOGRAPHIC_SPACES}]\d+)*\.?|[.,]\d+)"
"""Pattern of the digits of one number as people type it, with whatever marks."""

_LEADING = re.compile(
    r"[<>~≤≥≈]?\s*(?P<number>[+\u2212-]?[\d.,]+(?:[eE][+\u2212-]?\d+)?)(?![\d.,'’-])"
    r"\s*(?P<rest>.*)",
    re.DOTALL,
)
_GROUPING = f"'’{TYPOGRAPHIC_SPACES}"
_EXPONENT = r"(?:[eEdD][+\u2212-]?\d+)?"


def _written_with(mark: str, other: str) -> str:
    # No two parts of it can match the same digits: it gives up in linear time.
    return (
        rf"[+\u2212-]?(?:[1-9]\d{{0,2}}(?:[{other}{_GROUPING}]\d{{3}})+(?:[{mark}]\d*)?"
        rf"|\d+(?:[{mark}]\d*)?|[{mark}]\d+){_EXPONENT}"
    )


_UNGROUPED = {
    mark: re.compile(rf"[+-]?(?:\d+(?:[{mark}]\d*)?|[{mark}]\d+)(?:[eE][+-]?\d+)?")
    for mark in ".,"
}
_POINT, _COMMA = _written_with(".", ","), _written_with(",", ".")
_NUMBER = {
    ".": re.compile(_POINT),
    ",": re.compile(_COMMA),
    None: re.compile(rf"{_POINT}|{_COMMA}"),
}
_DROPPED = {
    ".": str.maketrans("dD\u2212", "ee-", f",{_GROUPING}"),
    ",": str.maketrans("dD,\u2212", "ee.-", f".{_GROUPING}"),
}


def is_number(text: str, decimal: str | None = None) -> bool:
    """Whether a text is a number with this decimal mark, or with either of them."""
    return _NUMBER[decimal].fullmatch(text.strip()) is not None


def is_ungrouped(text: str, decimal: str) -> bool:
    """Whether a text is a number without grouped thousands, as fast parsers take it."""
    return _UNGROUPED[decimal].fullmatch(text.strip()) is not None


def split_number(text: str) -> tuple[str, str]:
    """Part ``0.16 cm²``, ``17,5(2)`` or ``~ 250 h`` into the number and the rest.

    Returns
    -------
    number, rest : str
        As written; both empty where no number begins the text. One that is part of a
        name, such as 1,3-dioxolane, is none.
    """
    if is_number(text):
        return text.strip(), ""
    match = _LEADING.match(text.strip())
    return (match["number"], match["rest"]) if match else ("", "")


def is_missing(text: str) -> bool:
    """Whether a text says that there is no value."""
    return text.strip().casefold() in MISSING


def is_numeric(text: str, decimal: str | None = None) -> bool:
    """Whether a text may stand in a column of numbers: a number, or a missing one."""
    return is_number(text, decimal) or is_missing(text)


def parse_number(text: str, decimal: str = ".") -> float | None:
    """Read one number, or None if the text is none.

    Parameters
    ----------
    text : str
        Thousands may be grouped by the other mark, an apostrophe or a thin space;
        Fortran's ``D`` exponent and the typographic minus are understood; the usual
        signs of a missing value give NaN.
    decimal : {".", ","}
        The decimal mark.

    Returns
    -------
    float or None
        Also None where the number is beyond what a float holds.
    """
    text = text.strip()
    if is_number(text, decimal):
        number = float(text.translate(_DROPPED[decimal]))
        return number if math.isfinite(number) else None
    return math.nan if is_missing(text) else None


def parse_plain(text: str) -> Decimal:
    """Read what `PLAIN` or `IN_FORMULA` found, with a decimal point or comma."""
    return Decimal(text.replace(",", "."))
