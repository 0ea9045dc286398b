"""Quantum efficiency spectra as text: blocks of a header above titled columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from labdata.common.text.clock import first_clock
from labdata.common.text.decimal_mark import (
    decide,
    is_foreign,
    is_question,
    not_used,
)
from labdata.common.text.number import is_number, is_numeric, parse_number
from labdata.common.text.separator import (
    OF_TITLES,
    split_fields,
    split_lines,
    split_titles,
)
from labdata.common.text.title import split_title
from labdata.plugin import (
    Dataset,
    ParsedDataset,
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    Technique,
    UnreadableFile,
)
from measurements.readers.tables.delimited_text import header_conditions
from measurements.registry import techniques
from measurements.text import columns
from measurements.text.columns import Assignment, Column
from measurements.text.encoding import decode
from measurements.text.pairs import split_pair
from measurements.text.rows import not_a_number, read_row, wrong_width

MENTION = re.compile(r"qe|ipce|quantum", re.IGNORECASE)
"""Without it a line is no row of titles: most lines of most files."""

EFFICIENCY = re.compile(r"\b(e?qe|ipce|(external )?quantum efficiency)\b")
NOT_EFFICIENCY = re.compile(
    r"\b(iqe|internal|error|err|std|sd|dev|deviation|uncertainty)\b|@"
)
FRACTIONS = {"1", "-", "abs", "abs.", "fraction", "electrons/photon", "e/ph"}
PERCENT = {"%", "percent", "pct"}

CURRENT_KEY = re.compile(
    r"^(am ?1\.5 ?g|(integrated |eqe )?j ?_?sc( ?\(?am ?1\.5 ?g\)?)?"
    r"|integrated current density)$"
)
CURRENT_DENSITY_UNIT = "mA/cm²"
LEAST_ROWS = 2
SEPARATORS = (*OF_TITLES, None)


@dataclass(frozen=True, slots=True)
class Titles:
    """The row of titles of a block: where the axis and the efficiencies stand."""

    line: int
    separator: str | None
    cells: tuple[str, ...]
    axis: int
    efficiencies: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One table with what stands above and beside it."""

    titles: Titles
    decimal: str
    pairs: dict[str, str]
    columns: tuple[Column, ...]
    others: tuple[str, ...]


def sample() -> bytes:
    """Two spectra one below the other, as an instrument in Germany writes them."""
    lines = []
    for voltage, height in (("0,00", 90.0), ("-0,50", 91.0)):
        rows = []
        for wavelength in range(300, 901, 10):
            edge = 1 / (1 + np.exp((wavelength - 800) / 8))
            rows.append(f"{wavelength:.1f}\t{height * edge:.6f}".replace(".", ","))
        rows[0] += f"\tBias voltage (V)\t{voltage}"
        lines += ["Measure Mode\tAC-EQE", "Wavelength (nm)\tEQE (%)", *rows]
    return "\r\n".join([*lines, ""]).encode()


def recognise(sniff: Sniff) -> Recognition | None:
    """A table whose titles name a wavelength or energy and a quantum efficiency."""
    lines = split_lines(sniff.text)
    for titles in _find_titles(lines):
        names = ", ".join(
            repr(titles.cells[at]) for at in (titles.axis, *titles.efficiencies)
        )
        return Recognition(0.9, f"a table has the titles {names}")
    return None


