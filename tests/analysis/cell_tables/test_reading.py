"""Tables of cells as people have them: separators, decimals, encodings, unit rows."""

import pytest

from analysis.cell_tables.reading import read_cells
from labdata.plugin import UnreadableFile


@pytest.mark.parametrize(
    ("data", "first", "decimal"),
    [
        ("sample,PCE (%)\nA,12.5\nB,13.5", ("A", "12.5"), "."),
        ("sample;PCE (%)\nA;12,5\nB;13,5", ("A", "12,5"), ","),
        ("sample\tPCE (%)\nA\t12,5\nB\t1,234", ("A", "12,5"), ","),
        ("sample;PCE (%)\r\nA;12.5\r\n\r\nB;13,500.5\r\n", ("A", "12.5"), "."),
        ("sample;PCE (%)\nA;17,5(2)\nB;13", ("A", "17,5(2)"), ","),
        ("sample;PCE (%)\n1,3-PDA;17\nB;13", ("1,3-PDA", "17"), "."),
        ('"sample","PCE (%)"\n"A, old","12.5"\n', ("A, old", "12.5"), "."),
    ],
)
def test_rows_are_read_as_written(data, first, decimal):
    table = read_cells(data)

    assert [title.name for title in table.titles] == ["sample", "PCE"]
    assert table.titles[1].unit == "%"
    assert table.rows[0] == first
    assert table.decimal == decimal


def test_a_row_of_units_belongs_to_the_titles():
    table = read_cells("sample\tVoc\tJsc\n\tmV\tmA/cm²\nA\t1100\t24\n")

    assert [title.unit_text for title in table.titles] == ["", "mV", "mA/cm²"]
    assert (table.rows, table.lines) == ((("A", "1100", "24"),), (3,))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_files_come_in_any_encoding(encoding):
    table = read_cells("sample;Area (cm²)\nA;0,1\n".encode(encoding))

    assert table.titles[1].unit == "cm²"
    assert encoding.partition("-sig")[0][:5] in table.notes[0]


def test_a_point_or_a_group_is_not_guessed():
    with pytest.raises(UnreadableFile, match=r"1234 or 1\.234"):
        read_cells("sample;PCE\nA;1,234\nB;2,345\n")

    table = read_cells("sample;PCE\nA;1,234\nB;2,345\n", decimal=",")
    assert table.decimal == ","


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("PCE\n12\n", "No columns"),
        ("sample,PCE\n", "row below"),
        ("1,2\n3,4\n", "no titles"),
        ("sample,PCE\nA,1,2\n", "Line 2 has 3"),
        (b"PK\x03\x04\x00\x00", "ZIP archive or an Office document"),
        ("", "No columns"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data, words):
    with pytest.raises(UnreadableFile, match=words):
        read_cells(data)


def test_lines_are_those_of_the_file():
    table = read_cells("sample,PCE\nA,1\n\n,\nB,2\n")

    assert table.lines == (2, 5)
