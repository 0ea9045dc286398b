import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.common.measures.numbers import (
    Measured,
    NumberError,
    format_measured,
    parse_measured,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.4500(5)", Measured(10.45, 0.0005)),
        ("10.4500(5) Å", Measured(10.45, 0.0005, "=", "Å")),
        ("953.852(11)", Measured(953.852, 0.011)),
        ("890.20(7) Å³", Measured(890.2, 0.07, "=", "Å³")),
        ("120(15)", Measured(120, 15)),
        ("10.45(12.3)", Measured(10.45, 12.3)),
        ("5.07±0.26", Measured(5.07, 0.26)),
        ("5.07 ± 0.26 Å", Measured(5.07, 0.26, "=", "Å")),
        ("5.07 Å ± 0.26 Å", Measured(5.07, 0.26, "=", "Å")),
        ("5.07 +/- 0.26", Measured(5.07, 0.26)),
        ("5.07+-0.26", Measured(5.07, 0.26)),
        ("418305.79±3918.98", Measured(418305.79, 3918.98)),
        ("> 1500 h", Measured(1500, None, ">", "h")),
        ("≥1500 h", Measured(1500, None, ">", "h")),
        (">= 1500", Measured(1500, None, ">")),
        ("≤ 5 %", Measured(5, None, "<", "%")),
        ("<5", Measured(5, None, "<")),
        ("~250 h", Measured(250, None, "~", "h")),
        ("≈ 250", Measured(250, None, "~")),
        ("ca. 250 h", Measured(250, None, "~", "h")),
        ("12,5", Measured(12.5)),
        ("0,125", Measured(0.125)),
        ("1.234,5", Measured(1234.5)),
        ("1,234.5", Measured(1234.5)),
        ("1,234,567", Measured(1234567)),
        ("1.01e-5", Measured(1.01e-5)),
        ("1.01×10⁻⁵ cm² V⁻¹ s⁻¹", Measured(1.01e-5, None, "=", "cm² V⁻¹ s⁻¹")),
        ("6.47 x 10^-4", Measured(6.47e-4)),
        ("(1.23±0.04)e5", Measured(1.23e5, 4e3)),
        ("(1.23 ± 0.04)×10⁵ counts", Measured(1.23e5, 4e3, "=", "counts")),
        ("1.23(4)e-5", Measured(1.23e-5, 4e-7)),
        ("−2.88 eV", Measured(-2.88, None, "=", "eV")),
        ("-2,88±0,1", Measured(-2.88, 0.1)),
        ("1\u202f500 h", Measured(1500, None, "=", "h")),
        ("573 K", Measured(573, None, "=", "K")),
        ("5eV", Measured(5, None, "=", "eV")),
        (".5", Measured(0.5)),
    ],
)
def test_numbers_are_read_as_printed(text, expected):
    assert parse_measured(text) == expected


@pytest.mark.parametrize("text", ["", "  ", "-", "–", "NaN", "n/a", "Unknown", "none"])
def test_missing_stays_missing(text):
    assert parse_measured(text) is None


def test_an_uncertainty_printed_as_zero_is_no_uncertainty():
    assert parse_measured("71.31(0)").uncertainty is None
    assert parse_measured("71.31 ± 0").uncertainty is None


def test_a_comma_before_three_digits_is_a_question():
    with pytest.raises(NumberError, match=r"1500 or 1\.500"):
        parse_measured("1,500 h")


def test_a_stated_decimal_sign_settles_the_comma():
    assert parse_measured("1,500", decimal=",").value == 1.5
    assert parse_measured("1,500", decimal=".").value == 1500
    assert parse_measured("1.500", decimal=",").value == 1500


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "5 6",
        "5.07±",
        "±5",
        "1.2.3",
        "12,34,5",
        "5..6",
        "200-300",
        "5 nm ± 3 eV",
        "1e999",
        "inf",
        "12,",
        "5.07 +0.3 -0.2",
        "9" * 200,
    ],
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(NumberError):
        parse_measured(text)


@pytest.mark.parametrize(
    ("value", "uncertainty", "expected"),
    [
        (682.8199, 0.2, "682.82 ± 0.20"),
        (418305.79, 3918.98, "418300 ± 3900"),
        (10.45, 0.0005, "10.45000 ± 0.00050"),
        (1.01e-5, 3e-7, "(1.010 ± 0.030)×10⁻⁵"),
        (-2.88, 0.0996, "-2.88 ± 0.10"),
        (0.0, 0.1, "0.00 ± 0.10"),
        (5.0, 99.9, "0 ± 100"),
        (1234567.0, 0.02, "(1.234567000 ± 0.000000020)×10⁶"),
        (25.57, None, "25.57"),
        (1.01e-5, None, "1.01×10⁻⁵"),
        (13025.42, 0.0, "13025.4"),
        (13025.42, math.nan, "13025.4"),
        (0.0, None, "0"),
        (1500, None, "1500"),
        (999999.9, None, "1000000"),
        (None, None, "–"),
        (math.nan, 1.0, "–"),
        (math.inf, None, "∞"),
    ],
)
def test_values_are_rounded_to_two_digits_of_their_uncertainty(
    value, uncertainty, expected
):
    assert format_measured(value, uncertainty) == expected


def test_unit_and_bound_are_printed_beside_the_number():
    assert format_measured(1500, unit="h", bound=">") == "> 1500 h"
    assert format_measured(5.07, 0.26, unit="Å") == "(5.07 ± 0.26) Å"
    assert format_measured(1.01e-5, unit="cm²/V/s") == "1.01×10⁻⁵ cm²/V/s"


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        (1.0, 1e-30, "(1 ± 1×10⁻³⁰) nm"),
        (1e300, 1e-300, "(1×10³⁰⁰ ± 1×10⁻³⁰⁰) nm"),
        (-1.25e-9, 3e-60, "(-1.25×10⁻⁹ ± 3×10⁻⁶⁰) nm"),
        (123456.7, 1e-20, "(123456.7 ± 1×10⁻²⁰) nm"),
    ],
)
def test_digits_that_no_float_has_are_not_made_up(value, uncertainty, text):
    assert format_measured(value, uncertainty, unit="nm") == text
    assert parse_measured(text) == Measured(value, uncertainty, "=", "nm")


@given(
    value=st.floats(allow_nan=False, allow_infinity=False),
    uncertainty=st.floats(1e-300, 1e300),
)
def test_any_number_can_be_shown_with_any_uncertainty(value, uncertainty):
    assert "±" in format_measured(value, uncertainty)


@given(
    value=st.floats(-1e12, 1e12, allow_nan=False),
    uncertainty=st.floats(1e-9, 1e9),
)
def test_what_is_printed_is_read_back(value, uncertainty):
    read = parse_measured(format_measured(value, uncertainty, unit="nm"))

    assert read.value == pytest.approx(value, abs=0.06 * uncertainty, rel=1e-15)
    assert read.uncertainty == pytest.approx(uncertainty, rel=0.05)
    assert read.unit_text == "nm"


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_clear_refusal(text):
    try:
        read = parse_measured(text)
    except NumberError:
        return
    assert read is None or math.isfinite(read.value)
