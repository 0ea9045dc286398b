"""A formula as read: its terms, its atoms, its mass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

from samples.formula.blocks import BLOCKS, ELEMENT_MASSES, MATERIALS
from samples.formula.ions import (
    Sites,
    find_sites,
    has_net_charge,
    is_neutral,
    only_halide_ions,
)
from samples.formula.printing import to_text
from samples.formula.terms import Part, count_symbols


@dataclass(frozen=True)
class ParsedFormula:
    """A chemical formula.

    ``elements`` are atoms per formula unit, ``molar_mass`` is in g/mol (standard
    atomic weights), ``sites`` holds the ions of a halide perovskite or None.
    """

    parts: tuple[Part, ...]
    exact_elements: Mapping[str, Decimal] = field(compare=False)

    def __str__(self) -> str:
        return to_text(self)

    @cached_property
    def elements(self) -> Mapping[str, float]:
        return MappingProxyType(
            {element: float(count) for element, count in self.exact_elements.items()}
        )

    @cached_property
    def molar_mass(self) -> float:
        return sum(
            ELEMENT_MASSES[element] * count for element, count in self.elements.items()
        )

    @cached_property
    def atomic_fractions(self) -> Mapping[str, float]:
        total = sum(self.elements.values())
        return MappingProxyType(
            {element: count / total for element, count in self.elements.items()}
        )

    @cached_property
    def symbols(self) -> Mapping[str, Decimal]:
        """Elements and blocks as written, leaving solvent of crystallisation out."""
        main = [part for part in self.parts if not _is_solvent(part)]
        return MappingProxyType(count_symbols(main or self.parts))

    @cached_property
    def sites(self) -> Sites | None:
        return find_sites(self.symbols)

    @property
    def is_halide_salt(self) -> bool:
        """Whether it is made of known cations and halides only, as perovskites are."""
        return only_halide_ions(self.symbols)

    @property
    def is_ion(self) -> bool:
        """Whether its charges are known and do not cancel, as in NH4 or SO4."""
        return has_net_charge(self.symbols)

    @cached_property
    def is_substance(self) -> bool:
        """Whether it can stand alone: perovskite, neutral salt, named material."""
        return (
            self.sites is not None
            or is_neutral(self.symbols)
            or not MATERIALS.isdisjoint(self.symbols)
        )


def _is_solvent(part: Part) -> bool:
    symbols = count_symbols([Part(part.terms)])
    if symbols == {"H": 2, "O": 1}:
        return True
    return len(symbols) == 1 and all(
        name in BLOCKS and BLOCKS[name].kind == "solvent" for name in symbols
    )
