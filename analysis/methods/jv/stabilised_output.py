"""Stabilised efficiency: the mean of a power track where it no longer drifts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.numerics.ageing.correlated_mean import correlated_mean, correlated_slope
from labdata.plugin import (
    Data,
    Dataset,
    Detail,
    Drawing,
    Estimate,
    Flag,
    Interval,
    LabelledEstimate,
    Mark,
    Marks,
    Missing,
    Number,
    Progress,
    RaisedFlag,
    Result,
    UnsuitableData,
    analysis,
    finite_curve,
    parameter,
)

GAP = 10.0
"""A step of so many usual steps is a gap; no window reaches across one."""

MOST_WINDOWS = 400
FEW_INDEPENDENT = 5

FLAGS = (
    Flag(
        "few_independent_points",
        "few points",
        "The points are worth few independent ones: the error is a guess.",
    ),
    Flag(
        "not_at_end",
        "not at the end",
        "The end of the track drifts; an earlier window was taken.",
    ),
    Flag("not_stable", "not stable", "No window of the track is stable."),
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Five minutes with less than one per cent of drift, as certification asks."""

    window: float = parameter(
        5.0,
        label="Window",
        unit="min",
        help="Length of the averaged window; longer where it holds too few points.",
        minimum=1e-3,
    )
    least_points: int = parameter(
        20, label="Least points", help="In the window.", minimum=10
    )
    largest_drift: float = parameter(
        1.0,
        label="Largest drift",
        unit="%",
        help="Change over the window, of its mean, up to which it counts as stable.",
        minimum=1e-3,
        maximum=50.0,
    )


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the track: its ends, mean [%] and relative drift across it [1]."""

    start: int
    stop: int
    mean: float
    error: float
    independent: float
    drift: float
    drift_error: float

    def is_stable(self, largest: float) -> bool:
        """Whether the drift is small, and known well enough to say so."""
        return abs(self.drift) <= largest and self.drift_error <= largest


@analysis(
    key="stabilised_output",
    version=1,
    label="Stabilised efficiency",
    techniques=["mpp_tracking"],
    parameters=Parameters,
    outputs=["jv.stabilised_pce"],
    gathers="dataset",
    channels=["pce"],
    flags=FLAGS,
)
def run(dataset: Dataset, parameters: Parameters, progress: Progress) -> Result:
    """Average the last window of a maximum power track that does not drift.

    Notes
    -----
    Windows are tried from the end of the track backwards by half their length. The
    standard error allows for the correlation of successive points. A track without a
    stable window gives no value, and says ``not_stable`` with the drift of its end.
    """
    time, efficiency = take_track(dataset, parameters)
    windows = candidate_windows(time, parameters)
    if not windows:
        raise UnsuitableData(
            f"no {parameters.least_points} points of pce follow each other without a"
            " gap"
        )
    progress(0.1, "looking for the last stable window")
    largest = parameters.largest_drift / 100
    last = describe_window(time, efficiency, *windows[0])
    for at, (start, stop) in enumerate(windows):
        window = describe_window(time, efficiency, start, stop) if at else last
        if window.is_stable(largest):
            return stable_result(time, window, last, parameters)
    return unstable_result(time, last, len(windows), parameters)


def take_track(
    dataset: Dataset, parameters: Parameters
) -> tuple[np.ndarray, np.ndarray]:
    """Return time [h] and efficiency [%].

    Raises
    ------
    UnsuitableData
        If the time does not increase, there are too few points or no power.
    """
    time, efficiency = finite_curve(dataset, "pce")
    if time.size < parameters.least_points:
        raise UnsuitableData(
            f"only {time.size} points of pce, at least {parameters.least_points} are"
            " needed"
        )
    steps = np.diff(time)
    if (steps <= 0).any():
        at = int(np.argmax(steps <= 0))
        raise UnsuitableData(
            f"the time goes from {time[at]:g} to {time[at + 1]:g} h at point {at + 2}"
        )
    if efficiency.max() <= 0:
        raise UnsuitableData(
            f"pce is nowhere above zero, its highest is {efficiency.max():g} %"
        )
    return time, efficiency


def candidate_windows(
    time: np.ndarray, parameters: Parameters
) -> list[tuple[int, int]]:
    """Return windows without a gap, the last first: first and past-last positions.

    A stretch between gaps that is shorter than a window is one window.
    """
    steps = np.diff(time)
    gaps = np.flatnonzero(steps > GAP * float(np.median(steps))) + 1
    ends = [0, *gaps.tolist(), time.size]
    length = parameters.window / 60
    rounding = 1e-6 * length
    found: list[tuple[int, int]] = []
    for first, stop in zip(ends[-2::-1], ends[:0:-1], strict=True):
        whole = (first, stop)
        while stop - first >= parameters.least_points and len(found) < MOST_WINDOWS:
            begin = time[stop - 1] - length
            if begin < time[first] - rounding and (first, stop) != whole:
                break
            start = int(np.searchsorted(time, begin - rounding))
            start = max(min(start, stop - parameters.least_points), first)
            found.append((start, stop))
            stop -= max((stop - start) // 2, 1)
    return found


def describe_window(
    time: np.ndarray, efficiency: np.ndarray, start: int, stop: int
) -> Window:
    """Return mean and drift of a window, each with its standard error."""
    inside, values = time[start:stop], efficiency[start:stop]
    average = correlated_mean(values)
    slope, slope_error = correlated_slope(inside, values)
    # Relative to a mean of nothing every drift is infinite.
    scale = float(np.ptp(inside)) / max(abs(average.mean), 1e-12)
    return Window(
        start,
        stop,
        average.mean,
        average.standard_error,
        average.effective_points,
        slope * scale,
        slope_error * scale,
    )


def stable_result(
    time: np.ndarray, window: Window, last: Window, parameters: Parameters
) -> Result:
    """Return the mean of a stable window, with the doubts about it."""
    if window.mean <= 0:
        raise UnsuitableData(
            f"the mean of pce in the last stable window is {window.mean:.3g} %"
        )
    flags, notes = [], [window_note(time, window)]
    if window.independent < FEW_INDEPENDENT:
        flags.append("few_independent_points")
        notes.append(
            f"Its points are worth only {window.independent:.1f} independent ones: the"
            " standard error is itself uncertain."
        )
    if window is not last:
        flags.append("not_at_end")
        notes.append(
            f"The end of the track is not stable: over its last window pce changes by"
            f" {100 * last.drift:+.2g} ± {100 * last.drift_error:.2g} % of its mean."
        )
    estimate = Estimate(window.mean, window.error, flags=tuple(flags))
    return Result(
        (LabelledEstimate("jv.stabilised_pce", estimate),),
        details=describe(time, window, parameters),
        remarks=tuple(notes),
        drawings=draw(time, window, "averaged"),
    )


def unstable_result(
    time: np.ndarray, last: Window, tried: int, parameters: Parameters
) -> Result:
    """Return no value: a drifting track has no stabilised efficiency."""
    start, stop = time[last.start], time[last.stop - 1]
    remark = (
        f"Not stable: in none of {tried} windows is the drift known to be below"
        f" {parameters.largest_drift:g} %; in the last, from {start:.5g} to"
        f" {stop:.5g} h, pce changes by {100 * last.drift:+.2g} ±"
        f" {100 * last.drift_error:.2g} % of its mean. No value is given."
    )
    reason = (
        f"the drift is in no window known to be below {parameters.largest_drift:g} %"
    )
    return Result(
        details=describe(time, last, parameters),
        missing=(Missing("jv.stabilised_pce", "", reason),),
        remarks=(remark,),
        flags=(RaisedFlag("not_stable"),),
        drawings=draw(time, last, "last window"),
    )


def window_note(time: np.ndarray, window: Window) -> str:
    start, stop = time[window.start], time[window.stop - 1]
    return (
        f"The mean of {window.stop - window.start} points from {start:.5g} to"
        f" {stop:.5g} h ({60 * (stop - start):.3g} min), worth"
        f" {window.independent:.3g} independent ones; across it pce changes by"
        f" {100 * window.drift:+.2g} ± {100 * window.drift_error:.2g} % of its mean."
    )


def describe(
    time: np.ndarray, window: Window, parameters: Parameters
) -> tuple[Detail, ...]:
    """Return where the window lies and how far the track drifts in it."""
    drift = Number(100 * window.drift, 100 * window.drift_error)
    largest = parameters.largest_drift
    return (
        Detail("window", "Window", stretch(time, window), "h"),
        Detail("points", "Points", window.stop - window.start),
        Detail("independent_points", "Independent points", window.independent),
        Detail("drift", "Drift across the window", drift, "%"),
        Detail("largest_drift", "Largest drift that counts as stable", largest, "%"),
    )


def stretch(time: np.ndarray, window: Window) -> Interval:
    return Interval(float(time[window.start]), float(time[window.stop - 1]))


def draw(time: np.ndarray, window: Window, words: str) -> tuple[Drawing, ...]:
    """Return the track with the window marked."""
    first, last = time[window.start], time[window.stop - 1]
    mark = Mark(words, first, until=last)
    return (Drawing("track", "Track", "time", (Data(), Marks((mark,)))),)
