"""Point or comma is decided by what can only be one of them, or asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.common.text.decimal_mark import (
    decide,
    has_comma,
    is_foreign,
    is_question,
    of_one,
    readings,
    with_points,
)
from labdata.common.text.number import parse_number
from labdata.plugin import UnreadableFile


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        ([], "."),
        (["1", "2"], "."),
        (["0.5"], "."),
        (["0,5"], ","),
        (["0,5", "1,234"], ","),
        (["450.5", "1,000"], "."),
        (["1.234,5", "1.234"], ","),
        (["1,234.5", "1,234"], "."),
        (["1,234,567"], "."),
        (["1.234.567"], ","),
        (["1,23E-4"], ","),
        (["17,5(2)", "13"], ","),
        (["> 1,5 h", "13"], ","),
        (["1,3-PDA", "2,2'-bipy", "17"], "."),
        (["21.11.2024", "0,5"], ","),
        (["1.234", "2.345"], "."),
    ],
)
def test_what_can_only_be_one_of_them_decides(texts, mark):
    assert decide(texts) == mark


@pytest.mark.parametrize(
    "texts",
    [
        ["1,234"],
        ["450", "1,234", "2,345"],
        # Beside a decimal comma, 1.234 is a thousand only where points group.
        ["0,5", "1.234"],
        # A file of both kinds proves nothing for a third.
        ["0.5", "0.25", "0,5", "1,234"],
    ],
)
def test_what_may_be_either_is_a_question(texts):
    with pytest.raises(UnreadableFile, match=r"may mean 1234 or 1\.234.*decimal mark"):
        decide(texts)


def test_a_semicolon_between_columns_stands_where_the_comma_is_taken():
    assert decide(["1,234", "2,345"], separator=";") == ","


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["0,5", "0,25", "0.5"], ","),
        (["0.5", "0.25", "0,5"], "."),
        (["5.5", "5,5"], "."),
    ],
)
def test_of_two_kinds_the_fewer_are_found_to_be_no_numbers(texts, mark):
    found = decide(texts)

    assert found == mark
    assert None in [parse_number(text, found) for text in texts]


@given(
    st.lists(st.decimals(-1e6, 1e6, places=4), min_size=1, max_size=20),
    st.sampled_from([".", ","]),
    st.booleans(),
)
def test_numbers_written_in_any_country_come_back(numbers, decimal, grouped):
    style = "{:,f}" if grouped else "{:f}"
    other = {".": ",", ",": "."}[decimal]
    swapped = str.maketrans({".": decimal, ",": other})
    texts = [style.format(number).translate(swapped) for number in numbers]

    found = decide(texts)

    assert found == decimal
    assert [parse_number(text, found) for text in texts] == list(map(float, numbers))


@given(
    st.lists(st.decimals(-1e4, 1e4, places=3), min_size=1, max_size=20),
    st.sampled_from([".", ","]),
)
def test_three_decimals_come_back_or_are_asked_about(numbers, decimal):
    texts = [f"{number:f}".replace(".", decimal) for number in numbers]

    try:
        found = decide(texts)
    except UnreadableFile:
        assert decimal == ","
    else:
        assert [parse_number(t, found) for t in texts] == list(map(float, numbers))


@given(
    st.lists(
        st.from_regex(r"-?[0-9]{1,4}([.,][0-9]{1,4}){0,2}(e-?[0-9])?", fullmatch=True),
        max_size=8,
    )
)
def test_a_comma_is_only_settled_by_a_witness(texts):
    """Where a comma was read, some number of the table can only have that mark."""
    try:
        mark = decide(texts)
    except UnreadableFile:
        return
    read = {text: [parse_number(text, one) for one in ".,"] for text in texts}
    doubtful = [t for t, both in read.items() if "," in t and None not in both]
    witnesses = [t for t, both in read.items() if both.count(None) == 1]

    assert not doubtful or any(
        parse_number(text, mark) is not None for text in witnesses
    )


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("1,234.5", (",", ".")),
        ("1.234,5", (".", ",")),
        ("1,234,567", (",", "")),
        ("1.234.567", (".", "")),
        ("0,5", (".", ",")),
        ("0.5", (",", ".")),
        ("5", (",", ".")),
    ],
)
def test_one_number_alone_tells_its_marks(text, marks):
    assert of_one(text) == marks


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1,234", True), ("-1,234", True), ("0,234", False), ("1,23", False)],
)
def test_one_number_alone_may_be_a_question(text, expected):
    assert is_question(text) is expected
    if expected:
        assert {float(one) for one in readings(text)} == {
            parse_number(text, mark) for mark in ".,"
        }


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("0,16", ".", True),
        ("0.16", ",", True),
        ("1.234", ",", True),
        ("1,234", ".", False),
        ("0,16", ",", False),
        ("5", ",", False),
        ("Xe", ".", False),
    ],
)
def test_a_number_beside_a_table_may_be_written_otherwise(text, decimal, expected):
    assert is_foreign(text, decimal) is expected


def test_commas_between_digits_become_points():
    assert with_points("0,05 to 0,5, x") == "0.05 to 0.5, x"
    assert has_comma("0,05")
    assert not has_comma("0,")
