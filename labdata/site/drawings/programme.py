"""A thermal programme as a drawing: temperature against time, boxed, ticks inside."""

import math
from dataclasses import dataclass

import numpy as np

from samples import thermal

WIDTH, HEIGHT = 520, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 20, 44
TICK = 5
HEADROOM = 0.06
ROUND_STEPS = (1, 2, 2.5, 5, 10)
HOURS_FROM = 300


@dataclass(frozen=True)
class ProgramDrawing:
    """Coordinates, all in pixels of the drawing, for the template to write down."""

    lines: list
    x_ticks: list
    y_ticks: list
    x_label: str
    remark: str
    is_partial: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM
    inner_width: int = WIDTH - LEFT - RIGHT
    inner_height: int = HEIGHT - TOP - BOTTOM
    middle_x: int = (WIDTH + LEFT - RIGHT) // 2


def segments_of(rows):
    """The rows of a programme as the segments the science code knows."""
    return [
        thermal.Segment(
            **{
                key: getattr(row, key) if getattr(row, key) != "" else None
                for key in thermal.KEYS
            }
        )
        for row in rows
    ]


COLUMNS = (
    ("start_temperature", "From", "°C"),
    ("end_temperature", "To", "°C"),
    ("ramp", "Ramp", "°C/min"),
    ("dwell", "Dwell", "min"),
    ("atmosphere", "Atmosphere", ""),
    ("gas_flow", "Gas flow", "mL/min"),
    ("pressure", "Pressure", "Pa"),
    ("cooling", "Cooling", ""),
)
ALWAYS_SHOWN = 4


def tabulate_program(rows):
    """A programme as a table, without the columns nobody knows anything of."""
    return tabulate_segments(segments_of(rows))


def tabulate_segments(segments):
    """The same of segments as the science code knows them."""
    shown = [
        (key, label, unit)
        for place, (key, label, unit) in enumerate(COLUMNS)
        if place < ALWAYS_SHOWN
        or any(getattr(one, key) is not None for one in segments)
    ]
    return {
        "head": [f"{label} [{unit}]" if unit else label for _, label, unit in shown],
        "rows": [[getattr(one, key) for key, _, _ in shown] for one in segments],
    }


def draw_program(rows):
    """Draw a programme; None where too little is known to draw anything."""
    return draw_segments(segments_of(rows))


@dataclass(frozen=True)
class Frame:
    """How long [min] and between which temperatures [°C] a drawing reaches."""

    minutes: float
    low: float
    high: float


def _curve(segments):
    """Minutes, °C and what is known of them, or None where too little is."""
    minutes, celsius, known = thermal.curve(segments)
    there = np.isfinite(celsius)
    if np.count_nonzero(there) < 2 or minutes[there][-1] <= 0:
        return None
    return minutes, celsius, known


def common_frame(programs):
    """A frame that holds several programmes, so that their drawings compare."""
    curves = [curve for one in programs if (curve := _curve(one)) is not None]
    if not curves:
        return None
    return Frame(
        max(float(minutes[-1]) for minutes, _, _ in curves),
        min(float(np.nanmin(celsius)) for _, celsius, _ in curves),
        max(float(np.nanmax(celsius)) for _, celsius, _ in curves),
    )


def draw_segments(segments, frame=None):
    """Draw segments as the science code knows them, or None.

    Without a ``frame`` the drawing reaches as far as the programme does.
    """
    curve = _curve(segments)
    if curve is None:
        return None
    minutes, celsius, known = curve
    there = np.isfinite(celsius)
    frame = frame or common_frame([segments])
    in_hours = frame.minutes > HOURS_FROM
    hours = 60.0 if in_hours else 1.0
    time, end = minutes / hours, frame.minutes / hours
    low, high = frame.low, frame.high
    room = HEADROOM * ((high - low) or 1.0)
    x = _scale(0.0, end, LEFT, WIDTH - RIGHT)
    y = _scale(low - room, high + room, HEIGHT - BOTTOM, TOP)
    points = [f"{x(t):.1f},{y(c):.1f}" for t, c in zip(time, celsius, strict=True)]
    lines = [
        {"points": f"{points[i - 1]} {points[i]}", "is_assumed": not known[i]}
        for i in range(1, time.size)
        if there[i - 1] and there[i] and points[i - 1] != points[i]
    ]
    is_partial = not bool(known.all())
    return ProgramDrawing(
        lines=lines,
        x_ticks=[
            {
                "at": round(x(value), 1),
                "inner": HEIGHT - BOTTOM - TICK,
                "text_y": HEIGHT - BOTTOM + 16,
                "text": f"{value:g}",
            }
            for value in _ticks(0.0, end, 6)
        ],
        y_ticks=[
            {
                "at": round(y(value), 1),
                "inner": LEFT + TICK,
                "text_x": LEFT - 6,
                "text_y": round(y(value) + 4, 1),
                "text": f"{value:g}",
            }
            for value in _ticks(low - room, high + room, 5)
        ],
        x_label="Time (h)" if in_hours else "Time (min)",
        remark="Dashed: how long this took is not known." if is_partial else "",
        is_partial=is_partial,
    )


def _scale(low, high, start, end):
    span = (high - low) or 1.0

    def place(value):
        return start + (float(value) - low) / span * (end - start)

    return place


def _ticks(low, high, about):
    """Round numbers inside the range, roughly so many."""
    rough = (high - low) / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * one for one in ROUND_STEPS if power * one >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]
