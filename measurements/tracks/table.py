"""Columns of long tables of numbers and times, parsed as fast as they can be."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from labdata.common.text import decimal_mark
from labdata.common.text.clock import (
    ELAPSED,
    FRACTION_AT_END,
    SLASHED,
    AmbiguousDate,
    form_of,
    slashed_layout,
)
from labdata.common.text.number import MISSING, is_ungrouped
from labdata.common.text.separator import split_fields
from labdata.plugin import UnreadableFile
from measurements.text.encoding import decode, refuse_hollow, signature
from measurements.text.rows import not_a_number, wrong_width
from measurements.tracks.titles import Header, Title

NULLS = sorted({word for text in MISSING for word in (text, text.upper(), "NaN")})
MICROSECONDS_PER_HOUR = 3.6e9
HEAD_BYTES = 128 * 1024
NO_ROW = "There is no row below the titles."
NOT_NUMERIC = ("", "clock", "cell", "lamp")
"""Keys of titles above words and times of day."""


def utf8(data: bytes) -> bytes:
    """Return a text file as UTF-8 with line feeds; one that is so already, as it is."""
    refuse_hollow(data[:65536], len(data))
    plain = b"\n" in data and b"\x00" not in data and signature(data[:64]) is None
    plain = plain and data.count(b"\r") == data.count(b"\r\n")
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
                raise self._explain(str(error)) from error
        try:
            return self._read(memoryview(self._data)[self._offset : cut])
        except pa.ArrowInvalid as error:
            raise self._explain(str(error)) from error

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
        found = len(split_fields(last, self.header.separator))
        if found >= width and self._bad_field(number, last) is None:
            return None
        self.notes.append(
            f"Line {number} has {found} of {width} columns and is the last: the file"
            " was cut off there, and the line was left out."
        )
        return len(self._data) - len(last.encode())

    def _bad_field(self, number: int, line: str) -> UnreadableFile | None:
        fields = split_fields(line, self.header.separator)
        for at, kind in self._wanted.items():
            field = fields[at] if at < len(fields) else ""
            if kind != "number" or field in NULLS:
                continue
            if not is_ungrouped(field, self.decimal):
                return not_a_number(number, field, title=self.header.titles[at].text)
        return None

    def _explain(self, reason: str) -> UnreadableFile:
        width = len(self.header.titles)
        lines = self._lines()
        for number, line in lines:
            found = len(split_fields(line, self.header.separator))
            if found != width:
                is_last = number == lines[-1][0]
                return wrong_width(number, found, width, is_last=is_last)
            if (bad := self._bad_field(number, line)) is not None:
                return bad
        return UnreadableFile(f"The table cannot be read: {reason[:200]}.")

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
        form = form_of(next((str(one) for one in column if one.is_valid), ""))
        if form is None:
            raise UnreadableFile(
                f"{title.text}: {column[0].as_py()!r} is no date and time of a form"
                " that is known, such as 2025-01-31 14:05:00."
            )
        text = pc.replace_substring_regex(column, FRACTION_AT_END, r"\1")
        if not form.layout:
            try:
                return pc.cast(column, ISO)
            except pa.ArrowInvalid as error:
                raise UnreadableFile(
                    f"{title.text}: a row is not a date and time like the first, such"
                    f" as {column[0].as_py()!r}."
                ) from error
        if not form.is_slashed:
            return self._strptime(title, text, form.layout)
        parts = pc.extract_regex(text, SLASHED)
        first, second = (
            pc.max(pc.cast(pc.struct_field(parts, name), pa.int64())).as_py() or 0
            for name in ("first", "second")
        )
        try:
            layout = slashed_layout(form, first, second)
        except AmbiguousDate as error:
            raise UnreadableFile(
                f"{title.text}: {column[0].as_py()!r} may be day first or month first,"
                " and no row decides. Write the times as 2025-01-31 14:05:00."
            ) from error
        except ValueError as error:
            raise UnreadableFile(f"{title.text} holds no dates: {error}.") from error
        return self._strptime(title, text, layout)

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


def head_of(data: bytes) -> str:
    """Return the beginning of what `utf8` gave, in which titles are looked for."""
    return data[:HEAD_BYTES].decode(errors="ignore")


def first_rows(data: bytes, header: Header) -> list[str]:
    """Return the rows at the beginning, whole ones only.

    Raises
    ------
    UnreadableFile
        If there is none.
    """
    lines = head_of(data)[header.begin :].split("\n")
    if len(data) > HEAD_BYTES:
        lines.pop()
    if not (rows := [line for line in lines if line.strip()]):
        raise UnreadableFile(NO_ROW)
    return rows


def find_decimal(header: Header, rows: Sequence[str]) -> str:
    """Decide the decimal mark by the columns of numbers, or ask.

    Raises
    ------
    UnreadableFile
        If it may be either.
    """
    numeric = [one.at for one in header.titles if one.key not in NOT_NUMERIC]
    fields = [split_fields(row, header.separator) for row in rows]
    cells = (row[at] for row in fields for at in numeric if at < len(row))
    return decimal_mark.decide(cells, separator=header.separator)
