"""Which column of a table is what: titles, units and the axis among them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labdata.common.measures import units
from labdata.common.text.number import parse_number
from labdata.common.text.title import is_unit_row, parse_unit, split_title
from labdata.plugin import (
    Axis,
    AxisSpec,
    Channel,
    ChannelSpec,
    Dataset,
    Technique,
    UnreadableFile,
    unit_of,
)
from measurements.text.rows import not_a_number
from measurements.text.tables import Table

HC = 1239.8419843320026
"""Planck constant times speed of light [eV nm], exact in the SI."""


_NUMBER_BACKWARDS = re.compile(r"[.:]?\d*[ #:.]*")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of numbers with its title taken apart.

    ``unit`` is pint's spelling, ``"1"`` for a signal on the instrument's own scale,
    None where the file gives none. ``unit_text`` is how the file wrote it.
    """

    number: int
    title: str
    name: str
    unit: str | None
    unit_text: str
    values: np.ndarray
    lines: np.ndarray

    def __str__(self) -> str:
        title = f"{self.number} ({self.title})" if self.title else f"{self.number}"
        known = self.values[~np.isnan(self.values)]
        return f"column {title}, {known[0]:g} to {known[-1]:g}"

    @property
    def is_strictly_monotonic(self) -> bool:
        steps = np.diff(self.values[~np.isnan(self.values)])
        return bool(steps.size and ((steps > 0).all() or (steps < 0).all()))


def plain(name: str) -> str:
    """Lower case, single spaces, no running number: how titles are compared."""
    name = re.sub(r"[\s_]+", " ", name.strip().lower())
    # Read from its end: a search for the end begins anew at each of its digits.
    number = _NUMBER_BACKWARDS.match(name[::-1])
    return name[: len(name) - (number.end() if number else 0)] or name


def known_titles(technique: Technique) -> frozenset[str]:
    """Return the titles, as `plain` spells them, that a technique's columns have."""
    return frozenset(
        name for spec in technique.specs for name in (*spec.aliases, plain(spec.label))
    )


def identifier(text: str, taken: Sequence[str] = ()) -> str:
    """Make a title a name for a channel, different from those taken."""
    name = re.sub(r"\W+", "_", text.strip().lower()).strip("_") or "column"
    name = f"column_{name}" if name[0].isdigit() else name
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique


def label_columns(table: Table, known: Collection[str] = ()) -> tuple[Column, ...]:
    """Give the table's columns their titles and units; drop columns left blank.

    Parameters
    ----------
    table : Table
        Numbers with the text rows above them.
    known : collection of str
        Titles a technique knows. The row with most of them holds the titles; without
        any, the lowest row that is no row of units.
    """
    unit_rows = [row for row in table.head.values() if is_unit_row(row)]
    # A lone row such as "nm, counts" is titles and units at once.
    rows = {
        line: row for line, row in table.head.items() if row not in unit_rows
    } or table.head
    hits = {
        line: sum(plain(split_title(cell).name) in known for cell in row)
        for line, row in rows.items()
    }
    best = max(rows, key=lambda line: (hits[line], line), default=None)
    titles = rows[best] if best is not None else ()
    for line, row in rows.items():
        if best is not None and line > best and hits[best]:
            _refuse_spoilt_row(line, row, titles)
    columns = []
    for at, values in enumerate(table.values.T):
        title = titles[at] if titles else ""
        if np.isnan(values).all() and not title:
            continue
        read = split_title(title)
        unit, unit_text = read.unit, read.unit_text
        if not unit_text and unit_rows:
            unit_text = unit_rows[-1][at].strip("()[]")
            unit = parse_unit(unit_text)
        columns.append(
            Column(at + 1, title, read.name, unit, unit_text, values, table.lines)
        )
    return tuple(columns)


def _refuse_spoilt_row(line: int, row: Sequence[str], titles: Sequence[str]) -> None:
    """A row of text below the titles that holds a number is a row gone wrong."""
    numbers = [bool(cell) and parse_number(cell) is not None for cell in row]
    if any(numbers):
        at = next(at for at, cell in enumerate(row) if cell and not numbers[at])
        raise not_a_number(line, row[at], column=at + 1, title=titles[at])


