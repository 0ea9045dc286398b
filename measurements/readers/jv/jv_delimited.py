"""Current-voltage sweeps in delimited text: pixels, sweeps, light and dark together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labdata.common.text import decimal_mark
from labdata.common.text.clock import first_clock
from labdata.common.text.number import is_number, is_numeric, parse_number
from labdata.common.text.separator import (
    OF_TITLES,
    in_words,
    split_fields,
    split_lines,
    split_titles,
)
from labdata.common.text.title import is_unit_row
from labdata.plugin import (
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    UnreadableFile,
)
from measurements.readers.jv import hzb_jv, jv_key_value
from measurements.sweeps import curves, headers
from measurements.sweeps.curves import Sweep
from measurements.sweeps.headers import COLUMN_UNITS, Said
from measurements.sweeps.titles import Title, may_hold_titles, read_title, title_row
from measurements.text.encoding import decode
from measurements.text.pairs import split_pair
from measurements.text.rows import in_unit, not_a_number, wrong_width

SEPARATORS = (*OF_TITLES, None)
HEADER_ENTRIES = 100
HEADER_LINES = 400
"""Titles are looked for in so many lines from the top."""

FEWEST_ROWS = 5
"""Of two columns without titles."""

NAMED_JV = re.compile(r"(?:^|[\s._-])[ji]v(?:[\s._-]|$)", re.IGNORECASE)


def sample() -> bytes:
    """Two pixels, light and dark, in rows under one row of titles."""
    lines = [
        "Active area (cm²): 0.16",
        "Irradiance (mW/cm²): 100",
        "pixel,direction,light,Voltage (V),Current density (mA/cm²)",
    ]
    rising = np.round(np.arange(-0.1, 1.16, 0.05), 3)
    for pixel, scale in (("A", 1.0), ("B", 0.98)):
        for direction, light in (("rev", "light"), ("fwd", "light"), ("fwd", "dark")):
            photocurrent = 20 * scale if light == "light" else 0.0
            for v in rising if direction == "fwd" else rising[::-1]:
                j = photocurrent - 1e-9 * np.expm1(v / 0.045)
                lines.append(f"{pixel},{direction},{light},{v:g},{j:.6g}")
    return "\n".join([*lines, ""]).encode()


def recognise(sniff: Sniff) -> Recognition | None:
    """A row of titles names a voltage and a current or current density."""
    found = _sign_of(sniff)
    if found is None or hzb_jv.recognise(sniff) or jv_key_value.recognise(sniff):
        return None
    return found


def _sign_of(sniff: Sniff) -> Recognition | None:
    if not sniff.text or sniff.text.lstrip().startswith(("{", "[{")):
        return None
    lines = split_lines(sniff.text)[:HEADER_LINES]
    for separator in SEPARATORS:
        for at, line in enumerate(lines):
            titles = _titles(line, separator)
            if titles is None:
                continue
            below = lines[at + 1 : at + 6]
            rows = (split_fields(one, separator, len(titles)) for one in below)
            if any(_is_row(one, titles) for one in rows):
                named = [one.text for one in titles if one.kind in COLUMN_UNITS][:4]
                return Recognition(0.85, f"columns titled {', '.join(named)}")
    if NAMED_JV.search(sniff.file_name) and _untitled(lines) is not None:
        return Recognition(0.6, "its name says so, and it holds two columns of numbers")
    return None


@dataclass(slots=True)
class Section:
    """Lines above a table, its titles and its rows with their line numbers."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    caption: str = ""
    titles: list[Title] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def read(source: Source) -> ReadResult:
    """Read every sweep of every table; titles say which column is what.

    Parameters
    ----------
    source : Source
        Options: ``separator``, ``decimal`` overrule what is found out; ``area`` [cm²]
        stands in where the file holds currents and no area.

    Returns
    -------
    ReadResult
        A dataset per sweep, photocurrent positive. Columns such as pixel, direction
        and light part the rows; a trace that turns back becomes two sweeps.

    Raises
    ------
    UnreadableFile
        If no titles are found, a number, unit or area is missing, or columns look
        swapped; with the line.
    """
    text, encoding = decode(source.data)
    lines = split_lines(text)
    sections, separator = _sections(lines, source.options.get("separator"))
    filled = [section for section in sections if section.rows]
    if not filled:
        raise UnreadableFile(
            "No row of numbers below titles of a voltage and a current density was"
            " found. Title the columns, such as Voltage (V), Current density (mA/cm²)."
        )
    decimal = source.options.get("decimal") or _decimal(filled, separator)
    notes: list[str] = []
    header: dict[str, str] = {}
    found: list[Sweep] = []
    kept = Said()
    for section in sections:
        said = Said()
        for key, value in section.pairs:
            header.setdefault(key, value)
            headers.add_line(said, key, value, decimal)
        notes += said.notes
        kept = Said({**kept.conditions, **said.conditions}, said.reported)
        if "area" in source.options:
            kept.conditions["active_area"] = float(source.options["area"])
        if section.rows:
            table = _Table.of(section, decimal)
            found += table.sweeps(kept, section.caption, notes)
    clock = first_clock(header.values(), notes)
    kept_header = dict([*header.items()][:HEADER_ENTRIES])
    read_as = f"{in_words(separator, decimal)}, {encoding}"
    return curves.as_result(found, notes, kept_header, read_as, clock)


