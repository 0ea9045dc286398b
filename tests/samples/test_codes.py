"""The next code continues the series a person is in, or stays silent."""

import pytest

from samples.codes import next_code


def none_taken(code):
    return False


@pytest.mark.parametrize(
    ("recent", "expected"),
    [
        (["C-24", "C-23"], "C-25"),
        (["C-24"], "C-25"),
        (["P1-09", "P1-08"], "P1-10"),
        (["A2-9"], "A2-10"),
        (["S2-3", "S1-3"], "S3-3"),
    ],
)
def test_the_number_that_counts_is_raised(recent, expected):
    assert next_code(recent, none_taken) == expected


@pytest.mark.parametrize(
    "recent",
    [[], ["reference"], ["PA-C85-350", "PA-C85-300", "PA-C85-275", "PA-C75-350"]],
)
def test_where_no_number_counts_nothing_is_proposed(recent):
    assert next_code(recent, none_taken) == ""


def test_a_code_that_is_taken_is_passed_over():
    taken = {"C-25", "C-26"}

    assert next_code(["C-24", "C-23"], taken.__contains__) == "C-27"
