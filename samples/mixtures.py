"""The composition of what is mixed, from what went in and how much of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DIGITS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that goes in: its mass [mg], and its materials by weight fraction."""

    name: str
    mass: float | None
    fractions: Mapping[str, float] | None


class UnknownMixture(ValueError):
    """Why the amounts do not tell the composition."""


def mixed_fractions(parts: Sequence[Part]) -> dict[str, float]:
    """Return the weight fraction of every material in a mixture.

    Parameters
    ----------
    parts : sequence of Part

    Returns
    -------
    dict
        Material to weight fraction, in the order they were met; their sum is 1.

    Raises
    ------
    UnknownMixture
        Naming the part of which the mass or the composition is not known.
    """
    if not parts:
        raise UnknownMixture("nothing went in")
    masses: dict[str, float] = {}
    for part in parts:
        if part.mass is None:
            raise UnknownMixture(f"how much of {part.name} went in is not told by mass")
        if part.fractions is None:
            raise UnknownMixture(f"the composition of {part.name} is not known by mass")
        for material, fraction in part.fractions.items():
            masses[material] = masses.get(material, 0.0) + part.mass * fraction
    total = math.fsum(masses.values())
    rounded = {
        material: round(mass / total, DIGITS) for material, mass in masses.items()
    }
    # What rounding left over goes to the largest, which it changes least.
    largest = max(rounded, key=lambda material: rounded[material])
    rest = 1 - math.fsum(rounded.values())
    rounded[largest] = round(rounded[largest] + rest, DIGITS)
    return rounded