def _titles(line: str, separator: str | None) -> list[Title] | None:
    if not may_hold_titles(line):
        return None
    read = (title_row(fields) for fields in split_titles(line, separator))
    return next((titles for titles in read if titles is not None), None)


def _sections(
    lines: Sequence[str], separator: str | None
) -> tuple[list[Section], str | None]:
    """Take the lines apart with the separator that finds titles first."""
    for mark in [separator] if separator else SEPARATORS:
        if any(_titles(line, mark) is not None for line in lines[:HEADER_LINES]):
            return _apart(lines, mark), mark
    untitled = _untitled(lines)
    if untitled is None:
        return [], separator
    return untitled


def _apart(lines: Sequence[str], separator: str | None) -> list[Section]:
    sections = [Section()]
    above: list[str] = []
    last = max((at for at, line in enumerate(lines, 1) if line.strip()), default=0)
    for number, line in enumerate(lines, 1):
        line = line.lstrip("#%").strip(" ")
        current = sections[-1]
        fields = split_fields(line, separator, len(current.titles) or None)
        if not any(fields):
            continue
        titles = _titles(line, separator)
        if current.titles and not current.rows and _are_units(fields):
            current.titles = [
                read_title(f"{one.text} [{unit.strip('[]()')}]")
                if unit and not one.unit
                else one
                for one, unit in zip(
                    current.titles, [*fields, *[""] * len(current.titles)], strict=False
                )
            ]
        elif titles is not None:
            if current.titles:
                current = Section()
                sections.append(current)
            current.titles = _named_above(above, titles)
        elif current.titles and _is_row(fields, current.titles):
            current.rows.append((number, fields))
        elif current.titles and _is_spoilt(fields, current):
            raise _bad_row(number, fields, current.titles, number == last)
        else:
            if current.titles:
                current = Section()
                sections.append(current)
            key, value = split_pair(line, separator) or ("", "")
            if key and value:
                current.pairs.append((key, value))
                if key.lower() in ("pixel", "cell", "px"):
                    current.caption = f"pixel {value}"
            else:
                current.caption = line.strip(f" {separator or ''}")
            above = fields
    return sections


def _named_above(above: Sequence[str], titles: list[Title]) -> list[Title]:
    """Put the names of pixels that stand above pairs of columns into their titles."""
    names = [*above, *[""] * (len(titles) - len(above))]
    filled = [name for name in above if name]
    if len(names) != len(titles) or len(filled) < 2 or any(map(is_number, filled)):
        return titles
    current, named = "", []
    for name, title in zip(names, titles, strict=True):
        current = name or current
        named.append(read_title(f"{title.text} {current}"))
    same = [one.kind for one in named] == [one.kind for one in titles]
    return named if same else titles


def _untitled(lines: Sequence[str]) -> tuple[list[Section], str | None] | None:
    """Return two columns of numbers without titles as a section, or None."""
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if len(filled) < FEWEST_ROWS:
        return None
    for separator in SEPARATORS:
        if not _is_pair(split_fields(filled[0][1], separator)):
            continue
        rows = [(number, split_fields(line, separator)) for number, line in filled]
        if all(_is_pair(fields) for _, fields in rows):
            titles = [read_title("V"), read_title("J")]
            if _look_swapped([fields for _, fields in rows], separator):
                titles.reverse()
            return [Section([], "", titles, rows)], separator
    return None


