"""Tables of voltage sweeps: rows parted by words, currents beside their voltages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labdata.common.text import decimal_mark
from labdata.common.text.number import parse_number
from labdata.plugin import UnreadableFile
from measurements.sweeps.curves import Sweep, density_of, said_by
from measurements.sweeps.headers import COLUMN_UNITS, Said, add_number
from measurements.sweeps.titles import Title
from measurements.text.rows import in_unit, not_a_number


@dataclass(slots=True)
class Section:
    """Lines above a table, its titles and its rows with their line numbers."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    caption: str = ""
    titles: list[Title] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def decimal_of(sections: Sequence[Section], separator: str | None = None) -> str:
    """Decide the decimal mark by all the numbers of a file, or ask.

    Raises
    ------
    UnreadableFile
        If it may be either.
    """
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
class SweepTable:
    """A table of numbers and words with its titles; words part its rows."""

    titles: list[Title]
    values: np.ndarray
    texts: list[list[str]]
    lines: np.ndarray

    @classmethod
    def of(cls, section: Section, decimal: str) -> SweepTable:
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

    def sweeps(self, said: Said, cell: str, notes: list[str]) -> list[Sweep]:
        """Return the sweeps of every group of rows and every pair of columns.

        Parameters
        ----------
        said : Said
            What holds for the whole table, unless a title or a column says more.
        cell : str
            Name of the cell where neither title nor column tells it.
        notes : list of str
            Added to.

        Raises
        ------
        UnreadableFile
            If a unit or an area is missing, or a column measures something else.
        """
        found = []
        for rows, name, labelled in self._groups():
            for title, current, voltage in self._pairs():
                conditions = {
                    **said.conditions,
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
                    cell = said_by(word)[0] or word
                    labelled |= said_by(word)[1]
                else:
                    labelled |= said_by(word)[1]
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
                add_number(said, title.name, title.unit or None, column[0])
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
            density = density_of(
                current,
                conditions.get("active_area"),
                named=f"Column {title.text}",
                remedy="Add a line such as 'Active area (cm²): 0.16' above the titles.",
            )
        label = " ".join(filter(None, (cell, title.text)))
        return Sweep(
            voltage, density, current, cell, dict(conditions), dict(reported), label
        )
