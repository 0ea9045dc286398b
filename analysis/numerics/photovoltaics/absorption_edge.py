"""Where an absorption edge bends and how it fades: gap and Urbach energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FOOT, SHOULDER = 0.02, 0.9
"""Parts of the maximum between which the edge is looked for."""

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
"""Parts of the steepest slope above which points join the fit of the inflection."""

LEAST_POINTS = 7
"""Of the fit of the inflection: with fewer, the edge's asymmetry cannot be told."""

LEAST_TAIL_POINTS = 4
FLATTENING = 0.9
"""Ratio of slopes, lower over upper half, at which a tail begins to level off."""

SHORT_TAIL = 10.0
"""A tail that falls by less than this factor says little about its slope."""


class NoEdge(Exception):
    """The spectrum has no edge that could be measured; says why."""


@dataclass(frozen=True, slots=True)
class Inflection:
    """Energy of the steepest slope, its standard error and the window used. [eV]"""

    energy: float
    uncertainty: float
    window: tuple[float, float]
    points: int


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """An exponential tail below an edge.

    ``urbach_energy`` and its ``uncertainty`` [eV], the ``window`` [eV], by which factor
    the signal falls in it, and the line's value at ``energy``.
    """

    urbach_energy: float
    uncertainty: float
    window: tuple[float, float]
    points: int
    fall: float
    energy: np.ndarray
    fitted: np.ndarray


