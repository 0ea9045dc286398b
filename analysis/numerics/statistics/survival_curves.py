"""Survival of a batch: who is still alive, when the last that is known was seen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

# Its parts are loaded where a statistic is asked for.
import scipy

KAPLAN_MEIER = "Kaplan-Meier"
TURNBULL = "Turnbull"

EM_ROUNDS = 2_000
EM_TOLERANCE = 1e-9
LEAST_MASS = 1e-6
"""Probability per interval below which the likelihood has none there."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What is known of one lifetime: it ended after ``low`` and not after ``high``. [h]

    Both equal: the time is known. ``high`` infinite: alive when last seen at ``low``.
    ``low`` zero: dead when first seen at ``high``.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high or math.isinf(self.low):
            raise ValueError(
                f"a lifetime between {self.low:g} and {self.high:g} is none: it needs"
                " 0 ≤ low ≤ high"
            )

    @classmethod
    def exact(cls, time: float) -> Lifetime:
        return cls(time, time)

    @classmethod
    def longer_than(cls, time: float) -> Lifetime:
        """Right-censored: the test ended first."""
        return cls(time, math.inf)

    @classmethod
    def shorter_than(cls, time: float) -> Lifetime:
        """Left-censored: over before the first look."""
        return cls(0.0, time)

    @classmethod
    def between(cls, low: float, high: float) -> Lifetime:
        """Interval-censored: over between two looks."""
        return cls(low, high)

    @property
    def is_exact(self) -> bool:
        return self.low == self.high

    @property
    def is_right_censored(self) -> bool:
        return math.isinf(self.high)


@dataclass(frozen=True, slots=True)
class Quantile:
    """A survival time with its confidence limits; None where a limit is not reached.

    ``bound`` is ">" where survival never falls that far: then ``value`` is the longest
    time seen. It is "<" where it does so before anything was looked at.
    """

    value: float
    low: float | None
    high: float | None
    bound: str


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """A survival function that falls in steps.

    Attributes
    ----------
    start, time : ndarray, shape (k,)
        Survival falls somewhere after ``start`` and not after ``time``; both are equal
        for lifetimes that are known. [h]
    survival : ndarray, shape (k,)
        From ``time`` on. [1]
    standard_error, low, high : ndarray, shape (k,)
        Of the survival, and the limits of its pointwise confidence band. [1]
    at_risk : ndarray, shape (k,)
        How many were certainly alive up to ``start``. [1]
    count, deaths, censored : int
        Of all; deaths with a time or an interval, and those still alive.
    longest : float
        When the last that was alive or died was seen. [h]
    confidence : float
    method : {"Kaplan-Meier", "Turnbull"}
    """

    start: np.ndarray
    time: np.ndarray
    survival: np.ndarray
    standard_error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray
    count: int
    deaths: int
    censored: int
    longest: float
    confidence: float
    method: str

    def at(self, time: float) -> tuple[float, float, float]:
        """Return survival and its limits at ``time`` [h]; inside an interval, before.

        Raises
        ------
        ValueError
            Beyond the longest time seen, where nothing is known.
        """
        if time > self.longest:
            raise ValueError(
                f"nothing was seen after {self.longest:g} h, so survival at {time:g} h"
                " is not known"
            )
        position = int(np.searchsorted(self.time, time, "right")) - 1
        if position < 0:
            return 1.0, 1.0, 1.0
        return (
            float(self.survival[position]),
            float(self.low[position]),
            float(self.high[position]),
        )

    def quantile(self, share: float = 0.5) -> Quantile:
        """Return when survival has fallen to ``share``; by default the median.

        Notes
        -----
        The limits are where the band crosses ``share`` [1]_. A time that lies inside an
        interval is its middle, and the limits hold the whole interval.

        References
        ----------
        .. [1] R. Brookmeyer and J. Crowley, Biometrics 38, 29 (1982).
           :doi:`10.2307/2530286`
        """
        # Rounding must not hide that half of an even number is half.
        reached, first, last = (
            np.flatnonzero(values <= share + 1e-9)
            for values in (self.survival, self.low, self.high)
        )
        low = float(self.start[first[0]]) if first.size else None
        high = float(self.time[last[0]]) if last.size else None
        if not reached.size:
            return Quantile(self.longest, low, None, ">")
        start, time = float(self.start[reached[0]]), float(self.time[reached[0]])
        if start == 0 < time:
            return Quantile(time, 0.0, high, "<")
        return Quantile((start + time) / 2, low, high, "=")


