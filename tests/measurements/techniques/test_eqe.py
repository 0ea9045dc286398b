"""The EQE example is a plateau with a known edge, marked as simulated."""

import numpy as np

from measurements.registry import techniques
from measurements.techniques.eqe import EDGE_ENERGY, HC, NOISE, PLATEAU


def test_the_example_has_half_its_plateau_at_the_edge():
    example = techniques["eqe"].example()
    energy = HC / example["wavelength"]

    at_edge = np.interp(EDGE_ENERGY, energy[::-1], example["eqe"][::-1])

    assert abs(at_edge - PLATEAU / 2) < 0.005
    assert abs(example["eqe"][energy < 1.4]).max() < 6 * NOISE + PLATEAU * 1e-4
    assert example.metadata["origin"] == "simulated"


def test_the_efficiency_is_a_fraction():
    technique = techniques["eqe"]

    assert technique.channels[0].unit == "1"
    assert 0.5 < technique.example()["eqe"].max() < 1


def test_every_condition_of_the_contract_is_there():
    keys = {condition.key for condition in techniques["eqe"].conditions}

    assert keys == {
        "bias_light",
        "bias_voltage",
        "temperature",
        "chopping_frequency",
        "mask_area",
        "active_area",
        "jv_jsc",
    }
