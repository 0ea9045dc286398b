"""Bins: no value is lost, equal values stay together, quantiles are those of pandas."""

import numpy as np
import pandas as pd
import pytest

from analysis.relations import aggregate
from analysis.relations.bins import cut, read_bins
from tests.analysis.relations.conftest import PEAK, WIDTH, T, X, write_facts


@pytest.mark.parametrize("seed", range(20))
def test_quantile_bins_are_those_of_pandas(seed):
    rng = np.random.default_rng(seed)
    values = rng.choice([rng.normal(size=300), rng.integers(0, 30, 300)]).astype(float)

    codes, edges = cut(values, 5, "quantile")

    theirs, their_edges = pd.qcut(values, 5, labels=False, retbins=True)
    assert codes.tolist() == theirs.tolist()
    assert edges == pytest.approx(their_edges)


def test_equal_values_are_never_parted():
    values = np.array([1.0] * 7 + [2.0, 3.0])

    codes, edges = cut(values, 4, "quantile")

    assert edges.tolist() == [1.0, 3.0] or len(set(codes[:7])) == 1
    assert np.bincount(codes).sum() == 9


def test_one_value_and_no_value_are_bins_too():
    assert cut(np.array([4.0, 4.0]), 5, "quantile")[0].tolist() == [0, 0]
    assert cut(np.array([4.0, np.nan]), 2, "width")[0].tolist() == [1, 2]
    assert cut(np.array([np.nan]), 5, "quantile")[0].tolist() == [0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("20", "x:20:width"),
        ("x:5", "x:5:quantile"),
        ("color:4:width", "color:4:width"),
        ("stability.initial_pce[a:b]:5", "stability.initial_pce[a:b]:5:quantile"),
    ],
)
def test_bins_are_written_in_the_address(text, told):
    assert str(read_bins(text)) == told


@pytest.mark.parametrize("text", ["", "x", "x:0", "x:1001", "x:5:log", "x:-3", ":5"])
def test_what_is_no_bins_is_refused(text):
    with pytest.raises(ValueError):
        read_bins(text)


def test_quintiles_of_x_hold_equally_many(ask, project):
    rng = np.random.default_rng(1)
    rows = [{X: float(x), PEAK: float(100 * x)} for x in rng.gamma(2, size=50)]
    write_facts(project, rows)

    told, total = aggregate.answer_groups(
        ask(x=X, y=PEAK, aggregate=["mean", "count"], bins="x:5")
    )

    frame = pd.DataFrame([(row[X], row[PEAK]) for row in rows], columns=["x", "y"])
    theirs = frame.groupby(pd.qcut(frame.x, 5), observed=True)
    assert total == 50
    assert [row["count"] for row in told] == [10] * 5
    assert [row["mean"] for row in told] == pytest.approx(theirs.y.mean().tolist())
    assert [row["x"] for row in told] == pytest.approx(theirs.x.median().tolist())
    assert [row["x_low"] for row in told[1:]] == [row["x_high"] for row in told[:-1]]


def test_colours_and_grouping_variables_are_binned_alike(ask, project):
    write_facts(project, [{X: n % 2, T: float(n), PEAK: n, WIDTH: n} for n in range(8)])

    by_colour, _ = aggregate.answer_groups(
        ask(x=X, y=PEAK, color=T, aggregate="count", bins="color:2")
    )
    by_name, _ = aggregate.answer_groups(
        ask(x=X, y=PEAK, aggregate=f"count:{WIDTH}", bins=f"{WIDTH}:4")
    )

    assert [(row["x"], row["color_high"], row["count"]) for row in by_colour] == [
        (0.0, 3.5, 2),
        (0.0, 7.0, 2),
        (1.0, 3.5, 2),
        (1.0, 7.0, 2),
    ]
    assert [row["count"] for row in by_name] == [2, 2, 2, 2]
    assert aggregate.column_names(
        ask(x=X, y=PEAK, aggregate=f"count:{WIDTH}", bins=f"{WIDTH}:4")
    )[:3] == [WIDTH, f"{WIDTH}_low", f"{WIDTH}_high"]


def test_a_value_that_lacks_the_binned_colour_is_in_a_group_of_its_own(ask, project):
    write_facts(project, [{X: 0.1, PEAK: 1.0}, {X: 0.1, T: 5.0, PEAK: 2.0}])

    told, _ = aggregate.answer_groups(
        ask(x=X, y=PEAK, color=T, aggregate="mean", bins="color:3")
    )

    assert [(row["color"], row["mean"]) for row in told] == [(5.0, 2.0), (None, 1.0)]
