"""Means and slopes of correlated noise are as uncertain as they say."""

import numpy as np
import pytest

from analysis.numerics.ageing.correlated_mean import (
    correlated_mean,
    correlated_slope,
    statistical_inefficiency,
)


def autoregressive(rng, count, memory):
    noise = rng.normal(size=count + 200)
    series = np.empty_like(noise)
    series[0] = noise[0]
    for at in range(1, noise.size):
        series[at] = memory * series[at - 1] + noise[at]
    return series[200:]


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_the_inefficiency_of_an_autoregressive_series_is_known(memory):
    series = autoregressive(np.random.default_rng(1), 100_000, memory)

    expected = (1 + memory) / (1 - memory)
    assert statistical_inefficiency(series) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_the_standard_error_covers_the_true_mean(draws, memory):
    rng = np.random.default_rng(2)
    pulls = []
    for _ in range(draws(100, 400)):
        found = correlated_mean(20 + autoregressive(rng, 300, memory))
        pulls.append((found.mean - 20) / found.standard_error)

    # Of 300 points with a memory of 0.9 only 16 are independent: Student's tails.
    assert draws.agree(np.abs(pulls) < 2, 0.88, 0.98)
    assert draws.are_pulls(pulls, bias=0.2)


def test_the_usual_error_would_not_cover_it():
    rng = np.random.default_rng(2)
    pulls = []
    for _ in range(400):
        series = autoregressive(rng, 300, 0.9)
        pulls.append(series.mean() / (series.std() / np.sqrt(series.size)))

    assert np.mean(np.abs(pulls) < 2) < 0.5


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_the_slope_s_error_covers_the_true_slope(draws, memory):
    rng = np.random.default_rng(3)
    x = np.linspace(0.0, 1.0, 300)
    pulls = []
    for _ in range(draws(80, 300)):
        slope, error = correlated_slope(x, 0.7 * x + autoregressive(rng, 300, memory))
        pulls.append((slope - 0.7) / error)

    assert draws.agree(np.abs(pulls) < 2, 0.90, 0.98)


def test_a_constant_has_no_error():
    found = correlated_mean(np.full(50, 21.3))

    assert found.mean == pytest.approx(21.3)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)
    assert found.effective_points == 50
