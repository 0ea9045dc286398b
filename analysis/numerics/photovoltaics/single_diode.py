r"""One diode with two resistances: its curve by pvlib, its parameters by least squares.

.. math::

   J = J_{ph} - J_0\left(e^{(V + J R_s)/a} - 1\right) - \frac{V + J R_s}{R_{sh}},
   \qquad a = n k T / q
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Its parts are loaded by the first fit: most processes never fit.
import scipy

STARTS = (12.0, 18.0, 25.0, 35.0, 50.0)
"""Voc over a at the start: from poor organic to silicon cells."""

FEWEST = 10
"""Points for five parameters."""

TOLERANCE = 1e-14

STRUCTURED = 0.5
"""Correlation of neighbouring residuals above which it widens the errors."""


class NoSingleDiode(Exception):
    """The curve has no such fit; says why."""


@dataclass(frozen=True, slots=True, eq=False)
class SingleDiode:
    """Parameters and standard errors.

    Attributes
    ----------
    photocurrent, saturation : float
        [mA/cm²]
    series, shunt : float
        [kΩ cm²]
    scale : float
        a = n kT/q. [V]
    photocurrent_error, saturation_error, series_error, shunt_error, scale_error
        : float
    fitted : ndarray, shape (n,)
        [mA/cm²]
    rms : float
        Root mean square of the residuals. [mA/cm²]
    correlation : float
        Of neighbouring residuals; far from 0 the model is not the whole truth.
    series_at_zero : bool
        The fit ran into its limit.
    """

    photocurrent: float
    saturation: float
    series: float
    shunt: float
    scale: float
    photocurrent_error: float
    saturation_error: float
    series_error: float
    shunt_error: float
    scale_error: float
    fitted: np.ndarray
    rms: float
    correlation: float
    series_at_zero: bool


def evaluate(
    voltage: np.ndarray,
    photocurrent: float,
    saturation: float,
    series: float,
    shunt: float,
    scale: float,
) -> np.ndarray:
    """Return the current density [mA/cm²] at voltages [V] (resistances in kΩ cm²)."""
    # With pandas behind it pvlib takes a quarter of a second; most processes never fit.
    from pvlib.pvsystem import i_from_v

    return i_from_v(
        voltage, photocurrent, saturation, series, shunt, scale, method="lambertw"
    )


def fit_single_diode(
    voltage: np.ndarray, current: np.ndarray, voc: float, jsc: float
) -> SingleDiode:
    """Fit all five parameters.

    Parameters
    ----------
    voltage, current : ndarray, shape (n,)
        Photocurrent positive. [V, mA/cm²]
    voc, jsc : float
        For the start. [V, mA/cm²]

    Raises
    ------
    NoSingleDiode
        If there are too few points or no start converges.

    Notes
    -----
    Free are Jph, ln J(Voc), Rs, ln Rsh and ln a: J0 itself spans decades and moves with
    a, the diode current at Voc does not. The derivatives follow from the equation, not
    from differences. Every point has the same weight; the errors scale with the
    scatter about the curve and are carried over to J0 and Rsh by their logarithms.
    Residuals whose neighbours correlate by r > 0.5 count as fewer points, which widens
    the errors by ((1 + r)/(1 - r))^(1/2).
    """
    if voltage.size < FEWEST:
        raise NoSingleDiode(f"{voltage.size} points are too few, {FEWEST} are needed")
    order = np.argsort(voltage)
    rising, falling = voltage[order], current[order]
    slope_zero = _slope(rising, falling, 0.0)
    slope_voc = _slope(rising, falling, voc)
    shunt = 1 / max(-slope_zero, 1e-4 * jsc / voc)
    best = None
    for ratio in STARTS:
        scale = voc / ratio
        series = max(1 / max(-slope_voc, 1e-9) - scale / jsc, 1e-3 * voc / jsc)
        start = np.array(
            [
                jsc * (1 + series / shunt),
                np.log(max(jsc - voc / shunt, 0.05 * jsc)),
                series,
                np.log(shunt),
                np.log(scale),
            ]
        )
        found = _minimise(start, voltage, current, voc, jsc)
        if found is not None and (best is None or found.cost < best.cost):
            best = found
    if best is None:
        raise NoSingleDiode("no start leads to a curve of one diode")
    return _finish(best.x, voltage, current, voc)


def _slope(voltage: np.ndarray, current: np.ndarray, at: float) -> float:
    nearest = np.argsort(np.abs(voltage - at))[:5]
    return float(np.polyfit(voltage[nearest], current[nearest], 1)[0])


def _natural(free: np.ndarray, voc: float) -> tuple[float, ...]:
    """Return Jph, J0, Rs, Rsh, a of the free parameters."""
    photocurrent, at_voc, series, shunt, scale = free
    scale = np.exp(scale)
    # J0 (e^(Voc/a) - 1), the diode current at Voc without Rs, is the free one.
    saturation = np.exp(at_voc - voc / scale - np.log(-np.expm1(-voc / scale)))
    return photocurrent, saturation, series, np.exp(shunt), scale


def _derivatives(
    voltage: np.ndarray, current: np.ndarray, natural: tuple[float, ...]
) -> np.ndarray:
    """Return dJ over Jph, ln J0, Rs, ln Rsh, ln a; shape (n, 5)."""
    _, saturation, series, shunt, scale = natural
    junction = voltage + current * series
    rise = saturation * np.exp(junction / scale)
    divisor = 1 + rise * series / scale + series / shunt
    return np.stack(
        [
            np.ones(voltage.size),
            -(rise - saturation),
            -current * (rise / scale + 1 / shunt),
            junction / shunt,
            rise * junction / scale,
        ],
        axis=1,
    ) / divisor.reshape(-1, 1)


def _minimise(
    start: np.ndarray, voltage: np.ndarray, current: np.ndarray, voc: float, jsc: float
) -> scipy.optimize.OptimizeResult | None:
    def residuals(free: np.ndarray) -> np.ndarray:
        return (evaluate(voltage, *_natural(free, voc)) - current) / jsc

    def jacobian(free: np.ndarray) -> np.ndarray:
        natural = _natural(free, voc)
        columns = _derivatives(voltage, evaluate(voltage, *natural), natural)
        ratio = voc / natural[4]
        # ln J0 = ln J(Voc) - ln(e^(Voc/a) - 1): what a does to J0.
        columns[:, 4] += columns[:, 1] * ratio / -np.expm1(-ratio)
        return columns / jsc

    span = np.log(1e4)
    low = [0, start[1] - span, 0, start[3] - 2 * span, start[4] - np.log(20)]
    high = [10 * jsc, start[1] + span, 10 * voc / jsc, start[3] + 3 * span]
    high.append(start[4] + np.log(20))
    with np.errstate(all="ignore"):
        try:
            found = scipy.optimize.least_squares(
                residuals,
                np.clip(start, np.add(low, 1e-9), high),
                jacobian,
                bounds=(low, high),
                x_scale="jac",
                xtol=TOLERANCE,
                ftol=TOLERANCE,
                gtol=TOLERANCE,
                max_nfev=300,
            )
        except (ValueError, np.linalg.LinAlgError):
            return None
    return found if np.isfinite(found.cost) else None


def _finish(
    free: np.ndarray, voltage: np.ndarray, current: np.ndarray, voc: float
) -> SingleDiode:
    natural = _natural(free, voc)
    fitted = evaluate(voltage, *natural)
    rest = current - fitted
    columns = _derivatives(voltage, fitted, natural)
    widths = np.linalg.norm(columns, axis=0)
    if not (np.isfinite(widths).all() and (widths > 0).all()):
        raise NoSingleDiode("the curve does not depend on all five parameters")
    scaled = columns / widths
    variance = rest @ rest / (voltage.size - 5)
    try:
        inverse = np.linalg.inv(scaled.T @ scaled)
    except np.linalg.LinAlgError as error:
        raise NoSingleDiode("two parameters cannot be told apart") from error
    power = float(rest @ rest)
    correlation = float(rest[1:] @ rest[:-1]) / power if power > 0 else 0.0
    if correlation > STRUCTURED:
        variance *= (1 + correlation) / (1 - correlation)
    errors = np.sqrt(np.maximum(np.diag(inverse) * variance, 0.0)) / widths
    photocurrent, saturation, series, shunt, scale = map(float, natural)
    return SingleDiode(
        photocurrent=photocurrent,
        saturation=saturation,
        series=series,
        shunt=shunt,
        scale=scale,
        photocurrent_error=float(errors[0]),
        saturation_error=float(saturation * errors[1]),
        series_error=float(errors[2]),
        shunt_error=float(shunt * errors[3]),
        scale_error=float(scale * errors[4]),
        fitted=fitted,
        rms=float(np.sqrt(power / voltage.size)),
        correlation=correlation,
        series_at_zero=series < 1e-6 * voc / photocurrent,
    )