def estimate_survival(
    lifetimes: Sequence[Lifetime], confidence: float = 0.95
) -> SurvivalCurve:
    r"""Estimate the survival function of a batch.

    Parameters
    ----------
    lifetimes : sequence of Lifetime
        Of independent cells.
    confidence : float
        Of the band, pointwise. [1]

    Returns
    -------
    SurvivalCurve

    Notes
    -----
    Known and right-censored lifetimes give the product-limit estimate of Kaplan and
    Meier [1]_ with Greenwood's variance; a death and a censoring at the same time count
    in that order. As soon as one lifetime is left- or interval-censored, Turnbull's
    non-parametric maximum of the likelihood [2]_ takes its place, with the variance of
    the observed information of the intervals that carry probability; without such
    lifetimes the two are the same. The band is symmetric in
    :math:`\ln(-\ln S)` [3]_, so it stays between 0 and 1. Where survival is 0 no
    variance exists: the band reaches from 0 to the last upper limit.

    References
    ----------
    .. [1] E. L. Kaplan and P. Meier, J. Am. Stat. Assoc. 53, 457 (1958).
       :doi:`10.1080/01621459.1958.10501452`
    .. [2] B. W. Turnbull, J. R. Stat. Soc. B 38, 290 (1976).
       :doi:`10.1111/j.2517-6161.1976.tb01597.x`
    .. [3] J. D. Kalbfleisch and R. L. Prentice, *The Statistical Analysis of Failure
       Time Data*, 2nd ed. Wiley, 2002, ch. 1. :doi:`10.1002/9781118032985`
    """
    if not lifetimes:
        raise ValueError("survival needs at least one lifetime")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence:g}")
    low = np.array([one.low for one in lifetimes])
    high = np.array([one.high for one in lifetimes])
    simple = all(one.is_exact or one.is_right_censored for one in lifetimes)
    steps = _product_limit(low, high) if simple else _turnbull(low, high)
    start, time, survival, variance = steps
    band = _log_log_band(survival, variance, confidence)
    right = np.isinf(high)
    return SurvivalCurve(
        start,
        time,
        survival,
        np.sqrt(variance),
        *band,
        at_risk=(low[None, :] >= start[:, None]).sum(axis=1),
        count=len(lifetimes),
        deaths=int(np.count_nonzero(~right)),
        censored=int(np.count_nonzero(right)),
        longest=float(np.max(np.where(right, low, high))),
        confidence=confidence,
        method=KAPLAN_MEIER if simple else TURNBULL,
    )


def _product_limit(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, ...]:
    time, deaths = np.unique(low[np.isfinite(high)], return_counts=True)
    at_risk = (low[None, :] >= time[:, None]).sum(axis=1)
    survival = np.cumprod(1 - deaths / at_risk)
    left = at_risk - deaths
    terms = np.divide(deaths, at_risk * left, where=left > 0, out=np.zeros(time.size))
    return time, time, survival, survival**2 * np.cumsum(terms)


def _turnbull(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, ...]:
    start, time, holds = _innermost_intervals(low, high)
    mass = _maximise_likelihood(holds)
    kept = mass > LEAST_MASS
    start, time, holds = start[kept], time[kept], holds[:, kept]
    mass = _maximise_likelihood(holds)
    # The last mass follows from the others, so survival after it has no variance.
    contrast = holds[:, :-1] - holds[:, -1:]
    weighted = contrast / (holds @ mass)[:, None]
    covariance = np.linalg.pinv(weighted.T @ weighted, hermitian=True)
    sums = np.tril(np.ones((mass.size - 1, mass.size - 1)))
    variance = np.append(np.einsum("ij,jk,ik->i", sums, covariance, sums), 0.0)
    survival = np.clip(1 - np.cumsum(mass), 0.0, 1.0)
    survival[-1] = 0.0
    ends = np.isfinite(time)
    return start[ends], time[ends], survival[ends], np.maximum(variance[ends], 0.0)


