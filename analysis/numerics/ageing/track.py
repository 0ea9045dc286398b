"""An efficiency track made fit for analysis: drop-outs out, gaps known, noise known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

FINE_POINTS = 4000
"""A track with more points is first looked at in blocks of about half as many."""

GROUPS = 300
"""Most points left for smoothing and model fits, evenly spread over log(1 + t/t0)."""

FINEST = 5000
"""t0 is the sampling step, or this part of the test where the step is shorter."""

SPARSE = 20
"""A series of fewer points is not smoothed; each point stands for itself."""

WINDOW = 7
"""Samples, or blocks, of the running median that drop-outs are told by."""

OUTLYING = 6.0
"""Standard deviations from the running median that no noise reaches."""

LEAST_DEVIATION = 0.1
"""Part of the level below which a deviation is never called a drop-out or a spike."""

LAMP_OFF = 0.2
"""Part of the track's level that a lamp drop-out stays below."""

GAP = 1.5
"""Typical steps above which an interval between samples is a gap."""

STABLE_SAMPLES = 5
"""Samples in succession that agree before the track counts as begun."""

UNSETTLED = 0.8
"""A first sample below this part of the five that follow is start-up of the tracker."""

IMPOSSIBLE = 1000.0
"""An efficiency above this is a fault of the writer, however many there are. [%]"""

OVERSHOOT = 1.5
"""A first sample above so many times those that follow is no state of the cell."""

LIVES = 0.3
"""Part of the first sample below which what follows shows that the cell died."""