def _is_pair(fields: Sequence[str]) -> bool:
    return len(fields) == 2 and all(map(is_numeric, fields))


def _look_swapped(rows: Sequence[Sequence[str]], separator: str | None) -> bool:
    fields = [field for row in rows for field in row]
    try:
        decimal = decimal_mark.decide(fields, separator=separator)
    except UnreadableFile:
        # A question for who reads it; the steps are even with either mark.
        decimal = ","
    numbers = [
        [
            np.nan if (one := parse_number(field, decimal)) is None else one
            for field in row
        ]
        for row in rows
    ]
    voltage, current = np.array(numbers, dtype=float).T
    return curves.look_swapped(voltage, current)


def _are_units(fields: Sequence[str]) -> bool:
    # A row of ones is a row of numbers, though 1 is a unit too.
    return is_unit_row(fields) and not any(map(is_number, fields))


def _is_row(fields: Sequence[str], titles: Sequence[Title]) -> bool:
    extra = fields[len(titles) :]
    numbers = [at for at, one in enumerate(titles) if one.kind in COLUMN_UNITS]
    return (
        not any(extra)
        and len(fields) >= len(titles)
        and all(is_numeric(fields[at]) for at in numbers)
    )


def _is_spoilt(fields: Sequence[str], section: Section) -> bool:
    """Whether a line below titles is a row gone wrong rather than the next header."""
    begins_like_row = bool(fields[0]) and (
        is_numeric(fields[0])
        or (bool(section.rows) and fields[0] in {row[0] for _, row in section.rows})
    )
    return begins_like_row or len(fields) > 2


def _bad_row(
    number: int, fields: Sequence[str], titles: Sequence[Title], is_last: bool
) -> UnreadableFile:
    if len(fields) != len(titles):
        return wrong_width(number, len(fields), len(titles), is_last=is_last)
    for one, title in zip(fields, titles, strict=True):
        if title.kind in COLUMN_UNITS and not is_numeric(one):
            return not_a_number(number, one, title=title.text)
    return UnreadableFile(f"Line {number} cannot be read.")


def _decimal(sections: Sequence[Section], separator: str | None) -> str:
    """Decide the decimal mark by all the numbers of the file."""
    return decimal_mark.decide(
        (
            fields[at]
            for section in sections
            for _, fields in section.rows
            for at, title in enumerate(section.titles)
            if title.kind != "text"
        ),
        separator=separator,
    )


