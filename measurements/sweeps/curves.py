"""Voltage sweeps: where they turn, which way they run, what their labels mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from labdata.plugin import (
    Axis,
    Channel,
    Dataset,
    ParsedDataset,
    ReadResult,
    UnreadableFile,
)

FEWEST_POINTS = 3
"""A turn of fewer points is the end of its neighbour, no sweep."""

DIRECTION_WORDS = {
    "forward": ("fwd", "forward", "for", "fw", "up", "vorwärts", "hin"),
    "reverse": (
        *("rev", "reverse", "backward", "back", "bwd", "rv", "down", "rück"),
        *("rückwärts", "zurück"),
    ),
}
LIGHT_WORDS = {
    "light": ("light", "illuminated", "lit", "hell", "1sun", "sun"),
    "dark": ("dark", "dunkel", "unlit"),
}
_PIXEL = re.compile(r"^(?:pixel|px|cell)(?=[a-z]?\d*$)", re.IGNORECASE)
REPORTED = {
    "voc": ("V", "open-circuit voltage"),
    "jsc": ("mA/cm²", "short-circuit current density"),
    "ff": ("1", "fill factor"),
    "pce": ("%", "efficiency"),
    "pce_one_sun": ("%", "efficiency at 1 sun"),
    "pmax": ("mW/cm²", "power density at the maximum"),
    "vmp": ("V", "voltage at maximum power"),
    "jmp": ("mA/cm²", "current density at maximum power"),
    "rs": ("Ω cm²", "series resistance"),
    "rsh": ("Ω cm²", "shunt resistance"),
}
"""What files report beside their data, and the unit it is kept in."""


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """One sweep as a file holds it: values [V, mA/cm², mA] and what is said of it."""

    voltage: np.ndarray
    density: np.ndarray
    current: np.ndarray | None = None
    cell: str = ""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    reported: Mapping[str, float] = field(default_factory=dict)
    label: str = ""

    def piece(self, part: slice | np.ndarray) -> Sweep:
        """Return part of it; what is said of it holds for the part too."""
        current = None if self.current is None else self.current[part]
        return replace(
            self,
            voltage=self.voltage[part],
            density=self.density[part],
            current=current,
        )


def split_at_turns(voltage: np.ndarray) -> list[slice]:
    """Part a voltage trace where it turns back for good.

    Parameters
    ----------
    voltage : ndarray, shape (n,)
        In the order of measurement. [V]

    Returns
    -------
    list of slice
        The point of the turn ends its sweep; parts of fewer than three points are left
        out.

    Notes
    -----
    A turn counts once the voltage has gone back by more than 1.5 median steps and more
    than 2 % of its range, so that the scatter of a measured voltage is none.
    """
    steps = np.abs(np.diff(voltage))
    moving = steps[steps > 0]
    if moving.size == 0:
        return [slice(0, voltage.size)]
    back = max(1.5 * float(np.median(moving)), 0.02 * float(np.ptp(voltage)))
    begins, way, extreme = [0], 0, 0
    for at, value in enumerate(voltage):
        gone = value - voltage[extreme]
        if way == 0:
            if abs(value - voltage[0]) > back or at == voltage.size - 1:
                way = 1 if value > voltage[0] else -1
                extreme = at
        elif gone * way > 0:
            extreme = at
        elif -gone * way > back:
            begins.append(extreme + 1)
            way, extreme = -way, at
    parts = [
        slice(start, stop)
        for start, stop in zip(begins, [*begins[1:], voltage.size], strict=True)
    ]
    return [part for part in parts if part.stop - part.start >= FEWEST_POINTS]


def direction_of(voltage: np.ndarray) -> str:
    """Return ``reverse`` for a falling voltage, ``forward`` for a rising one."""
    return "reverse" if voltage[-1] < voltage[0] else "forward"


def photocurrent_sign(voltage: np.ndarray, current: np.ndarray) -> float:
    """Return how strongly photocurrent is counted positive; negative if it is not.

    Notes
    -----
    A cell, lit, dark or shunted, drives less current outwards the higher the voltage:
    where photocurrent is positive the current falls with the voltage.
    """
    known = np.isfinite(current) & np.isfinite(voltage)
    if not known.any():
        return 0.0
    voltage, current = voltage[known], current[known]
    high, zero = np.argmax(voltage), np.argmin(np.abs(voltage))
    if voltage[high] <= voltage[zero]:
        zero = np.argmin(voltage)
    return float(current[zero] - current[high])


def look_swapped(voltage: np.ndarray, current: np.ndarray) -> bool:
    """Whether the current is stepped evenly while the voltage is not."""
    return _is_even(current) and not _is_even(voltage, 0.2)


def _is_even(values: np.ndarray, scatter: float = 0.02) -> bool:
    steps = np.abs(np.diff(values[np.isfinite(values)]))
    if steps.size < 5 or not (middle := float(np.median(steps))):
        return False
    return bool(np.percentile(np.abs(steps - middle), 75) <= scatter * middle)


def words_of(label: str) -> list[str]:
    """Part ``A_rev.dark 2`` into its words."""
    return [word for word in re.split(r"[\s_.,;:()\[\]/-]+", label.strip()) if word]


def meaning_of(word: str) -> tuple[str, str] | None:
    """Return ``("direction", "reverse")`` and the like for a word that means it."""
    for key, words in (("direction", DIRECTION_WORDS), ("light", LIGHT_WORDS)):
        for meaning, spellings in words.items():
            if word.lower() in spellings:
                return key, meaning
    return None


def said_by(label: str) -> tuple[str, dict[str, str]]:
    """Take the words for direction and light out of a label; the rest is the cell."""
    rest: list[str] = []
    said: dict[str, str] = {}
    for word in words_of(label):
        meaning = meaning_of(word)
        if meaning is None:
            rest.append(word)
        else:
            said.setdefault(*meaning)
    named = [_PIXEL.sub("", one) for one in rest]
    return " ".join(filter(None, named)), said


def refuse_area(area: float | None) -> None:
    """Raise `UnreadableFile` for an area nothing can be divided by."""
    if area is not None and not 0 < area < np.inf:
        raise UnreadableFile(
            f"The file gives an area of {area:g} cm²: no current density can belong"
            " to it. Correct the area in the file."
        )


def density_of(
    current: np.ndarray, area: float | None, *, named: str, remedy: str
) -> np.ndarray:
    """Divide a current by the active area.

    Parameters
    ----------
    current : ndarray, shape (n,)
        [mA]
    area : float or None
        None where the file names none. [cm²]
    named, remedy : str
        What holds the current, and how the file would name an area.

    Returns
    -------
    ndarray, shape (n,)
        [mA/cm²]

    Raises
    ------
    UnreadableFile
        If no area is known, or nothing can be divided by it.
    """
    refuse_area(area)
    if area is None:
        raise UnreadableFile(
            f"{named} is a current and the file names no active area: without it there"
            f" is no current density. {remedy}"
        )
    return current / area


def report(numbers: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    """Give a file's own results value, unit and name, finite ones only."""
    return {
        key: {
            "value": float(numbers[key]),
            "unit": unit,
            "label": label,
        }
        for key, (unit, label) in REPORTED.items()
        if key in numbers and np.isfinite(numbers[key])
    }


