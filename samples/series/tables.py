"""A list of samples pasted from a spreadsheet: a header, then a row a sample."""

from __future__ import annotations

from dataclasses import dataclass

from labdata.common.text.tables import read_table
from labdata.common.text.title import split_brackets
from labdata.plugin import UnreadableFile
from samples.series.values import MAX_VALUES

LONGEST = 200_000
_CODE_WORDS = {"code", "sample", "sample code", "label", "name", "id"}
_COMPOSITION_WORDS = {"composition", "formula", "material", "stoichiometry"}


@dataclass(frozen=True, slots=True)
class PastedList:
    """What was pasted: the names and units of the columns, and the cells as typed.

    ``names`` holds ``code`` and ``composition`` for the columns that are these.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_list(text: str) -> PastedList:
    """Read a pasted list; its first line names the columns.

    Columns are separated by tabs, semicolons or commas. A unit stands in brackets
    behind the name: ``temperature [K]``.

    Raises
    ------
    UnreadableFile
        With the line that does not fit.
    """
    if len(text) > LONGEST:
        raise UnreadableFile(f"The list has {len(text)} characters; {LONGEST} at most.")
    if len([line for line in text.splitlines() if line.strip()]) < 2:
        raise UnreadableFile(
            "Paste a header (such as code, composition, temperature) and a row a"
            " sample."
        )
    table = read_table(text)
    if len(table.rows) > MAX_VALUES:
        raise UnreadableFile(f"{len(table.rows)} rows; {MAX_VALUES} samples at most.")
    heads = [_head(title) for title in table.titles]
    names = [name for name, _ in heads]
    if not all(names):
        raise UnreadableFile(f"Column {names.index('') + 1} of the list has no name.")
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise UnreadableFile(
            f"Two columns of the list are called {sorted(twice)[0]!r}."
        )
    return PastedList(tuple(names), tuple(unit for _, unit in heads), table.rows)


def _head(title: str) -> tuple[str, str]:
    name, unit = split_brackets(title)
    word = name.casefold()
    if word in _CODE_WORDS:
        return "code", ""
    if word in _COMPOSITION_WORDS:
        return "composition", ""
    return name, unit
