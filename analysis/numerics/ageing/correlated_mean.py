"""Mean and trend of a series whose points are not independent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class CorrelatedMean:
    """A mean, its standard error and how many independent points it is worth."""

    mean: float
    standard_error: float
    effective_points: float


def statistical_inefficiency(values: np.ndarray) -> float:
    r"""Return by how much correlation multiplies the variance of a mean.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Evenly sampled, without a trend.

    Returns
    -------
    float
        :math:`g = 1 + 2\sum_k (1 - k/n)\rho_k`, at least 1 and at most n.

    Notes
    -----
    The sum ends, after Geyer, where the sum of two neighbouring autocorrelations is no
    longer positive: beyond, it only collects noise.

    References
    ----------
    .. [1] C. J. Geyer, Statist. Sci. 7, 473 (1992). :doi:`10.1214/ss/1177011137`
    """
    count = values.size
    deviations = values - values.mean()
    length = 1 << (2 * count - 1).bit_length()
    power = np.abs(np.fft.rfft(deviations, length)) ** 2
    covariance = np.fft.irfft(power, length)[:count] / count
    # Rounding alone scatters a constant.
    if covariance[0] <= (1e-13 * np.abs(values).max()) ** 2:
        return 1.0
    correlation = covariance / covariance[0]
    inefficiency = -1.0
    for lag in range(0, count - 1, 2):
        pair = correlation[lag] + correlation[lag + 1]
        if pair <= 0:
            break
        inefficiency += 2 * pair
    return float(np.clip(inefficiency, 1.0, count))


def correlated_mean(values: np.ndarray) -> CorrelatedMean:
    r"""Return the mean of a stationary series with an honest standard error.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Evenly sampled.

    Returns
    -------
    CorrelatedMean

    Notes
    -----
    The standard error is :math:`s\sqrt{g/(n-g)}`: deviations from a mean that is
    itself uncertain are too small by the factor :math:`1-g/n`.
    """
    count = values.size
    inefficiency = statistical_inefficiency(values)
    independent = max(count / inefficiency, 2.0)
    error = float(values.std() / np.sqrt(independent - 1))
    return CorrelatedMean(float(values.mean()), error, independent)


def correlated_slope(x: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Return the least-squares slope and its standard error for correlated residuals.

    Parameters
    ----------
    x, values : ndarray, shape (n,)
        Of at least three points.

    Returns
    -------
    slope, standard_error : float
        [unit of values over unit of x]
    """
    centred = x - x.mean()
    spread = centred @ centred
    slope = float(centred @ values / spread)
    residuals = values - values.mean() - slope * centred
    inefficiency = statistical_inefficiency(residuals)
    freedom = max(values.size - 2 * inefficiency, 1.0)
    variance = residuals @ residuals * inefficiency / freedom
    return slope, float(np.sqrt(variance / spread))
