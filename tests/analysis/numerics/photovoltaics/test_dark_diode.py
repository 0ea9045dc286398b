"""Ideality from dark curves of known diodes."""

import numpy as np
import pytest

from analysis.numerics.photovoltaics.dark_diode import (
    NoExponential,
    fit_dark,
    thermal_voltage,
)
from analysis.numerics.photovoltaics.single_diode import evaluate

VOLTAGE = np.arange(0.0, 1.21, 0.01)


def dark(ideality, *, series=1e-4, shunt=1e5, saturation=1e-10, temperature=25.0):
    scale = ideality * thermal_voltage(temperature)
    return -evaluate(VOLTAGE, 0.0, saturation, series, shunt, scale)


@pytest.mark.parametrize("ideality", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("temperature", [25.0, 60.0])
def test_a_diode_with_small_parasitics_is_found(ideality, temperature):
    found = fit_dark(VOLTAGE, dark(ideality, temperature=temperature), temperature)

    assert found.ideality == pytest.approx(ideality, rel=0.02)
    assert np.log(found.saturation / 1e-10) == pytest.approx(0, abs=0.3)


def test_shunt_and_series_stay_out_of_the_window():
    current = dark(1.6, series=0.003, shunt=1e3)

    found = fit_dark(VOLTAGE, current, 25.0)

    assert found.ideality == pytest.approx(1.6, rel=0.06)
    assert 0.3 < found.low < found.high < 1.1


def test_the_interval_holds_the_truth(draws):
    random = np.random.default_rng(8)
    inside = []
    for _ in range(draws(60, 200)):
        noisy = dark(1.8) * (1 + random.normal(0, 0.02, VOLTAGE.size))
        found = fit_dark(VOLTAGE, noisy, 25.0, (0.4, 0.7))
        inside.append(abs(found.ideality - 1.8) < found.ideality_error)

    assert draws.agree(inside, 0.6)


@pytest.mark.parametrize(
    "current", [VOLTAGE / 1000, -dark(1.5), np.zeros(VOLTAGE.size), 1 + 0 * VOLTAGE]
)
def test_what_is_no_diode_is_refused(current):
    with pytest.raises(NoExponential):
        fit_dark(VOLTAGE, current, 25.0, (0.5, 0.9))