@dataclass(frozen=True, slots=True)
class Assignment:
    """One dataset's columns: its axis and what was measured along it."""

    axis: Column
    channels: tuple[tuple[ChannelSpec, Column], ...]
    name: str = ""


def assign(
    columns: Sequence[Column], technique: Technique
) -> tuple[list[Assignment], list[str]]:
    """Find the axis and the channels of a technique among titled columns.

    Parameters
    ----------
    columns : sequence of Column
        All with at least one number.
    technique : Technique
        Of one axis; says which titles it knows.

    Returns
    -------
    assignments : list of Assignment
        Several where the file holds several curves side by side.
    notes : list of str
        What was decided and what was left out.

    Raises
    ------
    UnreadableFile
        If which column is the axis is not certain.

    Notes
    -----
    Titles decide, never positions. Only two columns of which none carries a known
    title are told apart by their values: an axis runs strictly one way.
    """
    spec = technique.axes[0]
    axes = [column for column in columns if _is_axis(column, spec)]
    if not axes:
        return _assign_untitled(columns, technique)
    assignments: list[Assignment] = []
    notes: list[str] = []
    for at, axis in enumerate(axes):
        following = axes[at + 1].number if at + 1 < len(axes) else np.inf
        mine = [
            column
            for column in columns
            if column not in axes
            and (len(axes) == 1 or axis.number < column.number < following)
        ]
        found, left = _assign_channels(axis, mine, technique)
        assignments += found
        notes += left
    for assignment in assignments:
        _refuse_swapped(assignment, spec)
    return assignments, notes


def _is_axis(column: Column, spec: AxisSpec) -> bool:
    name = plain(column.name)
    if name in spec.aliases or name == plain(spec.label):
        return column.unit is None or _converts(column.unit, spec.unit)
    if name in spec.converts_from:
        return column.unit is not None and _converts(column.unit, spec.unit)
    # A column titled with nothing but the axis' own unit, such as "nm" or "(nm)".
    return spec.unit is not None and parse_unit(column.title) == spec.unit


def _matching(column: Column, specs: Sequence[ChannelSpec]) -> ChannelSpec | None:
    name = plain(column.name)
    for spec in specs:
        if name in spec.aliases or name in (plain(spec.label), plain(spec.name)):
            return spec
    return None


def _assign_channels(
    axis: Column, columns: Sequence[Column], technique: Technique
) -> tuple[list[Assignment], list[str]]:
    matched = [(_matching(column, technique.channels), column) for column in columns]
    main = technique.channels[0]
    curves = [column for spec, column in matched if spec is main]
    extra = [(spec, column) for spec, column in matched if spec and spec is not main]
    others = [column for spec, column in matched if spec is None]
    notes = []
    if not curves:
        # Curves are often titled with the sample instead of the quantity.
        curves = [column for column in others if column.unit in (None, main.unit)]
        others = [column for column in others if column not in curves]
        notes = [f"{column} is read as {main.label.lower()}." for column in curves]
    if not curves:
        raise UnreadableFile(
            f"No column is titled {main.label.lower()}: the titles are"
            f" {', '.join(repr(column.title) for column in (axis, *columns))}."
        )
    notes += [f"{column} was not read." for column in others]
    if len(curves) == 1:
        return [Assignment(axis, ((main, curves[0]), *extra))], notes
    notes += [f"{column} was not read." for _, column in extra]
    return [
        Assignment(axis, ((main, column),), column.title) for column in curves
    ], notes


def _assign_untitled(
    columns: Sequence[Column], technique: Technique
) -> tuple[list[Assignment], list[str]]:
    spec, main = technique.axes[0], technique.channels[0]
    if len(columns) != 2:
        titles = ", ".join(repr(column.title) for column in columns if column.title)
        raise UnreadableFile(
            f"No column is titled {spec.label.lower()}"
            + (f": the titles are {titles}. " if titles else ". ")
            + f"There are {len(columns)} columns of numbers, so the axis cannot be"
            f" told: give the columns titles, such as {spec.label} ({spec.unit})."
        )
    first, second = columns
    titled = [_matching(column, technique.channels) is not None for column in columns]
    if titled[0] and not titled[1]:
        first, second = second, first
    if not first.is_strictly_monotonic:
        if second.is_strictly_monotonic:
            raise UnreadableFile(
                f"The columns look swapped: {first}, goes up and down, and {second},"
                f" runs one way as {spec.label.lower()} does. Title the columns, such"
                f" as {main.label} and {spec.label} ({spec.unit})."
            )
        raise UnreadableFile(
            f"Neither {first}, nor {second}, runs one way as"
            f" {spec.label.lower()} does, and no title says which is the axis."
        )
    note = (
        f"No column is titled {spec.label.lower()}; {first}, runs one way and was taken"
        f" as {spec.label.lower()} in {spec.unit}."
    )
    return [Assignment(first, ((main, second),))], [note]


