"""A title with its unit: ``Wavelength (nm)``, ``λ [nm]``, ``Energy / eV``, ``t_s``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from labdata.common.measures import units

OWN_SCALE = frozenset(
    {"1", "-", "counts", "count", "cts", "cps", "counts/s", "photons", "photons/s"}
    | {"a.u.", "a.u", "au", "a. u.", "arb.", "arb.u.", "arb. u.", "arb.unit"}
    | {"arb. unit", "arb.units", "arb. units", "arbitrary units"}
    | {"rel.", "norm.", "normalized", "normalised"}
)
"""What stands where a unit would, for a signal on the instrument's own scale."""

# What is longer is no title, and to try each place of it would take for ever.
_LONGEST_TAIL, _MOST_BRACKETS = 80, 8

_OPENING, _CLOSING = "([{", ")]}"
_PHOTONS = re.compile(r"^(photons?|counts?)(?=\s*/)", re.IGNORECASE)
_OHM_AREA = re.compile(
    r"^(?:ohm|[\u03a9\u2126])\s*[*·. ]?\s*cm\s*(?:\^|\*\*)?[2²]$", re.IGNORECASE
)
# No unit is written with the power one: A1 is a pixel, J_1 a curve.
_LABEL = re.compile(r"^[^\W\d_]1$|/1(?:/|$)")
_PERCENT = frozenset({"pct", "percent"})
_MARK = re.compile(r"\s/\s|\sin\s|,\s|_|/|(?=%$)|\s(?=percent$)")


@dataclass(frozen=True, slots=True)
class Title:
    """A title taken apart.

    Attributes
    ----------
    text : str
        As the file writes it.
    name : str
        Without the unit.
    unit_text : str
        The unit as the file writes it, empty where it writes none.
    unit : str or None
        Its accepted symbol, ``"1"`` for a signal on the instrument's own scale; None
        where there is no unit or nobody knows it.
    """

    text: str
    name: str
    unit_text: str = ""
    unit: str | None = None


def parse_unit(text: str) -> str | None:
    """Give the accepted symbol of a unit as instruments write it, or None.

    A signal on the instrument's own scale, such as counts, has the unit ``"1"``; names
    of columns spell ``mA_per_cm2`` or ``mA_cm2``.
    """
    text = text.strip().strip("()[]{}").strip()
    if "_" in text:
        text = "/".join(word for word in text.split("_") if word != "per")
    if not text or _LABEL.search(text):
        return None
    lowered = text.lower()
    if lowered in OWN_SCALE:
        return "1"
    if _OHM_AREA.match(text):
        return "Ω cm²"
    if lowered.rstrip(".") in _PERCENT:
        return "%"
    text = _PHOTONS.sub("1", text)
    for spelling in (text, text.lower()):
        if (unit := units.known_unit(spelling)) is not None:
            return unit.symbol
    return None


def split_brackets(text: str) -> tuple[str, str]:
    """Part ``dose (total) [mg]`` into ``dose (total)`` and ``mg``.

    Returns
    -------
    name, inside : str
        What the brackets at the end hold, whatever it is; empty without any.
    """
    text = text.strip()
    for start, stop in _brackets(text)[-1:]:
        if stop == len(text):
            return text[:start].strip(), text[start + 1 : stop - 1].strip()
    return text, ""


def split_title(
    text: str, accept: Callable[[str, str], bool] = lambda name, unit: True
) -> Title:
    """Take a title apart into its name and its unit.

    Parameters
    ----------
    text : str
        With the unit in brackets, behind a slash, ``in`` or a comma, or after an
        underscore as in ``J_mA_per_cm2``.
    accept : callable, optional
        Given name and accepted symbol, says whether they go together: in ``pce_A`` an
        ampere is no unit of an efficiency.

    Returns
    -------
    Title
        A unit that goes with its name before one that does not; what stands in the
        last brackets before nothing. Of two that go with it, as in
        ``U [V]/Exposure [h]``, neither.
    """
    title = text.strip().strip("\"'").lstrip("#\ufeff").rstrip(": ").strip()
    brackets = _brackets(title)[-_MOST_BRACKETS:]
    found: list[Title] = []
    for start, stop in reversed(brackets):
        inside = title[start + 1 : stop - 1].strip()
        name = f"{title[:start].strip()} {title[stop:].strip()}".strip()
        found.append(Title(text, name, inside, parse_unit(inside)))
    known = [one for one in found if one.unit is not None]

    def fitting(titles: list[Title]) -> list[Title]:
        return [one for one in titles if accept(one.name, one.unit or "")]

    # "(1)" numbers a curve more often than it is a unit.
    bracketed = fitting([one for one in known if one.unit_text != "1"])
    if len({one.unit for one in bracketed}) > 1:
        return Title(text, title)
    marks = [*_behind_marks(title, brackets)]
    behind = [Title(text, name, tail, unit) for name, _, tail, unit in marks]
    # What follows an underscore may be a label; the other marks announce a unit.
    stated = [one for one, mark in zip(behind, marks, strict=True) if mark[1] != "_"]
    ranked = (*bracketed, *fitting(known), *fitting(behind), *known, *stated, *found)
    return next(iter(ranked), Title(text, title))


def is_unit_row(fields: Sequence[str]) -> bool:
    """Whether a row holds units and nothing else; blank fields have none."""
    filled = [field for field in fields if field]
    return bool(filled) and all(parse_unit(field) is not None for field in filled)


def _behind_marks(
    title: str, brackets: list[tuple[int, int]]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, mark, tail and unit where a tail is a known unit, longest first."""
    for mark in _MARK.finditer(title, max(0, len(title) - _LONGEST_TAIL)):
        if any(start < mark.start() < stop for start, stop in brackets):
            continue
        name, tail = title[: mark.start()].strip(), title[mark.end() :].strip()
        is_number_of_curve = mark[0] == "_" and tail == "1"
        if name and not is_number_of_curve and (unit := parse_unit(tail)) is not None:
            yield name, mark[0], tail, unit


def _brackets(text: str) -> list[tuple[int, int]]:
    """Find the outermost brackets that close, as slices of the text with them."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for at, sign in enumerate(text):
        if sign in _OPENING:
            opened.append(at)
        elif sign in _CLOSING and opened:
            start = opened.pop()
            while found and found[-1][0] > start:
                found.pop()
            found.append((start, at + 1))
    return found
