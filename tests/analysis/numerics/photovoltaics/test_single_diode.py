"""Single-diode fits against pvlib's own curves."""

import numpy as np
import pytest
from pvlib.pvsystem import calcparams_desoto, i_from_v, v_from_i

from analysis.numerics.photovoltaics import jv
from analysis.numerics.photovoltaics.single_diode import NoSingleDiode, fit_single_diode

FRANCE = (0.7608, 3.223e-7, 0.0364, 53.76, 1.4837 * 0.02646)
"""The R.T.C. France cell at 33 °C, the usual test of single-diode fits [A, V, Ω]."""

PEROVSKITE = (25.0, 1e-9, 0.002, 4.0, 1.6 * 0.025693)
"""[mA/cm², kΩ cm², V]"""

CANADIAN_SOLAR = {
    "alpha_sc": 0.004539,
    "a_ref": 2.6373,
    "I_L_ref": 5.114,
    "I_o_ref": 8.196e-10,
    "R_sh_ref": 381.68,
    "R_s": 1.065,
}
"""CS5P-220M of the CEC database, as in pvlib's documentation."""


def module(irradiance, temperature):
    """Parameters of pvlib's documented example at its operating conditions."""
    found = calcparams_desoto(
        irradiance, temperature, **CANADIAN_SOLAR, EgRef=1.121, dEgdT=-0.0002677
    )
    return tuple(float(one) for one in found)


def sweep(cell, points=101):
    voc = float(v_from_i(0.0, *cell))
    voltage = np.linspace(0, 1.02 * voc, points)
    return voltage, i_from_v(voltage, *cell, method="newton")


def fit(voltage, current):
    metrics = jv.sweep_metrics(*jv.stack([(voltage, current)]))
    found = fit_single_diode(voltage, current, metrics.voc[0], metrics.jsc[0])
    values = (found.photocurrent, found.saturation, found.series, found.shunt)
    errors = (
        found.photocurrent_error,
        found.saturation_error,
        found.series_error,
        found.shunt_error,
        found.scale_error,
    )
    return np.array([*values, found.scale]), np.array(errors), found


@pytest.mark.parametrize(
    "cell",
    [
        FRANCE,
        PEROVSKITE,
        module(1000, 55),
        module(800, 55),
        module(600, 25),
        module(400, 25),
        module(400, 40),
    ],
)
def test_pvlibs_curves_give_back_all_five_parameters(cell):
    values, _, found = fit(*sweep(cell))

    assert values == pytest.approx(np.array(cell), rel=1e-3)
    assert found.rms < 1e-6 * cell[0]


def test_five_digits_are_enough_for_a_thousandth():
    voltage, current = sweep(PEROVSKITE)

    values, _, _ = fit(voltage, np.round(current, 5))

    assert values == pytest.approx(np.array(PEROVSKITE), rel=1e-3)


def test_standard_errors_hold_the_truth_as_often_as_they_claim(draws):
    voltage, current = sweep(PEROVSKITE)
    random = np.random.default_rng(21)
    once, twice = [], []
    for _ in range(draws(60, 200)):
        noisy = current + random.normal(0, 0.01, current.size)
        values, errors, _ = fit(voltage, noisy)
        once.append(np.abs(values - PEROVSKITE) < errors)
        twice.append(np.abs(values - PEROVSKITE) < 2 * errors)

    # 68 % and 95 % of 200 draws, three standard deviations either way.
    assert draws.agree(once, 0.58, 0.79), np.mean(once, axis=0)
    assert draws.agree(twice, 0.90), np.mean(twice, axis=0)


def test_residuals_that_hang_together_widen_the_errors():
    voltage, current = sweep(PEROVSKITE)
    wave = 0.05 * np.sin(voltage * 25)
    shuffled = np.random.default_rng(2).permutation(wave)

    _, together, found = fit(voltage, current + wave)
    _, apart, _ = fit(voltage, current + shuffled)

    assert found.correlation > 0.5
    assert together[0] > 1.5 * apart[0]


def test_too_few_points_are_refused():
    with pytest.raises(NoSingleDiode, match="8 points"):
        fit(*sweep(PEROVSKITE, 8))
