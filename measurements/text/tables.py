"""What all text readers share: separators, numbers, header and tables."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labdata.plugin import UnreadableFile
from measurements.text.encoding import decode, describe, refuse_hollow

SEPARATORS = ("\t", ";", None, ",", ":")
"""In the order ties are decided; None is any run of white space."""

SEPARATOR_NAMES = {
    "\t": "tab",
    ";": "semicolon",
    None: "white space",
    ",": "comma",
    ":": "colon",
}

MISSING = frozenset({"", "nan", "n/a", "na", "#n/a", "--", "-", "---", "null", "none"})

_EXPONENT = r"(?:[eEdD][+-]?\d+)?"
NUMBER = {
    ".": re.compile(
        rf"[+-]?(?:[1-9]\d{{0,2}}(?:[,'’\u00a0\u202f\u2009]\d{{3}})+(?:\.\d*)?"
        rf"|\d+\.?\d*|\.\d+){_EXPONENT}"
    ),
    ",": re.compile(
        rf"[+-]?(?:[1-9]\d{{0,2}}(?:[.'’\u00a0\u202f\u2009]\d{{3}})+(?:,\d*)?"
        rf"|\d+,?\d*|,\d+){_EXPONENT}"
    ),
}
_DROPPED = {
    ".": str.maketrans("dD", "ee", ",'’\u00a0\u202f\u2009"),
    ",": str.maketrans("dD,", "ee.", ".'’\u00a0\u202f\u2009"),
}

Head = Mapping[int, tuple[str, ...]]
SAMPLED_LINES = 100
ROWS_IN_BLOCK = 20_000
MINIMUM_ROWS = 2


def split_lines(text: str) -> list[str]:
    """Split at line ends only; ``str.splitlines`` also splits at form feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def parse_number(text: str, decimal: str = ".") -> float | None:
    """Read one number, or None if the text is none.

    Parameters
    ----------
    text : str
        Thousands may be grouped by the other mark, an apostrophe or a thin space;
        Fortran's ``D`` exponent and the typographic minus are understood; the usual
        signs of a missing value give NaN.
    decimal : {".", ","}
        The decimal mark.
    """
    text = text.strip().replace("\u2212", "-")
    if NUMBER[decimal].fullmatch(text):
        return float(text.translate(_DROPPED[decimal]))
    return np.nan if text.lower() in MISSING else None


