"""Fit Gaussian peaks to one curve: the best of many starts, the number by BIC."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.numerics.fitting.least_squares import Fits, Status, fit
from analysis.numerics.peaks import gaussians

STARTS = {1: 8, 2: 32, 3: 48}
"""Starts per number of peaks; with 32 the best of two was found 200 times in 200."""

MAX_EVALUATIONS = 120
DECISIVE = 10.0
"""Difference in BIC that counts as very strong evidence (Kass & Raftery 1995)."""

SIGNIFICANT = 3.0
"""Area over its standard error from which `choose` counts a peak."""

SHRUNK = "a peak shrinks to nothing: the data ask for fewer peaks"


class NoTrustworthyMinimum(Exception):
    """No start led to a minimum that can be reported; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class PeakFit:
    """The best fit of a number of peaks, and how it was found.

    Attributes
    ----------
    best : Fits
        One fit. Its parameters are those of `gaussians.evaluate_gaussians`.
    peaks : int
    linear : bool
    starts, converged, agreeing : int
        Starts tried, those that ended in a minimum, those that ended in this one.
    evaluations : int
        Of the model, over all starts.
    start : ndarray, shape (p,)
        Where the fit began that ended here.
    """

    best: Fits
    peaks: int
    linear: bool
    starts: int
    converged: int
    agreeing: int
    evaluations: int
    start: np.ndarray

    @property
    def first(self) -> int:
        """Position of the first peak's area among the parameters."""
        return 2 if self.linear else 1

    @property
    def bic(self) -> float:
        return self._criteria()[1]

    @property
    def aic(self) -> float:
        return self._criteria()[0]

    def _criteria(self) -> tuple[float, float]:
        best = self.best
        return criteria(float(best.chi_square), int(best.points), self.count)

    @property
    def count(self) -> int:
        return self.best.parameters.size

    def of_peaks(self, values: np.ndarray) -> np.ndarray:
        """Return what belongs to peaks, shape (peaks, 3): area, centre, sigma."""
        return values[self.first :].reshape(self.peaks, 3)

    def covariance_of(self, *places: int) -> np.ndarray:
        """Return the covariance of area, centre and sigma of the named peaks."""
        at = [self.first + 3 * place + i for place in places for i in range(3)]
        return self.best.covariance[np.ix_(at, at)]

    def reordered(self, order: np.ndarray) -> PeakFit:
        """Return the same fit with its peaks in another order."""
        peaks = (self.first + 3 * np.asarray(order)[:, None] + np.arange(3)).ravel()
        at = np.concatenate([np.arange(self.first), peaks])
        best = replace(
            self.best,
            parameters=self.best.parameters[at],
            covariance=self.best.covariance[np.ix_(at, at)],
            at_bound=self.best.at_bound[at],
        )
        return replace(self, best=best, start=self.start[at])

    def significance(self) -> np.ndarray:
        """Return area over standard error, shape (peaks,)."""
        with np.errstate(divide="ignore"):
            ratio = self.best.parameters / self.best.standard_errors
        return self.of_peaks(ratio)[:, 0]

    def doubts(self, fewer: PeakFit | None) -> list[tuple[str, ...]]:
        """Return the flags of each peak.

        ``unresolved`` where the data barely determine it; ``unsupported`` for the
        least significant one if the fit with one peak ``fewer`` is not decisively
        worse: where many starts look for a peak, noise of three standard errors
        is always found somewhere. ``order_uncertain`` where two centres agree within
        twice the error of their difference, so that the order tells nothing.
        """
        flags: list[tuple[str, ...]]
        flags = [("unresolved",) if doubtful else () for doubtful in self.unresolved()]
        if fewer is not None and fewer.bic - self.bic <= DECISIVE:
            flags[int(np.argmin(self.significance()))] += ("unsupported",)
        centres = self.of_peaks(self.best.parameters)[:, 1]
        for one, other in itertools.pairwise(np.argsort(centres).tolist()):
            block = self.covariance_of(one, other)[np.ix_([1, 4], [1, 4])]
            error = np.sqrt(block[0, 0] + block[1, 1] - 2 * block[0, 1])
            if abs(centres[other] - centres[one]) < 2 * error:
                flags[one] += ("order_uncertain",)
                flags[other] += ("order_uncertain",)
        return [tuple(dict.fromkeys(several)) for several in flags]

    def unresolved(self) -> np.ndarray:
        """Which peaks the data barely determine, shape (peaks,) of bool.

        Those whose area or width is uncertain by half of itself or more, or whose
        centre is uncertain by the peak's own standard deviation or more.
        """
        area, _, sigma = self.of_peaks(self.best.parameters).T
        area_error, centre_error, sigma_error = self.of_peaks(
            self.best.standard_errors
        ).T
        return (
            (area_error >= 0.5 * area)
            | (sigma_error >= 0.5 * sigma)
            | (centre_error >= sigma)
        )