def as_datasets(
    sweeps: list[Sweep], metadata: Mapping[str, Any] | None = None
) -> tuple[tuple[ParsedDataset, ...], list[str]]:
    """Make one dataset per sweep, photocurrent positive.

    Parameters
    ----------
    sweeps : list of Sweep
        As in the file; a trace that goes up and back becomes two.
    metadata : mapping, optional
        Kept with every dataset.

    Returns
    -------
    datasets : tuple of ParsedDataset
    notes : list of str
        Which sign was turned and what was left out.

    Raises
    ------
    UnreadableFile
        If no sweep holds enough points.
    """
    notes, parts = [], []
    for sweep in sweeps:
        refuse_area(sweep.conditions.get("active_area"))
        measured = np.isfinite(sweep.density) & np.isfinite(sweep.voltage)
        if not measured.any():
            notes.append(f"{_title(sweep)} holds no number and was left out.")
            continue
        if not measured.all():
            notes.append(
                f"{_title(sweep)}: {np.count_nonzero(~measured)} of {measured.size}"
                " points have no value and were left out."
            )
            sweep = sweep.piece(measured)
        if look_swapped(sweep.voltage, sweep.density):
            raise UnreadableFile(
                f"{_title(sweep)}: the columns look swapped against their titles."
                f" The voltage, {sweep.voltage[0]:g} to {sweep.voltage[-1]:g} V, is"
                f" unevenly stepped, the current density, {sweep.density[0]:g} to"
                f" {sweep.density[-1]:g} mA/cm², evenly."
            )
        pieces = split_at_turns(sweep.voltage)
        if not pieces:
            notes.append(
                f"{_title(sweep)} has {sweep.voltage.size} points, too few for a"
                " sweep, and was left out."
            )
        elif len(pieces) > 1:
            # What is said of a trace that turns back is right for one half at most.
            said = {k: v for k, v in sweep.conditions.items() if k != "direction"}
            whole = replace(sweep, conditions=said, reported={})
            notes.append(f"{_title(sweep)} turns back: read as {len(pieces)} sweeps.")
            parts += [whole.piece(one) for one in pieces]
        else:
            parts.append(sweep.piece(pieces[0]))
    if not parts:
        raise UnreadableFile("No sweep was found. " + " ".join(notes))
    votes = sum(photocurrent_sign(part.voltage, part.density) for part in parts)
    sign = -1.0 if votes < 0 else 1.0
    if sign < 0:
        notes.append(
            "The file counts photocurrent negative; the sign was turned, so that"
            " photocurrent is positive."
        )
    kept = {**(metadata or {}), "photocurrent_in_file": "negative"}
    if sign > 0:
        kept["photocurrent_in_file"] = "positive"
    names = _names(parts)
    found = []
    for name, part in zip(names, parts, strict=True):
        channels = [
            Channel("current_density", "mA/cm²", "Current density", sign * part.density)
        ]
        if part.current is not None:
            channels.append(Channel("current", "mA", "Current", sign * part.current))
        own = {**kept, "reported": report(part.reported)} if part.reported else kept
        axis = Axis("voltage", "V", "Voltage", part.voltage)
        dataset = Dataset((axis,), tuple(channels), metadata=own)
        found.append(ParsedDataset(name, dataset, dict(part.conditions), part.cell))
    return tuple(found), notes


