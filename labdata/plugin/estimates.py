"""Numbers with how far to trust them, in the unit of their quantity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labdata.plugin.errors import FitFailed
from labdata.plugin.quantity import Quantity

BOUNDS = ("=", ">", "<", "~")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and how far to trust it, in the unit of its quantity.

    Attributes
    ----------
    value : float
        Finite.
    uncertainty : float or None
        Standard error; None where none is defined.
    low, high : float or None
        Ends of an interval that is not symmetric.
    bound : {"=", ">", "<", "~"}
        Which side of ``value`` the truth lies on.
    flags : tuple of str
        Keys of the analysis's flags, such as ``unresolved``.
    """

    value: float
    uncertainty: float | None = None
    low: float | None = None
    high: float | None = None
    bound: str = "="
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("value", "uncertainty", "low", "high"):
            number = getattr(self, name)
            if number is None:
                continue
            object.__setattr__(self, name, float(number))
            if not math.isfinite(number):
                raise FitFailed(f"the {name} of an estimate is {number}")
        if self.uncertainty is not None and self.uncertainty < 0:
            raise FitFailed(f"an uncertainty is negative: {self.uncertainty:g}")
        if self.bound not in BOUNDS:
            raise ValueError(f"no bound {self.bound!r}")
        object.__setattr__(self, "flags", tuple(self.flags))


@dataclass(frozen=True, slots=True)
class LabelledEstimate:
    """An estimate of one quantity; ``default`` marks the label that answers for it."""

    quantity: str
    estimate: Estimate
    label: str = ""
    default: bool = False

    @property
    def name(self) -> str:
        """The variable that addresses it: ``pl.fwhm[I]``."""
        return f"{self.quantity}[{self.label}]" if self.label else self.quantity

    @property
    def is_default(self) -> bool:
        """Whether it answers for its quantity; without a label it always does."""
        return self.default or not self.label

    def describe(self, quantities: Mapping[str, Quantity]) -> dict[str, Any]:
        """Return it with its unit as JSON, readable without the quantity."""
        quantity, estimate = quantities[self.quantity], self.estimate
        return {
            "quantity": self.quantity,
            "label": self.label,
            "is_default": self.is_default,
            "name": quantity.label,
            "symbol": quantity.symbol,
            "unit": quantity.unit,
            "value": estimate.value,
            "uncertainty": estimate.uncertainty,
            "low": estimate.low,
            "high": estimate.high,
            "bound": estimate.bound,
            "flags": list(estimate.flags),
        }


@dataclass(frozen=True, slots=True)
class Missing:
    """A value a result should have and has not, and why: ``no Voc: …``."""

    quantity: str
    label: str
    reason: str
