"""Finding peaks: the number by BIC, minima that are no answer refused."""

import numpy as np
import pytest
from scipy import stats

from analysis.numerics.peaks import gaussians, peak_fit
from analysis.numerics.peaks.peak_fit import NoTrustworthyMinimum

X = np.linspace(-100.0, 100.0, 201)


def curve(*peaks, offset=20.0, noise=2.0, seed=1):
    p = np.array([[offset, *np.ravel(peaks)]])
    clean = gaussians.evaluate_gaussians(X, p)[0, 0]
    return clean + np.random.default_rng(seed).normal(0, noise, X.size)


def find(y, peaks, **options):
    return peak_fit.fit_peaks(X, y, peaks, linear=False, **options)


def test_criteria_are_those_of_a_normal_likelihood_with_free_scale():
    residual = np.random.default_rng(2).normal(0, 3, 400)
    chi_square = float(np.sum(residual**2))
    likelihood = stats.norm.logpdf(residual, 0, np.sqrt(chi_square / 400)).sum()
    constant = 400 * (1 + np.log(2 * np.pi))

    aic, bic = peak_fit.criteria(chi_square, 400, 7)

    assert aic == pytest.approx(2 * 7 - 2 * likelihood - constant)
    assert bic == pytest.approx(7 * np.log(400) - 2 * likelihood - constant)


def test_the_fewest_peaks_within_ten_of_the_lowest_bic_are_chosen():
    y = curve((3000, -20, 15), (900, 35, 12))
    candidates = {peaks: find(y, peaks) for peaks in (1, 2, 3)}

    assert peak_fit.choose(candidates) == 2
    assert candidates[1].bic > candidates[2].bic + peak_fit.DECISIVE
    assert peak_fit.choose({}) == 0


def test_a_peak_beyond_the_window_is_refused():
    y = curve((9000, 115, 30), noise=1.0)

    with pytest.raises(NoTrustworthyMinimum, match="centre leaves the window"):
        find(y, 1)


def test_a_spike_is_refused():
    y = curve((3000, -20, 15))
    y[150] += 500

    with pytest.raises(NoTrustworthyMinimum, match="that is a spike"):
        find(y, 2)


def test_a_background_is_no_peak():
    y = 100 - 0.02 * X**2 + np.random.default_rng(1).normal(0, 0.1, X.size)

    with pytest.raises(NoTrustworthyMinimum, match="that is background"):
        find(y, 1)


def test_components_add_up_and_belong_to_their_peaks():
    y = curve((3000, -20, 15), (900, 35, 12))
    found = find(y, 2)

    swapped = found.reordered(np.array([1, 0]))

    model = gaussians.evaluate_gaussians(X, found.best.parameters[None])[0, 0]
    np.testing.assert_allclose(peak_fit.components(X, found).sum(axis=0), model)
    np.testing.assert_allclose(
        peak_fit.components(X, swapped)[[0, 2, 1]], peak_fit.components(X, found)
    )
    assert np.array_equal(swapped.covariance_of(0), found.covariance_of(1))
    assert np.array_equal(swapped.significance()[::-1], found.significance())


def test_weighted_determination_is_about_the_weighted_mean():
    y, model = np.array([1.0, 2.0, 4.0, 9.0]), np.array([1.5, 2.0, 3.5, 9.0])
    weights = np.array([1.0, 2.0, 1.0, 4.0])
    mean = np.sum(weights * y) / 8
    left = np.sum(weights * (y - model) ** 2) / np.sum(weights * (y - mean) ** 2)

    plain, adjusted = peak_fit.determination(y, model, weights, 2)

    assert plain == pytest.approx(1 - left)
    assert adjusted == pytest.approx(1 - left * 3 / 2)


def test_an_offset_alone_is_the_weighted_line():
    weights = np.linspace(1, 2, X.size)
    y = curve(noise=1.0)

    flat, _ = peak_fit.offset_alone(X, y, linear=False, weights=weights)
    line, _ = peak_fit.offset_alone(X, 3 + 2 * X, linear=True)

    mean = np.average(y, weights=weights)
    assert flat == pytest.approx(np.sum(weights * (y - mean) ** 2))
    assert line == pytest.approx(0, abs=1e-20)
