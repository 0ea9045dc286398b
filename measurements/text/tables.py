"""What all text readers share: separators, numbers, header and tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labdata.common.text import decimal_mark
from labdata.common.text.number import is_missing, is_number, parse_number
from labdata.common.text.separator import (
    SEPARATORS,
    in_words,
    split_fields,
    split_lines,
)
from labdata.plugin import UnreadableFile
from measurements.text.encoding import decode, describe, refuse_hollow
from measurements.text.pairs import header_pairs
from measurements.text.rows import not_a_number, wrong_width

Head = Mapping[int, tuple[str, ...]]
SAMPLED_LINES = 100
ROWS_IN_BLOCK = 20_000
MINIMUM_ROWS = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of numbers of a file are written."""

    separator: str | None
    decimal: str
    width: int

    def __str__(self) -> str:
        return in_words(self.separator, self.decimal)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of numbers with the lines of the file they came from.

    Attributes
    ----------
    head : mapping of int to tuple of str
        Fields of up to four text rows right above the numbers by line number, top
        first.
    values : ndarray, shape (rows, columns)
        NaN where the file has none.
    lines : ndarray, shape (rows,)
        Line numbers in the file, from 1.
    """

    head: Head
    values: np.ndarray
    lines: np.ndarray


@dataclass(frozen=True, slots=True)
class Document:
    """A text file taken apart: lines above its tables, the tables, lines below."""

    header: tuple[str, ...]
    tables: tuple[Table, ...]
    footer: tuple[str, ...]
    layout: Layout
    encoding: str

    @property
    def pairs(self) -> dict[str, str]:
        """``key: value`` lines of the header, first mention first."""
        return header_pairs(self.header, self.layout.separator)


def read_document(
    data: bytes, *, separator: str | None = None, decimal: str | None = None
) -> Document:
    """Decode a text file and take it apart.

    Parameters
    ----------
    data : bytes
        The file.
    separator, decimal : str, optional
        Overrule what would be found out.

    Raises
    ------
    UnreadableFile
        If it is no text, holds no table, or a row does not fit; with the line.
    """
    refuse_hollow(data[:65536], len(data))
    text, encoding = decode(data)
    lines = split_lines(text)
    layout = guess_layout(lines, separator=separator, decimal=decimal)
    if layout is None:
        raise UnreadableFile(describe(data[:65536], text))
    return _take_apart(lines, layout, encoding)


def guess_layout(
    lines: Sequence[str], *, separator: str | None = None, decimal: str | None = None
) -> Layout | None:
    """Find separator and decimal mark by which most lines are rows of numbers.

    Returns None if fewer than two lines are.

    Raises
    ------
    UnreadableFile
        If ``1,234`` may as well be 1234 as 1.234 and nothing in the file decides.
    """
    filled = [line for line in lines if line.strip()]
    step = max(1, len(filled) // SAMPLED_LINES)
    sample = [*filled[:60], *filled[60::step]]
    best: tuple[int, Layout] | None = None
    for mark in (separator,) if separator else SEPARATORS:
        for point in (decimal,) if decimal else decimal_mark.MARKS:
            widths = Counter(
                width
                for line in sample
                if (width := _row_width(line, Layout(mark, point, 0)))
            )
            if not widths:
                continue
            width, rows = widths.most_common(1)[0]
            if best is None or rows > best[0]:
                best = rows, Layout(mark, point, width)
    if best is None or best[0] < MINIMUM_ROWS:
        return None
    _, layout = best
    return layout if decimal else _with_decimal(sample, layout)


def _with_decimal(sample: Sequence[str], layout: Layout) -> Layout:
    """Settle which mark the rows have that read as numbers with this or either."""
    rows = (
        split_fields(line, layout.separator)
        for line in sample
        if _row_width(line, layout)
    )
    fields = [field for row in rows for field in row]
    mark = decimal_mark.decide(fields, separator=layout.separator)
    return Layout(layout.separator, mark, layout.width)


def _row_width(line: str, layout: Layout) -> int:
    """Number of fields if the line is a row of two or more numbers, else 0."""
    fields = split_fields(line, layout.separator)
    if len(fields) < 2:
        return 0
    filled = 0
    for field in fields:
        if is_number(field, layout.decimal):
            filled += 1
        elif not is_missing(field):
            return 0
    return len(fields) if filled >= 2 else 0


def _take_apart(lines: Sequence[str], layout: Layout, encoding: str) -> Document:
    tables: list[Table] = []
    at = first = 0
    last = max(place for place, line in enumerate(lines) if line.strip())
    while (start := _find_start(lines, at, layout)) is not None:
        head = _rows_above(lines, at, start, layout)
        table, stop = _read_rows(lines, start, last, head, layout)
        first = first if tables else start
        tables.append(table)
        at = stop
    if not tables:
        raise UnreadableFile(
            "Rows of numbers were found, but no two of the same width in succession."
        )
    header = tuple(line.strip() for line in lines[:first] if line.strip())
    footer = tuple(line.strip() for line in lines[at:] if line.strip())
    return Document(header, tuple(tables), footer, layout, encoding)


def _find_start(lines: Sequence[str], at: int, layout: Layout) -> int | None:
    """Find a row of numbers that another row, be it a spoilt one, follows."""
    previous, spoilt = None, False
    for place in range(at, len(lines)):
        if not lines[place].strip():
            continue
        is_row = _row_width(lines[place], layout) == layout.width
        if previous is not None and (is_row or _resembles_row(lines[place], layout)):
            while previous > at and _resembles_row(lines[previous - 1], layout):
                previous -= 1
            return previous
        # One line of text and numbers between two rows is a row gone wrong.
        spoilt = (
            previous == place - 1 and not spoilt and _holds_number(lines[place], layout)
        )
        if not spoilt:
            previous = place if is_row else None
    return None


def _holds_number(line: str, layout: Layout) -> bool:
    fields = split_fields(line, layout.separator)
    return len(fields) == layout.width and any(
        is_number(field, layout.decimal) for field in fields
    )


def _resembles_row(line: str, layout: Layout) -> bool:
    """Whether a line has a row's width and begins with a number or a gap in one."""
    fields = split_fields(line, layout.separator)
    if len(fields) != layout.width:
        return False
    first = next((field for field in fields if field), "")
    return is_number(first, layout.decimal)


