"""Population statistics against certified answers and independent formulas."""

import numpy as np
import pytest
from scipy import stats

from analysis.numerics.statistics.group_tests import (
    compare,
    describe,
    holm,
    kruskal_wallis,
    one_way_anova,
    welch_anova,
)

# NIST StRD, SiRstv: resistivity of silicon by five instruments (public domain).
SILICON = [
    [196.3052, 196.1240, 196.1890, 196.2569, 196.3403],
    [196.3042, 196.3825, 196.1669, 196.3257, 196.0422],
    [196.1303, 196.2005, 196.2889, 196.0343, 196.1811],
    [196.2795, 196.1748, 196.1494, 196.1485, 195.9885],
    [196.2119, 196.1051, 196.1850, 196.0052, 196.2090],
]


def test_the_certified_analysis_of_variance_is_met():
    table = one_way_anova([np.array(row) for row in SILICON])

    assert table.between == pytest.approx(5.11462616000000e-02, rel=1e-9)
    assert table.within == pytest.approx(2.16636560000000e-01, rel=1e-9)
    assert (table.freedom_between, table.freedom_within) == (4, 20)
    assert table.f_statistic == pytest.approx(1.18046237440255, rel=1e-9)
    assert table.r_squared == pytest.approx(1.90999039051129e-01, rel=1e-9)


def test_a_population_is_described_as_a_box_plot_shows_it():
    values = [20.0, 21.0, 22.0, 23.0, 24.0, 12.0, np.nan]

    found = describe(values)

    assert (found.count, found.missing) == (6, 1)
    assert found.mean == pytest.approx(np.mean(values[:6]))
    assert found.median == 21.5
    assert found.standard_deviation == pytest.approx(np.std(values[:6], ddof=1))
    assert (found.lower_quartile, found.upper_quartile) == (20.25, 22.75)
    assert (found.whisker_low, found.whisker_high) == (20.0, 24.0)
    assert found.outliers == (5,)
    assert found.champion == 4
    assert (found.minimum, found.maximum) == (12.0, 24.0)


def test_the_champion_of_losses_is_the_lowest():
    assert describe([np.nan, 5.0, 3.0], best="lowest").champion == 2


def test_the_interval_of_the_mean_is_student_s():
    values = np.array(SILICON[0])

    found = describe(values)

    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert (found.mean_low, found.mean_high) == pytest.approx(expected)


def test_the_intervals_cover_the_truth_as_often_as_they_say(draws):
    rng = np.random.default_rng(1)
    mean_inside, median_inside = [], []
    for _ in range(draws(150, 600)):
        found = describe(rng.normal(20, 1, 12))
        mean_inside.append(found.mean_low <= 20 <= found.mean_high)
        skew = describe(rng.exponential(1, 12))
        median_inside.append(skew.median_low <= np.log(2) <= skew.median_high)

    assert draws.agree(mean_inside, 0.93, 0.97)
    assert draws.agree(median_inside, 0.94)


def test_the_interval_of_the_median_needs_six_values():
    assert describe([1, 2, 3, 4, 5]).median_low is None
    six = describe([1, 2, 3, 4, 5, 6])
    assert (six.median_low, six.median_high) == (1, 6)


def test_none_and_one_value_are_described_without_inventing_a_spread():
    nothing, one = describe([np.nan]), describe([21.0])

    assert (nothing.count, nothing.missing, nothing.mean) == (0, 1, None)
    assert (one.count, one.mean, one.median, one.champion) == (1, 21.0, 21.0, 0)
    assert one.standard_deviation is None
    assert one.mean_low is None
    assert "no spread" in one.notes[0]


def test_the_interval_of_cells_on_few_devices_is_that_of_the_devices():
    values = [20.0, 20.1, 19.9, 22.0, 22.1, 21.9, 24.0, 24.1, 23.9]
    devices = list("aaabbbccc")

    nested, naive = describe(values, devices), describe(values)

    expected = stats.ttest_1samp([20.0, 22.0, 24.0], 0).confidence_interval()
    assert (nested.mean_low, nested.mean_high) == pytest.approx(expected)
    assert nested.mean_low < naive.mean_low
    assert nested.clusters == 3
    alone = describe([20.0, 21.0], ["a", "a"])
    assert alone.mean_low is None
    assert any("One cluster alone" in note for note in alone.notes)
    with pytest.raises(ValueError, match="1 clusters for 2 values"):
        describe([1.0, 2.0], ["a"])


def test_two_groups_are_compared_as_scipy_does():
    rng = np.random.default_rng(2)
    control, better = rng.normal(22.7, 1.0, 20), rng.normal(24.8, 0.4, 16)

    found = compare({"control": control, "CTOCPh-5F": better})

    t = stats.ttest_ind(better, control, equal_var=False)
    u = stats.mannwhitneyu(better, control)
    (pair,) = found.pairs
    assert found.welch.name == "Welch's t test"
    assert found.welch.statistic == t.statistic
    assert found.welch.p_value == t.pvalue
    assert (pair.low, pair.high) == pytest.approx(t.confidence_interval())
    assert found.ranks.name == "Mann-Whitney U test"
    assert found.ranks.p_value == u.pvalue
    assert pair.welch_p_holm == t.pvalue
    assert found.ranks.effect == pytest.approx(
        np.mean(np.sign(better[:, None] - control[None, :]))
    )
    pooled = np.sqrt((19 * control.var(ddof=1) + 15 * better.var(ddof=1)) / 34)
    assert found.welch.effect == pytest.approx(
        (better.mean() - control.mean()) / pooled * (1 - 3 / 135)
    )
    assert "Welch's t test: statistic" in found.welch.description
    assert found.unit == "value"
    assert any("taken as independent" in note for note in found.notes)


