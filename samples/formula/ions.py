"""Which ions a formula holds and on which site of a halide perovskite they sit."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

from samples.formula.blocks import BLOCKS

SITE_NAMES = ("A", "B", "X")
STOICHIOMETRY_TOLERANCE = 0.02

_A_ELEMENTS = {"Cs": (1,), "Rb": (1,), "K": (1,)}
_B_ELEMENTS = {
    "Pb": (2,),
    "Sn": (2, 4),
    "Ge": (2, 4),
    "Bi": (3,),
    "Sb": (3, 5),
    "Ag": (1,),
    "Cu": (1, 2),
    "Au": (1, 3),
    "In": (1, 3),
    "Tl": (1, 3),
    "Na": (1,),
    "Li": (1,),
    "Mg": (2,),
    "Ca": (2,),
    "Sr": (2,),
    "Ba": (2,),
    "Mn": (2,),
    "Fe": (2, 3),
    "Co": (2, 3),
    "Ni": (2,),
    "Zn": (2,),
    "Cd": (2,),
    "Hg": (2,),
    "Pd": (2, 4),
    "Pt": (2, 4),
    "Ti": (4,),
    "Zr": (4,),
    "Hf": (4,),
    "Te": (4,),
    "Eu": (2, 3),
    "Yb": (2, 3),
    "La": (3,),
    "Ce": (3, 4),
    "Nd": (3,),
    "Er": (3,),
    "Y": (3,),
    "Al": (3,),
}
_X_ELEMENTS = {"F": (-1,), "Cl": (-1,), "Br": (-1,), "I": (-1,)}
_SITE_ELEMENTS: tuple[Mapping[str, tuple[int, ...]], ...]
_SITE_ELEMENTS = (_A_ELEMENTS, _B_ELEMENTS, _X_ELEMENTS)
_PSEUDOHALIDES = frozenset(["SCN", "HCOO", "BF4", "PF6", "OAc"])
# Ions of salts and oxides that may stand beside a perovskite, but in none of its sites.
_OTHER = {"O": (-2,), "S": (-2, 4, 6), "Se": (-2,), "Si": (4,), "W": (6,), "Mo": (6,)}
_MOST_COMBINATIONS = 200


@dataclass(frozen=True)
class Sites:
    """Ions of a halide perovskite by site, in alphabetical order.

    The amounts are as the formula gives them: 0.931 FA in
    Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3.
    """

    A: Mapping[str, float]
    B: Mapping[str, float]
    X: Mapping[str, float]

    def __getitem__(self, site: str) -> Mapping[str, float]:
        return getattr(self, site)

    @cached_property
    def totals(self) -> Mapping[str, float]:
        """Ions per formula unit on each site."""
        return MappingProxyType({site: sum(self[site].values()) for site in SITE_NAMES})

    @cached_property
    def fractions(self) -> Mapping[str, Mapping[str, float]]:
        """Fraction of each ion on its site; the fractions of a site sum to 1."""
        return MappingProxyType(
            {
                site: MappingProxyType(
                    {ion: n / self.totals[site] for ion, n in self[site].items()}
                )
                for site in SITE_NAMES
            }
        )

    @cached_property
    def structure(self) -> str:
        """``ABX3``, ``A2BX6``, ``layered`` or ``other``, by stoichiometry alone."""
        a, b, x = (self.totals[site] for site in SITE_NAMES)
        for name, a_per_b, x_per_b in (("ABX3", 1, 3), ("A2BX6", 2, 6)):
            if (
                abs(a / b - a_per_b) <= STOICHIOMETRY_TOLERANCE * a_per_b
                and abs(x / b - x_per_b) <= STOICHIOMETRY_TOLERANCE * x_per_b
            ):
                return name
        if any(ion in BLOCKS and BLOCKS[ion].spacer for ion in self.A):
            return "layered"
        return "other"


def find_sites(symbols: Mapping[str, Decimal]) -> Sites | None:
    """Sort ions into sites; None unless all three hold ions and nothing is left."""
    sites: dict[str, dict[str, float]] = {site: {} for site in SITE_NAMES}
    for name in sorted(symbols):
        site = _site(name)
        if site is None:
            return None
        sites[site][name] = float(symbols[name])
    if not all(sites.values()):
        return None
    return Sites(*(MappingProxyType(sites[site]) for site in SITE_NAMES))


def only_halide_ions(symbols: Mapping[str, Decimal]) -> bool:
    """Return whether cations of the sites and halides make up the whole formula."""
    sites = {_site(name) for name in symbols}
    return None not in sites and "X" in sites and len(sites) > 1


def is_neutral(symbols: Mapping[str, Decimal]) -> bool:
    """Return whether some usual charges of the ions sum to zero."""
    charges = [_charges(name) for name in symbols]
    if not charges or not all(charges):
        return False
    counts = [float(count) for count in symbols.values()]
    combinations = itertools.islice(itertools.product(*charges), _MOST_COMBINATIONS)
    return any(
        abs(sum(q * n for q, n in zip(chosen, counts, strict=True))) <= 1e-6
        for chosen in combinations
    )


def has_net_charge(symbols: Mapping[str, Decimal]) -> bool:
    """Return whether the charges of all ions are known and never sum to zero."""
    return all(_charges(name) for name in symbols) and not is_neutral(symbols)


def _site(name: str) -> str | None:
    block = BLOCKS.get(name)
    if block is not None:
        if block.kind == "cation":
            return "A"
        return "X" if name in _PSEUDOHALIDES else None
    for site, elements in zip(SITE_NAMES, _SITE_ELEMENTS, strict=True):
        if name in elements:
            return site
    return None


def _charges(name: str) -> tuple[int, ...]:
    block = BLOCKS.get(name)
    if block is not None:
        return () if block.charge is None else (block.charge,)
    for table in (*_SITE_ELEMENTS, _OTHER):
        if name in table:
            return table[name]
    return ()