def criteria(chi_square: float, points: int, count: int) -> tuple[float, float]:
    r"""Return AIC and BIC of a fit with ``count`` parameters.

    Notes
    -----
    .. math:: n \ln(\chi^2/n) + 2k, \qquad n \ln(\chi^2/n) + k \ln n

    The likelihood is maximised over the scale of the noise, so that the criteria
    also compare fits whose weights are relative or too optimistic.
    """
    spread = points * np.log(max(chi_square, np.finfo(float).tiny) / points)
    return float(spread + 2 * count), float(spread + count * np.log(points))


def fit_peaks(
    x: np.ndarray,
    y: np.ndarray,
    peaks: int,
    *,
    linear: bool,
    weights: np.ndarray | None = None,
    absolute_weights: bool = False,
    start: np.ndarray | None = None,
    backend: str | None = None,
) -> PeakFit:
    """Find the lowest acceptable minimum.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Increasing.
    y : ndarray, shape (n,)
    peaks : int
    linear : bool
        Whether the offset has a slope.
    weights : ndarray, shape (n,), optional
        :math:`1/\\sigma^2`.
    absolute_weights : bool
        Whether the weights are known errors.
    start : ndarray, shape (p,), optional
        Start from here alone instead of from many starts drawn from the data.
    backend : str, optional
        See `least_squares.fit`.

    Raises
    ------
    NoTrustworthyMinimum
        If no start ends inside the bounds with finite errors, or if a fit that left
        the bounds describes the data decisively better: what is inside them is then
        no answer.
    """
    lower, upper = gaussians.bounds(x, peaks, linear=linear)
    tried = (
        gaussians.starts(x, y, peaks, linear=linear, count=STARTS[peaks])
        if start is None
        else np.asarray(start, dtype=np.float64)[None]
    )
    fits = fit(
        gaussians.GAUSSIANS,
        x,
        y,
        tried,
        weights=weights,
        lower=lower,
        upper=upper,
        absolute_weights=absolute_weights,
        max_evaluations=MAX_EVALUATIONS,
        backend=backend,
    )
    acceptable = gaussians.acceptable(fits)
    best = fits.best(acceptable)
    if best.status == Status.UNACCEPTABLE:
        raise NoTrustworthyMinimum(_explain(fits[np.argmin(fits.chi_square)], x))
    areas = best.parameters[2 if linear else 1 :: 3]
    if areas.min() <= areas.max() * x.size * np.finfo(np.float64).eps:
        # Smaller than the rounding of the sum: where it ends depends on the machine.
        raise NoTrustworthyMinimum(SHRUNK)
    outside = fits.converged & fits.at_bound.any(axis=-1)
    if outside.any():
        rival = fits[outside][np.argmin(fits.chi_square[outside])]
        gained = np.log(best.chi_square / max(rival.chi_square, 1e-300))
        if best.points * gained > DECISIVE:
            raise NoTrustworthyMinimum(_explain(rival, x))
    minima = fits.converged & acceptable
    return PeakFit(
        best=best,
        peaks=peaks,
        linear=linear,
        starts=len(tried),
        converged=int(minima.sum()),
        agreeing=int(
            (minima & (fits.chi_square <= best.chi_square * (1 + 1e-9))).sum()
        ),
        evaluations=int(fits.evaluations.sum()),
        start=tried[int(np.argmin(np.where(minima, fits.chi_square, np.inf)))],
    )


