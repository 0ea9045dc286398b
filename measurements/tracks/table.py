"""Columns of long tables of numbers and times, parsed as fast as they can be."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from labdata.plugin import UnreadableFile
from measurements.text.encoding import decode, refuse_hollow, signature
from measurements.text.tables import MISSING
from measurements.tracks.titles import Header, Title, split_line

NULLS = sorted({word for text in MISSING for word in (text, text.upper(), "NaN")})
MICROSECONDS_PER_HOUR = 3.6e9

FORMS = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d"), None),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d\d:\d\d"), "%d.%m.%Y %H:%M:%S"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d\d"), "%d.%m.%Y %H:%M"),
    (re.compile(r"\d{4}/\d\d?/\d\d? \d{1,2}:\d\d:\d\d"), "%Y/%m/%d %H:%M:%S"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d"), "/%H:%M:%S"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d"), "/%H:%M"),
)
"""How times are written; a leading slash leaves day and month to be told apart."""

ELAPSED = (
    r"^\s*(?:(?P<d>\d+)\s*(?:days?|d|\.)?[\s,]+)?"
    r"(?P<h>\d+):(?P<m>\d{1,2}):(?P<s>\d{1,2}(?:[.,]\d+)?)\s*$"
)


def utf8(data: bytes) -> bytes:
    """Return a text file as UTF-8 with line feeds; one that is so already, as it is."""
    refuse_hollow(data[:65536], len(data))
    plain = b"\n" in data and b"\x00" not in data and signature(data[:64]) is None
    if plain and not data.startswith(codecs.BOM_UTF8):
        try:
            if data.isascii() or data.decode():
                return data
        except UnicodeDecodeError:
            pass
    text, _ = decode(data)
    return text.replace("\r\n", "\n").replace("\r", "\n").encode()


class Columns:
    """The columns of a table below its titles.

    Parameters
    ----------
    data : bytes
        What `utf8` gave.
    header : Header
    decimal : str
    wanted : mapping of int to str
        Which columns to parse, and as what: ``number``, ``text`` or ``iso`` times.

    Raises
    ------
    UnreadableFile
        If a row does not fit or holds no number where one is wanted, with its line.
    """

    def __init__(
        self,
        data: bytes,
        header: Header,
        decimal: str,
        wanted: Mapping[int, str],
    ) -> None:
        self.header, self.decimal = header, decimal
        self.notes: list[str] = []
        head = data[: 4 * header.begin].decode(errors="ignore")[: header.begin]
        self._offset = len(head.encode())
        self._data, self._wanted = data, dict(wanted)
        self._table = self._parse()

    def _parse(self) -> pa.Table:
        rows = memoryview(self._data)[self._offset :]
        try:
            return self._read(rows)
        except pa.ArrowInvalid as error:
            cut = self._without_cut_line()
            if cut is None:
                raise UnreadableFile(self._explain(str(error))) from error
        try:
            return self._read(memoryview(self._data)[self._offset : cut])
        except pa.ArrowInvalid as error:
            raise UnreadableFile(self._explain(str(error))) from error

    def _read(self, rows: memoryview) -> pa.Table:
        types = {"number": pa.float64(), "text": pa.string(), "iso": ISO}
        return csv.read_csv(
            pa.BufferReader(pa.py_buffer(rows)),
            read_options=csv.ReadOptions(
                column_names=[f"c{title.at}" for title in self.header.titles]
            ),
            parse_options=csv.ParseOptions(delimiter=self.header.separator),
            convert_options=csv.ConvertOptions(
                column_types={
                    f"c{at}": types[kind] for at, kind in self._wanted.items()
                },
                include_columns=[f"c{at}" for at in self._wanted],
                null_values=NULLS,
                strings_can_be_null=True,
                decimal_point=self.decimal,
            ),
        )

    def _lines(self) -> list[tuple[int, str]]:
        text = self._data[self._offset :].decode(errors="replace")
        return [
            (number, line)
            for number, line in enumerate(text.split("\n"), self.header.line)
            if line.strip()
        ]

    def _without_cut_line(self) -> int | None:
        """Return where the last line begins if it is one cut off while written."""
        if self._data.endswith(b"\n"):
            return None
        lines = self._lines()
        width = len(self.header.titles)
        if len(lines) < 2:
            return None
        number, last = lines[-1]
        found = len(split_line(last, self.header.separator))
        if found >= width and not self._bad_field(number, last):
            return None
        self.notes.append(
            f"Line {number} has {found} of {width} columns and is the last: the file"
            " was cut off there, and the line was left out."
        )
        return len(self._data) - len(last.encode())

    def _bad_field(self, number: int, line: str) -> str:
        fields = split_line(line, self.header.separator)
        for at, kind in self._wanted.items():
            field = fields[at].strip('"') if at < len(fields) else ""
            if kind == "number" and field not in NULLS:
                try:
                    float(field.replace(self.decimal, "."))
                except ValueError:
                    title = self.header.titles[at].text
                    return f"Line {number}, {title}: {field[:40]!r} is not a number."
        return ""

    def _explain(self, reason: str) -> str:
        width = len(self.header.titles)
        lines = self._lines()
        for number, line in lines:
            found = len(split_line(line, self.header.separator))
            if found != width:
                cut = number == lines[-1][0] and found < width
                end = " and is the last: the file is cut off" if cut else ""
                return f"Line {number} has {found} of {width} columns{end}."
            if bad := self._bad_field(number, line):
                return bad
        return f"The table cannot be read: {reason[:200]}."

    @property
    def size(self) -> int:
        return self._table.num_rows

    def has(self, title: Title) -> bool:
        return title.at in self._wanted

    def line_of(self, row: int) -> int:
        """Return the line of the file a row stands in."""
        return self._lines()[row][0]

    def numbers(self, title: Title) -> np.ndarray:
        """Return a column as floats, NaN where nothing stands."""
        column = self._table.column(f"c{title.at}")
        return column.combine_chunks().to_numpy(zero_copy_only=False)

    def words(self, title: Title) -> pa.ChunkedArray:
        return self._table.column(f"c{title.at}")

    def clock(self, title: Title) -> np.ndarray:
        """Return a column of times as hours since the epoch, NaN where none stands.

        Raises
        ------
        UnreadableFile
            If the times are of no known form, or day and month cannot be told apart.
        """
        column = self._table.column(f"c{title.at}")
        if column.type != ISO:
            column = self._parse_clock(title, column)
        return self._hours(column)

    @staticmethod
    def _hours(column: pa.ChunkedArray) -> np.ndarray:
        missing = column.null_count
        stamps = column.combine_chunks().cast(pa.int64())
        hours = stamps.fill_null(0).to_numpy(zero_copy_only=False)
        hours = hours / MICROSECONDS_PER_HOUR
        if missing:
            hours[column.is_null().to_numpy()] = np.nan
        return hours

    def joined(self, date: Title, time: Title) -> np.ndarray:
        """Return a date and a time of day in two columns, as `clock` does."""
        column = pc.binary_join_element_wise(
            pc.utf8_trim_whitespace(self.words(date)),
            pc.utf8_trim_whitespace(self.words(time)),
            " ",
        )
        return self._hours(self._parse_clock(date, column))

    def _parse_clock(self, title: Title, column: pa.ChunkedArray) -> pa.ChunkedArray:
        form = clock_form(next((str(one) for one in column if one.is_valid), ""))
        if form is None:
            raise UnreadableFile(
                f"{title.text}: {column[0].as_py()!r} is no date and time of a form"
                " that is known, such as 2025-01-31 14:05:00."
            )
        text = pc.replace_substring_regex(column, r"(:\d+)[.,]\d+\s*$", r"\1")
        if not form:
            return pc.cast(column, ISO)
        if not form.startswith("/"):
            return self._strptime(title, text, form)
        parts = pc.extract_regex(text, r"^\s*(?P<a>\d+)/(?P<b>\d+)/")
        first, second = (
            pc.max(pc.cast(pc.struct_field(parts, name), pa.int64())).as_py() or 0
            for name in "ab"
        )
        if first > 12 >= second:
            return self._strptime(title, text, f"%d/%m/%Y {form[1:]}")
        if second > 12 >= first:
            return self._strptime(title, text, f"%m/%d/%Y {form[1:]}")
        raise UnreadableFile(
            f"{title.text}: {column[0].as_py()!r} may be day first or month first, and"
            " no row decides. Write the times as 2025-01-31 14:05:00."
        )

    def _strptime(
        self, title: Title, text: pa.ChunkedArray, form: str
    ) -> pa.ChunkedArray:
        found = pc.strptime(
            pc.utf8_trim_whitespace(text), form, "us", error_is_null=True
        )
        spoilt = pc.and_(found.is_null(), text.is_valid())
        if pc.any(spoilt).as_py():
            row = int(np.argmax(spoilt.to_numpy()))
            raise UnreadableFile(
                f"Line {self.line_of(row)}, {title.text}: {text[row].as_py()!r} is not"
                " a date and time like those above."
            )
        return found

    def elapsed(self, title: Title) -> np.ndarray:
        """Return texts such as ``12 days 14:34:30.4`` or ``302:34:30`` in hours."""
        column = self._table.column(f"c{title.at}")
        parts = pc.extract_regex(column, ELAPSED)
        spoilt = pc.and_(parts.is_null(), column.is_valid())
        if pc.any(spoilt).as_py():
            row = int(np.argmax(spoilt.to_numpy()))
            raise UnreadableFile(
                f"Line {self.line_of(row)}, {title.text}: {column[row].as_py()!r} is no"
                " length of time, such as 12 days 14:34:30."
            )
        hours = np.zeros(self.size)
        for name, size in (("d", 24.0), ("h", 1.0), ("m", 1 / 60), ("s", 1 / 3600)):
            field = pc.replace_substring(pc.struct_field(parts, name), ",", ".")
            field = pc.if_else(pc.equal(field, ""), "0", field)
            values = pc.cast(field, pa.float64()).to_numpy()
            hours += size * values
        return hours


ISO = pa.timestamp("us")


def clock_form(text: str) -> str | None:
    """Return how a time is written: ``""`` for ISO, a strptime form or None."""
    for pattern, form in FORMS:
        if pattern.match(text.strip()):
            return form or ""
    return None


def is_elapsed(text: str) -> bool:
    return re.match(ELAPSED, text) is not None


def find_decimal(header: Header, rows: Sequence[str], numeric: Sequence[int]) -> str:
    """Decide the decimal mark by the first rows; a comma only where one stands."""
    if header.separator == ",":
        return "."
    fields = [split_line(row, header.separator) for row in rows]
    cells = [row[at] for row in fields for at in numeric if at < len(row)]
    has_comma = any("," in cell for cell in cells)
    return "," if has_comma and not any("." in cell for cell in cells) else "."
