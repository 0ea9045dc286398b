"""The pieces a formula is made of, as written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Symbol:
    """An element or a named block and how many of it."""

    name: str
    count: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Group:
    """Terms in brackets and how many of them."""

    terms: tuple[Symbol | Group, ...]
    count: Decimal = Decimal(1)
    brackets: str = "()"


@dataclass(frozen=True, slots=True)
class Part:
    """What stands between centred dots: ``5H2O`` has the coefficient 5."""

    terms: tuple[Symbol | Group, ...]
    coefficient: Decimal = Decimal(1)


def count_symbols(parts: Iterable[Part]) -> dict[str, Decimal]:
    """Return how often each element or block occurs, brackets multiplied out."""
    totals: dict[str, Decimal] = {}
    for part in parts:
        for name, count in _symbols(part.terms, part.coefficient):
            totals[name] = totals.get(name, Decimal(0)) + count
    return totals


def _symbols(
    terms: tuple[Symbol | Group, ...], count: Decimal
) -> Iterator[tuple[str, Decimal]]:
    for term in terms:
        if isinstance(term, Symbol):
            yield term.name, term.count * count
        else:
            yield from _symbols(term.terms, term.count * count)
