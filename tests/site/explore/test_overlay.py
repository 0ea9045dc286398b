"""Curves drawn together: scaling, one grid, rows in order."""

import numpy as np
import pytest

from labdata.site.explore.overlay import Curve, colour_map, normalise

X = np.linspace(0.0, 10.0, 101)
GAUSSIAN = 5 * np.exp(-0.5 * (X - 5) ** 2)


def curve(y, place, x=X):
    return Curve(measurement=None, x=x, y=y, place=place)


@pytest.mark.parametrize(
    ("how", "size"),
    [("none", lambda y: y.max() / 5), ("maximum", np.max)],
)
def test_a_curve_is_scaled_to_its_highest_point(how, size):
    assert size(normalise(X, GAUSSIAN, how)) == pytest.approx(1)


def test_a_curve_is_scaled_to_its_area():
    scaled = normalise(X, GAUSSIAN, "area")

    assert np.trapezoid(scaled, X) == pytest.approx(1)
    assert scaled.max() == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-3)


def test_a_curve_without_signal_is_left_alone():
    flat = np.zeros_like(X)

    assert normalise(X, flat, "maximum") is flat
    assert normalise(X, -GAUSSIAN, "area").min() == -5


def test_missing_points_stay_missing_and_count_for_nothing():
    y = GAUSSIAN.copy()
    y[60] = np.nan

    scaled = normalise(X, y, "maximum")

    assert np.isnan(scaled[60])
    assert np.nanmax(scaled) == pytest.approx(1)


def test_a_map_has_a_row_for_each_place_in_rising_order():
    x, places, rows, averaged = colour_map(
        [curve(3 * X, 0.5), curve(X, 0.1), curve(2 * X, 0.3)]
    )

    assert places.tolist() == [0.1, 0.3, 0.5]
    assert averaged == 0
    assert rows.shape == (3, x.size)
    for factor, row in zip((1, 2, 3), rows, strict=True):
        assert row == pytest.approx(factor * x)


def test_curves_at_one_place_are_averaged_and_counted():
    _, places, rows, averaged = colour_map([curve(X, 0.1), curve(3 * X, 0.1)])

    assert places.tolist() == [0.1]
    assert averaged == 2
    assert rows[0][-1] == pytest.approx(20)


def test_a_map_is_empty_where_a_curve_does_not_reach():
    short = X[X <= 5]

    x, _, rows, _ = colour_map([curve(X, 0.1), curve(short, 0.2, x=short)])

    assert np.isnan(rows[1][x > 5]).all()
    assert np.isfinite(rows[1][x <= 5]).all()


def test_curves_that_stand_nowhere_are_left_out():
    x, places, _, _ = colour_map([curve(X, None)])

    assert x.size == places.size == 0


def test_a_track_starts_at_one_whatever_single_point_stands_first():
    x = np.arange(8.0)
    y = np.array([np.nan, 2.0, 20.0, 20.0, 20.0, 20.0, 18.0, 16.0])

    scaled = normalise(x, y, "initial")

    assert scaled[2] == pytest.approx(1.0)
    assert scaled[-1] == pytest.approx(0.8)
