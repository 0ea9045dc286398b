"""Lines are parted as they were written, quotes and all."""

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.common.text.separator import (
    OF_TITLES,
    find_separator,
    first_in,
    in_words,
    split_fields,
    split_lines,
    split_titles,
)


def test_lines_end_at_line_ends_alone():
    assert split_lines("a\r\nb\rc\nd\x0ce") == ["a", "b", "c", "d\x0ce"]


@pytest.mark.parametrize(
    ("line", "separator", "fields"),
    [
        ("a;b; c ", ";", ["a", "b", "c"]),
        ('"a";"b"', ";", ["a", "b"]),
        ('"600,5","12,1"', ",", ["600,5", "12,1"]),
        ('A, "x, old",3', ",", ["A", "x, old", "3"]),
        ('5" wafer,3', ",", ['5" wafer', "3"]),
        ('"open,3', ",", ["open", "3"]),
        ("1   2\t3", None, ["1", "2", "3"]),
        ("", "\t", [""]),
    ],
)
def test_fields_are_parted(line, separator, fields):
    assert split_fields(line, separator) == fields


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), min_size=1)
        .map(str.strip)
        .filter(bool),
        min_size=2,
        max_size=6,
    ),
    st.sampled_from(OF_TITLES),
)
def test_what_a_spreadsheet_saves_comes_back(fields, separator):
    file = io.StringIO()
    quoting = csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL)
    quoting.writerow(fields)

    assert split_fields(file.getvalue().rstrip("\r\n"), separator) == fields


@pytest.mark.parametrize(
    ("line", "width", "fields"),
    [
        ("Wavelength (nm)   PL intensity", 2, ["Wavelength (nm)", "PL intensity"]),
        ("Wavelength (nm) EQE (%)", 2, ["Wavelength (nm)", "EQE (%)"]),
        (" 0.10  1.2E-3 -4.5", 3, ["0.10", "1.2E-3", "-4.5"]),
        ("three words here", 2, ["three", "words", "here"]),
    ],
)
def test_white_space_parts_as_many_as_are_expected(line, width, fields):
    assert split_fields(line, None, width) == fields


def test_titles_parted_by_white_space_may_be_read_in_several_ways():
    line = "Photon energy (eV)  EQE (%)"

    assert list(split_titles(line)) == [
        ["Photon energy (eV)", "EQE (%)"],
        ["Photon", "energy (eV)", "EQE (%)"],
        ["Photon", "energy", "(eV)", "EQE", "(%)"],
    ]
    assert list(split_titles("a;b c", ";")) == [["a", "b c"]]


@pytest.mark.parametrize(
    ("lines", "separator"),
    [
        (["a\tb", "1,5\t2,5"], "\t"),
        (["a;b", "1,5;2,5"], ";"),
        (["a,b", "1,2"], ","),
        (["code,composition (A;B),x", "1,2,3", "4,5,6"], ","),
        (['"a, old",b', "1,2", "3,4"], ","),
        (["a", "1"], None),
        ([], None),
        (["a,b", '"open,2'], ","),
    ],
)
def test_the_separator_is_that_of_most_rows(lines, separator):
    assert find_separator(lines) == separator


def test_a_line_beyond_every_field_is_no_reason_to_fail():
    long = "x" * 200_000

    assert find_separator([f'"a",{long}', f'"b",{long}']) is None
    assert split_fields(f'"a",{long}', ",") == [f'"a",{long}']


def test_how_a_table_is_written_is_told_in_words():
    assert in_words(None, ",") == "white space separated, decimal comma"
    assert first_in("a;b,c") == ";"
    assert first_in("abc") is None


def test_a_line_of_blanks_is_parted_at_once():
    began = time.process_time()

    assert list(split_titles(" " * 200_000 + "x")) == [["x"]]
    assert time.process_time() - began < 1
