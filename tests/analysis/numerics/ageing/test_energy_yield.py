"""Energy delivered: its sources in order, gaps apart, drop-outs not counted."""

import numpy as np
import pytest

from analysis.numerics.ageing.energy_yield import integrate_energy
from labdata.plugin import Dataset

TIME = np.arange(101.0)


def energy(time=TIME, is_sparse=False, conditions=None, **channels):
    dataset = Dataset.curve(
        ("time", "h", time),
        pce=("%", np.full(time.size, 20.0)),
        **channels,
        metadata={"conditions": conditions or {}},
    )
    return integrate_energy(dataset, is_sparse=is_sparse)


def constant(value, size=101):
    return np.full(size, float(value))


def test_a_constant_power_over_a_hundred_hours():
    found = energy(power_density=("mW/cm²", constant(20)))

    assert found.value == pytest.approx(2.0)
    assert (found.low, found.high) == (found.value, found.value)


def test_voltage_times_current_stands_in_for_power():
    found = energy(voltage=("V", constant(1)), current_density=("mA/cm²", constant(15)))

    assert found.value == pytest.approx(1.5)


def test_the_stated_intensity_is_used_and_never_assumed():
    assert energy(conditions={"intensity": 50.0}).value == pytest.approx(1.0)
    assert energy() is None


def test_drop_outs_deliver_nothing():
    power = constant(20)
    power[40:51] = 0

    assert energy(power_density=("mW/cm²", power)).value == pytest.approx(1.78)


def test_a_gap_is_in_the_upper_end_only():
    time = np.concatenate([TIME[:51], TIME[50:] + 100])
    found = energy(time, power_density=("mW/cm²", constant(20, time.size)))

    assert found.value == pytest.approx(2.0)
    assert found.high == pytest.approx(4.0)


def test_a_few_points_give_no_energy():
    assert energy(is_sparse=True, conditions={"intensity": 100.0}) is None
