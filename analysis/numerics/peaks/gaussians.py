"""Gaussian peaks on a constant or linear offset: model, starts, acceptance."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.numerics.fitting.least_squares import Fits, Model

FWHM_PER_SIGMA = 2 * np.sqrt(2 * np.log(2))
DESIGN_POINTS = 96
LEAST_WIDTH_IN_STEPS = 0.5


def evaluate_gaussians(x: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    r"""Return values and derivatives of peaks on an offset.

    Parameters
    ----------
    x : ndarray, shape (n,)
    parameters : ndarray, shape (k, p)
        Constant offset, slope if there is one (then p = 3m + 2, else 3m + 1), and
        for each of m peaks its area, centre and standard deviation.

    Returns
    -------
    ndarray, shape (k, p + 1, n)

    Notes
    -----
    .. math:: f = y_0 + y_1 x
        + \sum_j \frac{A_j}{\sigma_j\sqrt{2\pi}} e^{-(x - c_j)^2 / 2\sigma_j^2}

    This is Origin's *Gauss* with :math:`w = 2\sigma`.
    """
    fits, count = parameters.shape
    first = 2 if count % 3 == 2 else 1
    rows = np.empty((fits, count + 1, x.size))
    rows[:, 0] = parameters[:, :1]
    rows[:, 1] = 1.0
    if first == 2:
        rows[:, 0] += parameters[:, 1:2] * x
        rows[:, 2] = x
    for k in range(first, count, 3):
        area, centre, sigma = (parameters[:, k + i, None] for i in range(3))
        z = (x - centre) / sigma
        unit = np.exp(np.maximum(-0.5 * z * z, -700.0)) / (sigma * np.sqrt(2 * np.pi))
        peak = area * unit
        rows[:, 0] += peak
        rows[:, k + 1] = unit
        rows[:, k + 2] = peak * z / sigma
        rows[:, k + 3] = peak * (z * z - 1) / sigma
    return rows


def _kernel() -> Any:
    from analysis.numerics.fitting import compiled

    return compiled.gaussians


GAUSSIANS = Model("Gaussian peaks", evaluate_gaussians, _kernel)


def bounds(x: np.ndarray, peaks: int, *, linear: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the box peaks may lie in: areas ≥ 0, centres in the window.

    A peak narrower than half a step of x is one point, a peak whose standard
    deviation exceeds the window is a background; both are outside.
    """
    span = x[-1] - x[0]
    narrowest = LEAST_WIDTH_IN_STEPS * span / (x.size - 1)
    offset = 2 if linear else 1
    lower = [-np.inf] * offset + [0.0, x[0], narrowest] * peaks
    upper = [np.inf] * offset + [np.inf, x[-1], span] * peaks
    return np.array(lower), np.array(upper)


def acceptable(fits: Fits) -> np.ndarray:
    """Whether every parameter lies inside its bounds and has a standard error."""
    determined = np.isfinite(fits.covariance).all(axis=(-2, -1))
    return determined & ~fits.at_bound.any(axis=-1)