def _rows_above(lines: Sequence[str], floor: int, start: int, layout: Layout) -> Head:
    head: dict[int, tuple[str, ...]] = {}
    above = range(start - 1, max(floor, start - 5) - 1, -1)
    for place in above:
        line = lines[place].lstrip("#%!")
        if not line.strip():
            if head:
                break
            continue
        fields = split_fields(line, layout.separator, layout.width)
        if layout.separator is None and len(fields) != layout.width:
            break
        titled = sum(bool(field) for field in fields)
        if abs(len(fields) - layout.width) > 1 or (
            titled < 2 and len(fields) != layout.width
        ):
            break
        fields = [*fields, *[""] * layout.width][: layout.width]
        head[place + 1] = tuple(fields)
    return dict(sorted(head.items()))


def _read_rows(
    lines: Sequence[str],
    start: int,
    last: int,
    head: Head,
    layout: Layout,
) -> tuple[Table, int]:
    if (table := _read_clean_rows(lines, start, last, head, layout)) is not None:
        return table, len(lines)
    blocks: list[np.ndarray] = []
    rows, numbers, gap, stop = [], [], False, len(lines)
    for place in range(start, len(lines)):
        line = lines[place]
        if not line.strip():
            gap = True
            continue
        fields = split_fields(line, layout.separator)
        if len(fields) == layout.width:
            row = _fast_row(fields, layout.decimal)
            # Spreadsheets end with rows of separators alone.
            if not any(fields):
                gap = True
                continue
            if row is not None:
                rows.append(row)
                numbers.append(place + 1)
                gap = False
                # Python's own floats take four times the room of an array's.
                if len(rows) == ROWS_IN_BLOCK:
                    blocks.append(np.array(rows))
                    rows.clear()
                continue
        if _ends_table(lines, place, fields, head, gap, layout):
            stop = place
            break
        raise _bad_row(fields, place, place == last, head, layout)
    blocks.append(np.array(rows, dtype=np.float64).reshape(-1, layout.width))
    return Table(head, np.concatenate(blocks), np.array(numbers)), stop


def _read_clean_rows(
    lines: Sequence[str], start: int, last: int, head: Head, layout: Layout
) -> Table | None:
    """Read a table without a gap or a flaw up to the end of the file, or give up."""
    places = [place for place in range(start, last + 1) if lines[place].strip()]
    rows = (lines[place] for place in places)
    if layout.decimal == ",":
        if layout.separator == "," or any("." in lines[place] for place in places):
            return None
        rows = (decimal_mark.commas_as_points(row) for row in rows)
    try:
        values = np.loadtxt(
            rows, delimiter=layout.separator, comments=None, quotechar='"', ndmin=2
        )
    except ValueError:
        return None
    if values.shape != (len(places), layout.width) or not np.isfinite(values).all():
        return None
    return Table(head, values, np.array(places) + 1)


def _fast_row(fields: Sequence[str], decimal: str) -> list[float] | None:
    if decimal == ".":
        try:
            plain = [float(field) for field in fields]
        except ValueError:
            pass
        else:
            # float() also takes "inf" and "1_000", which no instrument means.
            if all(map(math.isfinite, plain)) and "_" not in "".join(fields):
                return plain
    numbers = [parse_number(field, decimal) for field in fields]
    known = [number for number in numbers if number is not None]
    return known if len(known) == len(numbers) else None


def _ends_table(
    lines: Sequence[str],
    place: int,
    fields: Sequence[str],
    head: Head,
    gap: bool,
    layout: Layout,
) -> bool:
    """Whether a line that is no row closes the table rather than spoils it."""
    numbers = [
        bool(field) and parse_number(field, layout.decimal) is not None
        for field in fields
    ]
    if tuple(fields) in head.values() or (gap and not numbers[0]):
        return True
    return not any(numbers) and _find_start(lines, place, layout) is None


def _bad_row(
    fields: Sequence[str],
    place: int,
    is_last: bool,
    head: Head,
    layout: Layout,
) -> UnreadableFile:
    if len(fields) != layout.width:
        return wrong_width(place + 1, len(fields), layout.width, is_last=is_last)
    for column, field in enumerate(fields):
        if parse_number(field, layout.decimal) is None:
            # More than titles and units above is a header, not titles.
            title = next(iter(head.values()), fields)[column] if len(head) <= 2 else ""
            title = "" if title == field else title
            return not_a_number(place + 1, field, column=column + 1, title=title)
    return UnreadableFile(f"Line {place + 1} cannot be read.")
