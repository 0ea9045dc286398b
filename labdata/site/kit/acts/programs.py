"""A thermal programme as it is typed: drawn, timed, and its faults at their cells."""

from dataclasses import dataclass, field

from labdata.common.measures.numbers import format_measured
from labdata.site.drawings.programme import ProgramDrawing, draw_segments
from samples import thermal

MINUTES_FROM = 60


@dataclass(frozen=True)
class UnderstoodProgram:
    """What a programme comes to, in words and as a drawing."""

    drawing: ProgramDrawing | None = None
    duration: str = ""
    peak: str = ""
    atmospheres: str = ""
    is_begun: bool = False
    error: str = ""
    faults: dict = field(default_factory=dict)


def understand_program(rows):
    """Read the rows of a table as the services will."""
    if not rows:
        return UnderstoodProgram()
    try:
        segments = thermal.check_program(rows)
    except thermal.ProgramError as error:
        count = sum(len(found) for found in error.errors.values())
        return UnderstoodProgram(
            error=f"Not drawn: {count} cell{'s' if count > 1 else ''} to mend.",
            faults={
                index: {key: [text] for key, text in found.items()}
                for index, found in error.errors.items()
            },
        )
    return told_program(segments)


def told_program(segments):
    """Say and draw what checked segments come to."""
    summary = thermal.summary(segments)
    peak = summary.maximum_temperature
    return UnderstoodProgram(
        drawing=draw_segments(segments),
        duration=told_minutes(summary.duration),
        peak="" if peak is None else format_measured(peak, unit="°C"),
        atmospheres=", then ".join(summary.atmospheres),
        is_begun=True,
    )


def told_minutes(minutes):
    """A duration as people say it: ``1 h 12 min``."""
    if minutes is None:
        return "Total time not known"
    whole = round(minutes)
    if whole < MINUTES_FROM:
        return f"{format_measured(minutes, significant=3)} min in total"
    hours, rest = divmod(whole, MINUTES_FROM)
    return f"{hours} h {rest} min in total" if rest else f"{hours} h in total"
