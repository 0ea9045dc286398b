"""Fewer draws are judged by what they can say, and the full number by its bounds."""

import numpy as np
import pytest

from tests.strength import Draws


def shares(hits, number):
    return [True] * hits + [False] * (number - hits)


def drawn(is_full, few=40, full=400):
    draws = Draws(is_full)
    assert draws(few, full) == (full if is_full else few)
    return draws


@pytest.mark.parametrize(
    ("hits", "agrees"), [(240, False), (248, True), (388, True), (389, False)]
)
def test_the_full_number_holds_its_bounds_exactly(hits, agrees):
    assert drawn(True).agree(shares(hits, 400), 0.62, 0.97) is agrees


@pytest.mark.parametrize(
    ("hits", "agrees"), [(14, False), (16, True), (25, True), (40, True)]
)
def test_few_draws_must_agree_with_the_bounds_as_far_as_chance_allows(hits, agrees):
    assert drawn(False).agree(shares(hits, 40), 0.62, 0.97) is agrees


def test_few_draws_of_an_interval_that_is_half_too_narrow_are_refused():
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(200):
        inside = np.abs(rng.normal(size=100)) < 0.5
        refused += not drawn(False, 100).agree(inside, 0.64, 0.73)

    assert refused > 190


def test_few_draws_of_a_right_interval_are_seldom_refused():
    rng = np.random.default_rng(2)
    refused = 0
    for _ in range(1000):
        inside = np.abs(rng.normal(size=100)) < 1
        refused += not drawn(False, 100).agree(inside, 0.64, 0.73)

    assert refused < 5


def test_every_share_of_several_must_agree():
    inside = np.array([[True, False]] * 400)

    assert not drawn(True).agree(inside, 0.6)


def test_a_bias_and_a_wrong_width_of_pulls_are_refused():
    pulls = np.random.default_rng(3).normal(size=400)

    assert drawn(True).are_pulls(pulls, bias=0.25, width=(0.85, 1.15))
    assert not drawn(True).are_pulls(pulls + 0.4, bias=0.25)
    assert not drawn(True).are_pulls(1.3 * pulls, bias=0.25, width=(0.85, 1.15))


def test_few_pulls_may_stray_by_their_own_error_and_no_further():
    pulls = np.random.default_rng(4).normal(size=40)
    pulls = (pulls - pulls.mean()) / pulls.std()

    assert drawn(False).are_pulls(pulls + 0.5, bias=0.25, width=(0.85, 1.15))
    assert not drawn(False).are_pulls(pulls + 0.7, bias=0.25)
    assert not drawn(False).are_pulls(2 * pulls, bias=2.0, width=(0.85, 1.15))
