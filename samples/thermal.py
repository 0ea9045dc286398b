"""Thermal programmes: ordered segments, checked, drawn and summed up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from labdata.common.measures.units import UnitError, parse_quantity

ABSOLUTE_ZERO = -273.15
HOTTEST = 4000.0
LARGEST = 1e12
SLOWEST_RAMP = 1e-6
TEMPERATURE_TOLERANCE = 0.01
MOST_SEGMENTS = 1000
LONGEST_ATMOSPHERE = 60
COOLINGS = ("ramp", "quench")
UNITS = {
    "start_temperature": "°C",
    "end_temperature": "°C",
    "ramp": "°C/min",
    "dwell": "min",
    "gas_flow": "mL/min",
    "pressure": "Pa",
}
# Gases by the names people type. Air (humidity known) and ambient (not known) differ.
GASES = {
    "n2": "N2",
    "nitrogen": "N2",
    "ar": "Ar",
    "argon": "Ar",
    "o2": "O2",
    "oxygen": "O2",
    "he": "He",
    "helium": "He",
    "h2": "H2",
    "hydrogen": "H2",
    "co2": "CO2",
    "vacuum": "vacuum",
    "air": "air",
    "dry air": "dry air",
    "ambient": "ambient",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a programme: go from start to end at ``ramp``, then stay.

    Temperatures in °C, ``ramp`` in °C/min (its size; the direction follows from the
    temperatures), ``dwell`` at the end temperature in min, ``gas_flow`` in mL/min,
    ``pressure`` in Pa. ``cooling`` says how the sample gets colder, in this segment or
    after it. None is unknown.
    """

    start_temperature: float | None = None
    end_temperature: float | None = None
    ramp: float | None = None
    dwell: float | None = None
    atmosphere: str | None = None
    gas_flow: float | None = None
    pressure: float | None = None
    cooling: str | None = None

    def as_dict(self) -> dict[str, float | str | None]:
        return asdict(self)


KEYS = tuple(field.name for field in fields(Segment))


