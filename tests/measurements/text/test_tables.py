"""Tables in text are found whatever separates them, and never half read."""

import numpy as np
import pytest

from labdata.plugin import UnreadableFile
from measurements.text.tables import read_document


def table(text, **options):
    document = read_document(text.encode(), **options)
    assert len(document.tables) == 1
    return document.tables[0]


@pytest.mark.parametrize(
    ("separator", "decimal"),
    [
        *((mark, ".") for mark in ("\t", ",", ";", "  ", ":", ", ")),
        *((mark, ",") for mark in ("\t", ";", " ")),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separator_and_decimal_mark_are_found_out(separator, decimal, end):
    rows = [f"{450 + row}.25{separator}{row * 7.5 + 1}" for row in range(20)]
    lines = ["some header", *(row.replace(".", decimal) for row in rows), ""]

    found = table(end.join(lines))

    assert found.values[0].tolist() == [450.25, 1.0]
    assert found.values[-1].tolist() == [469.25, 143.5]
    assert found.lines[[0, -1]].tolist() == [2, 21]


def test_thousands_are_told_from_decimals_by_the_other_rows():
    found = table("450.5\t999\n451.5\t1,000\n452.5\t12,500\n")

    assert found.values[:, 1].tolist() == [999.0, 1000.0, 12500.0]


def test_a_comma_that_may_be_either_is_a_question():
    text = "450\t1,234\n451\t1,300\n452\t1,400\n"

    with pytest.raises(UnreadableFile, match=r"'1,234' may mean 1234 or 1\.234"):
        read_document(text.encode())

    assert table(text, decimal=",").values[0, 1] == 1.234
    assert table(text, decimal=".").values[0, 1] == 1234


def test_semicolons_mean_that_the_comma_is_the_decimal_mark():
    found = table("450,000;1,234\n451,000;1,300\n")

    assert found.values[0].tolist() == [450.0, 1.234]


def test_blank_columns_stay_in_place():
    found = table("a\t\tb\n450\t\t1\n451\t\t2\n")

    assert found.values.shape == (2, 3)
    assert np.isnan(found.values[:, 1]).all()
    assert found.head == {1: ("a", "", "b")}


def test_titles_and_units_stand_in_rows_above():
    found = table("Sample: x\n\nWavelength;Counts\nnm;a.u.\n450;1\n451;2\n")

    assert found.head == {3: ("Wavelength", "Counts"), 4: ("nm", "a.u.")}


def test_titles_with_single_spaces_are_kept_together():
    found = table("Wavelength (nm)   PL intensity\n450.0   1.0\n451.0   2.0\n")

    assert found.head == {1: ("Wavelength (nm)", "PL intensity")}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("450,abc\n451,1\n452,3\n453,4\n", "Line 1, column 2: 'abc' is not a number"),
        ("450,1\n451,abc\n452,3\n453,4\n", "Line 2, column 2: 'abc' is not a number"),
        (
            "nm,counts\n450,1\n451,2\n452,overflow\n453,4\n",
            r"Line 4, column 2 \(counts\): 'overflow' is not a number",
        ),
        ("450,1\nx451,2\n452,3\n453,4\n", "Line 2, column 1: 'x451' is not a number"),
        ("450,1\n451,2\n\n452,x3\n453,4\n454,5\n", "Line 4, column 2: 'x3'"),
        ("450,1\n451,inf\n452,3\n453,4\n", "Line 2, column 2: 'inf'"),
        ("450,1\n451,2\n452\n453,4\n", "Line 3 has 1 of 2 columns"),
        ("450,1\n451,2\n452,3\n45", "Line 4 has 1 of 2 columns .* cut off"),
        ("450,1,\n451,2,\n452,3", "Line 3 has 2 of 3 columns .* cut off"),
        ("450,1\n451,2\nstop,stop\n453,4\n454,4\n", "Line 3, column 1: 'stop'"),
        ("one\ntwo\n", "no table of at least two columns"),
        ("1\n2\n3\n", "no table of at least two columns"),
        ("450,1\n", "no table of at least two columns"),
        ("1,2\nx\n3,4\ny\n", "no two of the same width in succession"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(text, reason):
    with pytest.raises(UnreadableFile, match=reason):
        read_document(text.encode())


def test_lines_below_the_numbers_are_kept_apart():
    document = read_document(b"450,1\n451,2\n\nEnd of data\n")

    assert document.footer == ("End of data",)
    assert document.tables[0].values.shape == (2, 2)


def test_a_second_table_is_a_table_of_its_own():
    document = read_document(b"nm,a\n450,1\n451,2\n\nnm,b\n500,3\n501,4\n")

    assert [table.values[0, 0] for table in document.tables] == [450.0, 500.0]
    assert document.tables[1].head == {5: ("nm", "b")}


def test_blank_lines_between_rows_do_not_cut_the_table():
    assert table("450,1\n\n451,2\n\n452,3\n").values.shape == (3, 2)


def test_long_tables_keep_their_order():
    rows = "\n".join(f"{row},{row * 2}" for row in range(45_000))

    values = table(rows).values

    assert np.array_equal(values[:, 0], np.arange(45_000))
    assert np.array_equal(values[:, 1], 2 * values[:, 0])


def test_rows_of_separators_alone_are_blank():
    assert table("450,1\n451,2\n,\n,\n").values.shape == (2, 2)


def test_a_gap_in_the_first_rows_does_not_make_them_titles():
    assert np.array_equal(
        table("a,b\n,1\n2,\n3,4\n5,6\n").values[:3],
        [[np.nan, 1], [2, np.nan], [3, 4]],
        equal_nan=True,
    )


@pytest.mark.parametrize("separator", [",", ";"])
def test_decimal_commas_in_quotes_are_one_field(separator):
    rows = [f'"{450 + row},5"{separator}"{row},25"' for row in range(4)]

    found = table("\n".join(rows))

    assert found.values[0].tolist() == [450.5, 0.25]
    assert found.values.shape == (4, 2)


def test_a_point_beside_decimal_commas_is_a_question():
    with pytest.raises(UnreadableFile, match=r"'1\.234' may mean 1234 or 1\.234"):
        table("450,5\t1.234\n451,5\t1.300\n")
