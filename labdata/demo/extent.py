"""How much of the published studies a demo lab holds: all of it, or one of each kind.

The small lab is loaded and worked off in seconds. It has what a page or a test needs
to have something of every kind to show, and everything in it is in the whole one too,
but for the quantum efficiencies, which the studies do not print.
"""

from dataclasses import dataclass

from labdata.demo import paper_a, paper_b
from labdata.demo.device_curves import DEVICES


@dataclass(frozen=True, slots=True)
class Extent:
    """The composites (fraction, °C), devices (group, number) and ageing tests."""

    composites: tuple[tuple[float, int], ...]
    devices: tuple[tuple[str, int], ...]
    ageings: tuple[paper_b.Ageing, ...]
    responses: tuple[tuple[str, int], ...] = ()
    """Devices whose quantum efficiency was measured."""

    unreported: frozenset[str] = frozenset()
    """Samples whose published numbers are left out."""

    def reports(self, row, codes) -> bool:
        """Whether a published number is recorded, of the samples there are."""
        return row.sample in codes and row.sample not in self.unreported

    @property
    def fractions(self) -> tuple[float, ...]:
        return tuple(dict.fromkeys(fraction for fraction, _ in self.composites))


WHOLE = Extent(
    composites=tuple(paper_a.pl_study()),
    devices=tuple(
        (group, number) for group in paper_b.GROUPS for number in range(1, DEVICES + 1)
    ),
    ageings=paper_b.AGEINGS,
)
BEST = "CTOCPh-5F"
SMALL = Extent(
    composites=(
        (0.01, 300),
        (0.25, 275),
        (0.25, 300),
        (0.25, 350),
        (0.75, 300),
        (0.75, 350),
        (0.85, 300),
        (0.85, 350),
    ),
    devices=(
        (paper_b.CONTROL, 1),
        (paper_b.CONTROL, paper_b.AGED_DEVICE["mpp"]),
        (BEST, 1),
        (BEST, paper_b.AGED_DEVICE["mpp"]),
        (BEST, paper_b.AGED_DEVICE["heat"]),
    ),
    ageings=tuple(
        one
        for one in paper_b.AGEINGS
        if one.test == "mpp" or (one.test, one.group) == ("heat", BEST)
    ),
    responses=((BEST, 1),),
    unreported=frozenset(
        {
            paper_a.composite_code(0.25, 350),
            *map(paper_b.cluster_code, paper_b.CLUSTERS[:-1]),
            "PB-HS-control",
        }
    ),
)