def as_result(
    sweeps: list[Sweep],
    notes: Iterable[str],
    header: Mapping[str, Any],
    read_as: str,
    clock: datetime | None = None,
) -> ReadResult:
    """Make what a reader gives of its sweeps, as `as_datasets` turns them.

    Parameters
    ----------
    sweeps : list of Sweep
    notes : iterable of str
        Each is told once.
    header : mapping
        Kept with every dataset.
    read_as : str
        How the file is written, in words.
    clock : datetime, optional
        When it says it was measured.
    """
    datasets, remarks = as_datasets(sweeps, {"header": dict(header)})
    told = dict.fromkeys((*notes, *remarks, f"Read as {read_as}."))
    common = shared(one.conditions for one in datasets)
    return ReadResult(datasets, common, clock, tuple(told))


def shared(all_conditions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the conditions on which all datasets of a file agree."""
    rows = list(all_conditions)
    return {
        key: value
        for key, value in (rows[0] if rows else {}).items()
        if all(key in row and row[key] == value for row in rows)
    }


def _title(sweep: Sweep) -> str:
    return f"Curve {sweep.label or sweep.cell}".strip()


def _names(parts: list[Sweep]) -> list[str]:
    """Name sweeps by cell, direction as labelled or else run, and darkness."""
    names: list[str] = []
    for part in parts:
        words = [
            part.cell,
            part.conditions.get("direction") or direction_of(part.voltage),
            "dark" if part.conditions.get("light") == "dark" else "",
        ]
        base = name = " ".join(filter(None, words))
        number = 2
        while name in names:
            name, number = f"{base} {number}", number + 1
        names.append(name)
    return names
