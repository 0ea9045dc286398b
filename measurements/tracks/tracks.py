"""Ageing tracks from columns: time from the start, cells apart, one lamp."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labdata.common.measures import units
from labdata.common.text.clock import form_of, is_elapsed
from labdata.common.text.number import is_missing, is_number
from labdata.common.text.separator import split_fields
from labdata.plugin import (
    Axis,
    Channel,
    Dataset,
    ParsedDataset,
    Technique,
    UnreadableFile,
    unit_of,
)
from measurements.tracks.table import NO_ROW, Columns, find_decimal, first_rows
from measurements.tracks.titles import Header, Title

SUN = 100.0
"""One sun [mW/cm²]."""

RESTART = 0.02
"""Part of the time so far that a clock must fall below to have been restarted."""

DARK = 0.1
"""Part of the largest irradiance below which the light is off."""

LEAST_SHARE = 0.02
"""Part of the points that a second level of light must have to be another lamp."""

LEAST_LIT = 20
"""Points in the light below which levels are not told from a changing lamp."""

LEAST_RATIO = 1.25
NARROW = 0.2
"""Spread of a level of light over the distance to the other that makes it a level."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """When each row was measured.

    Attributes
    ----------
    hours : ndarray, shape (n,)
        From the epoch where ``is_wall`` says so, else from the start of the test.
    restarts : list of int
        Rows at which the instrument's own stopwatch began again.
    """

    hours: np.ndarray
    is_wall: bool
    restarts: list[int] = field(default_factory=list)
    title: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """A track's file: its columns, when each row was measured, and what was noted."""

    columns: Columns
    clock: Clock
    notes: list[str]

    @property
    def header(self) -> Header:
        return self.columns.header

    @property
    def decimal(self) -> str:
        return self.columns.decimal

    @property
    def measured_at(self) -> datetime | None:
        """When it began, without zone, where its clock shows times of day."""
        hours = self.clock.hours[np.isfinite(self.clock.hours)]
        return began_at(hours[0]) if self.clock.is_wall and hours.size else None


def open_log(
    data: bytes,
    header: Header,
    *,
    decimal: str | None = None,
    time_unit: str | None = None,
    unused: Sequence[str] = (),
) -> Log:
    """Parse the columns a track is made of, and its clock.

    Parameters
    ----------
    data : bytes
        What `utf8` gave.
    header : Header
    decimal, time_unit : str, optional
        What a person stated, where the file leaves it open.
    unused : sequence of str
        Keys of columns that are left out.

    Raises
    ------
    UnreadableFile
        If there is no row, one cannot be read, the decimal mark or the time cannot be
        told, or two lamps are in the file.
    """
    rows = first_rows(data, header)
    wanted = wanted_columns(header, rows[0], unused)
    columns = Columns(data, header, decimal or find_decimal(header, rows), wanted)
    if not columns.size:
        raise UnreadableFile(NO_ROW)
    refuse_two_lamps(columns, header.of("lamp"))
    notes = columns.notes
    return Log(columns, read_clock(columns, rows[0], time_unit, notes), notes)


def wanted_columns(
    header: Header, row: str, unused: Sequence[str] = ()
) -> dict[int, str]:
    """Say as what each useful column is to be parsed, by the first row of numbers.

    Beside times of day one stopwatch in numbers is enough: it tells of restarts.
    """
    fields = split_fields(row, header.separator)
    wanted = {}
    for title in header.titles:
        sample = fields[title.at] if title.at < len(fields) else ""
        if title.key in ("cell", "lamp"):
            wanted[title.at] = "text"
        elif title.key in ("clock", "time"):
            if _is_iso(sample):
                wanted[title.at] = "iso"
            else:
                is_text = not _is_number(sample)
                wanted[title.at] = "text" if is_text else "number"
        elif title.key:
            wanted[title.at] = "number"
    clocks = [one for one in header.titles if one.key in ("clock", "time")]
    if any(wanted.get(one.at) == "iso" for one in clocks):
        watches = [one.at for one in clocks if wanted[one.at] == "number"]
        for one in clocks:
            if wanted[one.at] != "iso" and one.at not in watches[:1]:
                del wanted[one.at]
    return {
        at: kind for at, kind in wanted.items() if header.titles[at].key not in unused
    }


def _is_iso(text: str) -> bool:
    form = form_of(text)
    return form is not None and not form.layout


def _is_number(text: str) -> bool:
    return is_number(text) or (bool(text.strip()) and is_missing(text))


