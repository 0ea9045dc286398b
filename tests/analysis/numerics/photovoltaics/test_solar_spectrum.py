"""Currents from AM1.5G against known limits of the spectrum."""

import numpy as np
import pytest

from analysis.numerics.photovoltaics.solar_spectrum import am15g, current_weights


def test_the_spectrum_carries_one_sun():
    wavelength, irradiance = am15g()

    assert wavelength[[0, -1]].tolist() == [280.0, 4000.0]
    assert np.trapezoid(irradiance, wavelength) == pytest.approx(1000.37, abs=0.01)


@pytest.mark.parametrize(
    ("gap", "current"),
    [
        # Shockley-Queisser currents of Rühle, Solar Energy 130, 139 (2016).
        (1.10, 44.23),
        (1.42, 32.00),
        (1.60, 25.47),
    ],
)
def test_a_step_gives_the_tabulated_limiting_current(gap, current):
    wavelength = np.linspace(280.0, 1239.841984 / gap, 50)

    total = current_weights(wavelength).sum()

    assert total == pytest.approx(current, rel=2e-3)


def test_coarse_points_lose_nothing_of_the_solar_spectrum():
    fine, coarse = np.arange(300.0, 900.1, 0.5), np.array([300.0, 620.0, 900.0])

    assert current_weights(coarse).sum() == pytest.approx(
        current_weights(fine).sum(), rel=1e-6
    )


def test_the_spectrum_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        am15g()[1][0] = 1.0
