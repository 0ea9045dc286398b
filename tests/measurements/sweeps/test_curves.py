"""Sweeps part at their turns, and their labels mean something."""

import numpy as np
import pytest

from labdata.plugin import UnreadableFile
from measurements.sweeps import curves as sweeps
from measurements.sweeps.curves import Sweep

UP = np.linspace(-0.1, 1.2, 27)


def parts(*traces):
    voltage = np.concatenate(traces)
    return [voltage[part] for part in sweeps.split_at_turns(voltage)]


def test_a_sweep_up_and_back_is_parted_at_its_top():
    up, down = parts(UP, UP[::-1])

    assert np.array_equal(up, UP)
    assert np.array_equal(down, UP[::-1])


def test_a_top_measured_once_ends_the_first_sweep():
    up, down = parts(UP, UP[-2::-1])

    assert np.array_equal(up, UP)
    assert np.array_equal(down, UP[-2::-1])


def test_three_sweeps_are_three():
    assert [sweeps.direction_of(one) for one in parts(UP, UP[::-1], UP)] == [
        "forward",
        "reverse",
        "forward",
    ]


def test_scatter_of_a_measured_voltage_is_no_turn():
    fine = np.linspace(0, 1.2, 1201)
    noisy = fine + np.random.default_rng(0).normal(0, 0.0008, fine.size)

    (whole,) = parts(noisy)

    assert whole.size == fine.size


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("photocurrent", [20.0, 0.0])
@pytest.mark.parametrize("order", [1, -1])
def test_the_sign_of_photocurrent_shows_in_light_and_dark(sign, photocurrent, order):
    current = sign * (photocurrent - 1e-9 * np.expm1(UP / 0.045))

    found = sweeps.photocurrent_sign(UP[::order], current[::order])

    assert np.sign(found) == sign


@pytest.mark.parametrize(
    ("label", "cell", "said"),
    [
        ("b_rev", "b", {"direction": "reverse"}),
        ("Pixel A dark", "A", {"light": "dark"}),
        ("px3 FWD", "3", {"direction": "forward"}),
        ("cellB", "B", {}),
        ("C Rückwärts hell", "C", {"direction": "reverse", "light": "light"}),
    ],
)
def test_labels_name_cell_direction_and_light(label, cell, said):
    assert sweeps.said_by(label) == (cell, said)


def test_an_area_of_zero_is_named():
    sweep = Sweep(UP, 20 - UP, conditions={"active_area": 0.0})

    with pytest.raises(UnreadableFile, match="area of 0 cm²"):
        sweeps.as_datasets([sweep])


def test_what_a_file_reports_of_a_trace_that_turns_is_kept_for_neither_half():
    trace = np.concatenate([UP, UP[::-1]])
    sweep = Sweep(
        trace, 20 - trace, conditions={"direction": "reverse"}, reported={"voc": 1.0}
    )

    (up, down), notes = sweeps.as_datasets([sweep])

    assert "reported" not in up.dataset.metadata
    assert "direction" not in down.conditions
    assert "turns back" in notes[0]


def test_points_without_a_value_are_counted():
    density = 20 - UP
    density[3:5] = np.nan

    (one,), notes = sweeps.as_datasets([Sweep(UP, density, cell="A")])

    assert one.dataset.size == UP.size - 2
    assert "2 of 27 points" in notes[0]


@pytest.mark.parametrize(
    "densities",
    [
        [np.full(UP.size, 3.0)],
        [np.full(UP.size, -3.0)],
        [20 - UP, UP - 20],
        [UP - 20, 20 - UP],
    ],
    ids=["level", "level, negative", "cancelling", "cancelling, negative first"],
)
def test_where_the_sweeps_do_not_tell_the_sign_it_stays_as_the_file_has_it(densities):
    cells = [
        Sweep(UP, density, cell=name)
        for name, density in zip("AB", densities, strict=False)
    ]
    assert sum(sweeps.photocurrent_sign(one.voltage, one.density) for one in cells) == 0

    found, notes = sweeps.as_datasets(cells)

    assert notes == []
    for one, density in zip(found, densities, strict=True):
        assert np.array_equal(one.dataset["current_density"], density)
        assert one.dataset.metadata["photocurrent_in_file"] == "positive"


def test_the_sweeps_together_tell_the_sign_and_the_larger_current_counts():
    lit, leaking = 20 * np.tanh(8 * (UP - 1)), 0.2 - 0.1 * UP
    found, notes = sweeps.as_datasets(
        [Sweep(UP, lit, cell="A"), Sweep(UP, leaking, cell="B")]
    )

    assert "the sign was turned" in " ".join(notes)
    assert np.array_equal(found[0].dataset["current_density"], -lit)
    assert np.array_equal(found[1].dataset["current_density"], -leaking)
