"""Models of how an efficiency decays, fitted, compared by BIC and extrapolated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# Its parts are loaded by the first fit: most processes never fit.
import scipy

from analysis.numerics.fitting import least_squares
from analysis.numerics.fitting.least_squares import Model
from labdata.plugin import Parameter

DECISIVE = 10.0
"""Difference of the BIC up to which a model cannot be ruled out."""

LEAST_SEPARATION = 3.0
"""Ratio of the two time constants below which they are not two processes."""

LARGEST_BURN_IN = 0.5
"""Part of the efficiency above which a fast loss is no burn-in."""

MOST_CONDITION = 1e10
"""Of the curvature scaled to a unit diagonal, above which parameters trade places."""

LEAST_SCATTER = 1e-6
"""Part of the efficiency below which points scatter by rounding alone."""

RATES = np.logspace(-2, 3.5, 34)
"""Decays per test length among which two exponentials are first looked for."""

SLOW_RATES = np.concatenate([[-0.05, 0.001], np.logspace(-2, 1.5, 22)])
STRETCHED_RATES = np.logspace(-3, 1.5, 13)
EXPONENTS = np.array([0.3, 0.5, 0.7, 1.0, 1.5, 3.0])
FASTEST = np.log(1e5)


def _linear(x: np.ndarray, p: np.ndarray) -> np.ndarray:
    out = np.empty((len(p), 3, x.size))
    out[:, 1], out[:, 2] = 1.0, -x
    out[:, 0] = p[:, :1] - p[:, 1:2] * x
    return out


def _exponential(x: np.ndarray, p: np.ndarray) -> np.ndarray:
    out = np.empty((len(p), 3, x.size))
    out[:, 1] = np.exp(-p[:, 1:2] * x)
    out[:, 0] = p[:, :1] * out[:, 1]
    out[:, 2] = -x * out[:, 0]
    return out


def _biexponential(x: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Amplitude and rate of the slow part, amplitude and log rate of the fast one."""
    out = np.empty((len(p), 5, x.size))
    out[:, 1] = np.exp(-p[:, 1:2] * x)
    slow = p[:, :1] * out[:, 1]
    out[:, 2] = -x * slow
    rate = np.exp(p[:, 3:4])
    out[:, 3] = np.exp(-rate * x)
    fast = p[:, 2:3] * out[:, 3]
    out[:, 4] = -rate * x * fast
    out[:, 0] = slow + fast
    return out


