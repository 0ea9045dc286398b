"""What a result tells besides its numbers: details, definitions, tables, rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from labdata.plugin.stored import plain, restore


@dataclass(frozen=True, slots=True)
class Interval:
    """From one number to another, such as a window; None is an open end."""

    low: float | None
    high: float | None

    def to_json(self) -> dict[str, Any]:
        return {"from": plain(self.low), "to": plain(self.high)}


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its error in a table, where the column has no error of its own.

    ``unit`` only where it is not that of the column.
    """

    value: float
    uncertainty: float | None = None
    low: float | None = None
    high: float | None = None
    bound: str = "="
    unit: str = ""


Cell = None | str | int | float | bool | Number | Interval
"""What may stand in a table: nothing known, words, a number, a window."""


def restore_cell(told: Any) -> Cell:
    """Return a cell from what was kept of it."""
    if not isinstance(told, Mapping):
        return told
    if "from" in told:
        return Interval(told["from"], told["to"])
    return restore(Number, told)


@dataclass(frozen=True, slots=True)
class Detail:
    """One fact of how a result was found; ``about`` is a label, such as a sweep."""

    key: str
    label: str
    value: Cell
    unit: str = ""
    about: str = ""

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Detail:
        return restore(cls, told, value=restore_cell(told["value"]))


@dataclass(frozen=True, slots=True)
class Definition:
    """How a number is defined, in words; ``quantity`` where it is of one."""

    title: str
    words: str
    quantity: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, its unit and, on hover, its meaning."""

    key: str
    title: str
    unit: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under titles; the first column names its row.

    Attributes
    ----------
    key, title : str
    columns : tuple of Column
    rows : tuple of tuple
        Each as long as ``columns``, of what `Cell` lists.
    caption : str
        A sentence below it.
    total : int or None
        How many rows there are in all, where these are only some of them.
    folded : bool
        Whether it opens only when asked for.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    total: int | None = None
    folded: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        object.__setattr__(self, "rows", tuple(map(tuple, self.rows)))
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.key}: a row of {len(row)} cells under"
                    f" {len(self.columns)} titles"
                )

    def column(self, key: str) -> tuple[Cell, ...]:
        """Return the cells of a column."""
        place = [one.key for one in self.columns].index(key)
        return tuple(row[place] for row in self.rows)

    def records(self) -> list[dict[str, Cell]]:
        """Return the rows by the keys of their columns."""
        keys = [one.key for one in self.columns]
        return [dict(zip(keys, row, strict=True)) for row in self.rows]

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Table:
        columns = tuple(restore(Column, one) for one in told["columns"])
        rows = tuple(tuple(map(restore_cell, row)) for row in told["rows"])
        return restore(cls, told, columns=columns, rows=rows)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a model as it was fitted.

    Attributes
    ----------
    name : str
        As the formula of the model writes it.
    value : float
    uncertainty : float or None
        Standard error.
    unit : str
    start, lower, upper : float or None
        Where the fit began and within which limits, where that is told.
    fixed, at_bound : bool
        Whether it was held, or ended at a limit.
    """

    name: str
    value: float
    uncertainty: float | None = None
    unit: str = ""
    start: float | None = None
    lower: float | None = None
    upper: float | None = None
    fixed: bool = False
    at_bound: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several models that were tried: the criterion's value, or why none."""

    name: str
    value: float | None = None
    formula: str = ""
    parameters: tuple[Parameter, ...] = ()
    chosen: bool = False
    refused: str = ""

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Candidate:
        rows = told.get("parameters", ())
        parameters = tuple(restore(Parameter, one) for one in rows)
        return restore(cls, told, parameters=parameters)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Models held against each other by a criterion, such as the BIC.

    ``better`` says which of two values of it is; ``rule`` how one was chosen.
    """

    key: str
    title: str
    criterion: str
    candidates: tuple[Candidate, ...]
    better: Literal["higher", "lower"] = "lower"
    rule: str = ""

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Comparison:
        found = tuple(map(Candidate.from_json, told["candidates"]))
        return restore(cls, told, candidates=found)

    @property
    def chosen(self) -> Candidate | None:
        return next((one for one in self.candidates if one.chosen), None)

    def distance(self, candidate: Candidate) -> float | None:
        """How far a candidate's value is from the best one's; 0 for the best."""
        known: Sequence[float] = [
            one.value for one in self.candidates if one.value is not None
        ]
        if candidate.value is None:
            return None
        best = min(known) if self.better == "lower" else max(known)
        return candidate.value - best
