"""The example of a tracked cell is the reference decay, marked as simulated."""

import numpy as np

from measurements.registry import techniques
from measurements.techniques.mpp_tracking import INITIAL, NOISE


def test_the_example_loses_a_fifth_at_the_reference_time():
    example = techniques["mpp_tracking"].example()
    near = np.abs(example["time"] - 571.86) < 25

    assert abs(example["pce"][near].mean() / (0.8 * INITIAL) - 1) < 4 * NOISE
    assert example["time"][0] == 0
    assert example["time"][-1] == 1500


def test_power_is_voltage_times_current():
    example = techniques["mpp_tracking"].example()

    assert np.allclose(
        example["power_density"], example["voltage"] * example["current_density"]
    )


def test_its_files_are_pieces_of_one_track():
    assert techniques["mpp_tracking"].joins
    assert not techniques["pl"].joins


def test_every_condition_of_the_contract_is_there():
    keys = {condition.key for condition in techniques["mpp_tracking"].conditions}

    assert keys >= {
        *("isos_protocol", "light_source", "light_spectrum", "uv", "intensity"),
        *("temperature", "temperature_control", "relative_humidity", "atmosphere"),
        *("load", "load_detail", "encapsulation", "active_area", "mask_area"),
        *("light_cycle", "initial_pce"),
    }
