"""Current-voltage sweeps in delimited text: pixels, sweeps, light and dark together."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
from measurements.sweeps.tables import Section, SweepTable, decimal_of
from measurements.sweeps.titles import Title, may_hold_titles, read_title, title_row
from measurements.text.encoding import decode
from measurements.text.pairs import split_pair
from measurements.text.rows import not_a_number, wrong_width

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
    decimal = source.options.get("decimal") or decimal_of(filled, separator)
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
            cell, words = _caption(section.caption)
            of_table = Said({**kept.conditions, **words}, kept.reported)
            found += SweepTable.of(section, decimal).sweeps(of_table, cell, notes)
    clock = first_clock(header.values(), notes)
    kept_header = dict([*header.items()][:HEADER_ENTRIES])
    read_as = f"{in_words(separator, decimal)}, {encoding}"
    return curves.as_result(found, notes, kept_header, read_as, clock)


def _caption(text: str) -> tuple[str, dict[str, str]]:
    """Return the pixel a line above a table names, and what it says of all in it."""
    cell, words = curves.said_by(text)
    # One that says neither light nor direction nor pixel is a title.
    if not words and not re.search(r"pixel|px|cell", text, re.IGNORECASE):
        cell = ""
    return cell, words


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
