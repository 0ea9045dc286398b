"""A list of samples pasted from a spreadsheet: a header, then a row a sample."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from samples.series.errors import SeriesError
from samples.series.values import MAX_VALUES

LONGEST = 200_000
_CODE_WORDS = {"code", "sample", "sample code", "label", "name", "id"}
_COMPOSITION_WORDS = {"composition", "formula", "material", "stoichiometry"}


@dataclass(frozen=True, slots=True)
class PastedTable:
    """What was pasted: the names and units of the columns, and the cells as typed.

    ``names`` holds ``code`` and ``composition`` for the columns that are these.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_table(text: str) -> PastedTable:
    """Read a pasted table; its first line names the columns.

    Columns are separated by tabs, semicolons or commas. A unit stands in brackets
    behind the name: ``temperature [K]``.

    Raises
    ------
    SeriesError
        With the line that does not fit.
    """
    if len(text) > LONGEST:
        raise SeriesError(f"the list has {len(text)} characters; {LONGEST} at most")
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if len(lines) < 2:
        raise SeriesError(
            "paste a header (such as code, composition, temperature) and a row a sample"
        )
    if len(lines) - 1 > MAX_VALUES:
        raise SeriesError(f"{len(lines) - 1} rows; {MAX_VALUES} samples at most")
    separator = next((sign for sign in "\t;," if sign in lines[0]), "\t")
    try:
        table = [
            [cell.strip() for cell in row]
            for row in csv.reader(lines, delimiter=separator, strict=True)
        ]
    except csv.Error as error:
        raise SeriesError(f"the list cannot be read: {error}") from error
    heads = [_head(cell) for cell in table[0]]
    while heads and not heads[-1][0]:
        heads.pop()
    names = [name for name, _ in heads]
    if not all(names):
        raise SeriesError(f"column {names.index('') + 1} of the list has no name")
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SeriesError(f"two columns of the list are called {sorted(twice)[0]!r}")
    rows = []
    for number, row in enumerate(table[1:], 1):
        if any(row[len(names) :]):
            raise SeriesError(
                f"row {number} has {len(row)} cells; the header names {len(names)}"
            )
        rows.append(tuple((row + [""] * len(names))[: len(names)]))
    return PastedTable(tuple(names), tuple(unit for _, unit in heads), tuple(rows))


def _head(cell: str) -> tuple[str, str]:
    # By position, not by pattern: a head may be as long as the list, all brackets.
    name, unit = cell, ""
    if cell.endswith(("]", ")")):
        inside = cell[:-1]
        closed = max(inside.rfind("]"), inside.rfind(")")) + 1
        opened = [at for sign in "[(" if (at := inside.find(sign, closed)) >= 0]
        if opened:
            name, unit = cell[: min(opened)].strip(), inside[min(opened) + 1 :].strip()
    word = name.casefold()
    if word in _CODE_WORDS:
        return "code", ""
    if word in _COMPOSITION_WORDS:
        return "composition", ""
    return name, unit
