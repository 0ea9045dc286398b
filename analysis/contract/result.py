"""What an analysis gives back: estimates of quantities, curves and diagnostics."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.contract.quantities import quantities
from measurements.arrays.dataset import Dataset

BOUNDS = ("=", ">", "<", "~")


class AnalysisError(Exception):
    """The data, not the program, is why there is no result."""


class UnsuitableData(AnalysisError):
    """The dataset cannot support this analysis, whatever the parameters."""


class FitFailed(AnalysisError):
    """The optimiser stopped without a trustworthy minimum."""


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
        Machine-readable doubts, such as ``unresolved``.
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


@dataclass(frozen=True, slots=True)
class Result:
    """Everything one run of an analysis found.

    Attributes
    ----------
    estimates : tuple of LabelledEstimate
        Each (quantity, label) once; exactly one label of a quantity is its default.
        A value without label is its quantity's only one, and so the default.
    datasets : mapping of str to Dataset
        Curves or maps by role, such as ``fit``.
    diagnostics : mapping
        What JSON can hold, finite numbers only.
    notes : tuple of str
        Sentences for the person at the bench.
    """

    estimates: tuple[LabelledEstimate, ...] = ()
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        by_quantity: dict[str, list[LabelledEstimate]] = {}
        for item in self.estimates:
            by_quantity.setdefault(item.quantity, []).append(item)
        for quantity, items in by_quantity.items():
            labels = [item.label for item in items]
            if len(set(labels)) < len(labels):
                raise ValueError(f"{quantity} is estimated twice under one label")
            if "" in labels and len(labels) > 1:
                raise ValueError(f"{quantity} is estimated with and without a label")
            if "" not in labels and sum(item.default for item in items) != 1:
                raise ValueError(f"{quantity} needs exactly one default label")
        json.dumps(self.diagnostics, allow_nan=False)

    def __getitem__(self, name: str) -> Estimate:
        """Return an estimate by variable name; without label, the default one."""
        for item in self.estimates:
            if item.name == name or (item.quantity == name and self.is_default(item)):
                return item.estimate
        known = ", ".join(item.name for item in self.estimates) or "none"
        raise LookupError(f"no estimate {name!r} (there: {known})")

    def __contains__(self, name: object) -> bool:
        return any(name in (item.name, item.quantity) for item in self.estimates)

    @staticmethod
    def is_default(item: LabelledEstimate) -> bool:
        return item.default or not item.label

    def to_json(self) -> dict[str, Any]:
        """Return estimates with their units, diagnostics and notes.

        A stored result stays readable after its method has changed, so unit and
        label travel with each number.
        """
        return {
            "estimates": [self._estimate_json(item) for item in self.estimates],
            "datasets": sorted(self.datasets),
            "diagnostics": dict(self.diagnostics),
            "notes": list(self.notes),
        }

    def _estimate_json(self, item: LabelledEstimate) -> dict[str, Any]:
        quantity, estimate = quantities[item.quantity], item.estimate
        return {
            "quantity": item.quantity,
            "label": item.label,
            "is_default": self.is_default(item),
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
