"""Quantities: what a number means, its one unit, its range, which label answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Quantity:
    """A kind of number that samples and cells have values of.

    Attributes
    ----------
    key : str
        ``<family>.<name>``, the family being the field's word.
    unit : str
        The one unit of its values, readable by pint; ``"1"`` for a pure number.
    label, symbol : str
        How pages call it; the symbol is the formula's letter, empty if none.
    term : str
        Where the meaning is defined: ``qudt:`` kinds of quantity, ``cif:`` data
        names of the International Union of Crystallography; empty if unknown.
    labels : str
        What the label of a value tells apart, empty for values without labels.
    default_pick : str
        The stated rule by which one labelled value answers when none is named.
    possible, plausible : (float, float), optional
        Ends, which may be infinite, of what can be at all (outside is a mistake, such
        as a forgotten unit) and of what needs no reason. [unit]
    better : {"", "higher", "lower"}
        Which of two values is the better one, where one is.
    sides : tuple of str
        Labels whose values stand side by side, in that order; the second and third of
        a side are labelled ``reverse 2``, ``reverse 3``.
    repeats : bool
        Its flags repeat those of the values it is made of, as of a ratio: it carries
        them, but they are told once, of the parts.
    """

    key: str
    unit: str
    label: str
    symbol: str = ""
    term: str = ""
    labels: str = ""
    default_pick: str = ""
    possible: tuple[float, float] | None = None
    plausible: tuple[float, float] | None = None
    better: Literal["", "higher", "lower"] = ""
    sides: tuple[str, ...] = ()
    repeats: bool = False

    def __post_init__(self) -> None:
        family, _, name = self.key.partition(".")
        if not (family.isidentifier() and name.isidentifier()):
            raise ValueError(f"{self.key!r} is not <family>.<name>")
        if bool(self.labels) != bool(self.default_pick):
            raise ValueError(f"{self.key} needs labels and their default pick together")
        if self.sides and not self.labels:
            raise ValueError(f"{self.key} has sides, but no labels")
        if self.better not in ("", "higher", "lower"):
            raise ValueError(f"{self.key}: better is higher or lower")
        for ends in (self.possible, self.plausible):
            if ends is not None and not ends[0] < ends[1]:
                raise ValueError(f"{self.key}: a range must rise, got {ends}")

    @property
    def family(self) -> str:
        return self.key.partition(".")[0]

    def side(self, label: str) -> tuple[str, int] | None:
        """Return the side a label is of and its number: ``("reverse", 2)``."""
        match = re.fullmatch(r"(.+?)(?: ([2-9]|[1-9]\d+))?", label)
        if match is None or match[1] not in self.sides:
            return None
        return match[1], int(match[2] or 1)
