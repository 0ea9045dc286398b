"""The curve an efficiency track follows, with the band it is known to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

# Its parts are loaded by the first fit: most processes never fit.
import scipy

from analysis.numerics.ageing.correlated_mean import statistical_inefficiency
from analysis.numerics.ageing.degradation_models import Decay, rounding
from analysis.numerics.ageing.track import (
    FINE_POINTS,
    WINDOW,
    Groups,
    Track,
    running_median,
)

SEGMENTS = 36
"""Pieces of the spline; the penalty, not their number, decides how stiff it is."""

PENALTIES = np.logspace(-9, 9, 109)
GRID = 2000
CONFIDENCE = 0.95
JUMP = 6.0
"""Standard deviations that two neighbours must be off for the track to jump."""

LEAST_JUMP = 0.03
"""Part of the level below which a jump is left to the spline."""

CLEARLY = 2.0
"""Difference of log likelihoods that decides against noise proportional to level."""

LEAST_PROBABILITY = 0.01
"""Of the F test, below which the track contradicts a model."""

RIDGE = 1e-8
MEDIAN_VARIANCE = np.pi / 2
"""Of the median of many normal values over that of their mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A number to compare a curve with, and how its error goes with the curve's.

    Attributes
    ----------
    value, variance : float
    covariance : ndarray, shape (k,), or float
        With the curve at every point of its grid.
    """

    value: float
    variance: float = 0.0
    covariance: np.ndarray | float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A smoothed track on a grid.

    Attributes
    ----------
    time, values : ndarray, shape (k,)
        [h, %]
    variance : ndarray, shape (k,)
        Of the values. [%²]
    factor : float
        Standard errors to either end of a 95 % interval.
    smoothing : str
        What made it, in words.
    noise : float
        Standard deviation of one sample. [%]
    inefficiency : float
        By how much the correlation of neighbouring samples widens variances.
    spline : Spline or None
        The smoothing behind it, if it is one.
    decay : Decay or None
        The model behind it, if it is one.
    """

    time: np.ndarray
    values: np.ndarray
    variance: np.ndarray
    factor: float
    smoothing: str
    noise: float
    inefficiency: float = 1.0
    spline: Spline | None = None
    decay: Decay | None = None

    def at(self, time: float) -> Level:
        """Return the curve's own value at a time, as a level to compare it with."""
        if self.decay is not None:
            row = self.decay.derivatives(np.array([time]))[:, 0]
            shared = self.decay.covariance @ row
            return Level(
                float(self.decay.evaluate(np.array([time]))[0]),
                float(row @ shared),
                shared @ self.decay.derivatives(self.time),
            )
        value = float(np.interp(time, self.time, self.values))
        if self.spline is None:
            near = int(np.argmin(np.abs(self.time - time)))
            covariance = np.zeros(self.time.size)
            covariance[near] = self.variance[near]
            return Level(value, float(self.variance[near]), covariance)
        row = self.spline.basis(np.array([time]))[0]
        covariance = self.spline.basis(self.time) @ (self.spline.covariance @ row)
        return Level(
            float(row @ self.spline.coefficients),
            float(row @ self.spline.covariance @ row),
            covariance,
        )

    def beside(self, value: float, variance: float, response: np.ndarray) -> Level:
        """Return a number found from the same groups, to compare the curve with.

        Parameters
        ----------
        value, variance : float
        response : ndarray, shape (m,)
            Derivative of the number by the value of each group. Its error goes with
            the curve's, since both come from the same noise.
        """
        if self.decay is not None:
            shared = self.decay.response @ (self.decay.point_variance * response)
            return Level(value, variance, shared @ self.decay.derivatives(self.time))
        if self.spline is not None:
            shared = self.spline.covariance_with(response, self.time)
            return Level(value, variance, shared)
        return Level(value, variance)

    def margin(self, level: Level, fraction: float) -> tuple[np.ndarray, np.ndarray]:
        """Return by how much the curve lies above a part of a level, and its error.

        Returns
        -------
        margin, standard_error : ndarray, shape (k,)
            [%]
        """
        variance = (
            self.variance
            + fraction**2 * level.variance
            - 2 * fraction * np.asarray(level.covariance)
        )
        return self.values - fraction * level.value, np.sqrt(np.maximum(variance, 0.0))

    def ratio(self, level: Level, time: float) -> tuple[float, float]:
        """Return the curve at a time over a level, and its standard error."""
        share = self.at(time).value / level.value
        _, error = self.margin(level, share)
        return share, float(np.interp(time, self.time, error)) / level.value


