"""EQE metrics: known currents, gaps and slopes, and every doubt as a flag."""

import numpy as np
import pytest

import measurements.registry
from analysis.contract.registry import analyses, load_builtin
from analysis.methods.eqe.eqe_metrics import Parameters
from labdata.plugin import Dataset, ParameterError, Source, UnsuitableData
from measurements.registry import readers, techniques
from measurements.techniques.eqe import EDGE_ENERGY, EDGE_WIDTH

load_builtin()
measurements.registry.load_builtin()

LOSSLESS_CURRENT = 25.47
"""Of a gap of 1.60 eV under AM1.5G [mA/cm²]."""


def spectrum(efficiency, wavelength=None, **metadata):
    wavelength = np.arange(300.0, 901.0, 5.0) if wavelength is None else wavelength
    return Dataset.curve(
        ("wavelength", "nm", wavelength), eqe=("1", efficiency), metadata=metadata
    )


def logistic(wavelength, gap=1.6, width=0.015, height=0.9):
    return height / (1 + np.exp(-(1239.841984 / wavelength - gap) / width))


def analyse(dataset, **parameters):
    return analyses["eqe_metrics"].apply(dataset, parameters)


@pytest.mark.parametrize(("number", "header"), [(0, 25.577925), (1, 25.481234)])
def test_the_real_spectra_integrate_to_what_their_headers_say(
    real_file, number, header
):
    data = real_file("eqe/25.57.eqe.txt").read_bytes()
    parsed = readers["eqe_text"].read(Source("a", data, "eqe")).datasets[number]

    result = analyse(parsed.dataset)

    assert result["eqe.jsc"].value == pytest.approx(header, rel=1e-3)
    assert "header_contradicts_data" not in result["eqe.jsc"].flags
    assert 1.53 < result["eqe.band_gap"].value < 1.56


def test_the_supplied_spectrum_gives_the_same_current(real_file):
    data = real_file("eqe/25.57.eqe.txt").read_bytes()
    parsed = readers["eqe_text"].read(Source("a", data, "eqe")).datasets[0].dataset
    table = np.genfromtxt(real_file("eqe/AM15G.dat.txt"), delimiter=",", usecols=(1, 2))
    energy, flux = table.T
    efficiency = np.interp(
        1239.841984 / energy, parsed["wavelength"], parsed["eqe"], left=0, right=0
    )
    # The table's photon flux is per eV, cm² and second.
    supplied = np.trapezoid(efficiency * flux, energy) * 1.602176634e-19 * 1e3

    current = analyse(parsed)["eqe.jsc"].value

    assert supplied == pytest.approx(25.567, rel=1e-3)
    assert current == pytest.approx(supplied, rel=1e-3)


def test_a_perfect_step_gives_the_limiting_current():
    wavelength = np.arange(280.0, 901.0, 0.5)
    efficiency = (1239.841984 / wavelength >= 1.60).astype(float)

    result = analyse(spectrum(efficiency, wavelength))

    assert result["eqe.jsc"].value == pytest.approx(LOSSLESS_CURRENT, rel=2e-3)


def test_the_example_gives_its_gap_and_slope():
    result = analyse(techniques["eqe"].example())

    gap, urbach = result["eqe.band_gap"], result["eqe.urbach_energy"]
    assert abs(gap.value - EDGE_ENERGY) < 2 * gap.uncertainty
    assert gap.uncertainty < 0.002
    assert urbach.value == pytest.approx(1000 * EDGE_WIDTH, rel=0.02)
    assert urbach.flags == ()
    assert result.datasets["current"]["integrated"][-1] == pytest.approx(
        result["eqe.jsc"].value
    )


def test_the_direction_of_the_axis_does_not_matter():
    wavelength = np.arange(300.0, 901.0, 5.0)
    up = spectrum(logistic(wavelength), wavelength)
    down = spectrum(logistic(wavelength[::-1]), wavelength[::-1])

    assert analyse(down).to_json() == analyse(up).to_json()


