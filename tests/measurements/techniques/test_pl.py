"""The PL example is the published spectrum, marked as simulated."""

import numpy as np

from measurements.registry import techniques
from measurements.techniques.pl import NOISE, OFFSET, PEAKS


def test_the_example_scatters_about_the_published_curve():
    example = techniques["pl"].example()
    wavelength = example["wavelength"]
    curve = OFFSET + sum(
        area
        / (width * np.sqrt(np.pi / 2))
        * np.exp(-2 * ((wavelength - centre) / width) ** 2)
        for centre, width, area in PEAKS
    )

    residuals = example["counts"] - curve

    assert example.shape == (251,)
    assert np.ptp(wavelength) == 250.0
    assert abs(residuals.mean()) < 4 * NOISE / np.sqrt(251)
    assert 0.85 < residuals.std() / NOISE < 1.15
    assert example.metadata["origin"] == "simulated"


def test_the_areas_are_those_published():
    wavelength = np.linspace(500, 900, 100_001)

    for centre, width, area in PEAKS:
        peak = (
            area
            / (width * np.sqrt(np.pi / 2))
            * np.exp(-2 * ((wavelength - centre) / width) ** 2)
        )
        assert np.isclose(np.trapezoid(peak, wavelength), area, rtol=1e-6)


def test_a_spectrum_without_wavelengths_is_no_pl():
    problems = techniques["pl"].problems(techniques["curve"].example())

    assert problems == ["no axis wavelength", "no channel counts"]


def test_every_condition_of_the_contract_is_there():
    keys = {condition.key for condition in techniques["pl"].conditions}

    assert keys == {
        "excitation_wavelength",
        "excitation_power",
        "temperature",
        "atmosphere",
        "integration_time",
    }
