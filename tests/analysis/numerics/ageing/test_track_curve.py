"""Smoothing of tracks: truth within the band, jumps kept sharp, levels correlated."""

import numpy as np
import pytest

from analysis.numerics.ageing import degradation_models, track_curve
from analysis.numerics.ageing.track import clean, group

TIME = np.arange(600.0)
TRUTH = 20 * (0.1 * np.exp(-TIME / 15) + 0.9 * np.exp(-TIME / 3000))


def curve_of(values):
    track = clean(TIME, values)
    groups = group(track)
    return groups, track_curve.smooth(track, groups)


def noisy(seed, size=0.02):
    return TRUTH * (1 + size * np.random.default_rng(seed).normal(size=TIME.size))


def test_a_spline_goes_through_a_clean_track():
    _, curve = curve_of(TRUTH)

    assert np.interp(TIME, curve.time, curve.values) == pytest.approx(TRUTH, rel=2e-4)
    assert curve.noise < 1e-3


def test_its_band_holds_the_truth_as_often_as_it_says():
    inside = []
    for seed in range(60):
        _, curve = curve_of(noisy(seed))
        expected = np.interp(curve.time, TIME, TRUTH)
        half = curve.factor * np.sqrt(curve.variance)
        inside.append(np.mean(np.abs(curve.values - expected) < half))

    assert 0.90 <= np.mean(inside) <= 0.99


def test_the_margin_over_its_own_value_there_has_no_error():
    _, curve = curve_of(noisy(1))
    level = curve.at(300.0)

    margin, error = curve.margin(level, 1.0)

    assert np.interp(300, curve.time, margin) == pytest.approx(0, abs=1e-3)
    assert np.interp(300, curve.time, error) < 0.1 * np.sqrt(level.variance)


def test_a_true_model_replaces_the_spline_and_a_false_one_does_not():
    groups, curve = curve_of(noisy(2))
    fitted, _ = degradation_models.fit_models(
        groups.time, groups.values, curve.spline.weights
    )

    kept = track_curve.follow_model(curve, groups, fitted["linear"])
    followed = track_curve.follow_model(curve, groups, fitted["biexponential"])

    assert kept is curve
    assert followed.decay is fitted["biexponential"]
    assert followed.variance.mean() < curve.variance.mean()


def test_a_jump_is_left_to_a_running_median():
    values = np.where(TIME < 250, 20.0, 5.0)
    scatter = np.random.default_rng(0).normal(0, 0.05, TIME.size)
    _, curve = curve_of(values + scatter)

    assert curve.spline is None
    assert np.interp(249, curve.time, curve.values) > 19
    assert np.interp(250, curve.time, curve.values) < 6


def test_correlated_noise_widens_the_band():
    random = np.random.default_rng(4)
    steps = random.normal(size=TIME.size)
    slow = np.convolve(steps, np.ones(12) / np.sqrt(12), mode="same")
    _, white = curve_of(TRUTH + 0.2 * steps)
    _, red = curve_of(TRUTH + 0.2 * slow)

    assert np.median(red.variance) > 2 * np.median(white.variance)