def read(source: Source) -> ReadResult:
    """Read every spectrum of the file.

    Parameters
    ----------
    source : Source
        The file, filed under ``eqe``. Option ``eqe_unit``, ``"%"`` or ``"1"``, is
        used where the file gives no unit of the efficiency.

    Returns
    -------
    ReadResult
        A dataset per spectrum, ``eqe`` [1] over ``wavelength`` [nm] in the order of
        the file. ``metadata["reported"]`` holds the current density the file states.

    Raises
    ------
    UnreadableFile
        If the unit of the efficiency is not stated, a number is spoilt (with its
        line) or the table is cut off.

    Notes
    -----
    The unit is never taken from the size of the numbers: a dead cell measured in
    percent has numbers below one.
    """
    technique = techniques["eqe"]
    decoded, encoding = decode(source.data)
    lines = split_lines(decoded)
    parsed: list[ParsedDataset] = []
    notes: list[str] = []
    measured_at = None
    blocks = [*_blocks(lines)]
    if not blocks:
        raise UnreadableFile(
            "No table with a wavelength or energy and a quantum efficiency was found."
        )
    for number, block in enumerate(blocks, start=1):
        found, remarks = _read_block(block, technique, source.options.get("eqe_unit"))
        conditions, doubts = header_conditions(block.pairs, technique)
        for title, dataset in found:
            block_name = f"spectrum {number}" if len(blocks) > 1 else ""
            name = " ".join(filter(None, (block_name, title))) or "spectrum"
            if name in [one.name for one in parsed]:
                name = f"{name} ({len(parsed) + 1})"
            parsed.append(ParsedDataset(name, dataset, conditions))
        notes += [note for note in (*remarks, *doubts) if note not in notes]
        measured_at = measured_at or _measured_at(block.pairs, notes)
    notes.append(f"Read as {encoding}.")
    return ReadResult(tuple(parsed), {}, measured_at, tuple(notes))


def _find_titles(lines: Sequence[str]) -> Iterator[Titles]:
    """Find rows of titles that a row of numbers follows."""
    units: dict[str, str] = {}
    for place, line in enumerate(lines):
        key, _, value = line.partition("=")
        if key.strip().lower() in ("x units", "y units"):
            units[key.strip().lower()] = value.strip(' "')
        if not units and not MENTION.search(line):
            continue
        for separator in SEPARATORS:
            ways = (
                _as_titles(place, separator, _named_by_header(cells, units))
                for cells in split_titles(line.lstrip("#"), separator)
            )
            fitting = (titles for titles in ways if _row_follows(lines, titles))
            if (titles := next(fitting, None)) is not None:
                yield titles
                break


def _named_by_header(cells: Sequence[str], units: dict[str, str]) -> list[str]:
    """Give columns X, Y and Calculated the names that stand in the header.

    Where there is a column Calculated, Y is the signal it was calculated from.
    """
    names = [cell.strip().lower() for cell in cells]
    if not units.keys() >= {"x units", "y units"} or "x" not in names:
        return [*cells]
    if not {"y", "calculated"} & set(names):
        return [*cells]
    result = "calculated" if "calculated" in names else "y"
    given = {"x": units["x units"], result: units["y units"]}
    return [given.get(name, cell) for name, cell in zip(names, cells, strict=True)]


def _as_titles(line: int, separator: str | None, cells: Sequence[str]) -> Titles | None:
    axis_spec = techniques["eqe"].axes[0]
    axis, efficiencies = None, []
    for at, cell in enumerate(cells):
        name = columns.plain(split_title(cell, _goes_with).name)
        if EFFICIENCY.search(name):
            if not NOT_EFFICIENCY.search(name):
                efficiencies.append(at)
        elif axis is None and name in (*axis_spec.aliases, *axis_spec.converts_from):
            axis = at
    if axis is None or not efficiencies:
        return None
    return Titles(line, separator, tuple(cells), axis, tuple(efficiencies))


def _goes_with(name: str, unit: str) -> bool:
    return unit in ("%", "1") or not EFFICIENCY.search(columns.plain(name))


def _row_follows(lines: Sequence[str], titles: Titles | None) -> bool:
    if titles is None:
        return False
    following = (line for line in lines[titles.line + 1 : titles.line + 4])
    return any(_is_row(_cells(line, titles), titles) for line in following)


def _cells(line: str, titles: Titles) -> list[str]:
    return split_fields(line, titles.separator)


def _is_row(cells: Sequence[str], titles: Titles) -> bool:
    """Whether the axis and something beside it are numbers."""
    if len(cells) <= titles.axis or not is_number(cells[titles.axis]):
        return False
    return any(
        at < len(cells) and cells[at] and is_numeric(cells[at])
        for at in titles.efficiencies
    )


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    floor = 0
    for titles in _find_titles(lines):
        if titles.line < floor:
            continue
        places, stop = _rows(lines, titles)
        if len(places) < LEAST_ROWS:
            continue
        width = _width(lines, titles, places)
        pairs = _pairs(lines[floor : titles.line], titles.separator, 0)
        beside = _pairs(lines[titles.line : stop], titles.separator, width)
        wanted = {titles.axis, *titles.efficiencies}
        others = tuple(
            title
            for at, title in enumerate(titles.cells[:width])
            if title and at not in wanted
        )
        decimal, found = _columns(lines, titles, places)
        yield Block(titles, decimal, beside | pairs, found, others)
        floor = stop


