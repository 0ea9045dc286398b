"""From the bytes or the text of a table to its titles and rows of texts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labdata.common.text import decimal_mark
from labdata.common.text.number import is_numeric
from labdata.common.text.separator import in_words
from labdata.common.text.tables import read_table
from labdata.common.text.title import Title, is_unit_row, parse_unit, split_title
from labdata.plugin import UnreadableFile
from measurements.text.encoding import decode

MOST_ROWS = 20_000
MOST_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class CellTable:
    """Rows of texts with the lines they stand in, all as wide as the titles."""

    titles: tuple[Title, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    decimal: str
    notes: tuple[str, ...] = ()


def read_cells(data: bytes | str, *, decimal: str | None = None) -> CellTable:
    """Read a table with a row of titles, and perhaps one of units below it.

    Parameters
    ----------
    data : bytes or str
        A file in any usual encoding, or what was pasted.
    decimal : {".", ","}, optional
        Overrules what would be found out.

    Raises
    ------
    UnreadableFile
        With what is wrong, by line where it is one line.
    """
    text, encoding = decode(data) if isinstance(data, bytes) else (data, "")
    table = read_table(text, fewest_columns=2)
    if len(table.titles) > MOST_COLUMNS:
        raise UnreadableFile(
            f"{len(table.titles)} columns are too many: at most {MOST_COLUMNS}."
        )
    if all(is_numeric(title) for title in table.titles):
        raise UnreadableFile(
            "The first row holds numbers and no titles: name the columns in it."
        )
    titles = [split_title(title) for title in table.titles]
    rows, lines = table.rows, table.lines
    # "A, 1" is sample A with the value 1, though both are units too.
    if is_unit_row(rows[0]) and not any(is_numeric(cell) for cell in rows[0] if cell):
        titles = [
            one if one.unit_text else _with_unit(one, unit)
            for one, unit in zip(titles, rows[0], strict=True)
        ]
        rows, lines = rows[1:], lines[1:]
    if len(rows) > MOST_ROWS:
        raise UnreadableFile(f"{len(rows)} rows are too many: at most {MOST_ROWS}.")
    decimal = decimal or decimal_mark.decide(cell for row in rows for cell in row)
    told = in_words(table.separator, decimal)
    told += f", {encoding}" if encoding else ""
    return CellTable(tuple(titles), rows, lines, decimal, (f"Read as {told}.",))


def _with_unit(title: Title, text: str) -> Title:
    text = text.strip("()[]")
    return replace(title, unit_text=text, unit=parse_unit(text))
