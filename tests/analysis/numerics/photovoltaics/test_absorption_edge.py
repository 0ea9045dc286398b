"""Edges of known gap and slope are recovered, within the stated errors."""

import numpy as np
import pytest

from analysis.numerics.photovoltaics.absorption_edge import (
    NoEdge,
    find_inflection,
    fit_tail,
)

GAP, WIDTH = 1.55, 0.015


def energies(step=5.0):
    return 1239.841984 / np.arange(900.0, 299.0, -step)


def logistic(energy, gap=GAP, width=WIDTH):
    return 0.9 / (1 + np.exp(-(energy - gap) / width))


@pytest.mark.parametrize("step", [1.0, 2.0, 5.0])
@pytest.mark.parametrize("gap", [1.50, 1.551, 1.62, 1.8])
def test_the_inflection_of_a_logistic_edge_is_its_centre(step, gap):
    energy = energies(step)

    edge = find_inflection(energy, logistic(energy, gap))

    spacing = step * gap**2 / 1239.841984
    assert abs(edge.energy - gap) < 0.25 * spacing
    assert abs(edge.energy - gap) < 2 * edge.uncertainty


@pytest.mark.parametrize("step", [1.0, 2.0, 5.0])
@pytest.mark.parametrize("width", [0.015, 0.02, 0.03])
def test_the_inflection_of_a_skewed_edge_lies_within_its_error(step, width):
    energy = energies(step)
    skewed = 0.9 * np.exp(-np.exp(-(energy - GAP) / width))

    edge = find_inflection(energy, skewed)

    assert abs(edge.energy - GAP) < 2 * edge.uncertainty
    assert abs(edge.energy - GAP) < 2.5e-3


@pytest.mark.parametrize("step", [2.0, 5.0])
def test_the_stated_error_of_the_gap_covers_the_truth(draws, step):
    rng = np.random.default_rng(1)
    energy = energies(step)
    pulls = []
    for _ in range(draws(60, 200)):
        gap = rng.uniform(1.5, 1.7)
        signal = logistic(energy, gap) + rng.normal(0, 0.005, energy.size)
        edge = find_inflection(energy, signal)
        pulls.append((edge.energy - gap) / edge.uncertainty)

    assert draws.are_pulls(pulls, bias=0.3)
    assert draws.agree(np.abs(pulls) < 2, 0.9)


@pytest.mark.parametrize("urbach", [0.012, 0.0179, 0.0226, 0.040])
def test_an_exponential_edge_gives_its_urbach_energy(urbach):
    energy = energies(2.0)
    signal = np.where(
        energy < 1.6, 0.9 * np.exp(np.minimum(energy - 1.6, 0) / urbach), 0.9
    )

    tail = fit_tail(energy, signal)

    assert tail.urbach_energy == pytest.approx(urbach, rel=1e-6)
    assert tail.fall > 10


def test_the_stated_error_of_the_urbach_energy_covers_the_truth(draws):
    rng = np.random.default_rng(2)
    energy = energies(2.0)
    pulls = []
    for _ in range(draws(60, 200)):
        urbach = rng.uniform(0.015, 0.025)
        clean = 0.9 * np.exp(np.minimum(energy - 1.6, 0) / urbach)
        signal = clean * (1 + rng.normal(0, 0.05, energy.size))
        signal += rng.normal(0, 1e-5, energy.size)
        tail = fit_tail(energy, signal)
        pulls.append((tail.urbach_energy - urbach) / tail.uncertainty)

    assert draws.agree(np.abs(pulls) < 2, 0.9)
    assert draws.are_pulls(pulls, bias=0.5)


def test_the_tail_ends_where_a_plateau_below_the_gap_begins():
    energy = energies(2.0)
    signal = 0.9 * np.exp(np.minimum(energy - 1.6, 0) / 0.015) + 1e-3

    tail = fit_tail(energy, signal)

    crossing = 1.6 - 0.015 * np.log(0.9 / 1e-3)
    assert tail.window[0] > crossing - 0.02
    assert tail.urbach_energy == pytest.approx(0.015, rel=0.15)


def test_a_window_that_was_asked_for_is_used():
    energy = energies(2.0)

    tail = fit_tail(energy, logistic(energy), window=(1.42, 1.47))

    assert tail.window[0] >= 1.42
    assert tail.window[1] <= 1.47
    assert tail.urbach_energy == pytest.approx(WIDTH, rel=0.01)


def test_a_spectrum_that_ends_on_the_plateau_has_no_edge():
    energy = np.linspace(1.7, 3.0, 60)

    with pytest.raises(NoEdge, match="edge was not measured"):
        find_inflection(energy, logistic(energy))
    with pytest.raises(NoEdge, match="edge was not measured"):
        fit_tail(energy, logistic(energy))


def test_a_sudden_step_has_no_tail():
    energy = energies()

    with pytest.raises(NoEdge, match="only 0 points"):
        fit_tail(energy, np.where(energy > 1.55, 0.9, 0.0))


def test_a_window_without_signal_is_refused():
    energy = energies()

    with pytest.raises(NoEdge, match="not positive"):
        fit_tail(energy, logistic(energy) - 0.01, window=(1.40, 1.5))
    with pytest.raises(NoEdge, match="only 0 points"):
        fit_tail(energy, logistic(energy), window=(9.0, 9.5))
    with pytest.raises(NoEdge, match="does not fall"):
        fit_tail(energy, 1 / logistic(energy), window=(1.4, 1.5))
