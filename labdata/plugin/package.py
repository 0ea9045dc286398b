"""What an installed package adds to a lab, and the contract it was written for."""

from __future__ import annotations

from dataclasses import dataclass

from labdata.plugin.analysis import Analysis
from labdata.plugin.quantity import Quantity
from labdata.plugin.reader import Reader
from labdata.plugin.technique import Technique

CONTRACT = 2
"""Of these declarations. Whatever breaks a plug-in that keeps to them raises it."""

ENTRY_POINTS = "labdata.plugins"
"""The group whose entry points each name a `Plugin`."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """Everything a package adds. Without the right contract nothing of it is taken."""

    contract: int
    quantities: tuple[Quantity, ...] = ()
    techniques: tuple[Technique, ...] = ()
    readers: tuple[Reader, ...] = ()
    analyses: tuple[Analysis, ...] = ()

    def __post_init__(self) -> None:
        kinds = {
            "quantities": Quantity,
            "techniques": Technique,
            "readers": Reader,
            "analyses": Analysis,
        }
        for name, kind in kinds.items():
            parts = tuple(getattr(self, name))
            object.__setattr__(self, name, parts)
            for part in parts:
                if not isinstance(part, kind):
                    raise TypeError(f"{name}: {part!r} is no {kind.__name__}")
