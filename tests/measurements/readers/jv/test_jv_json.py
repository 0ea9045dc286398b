"""Sweeps as JSON, whatever its shape."""

import json
from datetime import datetime

import numpy as np
import pytest

from labdata.plugin import Source, UnreadableFile
from measurements.readers.jv.jv_json import read_key
from measurements.registry import readers
from tests.measurements.sweep_files import (
    RISING,
    by_name,
    current_density,
    read_jv,
    reported,
)

DENSITY = current_density(RISING)


def read_tree(tree):
    key, result = read_jv(json.dumps(tree), "cells.json")
    assert key == "jv_json"
    return result


def test_the_real_file_gives_twelve_curves(real_file):
    path = real_file("jv/JM436.jv.json")

    key, result = read_jv(path.read_bytes(), path.name)

    assert key == "jv_json"
    assert {one.dataset.size for one in result.datasets} == {76}
    assert [(one.cell, one.conditions["direction"]) for one in result.datasets] == [
        (cell, direction) for direction in ("forward", "reverse") for cell in "ABCDEF"
    ]
    first = reported(result.datasets[0])
    assert first["voc"] == pytest.approx(0.888774, abs=1e-6)
    assert first["jsc"] == pytest.approx(16.7766, abs=1e-4)
    assert first["ff"] == pytest.approx(0.503468, abs=1e-6)
    assert first["pce_one_sun"] == pytest.approx(7.50702, abs=1e-5)
    assert result.conditions["irradiance"] == 35980.0
    assert result.measured_at == datetime(2026, 1, 30, 16, 9, 37)


def test_the_measured_voltage_goes_before_the_one_set():
    points = [
        {"V_set [V]": float(v), "V_meas [V]": float(v) + 0.01, "J [mA/cm2]": float(j)}
        for v, j in zip(RISING, DENSITY, strict=True)
    ]

    (one,) = read_tree({"data": [{"cell": "A", "measurements": points}]}).datasets

    assert np.allclose(one.dataset["voltage"], RISING + 0.01)


def test_arrays_by_pixel_and_direction():
    def curve(order):
        return {
            "voltage_V": [*RISING[::order]],
            "current_density_mA_cm2": [*-DENSITY[::order]],
        }

    result = read_tree(
        {
            "irradiance_mW_cm2": 98.0,
            "area_cm2": 0.1,
            "pixels": {
                "A": {"reverse": curve(-1), "forward": curve(1)},
                "B": {"reverse": curve(-1)},
            },
        }
    )

    assert list(by_name(result)) == ["A reverse", "A forward", "B reverse"]
    assert result.conditions == {"irradiance": 98.0, "active_area": 0.1}


def test_a_flat_list_of_points_is_parted_by_its_words():
    result = read_tree(
        [
            {
                "pixel": pixel,
                "direction": direction,
                "illumination": light,
                "V [V]": float(v),
                "I [A]": float(-1e-4 * current_density(v, 20 * (light == "light"))),
                "area [cm2]": 0.1,
            }
            for pixel in "AB"
            for direction, order in (("rev", -1), ("fwd", 1))
            for light in ("light", "dark")
            for v in RISING[::order]
        ]
    )

    names = by_name(result)
    assert len(names) == 8
    assert names["B forward dark"].conditions["light"] == "dark"
    light = names["A reverse"].dataset
    assert np.allclose(light["current_density"], DENSITY[::-1])


def test_columns_of_words_part_columns_of_numbers():
    tree = {
        "pixel": ["A"] * RISING.size + ["B"] * RISING.size,
        "voltage_V": [*RISING, *RISING],
        "current_density_mA_cm2": [*DENSITY, *DENSITY],
    }

    first, second = read_tree(tree).datasets

    assert (first.cell, second.cell) == ("A", "B")
    assert np.array_equal(second.dataset["voltage"], RISING)


def test_units_may_stand_in_an_object_of_their_own():
    curve = {"units": {"v": "mV", "j": "A/m2"}, "v": [*1000 * RISING]}
    curve["j"] = [*10 * DENSITY]

    (one,) = read_tree({"curves": [{"name": "px1", **curve}]}).datasets

    assert one.cell == "1"
    assert np.allclose(one.dataset["voltage"], RISING)
    assert np.allclose(one.dataset["current_density"], DENSITY)


def test_what_is_nearer_goes_before_what_is_further_out():
    curve = {"V [V]": [*RISING], "J [mA/cm2]": [*DENSITY], "irradiance [W/m2]": 500}

    (one,) = read_tree({"irradiance [mW/cm2]": 100, "curves": [curve]}).datasets

    assert one.conditions["irradiance"] == 50.0


@pytest.mark.parametrize(
    ("curve", "message"),
    [
        ({"V [V]": [*RISING], "I": [*DENSITY]}, "carries no unit"),
        ({"V [V]": [*RISING], "I [mA]": [*DENSITY]}, "no active area"),
        ({"V [V]": [*RISING], "I [A]": [*DENSITY], "area_cm2": 0}, "area of 0 cm²"),
        ({"V [V]": [*RISING], "J [furlong]": [*DENSITY]}, "'furlong', which is unk"),
        ({"V [V]": [*RISING], "J [mA/cm2]": [*DENSITY[1:]]}, "differ in length"),
        ({"V [V]": [*DENSITY], "J [mA/cm2]": [*RISING]}, "look swapped"),
    ],
)
def test_what_cannot_be_known_is_refused(curve, message):
    with pytest.raises(UnreadableFile, match=message):
        read_tree({"curves": [curve]})


def test_half_a_file_is_refused_with_the_place():
    text = json.dumps({"V [V]": [*RISING], "J [mA/cm2]": [*DENSITY]})

    with pytest.raises(UnreadableFile, match=r"not whole JSON.*line 1"):
        read_jv(text[: len(text) * 3 // 4], "a.json")


def test_a_number_of_thousands_of_digits_is_refused():
    with pytest.raises(UnreadableFile, match="not whole JSON"):
        readers["jv_json"].read(Source("a.json", b"1" * 5_000, "jv"))


@pytest.mark.parametrize(
    ("key", "name", "unit"),
    [
        ("J [mA/cm2]", "J", "mA/cm²"),
        ("voltage_V", "voltage", "V"),
        ("J_mA_per_cm2", "J", "mA/cm²"),
        ("J_A", "J_A", None),
        ("Rs [Ωcm2]", "Rs", "Ω cm²"),
        ("settling_time_ms", "settling_time", "ms"),
    ],
)
def test_units_in_keys(key, name, unit):
    title = read_key(key)

    assert (title.name, title.unit) == (name, unit)