def test_the_stated_error_of_the_current_is_that_of_the_scatter(draws):
    rng = np.random.default_rng(3)
    wavelength = np.arange(300.0, 901.0, 5.0)
    clean = logistic(wavelength)
    truth = analyse(spectrum(clean, wavelength))["eqe.jsc"].value
    pulls = []
    for _ in range(draws(50, 150)):
        noisy = clean + rng.normal(0, 0.01, wavelength.size)
        found = analyse(spectrum(noisy, wavelength))["eqe.jsc"]
        pulls.append((found.value - truth) / found.uncertainty)

    assert draws.are_pulls(pulls, bias=0.3, width=(0.8, 1.25))


def test_a_header_that_contradicts_the_data_is_flagged_with_both_numbers():
    wavelength = np.arange(300.0, 901.0, 5.0)
    current = analyse(spectrum(logistic(wavelength)))["eqe.jsc"].value

    def flags(stated):
        entry = {"value": stated, "unit": "mA/cm²", "label": "AM1.5G"}
        return analyse(
            spectrum(
                logistic(wavelength), reported={"integrated_current_density": entry}
            )
        )

    assert flags(1.009 * current)["eqe.jsc"].flags == ()
    high, low = flags(1.011 * current), flags(0.98 * current)
    assert high["eqe.jsc"].flags == ("header_contradicts_data",)
    assert low["eqe.jsc"].flags == ("header_contradicts_data",)
    assert any("+1.1 %" in note and f"{current:.6g}" in note for note in high.remarks)


def test_the_ratio_to_the_jv_current_is_given_when_that_is_known():
    efficiency = logistic(np.arange(300.0, 901.0, 5.0))

    alone = analyse(spectrum(efficiency))
    beside = analyse(spectrum(efficiency, conditions={"jv_jsc": 25.0}))

    assert "eqe.jsc_ratio" not in alone
    assert any("not known: no ratio" in note for note in alone.remarks)
    assert beside["eqe.jsc_ratio"].value == beside["eqe.jsc"].value / 25.0
    zero = analyse(spectrum(efficiency, conditions={"jv_jsc": 0.0}))
    assert "eqe.jsc_ratio" not in zero


def test_a_range_that_ends_on_the_plateau_is_flagged_and_has_no_gap():
    wavelength = np.arange(300.0, 701.0, 5.0)

    result = analyse(spectrum(logistic(wavelength), wavelength))

    assert "range_truncated" in result["eqe.jsc"].flags
    assert "eqe.band_gap" not in result
    assert "eqe.urbach_energy" not in result
    assert any("No band gap" in note for note in result.remarks)


def test_impossible_efficiencies_are_flagged_or_refused():
    efficiency = logistic(np.arange(300.0, 901.0, 5.0))

    above = analyse(spectrum(1.2 * efficiency))
    below = analyse(spectrum(efficiency - 0.1))

    assert "efficiency_above_one" in above["eqe.jsc"].flags
    assert "negative_efficiency" in below["eqe.jsc"].flags
    with pytest.raises(UnsuitableData, match=r"90, which is 9000 %"):
        analyse(spectrum(100 * efficiency))


def test_a_sparse_tail_is_flagged():
    wavelength = np.arange(300.0, 901.0, 10.0)
    tail = np.exp(np.minimum(1239.841984 / wavelength - 1.6, 0) / 0.010)

    sparse = analyse(spectrum(0.9 * tail, wavelength))

    assert "resolution_limited" in sparse["eqe.urbach_energy"].flags
    fine = np.arange(300.0, 901.0, 2.0)
    short = analyse(spectrum(logistic(fine), fine), urbach_window=[1.54, 1.56])
    assert "short_edge" in short["eqe.urbach_energy"].flags


@pytest.mark.parametrize(
    ("dataset", "reason"),
    [
        (spectrum(np.full(5, 0.5), np.arange(300.0, 305.0)), "only 5 points"),
        (spectrum(np.full(9, 0.5), np.arange(-1.0, 8.0)), "wavelength is -1 nm"),
        (spectrum(np.full(10, 0.5), np.r_[300:309, 308.0]), "308 nm was measured"),
        (spectrum(np.zeros(121)), "nowhere above zero"),
    ],
)
def test_what_cannot_be_analysed_is_refused_with_the_reason(dataset, reason):
    with pytest.raises(UnsuitableData, match=reason):
        analyse(dataset)


def test_a_window_must_rise():
    with pytest.raises(ParameterError, match="Must rise"):
        analyses["eqe_metrics"].clean_parameters({"urbach_window": [1.5, 1.4]})
    assert Parameters().problems() == {}
