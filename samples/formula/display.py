"""Compositions printed for people: text, HTML, Unicode."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from samples.formula import printing
from samples.formula.composition import (
    ParsedComposition,
    default_basis,
    formula_or_none,
    is_bracketed,
    reads_as_groups,
)
from samples.formula.model import ParsedFormula

Component = tuple[str, float | None]


def to_text(subject: ParsedFormula | ParsedComposition) -> str:
    """Return the canonical text, which reads back as the same thing."""
    if isinstance(subject, ParsedFormula):
        return printing.to_text(subject)
    return composition_text(_components(subject), subject.basis)


def to_html(subject: ParsedFormula | ParsedComposition) -> str:
    """Return escaped HTML with ``<sub>``."""
    if isinstance(subject, ParsedFormula):
        return printing.to_html(subject)
    return composition_html(_components(subject), subject.basis)


def to_unicode(subject: ParsedFormula | ParsedComposition) -> str:
    """Return text with Unicode subscripts, for plots and page titles."""
    if isinstance(subject, ParsedFormula):
        return printing.to_unicode(subject)
    return composition_unicode(_components(subject), subject.basis)


def composition_text(components: Sequence[Component], basis: str) -> str:
    """Print ``(name, amount)`` pairs; a basis that is not the default is written."""
    return _write(components, basis, lambda name, formula: name, str)


def composition_html(components: Sequence[Component], basis: str) -> str:
    """As :func:`composition_text`, in escaped HTML."""

    def name_html(name: str, formula: ParsedFormula | None) -> str:
        return html.escape(name) if formula is None else printing.to_html(formula)

    return _write(components, basis, name_html, printing.html_subscript)


def composition_unicode(components: Sequence[Component], basis: str) -> str:
    """As :func:`composition_text`, with Unicode subscripts."""

    def name_unicode(name: str, formula: ParsedFormula | None) -> str:
        return name if formula is None else printing.to_unicode(formula)

    return _write(components, basis, name_unicode, printing.unicode_subscript)


def _components(parsed: ParsedComposition) -> list[Component]:
    return [(component.name, component.amount) for component in parsed.components]


def _write(
    components: Sequence[Component],
    basis: str,
    name_text: Callable[[str, ParsedFormula | None], str],
    subscript: Callable[[str], str],
) -> str:
    names = [name for name, _ in components]
    amounts = [amount for _, amount in components]
    formulas = [formula_or_none(name) for name in names]
    shown = [name_text(*pair) for pair in zip(names, formulas, strict=True)]
    if len(components) == 1:
        return shown[0]
    unknown = any(amount is None for amount in amounts)
    if (
        (unknown or basis == default_basis(formulas))
        and reads_as_groups(formulas)
        and all(map(is_bracketed, (f"({name})" for name in names)))
    ):
        return "".join(
            f"({name})" + ("" if amount is None else subscript(_number(amount)))
            for name, amount in zip(shown, amounts, strict=True)
        )
    return " / ".join(
        _item(name, written, amount, basis)
        for name, written, amount in zip(names, shown, amounts, strict=True)
    )


def _item(name: str, written: str, amount: float | None, basis: str) -> str:
    if any(sign in name for sign in "/+;, "):
        written = f"({written})"
    return written if amount is None else f"{_number(100 * amount)} {basis}% {written}"


def _number(amount: float) -> str:
    return printing.number_text(round(amount, 9))