class NoTrack(Exception):
    """There is nothing to analyse; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What is left of a track, and what was found in it.

    Attributes
    ----------
    time, values : ndarray, shape (n,)
        The samples kept. [h, %]
    step : float
        Median interval between samples. [h]
    end : float
        Time of the last sample, kept or not. [h]
    gaps : ndarray, shape (g, 2)
        Begin and end of the intervals longer than `GAP` steps. [h]
    negative, dropouts, spikes, unsettled : int
        Samples left out, by reason.
    low : ndarray, shape (d, 2)
        First and last sample of each stretch of drop-outs. [h]
    """

    time: np.ndarray
    values: np.ndarray
    step: float
    end: float
    gaps: np.ndarray
    negative: int = 0
    dropouts: int = 0
    spikes: int = 0
    unsettled: int = 0
    low: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))

    @property
    def is_sparse(self) -> bool:
        return self.time.size < SPARSE

    @property
    def left_out(self) -> int:
        return self.negative + self.dropouts + self.spikes + self.unsettled


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Means of neighbouring samples; early ones alone, late ones many together.

    Attributes
    ----------
    time, values : ndarray, shape (m,)
        Means over the samples of each group. [h, %]
    counts : ndarray, shape (m,)
        Samples in each.
    origin : float
        The time t0 of the scale log(1 + t/t0) they are spread over. [h]
    span : float
        Time of the last sample. [h]
    """

    time: np.ndarray
    values: np.ndarray
    counts: np.ndarray
    origin: float
    span: float


def clean(
    time: np.ndarray, values: np.ndarray, irradiance: np.ndarray | None = None
) -> Track:
    """Leave out what is no state of the cell, and count it.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Never falling. [h]
    values : ndarray, shape (n,)
        Finite. [%]
    irradiance : ndarray, shape (n,), optional
        Where known, samples in less than half of the usual light are lamp drop-outs;
        NaN is unknown.

    Returns
    -------
    Track

    Raises
    ------
    NoTrack
        If time runs backwards or nothing positive is left.

    Notes
    -----
    Left out are negative samples and impossibly high ones; low stretches of any
    length after which the track recovers; single samples far off the running median;
    and, at the beginning, low samples before the tracker settled. A track that falls
    and never recovers keeps its end: that is a dead cell and no drop-out. In a series
    of fewer than `SPARSE` points nothing but the first two is left out, because no
    neighbour can tell.
    """
    steps = np.diff(time)
    if steps.size and steps.min() < 0:
        at = int(np.argmin(steps))
        raise NoTrack(
            f"time runs backwards, from {time[at]:.6g} to {time[at + 1]:.6g} h"
            f" (point {at + 2})"
        )
    positive = values >= 0
    negative = int(values.size - np.count_nonzero(positive))
    if negative == values.size:
        raise NoTrack(
            f"all {negative} efficiencies are negative, {values.min():.4g} to"
            f" {values.max():.4g} %: the sign of the current may be reversed"
        )
    if values.max() <= 0:
        raise NoTrack(f"the efficiency is zero at all {values.size} points")
    step = _typical_step(steps)
    is_long = (steps > GAP * step) & (values.size >= SPARSE)
    long = np.flatnonzero(is_long)
    gaps = np.column_stack([time[:-1][long], time[1:][long]])
    end = float(time[-1])
    possible = positive & (values <= IMPOSSIBLE)
    impossible = values.size - negative - int(np.count_nonzero(possible))
    if negative + impossible == values.size:
        raise NoTrack(
            f"no efficiency lies between 0 and {IMPOSSIBLE:g} %; the highest is"
            f" {values.max():.4g} %"
        )
    if negative or impossible:
        time, values = time[possible], values[possible]
        irradiance = None if irradiance is None else irradiance[possible]
    if values.size < SPARSE:
        return Track(time, values, step, end, gaps, negative, spikes=impossible)
    keep, high = _without_outliers(values)
    if irradiance is not None:
        keep &= ~_in_the_dark(irradiance)
    keep = _without_low_stretches(values, keep)
    left_out = values.size - int(np.count_nonzero(keep))
    spikes, low = int(np.count_nonzero(high & ~keep)), np.empty((0, 2))
    if left_out:
        low = _stretches(time, ~keep & ~high)
        time, values = time[keep], values[keep]
    begun = _settled_from(values)
    return Track(
        time[begun:],
        values[begun:],
        step,
        end,
        gaps,
        negative,
        left_out - spikes,
        spikes + impossible,
        begun,
        low,
    )


def _in_the_dark(irradiance: np.ndarray) -> np.ndarray:
    """Return which samples have less than half of the light there is when it is on."""
    sampled = irradiance[:: max(1, irradiance.size // FINE_POINTS)]
    sampled = sampled[np.isfinite(sampled)]
    if not sampled.size:
        return np.zeros(irradiance.size, dtype=bool)
    return irradiance < 0.5 * np.quantile(sampled, 0.9)


def _typical_step(steps: np.ndarray) -> float:
    """Median of the intervals; of a long track a thousand of them are enough."""
    sampled = steps[:: max(1, steps.size // 1000)]
    sampled = sampled[sampled > 0]
    return float(np.median(sampled)) if sampled.size else 0.0


def running_median(values: np.ndarray) -> np.ndarray:
    """Median over up to `WINDOW` neighbours, fewer towards the ends."""
    half = WINDOW // 2
    windows = np.lib.stride_tricks.sliding_window_view(values, WINDOW)
    smooth = values.copy()
    smooth[half:-half] = np.partition(windows, half, axis=1)[:, half]
    for at in range(1, half):
        smooth[at] = np.median(values[: 2 * at + 1])
        smooth[-1 - at] = np.median(values[-2 * at - 1 :])
    return smooth


def _stretches(time: np.ndarray, marked: np.ndarray) -> np.ndarray:
    """Return first and last time of each run of marked samples."""
    edges = np.diff(np.concatenate([[0], marked.astype(np.int8), [0]]))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return np.column_stack([time[first], time[last]])


def _without_outliers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which samples are near the running median, and which far above it."""
    size = values.size // (FINE_POINTS // 2) if values.size > FINE_POINTS else 1
    whole = values.size // size * size
    blocks = values[:whole].reshape(-1, size)
    if size > 1:
        blocks = np.partition(blocks, size // 2, axis=1)[:, size // 2]
    level = running_median(np.ravel(blocks))
    level = np.append(np.repeat(level, size), np.full(values.size - whole, level[-1]))
    deviation = values - level
    sampled = np.abs(deviation[:: max(1, values.size // FINE_POINTS)])
    spread = 1.4826 * float(np.median(sampled))
    most = np.maximum(OUTLYING * spread, LEAST_DEVIATION * level)
    high = deviation > most
    return ~(high | (deviation < -most)), high


def _without_low_stretches(values: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Leave out low stretches that end; three samples in a row show that they do."""
    good = values[keep]
    if not good.size:
        return keep
    sampled = good[:: max(1, good.size // FINE_POINTS)]
    low = good < LAMP_OFF * np.quantile(sampled, 0.9)
    if not low.any():
        return keep
    high = ~low
    recovered = np.flatnonzero(high[2:] & high[1:-1] & high[:-2])
    ends = int(recovered[-1]) if recovered.size else 0
    keep = keep.copy()
    places = np.flatnonzero(keep)
    keep[places[:ends][low[:ends]]] = False
    return keep


def _settled_from(values: np.ndarray) -> int:
    """Return how many samples at the beginning are start-up, at most a twentieth.

    Notes
    -----
    A high first sample is left out only where the cell lives on: one that is dead
    from the second sample on has no other initial value.
    """
    for at in range(max(1, values.size // 20)):
        following = values[at + 1 : at + 1 + STABLE_SAMPLES]
        level = float(np.median(following))
        overshoot = (
            values[at] > OVERSHOOT * following.max() and level > LIVES * values[at]
        )
        if values[at] >= UNSETTLED * level and not overshoot:
            return at
    return 0


def group(track: Track) -> Groups:
    """Average neighbouring samples until at most `GROUPS` are left.

    Notes
    -----
    The groups have equal widths in log(1 + t/t0). A burn-in of hours at the beginning
    of months keeps its resolution, and over the width of a group no decay departs
    from a straight line, on which a mean still lies.
    """
    time, values = track.time, track.values
    span = float(time[-1]) if time[-1] > 0 else 1.0
    origin = max(track.step, span / FINEST)
    if time.size <= GROUPS:
        return Groups(time, values, np.ones(time.size), origin, span)
    edges = origin * np.expm1(
        np.linspace(0, np.log1p((span - time[0]) / origin), GROUPS + 1)
    )
    starts = np.unique(np.searchsorted(time, time[0] + edges[:-1], side="left"))
    starts = starts[starts < time.size]
    if starts.size < SPARSE:
        # Nearly all of the time is one gap.
        starts = np.arange(GROUPS) * time.size // GROUPS
    counts = np.diff(np.append(starts, time.size)).astype(float)
    return Groups(
        np.add.reduceat(time, starts) / counts,
        np.add.reduceat(values, starts) / counts,
        counts,
        origin,
        span,
    )