def _rows(lines: Sequence[str], titles: Titles) -> tuple[list[int], int]:
    """Return where the rows of a table stand, and where it ends."""
    places: list[int] = []
    filled = [
        place for place in range(titles.line + 1, len(lines)) if lines[place].strip()
    ]
    for at, place in enumerate(filled):
        cells = _cells(lines[place], titles)
        if _is_row(cells, titles):
            places.append(place)
            continue
        if not places:
            continue
        following = filled[at + 1] if at + 1 < len(filled) else None
        needed = max(titles.axis, *titles.efficiencies) + 1
        if following is None and is_number(cells[0]) and len(cells) < needed:
            raise wrong_width(place + 1, len(cells), len(titles.cells), is_last=True)
        if following is not None and _is_row(_cells(lines[following], titles), titles):
            raise _spoilt(cells, place, titles)
        return places, place
    return places, len(lines)


def _spoilt(cells: Sequence[str], place: int, titles: Titles) -> UnreadableFile:
    for at in (titles.axis, *titles.efficiencies):
        if at >= len(cells):
            return wrong_width(place + 1, len(cells), len(titles.cells))
        if not is_number(cells[at]):
            return not_a_number(
                place + 1, cells[at], column=at + 1, title=titles.cells[at]
            )
    return UnreadableFile(f"Line {place + 1} cannot be read.")


def _columns(
    lines: Sequence[str], titles: Titles, places: Sequence[int]
) -> tuple[str, tuple[Column, ...]]:
    """Read the axis and the efficiencies, with the decimal mark their rows have."""
    wanted = (titles.axis, *titles.efficiencies)
    rows = []
    for place in places:
        cells = _cells(lines[place], titles)
        rows.append([cells[at] if at < len(cells) else "" for at in wanted])
    decimal = decide((cell for row in rows for cell in row), separator=titles.separator)
    named = [titles.cells[at] for at in wanted]
    values = np.array(
        [
            read_row(place + 1, row, named, decimal)
            for place, row in zip(places, rows, strict=True)
        ]
    )
    numbers = np.array(places) + 1
    found = []
    for column, at in enumerate(wanted):
        title = split_title(titles.cells[at], _goes_with)
        found.append(
            Column(
                at + 1,
                titles.cells[at],
                title.name,
                title.unit,
                title.unit_text,
                values[:, column],
                numbers,
            )
        )
    return decimal, tuple(found)


def _width(lines: Sequence[str], titles: Titles, places: Sequence[int]) -> int:
    """Return how many columns the table has; beside it settings may follow."""
    rows = [_cells(lines[place], titles) for place in places]
    width = max(titles.axis, *titles.efficiencies) + 1
    while all(width < len(row) and is_number(row[width]) for row in rows):
        width += 1
    return width


def _pairs(lines: Sequence[str], separator: str | None, start: int) -> dict[str, str]:
    """Collect settings written above or, from column ``start``, beside the numbers."""
    pairs: dict[str, str] = {}
    for line in lines:
        cells = [] if separator is None else split_fields(line, separator)[start:]
        filled = [cell for cell in cells if cell]
        if len(filled) < 2 and not start:
            filled = [*(split_pair(line, separator) or ())]
        for key, value in zip(filled[::2], filled[1::2], strict=False):
            if key and value and not is_number(key):
                pairs.setdefault(key, value)
    return pairs


