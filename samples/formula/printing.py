"""Formulas and compositions as text, HTML and Unicode."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from samples.formula.blocks import BLOCKS, match_symbol
from samples.formula.ions import SITE_NAMES
from samples.formula.terms import Group, Symbol

if TYPE_CHECKING:
    from samples.formula.model import ParsedFormula

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

Style = Callable[[str], str]


def number_text(number: Decimal | float) -> str:
    """Write an amount without exponent and without idle zeros."""
    text = f"{Decimal(str(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_text(formula: ParsedFormula) -> str:
    """Return the canonical text: as grouped by its author, numbers tidied."""
    return _write(formula, _plain, _plain)


def to_html(formula: ParsedFormula) -> str:
    """Return the formula with ``<sub>``; safe to place in a page."""
    return _write(formula, _html_name, html_subscript)


def to_unicode(formula: ParsedFormula) -> str:
    """Return the formula with Unicode subscripts: Cs₀.₀₅FA₀.₉₅PbI₃."""
    return _write(formula, _unicode_name, unicode_subscript)


def site_text(formula: ParsedFormula) -> str | None:
    """Return A, B and X ions in alphabetical order per site, without groups.

    Two spellings of one perovskite agree here; None for what is no perovskite.
    """
    if formula.sites is None:
        return None
    return "".join(
        f"({ion}){number_text(round(amount, 9))}"
        if ion[-1].isdigit() and amount != 1
        else f"{ion}{_count(Decimal(str(round(amount, 9))))}"
        for site in SITE_NAMES
        for ion, amount in formula.sites[site].items()
    )


def unicode_subscript(number: str) -> str:
    return number.translate(_SUBSCRIPTS)


def _write(formula: ParsedFormula, name: Style, subscript: Style) -> str:
    # A single part never carries a coefficient; zero amounts were dropped on reading.
    parts = []
    for part in formula.parts:
        coefficient = "" if part.coefficient == 1 else number_text(part.coefficient)
        parts.append(coefficient + _terms(part.terms, name, subscript))
    return "·".join(parts)


def _terms(terms: tuple, name: Style, subscript: Style) -> str:
    pieces = []
    for term, following in zip(terms, (*terms[1:], None), strict=True):
        count = _count(term.count)
        if isinstance(term, Group):
            inner = _terms(term.terms, name, subscript)
            piece = f"{term.brackets[0]}{inner}{term.brackets[1]}"
        elif term.name[-1].isdigit() and count:
            piece = f"({name(term.name)})"
        else:
            piece = name(term.name)
            if not count and _merges(term, following):
                count = "1"
        pieces.append(piece + (subscript(count) if count else ""))
    return "".join(pieces)


def _merges(term: Symbol, following: Symbol | Group | None) -> bool:
    """Return whether two symbols side by side would be read as something else."""
    if following is None:
        return False
    text = _terms((following,), _plain, _plain)
    return match_symbol(term.name + text) != term.name


def _count(number: Decimal) -> str:
    return "" if number == 1 else number_text(number)


def _plain(text: str) -> str:
    return text


def _unicode_name(name: str) -> str:
    return unicode_subscript(name) if _is_ion(name) else name


def _is_ion(name: str) -> bool:
    return name in BLOCKS and BLOCKS[name].kind in ("cation", "anion")


def _html_name(name: str) -> str:
    if name in BLOCKS and BLOCKS[name].html:
        return BLOCKS[name].html
    if _is_ion(name):
        return re.sub(r"(\d+)", r"<sub>\1</sub>", name)
    return name


def html_subscript(number: str) -> str:
    return f"<sub>{number}</sub>"
