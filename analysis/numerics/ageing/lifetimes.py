"""When a track falls below part of its initial efficiency, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.numerics.ageing.degradation_models import DECISIVE, Decay
from analysis.numerics.ageing.track import Track
from analysis.numerics.ageing.track_curve import Curve, Level

RISE = 0.01
"""Part of the efficiency by which it must exceed the first value to have risen."""

RISE_ERRORS = 3.0
WIDE_STEP = 3.0
"""Typical steps between two samples above which a crossing is interval-censored."""

LEAST_SEEN = 3
"""Samples before a crossing below which nothing shows how it came about."""

FARTHEST = 20.0
"""Lengths of the test beyond which nothing is extrapolated."""

MEASURED, INTERPOLATED = "measured", "interpolated"
EXTRAPOLATED = "extrapolated"
RIGHT, LEFT, INTERVAL = "right_censored", "left_censored", "interval_censored"
OPEN_END = "upper_end_open"
EXTRAPOLATED_END = "upper_end_extrapolated"


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What counts as the initial efficiency.

    ``definition`` says it in words, ``window`` [h] where it was taken, ``rose``
    whether it is a later maximum.
    """

    level: Level
    time: float
    definition: str
    window: tuple[float, float]
    rose: bool = False


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A time [h] with its kind, standard error and 95 % interval.

    ``bound`` is ``>`` where the track ends first, ``<`` where it begins too late.
    """

    time: float
    kind: str
    error: float | None = None
    low: float | None = None
    high: float | None = None
    bound: str = "="
    flags: tuple[str, ...] = ()


def find_reference(
    curve: Curve, track: Track, stated: float | None = None
) -> Reference:
    """Return the initial efficiency: the first stable window, or a later maximum.

    Parameters
    ----------
    curve : Curve
    track : Track
    stated : float, optional
        Efficiency known from before the test [%]; used where the track begins below
        four fifths of it.

    Notes
    -----
    The value is that of the smoothed curve at the beginning of the first stable
    window, so that neither one sample decides nor a mean over the window hides how
    much was lost in it. A maximum counts only where it exceeds that value by three
    standard errors of the difference and by one per cent.
    """
    begin = float(track.time[0])
    last = float(track.time[min(4, track.time.size - 1)])
    first = curve.at(begin)
    if stated and first.value < 0.8 * stated:
        return Reference(
            Level(stated), 0.0, "stated efficiency from before the test", (0.0, 0.0)
        )
    if track.is_sparse:
        definition, window = "first point", (begin, begin)
    else:
        definition = "smoothed curve at the begin of the first stable window"
        window = (begin, last)
    gain, error = curve.margin(first, 1.0)
    top = int(np.argmax(curve.values))
    if gain[top] > max(RISE_ERRORS * error[top], RISE * abs(first.value)):
        at = float(curve.time[top])
        return Reference(curve.at(at), at, "maximum, after a rise", (at, at), rose=True)
    return Reference(first, begin, definition, window)


def find_crossing(
    curve: Curve, track: Track, reference: Reference, level: Level, fraction: float
) -> Lifetime:
    """Find when the curve falls below part of a level and stays there.

    Returns
    -------
    Lifetime
        Timed from t = 0. The interval ends where a band of 95 % around the curve,
        the uncertainty of the level included, leaves the threshold.

    Notes
    -----
    Inverting the band, after Fieller, gives an interval that widens towards where the
    curve flattens; where its upper end lies beyond the test, ``high`` is None and the
    flag says so. Between samples farther apart than three steps, before the third
    sample, and in series too sparse to smooth, the times of the samples on either
    side widen the interval and the crossing is interval-censored.
    """
    above, error = curve.margin(level, fraction)
    time = curve.time
    after = time >= reference.time
    below = above < 0
    if below[after].all():
        return Lifetime(
            float(time[after][0]), LEFT, low=0.0, high=float(time[after][0]), bound="<"
        )
    low_edge = above - curve.factor * error
    if not below[-1]:
        sure = np.flatnonzero((low_edge > 0) & after)
        earliest = float(time[sure[-1]]) if sure.size else 0.0
        is_sure = sure.size and sure[-1] == time.size - 1
        return Lifetime(track.end, RIGHT, low=None if is_sure else earliest, bound=">")
    last = int(np.flatnonzero(~below & after)[-1])
    crossing = _zero(time, above, last)
    sure = np.flatnonzero((low_edge[: last + 1] > 0) & after[: last + 1])
    low = _zero(time, low_edge, int(sure[-1])) if sure.size else float(time[after][0])
    high_edge = above + curve.factor * error
    over = last + 1 + np.flatnonzero(high_edge[last + 1 :] < 0)
    high = _zero(time, high_edge, int(over[0]) - 1) if over.size else None
    spread = float(np.interp(crossing, time, error))
    steepness = _slope(time, above, crossing, max(crossing - low, 0.0))
    one_error = spread / steepness if steepness > 0 else None
    high_known = high is not None
    earlier, later = _neighbours(track, crossing)
    kind, jumps = INTERPOLATED, curve.spline is None and curve.decay is None
    seen = int(np.searchsorted(track.time, crossing))
    is_wide = later - earlier > WIDE_STEP * track.step
    if is_wide or seen < LEAST_SEEN or track.is_sparse:
        kind = INTERVAL
    elif one_error is not None and later - earlier <= one_error:
        kind = MEASURED
    if kind == INTERVAL or jumps:
        # Between the two samples nothing is known: any time is as likely.
        low, high = min(low, earlier), max(high or later, later)
        one_error = float(np.hypot(one_error or 0.0, (later - earlier) / np.sqrt(12)))
    return Lifetime(
        crossing,
        kind,
        one_error,
        low,
        high if high_known else None,
        flags=() if high_known else (OPEN_END,),
    )


def between_samples(lifetime: Lifetime, track: Track) -> Lifetime:
    """Take the samples on either side for the interval of a crossing.

    Of a handful of points nobody can tell scatter from decay: what is known is that
    one sample lies above and that those from the next one on lie below.
    """
    if lifetime.bound == ">":
        return replace(lifetime, low=None)
    if lifetime.bound == "<":
        return lifetime
    before, after = _neighbours(track, lifetime.time)
    return replace(
        lifetime, kind=INTERVAL, error=None, low=before, high=after, flags=()
    )


def _neighbours(track: Track, time: float) -> tuple[float, float]:
    """Return the times of the samples before and after."""
    place = int(np.clip(np.searchsorted(track.time, time), 1, track.time.size - 1))
    return float(track.time[place - 1]), float(track.time[place])


def _zero(time: np.ndarray, values: np.ndarray, at: int) -> float:
    """Return where values pass zero between ``at`` and the next point."""
    first, second = values[at], values[at + 1]
    if first == second:
        return float(time[at])
    share = np.clip(first / (first - second), 0.0, 1.0)
    return float(time[at] + share * (time[at + 1] - time[at]))


def _slope(time: np.ndarray, values: np.ndarray, at: float, reach: float) -> float:
    """Return how steeply values fall around a time, over a reach to either side."""
    near = int(np.searchsorted(time, at))
    low = min(at - reach, float(time[max(near - 1, 0)]))
    high = max(at + reach, float(time[min(near, time.size - 1)]))
    low, high = max(low, float(time[0])), min(high, float(time[-1]))
    fall = np.interp(low, time, values) - np.interp(high, time, values)
    return float(fall / (high - low)) if high > low else 0.0


def extrapolate(
    decay: Decay, reference: Reference, fraction: float, end: float, factor: float
) -> Lifetime | None:
    """Return when a model falls below part of the initial efficiency after the test.

    Parameters
    ----------
    decay : Decay
    reference : Reference
    fraction : float
    end : float
        Of the test. [h]
    factor : float
        Standard errors to either end of a 95 % interval.

    Returns
    -------
    Lifetime or None
        None where the model does not get there within `FARTHEST` lengths of the test.
    """
    level = reference.level
    time = end * np.linspace(1.0, FARTHEST, 4000)
    slopes = decay.derivatives(time)
    variance = np.einsum("ik,ij,jk->k", slopes, decay.covariance, slopes)
    error = np.sqrt(variance + fraction**2 * level.variance)
    above = decay.evaluate(time) - fraction * level.value
    under = np.flatnonzero(above < 0)
    if not under.size:
        return None
    at = max(int(under[0]) - 1, 0)
    crossing = _zero(time, above, at)
    down = np.flatnonzero(above - factor * error < 0)
    low = _zero(time, above - factor * error, max(int(down[0]) - 1, 0))
    up = np.flatnonzero(above + factor * error < 0)
    high = (
        _zero(time, above + factor * error, max(int(up[0]) - 1, 0)) if up.size else None
    )
    steep = _slope(time, above, crossing, 0.0)
    return Lifetime(
        crossing,
        EXTRAPOLATED,
        float(np.interp(crossing, time, error)) / steep if steep > 0 else None,
        max(low, end),
        high,
        flags=() if high is not None else (OPEN_END,),
    )


def extrapolate_among(
    fitted: dict[str, Decay],
    reference: Reference,
    fraction: float,
    end: float,
    factor: float,
) -> tuple[Lifetime | None, dict[str, Lifetime | None]]:
    """Extrapolate the best model, with an interval over all that may be right.

    Returns
    -------
    lifetime : Lifetime or None
    by_model : dict of str to Lifetime or None
        Of every model whose BIC is within `DECISIVE` of the lowest.
    """
    lowest = min(one.bic for one in fitted.values())
    rivals = {
        key: extrapolate(one, reference, fraction, end, factor)
        for key, one in fitted.items()
        if one.bic <= lowest + DECISIVE
    }
    best = rivals[min(rivals, key=lambda key: fitted[key].bic)]
    if best is None:
        return None, rivals
    told = [one for one in rivals.values() if one is not None]
    low = min(one.low for one in told if one.low is not None)
    highs = [one.high for one in told if one.high is not None]
    is_open = len(highs) < len(rivals)
    high = None if is_open else max(highs)
    return (
        Lifetime(
            best.time,
            EXTRAPOLATED,
            best.error,
            low,
            high,
            flags=(OPEN_END,) if is_open else (),
        ),
        rivals,
    )


def close_interval(
    lifetime: Lifetime,
    decay: Decay | None,
    reference: Reference,
    fraction: float,
    end: float,
    factor: float,
) -> Lifetime:
    """Extrapolate an upper end that lies beyond the test, and say so.

    What no model reaches stays open.
    """
    if lifetime.bound != "=" or lifetime.high is not None or decay is None:
        return lifetime
    beyond = extrapolate(decay, reference, fraction, end, factor)
    if beyond is None or beyond.high is None:
        return lifetime
    high = max(beyond.high, end)
    return replace(lifetime, high=high, flags=(EXTRAPOLATED_END,))