class ProgramError(ValueError):
    """What is wrong with a programme: ``errors`` is {index: {field: message}}."""

    def __init__(self, errors: Mapping[int, Mapping[str, str]]) -> None:
        self.errors = {index: dict(found) for index, found in errors.items()}
        super().__init__(
            "; ".join(
                f"segment {index + 1}, {field}: {message}"
                for index, found in self.errors.items()
                for field, message in found.items()
            )
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """What a programme comes to; None where the segments do not tell.

    ``maximum_temperature`` [°C] is the highest programmed temperature ("sintered at"),
    ``dwell`` [min] the time at it, ``ramp`` [°C/min] the rate at which it was reached;
    ``gas_flow`` [mL/min] and ``pressure`` [Pa] are those of the segment that reached
    it; ``duration`` [min] is the whole programme.
    """

    maximum_temperature: float | None
    dwell: float | None
    ramp: float | None
    atmospheres: tuple[str, ...]
    gas_flow: float | None
    pressure: float | None
    cooling: str | None
    duration: float | None


def check_program(rows: Sequence[Mapping[str, object]]) -> tuple[Segment, ...]:
    """Read the segments of a programme as a person or a tool sent them.

    Parameters
    ----------
    rows : sequence of mapping
        With the keys of :class:`Segment`. Numbers, or texts with a unit (``"573 K"``,
        ``"0.5 h"``, ``"1 atm"``); None or an empty text is unknown and stays unknown.

    Returns
    -------
    tuple of Segment

    Raises
    ------
    ProgramError
        With every fault found: by index of the segment, then by field.
    """
    if isinstance(rows, (str, bytes, Mapping)) or not isinstance(rows, Sequence):
        raise ProgramError({0: {"program": "a programme is a list of segments"}})
    if len(rows) > MOST_SEGMENTS:
        raise ProgramError(
            {0: {"program": f"at most {MOST_SEGMENTS} segments, got {len(rows)}"}}
        )
    errors: dict[int, dict[str, str]] = {}
    segments: list[Segment] = []
    for index, row in enumerate(rows):
        segment, found = _read_segment(row)
        if found:
            errors[index] = found
        segments.append(segment)
    for index in range(1, len(segments)):
        if index in errors or index - 1 in errors:
            continue
        message = _discontinuity(segments[index - 1], segments[index], index)
        if message:
            errors[index] = {"start_temperature": message}
    if errors:
        raise ProgramError(errors)
    return tuple(segments)


def curve(
    segments: Sequence[Segment],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the programme as points to draw.

    Parameters
    ----------
    segments : sequence of Segment

    Returns
    -------
    minutes : ndarray, shape (n,)
        Time since the start. [min]
    celsius : ndarray, shape (n,)
        Programmed temperature; NaN where unknown. [°C]
    known : ndarray of bool, shape (n,)
        Whether the time *and* temperature of the line that ends at this point are
        known. The first point begins the programme.

    Notes
    -----
    A piece of unknown duration is drawn as long as a tenth of the known ones together,
    at least one minute, and marked. A quench without a ramp is drawn as a jump. An
    unknown start continues from the end before it.
    """
    pieces = [(segment, *_durations(segment)) for segment in _continued(segments)]
    known_time = sum(
        duration
        for _, *durations in pieces
        for duration in durations
        if duration is not None
    )
    placeholder = max(known_time / 10, 1.0)
    points: list[tuple[float, float, bool]] = []
    clock = 0.0
    for segment, ramping, dwelling in pieces:
        start, end = segment.start_temperature, segment.end_temperature
        if not points:
            points.append((0.0, _or_nan(start), start is not None))
        elif start is not None and start != points[-1][1]:
            # A quench between two segments takes no programmed time.
            points.append((clock, start, True))
        certain = ramping is not None
        if not certain and segment.cooling == "quench" and segment.ramp is None:
            ramping = 0.0
        clock += placeholder if ramping is None else ramping
        points.append((clock, _or_nan(end), certain and end is not None))
        if dwelling != 0:
            clock += placeholder if dwelling is None else dwelling
            points.append(
                (clock, _or_nan(end), dwelling is not None and end is not None)
            )
    columns = list(zip(*points, strict=True)) if points else [(), (), ()]
    return (
        np.array(columns[0], dtype=float),
        np.array(columns[1], dtype=float),
        np.array(columns[2], dtype=bool),
    )


def summary(segments: Sequence[Segment]) -> Summary:
    """Return the numbers by which a programme is found and compared."""
    continued = _continued(segments)
    temperatures = [
        temperature
        for segment in continued
        for temperature in (segment.start_temperature, segment.end_temperature)
        if temperature is not None
    ]
    maximum = max(temperatures, default=None)
    at_maximum = [
        segment
        for segment in continued
        if maximum is not None and segment.end_temperature == maximum
    ]
    # A programme without temperatures is summed up as one unknown segment.
    reaching = at_maximum[0] if at_maximum else Segment()
    heated = reaching.start_temperature != maximum
    coolings = [segment.cooling for segment in segments if segment.cooling]
    durations = [duration for segment in continued for duration in _durations(segment)]
    return Summary(
        maximum_temperature=maximum,
        dwell=_total([segment.dwell for segment in at_maximum]),
        ramp=reaching.ramp if heated else None,
        atmospheres=tuple(
            dict.fromkeys(
                segment.atmosphere for segment in segments if segment.atmosphere
            )
        ),
        gas_flow=reaching.gas_flow,
        pressure=reaching.pressure,
        cooling=coolings[-1] if coolings else None,
        duration=_total(durations),
    )


def _read_segment(row: object) -> tuple[Segment, dict[str, str]]:
    if not isinstance(row, Mapping):
        return Segment(), {"segment": "a segment is a mapping of fields"}
    errors = {
        str(key): f"unknown field; known are {', '.join(KEYS)}"
        for key in row
        if key not in KEYS
    }
    # The fields are checked one by one, each for its own type.
    values: dict[str, Any] = {}
    for key in KEYS:
        try:
            values[key] = _read_field(key, row.get(key))
        except ValueError as error:
            errors[key] = str(error)
    segment = Segment(**values)
    if not errors and segment == Segment():
        errors["segment"] = "an empty segment says nothing"
    if not errors:
        errors.update(_contradictions(segment))
    return segment, errors


def _read_field(key: str, value: object) -> float | str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if key == "atmosphere":
        return _atmosphere(value)
    if key == "cooling":
        text = value.strip().casefold() if isinstance(value, str) else value
        if text not in COOLINGS:
            raise ValueError(f"{value!r} is not one of {', '.join(COOLINGS)}")
        return text
    number = _number(value, UNITS[key])
    if key.endswith("temperature"):
        if number < ABSOLUTE_ZERO:
            raise ValueError(f"{number:g} °C is below absolute zero (-273.15 °C)")
        if number > HOTTEST:
            raise ValueError(f"{number:g} °C is hotter than any furnace ({HOTTEST:g})")
    elif number < 0:
        hint = ""
        if key == "ramp":
            hint = "; cooling is an end temperature below the start"
        raise ValueError(f"{number:g} {UNITS[key]} is negative{hint}")
    elif number > LARGEST:
        raise ValueError(f"{number:g} {UNITS[key]} is beyond {LARGEST:g}")
    elif key == "ramp" and 0 < number < SLOWEST_RAMP:
        raise ValueError(f"{number:g} °C/min is slower than {SLOWEST_RAMP:g}")
    return number


def _number(value: object, unit: str) -> float:
    try:
        number = parse_quantity(value, unit=unit)
    except UnitError as error:
        raise ValueError(str(error)) from error
    # 573.15 K is 300 °C, not 299.99999999999994.
    return float(f"{number:.12g}")


def _atmosphere(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not the name of a gas")
    text = " ".join(value.translate(str.maketrans("₂₃₄", "234")).split())
    if len(text) > LONGEST_ATMOSPHERE:
        raise ValueError(f"at most {LONGEST_ATMOSPHERE} characters, got {len(text)}")
    return GASES.get(text.casefold(), text)


def _contradictions(segment: Segment) -> dict[str, str]:
    start, end = segment.start_temperature, segment.end_temperature
    if segment.ramp == 0 and start is not None and end is not None and start != end:
        return {"ramp": f"0 °C/min never leads from {start:g} to {end:g} °C"}
    return {}


def _discontinuity(before: Segment, after: Segment, index: int) -> str | None:
    end, start = before.end_temperature, after.start_temperature
    if end is None or start is None or abs(start - end) <= TEMPERATURE_TOLERANCE:
        return None
    if before.cooling == "quench" and start < end:
        return None
    return (
        f"starts at {start:g} °C, but segment {index} ends at {end:g} °C"
        " (only a quench may lie between)"
    )


def _continued(segments: Sequence[Segment]) -> list[Segment]:
    """Let an unknown start continue from the end before it."""
    continued: list[Segment] = []
    for segment in segments:
        if segment.start_temperature is None and continued:
            before = continued[-1]
            if before.end_temperature is not None and before.cooling != "quench":
                segment = replace(segment, start_temperature=before.end_temperature)
        continued.append(segment)
    return continued


def _durations(segment: Segment) -> tuple[float | None, float | None]:
    """Return the minutes of the ramp and of the dwell, None where unknown."""
    start, end = segment.start_temperature, segment.end_temperature
    if start is not None and start == end:
        ramping = 0.0
    elif start is None or end is None or not segment.ramp:
        ramping = None
    else:
        ramping = abs(end - start) / segment.ramp
    return ramping, segment.dwell


def _total(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return math.fsum(known) if known and len(known) == len(parts) else None


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