def split_fields(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return line.split()
    return [field.strip().strip('"').strip() for field in line.split(separator)]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of numbers of a file are written."""

    separator: str | None
    decimal: str
    width: int

    def __str__(self) -> str:
        mark = {".": "point", ",": "comma"}[self.decimal]
        return f"{SEPARATOR_NAMES[self.separator]} separated, decimal {mark}"


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


def header_pairs(lines: Iterable[str], separator: str | None) -> dict[str, str]:
    """Collect ``key<separator>value``, ``key: value`` and ``key = value`` lines."""
    pairs: dict[str, str] = {}
    for line in lines:
        for mark in (separator or "\t", ":", "="):
            key, found, value = line.lstrip("#%;!* ").partition(mark)
            key, value = key.strip(' "'), value.strip(f' "{separator or ""}')
            if found and key and value:
                pairs.setdefault(key, value)
                break
    return pairs


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
    counts: dict[tuple[str | None, str], int] = {}
    for mark in (separator,) if separator else SEPARATORS:
        for point in (decimal,) if decimal else (".", ","):
            if mark == point:
                continue
            widths = Counter(
                width
                for line in sample
                if (width := _row_width(line, Layout(mark, point, 0)))
            )
            if not widths:
                continue
            width, rows = widths.most_common(1)[0]
            counts[mark, point] = rows
            if best is None or rows > best[0]:
                best = rows, Layout(mark, point, width)
    if best is None or best[0] < MINIMUM_ROWS:
        return None
    rows, layout = best
    if layout.decimal == "." and counts.get((layout.separator, ",")) == rows:
        layout = _decide_decimal(sample, layout)
    return layout


def _decide_decimal(sample: Sequence[str], layout: Layout) -> Layout:
    """Settle rows that read as numbers with either decimal mark."""
    fields = (
        field
        for line in sample
        if _row_width(line, layout)
        for field in split_fields(line, layout.separator)
    )
    grouped = next((field for field in fields if "," in field), None)
    if grouped is None:
        return layout
    # Semicolons separate where the comma is taken: by decimals.
    if layout.separator == ";":
        return Layout(";", ",", layout.width)
    raise UnreadableFile(
        f"{grouped!r} may mean {parse_number(grouped, '.'):g} or"
        f" {parse_number(grouped, ','):g}, and nothing in the file decides:"
        " state the decimal mark."
    )


def _row_width(line: str, layout: Layout) -> int:
    """Number of fields if the line is a row of two or more numbers, else 0."""
    fields = split_fields(line, layout.separator)
    if len(fields) < 2:
        return 0
    number, filled = NUMBER[layout.decimal].fullmatch, 0
    for field in fields:
        if number(field) or number(field.replace("\u2212", "-")):
            filled += 1
        elif field.lower() not in MISSING:
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
        map(NUMBER[layout.decimal].fullmatch, fields)
    )


def _resembles_row(line: str, layout: Layout) -> bool:
    """Whether a line has a row's width and begins with a number or a gap in one."""
    fields = split_fields(line, layout.separator)
    if len(fields) != layout.width:
        return False
    first = next((field for field in fields if field), "")
    return NUMBER[layout.decimal].fullmatch(first) is not None


def _rows_above(lines: Sequence[str], floor: int, start: int, layout: Layout) -> Head:
    head: dict[int, tuple[str, ...]] = {}
    above = range(start - 1, max(floor, start - 5) - 1, -1)
    for place in above:
        line = lines[place].lstrip("#%!")
        if not line.strip():
            if head:
                break
            continue
        fields = split_fields(line, layout.separator)
        if layout.separator is None:
            fields = _spaced_titles(line, layout.width)
        titled = sum(bool(field) for field in fields)
        if abs(len(fields) - layout.width) > 1 or (
            titled < 2 and len(fields) != layout.width
        ):
            break
        fields = [*fields, *[""] * layout.width][: layout.width]
        head[place + 1] = tuple(fields)
    return dict(sorted(head.items()))


def _spaced_titles(line: str, width: int) -> list[str]:
    """Split titles that may hold single spaces, such as ``Wavelength (nm)``."""
    for pattern in (r"\s{2,}|\t", r"\s+(?![(\[/])", r"\s+"):
        fields = re.split(pattern, line.strip())
        if len(fields) == width:
            return fields
    return []


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
        raise UnreadableFile(_bad_row(fields, place, place == last, head, layout))
    blocks.append(np.array(rows, dtype=np.float64).reshape(-1, layout.width))
    return Table(head, np.concatenate(blocks), np.array(numbers)), stop


def _read_clean_rows(
    lines: Sequence[str], start: int, last: int, head: Head, layout: Layout
) -> Table | None:
    """Read a table without a gap or a flaw up to the end of the file, or give up."""
    places = [place for place in range(start, last + 1) if lines[place].strip()]
    rows = (lines[place] for place in places)
    if layout.decimal == ",":
        if any("." in lines[place] for place in places):
            return None
        rows = (row.replace(",", ".") for row in rows)
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
) -> str:
    if len(fields) != layout.width:
        found = f"Line {place + 1} has {len(fields)} of {layout.width} columns"
        if is_last and len(fields) < layout.width:
            return f"{found} and is the last: the file is cut off."
        return f"{found}."
    for column, field in enumerate(fields):
        if parse_number(field, layout.decimal) is None:
            name = f"column {column + 1}"
            # More than titles and units above is a header, not titles.
            title = next(iter(head.values()), fields)[column] if len(head) <= 2 else ""
            if title and title != field:
                name += f" ({title})"
            return f"Line {place + 1}, {name}: {field[:40]!r} is not a number."
    return f"Line {place + 1} cannot be read."
