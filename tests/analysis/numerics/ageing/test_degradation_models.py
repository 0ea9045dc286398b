"""Models of decay: truth recovered, compared by BIC, extrapolated with honest bands."""

import numpy as np
import pytest

from analysis.numerics.ageing.degradation_models import (
    FORMS,
    burn_in_of,
    choose,
    fit_models,
    project,
    summarise,
)

TIME = np.linspace(0, 1000, 300)
ONES = np.ones(300)
TRUTHS = {
    "linear": 20 - 0.004 * TIME,
    "exponential": 20 * np.exp(-TIME / 800),
    "biexponential": 4 * np.exp(-TIME / 30) + 16 * np.exp(-TIME / 3000),
    "stretched": 20 * np.exp(-((TIME / 900) ** 0.5)),
}


def noisy(values, seed, size=0.05):
    return values + np.random.default_rng(seed).normal(0, size, values.size)


@pytest.mark.parametrize("key", TRUTHS)
def test_the_true_model_has_the_lowest_bic(key):
    fitted, _ = fit_models(TIME, noisy(TRUTHS[key], 1), ONES)

    assert choose(fitted).form.key == key
    assert np.abs(fitted[key].evaluate(TIME) - TRUTHS[key]).max() < 0.1


@pytest.mark.parametrize("key", FORMS)
def test_derivatives_are_those_of_the_function(key):
    x = np.linspace(0, 1, 7)
    start = {
        "linear": [20.0, 3.0],
        "exponential": [20.0, 1.2],
        "biexponential": [16.0, 0.3, 4.0, 3.0],
        "stretched": [20.0, 0.1, -0.6],
    }[key]
    evaluate = FORMS[key].model.evaluate
    slopes = evaluate(x, np.array([start]))[0, 1:]

    for at in range(len(start)):
        step = np.zeros(len(start))
        step[at] = 1e-6
        up, down = evaluate(x, np.array([start + step, start - step]))[:, 0]
        assert slopes[at] == pytest.approx((up - down) / 2e-6, abs=1e-4)


def test_stated_errors_cover_the_truth():
    pulls = []
    for seed in range(60):
        fitted, _ = fit_models(
            TIME, noisy(TRUTHS["biexponential"], seed), ONES, keys=["biexponential"]
        )
        decay = fitted["biexponential"]
        truth = np.array([16, 1 / 3, 4, np.log(1000 / 30)])
        pulls.append(
            (decay.parameters - truth) / np.sqrt(np.diagonal(decay.covariance))
        )

    assert np.abs(np.mean(pulls, axis=0)).max() < 0.5
    assert (np.std(pulls, axis=0) > 0.75).all()
    assert (np.std(pulls, axis=0) < 1.3).all()


def test_too_few_points_refuse_a_model_with_the_number():
    _, refused = fit_models(TIME[:4], TRUTHS["linear"][:4], ONES[:4])

    assert refused["biexponential"] == "4 points, 6 are needed"


def test_burn_in_ends_where_both_parts_lose_alike():
    fitted, _ = fit_models(TIME, TRUTHS["biexponential"], ONES, keys=["biexponential"])
    burn_in, _ = burn_in_of(fitted["biexponential"])
    fast = 4 / 30 * np.exp(-burn_in.end / 30)
    slow = 16 / 3000 * np.exp(-burn_in.end / 3000)

    assert fast == pytest.approx(slow, rel=1e-3)
    assert burn_in.loss == pytest.approx(0.2, rel=1e-4)
    assert burn_in.reference == pytest.approx(16, rel=1e-4)


def test_more_than_half_is_no_burn_in():
    values = 12 * np.exp(-TIME / 30) + 8 * np.exp(-TIME / 3000)
    fitted, _ = fit_models(TIME, values, ONES, keys=["biexponential"])

    burn_in, reason = burn_in_of(fitted["biexponential"])

    assert burn_in is None
    assert "60 %" in reason


def test_projections_hold_the_truth_as_often_as_they_say():
    ahead, inside = np.array([2000.0, 3000.0]), []
    truth = 20 * np.exp(-ahead / 800)
    for seed in range(80):
        values = noisy(TRUTHS["exponential"], seed, 0.3)
        fitted, _ = fit_models(TIME, values, ONES, keys=["exponential"])
        told = project(summarise(fitted["exponential"], 20.0, 0.0), ahead)
        inside.append((told["low"] <= 5 * truth) & (5 * truth <= told["high"]))

    assert 0.55 < np.mean(inside) < 0.80


def test_a_track_that_begins_late_and_one_that_is_dead_are_fitted():
    late = 40 + TIME / 1000
    fitted, refused = fit_models(late, noisy(30 - 0.5 * late, 2), ONES)
    dead, _ = fit_models(TIME, np.zeros(300), ONES, keys=["linear"])

    assert choose(fitted).form.key == "linear"
    assert set(fitted) | set(refused) == set(FORMS)
    assert np.isfinite(dead["linear"].bic)
    assert not dead["linear"].evaluate(TIME).any()