def _stretched(x: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Amplitude, log rate and log exponent."""
    out = np.empty((len(p), 4, x.size))
    exponent = np.exp(p[:, 2:3])
    logarithm = np.log(np.maximum(x, 1e-300)) + p[:, 1:2]
    power = np.exp(np.minimum(exponent * logarithm, 700.0))
    out[:, 1] = np.exp(-power)
    out[:, 0] = p[:, :1] * out[:, 1]
    out[:, 2] = -out[:, 0] * power * exponent
    out[:, 3] = -out[:, 0] * power * exponent * np.where(x > 0, logarithm, 0.0)
    return out


@dataclass(frozen=True, slots=True)
class Form:
    """One way to decay: the function, its bounds, and what people call its numbers."""

    key: str
    formula: str
    model: Model
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    names: tuple[str, ...]


FREE = np.inf
FORMS = {
    form.key: form
    for form in (
        Form(
            "linear",
            "A - k t",
            Model("linear decay", _linear),
            (-FREE, -FREE),
            (FREE, FREE),
            ("amplitude", "rate"),
        ),
        Form(
            "exponential",
            "A exp(-k t)",
            Model("exponential decay", _exponential),
            (-FREE, -50.0),
            (FREE, 1e5),
            ("amplitude", "rate"),
        ),
        Form(
            "biexponential",
            "A exp(-k t) + B exp(-k' t), k' > k",
            Model("biexponential decay", _biexponential),
            (-FREE, -50.0, -FREE, np.log(0.1)),
            (FREE, 1e4, FREE, FASTEST),
            ("amplitude", "rate", "fast_amplitude", "log_fast_rate"),
        ),
        Form(
            "stretched",
            "A exp(-(k t)^b)",
            Model("stretched exponential decay", _stretched),
            (-FREE, -20.0, np.log(0.05)),
            (FREE, FASTEST, np.log(20.0)),
            ("amplitude", "log_rate", "log_exponent"),
        ),
    )
}


@dataclass(frozen=True, slots=True, eq=False)
class Decay:
    """A fitted model.

    Attributes
    ----------
    form : Form
    parameters, covariance : ndarray, shape (p,), (p, p)
        In units of the test: rates per ``span``, amplitudes in %.
    response : ndarray, shape (p, m)
        Derivative of each parameter by the value of each point fitted.
    point_variance : ndarray, shape (m,)
        Of the value of each point, correlation allowed for. [%²]
    span : float
        Length of the test. [h]
    bic, chi_square : float
    """

    form: Form
    parameters: np.ndarray
    covariance: np.ndarray
    response: np.ndarray
    point_variance: np.ndarray
    span: float
    bic: float
    chi_square: float

    def evaluate(self, time: np.ndarray) -> np.ndarray:
        """Return the efficiency. [%]"""
        x = np.asarray(time, dtype=float) / self.span
        return self.form.model.evaluate(x, self.parameters[None])[0, 0]

    def derivatives(self, time: np.ndarray) -> np.ndarray:
        """Return the derivatives by the parameters, shape (p, k)."""
        x = np.asarray(time, dtype=float) / self.span
        return self.form.model.evaluate(x, self.parameters[None])[0, 1:]

    def named_parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters as people know them: time constants [h], rates."""
        errors = np.sqrt(np.diagonal(self.covariance))
        rows = zip(self.form.names, self.parameters, errors, strict=True)
        return tuple(
            _named(self.form.key, name, float(value), float(error), self.span)
            for name, value, error in rows
        )


def _named(key: str, name: str, value: float, error: float, span: float) -> Parameter:
    if name.startswith("log_"):
        size = float(np.exp(value))
        if name == "log_exponent":
            return Parameter("exponent", size, size * error)
        tau = span / size
        told = "fast time constant" if "fast" in name else "time constant"
        return Parameter(told, tau, tau * error, "h")
    if name == "rate":
        scale = 1000.0 / span
        unit = "%/kh" if key == "linear" else "1/kh"
        return Parameter("rate", value * scale, error * scale, unit)
    return Parameter(name.replace("_", " "), value, error, "%")


def fit_models(
    time: np.ndarray,
    values: np.ndarray,
    weights: np.ndarray,
    *,
    keys: Sequence[str] = tuple(FORMS),
    inefficiency: float = 1.0,
) -> tuple[dict[str, Decay], dict[str, str]]:
    r"""Fit the models to the groups of a track.

    Parameters
    ----------
    time, values, weights : ndarray, shape (m,)
        [h, %, inverse variances up to a factor]
    keys : sequence of str
        Of `FORMS`.
    inefficiency : float
        By how much correlated noise widens the variances.

    Returns
    -------
    fitted : dict of str to Decay
    refused : dict of str to str
        Why a model gave no fit.

    Notes
    -----
    The Bayesian information criterion is :math:`m\ln(\chi^2/m) + p\ln m`. The
    covariance is scaled by the reduced χ².
    """
    span = float(time[-1]) or 1.0
    x = time / span
    fitted: dict[str, Decay] = {}
    refused: dict[str, str] = {}
    for key in keys:
        form = FORMS[key]
        count = len(form.names)
        if x.size < count + 2:
            refused[key] = f"{x.size} points, {count + 2} are needed"
            continue
        start = _start(key, x, values, weights, fitted)
        parameters, problem = start, ""
        # A straight line is where it starts.
        if key != "linear":
            parameters, problem = _iterate(form, x, values, weights, start)
        if problem:
            refused[key] = problem
            continue
        predicted, *slopes = form.model.evaluate(x, parameters[None])[0]
        jacobian = np.array(slopes)
        weighted = jacobian * weights
        scale = np.sqrt(np.einsum("ij,ij->i", weighted, jacobian))
        safe = np.where(scale > 0, scale, 1.0)
        curvature = (weighted @ jacobian.T) / np.outer(safe, safe)
        if np.linalg.cond(curvature) > MOST_CONDITION:
            refused[key] = "the fit does not determine its parameters"
            continue
        inverse = np.linalg.inv(curvature) / np.outer(safe, safe)
        chi = float(weights @ (values - predicted) ** 2) + rounding(values, weights)
        variance = inefficiency * chi / (x.size - count)
        fitted[key] = Decay(
            form,
            parameters,
            inverse * variance,
            inverse @ weighted,
            variance / weights,
            span,
            float(x.size * np.log(chi / x.size) + count * np.log(x.size)),
            chi,
        )
    return fitted, refused


def _iterate(
    form: Form,
    x: np.ndarray,
    values: np.ndarray,
    weights: np.ndarray,
    start: np.ndarray,
) -> tuple[np.ndarray, str]:
    """Return the parameters at the minimum, and why they are none, if so."""
    found = least_squares.fit(
        form.model,
        x,
        values,
        start,
        weights=weights,
        lower=form.lower,
        upper=form.upper,
        tolerance=1e-6,
        max_evaluations=100,
    )
    if not found.converged:
        return found.parameters, "the fit does not converge"
    if found.at_bound.any():
        name = form.names[int(np.argmax(found.at_bound))].replace("_", " ")
        return found.parameters, f"its {name} runs away"
    return found.parameters, ""


def rounding(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the least weighted sum of squares that means anything."""
    scatter = LEAST_SCATTER * float(np.abs(values).max())
    # A dead cell may be exactly zero.
    return max(float(weights.sum()) * scatter**2, float(np.finfo(float).tiny))


def _start(
    key: str,
    x: np.ndarray,
    values: np.ndarray,
    weights: np.ndarray,
    fitted: Mapping[str, Decay],
) -> np.ndarray:
    if key == "biexponential":
        return _best_pair(x, values, weights)
    rows = np.vstack([np.ones_like(x), -x])
    slope = np.linalg.solve((rows * weights) @ rows.T, (rows * weights) @ values)
    if key == "linear":
        return slope
    level = float(weights @ values / weights.sum())
    rate = float(np.clip(slope[1] / max(level, 1e-12), -2.0, 20.0))
    if key == "exponential":
        return np.array([slope[0], rate])
    return _best_stretch(x, values, weights)


def _best_stretch(x: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the best rate and exponent of a grid; the amplitude is linear."""
    rate = np.repeat(STRETCHED_RATES, EXPONENTS.size)
    exponent = np.tile(EXPONENTS, STRETCHED_RATES.size)
    shape = np.exp(-np.minimum((rate[:, None] * x) ** exponent[:, None], 700.0))
    weighted = shape * weights
    overlap, norm = weighted @ values, np.einsum("ij,ij->i", weighted, shape)
    # Rates that have died out before the first point explain nothing.
    gain = np.full_like(norm, -np.inf)
    np.divide(np.sign(overlap) * overlap**2, norm, out=gain, where=norm > 0)
    best = int(np.argmax(gain))
    return np.array(
        [overlap[best] / norm[best], np.log(rate[best]), np.log(exponent[best])]
    )


def _best_pair(x: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the best pair of rates of a grid; their amplitudes are linear."""
    slow = np.exp(-np.outer(SLOW_RATES, x))
    fast = np.exp(-np.outer(RATES, x))
    weighted_slow, weighted_fast = slow * weights, fast * weights
    a = np.einsum("ij,ij->i", weighted_slow, slow)[:, None]
    c = np.einsum("ij,ij->i", weighted_fast, fast)[None, :]
    b = weighted_slow @ fast.T
    p, q = (weighted_slow @ values)[:, None], (weighted_fast @ values)[None, :]
    determinant = a * c - b * b
    apart = (RATES[None, :] > 2 * SLOW_RATES[:, None]) & (determinant > 1e-9 * a * c)
    safe = np.where(apart, determinant, 1.0)
    first, second = (c * p - b * q) / safe, (a * q - b * p) / safe
    gain = np.where(apart, first * p + second * q, -np.inf)
    i, j = np.unravel_index(int(np.argmax(gain)), gain.shape)
    return np.array([first[i, j], SLOW_RATES[i], second[i, j], np.log(RATES[j])])


def choose(fitted: Mapping[str, Decay]) -> Decay | None:
    """Return the model with the lowest BIC."""
    return min(fitted.values(), key=lambda one: one.bic, default=None)


@dataclass(frozen=True, slots=True)
class BurnIn:
    """The fast loss at the beginning: when it ends, what it takes, what is left.

    ``end`` [h] is where the fast part loses as much per hour as the slow one; ``loss``
    is its part of the efficiency at t = 0; ``reference`` [%] the slow part there.
    """

    end: float
    end_error: float
    loss: float
    loss_error: float
    reference: float


def burn_in_of(decay: Decay) -> tuple[BurnIn | None, str]:
    """Return the burn-in of two exponentials, or why there is none."""
    slow, rate, fast, log_fast_rate = decay.parameters
    errors = np.sqrt(np.diagonal(decay.covariance))
    if fast <= 0:
        return None, "the efficiency first rises"
    if slow <= 0 or rate * LEAST_SEPARATION > np.exp(log_fast_rate):
        return None, "the two time constants are too close to tell two processes"
    if fast < 2 * errors[2]:
        return None, (
            f"the fast part, {fast:.3g} %, is less than two standard errors"
            f" of {errors[2]:.2g} %"
        )
    loss = fast / (fast + slow)
    if loss > LARGEST_BURN_IN:
        return None, f"the fast loss takes {100 * loss:.0f} % of the efficiency"

    def told(p: np.ndarray) -> np.ndarray:
        slow, rate, fast, quick = p[0], max(p[1], 1e-9), p[2], np.exp(p[3])
        end = np.log(max(fast * quick / (slow * rate), 1.0)) / (quick - rate)
        return np.array([end * decay.span, fast / (fast + slow)])

    end, loss = told(decay.parameters)
    end = min(end, decay.span)
    steps = np.diag(1e-4 * np.maximum(errors, 1e-12))
    gradient = np.array(
        [
            (told(decay.parameters + step) - told(decay.parameters - step))
            / (2 * step.sum())
            for step in steps
        ]
    )
    variance = np.einsum("ik,ij,jk->k", gradient, decay.covariance, gradient)
    end_error, loss_error = np.sqrt(np.maximum(variance, 0.0))
    return BurnIn(
        float(end), float(end_error), float(loss), float(loss_error), float(slow)
    ), ""


def summarise(decay: Decay, reference: float, reference_error: float) -> dict[str, Any]:
    """Return as JSON what `project` needs to look into the future."""
    return {
        "name": decay.form.key,
        "formula": decay.form.formula,
        "parameters": decay.parameters.tolist(),
        "covariance": decay.covariance.tolist(),
        "span_h": decay.span,
        "reference_pce": reference,
        "reference_uncertainty": reference_error,
    }


def project(
    model: Mapping[str, Any],
    time: Sequence[float] | np.ndarray,
    *,
    confidence: float = 0.68,
) -> dict[str, np.ndarray]:
    """Extrapolate the retained efficiency with a band.

    Parameters
    ----------
    model : mapping
        What `summarise` gave.
    time : array_like, shape (k,)
        Since the start of the test. [h]
    confidence : float
        Of the band; by default that of one standard error.

    Returns
    -------
    dict of str to ndarray
        ``time`` [h]; ``retention``, ``low``, ``high`` [%] of the initial efficiency,
        not below zero.

    Notes
    -----
    The band is that of the parameters and of the initial efficiency. That the cell
    goes on decaying in the manner of the model is assumed and not in it.
    """
    time = np.asarray(time, dtype=float)
    parameters = np.asarray(model["parameters"])
    reference = float(model["reference_pce"])
    form: Callable = FORMS[model["name"]].model.evaluate
    value, *slopes = form(time / float(model["span_h"]), parameters[None])[0]
    slopes = np.asarray(slopes)
    variance = np.einsum("ik,ij,jk->k", slopes, np.asarray(model["covariance"]), slopes)
    relative = float(model["reference_uncertainty"]) / reference
    error = np.sqrt(np.maximum(variance, 0.0) + (value * relative) ** 2) / reference
    width = float(scipy.special.ndtri(0.5 + confidence / 2)) * error
    retention = value / reference
    return {
        "time": time,
        "retention": 100 * np.maximum(retention, 0.0),
        "low": 100 * np.maximum(retention - width, 0.0),
        "high": 100 * np.maximum(retention + width, 0.0),
    }
