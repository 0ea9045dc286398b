"""The single-diode analysis: units, labels, doubts and refusals."""

import numpy as np
import pytest

import analysis.contract.registry
from analysis.contract.registry import analyses
from labdata.plugin import UnsuitableData
from tests.analysis.methods.sweeps_of_cells import (
    RISING,
    from_values,
    notes_about,
    sweep,
)

analysis.contract.registry.load_builtin()
PARAMETERS = {
    "jv.diode_photocurrent": 25.0,
    "jv.diode_saturation_current": 1e-9,
    "jv.diode_rs": 2.0,
    "jv.diode_rsh": 4000.0,
    "jv.diode_ideality": 1.6,
}


def fit(*datasets, **parameters):
    return analyses["jv_single_diode"].apply(datasets, parameters)


def test_all_five_parameters_come_back_in_their_units():
    result = fit(sweep(temperature=25.0))

    for name, value in PARAMETERS.items():
        assert result[name].value == pytest.approx(value, rel=1e-3), name
        assert result[name].flags == ()


def test_both_directions_are_fitted_and_reverse_answers():
    result = fit(sweep("forward"), sweep("reverse"))

    assert result["jv.diode_rs[forward]"].value == pytest.approx(2.0, rel=1e-3)
    assert result["jv.diode_rs"] == result["jv.diode_rs[reverse]"]


def test_ideality_follows_the_temperature_and_says_where_it_is_from():
    warm, plain = fit(sweep(temperature=60.0)), fit(sweep())

    ratio = warm["jv.diode_ideality"].value / plain["jv.diode_ideality"].value
    assert ratio == pytest.approx(298.15 / 333.15)
    sources = [one.detail("temperature_source", "reverse") for one in (warm, plain)]
    assert sources == ["stated", "assumed: nobody states it"]


def test_the_fit_is_given_for_the_plot():
    curve = fit(sweep(noise=0.01)).datasets["fit"]

    assert np.array_equal(curve["residual"], curve["data"] - curve["fit"])
    assert curve["residual"].std() == pytest.approx(0.01, rel=0.2)


def test_a_compliance_far_beyond_voc_stays_out():
    voltage = np.arange(-0.1, 1.5, 0.01)
    clipped = np.maximum(sweep("forward", voltage=voltage)["current_density"], -30.0)

    result = fit(from_values(voltage, clipped))

    assert result["jv.diode_rs"].value == pytest.approx(2.0, rel=1e-3)


def test_an_s_shaped_curve_is_flagged():
    bent = sweep("forward")["current_density"] - 4 * np.exp(
        -(((RISING - 0.6) / 0.15) ** 2)
    )

    result = fit(from_values(RISING, bent))

    assert "poor_fit" in result["jv.diode_rs"].flags
    assert notes_about(result, "does not describe")


def test_a_cell_without_shunt_gives_a_lower_bound():
    cell = (25.0, 1e-9, 0.002, 1e6, 1.6 * 0.025693)

    rsh = fit(sweep(cell=cell, noise=0.02))["jv.diode_rsh"]

    assert rsh.bound == ">"
    assert rsh.value < 1e9


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (sweep("forward", cell=(0.0, 1e-9, 0.002, 4.0, 0.04), light="dark"), "no lit"),
        (sweep("forward", cell=(0.0, 1e-9, 0.002, 4.0, 0.04)), "dark or dead"),
        (sweep("forward", voltage=RISING[RISING < 0.7]), "Voc is not reached"),
        (sweep("forward", voltage=RISING[::16]), "points"),
        (from_values(RISING, np.full(RISING.size, 3.0)), "no signal"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_reason(dataset, message):
    with pytest.raises(UnsuitableData, match=message):
        fit(dataset)