def starts(
    x: np.ndarray, y: np.ndarray, peaks: int, *, linear: bool, count: int
) -> np.ndarray:
    """Return starting parameters drawn from the shape of the data.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Increasing.
    y : ndarray, shape (n,)
    peaks : int
    linear : bool
        Whether the offset has a slope.
    count : int
        Number of starts.

    Returns
    -------
    ndarray, shape (count, p)
        The same for the same data.

    Notes
    -----
    The first start strips peaks one by one: the highest point, the width at half
    height, then the highest point of what is left. The others spread centres and
    widths with a Kronecker sequence, which covers the space more evenly than random
    numbers: centres at quantiles of the signal's area, where most of the light is,
    and for every second start the further centres anywhere in the window, where weak
    peaks hide. Offsets and areas of all starts follow from linear least squares.
    """
    step = max(1, x.size // DESIGN_POINTS)
    width = max(3, x.size // 50) | 1
    smooth = _moving_mean(y, width)
    signal = smooth - _baseline(x, smooth, linear=linear)
    positive = np.clip(signal, 0, None) * np.gradient(x)
    share = np.cumsum(positive)
    share /= share[-1] if share[-1] > 0 else 1.0
    spread = _spread(x, positive)
    centres, sigmas = np.empty((count, peaks)), np.empty((count, peaks))
    centres[0], sigmas[0] = _strip(x, signal, peaks)
    u = _kronecker(count - 1, 2 * peaks)
    centres[1:] = np.interp(0.02 + 0.96 * u[:, :peaks], share, x)
    centres[2::2, 1:] = x[0] + (x[-1] - x[0]) * u[1::2, 1:peaks]
    sigmas[1:] = spread * 10 ** (-0.9 + u[:, peaks:])
    lower, upper = bounds(x, peaks, linear=linear)
    sigmas = np.clip(sigmas, 2 * lower[-1], 0.5 * upper[-1])
    found = np.empty((count, lower.size))
    first = 2 if linear else 1
    found[:, first + 1 :: 3], found[:, first + 2 :: 3] = centres, sigmas
    return _solve_linear(x[::step], smooth[::step], found, first)


def _moving_mean(y: np.ndarray, width: int) -> np.ndarray:
    padded = np.pad(y, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")


def _baseline(x: np.ndarray, smooth: np.ndarray, *, linear: bool) -> np.ndarray:
    if not linear:
        return np.full(x.size, np.quantile(smooth, 0.03))
    third = max(1, x.size // 3)
    left = int(np.argmin(smooth[:third]))
    right = x.size - third + int(np.argmin(smooth[-third:]))
    slope = (smooth[right] - smooth[left]) / (x[right] - x[left])
    return smooth[left] + slope * (x - x[left])


def _spread(x: np.ndarray, weight: np.ndarray) -> float:
    total = weight.sum()
    if not total > 0:
        return float(x[-1] - x[0]) / 6
    mean = (weight * x).sum() / total
    return float(np.sqrt((weight * (x - mean) ** 2).sum() / total))


def _strip(
    x: np.ndarray, signal: np.ndarray, peaks: int
) -> tuple[list[float], list[float]]:
    rest, centres, sigmas = signal.copy(), [], []
    for _ in range(peaks):
        top = int(np.argmax(rest))
        below = np.flatnonzero(rest < rest[top] / 2)
        left = below[below < top].max(initial=0)
        right = below[below > top].min(initial=x.size - 1)
        # The nearer flank is the one another peak does not lean on.
        half = min(x[top] - x[left] or np.inf, x[right] - x[top] or np.inf)
        sigma = 2 * half / FWHM_PER_SIGMA
        centres.append(float(x[top]))
        sigmas.append(float(sigma))
        rest -= rest[top] * np.exp(-0.5 * ((x - x[top]) / sigma) ** 2)
    return centres, sigmas


def _kronecker(count: int, dimensions: int) -> np.ndarray:
    """Return a low-discrepancy sequence, shape (count, dimensions), in [0, 1)."""
    root = 2.0
    for _ in range(40):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    return (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1


def _solve_linear(
    x: np.ndarray, y: np.ndarray, found: np.ndarray, first: int
) -> np.ndarray:
    """Fill in offsets and areas; an area that came out negative becomes small."""
    found[:, first::3] = 1.0
    found[:, :first] = 0.0
    rows = evaluate_gaussians(x, found)
    columns = [*range(1, first + 1), *range(first + 1, found.shape[1] + 1, 3)]
    design = rows[:, columns]
    length = np.sqrt((design**2).sum(axis=2, keepdims=True))
    design = design / np.where(length > 0, length, 1.0)
    matrix = design @ design.transpose(0, 2, 1) + 1e-6 * np.eye(len(columns))
    solution = np.linalg.solve(matrix, (design @ y)[..., None])[..., 0]
    solution /= np.where(length > 0, length, 1.0)[..., 0]
    found[:, :first] = solution[:, :first]
    areas = solution[:, first:]
    most = np.maximum(areas.max(axis=1, keepdims=True), 1e-12 * np.ptp(y))
    found[:, first::3] = np.maximum(areas, 0.02 * most)
    return found
