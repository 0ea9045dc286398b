"""The current-voltage technique: what its conditions accept and its example is."""

import numpy as np
import pytest

from measurements import registry
from measurements.registry import techniques

registry.load_builtin()
JV = techniques["jv"]


def test_an_impossible_irradiance_is_kept_for_the_analysis_to_flag():
    assert JV.condition_problems({"irradiance": 35980.0}) == {}


@pytest.mark.parametrize("key", ["active_area", "mask_area"])
@pytest.mark.parametrize("area", [0.0, -0.1])
def test_an_area_of_nothing_is_named(key, area):
    (problem,) = JV.condition_problems({key: area})[key]

    assert f"{area:g} cm²" in problem


def test_direction_and_light_are_choices():
    problems = JV.condition_problems({"direction": "sideways", "light": "dim"})

    assert sorted(problems) == ["direction", "light"]


def test_the_example_is_a_reverse_sweep_with_photocurrent_positive():
    example = JV.example()

    assert example["voltage"][0] > example["voltage"][-1]
    at_zero = np.abs(example["voltage"]).argmin()
    assert example["current_density"][at_zero] == pytest.approx(25, abs=0.1)


def test_it_is_analysed_by_its_metrics():
    assert JV.default_analyses == ("jv_metrics",)
