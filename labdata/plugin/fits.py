"""How good a fit is and how it was found: statistics, parameters, what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from labdata.plugin.stored import restore, tuples
from labdata.plugin.tables import Interval, Parameter, restore_cell


@dataclass(frozen=True, slots=True)
class Statistic:
    """A number that says how good a fit is.

    ``better`` says which of two fits to the same points is; ``brief`` ones are shown
    in lists too.
    """

    key: str
    label: str
    value: float
    better: Literal["", "higher", "lower"] = ""
    brief: bool = False


def least_squares_statistics(
    *,
    points: int,
    freedom: int,
    chi_square: float,
    reduced_chi_square: float,
    aic: float,
    bic: float,
    r_squared: float,
    adjusted_r_squared: float,
) -> tuple[Statistic, ...]:
    """Return the usual statistics of a least-squares fit under their usual names."""
    return (
        Statistic(
            "reduced_chi_square", "Reduced χ²", reduced_chi_square, "lower", True
        ),
        Statistic("chi_square", "χ²", chi_square),
        Statistic("r_squared", "R²", r_squared, "higher", True),
        Statistic("adjusted_r_squared", "Adjusted R²", adjusted_r_squared, "higher"),
        Statistic("aic", "AIC", aic, "lower"),
        Statistic("bic", "BIC", bic, "lower"),
        Statistic("points", "Points", points),
        Statistic("degrees_of_freedom", "Degrees of freedom", freedom),
    )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Points that took no part in a fit, and why."""

    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Search:
    """How a minimum was found.

    Attributes
    ----------
    starts, converged, agreeing : int
        Starts tried, those that ended in a minimum, those that ended in this one.
    evaluations : int
        Of the model, over all starts.
    status, backend : str
        How the best one ended, and which code found it.
    """

    starts: int
    converged: int
    agreeing: int
    evaluations: int
    status: str = ""
    backend: str = ""

    @property
    def sentence(self) -> str:
        return (
            f"{self.agreeing} of {self.starts} starts agree on this minimum, after"
            f" {self.evaluations} evaluations."
        )


def rows_of(matrix: np.ndarray) -> tuple[tuple[float, ...], ...]:
    """Return a matrix, shape (p, p), as a `Fit` keeps it."""
    return tuples(np.asarray(matrix, dtype=float).tolist())


@dataclass(frozen=True, slots=True)
class Fit:
    """A model fitted to points.

    Attributes
    ----------
    key : str
        Tells it from other fits of the same result.
    title, about : str
        What it is of; ``about`` is a label of values, such as a sweep.
    model : str
        The formula, in the names of the parameters.
    statistics : tuple of Statistic
        In the order they are read.
    parameters : tuple of Parameter
    covariance : tuple of tuple of float, or None
        Of the parameters, in their order.
    weights : str
        In words, ``none`` where all points count alike; empty is not told.
    points : int or None
    axis, unit : str
        Name of the axis along which the window lies, and its unit.
    window : Interval or None
        First and last point that was fitted. [unit]
    left_out : tuple of LeftOut
    search : Search or None
    """

    key: str = "fit"
    title: str = ""
    about: str = ""
    model: str = ""
    statistics: tuple[Statistic, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    covariance: tuple[tuple[float, ...], ...] | None = None
    weights: str = ""
    points: int | None = None
    axis: str = ""
    unit: str = ""
    window: Interval | None = None
    left_out: tuple[LeftOut, ...] = ()
    search: Search | None = None

    def __post_init__(self) -> None:
        if self.covariance is None:
            return
        rows, count = self.covariance, len(self.parameters)
        if len(rows) != count or any(len(row) != count for row in rows):
            raise ValueError(
                f"the covariance of {count} parameters is {count} × {count}"
            )
        if any(rows[at][at] < 0 for at in range(count)):
            raise ValueError("a variance is not negative")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.parameters)

    @property
    def correlation(self) -> tuple[tuple[float | None, ...], ...] | None:
        """Of the parameters; None where one has no error, as when it was held."""
        if self.covariance is None:
            return None
        matrix = np.array(self.covariance)
        errors = np.sqrt(np.diagonal(matrix))
        known = errors > 0
        told = np.full(matrix.shape, np.nan)
        both = np.ix_(known, known)
        told[both] = matrix[both] / np.outer(errors[known], errors[known])
        return tuple(
            tuple(None if np.isnan(one) else float(one) for one in row) for row in told
        )

    def statistic(self, key: str) -> float | None:
        """Return a statistic, or None where the fit has none of that name."""
        found = (one.value for one in self.statistics if one.key == key)
        return next(found, None)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by the name in the formula."""
        for one in self.parameters:
            if one.name == name:
                return one
        known = ", ".join(self.names) or "none"
        raise LookupError(f"no parameter {name!r} (there: {known})")

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Fit:
        parts = {
            "statistics": Statistic,
            "parameters": Parameter,
            "left_out": LeftOut,
        }
        own: dict[str, Any] = {
            name: tuple(restore(kind, one) for one in told.get(name, ()))
            for name, kind in parts.items()
        }
        if told.get("window"):
            own["window"] = restore_cell(told["window"])
        if told.get("search"):
            own["search"] = restore(Search, told["search"])
        return restore(cls, told, **own)
