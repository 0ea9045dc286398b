"""Tables of texts as people have them: separators, quotes, blanks and lines."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.common.text.tables import read_table
from labdata.plugin import UnreadableFile


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_rows_stand_under_their_titles(separator, end):
    lines = ["code|x", "A|1", "", "|", "B|"]

    table = read_table(end.join(lines).replace("|", separator))

    assert table.titles == ("code", "x")
    assert table.rows == (("A", "1"), ("B", ""))
    assert table.lines == (2, 5)
    assert table.separator == separator


def test_one_column_is_a_table_where_one_is_enough():
    assert read_table("code\nA\nB\n").rows == (("A",), ("B",))
    with pytest.raises(UnreadableFile, match="No columns were found"):
        read_table("code\nA\nB\n", fewest_columns=2)


def test_blank_columns_at_the_end_are_left_out_unless_something_stands_there():
    assert read_table("a,b,,\n1,2,,\n").titles == ("a", "b")
    assert read_table("a,b,\n1,2,3\n").titles == ("a", "b", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a row below it are needed"),
        ("a,b\n", "a row below it are needed"),
        ("a,b\n1,2\n1,2,3\n", "Line 3 has 3 entries, the titles are 2"),
        ('a\tb\n1\t2\n"3\t4\n', "Line 3 cannot be read: unexpected end of data"),
        ('a\tb\n"1"x\t2\n', "Line 2 cannot be read"),
    ],
)
def test_what_is_no_table_is_refused_in_words(text, message):
    with pytest.raises(UnreadableFile, match=message):
        read_table(text)


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(
            st.lists(
                st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"))
                .map(str.strip)
                .map(lambda text: text or "x"),
                min_size=width,
                max_size=width,
            ),
            min_size=2,
            max_size=8,
        )
    ),
    st.sampled_from(["\t", ";"]),
)
def test_what_a_spreadsheet_saves_comes_back(rows, separator):
    file = io.StringIO()
    csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)

    table = read_table(file.getvalue())

    # Another mark may part quoted titles as well; then every row has as many.
    if table.separator == separator:
        assert [list(table.titles), *map(list, table.rows)] == rows
