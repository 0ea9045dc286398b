"""Populations of cells: what a box plot shows, and whether groups differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

# Its parts are loaded where a statistic is asked for.
import scipy

QUARTILES = "linear between order statistics (Hyndman and Fan, type 7)"
WHISKERS = "furthest values within 1.5 interquartile ranges of the quartiles (Tukey)"

CONFIDENCE = 0.95
WHISKER_REACH = 1.5
FEW = 5
"""Below so many values in a group a test can hardly see anything but the obvious."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A population in numbers, in the unit of its values; None where undefined.

    ``missing`` values were left out. ``outliers`` are positions of values beyond the
    whiskers: they are shown and counted in everything else. ``champion`` is the
    position of the best value. ``mean_low`` to ``mean_high`` and ``median_low`` to
    ``median_high`` are 95 % confidence intervals; the mean's is that of independent
    ``clusters``, such as devices, where these are known.
    """

    count: int
    missing: int
    mean: float | None = None
    median: float | None = None
    standard_deviation: float | None = None
    lower_quartile: float | None = None
    upper_quartile: float | None = None
    whisker_low: float | None = None
    whisker_high: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    outliers: tuple[int, ...] = ()
    champion: int | None = None
    mean_low: float | None = None
    mean_high: float | None = None
    median_low: float | None = None
    median_high: float | None = None
    clusters: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Significance:
    """A test of whether groups differ; ``effect`` says how much, ``p_value`` if."""

    name: str
    statistic: float
    degrees_of_freedom: tuple[float, ...]
    p_value: float
    effect_name: str
    effect: float

    @property
    def description(self) -> str:
        freedom = ", ".join(f"{one:.3g}" for one in self.degrees_of_freedom)
        freedom = f" ({freedom} degrees of freedom)" if freedom else ""
        return (
            f"{self.name}: statistic {self.statistic:.3g}{freedom},"
            f" p = {self.p_value:.2g}; {self.effect_name} {self.effect:.2g}."
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two groups compared; p values with and without Holm's correction.

    ``difference`` is the second mean less the first, ``low`` to ``high`` its 95 %
    confidence interval by Welch, not corrected for the number of pairs.
    """

    first: str
    second: str
    difference: float
    low: float | None
    high: float | None
    welch: Significance | None
    ranks: Significance
    welch_p_holm: float | None
    ranks_p_holm: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Groups side by side.

    ``unit`` is what was taken as independent. ``intraclass_correlation`` is how alike
    cells of one cluster are: 0 not at all, 1 entirely; None where unknown. ``welch``
    and ``ranks`` compare all groups at once.
    """

    groups: dict[str, Summary]
    unit: Literal["value", "cluster"]
    welch: Significance | None
    ranks: Significance | None
    pairs: tuple[Pair, ...]
    intraclass_correlation: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Anova:
    """Variance between and within groups: sums of squares and degrees of freedom."""

    between: float
    within: float
    freedom_between: int
    freedom_within: int

    @property
    def f_statistic(self) -> float:
        return (self.between / self.freedom_between) / (
            self.within / self.freedom_within
        )

    @property
    def r_squared(self) -> float:
        """Part of the variance that is between the groups. [1]"""
        return self.between / (self.between + self.within)


def describe(
    values: Sequence[float],
    clusters: Sequence[str] | None = None,
    *,
    best: Literal["highest", "lowest"] = "highest",
) -> Summary:
    """Summarise a population.

    Parameters
    ----------
    values : sequence of float, length n
        One per cell; NaN is missing.
    clusters : sequence of str, length n, optional
        What each cell belongs to, such as its device: cells of one device share its
        films and are not independent.
    best : {"highest", "lowest"}
        Which value is the champion.

    Returns
    -------
    Summary

    Notes
    -----
    The standard deviation has n - 1. The interval of the mean is Student's, that of the
    median reaches between the order statistics that enclose it with at least 95 %
    probability, whatever the distribution; it needs six values.
    """
    given = np.asarray(values, dtype=float)
    if clusters is not None and len(clusters) != given.size:
        raise ValueError(f"{len(clusters)} clusters for {given.size} values")
    places = np.flatnonzero(np.isfinite(given))
    known = given[places]
    missing = int(given.size - known.size)
    if not known.size:
        return Summary(0, missing, notes=("There is no value.",))
    champion = known.argmax() if best == "highest" else known.argmin()
    centre = Summary(
        int(known.size),
        missing,
        mean=float(known.mean()),
        median=float(np.median(known)),
        minimum=float(known.min()),
        maximum=float(known.max()),
        champion=int(places[champion]),
    )
    if known.size == 1:
        note = "One value has no spread: neither deviation nor interval is given."
        return replace(centre, notes=(note,))
    lower, upper = (float(one) for one in np.quantile(known, [0.25, 0.75]))
    reach = WHISKER_REACH * (upper - lower)
    inside = (known >= lower - reach) & (known <= upper + reach)
    notes = []
    independent = known
    if clusters is not None:
        names = np.asarray(clusters, dtype=str)[places]
        independent = cluster_means(known, names)
        notes.append(
            f"The interval of the mean is that of {independent.size} clusters, not of"
            f" {known.size} values."
        )
    mean_low, mean_high = _mean_interval(independent)
    if mean_low is None:
        notes.append("One cluster alone does not tell how much clusters differ.")
    median_low, median_high = _median_interval(known)
    return replace(
        centre,
        standard_deviation=float(known.std(ddof=1)),
        lower_quartile=lower,
        upper_quartile=upper,
        whisker_low=float(known[inside].min()),
        whisker_high=float(known[inside].max()),
        outliers=tuple(places[~inside].tolist()),
        mean_low=mean_low,
        mean_high=mean_high,
        median_low=median_low,
        median_high=median_high,
        clusters=None if clusters is None else int(independent.size),
        notes=tuple(notes),
    )


def cluster_means(values: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return the mean of each cluster, in the order of their names."""
    _, member = np.unique(clusters, return_inverse=True)
    return np.bincount(member, values) / np.bincount(member)


