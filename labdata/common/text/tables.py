"""A table of texts under a row of titles, as spreadsheets save and people paste it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labdata.common.text.separator import find_separator, split_lines
from labdata.plugin import UnreadableFile


@dataclass(frozen=True, slots=True)
class TextTable:
    """Rows of texts with the lines they stand in, all as wide as the titles."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    separator: str


def read_table(text: str, *, fewest_columns: int = 1) -> TextTable:
    """Part a table with a row of titles into its fields.

    Parameters
    ----------
    text : str
        Columns are parted by the tab, semicolon or comma by which most rows have as
        many entries as the titles. Rows without any entry and columns at the end
        without title and entry are left out.
    fewest_columns : int

    Returns
    -------
    TextTable

    Raises
    ------
    UnreadableFile
        With what is wrong, by line where it is one line.
    """
    lines = split_lines(text.removeprefix("\ufeff"))
    separator = find_separator(lines)
    if separator is None and fewest_columns > 1:
        raise UnreadableFile(
            "No columns were found: separate them by tab, semicolon or comma."
        )
    separator = separator or "\t"
    found = [(line, row) for line, row in _rows(lines, separator) if any(row)]
    if len(found) < 2:
        raise UnreadableFile("A row of titles and a row below it are needed.")
    (_, titles), *rows = found
    for line, fields in rows:
        if any(fields[len(titles) :]):
            raise UnreadableFile(
                f"Line {line} has {len(fields)} entries, the titles are {len(titles)}."
            )
    width = _filled_width(titles, [fields for _, fields in rows])
    return TextTable(
        titles[:width],
        tuple((*fields, *[""] * width)[:width] for _, fields in rows),
        tuple(line for line, _ in rows),
        separator,
    )


def _rows(
    lines: Sequence[str], separator: str
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each row with the line it begins in; what is in quotes may hold lines."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(f"Line {line} cannot be read: {error}.") from error
        if row is None:
            return
        yield line, tuple(field.strip() for field in row)


def _filled_width(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    width = len(titles)
    while width > 1 and not titles[width - 1]:
        if any(row[width - 1] for row in rows if len(row) >= width):
            break
        width -= 1
    return width
