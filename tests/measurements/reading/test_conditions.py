"""Whose word on a condition wins: people before files, the near before the far."""

from types import SimpleNamespace

import pytest

from measurements.reading.conditions import conditions_in_force, fill_from_files


def measurement(**said):
    """What a measurement holds: each condition with who said it."""
    return SimpleNamespace(
        technique="pl",
        conditions={key: value for key, (value, _) in said.items()},
        sources={key: source for key, (_, source) in said.items()},
        measured_at=None,
    )


@pytest.mark.parametrize(
    ("of_the_whole", "source", "of_the_dataset", "expected"),
    [
        (25, "person", 80, 25),
        (25, "person", None, 25),
        (25, "file", 80, 80),
        (25, "file", None, 25),
        (None, "person", 80, 80),
        (None, "file", 80, 80),
        (0, "person", 80, 0),
    ],
)
def test_a_person_goes_before_the_dataset_and_that_before_the_whole_file(
    of_the_whole, source, of_the_dataset, expected
):
    own = {} if of_the_dataset is None else {"temperature": of_the_dataset}

    held = conditions_in_force(measurement(temperature=(of_the_whole, source)), own)

    assert held["temperature"] == expected


def test_what_only_one_of_them_says_holds():
    held = conditions_in_force(
        measurement(temperature=(25, "person"), atmosphere=("N2", "file")),
        {"excitation_power": 3},
    )

    assert held == {"temperature": 25, "atmosphere": "N2", "excitation_power": 3}


def test_files_fill_what_people_left_empty_and_take_nothing_back():
    row = measurement(temperature=(25, "person"), atmosphere=("Ar", "file"))

    fill_from_files(row, {"conditions": {"temperature": 80, "atmosphere": "N2"}})

    assert row.conditions == {"temperature": 25, "atmosphere": "N2"}
    assert row.sources == {"temperature": "person", "atmosphere": "file"}