@dataclass(frozen=True, slots=True, eq=False)
class Spline:
    """Cubic B-splines in log(1 + t/t0) with a penalty on their curvature."""

    origin: float
    span: float
    segments: int
    coefficients: np.ndarray
    covariance: np.ndarray
    projection: np.ndarray
    weights: np.ndarray
    variance: float
    freedom: float

    def basis(self, time: np.ndarray) -> np.ndarray:
        return _basis(time, self.origin, self.span, self.segments)

    def covariance_with(self, response: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Return the covariance with another linear functional of the same data.

        Parameters
        ----------
        response : ndarray, shape (m,)
            Derivative of that number by the value of each group.
        time : ndarray, shape (k,)
            Where the spline is evaluated. [h]
        """
        shared = self.projection @ (response / self.weights * self.variance)
        return self.basis(time) @ shared


def _basis(time: np.ndarray, origin: float, span: float, segments: int) -> np.ndarray:
    place = np.log1p(time / origin) / np.log1p(span / origin) * segments
    first = np.clip(place.astype(np.intp), 0, segments - 1)
    x = place - first
    parts = ((1 - x) ** 3, 3 * x**3 - 6 * x**2 + 4, 3 * (x + x**2 - x**3) + 1, x**3)
    rows = np.zeros((time.size, segments + 3))
    at = np.arange(time.size)
    for shift, part in enumerate(parts):
        rows[at, first + shift] = part / 6
    return rows


def fit_spline(groups: Groups, weights: np.ndarray) -> Spline:
    r"""Smooth groups with the stiffness that restricted likelihood finds.

    Parameters
    ----------
    groups : Groups
    weights : ndarray, shape (m,)
        Inverse variances up to a common factor.

    Notes
    -----
    Minimised is :math:`\sum w(y-Bc)^2 + \lambda\,|D^2c|^2`. The logarithmic scale of
    time lets one stiffness serve a fast burn-in and a slow decay. With the penalty
    read as a prior, the covariance of c is :math:`s^2(B^TWB+\lambda P)^{-1}`, whose
    bands hold the truth about as often as they say, bias included [1]_. λ and s²
    are those of the restricted likelihood, found on a grid after one eigenvalue
    decomposition.

    References
    ----------
    .. [1] G. Wahba, J. R. Stat. Soc. B 45, 133 (1983).
       :doi:`10.1111/j.2517-6161.1983.tb01239.x`
    """
    count = groups.time.size
    span = groups.span
    segments = min(SEGMENTS, count)
    rows = _basis(groups.time, groups.origin, span, segments)
    difference = np.diff(np.eye(segments + 3), 2, axis=0)
    penalty = difference.T @ difference
    weighted = rows.T * weights
    normal = weighted @ rows
    scale = np.trace(normal) / (segments + 3)
    normal[np.diag_indices_from(normal)] += RIDGE * scale
    lower = np.linalg.cholesky(normal)
    inverse = scipy.linalg.solve_triangular(lower, np.eye(segments + 3), lower=True)
    curvature, vectors = np.linalg.eigh(inverse @ (scale * penalty) @ inverse.T)
    curvature = np.maximum(curvature, 0.0)
    middle = float(weights @ groups.values / weights.sum())
    centred = groups.values - middle
    turned = vectors.T @ (inverse @ (weighted @ centred))
    loose = rows @ (inverse.T @ (vectors @ turned))
    rest = float(weights @ (centred - loose) ** 2)
    strength = PENALTIES[:, None] * curvature
    chi = rest + (turned**2 * strength / (1 + strength)).sum(axis=1)
    floor = weights.sum() * (1e-9 * np.abs(groups.values).max()) ** 2
    variance = (chi + floor) / (count - 2)
    likelihood = (
        (np.log1p(strength)).sum(axis=1)
        - (segments + 1) * np.log(PENALTIES)
        + (count - 2) * np.log(variance)
    )
    best = int(np.argmin(likelihood))
    shrunk = 1 / (1 + strength[best])
    coefficients = inverse.T @ (vectors @ (turned * shrunk)) + middle
    root = inverse.T @ vectors
    covariance = (root * shrunk) @ root.T
    return Spline(
        groups.origin,
        span,
        segments,
        coefficients,
        covariance * variance[best],
        covariance @ weighted,
        weights,
        float(variance[best]),
        count - float(shrunk.sum()),
    )


def smooth(track: Track, groups: Groups) -> Curve:
    """Return the curve a track follows.

    Notes
    -----
    A spline with the noise in proportion to the level, as instabilities of light and
    load make it, unless a constant one is clearly likelier; a running median where
    the track jumps, as a dying cell does, because a spline would smear that; the
    points themselves where they are few.
    """
    if track.is_sparse:
        return _points(track)
    spline = fit_spline(groups, groups.counts)
    fitted = spline.basis(groups.time) @ spline.coefficients
    level = np.maximum(fitted, 0.05 * fitted.max()) / np.abs(fitted).mean()
    off = (groups.values - fitted) ** 2 * groups.counts
    proportional = np.log(np.mean(off / level**2)) + 2 * np.mean(np.log(level))
    constant = np.log(np.mean(off)) if off.any() else -np.inf
    if groups.time.size * (proportional - constant) < 2 * CLEARLY:
        spline = fit_spline(groups, groups.counts / level**2)
        fitted = spline.basis(groups.time) @ spline.coefficients
    residuals = (groups.values - fitted) * np.sqrt(spline.weights)
    if _jumps(groups, spline.weights, residuals, fitted):
        return _medians(track)
    inefficiency = statistical_inefficiency(residuals)
    origin = groups.origin
    grid = origin * np.expm1(np.linspace(0, np.log1p(spline.span / origin), GRID))
    grid = np.clip(grid, groups.time[0], groups.span)
    grid = grid[np.append(True, np.diff(grid) > 0)]
    return _of_spline(spline, grid, inefficiency)


def follow_model(curve: Curve, groups: Groups, decay: Decay) -> Curve:
    """Return the curve of a model where the track does not contradict it.

    Notes
    -----
    The test is that of F: what the spline, with more freedom, explains beyond the
    model must be what it would explain of noise. A model that holds is the better
    smoothing, because all points of the track then tell of each of its ends.
    """
    spline = curve.spline
    if spline is None:
        return curve
    count, parameters = groups.time.size, decay.parameters.size
    fitted = spline.basis(groups.time) @ spline.coefficients
    chi = float(spline.weights @ (groups.values - fitted) ** 2)
    chi += rounding(groups.values, spline.weights)
    more = count - spline.freedom - parameters
    if more > 0 and chi < decay.chi_square:
        ratio = (decay.chi_square - chi) / more / (chi / spline.freedom)
        if scipy.special.fdtrc(more, spline.freedom, ratio) < LEAST_PROBABILITY:
            return curve
    rows = decay.derivatives(curve.time)
    return replace(
        curve,
        values=decay.evaluate(curve.time),
        variance=np.einsum("ik,ij,jk->k", rows, decay.covariance, rows),
        factor=float(scipy.special.stdtrit(count - parameters, 0.5 + CONFIDENCE / 2)),
        smoothing=f"the {decay.form.key} model, which the track does not contradict",
        noise=float(np.sqrt(decay.chi_square / (count - parameters))),
        spline=None,
        decay=decay,
    )


def _of_spline(spline: Spline, grid: np.ndarray, inefficiency: float) -> Curve:
    wide = replace(
        spline,
        covariance=spline.covariance * inefficiency,
        variance=spline.variance * inefficiency,
    )
    rows = wide.basis(grid)
    variance = np.einsum("ij,ij->i", rows @ wide.covariance, rows)
    freedom = max(spline.freedom / inefficiency, 2.0)
    return Curve(
        grid,
        rows @ wide.coefficients,
        variance,
        float(scipy.special.stdtrit(freedom, 0.5 + CONFIDENCE / 2)),
        "cubic spline in log(1 + t/t0), stiffness by restricted likelihood",
        float(np.sqrt(spline.variance)),
        inefficiency,
        wide,
    )


def _jumps(
    groups: Groups, weights: np.ndarray, residuals: np.ndarray, fitted: np.ndarray
) -> bool:
    """Whether two neighbours lie so far off the spline that the track must jump."""
    between = np.diff(groups.values) / np.sqrt(1 / weights[1:] + 1 / weights[:-1])
    noise = 1.4826 * float(np.median(np.abs(between)))
    far = (np.abs(residuals) > JUMP * noise) & (
        np.abs(groups.values - fitted) > LEAST_JUMP * np.abs(fitted).max()
    )
    sides = np.sign(residuals)
    return bool((far[1:] & far[:-1] & (sides[1:] == sides[:-1])).any())


def _medians(track: Track) -> Curve:
    size = max(1, track.time.size // (FINE_POINTS // 2))
    whole = track.time.size // size * size
    time = track.time[:whole].reshape(-1, size).mean(axis=1)
    blocks = np.median(track.values[:whole].reshape(-1, size), axis=1)
    smoothed = running_median(blocks)
    # A dead cell is quieter than a living one.
    alive = np.diff(blocks)[smoothed[1:] > 0.5 * smoothed.max()]
    noise = 1.4826 * float(np.median(np.abs(alive))) / np.sqrt(2) if alive.size else 0.0
    inside = min(WINDOW, blocks.size)
    variance = np.full(time.size, MEDIAN_VARIANCE * noise**2 / inside)
    return Curve(
        time,
        smoothed,
        variance,
        float(scipy.special.ndtri(0.5 + CONFIDENCE / 2)),
        f"running median of {WINDOW} blocks of {size} samples, because the track jumps",
        noise * np.sqrt(size),
    )


def _points(track: Track) -> Curve:
    """Take the few points as they are; their noise shows in second differences."""
    time, values = track.time, track.values
    noise, freedom = 0.0, max(time.size - 2, 1)
    if time.size >= 3:
        before, after = np.diff(time)[:-1], np.diff(time)[1:]
        share = before / np.maximum(before + after, 1e-300)
        bend = values[1:-1] - (1 - share) * values[:-2] - share * values[2:]
        usual = bend**2 / (1 + share**2 + (1 - share) ** 2)
        # The first bend is burn-in more often than noise.
        noise = float(np.sqrt(np.mean(usual[1:] if usual.size > 2 else usual)))
        # Neighbouring bends share points.
        freedom = max((usual.size - 1) // 2, 1)
    return Curve(
        time,
        values,
        np.full(time.size, noise**2),
        float(scipy.special.stdtrit(freedom, 0.5 + CONFIDENCE / 2)),
        "none: the points themselves, joined by straight lines",
        noise,
    )
