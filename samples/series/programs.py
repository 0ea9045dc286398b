"""Conditions by the names a lab uses, put where a thermal programme has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from samples.series.errors import SeriesError
from samples.thermal import KEYS, ProgramError, Segment, check_program

PROGRAM_CONDITIONS = (
    "temperature",
    "dwell",
    "ramp",
    "atmosphere",
    "gas_flow",
    "pressure",
    "cooling",
)
_OTHER_NAMES = {
    "t": "temperature",
    "hold": "dwell",
    "hold_time": "dwell",
    "holding_time": "dwell",
    "dwell_time": "dwell",
    "heating_rate": "ramp",
    "heating_ramp": "ramp",
    "ramp_rate": "ramp",
    "rate": "ramp",
    "gas": "atmosphere",
    "flow": "gas_flow",
    "time": "duration",
}
_STEP = re.compile(r"program(?:me)?\.(\d{1,3})\.(\w+)")


def condition_of(name: str) -> str:
    """The condition a name means: "Sintering temperature" is ``temperature``.

    ``program.1.end_temperature`` names a field of one step and stays; a name of no
    known condition becomes that of a parameter.
    """
    text = name.strip()
    if _STEP.fullmatch(text):
        return text
    key = re.sub(r"\W+", "_", text.casefold()).strip("_")
    if key.endswith("_temperature"):
        return "temperature"
    return _OTHER_NAMES.get(key, key)


def vary_program(
    rows: Sequence[Mapping[str, object]], condition: str, value: object
) -> list[dict[str, object]]:
    """The programme with one condition set; what continues from it follows.

    Parameters
    ----------
    rows : sequence of mapping
        As :func:`samples.thermal.check_program` takes them; empty starts a programme.
    condition : str
        One of ``PROGRAM_CONDITIONS``: that of the hottest step. Or
        ``program.N.field``, the steps counted from 1.
    value : object
        As typed: ``"573 K"``.

    Raises
    ------
    SeriesError
        If there is no such step or field.
    ProgramError
        If the programme itself is wrong.
    """
    varied = [dict(row) for row in rows]
    if match := _STEP.fullmatch(condition):
        index, field = int(match[1]) - 1, match[2]
        if field not in KEYS:
            raise SeriesError(f"a step has no {field!r} (it has {', '.join(KEYS)})")
        if not 0 <= index < len(varied):
            raise SeriesError(f"the programme has {len(varied)} steps, no {index + 1}.")
        varied[index][field] = value
        return varied
    field = "end_temperature" if condition == "temperature" else condition
    if not varied:
        return [{field: value}]
    segments = check_program(rows)
    hottest = _hottest(segments)
    if condition == "temperature":
        _set_temperature(varied, segments, hottest, value)
    elif condition == "atmosphere":
        for row, segment in zip(varied, segments, strict=True):
            if segment.atmosphere == segments[hottest].atmosphere:
                row[field] = value
    elif condition == "dwell":
        varied[_dwelling(segments, hottest)][field] = value
    elif condition == "cooling":
        given = [i for i, segment in enumerate(segments) if segment.cooling]
        varied[given[-1] if given else hottest][field] = value
    else:
        varied[hottest][field] = value
    return varied


def _hottest(segments: Sequence[Segment]) -> int:
    ends = [
        (segment.end_temperature, -index)
        for index, segment in enumerate(segments)
        if segment.end_temperature is not None
    ]
    return -max(ends)[1] if ends else 0


def _set_temperature(
    varied: list[dict[str, object]],
    segments: Sequence[Segment],
    hottest: int,
    value: object,
) -> None:
    """Set the highest temperature, and where the steps after it begin."""
    old = segments[hottest].end_temperature
    varied[hottest]["end_temperature"] = value
    if segments[hottest].start_temperature == old and old is not None:
        varied[hottest]["start_temperature"] = value
    for index in range(hottest + 1, len(segments)):
        if old is None or segments[index].start_temperature != old:
            return
        varied[index]["start_temperature"] = value
        if segments[index].end_temperature != old:
            return
        varied[index]["end_temperature"] = value


def _dwelling(segments: Sequence[Segment], hottest: int) -> int:
    top = segments[hottest].end_temperature
    holding = [
        index
        for index, segment in enumerate(segments)
        if segment.dwell is not None and segment.end_temperature == top
    ]
    return holding[0] if len(holding) == 1 else hottest


__all__ = ["PROGRAM_CONDITIONS", "ProgramError", "condition_of", "vary_program"]