def test_welch_s_analysis_of_variance_follows_his_formula():
    samples = [np.array(row) for row in SILICON]

    found = welch_anova(samples)

    n = np.array([one.size for one in samples])
    w = n / np.array([one.var(ddof=1) for one in samples])
    means = np.array([one.mean() for one in samples])
    centre = (w * means).sum() / w.sum()
    lack = ((1 - w / w.sum()) ** 2 / (n - 1)).sum()
    f = (w * (means - centre) ** 2).sum() / 4 / (1 + 2 * 3 / 24 * lack)
    assert found.statistic == pytest.approx(f, rel=1e-9)
    assert found.degrees_of_freedom == (4, pytest.approx(24 / (3 * lack)))
    assert found.p_value == pytest.approx(stats.f.sf(f, 4, 24 / (3 * lack)), rel=1e-9)


def test_several_groups_give_one_test_of_all_and_corrected_pairs():
    groups = {str(at): row for at, row in enumerate(SILICON)}

    found = compare(groups)

    assert found.welch.name == "Welch's one-way analysis of variance"
    assert found.welch.effect == pytest.approx(1.90999039051129e-01, rel=1e-9)
    assert found.ranks.statistic == stats.kruskal(*SILICON).statistic
    assert len(found.pairs) == 10
    raw = [pair.welch.p_value for pair in found.pairs]
    assert [pair.welch_p_holm for pair in found.pairs] == holm(raw)
    assert all(pair.ranks_p_holm >= pair.ranks.p_value for pair in found.pairs)


def test_holm_s_rule_gives_its_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_cells_taken_for_independent_deceive_where_devices_differ(draws):
    rng = np.random.default_rng(3)
    naive, nested = [], []
    for _ in range(draws(80, 200)):
        groups, devices = {}, {}
        for name in ("a", "b"):
            shift = np.repeat(rng.normal(0, 1.0, 5), 8)
            groups[name] = 20 + shift + rng.normal(0, 0.3, 40)
            devices[name] = np.repeat([f"{name}{at}" for at in range(5)], 8)
        naive.append(compare(groups).welch.p_value < 0.05)
        nested.append(compare(groups, devices).welch.p_value < 0.05)

    assert np.mean(naive) > 0.3
    assert draws.agree(nested, 0.01, 0.10)


def test_the_likeness_of_cells_on_a_device_is_recovered():
    rng = np.random.default_rng(4)
    groups, devices = {}, {}
    for name, level in (("a", 20.0), ("b", 30.0)):
        groups[name] = (
            level + np.repeat(rng.normal(0, 2.0, 100), 4) + rng.normal(0, 1.0, 400)
        )
        devices[name] = np.repeat(np.arange(100).astype(str), 4)

    found = compare(groups, devices)

    assert found.intraclass_correlation == pytest.approx(0.8, abs=0.05)
    assert found.unit == "cluster"
    assert any("% is between clusters" in note for note in found.notes)


def test_devices_with_one_cell_each_have_no_likeness_to_report():
    groups = {"a": [1.0, 2.0, 4.0], "b": [5.0, 6.0, 9.0]}

    found = compare(groups, {name: ["x", "y", "z"] for name in groups})

    assert found.intraclass_correlation is None
    assert found.welch.p_value == compare(groups).welch.p_value


def test_a_group_that_is_too_small_is_shown_but_not_tested():
    found = compare({"a": [20.0, 21.0, 22.0], "b": [25.0], "c": [], "d": [1.0, 2.0]})

    assert found.groups["b"].mean == 25.0
    assert found.groups["c"].count == 0
    assert [(pair.first, pair.second) for pair in found.pairs] == [("a", "d")]
    assert any(note.startswith("b has 1 value") for note in found.notes)
    assert any(note.startswith("c has no value") for note in found.notes)
    assert any("fewer than 5 independent" in note for note in found.notes)


def test_cells_of_one_device_alone_are_not_tested():
    found = compare(
        {"a": [20.0, 21.0, 22.0], "b": [25.0, 26.0]},
        {"a": ["d1", "d1", "d2"], "b": ["d3", "d3"]},
    )

    assert found.welch is None
    assert found.pairs == ()
    assert any(note.startswith("b has 1 cluster") for note in found.notes)


def test_values_without_spread_are_left_to_the_ranks():
    found = compare({"a": [20.0, 20.0], "b": [21.0, 22.0], "c": [21.0, 23.0]})

    assert found.welch is None
    assert found.ranks is not None
    assert found.pairs[0].welch_p_holm is None
    assert found.pairs[2].welch_p_holm == found.pairs[2].welch.p_value
    assert any("All values of a are equal" in note for note in found.notes)
    assert kruskal_wallis([np.ones(3), np.ones(2), np.ones(2)]) is None
