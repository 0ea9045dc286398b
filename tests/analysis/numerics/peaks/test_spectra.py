"""Emission spectra on either axis: areas kept, windows cut, weights transformed."""

import numpy as np
import pytest

from analysis.numerics.peaks.spectra import HC, take_spectrum
from labdata.plugin import Dataset, UnsuitableData

WAVELENGTH = np.linspace(400.0, 900.0, 2001)
COUNTS = 1e4 * np.exp(-0.5 * ((WAVELENGTH - 650) / 30) ** 2)


def curve(counts=COUNTS, wavelength=WAVELENGTH):
    return Dataset.curve(("wavelength", "nm", wavelength), counts=("1", counts))


def test_the_jacobian_keeps_the_area():
    energy = take_spectrum(curve(), "counts", axis="eV")

    assert (np.diff(energy.x) > 0).all()
    assert np.trapezoid(energy.y, energy.x) == pytest.approx(
        np.trapezoid(COUNTS, WAVELENGTH), rel=1e-6
    )
    assert energy.x[0] == pytest.approx(HC / 900)
    assert energy.unit == "nm/eV"


def test_weights_are_one_over_the_variance_of_the_transformed_count():
    counts = np.random.default_rng(1).poisson(np.full((4000, 5), [3, 10, 50, 400, 9]))
    wavelength = np.array([500.0, 550.0, 600.0, 650.0, 700.0])
    spectrum = take_spectrum(
        curve(np.array([3.0, 10, 50, 400, 9]), wavelength), "counts", axis="eV"
    )

    weights = spectrum.poisson_weights(spectrum.y)

    scatter = (counts * (wavelength**2 / HC)).var(axis=0)[::-1]
    np.testing.assert_allclose(1 / weights, scatter, rtol=0.1)


def test_less_than_one_count_weighs_as_one():
    spectrum = take_spectrum(curve(), "counts")

    assert spectrum.poisson_weights(np.array([0.0, 0.5, 4.0] + [1.0] * 1998))[
        :3
    ].tolist() == [1.0, 1.0, 0.25]


def test_a_window_includes_both_ends():
    spectrum = take_spectrum(curve(), "counts", window=(500.0, 600.0))

    assert spectrum.x[[0, -1]].tolist() == [500.0, 600.0]
    assert spectrum.middle == 550.0
    assert spectrum.shifted[[0, -1]].tolist() == [-50.0, 50.0]


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (curve(wavelength=WAVELENGTH - 500), "a wavelength is -100 nm"),
        (curve(wavelength=np.full(2001, 500.0)), "all 2001 points lie at 500 nm"),
        (curve(counts=np.zeros(2001)), "all 2001 values of counts are 0"),
    ],
)
def test_what_is_no_spectrum_is_refused(dataset, message):
    with pytest.raises(UnsuitableData, match=message):
        take_spectrum(dataset, "counts")