def _read_block(
    block: Block, technique: Technique, stated: str | None
) -> tuple[list[tuple[str, Dataset]], list[str]]:
    axis, *efficiencies = block.columns
    notes = _axis_notes(axis)
    _refuse_turning(axis)
    metadata = {"header": block.pairs} | _reported(block, notes)
    found = []
    for column in efficiencies:
        percent = _is_percent(column, block.pairs, stated)
        fraction = Column(
            column.number,
            column.title,
            column.name,
            "1",
            column.unit_text,
            column.values / (100 if percent else 1),
            column.lines,
        )
        assignment = Assignment(axis, ((technique.channels[0], fraction),))
        dataset, remarks = columns.build_dataset(assignment, technique, metadata)
        found.append((column.title if len(efficiencies) > 1 else "", dataset))
        scale = "percent and was divided by 100" if percent else "a fraction"
        notes += [*remarks, f"{column.title} is {scale}."]
    if block.others:
        notes.append(f"Not read: {', '.join(block.others)}.")
    return found, notes


def _axis_notes(axis: Column) -> list[str]:
    if axis.unit_text and axis.unit is None:
        raise UnreadableFile(
            f"{axis.title} is in {axis.unit_text!r}, a unit that is not known here."
        )
    if axis.unit is not None:
        return []
    if columns.plain(axis.name) in techniques["eqe"].axes[0].converts_from:
        raise UnreadableFile(
            f"{axis.title} has no unit: write it in the title, such as Energy (eV)."
        )
    return [f"{axis.title} has no unit and was taken to be in nm."]


def _refuse_turning(axis: Column) -> None:
    steps = np.diff(axis.values)
    if np.isfinite(steps).all() and not ((steps > 0).all() or (steps < 0).all()):
        turn = 1 + int(np.argmax(np.sign(steps) != np.sign(steps[0])))
        raise UnreadableFile(
            f"{axis.title} turns back or repeats at line {axis.lines[turn]}: several"
            " scans one after another cannot be read as one."
        )


def _is_percent(column: Column, pairs: dict[str, str], stated: str | None) -> bool:
    """Decide the unit from the title, else from the header, else from a person."""
    unit = column.unit_text
    if not unit and "%" in column.title:
        unit = "%"
    if not unit:
        keys = ("eqe unit", "qe unit", "ipce unit", "y unit", "y units", "unit")
        lowered = {key.lower(): value for key, value in pairs.items()}
        unit = next((lowered[key] for key in keys if key in lowered), "")
    unit = (unit or stated or "").strip("()[] ").lower()
    if unit in PERCENT:
        return True
    if unit in FRACTIONS:
        return False
    if unit:
        raise UnreadableFile(
            f"{column.title} is in {unit!r}; a quantum efficiency is in % or 1."
        )
    raise UnreadableFile(
        f"{column.title} has no unit, and a quantum efficiency may be written in % or"
        " as a fraction: write the unit in the title, such as EQE (%) or EQE (1)."
    )


def _reported(block: Block, notes: list[str]) -> dict[str, dict]:
    """Return the AM1.5G current density the file states for this spectrum."""
    titles = map(split_title, block.titles.cells)
    known = [one.unit for one in titles if columns.plain(one.name) in ("jsc", "j sc")]
    for key, value in block.pairs.items():
        title = split_title(key)
        if not CURRENT_KEY.match(title.name.strip().lower()):
            continue
        unit = title.unit if title.unit_text else next(filter(None, known), None)
        number = parse_number(value, block.decimal)
        if is_foreign(value, block.decimal) or is_question(value):
            notes.append(f"{key} is {not_used(value, block.decimal)}")
        elif unit == CURRENT_DENSITY_UNIT and number is not None and number > 0:
            entry = {"value": number, "unit": unit, "label": key}
            return {"reported": {"integrated_current_density": entry}}
    return {}


def _measured_at(pairs: dict[str, str], notes: list[str]) -> datetime | None:
    dated = re.compile(r"\b(date|time ?stamp|measured)\b")
    stamps = (value for key, value in pairs.items() if dated.search(key.lower()))
    return first_clock(stamps, notes)


EQE_TEXT = Reader(
    key="eqe_text",
    version=1,
    label="Quantum efficiency text",
    techniques=("eqe",),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="eqe.txt",
    limits=(
        "Columns are found by their titles, in % or as a fraction; a file that"
        " states no unit of the efficiency is refused. Photocurrents and spectral"
        " responses beside the efficiency are not read."
    ),
    extensions=("txt", "csv", "dat", "tsv", "asc"),
)
