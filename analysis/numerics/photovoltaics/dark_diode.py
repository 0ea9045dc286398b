r"""Ideality of a diode from the slope of its dark curve on a logarithmic scale.

.. math:: n = \frac{q}{k T} \left(\frac{d \ln J}{d V}\right)^{-1}
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BOLTZMANN_OVER_CHARGE = 8.617333262e-5
"""[V/K], exact in the SI to the digits given."""

STEEP = 0.9
"""The window found holds the points whose slope is at least this share of the best."""

EXPONENTIAL = 5.0
"""The least V d(ln J)/dV of a part that counts as exponential: a resistance has 1, and
below 5 the reverse current bends a diode by more than 1 %."""

FEWEST = 5


class NoExponential(Exception):
    """No part of the curve rises as that of a diode; says why."""


@dataclass(frozen=True, slots=True)
class DarkDiode:
    """A line through ln J over V.

    Attributes
    ----------
    ideality, ideality_error : float
    saturation, saturation_error : float
        [mA/cm²]
    low, high : float
        The window. [V]
    points : int
    """

    ideality: float
    ideality_error: float
    saturation: float
    saturation_error: float
    low: float
    high: float
    points: int


def thermal_voltage(temperature: float) -> float:
    """Return kT/q [V] at a temperature [°C]."""
    return BOLTZMANN_OVER_CHARGE * (temperature + 273.15)


def fit_dark(
    voltage: np.ndarray,
    current: np.ndarray,
    temperature: float,
    window: tuple[float, float] | None = None,
) -> DarkDiode:
    """Fit the exponential part of a dark curve.

    Parameters
    ----------
    voltage, current : ndarray, shape (n,)
        Rising voltage [V]; current density through the diode, positive forwards
        [mA/cm²].
    temperature : float
        [°C]
    window : (float, float), optional
        Part to use [V]; by default the points around the steepest run of five whose
        slope is at least 0.9 of its, so that shunt and series resistance stay out; runs
        that rise like a resistance do not count.

    Raises
    ------
    NoExponential
        If fewer than five points rise, or J does not grow by a factor e in the window.

    Notes
    -----
    The standard errors hold the scatter about the line and half the difference between
    the slopes of the window's two halves, which is what a resistance bends.
    """
    good = (voltage > 0) & (current > 0)
    if window is not None:
        good &= (voltage >= window[0]) & (voltage <= window[1])
    if good.sum() < FEWEST:
        raise NoExponential(
            f"only {good.sum()} points have a forward current; {FEWEST} are needed"
        )
    x, y = voltage[good], np.log(current[good])
    if window is None:
        x, y = _steepest(x, y)
    slope, foot, covariance = _line(x, y)
    if slope <= 0 or slope * np.ptp(x) < 1:
        raise NoExponential(
            f"the current grows by a factor {np.exp(slope * np.ptp(x)):.2g} from"
            f" {x[0]:g} to {x[-1]:g} V, less than e"
        )
    middle = x.size // 2
    bend = 0.0
    if middle >= 3:
        halves = [_line(x[part], y[part])[0] for part in _halves(middle)]
        bend = abs(halves[1] - halves[0]) / 2
    error = float(np.hypot(np.sqrt(covariance[0, 0]), bend))
    ideality = 1 / (slope * thermal_voltage(temperature))
    foot_error = np.hypot(np.sqrt(covariance[1, 1]), bend * x.mean())
    saturation = float(np.exp(foot))
    return DarkDiode(
        ideality=float(ideality),
        ideality_error=float(ideality * error / slope),
        saturation=saturation,
        saturation_error=float(saturation * foot_error),
        low=float(x[0]),
        high=float(x[-1]),
        points=int(x.size),
    )


def _halves(middle: int) -> tuple[slice, slice]:
    return slice(None, middle), slice(-middle, None)


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Return slope, foot at x = 0 and their covariance from the scatter."""
    design = np.stack([x, np.ones(x.size)], axis=1)
    inverse = np.linalg.inv(design.T @ design)
    slope, foot = inverse @ design.T @ y
    rest = y - slope * x - foot
    return float(slope), float(foot), inverse * (rest @ rest) / max(x.size - 2, 1)


def _steepest(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    windows = np.lib.stride_tricks.sliding_window_view
    xs, ys = windows(x, FEWEST), windows(y, FEWEST)
    dx = xs - xs.mean(axis=1, keepdims=True)
    slopes = (dx * ys).sum(axis=1) / (dx**2).sum(axis=1)
    # Beneath the noise ln J jumps: a run counts only where it rises on a line.
    rest = ys - ys.mean(axis=1, keepdims=True) - slopes[:, None] * dx
    straight = rest.std(axis=1) < 0.1 * np.maximum(slopes * np.ptp(xs, axis=1), 1e-12)
    straight &= slopes * xs.mean(axis=1) > EXPONENTIAL
    if not straight.any():
        raise NoExponential("no five points in a row rise exponentially with V")
    best = int(np.argmax(np.where(straight, slopes, -np.inf)))
    keep = straight & (slopes >= STEEP * slopes[best])
    first = last = best
    while first > 0 and keep[first - 1]:
        first -= 1
    while last + 1 < keep.size and keep[last + 1]:
        last += 1
    return x[first : last + FEWEST], y[first : last + FEWEST]