def _refuse_swapped(assignment: Assignment, spec: AxisSpec) -> None:
    axis = assignment.axis
    steps = np.diff(axis.values[~np.isnan(axis.values)])
    if not spec.monotonic or (steps >= 0).all() or (steps <= 0).all():
        return
    for _, column in assignment.channels:
        if column.is_strictly_monotonic:
            raise UnreadableFile(
                f"The columns look swapped against their titles: {axis}, goes up and"
                f" down, while {column}, runs one way."
            )
    turn = 1 + int(np.argmax(np.sign(steps) != np.sign(steps[0])))
    raise UnreadableFile(
        f"{axis}: {spec.label.lower()} turns back at line {axis.lines[turn]}."
        " Several scans one after another cannot be read as one."
    )


def build_dataset(
    assignment: Assignment, technique: Technique, metadata: dict
) -> tuple[Dataset, list[str]]:
    """Make a dataset in the technique's units; missing channel values stay missing.

    Raises
    ------
    UnreadableFile
        If the axis has a gap, with the line, or nothing was measured.
    """
    spec = technique.axes[0]
    columns = [assignment.axis, *(column for _, column in assignment.channels)]
    # Curves of different length stand side by side with blank rows at the end.
    filled = ~np.all([np.isnan(column.values) for column in columns], axis=0)
    axis, *measured = (
        replace(column, values=column.values[filled], lines=column.lines[filled])
        for column in columns
    )
    gaps = np.flatnonzero(np.isnan(axis.values))
    if gaps.size:
        raise UnreadableFile(
            f"{spec.label} is missing in line {axis.lines[gaps[0]]}"
            + (f" and {gaps.size - 1} more." if gaps.size > 1 else ".")
        )
    notes, channels = [], []
    for (channel, _), column in zip(assignment.channels, measured, strict=True):
        holes = np.flatnonzero(np.isnan(column.values))
        if holes.size == column.values.size:
            raise UnreadableFile(f"{column.title or channel.label} holds no number.")
        if holes.size:
            notes.append(
                f"{channel.label} is missing at {holes.size} of {column.values.size}"
                f" points, first in line {column.lines[holes[0]]}."
            )
        unit = unit_of(channel, column.unit)
        values = converted(column, unit)
        channels.append(Channel(channel.name, unit, channel.label, values))
    unit = unit_of(spec, axis.unit)
    if axis.unit not in (None, unit):
        notes.append(f"{axis.title} was converted from {axis.unit} to {unit}.")
    base = (Axis(spec.name, unit, spec.label, converted(axis, unit)),)
    return Dataset(base, tuple(channels), metadata=metadata), notes


def converted(column: Column, unit: str | None) -> np.ndarray:
    """Give the column's values in ``unit``; light may come as energy or wavenumber."""
    if unit is None or column.unit in (None, unit):
        return column.values
    try:
        if unit == "nm" and units.find_unit(column.unit).kind == "energy":
            return HC / units.convert(column.values, column.unit, "eV")
        if unit == "nm" and units.find_unit(column.unit).kind == "inverse length":
            return 1 / units.convert(column.values, column.unit, "nm⁻¹")
        return units.convert(column.values, column.unit, unit)
    except units.UnitError as error:
        raise UnreadableFile(
            f"Column {column.title} is in {column.unit_text}: {error}."
        ) from error


def _converts(source: str, target: str | None) -> bool:
    kinds = {units.find_unit(unit).kind for unit in (source, target or source)}
    return len(kinds) == 1 or kinds in (
        {"length", "energy"},
        {"length", "inverse length"},
    )
