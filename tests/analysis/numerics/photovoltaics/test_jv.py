"""Sweep metrics against curves whose answers are known."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from analysis.numerics.photovoltaics import jv
from analysis.numerics.photovoltaics.single_diode import evaluate

CELL = (22.0, 4e-11, 0.002, 2.0, 0.042)
NOISE = 0.02


def curve(voltage):
    return evaluate(voltage, *CELL)


def truth():
    """Voc, Jsc, maximum power and its voltage to machine precision."""
    voc = brentq(lambda v: float(curve(np.array([v]))[0]), 0.5, 1.3, xtol=1e-13)
    best = minimize_scalar(
        lambda v: -v * float(curve(np.array([v]))[0]),
        bounds=(0.5, voc),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return voc, float(curve(np.array([0.0]))[0]), -best.fun, best.x


def measure(*curves, **options):
    return jv.sweep_metrics(*jv.stack(curves), **options)


@pytest.mark.parametrize("step", [0.005, 0.01, 0.02, 0.05])
def test_the_truth_is_within_the_uncertainty_of_the_spacing(step):
    voltage = np.arange(-0.1033, 1.25, step)
    voc, jsc, pmax, vmp = truth()

    found = measure((voltage, curve(voltage)))

    assert abs(found.voc[0] - voc) < 2 * found.voc_error[0]
    assert abs(found.jsc[0] - jsc) < 2 * found.jsc_error[0] + 1e-9
    assert abs(found.pmax[0] - pmax) < 2 * found.pmax_error[0]
    assert abs(found.vmp[0] - vmp) < 2 * found.vmp_error[0]
    assert found.pmax_error[0] < 0.01 * pmax


@pytest.mark.parametrize("step", [0.005, 0.02, 0.05])
def test_the_voltage_of_the_maximum_may_lie_anywhere_in_one_step(step):
    # The power of a straight line is a parabola: fitted and sampled maximum agree, and
    # what remains unknown is where in its step the sample was taken.
    voltage = np.arange(0.0, 2.0 + step / 2, step)

    found = measure((voltage, 2.0 - voltage))

    anywhere = np.std(np.linspace(-step / 2, step / 2, 100_001))
    assert found.vmp_fitted[0] == pytest.approx(found.vmp[0], abs=1e-9)
    assert found.vmp_error[0] == pytest.approx(anywhere, rel=1e-4)
    # At the maximum J falls by J/V for each volt.
    assert found.jmp_error[0] == pytest.approx(anywhere, rel=1e-4)


def test_the_step_is_that_of_each_sweep_whatever_the_longest_one_has():
    coarse, fine = np.arange(0.0, 2.01, 0.1), np.arange(0.0, 2.001, 0.01)

    found = measure((coarse, 2.0 - coarse), (fine, 2.0 - fine))

    assert found.vmp_error[0] == pytest.approx(10 * found.vmp_error[1], rel=1e-6)


def test_the_fitted_maximum_is_nearer_than_the_largest_sample():
    voltage = np.arange(-0.1033, 1.25, 0.02)
    current = curve(voltage)
    _, _, pmax, vmp = truth()

    found = measure((voltage, current))

    sample = np.max(voltage * current)
    assert abs(found.pmax_fitted[0] - pmax) < 0.3 * abs(sample - pmax)
    assert found.vmp_fitted[0] == pytest.approx(vmp, abs=0.004)


def test_the_maximum_is_interpolated_between_two_equal_samples():
    voltage = np.linspace(0, 2, 9)
    current = 2.0 - voltage + 1e-3

    found = measure((voltage + 0.06, current))

    middle = (2.0 + 1e-3 + 0.06) / 2
    assert found.vmp[0] == pytest.approx(middle)
    assert found.pmax[0] == pytest.approx(middle**2)


def test_intervals_hold_the_truth_as_often_as_they_claim():
    voltage = np.arange(-0.1, 1.25, 0.01)
    random = np.random.default_rng(3)
    draws = [
        (voltage, curve(voltage) + random.normal(0, NOISE, voltage.size))
        for _ in range(400)
    ]
    voc, jsc, pmax, _ = truth()

    found = measure(*draws)

    for values, errors, true in (
        (found.voc, found.voc_error, voc),
        (found.jsc, found.jsc_error, jsc),
        (found.pmax, found.pmax_error, pmax),
    ):
        inside = np.mean(np.abs(values - true) < errors)
        # Spacing and noise are both counted: a little more than 68 %, never all.
        assert 0.62 < inside < 0.97
        assert np.mean(np.abs(values - true) < 2 * errors) > 0.93
    assert np.median(found.noise) == pytest.approx(NOISE, rel=0.05)


def test_sweeps_together_give_what_each_gives_alone():
    curves = [
        (voltage, curve(voltage) * scale)
        for voltage, scale in (
            (np.arange(-0.1, 1.25, 0.01), 1.0),
            (np.arange(1.2, -0.2, -0.03), 0.8),
            (np.arange(0.0, 1.3, 0.005), 1.1),
        )
    ]

    together = measure(*curves)

    for row, one in enumerate(curves):
        alone = measure(one)
        for name in ("voc", "jsc", "pmax", "vmp", "voc_error", "pmax_error", "noise"):
            ours, theirs = getattr(together, name)[row], getattr(alone, name)[0]
            assert ours == pytest.approx(theirs, rel=1e-9), name
        assert together.at_voc.slope[row] == pytest.approx(alone.at_voc.slope[0])


def test_a_sweep_that_ends_before_voc_has_none_and_its_maximum_is_at_the_edge():
    voltage = np.arange(-0.1, 0.7, 0.01)

    found = measure((voltage, curve(voltage)))

    assert np.isnan(found.voc[0])
    assert np.isnan(found.at_voc.slope[0])
    assert found.at_edge[0]


def test_a_sweep_away_from_zero_has_no_short_circuit():
    voltage = np.arange(0.3, 1.25, 0.01)

    found = measure((voltage, curve(voltage)))

    assert np.isnan(found.jsc[0])
    assert not np.isnan(found.voc[0])


def test_less_than_a_step_short_of_zero_is_extrapolated_and_said():
    voltage = np.arange(0.0004, 1.25, 0.01)

    found = measure((voltage, curve(voltage)))

    assert found.extrapolated[0]
    assert found.jsc[0] == pytest.approx(truth()[1], rel=1e-4)


def test_resistances_are_slopes_of_a_known_line():
    voltage = np.arange(-0.2, 1.2, 0.02)
    current = np.where(voltage < 0.5, 10 - voltage / 2, 9.75 - 40 * (voltage - 0.5))

    found = measure((voltage, current))

    assert found.at_zero.slope[0] == pytest.approx(-0.5)
    assert found.at_voc.slope[0] == pytest.approx(-40)
    assert found.at_zero.low[0] == pytest.approx(-0.1)
    assert found.at_zero.high[0] == pytest.approx(0.1)


def test_points_at_one_voltage_are_averaged():
    voltage, current = jv.stack([(np.array([0, 1, 1, 2.0]), np.array([4, 3, 1, 0.0]))])

    assert voltage.tolist() == [[0, 1, 2]]
    assert current.tolist() == [[4, 2, 0]]
