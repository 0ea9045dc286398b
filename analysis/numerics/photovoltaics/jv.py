r"""Open circuit, short circuit and maximum power of many voltage sweeps at once.

Between neighbouring points the current density is a straight line. With it open and
short circuit are crossings of two lines, and the maximum of :math:`V J(V)` is that of a
parabola on every interval, so all three come from one and the same curve. Against that
stands, at each place, a polynomial through or near more points; the distance between
the two is part of the uncertainty, because it is what the spacing of the points leaves
open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

POINTS = 5
"""The fewest points of a sweep."""

NEAR_MAXIMUM = 0.95
"""The polynomial at the maximum sees the points above this share of it."""

DEGREE = 4
"""Of that polynomial; a cubic is off by some 1e-4 of the power."""

NEWTON_STEPS = 8

FOURTH_DIFFERENCE = float(np.sqrt(70.0)) * 0.6745
"""Median of the fourth difference of noise over its standard deviation."""


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """Straight lines through the points of a window, one per sweep.

    Attributes
    ----------
    slope, error : ndarray, shape (m,)
        dJ/dV and its standard error [mA/cm²/V]; NaN without enough points.
    low, high : ndarray, shape (m,)
        First and last point used. [V]
    points : ndarray of int, shape (m,)
    """

    slope: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    points: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Metrics:
    """What a sweep says, NaN where it does not; all of shape (m,).

    Attributes
    ----------
    voc, vmp : ndarray
        [V]
    jsc, jmp : ndarray
        [mA/cm²]
    pmax : ndarray
        Interpolated, see the module. [mW/cm²]
    pmax_fitted, vmp_fitted : ndarray
        Maximum of a polynomial near the points above `NEAR_MAXIMUM` of the largest.
    voc_error, jsc_error, pmax_error, vmp_error, jmp_error : ndarray
        Standard uncertainties from noise and spacing.
    noise : ndarray
        Standard deviation of one current density. [mA/cm²]
    at_edge : ndarray of bool
        The largest power is at an end of the sweep.
    crossings : ndarray of int
        How often J falls through zero at V > 0.
    extrapolated : ndarray of bool
        The sweep ends less than a step short of V = 0.
    at_voc, at_zero : Slopes
        For series and shunt resistance.
    """

    voc: np.ndarray
    jsc: np.ndarray
    vmp: np.ndarray
    jmp: np.ndarray
    pmax: np.ndarray
    pmax_fitted: np.ndarray
    vmp_fitted: np.ndarray
    voc_error: np.ndarray
    jsc_error: np.ndarray
    pmax_error: np.ndarray
    vmp_error: np.ndarray
    jmp_error: np.ndarray
    noise: np.ndarray
    at_edge: np.ndarray
    crossings: np.ndarray
    extrapolated: np.ndarray
    at_voc: Slopes
    at_zero: Slopes


def stack(
    curves: Sequence[tuple[np.ndarray, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray]:
    """Put sweeps of any length and direction into two arrays.

    Parameters
    ----------
    curves : sequence of (voltage, current density)
        [V, mA/cm²]

    Returns
    -------
    voltage, current : ndarray, shape (m, n)
        Rising, filled up with NaN; points at one voltage are averaged.
    """
    ordered = []
    for voltage, current in curves:
        steps = np.diff(voltage)
        if not (steps > 0).all():
            order = np.argsort(voltage, kind="stable")
            voltage, current = np.asarray(voltage)[order], np.asarray(current)[order]
            steps = np.diff(voltage)
        if not steps.all():
            unique, inverse, counts = np.unique(
                voltage, return_inverse=True, return_counts=True
            )
            current = np.bincount(inverse, current) / counts
            voltage = unique
        ordered.append((voltage, current))
    longest = max(voltage.size for voltage, _ in ordered)
    stacked = np.full((2, len(ordered), longest), np.nan)
    for row, pair in enumerate(ordered):
        stacked[:, row, : pair[0].size] = pair
    return stacked[0], stacked[1]


def sweep_metrics(
    voltage: np.ndarray,
    current: np.ndarray,
    *,
    voc_window: float = 0.05,
    zero_window: float = 0.1,
) -> Metrics:
    """Find the metrics of all sweeps in one pass.

    Parameters
    ----------
    voltage, current : ndarray, shape (m, n)
        As `stack` gives them, photocurrent positive. [V, mA/cm²]
    voc_window, zero_window : float
        Half width of the windows around Voc and V = 0 whose points give the slopes; at
        least the three nearest points are used. [V]

    Returns
    -------
    Metrics
    """
    known = np.isfinite(voltage)
    last = known.sum(axis=1) - 1
    noise = _noise(current)
    voc, voc_error, crossings = _open_circuit(voltage, current, noise)
    jsc, jsc_error, extrapolated = _short_circuit(voltage, current, noise, last)
    vmp, jmp, pmax, at_edge = _maximum(voltage, current, last)
    vmp_fitted, pmax_fitted = _fitted_maximum(voltage, current, vmp, pmax)
    step = (_take(voltage, last) - voltage[:, 0]) / last
    off = np.where(np.isnan(vmp_fitted), 0.0, vmp_fitted - vmp)
    vmp_error = np.hypot(off, step / np.sqrt(12))
    spare = np.where(np.isnan(pmax_fitted), 0.0, pmax_fitted - pmax)
    with np.errstate(divide="ignore", invalid="ignore"):
        # At the maximum dP = 0, hence dJ/dV = -J/V.
        jmp_error = np.hypot(noise, vmp_error * jmp / vmp)
    return Metrics(
        voc=voc,
        jsc=jsc,
        vmp=vmp,
        jmp=jmp,
        pmax=pmax,
        pmax_fitted=pmax_fitted,
        vmp_fitted=vmp_fitted,
        voc_error=voc_error,
        jsc_error=jsc_error,
        pmax_error=np.hypot(vmp * noise, spare),
        vmp_error=vmp_error,
        jmp_error=jmp_error,
        noise=noise,
        at_edge=at_edge,
        crossings=crossings,
        extrapolated=extrapolated,
        at_voc=_slopes(voltage, current, voc, voc_window),
        at_zero=_slopes(voltage, current, np.zeros(len(voltage)), zero_window),
    )


def _noise(current: np.ndarray) -> np.ndarray:
    """Estimate the scatter from fourth differences, which a smooth curve hardly has."""
    if current.shape[1] < POINTS:
        return np.zeros(len(current))
    fourth = np.abs(
        current[:, 4:]
        - 4 * current[:, 3:-1]
        + 6 * current[:, 2:-2]
        - 4 * current[:, 1:-3]
        + current[:, :-4]
    )
    full = np.isfinite(fourth[:, -1])
    noise = np.zeros(len(current))
    # The median that heeds gaps is many times slower.
    noise[full] = np.median(fourth[full], axis=1)
    if not full.all():
        ragged = fourth[~full]
        ragged[np.isnan(ragged).all(axis=1)] = 0.0
        noise[~full] = np.nanmedian(ragged, axis=1)
    return noise / FOURTH_DIFFERENCE


def _nearest(far: np.ndarray, count: int) -> np.ndarray:
    """Mark the points that are no further than the count-th nearest."""
    if far.shape[1] <= count:
        return np.isfinite(far)
    limit = np.partition(far, count - 1, axis=1)[:, count - 1]
    return far <= limit[:, None]


def _narrow(inside: np.ndarray, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """Cut arrays to the columns from the first to the last point inside, row by row."""
    first = np.argmax(inside, axis=1)
    last = inside.shape[1] - np.argmax(inside[:, ::-1], axis=1)
    width = int(np.where(inside.any(axis=1), last - first, 1).max())
    first = np.minimum(first, inside.shape[1] - width)
    columns = first[:, None] + np.arange(width)
    return tuple(
        np.take_along_axis(array, columns, axis=1) for array in (inside, *arrays)
    )


def _take(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    return np.take_along_axis(values, at[:, None], axis=1)[:, 0]


def _cubic(
    voltage: np.ndarray, current: np.ndarray, at: np.ndarray, where: np.ndarray
) -> np.ndarray:
    """Evaluate the cubic through the four points around interval ``at``."""
    count = np.isfinite(voltage).sum(axis=1)
    first = np.clip(at - 1, 0, np.maximum(count - 4, 0))
    columns = first[:, None] + np.arange(4)
    x = np.take_along_axis(voltage, columns, axis=1)
    y = np.take_along_axis(current, columns, axis=1)
    value = np.zeros(len(x))
    for own in range(4):
        weight = np.ones(len(x))
        for other in range(4):
            if other != own:
                weight *= (where - x[:, other]) / (x[:, own] - x[:, other])
        value += weight * y[:, own]
    return value


def _open_circuit(
    voltage: np.ndarray, current: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the highest voltage above zero where J falls through zero."""
    falls = (current[:, :-1] > 0) & (current[:, 1:] <= 0) & (voltage[:, 1:] > 0)
    crossings = falls.sum(axis=1)
    at = falls.shape[1] - 1 - np.argmax(falls[:, ::-1], axis=1)
    at = np.where(crossings > 0, at, 0)
    v0, v1 = _take(voltage, at), _take(voltage, at + 1)
    j0, j1 = _take(current, at), _take(current, at + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = j0 / (j0 - j1)
        voc = v0 + share * (v1 - v0)
        slope = (j1 - j0) / (v1 - v0)
        spread = noise * np.hypot(1 - share, share) / np.abs(slope)
        bent = _cubic(voltage, current, at, voc) / slope
    found = (crossings > 0) & (voc > 0)
    error = np.hypot(spread, bent)
    return np.where(found, voc, np.nan), np.where(found, error, np.nan), crossings


def _short_circuit(
    voltage: np.ndarray, current: np.ndarray, noise: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Interpolate J at V = 0; less than a step beyond an end counts as there."""
    at = np.clip((voltage <= 0).sum(axis=1) - 1, 0, np.maximum(last - 1, 0))
    v0, v1 = _take(voltage, at), _take(voltage, at + 1)
    j0, j1 = _take(current, at), _take(current, at + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = -v0 / (v1 - v0)
        jsc = j0 + share * (j1 - j0)
        spread = noise * np.hypot(1 - share, share)
        bent = _cubic(voltage, current, at, np.zeros(len(voltage))) - jsc
    inside = (share > -1) & (share < 2)
    outside = inside & ((share < 0) | (share > 1))
    error = np.hypot(spread, bent)
    return np.where(inside, jsc, np.nan), np.where(inside, error, np.nan), outside


def _maximum(
    voltage: np.ndarray, current: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Find the largest V J above V = 0 on the straight lines between points."""
    power = np.where(voltage > 0, voltage * current, -np.inf)
    best = np.argmax(np.where(np.isnan(power), -np.inf, power), axis=1)
    vmp, pmax = _take(voltage, best), _take(power, best)
    higher = np.zeros(len(voltage), dtype=bool)
    # The parabola of an interval tops its ends by little: the highest is next to the
    # highest point.
    for start in (np.maximum(best - 1, 0), np.minimum(best, np.maximum(last - 1, 0))):
        v0, v1 = _take(voltage, start), _take(voltage, start + 1)
        j0, j1 = _take(current, start), _take(current, start + 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (j1 - j0) / (v1 - v0)
            foot = j0 - slope * v0
            top = -foot / (2 * slope)
            inside = (slope < 0) & (top > v0) & (top < v1) & (top > 0)
            between = np.where(inside, foot * top / 2, -np.inf)
        better = between > pmax
        higher |= better
        vmp, pmax = np.where(better, top, vmp), np.where(better, between, pmax)
    lowest = np.argmax(voltage > 0, axis=1)
    at_edge = ~higher & ((best == last) | ((best == lowest) & (best == 0)))
    none = ~(pmax > 0)
    vmp, pmax = np.where(none, np.nan, vmp), np.where(none, np.nan, pmax)
    return vmp, pmax / vmp, pmax, at_edge & ~none


def _fitted_maximum(
    voltage: np.ndarray, current: np.ndarray, vmp: np.ndarray, pmax: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return place and height of the maximum of a polynomial near it, if it has one."""
    power = voltage * current
    with np.errstate(invalid="ignore"):
        inside = power >= NEAR_MAXIMUM * pmax[:, None]
        inside &= voltage > 0
    # The polynomial needs as many points as coefficients: the nearest serve.
    few = inside.sum(axis=1) < POINTS
    if few.any():
        far = np.abs(voltage[few] - vmp[few, None])
        far[np.isnan(far)] = np.inf
        inside[few] = _nearest(far, POINTS) & np.isfinite(far)
    inside, voltage, power = _narrow(inside, voltage, power)
    far = np.abs(voltage - vmp[:, None])
    reach = np.where(inside, far, 0.0).max(axis=1)
    reach = np.where((reach > 0) & np.isfinite(reach), reach, np.nan)
    x = np.where(inside, (voltage - vmp[:, None]) / reach[:, None], 0.0)
    y = np.where(inside, power / pmax[:, None], 0.0)
    usable = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
    usable &= inside.sum(axis=1) >= POINTS
    place = np.full(len(voltage), np.nan)
    height = np.full(len(voltage), np.nan)
    if not usable.any():
        return place, height
    x, y, weight = x[usable], y[usable], inside[usable].astype(float)
    powers = np.empty((*x.shape, DEGREE + 1))
    powers[:, :, 0] = weight
    for order in range(DEGREE):
        powers[:, :, order + 1] = powers[:, :, order] * x
    normal = powers.transpose(0, 2, 1) @ powers + 1e-13 * np.eye(DEGREE + 1)
    sides = powers.transpose(0, 2, 1) @ y[:, :, None]
    polynomial = np.linalg.solve(normal, sides)[:, :, 0].T
    slope = [order * polynomial[order] for order in range(1, DEGREE + 1)]
    bend = [order * slope[order] for order in range(1, DEGREE)]
    top = np.zeros(x.shape[0])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for _ in range(NEWTON_STEPS):
            top = np.clip(top - _value(slope, top) / _value(bend, top), -1, 1)
    good = (_value(bend, top) < 0) & (np.abs(_value(slope, top)) < 1e-6)
    value = _value([*polynomial], top)
    rows = np.flatnonzero(usable)[good]
    place[rows] = (vmp[usable] + top * reach[usable])[good]
    height[rows] = (value * pmax[usable])[good]
    return place, height


def _value(polynomial: Sequence[np.ndarray], at: np.ndarray) -> np.ndarray:
    value = np.zeros(at.size)
    for coefficient in reversed(polynomial):
        value = value * at + coefficient
    return value


def _slopes(
    voltage: np.ndarray, current: np.ndarray, centre: np.ndarray, window: float
) -> Slopes:
    """Fit a line to the points in the window, at least to the three nearest."""
    far = np.abs(voltage - centre[:, None])
    far[np.isnan(far)] = np.inf
    inside = far <= window * (1 + 1e-9)
    few = inside.sum(axis=1) < 3
    if few.any():
        inside[few] = _nearest(far[few], 3) & np.isfinite(far[few])
    inside, voltage, current, far = _narrow(inside, voltage, current, far)
    count = inside.sum(axis=1)
    # A sweep that does not come near the place says nothing of it.
    reaches = np.where(inside, far, np.inf).min(axis=1) <= window
    usable = reaches & (count >= 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(inside, voltage, 0.0)
        y = np.where(inside, current, 0.0)
        x0 = x.sum(axis=1) / count
        y0 = y.sum(axis=1) / count
        dx = np.where(inside, voltage - x0[:, None], 0.0)
        dy = np.where(inside, current - y0[:, None], 0.0)
        squares = (dx**2).sum(axis=1)
        slope = (dx * dy).sum(axis=1) / squares
        rest = ((dy - slope[:, None] * dx) ** 2).sum(axis=1)
        error = np.sqrt(rest / (count - 2) / squares)
    missing = np.where(usable, 0.0, np.nan)
    return Slopes(
        slope=slope + missing,
        error=error + missing,
        low=np.where(inside, voltage, np.inf).min(axis=1) + missing,
        high=np.where(inside, voltage, -np.inf).max(axis=1) + missing,
        points=np.where(usable, count, 0),
    )
