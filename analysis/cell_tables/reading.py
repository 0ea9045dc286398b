"""From the bytes or the text of a table to its titles and rows of texts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from labdata.plugin import UnreadableFile
from measurements.text.columns import parse_title, parse_unit
from measurements.text.encoding import decode
from measurements.text.tables import SEPARATOR_NAMES, parse_number

SEPARATORS = ("\t", ";", ",")
MOST_ROWS = 20_000
MOST_COLUMNS = 200
SAMPLED_LINES = 200
# With an uncertainty or a unit behind it, but no name such as 1,3-dioxolane.
_COMMA_NUMBER = re.compile(r"[<>~]?\s*[+-]?\d+,\d+(?![\d,]*[,-])")
_POINT_NUMBER = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")


@dataclass(frozen=True, slots=True)
class Title:
    """The head of a column: as written, and its name and unit taken apart."""

    text: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class CellTable:
    """Rows of texts with the lines they stand in, all as wide as the titles."""

    titles: tuple[Title, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    decimal: str
    notes: tuple[str, ...] = ()


def read_table(data: bytes | str, *, decimal: str | None = None) -> CellTable:
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
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    separator = _separator(text)
    reader = csv.reader(text.split("\n"), delimiter=separator, skipinitialspace=True)
    rows, lines = [], []
    for row in reader:
        cells = tuple(cell.strip() for cell in row)
        if any(cells):
            rows.append(cells)
            lines.append(reader.line_num)
    if len(rows) < 2:
        raise UnreadableFile("A row of titles and a row below it are needed.")
    head, width = rows[0], len(rows[0])
    if width > MOST_COLUMNS:
        raise UnreadableFile(f"{width} columns are too many: at most {MOST_COLUMNS}.")
    if all(parse_number(cell) is not None for cell in head):
        raise UnreadableFile(
            "The first row holds numbers and no titles: name the columns in it."
        )
    titles = [Title(cell, *parse_title(cell)) for cell in head]
    first = 1
    if _is_units(rows[1]):
        units = (*rows[1], *[""] * width)
        titles = [
            Title(one.text, one.name, one.unit or unit.strip("()[]"))
            for one, unit in zip(titles, units, strict=False)
        ]
        first = 2
    body, numbers = rows[first:], lines[first:]
    if len(body) > MOST_ROWS:
        raise UnreadableFile(f"{len(body)} rows are too many: at most {MOST_ROWS}.")
    for line, cells in zip(numbers, body, strict=True):
        if len(cells) > width and any(cells[width:]):
            raise UnreadableFile(
                f"Line {line} has {len(cells)} entries, the titles are {width}."
            )
    body = [(*cells, *[""] * width)[:width] for cells in body]
    decimal = decimal or _decimal(body, separator)
    mark = {".": "point", ",": "comma"}[decimal]
    told = f"{SEPARATOR_NAMES[separator]} separated, decimal {mark}"
    told += f", {encoding}" if encoding else ""
    return CellTable(
        tuple(titles), tuple(body), tuple(numbers), decimal, (f"Read as {told}.",)
    )


def _separator(text):
    """The mark by which the sampled lines have the titles' number of entries."""
    lines = [line for line in text.split("\n") if line.strip()][:SAMPLED_LINES]
    best = None
    for mark in SEPARATORS:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
        if not widths or widths[0] < 2:
            continue
        alike = Counter(widths)[widths[0]]
        if best is None or alike > best[0]:
            best = alike, mark
    if best is None:
        raise UnreadableFile(
            "No columns were found: separate them by tab, semicolon or comma."
        )
    return best[1]


def _is_units(row):
    filled = [cell for cell in row if cell]
    return bool(filled) and all(
        parse_unit(cell) is not None and parse_number(cell) is None for cell in filled
    )


def _decimal(rows, separator):
    """Point or comma, as the cells write numbers.

    Raises
    ------
    UnreadableFile
        If ``1,234`` may be either and nothing else decides.
    """
    if separator == ",":
        return "."
    cells = [cell for row in rows[:SAMPLED_LINES] for cell in row]
    if any(_POINT_NUMBER.fullmatch(cell) for cell in cells):
        return "."
    commas = [cell for cell in cells if _COMMA_NUMBER.match(cell)]
    if not commas:
        return "."
    if all(_GROUPED.fullmatch(cell) for cell in commas):
        raise UnreadableFile(
            f"{commas[0]!r} may mean {commas[0].replace(',', '')} or "
            f"{commas[0].replace(',', '.')}: state the decimal mark."
        )
    return ","