def _innermost_intervals(
    low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the intervals that can carry probability, and who contains which.

    At one time a known death begins before intervals end there, and intervals that
    begin there, which do not hold the time itself, come last.
    """
    exact = low == high
    marks = sorted(
        {(time, 0 if known else 2) for time, known in zip(low, exact, strict=True)}
        | {(time, 1) for time in high}
    )
    pairs = [
        (first, second)
        for first, second in pairwise(marks)
        if first[1] != 1 and second[1] == 1
    ]
    start = np.array([first[0] for first, _ in pairs])
    time = np.array([second[0] for _, second in pairs])
    opened = np.array([first[1] == 2 for first, _ in pairs])
    begins = (start > low[:, None]) | (
        (start == low[:, None]) & (opened != exact[:, None])
    )
    return start, time, (begins & (time <= high[:, None])).astype(float)


def _maximise_likelihood(holds: np.ndarray) -> np.ndarray:
    """Return the probability of each interval by self-consistency.

    Notes
    -----
    Turnbull's iteration, in the strides of Varadhan and Roland (Scand. J. Stat. 35, 335
    (2008), :doi:`10.1111/j.1467-9469.2007.00585.x`), taken back where they lower the
    likelihood.
    """

    def improved(mass: np.ndarray) -> np.ndarray:
        return mass * (holds / (holds @ mass)[:, None]).mean(axis=0)

    def likelihood(mass: np.ndarray) -> float:
        return float(np.log(holds @ mass).sum())

    mass = np.full(holds.shape[1], 1 / holds.shape[1])
    for _ in range(EM_ROUNDS):
        once = improved(mass)
        twice = improved(once)
        if np.abs(twice - mass).max() < EM_TOLERANCE:
            break
        step, bend = once - mass, twice - 2 * once + mass
        stride = np.linalg.norm(step) / max(float(np.linalg.norm(bend)), 1e-300)
        leap = mass + 2 * stride * step + stride**2 * bend
        leap = np.maximum(leap, 1e-12)
        leap /= leap.sum()
        mass = leap if likelihood(leap) >= likelihood(twice) else twice
    return mass / mass.sum()


def _log_log_band(
    survival: np.ndarray, variance: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.zeros(survival.size), np.ones(survival.size)
    inside = (survival > 0) & (survival < 1)
    value = survival[inside]
    width = scipy.stats.norm.ppf((1 + confidence) / 2) * np.sqrt(variance[inside])
    spread = np.exp(width / (value * -np.log(value)))
    low[inside], high[inside] = value**spread, value ** (1 / spread)
    return low, np.minimum.accumulate(high)


@dataclass(frozen=True, slots=True)
class LogRank:
    """Whether groups live equally long.

    ``observed`` and ``expected`` are the deaths per group, had all the same survival.
    ``flags``: ``midpoint_imputation`` where intervals were replaced by their middle,
    ``few_deaths`` where the expected number is below five in a group, so that the
    chi-square distribution is a rough guide.
    """

    chi_square: float
    degrees_of_freedom: int
    p_value: float
    observed: dict[str, float]
    expected: dict[str, float]
    flags: tuple[str, ...]

    @property
    def description(self) -> str:
        """The test in words."""
        words = (
            f"Log-rank test of {len(self.observed)} groups:"
            f" χ² = {self.chi_square:.3g}, {self.degrees_of_freedom} degrees of"
            f" freedom, p = {self.p_value:.2g}."
        )
        if "midpoint_imputation" in self.flags:
            words += " Lifetimes known as intervals were put at their middle."
        if "few_deaths" in self.flags:
            words += " Few deaths: the p value is rough."
        return words


def compare_survival(groups: Mapping[str, Sequence[Lifetime]]) -> LogRank:
    r"""Test whether two or more groups have the same survival.

    Parameters
    ----------
    groups : mapping of str to sequence of Lifetime
        Of independent cells, by the name of the group.

    Returns
    -------
    LogRank

    Raises
    ------
    ValueError
        If fewer than two groups have lifetimes, or nobody died.

    Notes
    -----
    Mantel's test [1]_ with the hypergeometric variance; at each death the observed and
    expected numbers are compared with equal weight. Interval- and left-censored
    lifetimes are put at the middle of their interval, which is flagged: the test then
    holds where the intervals are short compared with the lifetimes, or alike in all
    groups.

    References
    ----------
    .. [1] N. Mantel, Cancer Chemother. Rep. 50, 163 (1966).
    """
    groups = {name: lifetimes for name, lifetimes in groups.items() if lifetimes}
    if len(groups) < 2:
        raise ValueError(
            f"a comparison needs two groups with lifetimes, there is {len(groups)}"
        )
    everyone = [one for lifetimes in groups.values() for one in lifetimes]
    imputed = any(not (one.is_exact or one.is_right_censored) for one in everyone)
    time = np.array(
        [
            one.low if one.is_right_censored else (one.low + one.high) / 2
            for one in everyone
        ]
    )
    died = np.array([not one.is_right_censored for one in everyone])
    if not died.any():
        raise ValueError("nobody died in any group, so there is nothing to compare")
    member = np.repeat(np.arange(len(groups)), [len(one) for one in groups.values()])
    belongs = member == np.arange(len(groups))[:, None]
    observed = belongs @ died.astype(float)
    expected = np.zeros(len(groups))
    covariance = np.zeros((len(groups), len(groups)))
    for moment in np.unique(time[died]):
        at_risk = belongs @ (time >= moment).astype(float)
        deaths = np.count_nonzero(died & (time == moment))
        total = at_risk.sum()
        share = at_risk / total
        expected += deaths * share
        if total > 1:
            factor = deaths * (total - deaths) / (total - 1)
            covariance += factor * (np.diag(share) - np.outer(share, share))
    difference = observed - expected
    # The differences add up to nothing, so one group says nothing new.
    inverse = np.linalg.pinv(covariance, hermitian=True)
    chi_square = float(difference @ inverse @ difference)
    freedom = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if freedom == 0:
        raise ValueError("the groups were never at risk together, so nothing compares")
    flags = ["midpoint_imputation"] if imputed else []
    if expected.min() < 5:
        flags.append("few_deaths")
    return LogRank(
        chi_square,
        freedom,
        float(scipy.stats.chi2.sf(chi_square, freedom)),
        dict(zip(groups, observed.tolist(), strict=True)),
        dict(zip(groups, expected.tolist(), strict=True)),
        tuple(flags),
    )
