"""Rows of numbers, and what is wrong with those that are none."""

import numpy as np
import pytest

from labdata.plugin import UnreadableFile
from measurements.text.rows import in_unit, not_a_number, read_row, wrong_width


def test_a_row_is_read_with_the_mark_of_its_file():
    row = read_row(3, ["1,5", "--", "2"], ["a", "b", "c"], ",")

    assert np.array_equal(row, [1.5, np.nan, 2.0], equal_nan=True)


@pytest.mark.parametrize(
    ("fields", "is_last", "message"),
    [
        (["1"], False, r"^Line 3 has 1 of 2 columns\.$"),
        (["1"], True, "Line 3 has 1 of 2 columns and is the last: the file is cut off"),
        (["1", "2", "3"], True, r"^Line 3 has 3 of 2 columns\.$"),
        (["1", "x"], False, r"^Line 3, J \(mA\): 'x' is not a number\.$"),
        (["1,5", "2"], False, "Line 3, V: '1,5' is not a number"),
    ],
)
def test_a_row_gone_wrong_is_named(fields, is_last, message):
    with pytest.raises(UnreadableFile, match=message):
        read_row(3, fields, ["V", "J (mA)"], ".", is_last=is_last)


def test_a_field_is_named_by_what_is_known_of_it():
    assert str(not_a_number(1, "x")) == "Line 1: 'x' is not a number."
    assert str(not_a_number(1, "x", column=2)) == (
        "Line 1, column 2: 'x' is not a number."
    )
    assert str(not_a_number(1, "x" * 90, column=2, title="J")) == (
        f"Line 1, column 2 (J): {'x' * 40!r} is not a number."
    )
    assert str(wrong_width(1, 2, 3)) == "Line 1 has 2 of 3 columns."


def test_columns_are_converted_or_named():
    assert in_unit(5.0, "mA", "mA", "J") == 5.0
    assert np.allclose(in_unit(np.array([5.0]), "mA", "A", "J"), 0.005)
    for unit, target in (("V", "mA"), ("furlong", "furlong")):
        with pytest.raises(UnreadableFile, match="Column J: "):
            in_unit(5.0, unit, target, "Column J")