def slopes(energy: np.ndarray, signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mid-point energies [eV] and difference quotients there [1/eV]."""
    return (energy[1:] + energy[:-1]) / 2, np.diff(signal) / np.diff(energy)


def find_edge(energy: np.ndarray, signal: np.ndarray) -> tuple[int, int]:
    """Return the first and last position of the rise from foot to shoulder.

    Raises
    ------
    NoEdge
        If the spectrum starts or ends inside the rise.
    """
    # The plateau, not a single high point far from the edge, is what the edge leads to.
    top = float(np.quantile(signal, 0.9))
    if top <= 0:
        raise NoEdge("nothing rises above zero")
    above = np.flatnonzero(signal >= SHOULDER * top)
    last = int(above[0])
    low = np.flatnonzero(signal[:last] <= FOOT * top)
    if not low.size:
        raise NoEdge(
            f"at its lowest energy, {energy[0]:.4g} eV, the signal is still"
            f" {100 * signal[0] / top:.3g} % of the plateau: the edge was not measured"
        )
    return int(low[-1]), last


def find_inflection(energy: np.ndarray, signal: np.ndarray) -> Inflection:
    r"""Find the energy at which a spectrum rises most steeply.

    Parameters
    ----------
    energy : ndarray, shape (n,)
        Strictly increasing. [eV]
    signal : ndarray, shape (n,)
        Quantum efficiency or absorptance. [1]

    Returns
    -------
    Inflection

    Raises
    ------
    NoEdge
        If there is no edge, or fewer than seven points describe it.

    Notes
    -----
    A quartic is fitted to the points around the steepest difference quotient whose
    neighbouring slopes exceed half of it, seven at least; where it rises most is the
    energy. The standard error joins what the residuals of the fit propagate to, half of
    the difference between quartic and cubic, which is what the asymmetry of the edge
    does, and the spread of the answers for thresholds from 0.3 to 0.7. It is rather
    too large than too small where a point of 5 nm spacing is a good part of the edge.

    References
    ----------
    .. [1] L. Krückemeier, U. Rau, M. Stolterfoht and T. Kirchartz, Adv. Energy Mater.
       10, 1902573 (2020). :doi:`10.1002/aenm.201902573`
    """
    first, last = find_edge(energy, signal)
    start, stop = max(first - 2, 0), min(last + 3, energy.size)
    if stop - start < LEAST_POINTS:
        raise NoEdge(f"only {stop - start} points describe the edge")
    _, slope = slopes(energy[start:stop], signal[start:stop])
    # Noise must not cut the window short; a quarter of the edge blurs it little.
    blur = max(1, (last - first) // 8 * 2 + 1)
    padded = np.pad(slope, blur // 2, mode="edge")
    slope = np.convolve(padded, np.full(blur, 1 / blur), mode="valid")
    steepest = int(np.argmax(slope))
    found: dict[float, tuple[float, float, slice]] = {}
    for threshold in THRESHOLDS:
        low = high = steepest
        while low > 0 and slope[low - 1] >= threshold * slope[steepest]:
            low -= 1
        while high + 1 < slope.size and slope[high + 1] >= threshold * slope[steepest]:
            high += 1
        # Quotient k lies between the points k and k + 1.
        window = _widened(start + low, start + high + 2, energy.size)
        cubic = _fitted_inflection(energy[window], signal[window], 3)
        value = _fitted_inflection(energy[window], signal[window], 4)
        if cubic is not None and value is not None:
            skew = abs(value[0] - cubic[0]) / 2
            found[threshold] = (value[0], float(np.hypot(value[1], skew)), window)
    if 0.5 not in found:
        raise NoEdge("the slope has no maximum that a polynomial could describe")
    inflection, error, window = found[0.5]
    spread = float(np.std([value for value, _, _ in found.values()]))
    inside = energy[window]
    return Inflection(
        inflection,
        float(np.hypot(error, spread)),
        (float(inside[0]), float(inside[-1])),
        int(inside.size),
    )


def _widened(low: int, high: int, size: int) -> slice:
    while high - low < LEAST_POINTS:
        low, high = max(low - 1, 0), min(high + 1, size)
    return slice(low, high)


def _fitted_inflection(
    x: np.ndarray, y: np.ndarray, degree: int
) -> tuple[float, float] | None:
    """Return where the least-squares polynomial rises most, and the standard error."""
    origin, scale = x.mean(), np.ptp(x) / 2
    design = np.vander((x - origin) / scale, degree + 1)
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    first, second, third = (np.polyder(coefficients, order) for order in (1, 2, 3))
    roots = np.roots(second)
    inside = [
        float(root.real)
        for root in roots
        if abs(root.imag) < 1e-9
        and abs(root.real) <= 1
        and np.polyval(first, root.real) > 0
        and np.polyval(third, root.real) < 0
    ]
    if not inside:
        return None
    at = max(inside, key=lambda root: np.polyval(first, root))
    residual = y - design @ coefficients
    variance = residual @ residual / max(x.size - degree - 1, 1)
    # The root moves so that the second derivative stays zero.
    curvature = [np.polyval(np.polyder(unit, 2), at) for unit in np.eye(degree + 1)]
    gradient = -np.array(curvature) / np.polyval(third, at)
    error = np.sqrt(variance * gradient @ inverse @ gradient)
    return float(origin + scale * at), float(scale * error)


def fit_tail(
    energy: np.ndarray,
    signal: np.ndarray,
    *,
    window: tuple[float, float] | None = None,
    ceiling: float = 0.05,
    tolerance: float = 0.35,
) -> Tail:
    r"""Fit the exponential tail below an edge.

    Parameters
    ----------
    energy : ndarray, shape (n,)
        Strictly increasing. [eV]
    signal : ndarray, shape (n,)
        Quantum efficiency or absorptance. [1]
    window : (float, float), optional
        Where to fit; otherwise the window is found. [eV]
    ceiling : float
        Part of the plateau below which the tail may be exponential. [1]
    tolerance : float
        By how much the logarithm of a point may miss the line through those above. [1]

    Returns
    -------
    Tail

    Raises
    ------
    NoEdge
        If fewer than four points follow an exponential.

    Notes
    -----
    The window begins where the signal falls below ``ceiling``: above, the absorptance
    saturates. It is followed downwards while each point is positive, lower than the
    one before and close to the line through those already taken, and shortened until
    its lower half is as steep as its upper one; so it ends where the noise or a sub-gap
    plateau begins. The standard error joins that of the straight
    line through :math:`\ln S` with half the difference between the upper and the lower
    half of the window, which shows a tail that is not exponential.
    """
    if window is not None:
        chosen = (energy >= window[0]) & (energy <= window[1])
        if (bad := np.count_nonzero(signal[chosen] <= 0)) > 0:
            raise NoEdge(f"{bad} points in the window are not positive")
        positions = np.flatnonzero(chosen)
    else:
        positions = _follow_tail(energy, signal, ceiling, tolerance)
    if positions.size < LEAST_TAIL_POINTS:
        raise NoEdge(
            f"only {positions.size} points follow an exponential, at least"
            f" {LEAST_TAIL_POINTS} are needed"
        )
    x, y = energy[positions], np.log(signal[positions])
    slope, error, line = _straight_line(x, y)
    if slope <= 0:
        raise NoEdge("the signal does not fall towards low energy in the window")
    urbach, uncertainty = 1 / slope, error / slope**2
    if x.size >= 2 * LEAST_TAIL_POINTS:
        lower, upper = _halves(x, y)
        excess = (lower[0] - upper[0]) ** 2 - lower[1] ** 2 - upper[1] ** 2
        bend = np.sqrt(max(excess, 0.0)) / 2 / slope**2
        uncertainty = float(np.hypot(uncertainty, bend))
    return Tail(
        float(urbach),
        float(uncertainty),
        (float(x[0]), float(x[-1])),
        int(x.size),
        float(np.exp(y.max() - y.min())),
        x,
        np.exp(line),
    )


def _follow_tail(
    energy: np.ndarray, signal: np.ndarray, ceiling: float, tolerance: float
) -> np.ndarray:
    _, last = find_edge(energy, signal)
    top = float(np.quantile(signal, 0.9))
    below = np.flatnonzero(signal[:last] <= ceiling * top)
    if not below.size:
        return below
    taken: list[int] = []
    for at in range(int(below[-1]), -1, -1):
        if signal[at] <= 0 or (taken and signal[at] >= signal[taken[-1]]):
            break
        if len(taken) >= 3:
            slope, intercept = np.polyfit(energy[taken], np.log(signal[taken]), 1)
            miss = np.log(signal[at]) - (intercept + slope * energy[at])
            if abs(miss) > tolerance:
                break
        taken.append(at)
    positions = np.array(taken[::-1], dtype=int)
    while positions.size > 2 * LEAST_TAIL_POINTS:
        lower, upper = _halves(energy[positions], np.log(signal[positions]))
        error = np.hypot(lower[1], upper[1])
        if lower[0] >= FLATTENING * upper[0] - error:
            break
        positions = positions[1:]
    return positions


def _halves(
    x: np.ndarray, y: np.ndarray
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return slope and standard error of the lower and the upper half."""
    half = x.size // 2
    lower, upper = (_straight_line(x[part], y[part]) for part in np.s_[:half, half:])
    return lower[:2], upper[:2]


def _straight_line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Return slope, its standard error and the fitted values."""
    centred = x - x.mean()
    slope = centred @ y / (centred @ centred)
    line = y.mean() + slope * centred
    variance = (y - line) @ (y - line) / max(x.size - 2, 1)
    return float(slope), float(np.sqrt(variance / (centred @ centred))), line
