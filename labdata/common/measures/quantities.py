"""Quantities: what a number means, its one unit, and which label answers for it."""

from __future__ import annotations

from dataclasses import dataclass

from labdata.common.registry import Registry


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
    """

    key: str
    unit: str
    label: str
    symbol: str = ""
    term: str = ""
    labels: str = ""
    default_pick: str = ""

    def __post_init__(self) -> None:
        family, _, name = self.key.partition(".")
        if not (family.isidentifier() and name.isidentifier()):
            raise ValueError(f"{self.key!r} is not <family>.<name>")
        if bool(self.labels) != bool(self.default_pick):
            raise ValueError(f"{self.key} needs labels and their default pick together")

    @property
    def family(self) -> str:
        return self.key.partition(".")[0]


quantities: Registry[Quantity] = Registry("quantity")