def read_clock(columns: Columns, row: str, unit: str | None, notes: list[str]) -> Clock:
    """Find the time of every row: times of day before stopwatches.

    Raises
    ------
    UnreadableFile
        If no column can be read as time, or its unit is not known.
    """
    header = columns.header
    fields = split_fields(row, header.separator)
    found = [
        title
        for title in header.titles
        if title.key in ("clock", "time") and columns.has(title)
    ]
    sample = {title: fields[title.at] for title in found if title.at < len(fields)}
    walls = [title for title in found if form_of(sample.get(title, "")) is not None]
    days = [title for title in found if _is_date(sample.get(title, ""))]
    watches = [
        title
        for title in found
        if title not in walls and title not in days and title.key == "time"
    ]
    watch = None
    if watches:
        watch = _stopwatch(columns, watches, sample, unit if not walls else unit or "h")
    if walls:
        restarts = _restarts(watch) if watch is not None else []
        if restarts:
            lines = ", ".join(str(columns.line_of(at)) for at in restarts[:3])
            notes.append(
                f"{watches[0].text} begins again at line {lines}: the times of day in"
                f" {walls[0].text} were used."
            )
        return Clock(columns.clock(walls[0]), True, restarts, walls[0].text)
    if days and watches and is_elapsed(sample[watches[0]]):
        return Clock(columns.joined(days[0], watches[0]), True, [], days[0].text)
    if watch is None:
        raise UnreadableFile(
            "No column holds a time: title one Time (h), Time (s) or Timestamp."
        )
    return Clock(watch, False, [], watches[0].text)


def _is_date(text: str) -> bool:
    return bool(text) and form_of(f"{text} 00:00:00") is not None


def _stopwatch(
    columns: Columns,
    titles: Sequence[Title],
    sample: Mapping[Title, str],
    unit: str | None,
) -> np.ndarray:
    best = next((one for one in titles if one.unit), titles[0])
    if not _is_number(sample.get(best, "")):
        return columns.elapsed(best)
    own = best.unit or ("h" if "hour" in best.text.lower() else unit)
    if not own:
        raise UnreadableFile(
            f"{best.text!r} has no unit: seconds, minutes or hours? Title it"
            f" {best.text} (h), or state the unit of time."
        )
    values = columns.numbers(best)
    return values if own == "h" else units.convert(values, own, "h")


def _restarts(hours: np.ndarray) -> list[int]:
    falls = np.flatnonzero(np.diff(hours) < 0)
    return [int(at) + 1 for at in falls if hours[at + 1] <= RESTART * hours[at]]


def check_forward(clock: Clock, rows: np.ndarray, columns: Columns) -> None:
    """Raise `UnreadableFile` where time runs backwards, with line and both times."""
    hours = clock.hours[rows]
    falls = np.flatnonzero(np.diff(hours) < 0)
    if not falls.size:
        return
    at = int(falls[0])
    before, after = (in_words(hours[one], clock) for one in (at, at + 1))
    line = columns.line_of(int(rows[at + 1]))
    text = (
        f"Time runs backwards at line {line}: {clock.title} is {after} after {before}"
    )
    if clock.is_wall:
        back = hours[at] - hours[at + 1]
        if abs(back - 1) < 0.2:
            text += ". An hour back is what the end of summer time does to a clock"
        raise UnreadableFile(f"{text}. Mend the times or split the file there.")
    if hours[at + 1] <= RESTART * hours[at]:
        raise UnreadableFile(
            f"{text}: the stopwatch was restarted, and no column tells the time of day."
            " Split the file there and add both parts to the measurement, each with the"
            " time it began."
        )
    raise UnreadableFile(f"{text}. Mend the times or split the file there.")


def in_words(hours: float, clock: Clock) -> str:
    if not clock.is_wall:
        return f"{hours:.6g} h"
    return str((EPOCH + timedelta(hours=float(hours))).replace(tzinfo=None))[:19]


def began_at(hours: float) -> datetime:
    """Return a time of day, without zone, from hours since the epoch."""
    stamp = EPOCH + timedelta(microseconds=round(float(hours) * 3.6e9))
    return stamp.replace(tzinfo=None)


def refuse_two_lamps(columns: Columns, titles: Iterable[Title]) -> None:
    """Refuse a file whose lamp column changes, with the row where it does."""
    for title in titles:
        words = columns.words(title)
        seen = [one for one in pc.unique(words).to_pylist() if one]
        if len(seen) < 2:
            continue
        other = pc.fill_null(pc.equal(words, pa.scalar(seen[1])), False)
        line = columns.line_of(int(np.argmax(other.to_numpy())))
        raise UnreadableFile(
            f"Two lamps are in one file: {title.text} is {seen[0]!r} and, from line"
            f" {line} on, {seen[1]!r}. Their light differs, so split the file there."
        )