@dataclass(slots=True)
class _Table:
    """A table of numbers and words with its titles."""

    titles: list[Title]
    values: np.ndarray
    texts: list[list[str]]
    lines: np.ndarray

    @classmethod
    def of(cls, section: Section, decimal: str) -> _Table:
        values = np.full((len(section.rows), len(section.titles)), np.nan)
        for at, (number, fields) in enumerate(section.rows):
            for column, title in enumerate(section.titles):
                if title.kind == "text":
                    continue
                value = parse_number(fields[column], decimal)
                if value is None and title.kind in COLUMN_UNITS:
                    raise not_a_number(number, fields[column], title=title.text)
                values[at, column] = np.nan if value is None else value
        texts = [fields for _, fields in section.rows]
        numbers = np.array([number for number, _ in section.rows])
        return cls(section.titles, values, texts, numbers)

    def sweeps(self, said: Said, caption: str, notes: list[str]) -> list[Sweep]:
        """Return the sweeps of every group of rows and every pair of columns."""
        cell, words = curves.said_by(caption) if caption else ("", {})
        # A caption that says neither light nor direction nor pixel is a title.
        if not words and not re.search(r"pixel|px|cell", caption, re.IGNORECASE):
            cell = ""
        found = []
        for rows, name, labelled in self._groups():
            for title, current, voltage in self._pairs():
                conditions = {
                    **said.conditions,
                    **words,
                    **labelled,
                    **title.said,
                    **self._constants(rows),
                }
                found.append(
                    self._sweep(
                        rows,
                        (title, current, voltage),
                        title.cell or name or cell,
                        conditions,
                        said.reported,
                        notes,
                    )
                )
        return found

    def _groups(self) -> Iterator[tuple[np.ndarray, str, dict[str, str]]]:
        """Part the rows by the words in their columns, in order of appearance."""
        parting = [at for at, one in enumerate(self.titles) if one.parts]
        groups: dict[tuple[str, ...], list[int]] = {}
        for row, fields in enumerate(self.texts):
            groups.setdefault(tuple(fields[at] for at in parting), []).append(row)
        for key, rows in groups.items():
            cell = ""
            labelled: dict[str, str] = {}
            for at, word in zip(parting, key, strict=True):
                part = self.titles[at].parts
                if part == "cell":
                    cell = curves.said_by(word)[0] or word
                    labelled |= curves.said_by(word)[1]
                else:
                    labelled |= curves.said_by(word)[1]
            yield np.array(rows), cell, labelled

    def _pairs(self) -> Iterator[tuple[Title, Title | None, Title]]:
        """Match every density, with its current, or current with its voltage.

        The first of three is the density, or the current where there is none.
        """
        voltages = [one for one in self.titles if one.kind == "voltage"]
        currents = [one for one in self.titles if one.kind in ("density", "current")]
        for title in currents:
            tag = title.tag
            partner = next(
                (one for one in currents if one.tag == tag and one.kind != title.kind),
                None,
            )
            if title.kind == "current" and partner is not None:
                continue
            current = partner if title.kind == "density" else title
            own = [one for one in voltages if one.tag == tag]
            at = self.titles.index(title)
            left = [one for one in voltages if self.titles.index(one) < at]
            # Nearest on the left; of one measured and one set, the measured.
            if len({one.name for one in voltages}) == len(voltages):
                left = left if len({one.tag for one in voltages}) > 1 else voltages
                voltage = min(own or left[-1:] or voltages, key=lambda one: one.rank)
                if not own and left:
                    voltage = min(left, key=lambda one: one.rank)
            else:
                # Pairs under the same titles: each current has the voltage before it.
                voltage = (left or voltages)[-1]
            yield title, current, voltage

    def _constants(self, rows: np.ndarray) -> dict[str, Any]:
        """Return conditions that stand in columns, one value per sweep."""
        said = Said()
        for at, title in enumerate(self.titles):
            column = self.values[rows, at]
            if title.kind == "other" and np.ptp(column) == 0:
                headers.add_number(said, title.name, title.unit or None, column[0])
        return said.conditions

    def _column(self, title: Title, rows: np.ndarray, notes: list[str]) -> np.ndarray:
        values = self.values[rows, self.titles.index(title)]
        target = COLUMN_UNITS[title.kind]
        if title.unit:
            return in_unit(values, title.unit, target, f"Column {title.text}")
        if title.kind == "current":
            raise UnreadableFile(
                f"Column {title.text} carries no unit: A or mA cannot be told. Title it"
                f" {title.text} (mA)."
            )
        notes.append(f"Column {title.text} carries no unit: taken as {target}.")
        return values

    def _sweep(
        self,
        rows: np.ndarray,
        columns: tuple[Title, Title | None, Title],
        cell: str,
        conditions: Mapping[str, Any],
        reported: Mapping[str, float],
        notes: list[str],
    ) -> Sweep:
        title, current_title, voltage_title = columns
        voltage = self._column(voltage_title, rows, notes)
        if title.kind == "density":
            density = self._column(title, rows, notes)
            current = None
            if current_title is not None and current_title.unit:
                current = self._column(current_title, rows, notes)
        else:
            current = self._column(title, rows, notes)
            density = curves.density_of(
                current,
                conditions.get("active_area"),
                named=f"Column {title.text}",
                remedy="Add a line such as 'Active area (cm²): 0.16' above the titles.",
            )
        label = " ".join(filter(None, (cell, title.text)))
        return Sweep(
            voltage, density, current, cell, dict(conditions), dict(reported), label
        )


JV_DELIMITED = Reader(
    key="jv_delimited",
    version=1,
    label="Current-voltage sweeps in delimited text",
    techniques=("jv",),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="pixels.csv",
    limits=(
        "Titles name voltage and current density, or current with an area in the"
        " header; pixel, direction and light stand in columns, titles or the line"
        " above a table. Without titles only two columns, voltage evenly stepped."
        " A voltage or current density without unit is taken in V or mA/cm²."
    ),
    extensions=("csv", "txt", "dat", "tsv", "asc"),
)
