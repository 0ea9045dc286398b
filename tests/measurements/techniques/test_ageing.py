"""The example of an ageing series is sparse, dark and decays."""

from measurements.registry import techniques
from measurements.techniques.ageing import INITIAL


def test_the_example_is_a_dozen_points_over_a_thousand_hours():
    example = techniques["ageing"].example()

    assert example.shape == (12,)
    assert example["time"][-1] == 1000
    assert 0.6 < example["pce"][-1] / INITIAL < 0.7
    assert example.metadata["conditions"]["temperature"] == 85


def test_it_takes_the_conditions_of_a_tracked_test():
    assert techniques["ageing"].conditions == techniques["mpp_tracking"].conditions
    assert techniques["ageing"].joins