def refuse_two_levels(
    irradiance: np.ndarray, rows: np.ndarray, columns: Columns, what: str
) -> None:
    """Refuse an irradiance that jumps between two levels; darkness is none."""
    lit = np.isfinite(irradiance)
    if not lit.any():
        return
    lit &= irradiance > DARK * np.nanmax(irradiance)
    values = irradiance[lit]
    if values.size < LEAST_LIT:
        return
    middle = 0.5 * (float(values.min()) + float(values.max()))
    high = values > middle
    share = high.mean()
    if not LEAST_SHARE <= share <= 1 - LEAST_SHARE:
        return
    upper, lower = values[high], values[~high]
    levels = float(np.median(upper)), float(np.median(lower))
    distance = levels[0] - levels[1]
    spread = max(float(upper.std()), float(lower.std()))
    if levels[0] < LEAST_RATIO * levels[1] or spread > NARROW * distance:
        return
    changes = int(np.argmax(np.diff(high.astype(np.int8)) != 0)) + 1
    line = columns.line_of(int(rows[np.flatnonzero(lit)[changes]]))
    raise UnreadableFile(
        f"Two lamps seem to be in one file: {what} is about"
        f" {levels[0] if high[0] else levels[1]:.4g} and, from line {line} on,"
        f" {levels[1] if high[0] else levels[0]:.4g} mW/cm². If that is so, split the"
        " file there."
    )


def refuse_no_area(area: float | None, source: str) -> None:
    if area is not None and not area > 0:
        raise UnreadableFile(
            f"{source} gives an area of {area:g} cm²: no current density follows from"
            " it. Mend the area in the file, or leave it out and log it by hand."
        )


def build(
    name: str,
    cell: str,
    technique: Technique,
    clock: Clock,
    rows: np.ndarray,
    channels: Mapping[str, np.ndarray],
    columns: Columns,
    notes: list[str],
    *,
    metadata: Mapping[str, Any],
    conditions: Mapping[str, Any],
    extra: Sequence[Channel] = (),
) -> ParsedDataset:
    """Make the dataset of one cell, in the order of time and from its start.

    Parameters
    ----------
    rows : ndarray of int
        Rows of the table that are this cell's.
    channels : mapping of str to ndarray
        Of the technique, in its units, over those rows; ``pce`` among them.
    extra : sequence of Channel
        What the technique does not know, over the same rows.

    Raises
    ------
    UnreadableFile
        If time is missing or runs backwards, or no efficiency is left.
    """
    efficiency = channels["pce"]
    known = np.isfinite(efficiency)
    left_out = int(known.size - np.count_nonzero(known))
    label = f" of cell {cell}" if cell else ""
    if left_out == known.size:
        raise UnreadableFile(
            f"The efficiency{label} holds no number in any of {known.size} rows."
        )
    if left_out:
        notes.append(
            f"{left_out} rows{label} without an efficiency were left out, the first in"
            f" line {columns.line_of(int(rows[np.argmin(known)]))}."
        )
        rows = rows[known]
        channels = {key: values[known] for key, values in channels.items()}
        extra = [
            Channel(one.name, one.unit, one.label, one.values[known]) for one in extra
        ]
    hours = clock.hours[rows]
    if not np.isfinite(hours).all():
        at = int(rows[np.argmin(np.isfinite(hours))])
        raise UnreadableFile(f"Line {columns.line_of(at)} has no time.")
    check_forward(clock, rows, columns)
    about = dict(metadata)
    if clock.is_wall:
        # What a joined track is put together by: when this piece of it began.
        about["began_at"] = began_at(hours[0]).isoformat()
        hours = hours - hours[0]
    if clock.restarts:
        inside = [at for at in clock.restarts if at in set(rows.tolist())]
        about["restarts_h"] = [
            float(hours[int(np.searchsorted(rows, at))]) for at in inside
        ]
    axis = technique.axes[0]
    found = []
    for spec in technique.channels:
        values = channels.get(spec.name)
        if values is not None and (spec.required or not np.isnan(values).all()):
            found.append(Channel(spec.name, unit_of(spec), spec.label, frozen(values)))
    dataset = Dataset(
        (Axis(axis.name, unit_of(axis), axis.label, frozen(hours)),),
        (*found, *extra),
        metadata=about,
    )
    return ParsedDataset(name, dataset, conditions, cell)


def frozen(values: np.ndarray) -> np.ndarray:
    """Give up an array of one's own, so that it need not exist twice."""
    if values.flags.owndata and values.flags.writeable:
        values.setflags(write=False)
    return values