def refine(
    x: np.ndarray, y: np.ndarray, found: PeakFit, weights: np.ndarray
) -> PeakFit:
    """Fit again from a found minimum with absolute weights, keeping its history."""
    again = fit_peaks(
        x,
        y,
        found.peaks,
        linear=found.linear,
        weights=weights,
        absolute_weights=True,
        start=found.best.parameters,
    )
    evaluations = found.evaluations + again.evaluations
    return replace(found, best=again.best, evaluations=evaluations)


def components(x: np.ndarray, found: PeakFit) -> np.ndarray:
    """Return the offset and each peak alone, shape (1 + peaks, n)."""
    p = found.best.parameters
    parts = np.empty((1 + found.peaks, x.size))
    parts[0] = p[0] + (p[1] * x if found.linear else 0.0)
    for place, (area, centre, sigma) in enumerate(found.of_peaks(p), 1):
        z = (x - centre) / sigma
        parts[place] = area * np.exp(-0.5 * z * z) / (sigma * np.sqrt(2 * np.pi))
    return parts


def determination(
    y: np.ndarray, curve: np.ndarray, weights: np.ndarray | None, count: int
) -> tuple[float, float]:
    r"""Return R² and adjusted R² of a fit with ``count`` parameters.

    Notes
    -----
    .. math:: R^2 = 1 - \frac{\sum w (y-f)^2}{\sum w (y-\bar y)^2}, \qquad
        \bar R^2 = 1 - (1 - R^2)\frac{n - 1}{n - p}

    with the weighted mean, as Origin has it.
    """
    w = np.ones(y.size) if weights is None else weights
    mean = np.average(y, weights=w)
    left = float(np.sum(w * (y - curve) ** 2) / np.sum(w * (y - mean) ** 2))
    return 1 - left, 1 - left * (y.size - 1) / (y.size - count)


def offset_alone(
    x: np.ndarray, y: np.ndarray, *, linear: bool, weights: np.ndarray | None = None
) -> tuple[float, float]:
    """Return χ² and BIC of the offset without any peak."""
    root = np.ones(x.size) if weights is None else np.sqrt(weights)
    design = np.stack([root, root * x] if linear else [root], axis=1)
    solution = np.linalg.lstsq(design, root * y, rcond=None)[0]
    chi_square = float(np.sum((root * y - design @ solution) ** 2))
    return chi_square, criteria(chi_square, x.size, design.shape[1])[1]


def choose(candidates: Mapping[int, PeakFit]) -> int:
    """Return the number of peaks the data ask for, 0 if there is no candidate.

    Notes
    -----
    The fewest peaks whose BIC is within 10 of the lowest, among the fits whose peaks
    all are resolved and have an area of three standard errors or more [1]_. If
    none is so well determined, one peak.

    References
    ----------
    .. [1] R. E. Kass and A. E. Raftery, J. Am. Stat. Assoc. 90, 773 (1995).
       :doi:`10.1080/01621459.1995.10476572`
    """
    sound = {
        peaks: one.bic
        for peaks, one in candidates.items()
        if not one.unresolved().any() and (one.significance() >= SIGNIFICANT).all()
    }
    if not sound:
        return min(candidates, default=0)
    lowest = min(sound.values())
    return min(peaks for peaks, bic in sound.items() if bic <= lowest + DECISIVE)


def _explain(one: Fits, x: np.ndarray) -> str:
    """Say in lab language where a fit went that cannot be reported."""
    first = 2 if one.parameters.size % 3 == 2 else 1
    for k in range(first, one.parameters.size, 3):
        sigma = one.parameters[k + 2]
        no_area, centre_out, width_out = one.at_bound[k : k + 3]
        if centre_out:
            return "a peak's centre leaves the window: its maximum is not in the data"
        if width_out and sigma > (x[-1] - x[0]) / 2:
            return "a peak grows wider than the window: that is background"
        if width_out:
            return "a peak shrinks to less than a step of the axis: that is a spike"
        if no_area:
            return SHRUNK
    if one.status == Status.EXHAUSTED:
        return f"no minimum within {MAX_EVALUATIONS} evaluations of the model"
    return "the data do not determine all parameters: try fewer peaks"
