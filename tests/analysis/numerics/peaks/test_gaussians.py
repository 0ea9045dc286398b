"""The Gaussian model: its derivatives, its compiled twin and its starts."""

import numpy as np
import pytest

from analysis.numerics.fitting import compiled
from analysis.numerics.fitting.least_squares import fit
from analysis.numerics.peaks import gaussians

X = np.linspace(-125.0, 125.0, 300)
PARAMETERS = {
    "one peak": [3.0, 500.0, -20.0, 15.0],
    "two peaks": [3.0, 500.0, -20.0, 15.0, 90.0, 40.0, 8.0],
    "slope": [3.0, 0.02, 500.0, -20.0, 15.0],
    "slope, three peaks": [3.0, 0.02, 500.0, -20.0, 15.0, 90.0, 40.0, 8.0, 9, 0, 4],
}
every_shape = pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS)


@every_shape
def test_derivatives_are_those_of_the_values(parameters):
    p = np.array(parameters)

    rows = gaussians.evaluate_gaussians(X, p[None])[0]

    for k in range(p.size):
        h = 1e-6 * max(abs(p[k]), 1.0)
        above, below = p.copy(), p.copy()
        above[k] += h
        below[k] -= h
        pair = gaussians.evaluate_gaussians(X, np.stack([above, below]))[:, 0]
        slope = (pair[0] - pair[1]) / (2 * h)
        np.testing.assert_allclose(
            rows[k + 1], slope, rtol=1e-6, atol=1e-6 * np.abs(slope).max()
        )


@every_shape
def test_the_compiled_twin_gives_the_same_rows(parameters):
    p = np.array(parameters)
    rows = np.zeros((p.size + 1, X.size))

    compiled.gaussians(X, p, rows)

    expected = gaussians.evaluate_gaussians(X, p[None])[0]
    np.testing.assert_allclose(rows, expected, rtol=1e-13, atol=1e-280)


def test_the_inlined_exponential_is_exact_to_rounding():
    arguments = np.concatenate(
        [np.linspace(-700, 700, 4001), np.linspace(-1, 1, 4001), [0.0]]
    )

    ours = np.array([compiled.exponential.py_func(value) for value in arguments])

    np.testing.assert_allclose(ours, np.exp(arguments), rtol=4e-16)


def test_an_area_is_the_integral_and_sigma_half_of_origins_width():
    area, centre, sigma = 418305.79, 5.0, 19.635
    x = np.linspace(-300, 300, 6001)

    curve = gaussians.evaluate_gaussians(x, np.array([[0, area, centre, sigma]]))[0, 0]

    w = 2 * sigma
    origin = area / (w * np.sqrt(np.pi / 2)) * np.exp(-2 * ((x - centre) / w) ** 2)
    np.testing.assert_allclose(curve, origin, rtol=1e-12, atol=1e-200)
    assert np.trapezoid(curve, x) == pytest.approx(area, rel=1e-10)
    assert curve.max() == pytest.approx(8499.1, abs=0.1)


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("peaks", [1, 2, 3])
def test_starts_lie_within_the_bounds_and_repeat(peaks, linear):
    truth = np.array([50.0, 1000.0, -30.0, 10.0, 300.0, 10.0, 15.0])
    y = gaussians.evaluate_gaussians(X, truth[None])[0, 0]
    y += np.random.default_rng(2).normal(0, 1, X.size)

    first, again = (
        gaussians.starts(X, y, peaks, linear=linear, count=16) for _ in range(2)
    )

    lower, upper = gaussians.bounds(X, peaks, linear=linear)
    assert first.shape == (16, lower.size)
    assert ((first >= lower) & (first <= upper)).all()
    assert np.array_equal(first, again)
    assert len(np.unique(first, axis=0)) == 16


def test_32_starts_find_the_best_minimum_of_two_overlapping_peaks():
    truth = np.array([81.13, 418305.79, -17.18, 19.635, 21896.09, 16.94, 10.89])
    clean = gaussians.evaluate_gaussians(X, truth[None])[0, 0]
    curves = clean + np.random.default_rng(8).normal(0, 114.13, (60, X.size))
    lower, upper = gaussians.bounds(X, 2, linear=False)
    from_the_truth = fit(gaussians.GAUSSIANS, X, curves, truth)

    starts = np.stack(
        [gaussians.starts(X, y, 2, linear=False, count=32) for y in curves]
    )
    fits = fit(gaussians.GAUSSIANS, X, curves, starts, lower=lower, upper=upper)
    best = fits.best(gaussians.acceptable(fits))

    assert (best.chi_square <= from_the_truth.chi_square * (1 + 1e-9)).all()
