"""Point or comma: which of them is the decimal mark, or a question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from labdata.common.text.number import is_number, split_number
from labdata.plugin import UnreadableFile

MARKS = (".", ",")
IN_WORDS = {".": "decimal point", ",": "decimal comma"}

_DIGITS_COMMA_DIGITS = re.compile(r"[+-]?\d+,\d+")
_BETWEEN_DIGITS = re.compile(r"(?<=\d),(?=\d)")
_EITHER = {mark: re.compile(rf"[1-9]\d{{0,2}}[{mark}]\d{{3}}") for mark in MARKS}


def decide(texts: Iterable[str], *, separator: str | None = None) -> str:
    """Find the decimal mark by which numbers are written.

    Parameters
    ----------
    texts : iterable of str
        Fields of a table; what is no number, or holds neither mark, says nothing.
    separator : str, optional
        What parts the columns, where that tells: programs write a semicolon where the
        comma is taken by decimals.

    Returns
    -------
    str
        ``"."`` or ``","``; the point where nothing has a mark. Where some numbers can
        only have a point and others only a comma, the one of most, so that those of
        the other are found to be no numbers.

    Raises
    ------
    UnreadableFile
        If a number such as ``1,234`` may be either and no other tells which.

    Notes
    -----
    ``0,5`` and ``1.234,5`` can only have a comma, ``0.5`` and ``1,234.5`` only a point.
    ``1,234`` beside one that has a point is one thousand; ``1.234`` beside one that has
    a comma is so only where the file shows, as in ``1.234,5``, that it groups
    thousands by points.
    """
    witnesses: Counter[str] = Counter()
    either: dict[str, str] = {}
    groups_by_points = False
    for text in texts:
        if "," not in text and "." not in text:
            continue
        written = text if is_number(text) else split_number(text)[0]
        marks = [mark for mark in MARKS if is_number(written, mark)]
        if len(marks) == 1:
            witnesses[marks[0]] += 1
            groups_by_points |= marks == [","] and "." in written
        elif marks:
            either.setdefault("," if "," in written else ".", written.strip())
    points, commas = witnesses["."], witnesses[","]
    if not points and not commas:
        if "," not in either or separator == ";":
            return "," if "," in either else "."
        raise UnreadableFile(_question(either[","]))
    if commas <= points:
        if commas and "," in either:
            raise UnreadableFile(_question(either[","]))
        return "."
    if "." in either and not groups_by_points:
        raise UnreadableFile(_question(either["."]))
    return ","


def readings(written: str) -> list[str]:
    """Spell out the numbers that one such as ``1,234`` may be: 1234 and 1.234."""
    mark = "," if "," in written else "."
    return [written.replace(mark, ""), written.replace(mark, ".")]


def _question(written: str) -> str:
    return (
        f"{written!r} may mean {' or '.join(readings(written))}, and nothing beside it"
        " decides: state the decimal mark."
    )


def is_question(text: str, mark: str = ",") -> bool:
    """Whether a number standing alone, such as ``1,234``, may be two."""
    return _EITHER[mark].fullmatch(text.strip().lstrip("+-\u2212")) is not None


def has_comma(text: str) -> bool:
    """Whether a text is digits, a comma and digits, such as ``0,05``."""
    return _DIGITS_COMMA_DIGITS.fullmatch(text) is not None


def with_points(text: str) -> str:
    """Write every comma between two digits as a decimal point."""
    return _BETWEEN_DIGITS.sub(".", text)


def commas_as_points(row: str) -> str:
    """Write every comma of a row that holds no other as a decimal point."""
    return row.replace(",", ".")


def is_foreign(text: str, decimal: str) -> bool:
    """Whether a number beside a table is written otherwise than its rows.

    It has the other mark, or one that rows with a decimal comma may not mean: what
    ``1.234`` is beside them nobody knows.
    """
    if is_number(text, decimal):
        return decimal == "," and is_question(text, ".")
    return is_number(text)


def of_one(text: str) -> tuple[str, str]:
    """Tell the marks of one number that stands alone.

    Parameters
    ----------
    text : str
        Digits and marks, without sign and exponent.

    Returns
    -------
    grouping, decimal : str
        The mark between thousands and the one before decimals; ``decimal`` is empty
        where there are none. What `is_question` calls one is taken as grouped.
    """
    commas, points = text.count(","), text.count(".")
    if commas and points:
        return (",", ".") if text.rindex(".") > text.rindex(",") else (".", ",")
    if commas > 1 or is_question(text):
        return ",", ""
    if points > 1:
        return ".", ""
    return (".", ",") if commas else (",", ".")


def not_used(text: str, decimal: str) -> str:
    """Say that a number is left out, since the file's others have this mark."""
    return f"{text.strip()}, no number with a {IN_WORDS[decimal]}: not used."
