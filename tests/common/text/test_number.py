"""Numbers are read as any program or person writes them, or not at all."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.common.text.number import (
    is_number,
    is_numeric,
    is_ungrouped,
    parse_number,
    parse_plain,
    split_number,
)

GROUPS = {".": [",", "'", "’", "\u00a0", "\u202f", "\u2009"]}
GROUPS[","] = [".", *GROUPS["."][1:]]


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("5.5E+2", ".", 550.0),
        ("1.0D-03", ".", 0.001),
        (" -3 ", ".", -3.0),
        ("−3.5", ".", -3.5),
        ("2.5e−16", ".", 2.5e-16),
        (".5", ".", 0.5),
        ("5.", ".", 5.0),
        ("1,234.5", ".", 1234.5),
        ("1'234'567", ".", 1234567.0),
        ("1\u202f234,5", ",", 1234.5),
        ("1.234,5", ",", 1234.5),
        ("0,5", ",", 0.5),
        ("5,5e2", ",", 550.0),
        ("0,5", ".", None),
        ("12,34", ".", None),
        ("1_000", ".", None),
        ("inf", ".", None),
        ("abc", ".", None),
        ("1.2.3", ".", None),
        ("1e999", ".", None),
    ],
)
def test_numbers_are_read_with_the_given_decimal_mark(text, decimal, number):
    assert parse_number(text, decimal) == number


@pytest.mark.parametrize("text", ["", "NaN", "--", "–", "n/a", "#N/A", "?", "n.a."])
def test_signs_of_a_missing_value_are_nan(text):
    assert math.isnan(parse_number(text))
    assert is_numeric(text)
    assert not is_number(text)


@given(
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.sampled_from([".", ","]),
    st.data(),
)
def test_a_number_written_in_any_way_comes_back(value, decimal, data):
    style = data.draw(st.sampled_from(["{:.7e}", "{:.4f}", "{:,.4f}", "{:,.0f}"]))
    group = data.draw(st.sampled_from(GROUPS[decimal]))
    minus = data.draw(st.sampled_from(["-", "\u2212"]))
    plain = style.format(value)
    swapped = str.maketrans({",": group, ".": decimal, "-": minus})

    assert parse_number(plain.translate(swapped), decimal) == float(
        plain.replace(",", "")
    )


@given(st.text(max_size=30), st.sampled_from([".", ","]))
def test_any_text_is_a_finite_number_missing_or_none(text, decimal):
    number = parse_number(text, decimal)

    assert number is None or math.isfinite(number) or is_numeric(text, decimal)


@pytest.mark.parametrize(
    "text",
    ["1" * 200_000 + "x", "1," * 100_000, "1.1" * 50_000, "1,000" * 40_000 + "x"],
    ids=["digits", "commas", "points", "groups"],
)
def test_what_is_no_number_is_found_so_at_once(text):
    began = time.process_time()

    assert parse_number(text) is None
    assert split_number(text) is not None
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("0.16 cm²", "0.16", "cm²"),
        ("17,5(2)", "17,5", "(2)"),
        ("~ 250 h", "250", "h"),
        ("1'234,5", "1'234,5", ""),
        ("5.5E+2 V", "5.5E+2", "V"),
        ("12,5nm", "12,5", "nm"),
        ("1,3-dioxolane", "", ""),
        ("2,2'-bipyridine", "", ""),
        ("21.11.2024 12:53", "21.11.2024", "12:53"),
        ("Xe lamp", "", ""),
    ],
)
def test_a_number_is_parted_from_what_stands_behind_it(text, number, rest):
    assert split_number(text) == (number, rest)


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1.5", ".", True),
        ("-1,5e-3", ",", True),
        ("1,5", ".", False),
        ("1,500.0", ".", False),
        ("1'500", ".", False),
        ("inf", ".", False),
    ],
)
def test_fast_parsers_take_no_groups(text, decimal, expected):
    assert is_ungrouped(text, decimal) is expected


@pytest.mark.parametrize(("text", "number"), [("0,05", "0.05"), ("12.5", "12.5")])
def test_among_words_a_comma_is_a_decimal_mark(text, number):
    assert str(parse_plain(text)) == number