def _mean_interval(values: np.ndarray) -> tuple[float | None, float | None]:
    if values.size < 2:
        return None, None
    half = scipy.stats.t.ppf((1 + CONFIDENCE) / 2, values.size - 1) * scipy.stats.sem(
        values
    )
    return float(values.mean() - half), float(values.mean() + half)


def _median_interval(values: np.ndarray) -> tuple[float | None, float | None]:
    outside = 2 * scipy.stats.binom.cdf(np.arange(values.size // 2), values.size, 0.5)
    depth = int(np.count_nonzero(outside <= 1 - CONFIDENCE))
    if not depth:
        return None, None
    ordered = np.sort(values)
    return float(ordered[depth - 1]), float(ordered[-depth])


def one_way_anova(groups: Sequence[np.ndarray]) -> Anova:
    """Split the variance of all values into that between and that within groups."""
    everything = np.concatenate(groups)
    # Values far from zero lose their digits in the squares.
    grand = everything.mean()
    between = sum(one.size * (one.mean() - grand) ** 2 for one in groups)
    within = sum(((one - one.mean()) ** 2).sum() for one in groups)
    return Anova(
        float(between), float(within), len(groups) - 1, everything.size - len(groups)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number by Holm's step-down rule.

    References
    ----------
    .. [1] S. Holm, Scand. J. Statist. 6, 65 (1979).
    """
    order = np.argsort(p_values, kind="stable")
    raised = np.asarray(p_values, dtype=float)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return corrected.tolist()


def compare(
    groups: Mapping[str, Sequence[float]],
    clusters: Mapping[str, Sequence[str]] | None = None,
    *,
    best: Literal["highest", "lowest"] = "highest",
) -> Comparison:
    """Summarise groups and test whether they differ.

    Parameters
    ----------
    groups : mapping of str to sequence of float
        Values by the name of the group; NaN is missing.
    clusters : mapping of str to sequence of str, optional
        For each value the device (or substrate, or batch) it belongs to. The tests then
        compare the means of devices.
    best : {"highest", "lowest"}
        Which value is the champion of a group.

    Returns
    -------
    Comparison
        Without tests, and with the reason, where fewer than two groups have two
        independent values.

    Notes
    -----
    Two tests are given each time, and both are named: Welch's, which compares means
    and allows different spreads, and the rank test, which no outlier can move. Effects
    are Hedges' g and Cliff's delta for two groups, η² and ε² for more. Cells taken for
    independent would count each device as often as it has cells and make chance
    differences significant: with clusters, their means are compared instead.

    References
    ----------
    .. [1] B. L. Welch, Biometrika 38, 330 (1951). :doi:`10.2307/2332579`
    .. [2] S. E. Lazic, BMC Neurosci. 11, 5 (2010). :doi:`10.1186/1471-2202-11-5`
    """
    summaries = {
        name: describe(values, clusters[name] if clusters else None, best=best)
        for name, values in groups.items()
    }
    notes: list[str] = []
    independent: dict[str, np.ndarray] = {}
    for name, values in groups.items():
        known = np.asarray(values, dtype=float)
        finite = np.isfinite(known)
        sample = known[finite]
        if clusters and sample.size:
            names = np.asarray(clusters[name], dtype=str)[finite]
            sample = cluster_means(sample, names)
        if sample.size >= 2:
            independent[name] = sample
        else:
            what = "cluster" if clusters else "value"
            count = sample.size or "no"
            notes.append(f"{name} has {count} {what} and is shown, but not tested.")
    correlation = _intraclass_correlation(groups, clusters) if clusters else None
    if clusters:
        notes.append(_cluster_note(correlation))
    else:
        notes.append(
            "All values are taken as independent. Cells of one device are not: name"
            " their devices to compare these."
        )
    if len(independent) < 2:
        notes.append("Fewer than two groups can be tested.")
        tests: tuple[Significance | None, Significance | None] = (None, None)
        pairs: tuple[Pair, ...] = ()
    else:
        tests = _test_all(independent, notes)
        pairs = _compare_pairs(independent)
        small = [name for name, sample in independent.items() if sample.size < FEW]
        if small:
            notes.append(
                f"{', '.join(small)}: fewer than {FEW} independent values; a difference"
                " that is not significant may well be there."
            )
    unit: Literal["value", "cluster"] = "cluster" if clusters else "value"
    return Comparison(summaries, unit, *tests, pairs, correlation, tuple(notes))


def _cluster_note(correlation: float | None) -> str:
    note = "The tests compare the means of clusters, not single values"
    if correlation is None:
        return f"{note}."
    return (
        f"{note}; of the variance within a group, {100 * correlation:.0f} % is between"
        " clusters."
    )


def _intraclass_correlation(
    groups: Mapping[str, Sequence[float]], clusters: Mapping[str, Sequence[str]]
) -> float | None:
    """Return ICC(1) of clusters nested in groups, or None where nothing repeats."""
    between = within = 0.0
    sizes: list[int] = []
    freedom_between = freedom_within = 0
    for name, values in groups.items():
        known = np.asarray(values, dtype=float)
        names = np.asarray(clusters[name], dtype=str)[np.isfinite(known)]
        known = known[np.isfinite(known)]
        parts = [known[names == one] for one in np.unique(names)]
        if not parts:
            continue
        table = one_way_anova(parts)
        between, within = between + table.between, within + table.within
        freedom_between += table.freedom_between
        freedom_within += table.freedom_within
        sizes += [part.size for part in parts]
    if not freedom_between or not freedom_within or between + within == 0:
        return None
    mean_size = float(np.mean(sizes))
    size = mean_size - float(np.var(sizes)) / (mean_size * len(sizes))
    between, within = between / freedom_between, within / freedom_within
    return float(np.clip((between - within) / (between + (size - 1) * within), 0, 1))


def _test_all(
    samples: Mapping[str, np.ndarray], notes: list[str]
) -> tuple[Significance | None, Significance | None]:
    values = [*samples.values()]
    constant = [name for name, one in samples.items() if np.ptp(one) == 0]
    if constant:
        notes.append(
            f"All values of {', '.join(constant)} are equal: Welch's test needs a"
            " spread and is left out."
        )
    if len(values) == 2:
        return (None if constant else welch_t(*values)), mann_whitney(*values)
    return (None if constant else welch_anova(values)), kruskal_wallis(values)


def welch_t(first: np.ndarray, second: np.ndarray) -> Significance:
    """Compare the means of two samples that may scatter differently."""
    found = scipy.stats.ttest_ind(second, first, equal_var=False)
    return Significance(
        "Welch's t test",
        float(found.statistic),
        (float(found.df),),
        float(found.pvalue),
        "Hedges' g",
        hedges_g(first, second),
    )


def welch_anova(samples: Sequence[np.ndarray]) -> Significance:
    """Compare the means of several samples that may scatter differently."""
    found = scipy.stats.f_oneway(*samples, equal_var=False)
    count = len(samples)
    weights = np.array([one.size / one.var(ddof=1) for one in samples])
    sizes = np.array([one.size for one in samples])
    lack = ((1 - weights / weights.sum()) ** 2 / (sizes - 1)).sum()
    return Significance(
        "Welch's one-way analysis of variance",
        float(found.statistic),
        (count - 1.0, float((count**2 - 1) / (3 * lack))),
        float(found.pvalue),
        "η²",
        one_way_anova(samples).r_squared,
    )


def mann_whitney(first: np.ndarray, second: np.ndarray) -> Significance:
    """Compare the ranks of two samples; exact for small ones without ties."""
    found = scipy.stats.mannwhitneyu(second, first)
    delta = 2 * found.statistic / (first.size * second.size) - 1
    return Significance(
        "Mann-Whitney U test",
        float(found.statistic),
        (),
        float(found.pvalue),
        "Cliff's delta",
        float(delta),
    )


def kruskal_wallis(samples: Sequence[np.ndarray]) -> Significance | None:
    """Compare the ranks of several samples; None where all values are equal."""
    everything = np.concatenate(samples)
    if np.ptp(everything) == 0:
        return None
    found = scipy.stats.kruskal(*samples)
    return Significance(
        "Kruskal-Wallis test",
        float(found.statistic),
        (len(samples) - 1.0,),
        float(found.pvalue),
        "ε²",
        float(found.statistic / (everything.size - 1)),
    )


def hedges_g(first: np.ndarray, second: np.ndarray) -> float:
    """Return the difference of means over the pooled deviation, corrected for size.

    References
    ----------
    .. [1] L. V. Hedges, J. Educ. Stat. 6, 107 (1981). :doi:`10.3102/10769986006002107`
    """
    freedom = first.size + second.size - 2
    squares = first.var(ddof=1) * (first.size - 1) + second.var(ddof=1) * (
        second.size - 1
    )
    correction = 1 - 3 / (4 * freedom - 1)
    pooled = np.sqrt(squares / freedom)
    return float(correction * (second.mean() - first.mean()) / pooled)


def _compare_pairs(samples: Mapping[str, np.ndarray]) -> tuple[Pair, ...]:
    found = []
    for (first, one), (second, other) in combinations(samples.items(), 2):
        spread = np.ptp(one) > 0 and np.ptp(other) > 0
        welch = welch_t(one, other) if spread else None
        low = high = None
        if welch:
            error = np.sqrt(one.var(ddof=1) / one.size + other.var(ddof=1) / other.size)
            half = (
                scipy.stats.t.ppf((1 + CONFIDENCE) / 2, *welch.degrees_of_freedom)
                * error
            )
            low = float(other.mean() - one.mean() - half)
            high = float(other.mean() - one.mean() + half)
        difference = float(other.mean() - one.mean())
        ranks = mann_whitney(one, other)
        found.append((first, second, difference, low, high, welch, ranks))
    by_ranks = holm([ranks.p_value for *_, ranks in found])
    by_mean = {at: welch.p_value for at, (*_, welch, _) in enumerate(found) if welch}
    by_means = dict(zip(by_mean, holm([*by_mean.values()]), strict=True))
    return tuple(
        Pair(*entry, by_means.get(at), by_ranks[at]) for at, entry in enumerate(found)
    )
