"""Survival against published worked examples, and bands that cover as they claim."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.numerics.statistics.survival_curves import (
    Lifetime,
    compare_survival,
    estimate_survival,
)

# Remission times in weeks, Freireich et al., Blood 21, 699 (1963); + is censored.
MERCAPTOPURINE = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def lifetimes(text):
    return [
        Lifetime.longer_than(float(word[:-1]))
        if word.endswith("+")
        else Lifetime.exact(float(word))
        for word in text.split()
    ]


@pytest.fixture(scope="module")
def treated():
    return estimate_survival(lifetimes(MERCAPTOPURINE))


def test_the_published_survival_of_treated_patients_is_found(treated):
    assert treated.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert treated.survival == pytest.approx(
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5
    )
    assert treated.standard_error == pytest.approx(
        [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5
    )
    assert treated.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert (treated.count, treated.deaths, treated.censored) == (21, 9, 12)
    assert treated.method == "Kaplan-Meier"


def test_the_band_is_the_log_log_one(treated):
    # 0.8571 ** exp(±1.96 · 0.0764 / (0.8571 · ln 0.8571)).
    assert treated.low[0] == pytest.approx(0.6197, abs=1e-3)
    assert treated.high[0] == pytest.approx(0.9516, abs=1e-3)
    assert (treated.low < treated.survival).all()
    assert (treated.high > treated.survival).all()


def test_the_published_medians_are_found(treated):
    untreated = estimate_survival(lifetimes(PLACEBO)).quantile()

    median = treated.quantile()
    assert (median.value, median.low, median.high, median.bound) == (23, 13, None, "=")
    assert (untreated.value, untreated.low, untreated.high) == (8, 4, 11)


def test_the_published_log_rank_statistic_is_found():
    result = compare_survival(
        {"6-MP": lifetimes(MERCAPTOPURINE), "placebo": lifetimes(PLACEBO)}
    )

    assert result.chi_square == pytest.approx(16.793, abs=5e-4)
    assert result.degrees_of_freedom == 1
    assert result.p_value == pytest.approx(4.17e-5, rel=2e-3)
    assert result.observed == {"6-MP": 9, "placebo": 21}
    assert result.expected["6-MP"] == pytest.approx(19.25, abs=5e-3)
    assert result.flags == ()
    assert "Log-rank test of 2 groups: χ² = 16.8" in result.description


def test_three_groups_agree_with_an_independent_computation():
    rng = np.random.default_rng(5)
    groups = {
        name: [
            Lifetime.exact(t) if t < 60 else Lifetime.longer_than(60.0)
            for t in rng.exponential(scale, 15)
        ]
        for name, scale in (("a", 30), ("b", 40), ("c", 80))
    }

    result = compare_survival(groups)

    pairs = [
        stats.logrank(*(_censored(groups[name]) for name in names)).statistic ** 2
        for names in (("a", "b"), ("a", "c"))
    ]
    alone = [
        compare_survival({name: groups[name] for name in names}).chi_square
        for names in (("a", "b"), ("a", "c"))
    ]
    assert alone == pytest.approx(pairs, rel=1e-9)
    assert result.degrees_of_freedom == 2
    assert result.chi_square > max(0.5 * alone[1], 0)
    assert sum(result.expected.values()) == pytest.approx(sum(result.observed.values()))


def _censored(group):
    return stats.CensoredData.right_censored(
        [one.low for one in group], [one.is_right_censored for one in group]
    )


def test_the_test_of_equal_groups_is_significant_as_often_as_it_says(draws):
    rng = np.random.default_rng(6)
    significant = []
    for _ in range(draws(100, 300)):
        groups = {
            name: [
                Lifetime.exact(t) if t < 1.5 else Lifetime.longer_than(1.5)
                for t in rng.exponential(1.0, 20)
            ]
            for name in "abc"
        }
        significant.append(compare_survival(groups).p_value < 0.05)

    assert draws.agree(significant, 0.02, 0.09)


def test_the_band_covers_the_truth_of_right_censored_batches(draws):
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(draws(120, 500)):
        died, left = rng.exponential(1000, 30), rng.uniform(300, 2500, 30)
        batch = [
            Lifetime.exact(t) if t <= end else Lifetime.longer_than(end)
            for t, end in zip(died, left, strict=True)
        ]
        _, low, high = estimate_survival(batch).at(min(700.0, max(left)))
        inside.append(low <= math.exp(-0.7) <= high)

    assert draws.agree(inside, 0.925, 0.985)


def test_the_band_covers_the_truth_of_batches_seen_now_and_then(draws):
    rng = np.random.default_rng(8)
    inside = []
    for _ in range(draws(60, 200)):
        batch = [_looked_at(t, rng.uniform(0, 200)) for t in rng.exponential(1000, 40)]
        curve = estimate_survival(batch)
        # Probability sits somewhere in an interval: ask where all of it has fallen.
        position = int(np.searchsorted(curve.time, 800.0))
        truth = math.exp(-curve.time[position] / 1000)
        inside.append(curve.low[position] <= truth <= curve.high[position])
        assert curve.method == "Turnbull"

    assert draws.agree(inside, 0.90, 0.995)


def _looked_at(time, offset):
    looks = offset + np.arange(0, 2001, 250.0)
    if time > looks[-1]:
        return Lifetime.longer_than(looks[-1])
    after = int(np.searchsorted(looks, time))
    return Lifetime.between(looks[after - 1] if after else 0.0, looks[after])


def test_narrow_intervals_give_the_kaplan_meier_curve():
    exact = lifetimes(MERCAPTOPURINE)
    narrow = [
        Lifetime.between(one.low - 1e-3, one.high) if one.is_exact else one
        for one in exact
    ]

    curve, expected = estimate_survival(narrow), estimate_survival(exact)

    assert curve.time.tolist() == expected.time.tolist()
    assert curve.survival == pytest.approx(expected.survival, abs=1e-6)
    assert curve.standard_error == pytest.approx(expected.standard_error, abs=1e-5)
    assert curve.high == pytest.approx(expected.high, abs=1e-5)


def test_turnbull_s_answer_to_a_small_problem_is_the_maximum_of_the_likelihood():
    batch = [
        Lifetime.shorter_than(1.0),
        Lifetime.between(0.0, 3.0),
        Lifetime.between(2.0, 3.0),
        Lifetime.longer_than(2.5),
    ]

    curve = estimate_survival(batch)

    # (0, 1] and (2.5, 3] carry p and q: the likelihood is p (p + q) q q, so p = 1/3.
    assert curve.start.tolist() == [0.0, 2.5]
    assert curve.time.tolist() == [1.0, 3.0]
    assert curve.survival == pytest.approx([2 / 3, 0.0], abs=1e-6)


def test_a_median_that_is_not_reached_is_a_bound_with_its_limit():
    batch = [Lifetime.exact(400.0)] + [Lifetime.longer_than(1500.0)] * 9

    median = estimate_survival(batch).quantile()

    assert (median.value, median.bound, median.high) == (1500.0, ">", None)


def test_a_batch_without_any_death_is_alive_as_long_as_it_was_seen():
    curve = estimate_survival([Lifetime.longer_than(t) for t in (100.0, 300.0)])

    assert curve.time.size == 0
    assert curve.at(300.0) == (1.0, 1.0, 1.0)
    assert curve.quantile() == curve.quantile(0.8)
    assert (curve.quantile().value, curve.quantile().bound) == (300.0, ">")


def test_a_median_before_the_first_look_is_an_upper_bound():
    batch = [Lifetime.shorter_than(24.0)] * 4 + [Lifetime.longer_than(500.0)]

    median = estimate_survival(batch).quantile()

    assert (median.value, median.bound) == (24.0, "<")


def test_a_median_inside_an_interval_keeps_its_ends():
    batch = [Lifetime.between(100.0, 200.0)] * 6 + [Lifetime.longer_than(500.0)] * 4

    median = estimate_survival(batch).quantile()

    assert median.value == 150.0
    assert median.low == 100.0
    assert median.high is None or median.high >= 200.0


def test_one_interval_alone_is_an_answer():
    curve = estimate_survival([Lifetime.between(10.0, 20.0)])

    assert curve.survival.tolist() == [0.0]
    assert (curve.low.tolist(), curve.high.tolist()) == ([0.0], [1.0])


def test_known_and_interval_censored_deaths_at_one_time_do_not_mix():
    batch = [Lifetime.exact(10.0), Lifetime.between(10.0, 20.0)]

    curve = estimate_survival(batch)

    assert curve.time.tolist() == [10.0, 20.0]
    assert curve.start.tolist() == [10.0, 10.0]
    assert curve.survival == pytest.approx([0.5, 0.0])


def test_a_censoring_at_the_time_of_a_death_comes_after_it():
    batch = [Lifetime.exact(5.0), Lifetime.longer_than(5.0)]

    assert estimate_survival(batch).survival.tolist() == [0.5]


def test_survival_of_nobody_ends_with_a_band_that_is_not_certain():
    curve = estimate_survival(lifetimes(PLACEBO))

    assert curve.survival[-1] == 0.0
    assert curve.low[-1] == 0.0
    assert curve.high[-1] == curve.high[-2] > 0.1


def test_survival_steps_at_the_time_and_is_unknown_after_the_last(treated):
    assert treated.at(5.99) == (1.0, 1.0, 1.0)
    assert treated.at(6.0)[0] == pytest.approx(18 / 21)
    with pytest.raises(ValueError, match="nothing was seen after 35 h"):
        treated.at(36.0)


def test_intervals_are_put_at_their_middle_and_flagged():
    exact = {"a": [Lifetime.exact(10.0)] * 8, "b": [Lifetime.exact(20.0)] * 8}
    loose = {
        "a": [Lifetime.between(8.0, 12.0)] * 8,
        "b": [Lifetime.between(15.0, 25.0)] * 8,
    }

    result = compare_survival(loose)

    assert result.chi_square == compare_survival(exact).chi_square
    assert result.flags == ("midpoint_imputation", "few_deaths")
    assert "put at their middle" in result.description
    assert "rough" in result.description


@pytest.mark.parametrize(
    ("low", "high"), [(-1.0, 5.0), (5.0, 4.0), (math.nan, 5.0), (math.inf, math.inf)]
)
def test_a_lifetime_that_is_none_is_refused(low, high):
    with pytest.raises(ValueError, match="0 ≤ low ≤ high"):
        Lifetime(low, high)


def test_what_cannot_be_compared_is_refused_with_the_reason():
    alive, dead = [Lifetime.longer_than(9.0)], [Lifetime.exact(3.0)]

    with pytest.raises(ValueError, match="at least one lifetime"):
        estimate_survival([])
    with pytest.raises(ValueError, match="between 0 and 1"):
        estimate_survival(dead, confidence=95)
    with pytest.raises(ValueError, match="there is 1"):
        compare_survival({"a": dead, "b": []})
    with pytest.raises(ValueError, match="nobody died"):
        compare_survival({"a": alive, "b": alive})
    with pytest.raises(ValueError, match="never at risk together"):
        compare_survival({"a": dead, "b": [Lifetime.longer_than(1.0)]})
