"""What a study of an ageing track gives: estimates, curves, words, diagnostics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.contract.quantities import quantities
from analysis.numerics.ageing import lifetimes
from analysis.numerics.ageing.degradation_models import Decay
from analysis.numerics.ageing.lifetimes import Lifetime, Reference
from analysis.numerics.ageing.track import Groups, Track
from analysis.numerics.ageing.track_curve import Curve
from labdata.common.measures.numbers import format_measured
from labdata.plugin import (
    Band,
    Candidate,
    Column,
    Comparison,
    Data,
    Dataset,
    Definition,
    Detail,
    Drawing,
    Estimate,
    Fit,
    Flag,
    Interval,
    LabelledEstimate,
    Layer,
    LeftOut,
    Line,
    Mark,
    Marks,
    Parameter,
    Result,
    Statistic,
    Table,
    rows_of,
)
from measurements.tracks.flags import COLUMNS_CONTRADICT

KNOWN_NOISE = 6
"""Points below which nothing tells the noise, and no error is given."""

MARKED = tuple(
    f"stability.{name}" for name in ("t95", "t80", "ts80", "te80", "burn_in_time")
)
"""Quantities that are times of the test."""

FLAGS = (
    COLUMNS_CONTRADICT,
    Flag(
        lifetimes.MEASURED,
        "measured",
        "The track holds a point at this time.",
        severity="note",
    ),
    Flag(
        lifetimes.INTERPOLATED,
        "interpolated",
        "The number lies between measured points, on the smoothed track.",
        severity="note",
    ),
    Flag(
        lifetimes.EXTRAPOLATED,
        "extrapolated",
        "The number lies beyond the data, by a model or a line.",
        severity="note",
    ),
    Flag(
        lifetimes.RIGHT,
        "not reached",
        "The test ended before this happened: a lower bound.",
        severity="note",
    ),
    Flag(
        lifetimes.LEFT,
        "before the first point",
        "It had happened by the first point: an upper bound.",
        severity="note",
    ),
    Flag(
        lifetimes.INTERVAL,
        "within an interval",
        "It happened between two points far apart, or in a gap.",
        severity="note",
    ),
    Flag(
        lifetimes.OPEN_END,
        "upper end open",
        "The test is too short to tell the upper end of the interval.",
    ),
    Flag(
        lifetimes.EXTRAPOLATED_END,
        "upper end extrapolated",
        "The upper end of the interval lies beyond the test, on the fitted model.",
    ),
)

MOST_INTERVALS = 100
"""Gaps and drop-outs listed one by one, the longest of them."""


@dataclass(slots=True)
class Study:
    """One track with what was found so far."""

    track: Track
    groups: Groups
    curve: Curve
    reference: Reference
    fitted: dict[str, Decay]
    refused: dict[str, str]
    best: Decay | None
    doubts: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    found: list[LabelledEstimate] = field(default_factory=list)

    @property
    def has_noise(self) -> bool:
        return self.track.time.size >= KNOWN_NOISE

    def add(
        self,
        name: str,
        value: float,
        error: float | None = None,
        *,
        interval: tuple[float | None, float | None] | None = None,
        bound: str = "=",
        kind: str = "",
        flags: tuple[str, ...] = (),
        label: str = "",
    ) -> None:
        """Keep an estimate; without an interval, 95 % from the standard error."""
        if not self.has_noise:
            error = None
        if interval is None and error is not None:
            half = self.curve.factor * error
            interval = (value - half, value + half)
        low, high = interval or (None, None)
        doubts = () if name == "test_time" else self.doubts
        self.found.append(
            LabelledEstimate(
                f"stability.{name}",
                Estimate(
                    value,
                    error,
                    low,
                    high,
                    bound,
                    (*((kind,) if kind else ()), *flags, *doubts),
                ),
                label,
                default=label == "end",
            )
        )

    def add_lifetime(self, name: str, lifetime: Lifetime) -> None:
        self.add(
            name,
            lifetime.time,
            lifetime.error,
            interval=(lifetime.low, lifetime.high),
            bound=lifetime.bound,
            kind=lifetime.kind,
            flags=lifetime.flags,
        )


def tell_of_track(study: Study) -> None:
    """Say in sentences what was left out, where nothing was measured, what rose."""
    track, notes, level = study.track, study.notes, study.reference.level
    notes.insert(
        0,
        "Initial efficiency"
        f" {format_measured(level.value, float(np.sqrt(level.variance)), unit='%')}:"
        f" {study.reference.definition}.",
    )
    if track.negative:
        notes.append(f"{track.negative} negative efficiencies were left out.")
    if track.dropouts:
        notes.append(
            f"{track.dropouts} samples in {len(track.low)} drop-outs, after which the"
            " track recovers, were left out."
        )
    if track.spikes:
        told = "1 spike" if track.spikes == 1 else f"{track.spikes} spikes"
        notes.append(f"Left out: {told} above the track.")
    if track.unsettled:
        notes.append(
            f"The first {track.unsettled} samples, before the tracker settled, were"
            " left out."
        )
    if len(track.gaps):
        longest = float(np.diff(track.gaps, axis=1).max())
        one = len(track.gaps) == 1
        told = "1 interval is" if one else f"{len(track.gaps)} intervals are"
        notes.append(
            f"{told} longer than 1.5 times the usual"
            f" {in_words(track.step)}, the longest {in_words(longest)}."
        )
    if study.reference.rose:
        notes.append(
            f"The efficiency first rises: the reference is its maximum,"
            f" {study.reference.level.value:.4g} % at {study.reference.time:.4g} h."
        )
    if not study.has_noise:
        notes.append(
            f"{track.time.size} points do not tell the noise: no errors are given, and"
            " a lifetime lies between the samples above and below."
        )
    notes.append(f"Smoothing: {study.curve.smoothing}.")


def in_words(hours: float) -> str:
    if hours < 1 / 60:
        return f"{3600 * hours:.3g} s"
    return f"{60 * hours:.3g} min" if hours < 2 else f"{hours:.4g} h"


def fitted_curves(study: Study) -> Dataset:
    """Return the smoothed curve with its band and the best model over time."""
    curve = study.curve
    half = curve.factor * np.sqrt(curve.variance)
    channels: dict[str, Any] = {
        "smoothed": ("%", curve.values, "Smoothed efficiency"),
        "low": ("%", curve.values - half, "Lower end of 95 %"),
        "high": ("%", curve.values + half, "Upper end of 95 %"),
    }
    if study.best is not None:
        name = f"{study.best.form.key.capitalize()} model"
        channels["model"] = ("%", study.best.evaluate(curve.time), name)
    return Dataset.curve(("time", "h", curve.time, "Time"), **channels)


def left_out(track: Track) -> tuple[LeftOut, ...]:
    """Return how many samples took no part, and why."""
    reasons = (
        (track.negative, "negative efficiency"),
        (track.dropouts, "drop-out after which the track recovers"),
        (track.spikes, "spike above the track"),
        (track.unsettled, "before the tracker settled"),
    )
    return tuple(LeftOut(int(count), words) for count, words in reasons if count)


def describe_fits(study: Study) -> tuple[Fit, ...]:
    """Return the smoothing, and the model that describes the track best."""
    track, curve = study.track, study.curve
    window = Interval(float(track.time[0]), float(track.time[-1]))
    smoothing = Fit(
        "smoothing",
        "Smoothed track",
        model=curve.smoothing,
        statistics=(
            Statistic("noise", "Noise of a sample [%]", float(curve.noise)),
            Statistic(
                "inefficiency",
                "Samples worth an independent one",
                float(curve.inefficiency),
            ),
            Statistic("groups", "Groups of samples", study.groups.time.size),
            Statistic("factor", "Standard errors to 95 %", float(curve.factor)),
        ),
        points=track.time.size,
        axis="time",
        unit="h",
        window=window,
        left_out=left_out(track),
    )
    if study.best is None:
        return (smoothing,)
    best = study.best
    model = Fit(
        "model",
        f"{best.form.key.capitalize()} model",
        about=best.form.key,
        model=f"{best.form.formula}, rates per length of the test",
        statistics=(
            Statistic("bic", "BIC", float(best.bic), "lower"),
            Statistic("chi_square", "χ²", float(best.chi_square)),
        ),
        parameters=tuple(
            Parameter(name, float(value), float(error))
            for name, value, error in zip(
                best.form.names,
                best.parameters,
                np.sqrt(np.diagonal(best.covariance)),
                strict=True,
            )
        ),
        covariance=rows_of(best.covariance),
        points=study.groups.time.size,
        axis="time",
        unit="h",
        window=window,
    )
    return smoothing, model


def projection_of(result: Result) -> dict[str, Any]:
    """Return what `degradation_models.project` needs to look ahead of a result."""
    model, start = result.fit("model"), result["stability.initial_pce"]
    return {
        "name": model.about,
        "parameters": [one.value for one in model.parameters],
        "covariance": [list(row) for row in model.covariance or ()],
        "span_h": result.detail("span"),
        "reference_pce": start.value,
        "reference_uncertainty": start.uncertainty or 0.0,
    }


def describe_track(study: Study) -> tuple[Detail, ...]:
    """Return what of the track was used, and where its reference was taken."""
    track, reference = study.track, study.reference
    told = [
        Detail("used", "Samples used", track.time.size),
        Detail("step", "Usual interval between samples", float(track.step), "h"),
        Detail("gaps", "Longer intervals", len(track.gaps)),
        Detail("last_time", "Last sample", float(track.time[-1]), "h"),
        Detail("reference_time", "Time of the reference", float(reference.time), "h"),
        Detail(
            "reference_window",
            "Window of the reference",
            Interval(*map(float, reference.window)),
            "h",
        ),
    ]
    if study.best is not None:
        span = float(study.best.span)
        told.append(Detail("span", "Length of the test", span, "h"))
    return tuple(told)


def define(study: Study) -> tuple[Definition, ...]:
    """Return how the numbers are defined; those of all lifetimes are of none alone."""
    return tuple(
        Definition(
            name.replace("_", " "),
            words,
            "" if name == "lifetimes" else f"stability.{name}",
        )
        for name, words in study.definitions.items()
    )


def longest(intervals: np.ndarray) -> np.ndarray:
    """Return the longest intervals, the longest first."""
    lengths = np.diff(intervals, axis=1).ravel()
    return intervals[np.argsort(-lengths, kind="stable")[:MOST_INTERVALS]]


def interval_tables(study: Study) -> tuple[Table, ...]:
    """Return where nothing, or nothing useful, was measured."""
    columns = (
        Column("from", "From", "h"),
        Column("to", "To", "h"),
        Column("length", "Length", "h"),
    )
    kinds = (
        ("gaps", "Longer intervals", study.track.gaps),
        ("dropouts", "Drop-outs", study.track.low),
    )
    return tuple(
        Table(
            key,
            title,
            columns,
            tuple(
                (float(first), float(last), float(last - first))
                for first, last in longest(intervals)
            ),
            total=len(intervals),
        )
        for key, title, intervals in kinds
        if len(intervals)
    )


def compare_models(study: Study) -> Comparison:
    """Return every model with its parameters and BIC, the best first."""
    tried = sorted(study.fitted.values(), key=lambda one: one.bic)
    fitted = [
        Candidate(
            one.form.key.replace("_", " "),
            float(one.bic),
            one.form.formula,
            one.named_parameters(),
            chosen=one is study.best,
        )
        for one in tried
    ]
    refused = [
        Candidate(key.replace("_", " "), refused=why)
        for key, why in study.refused.items()
    ]
    return Comparison(
        "models", "Models compared", "BIC", (*fitted, *refused), rule="the lowest BIC"
    )


def draw(study: Study) -> tuple[Drawing, ...]:
    """Return the track with its smoothed curve, the model, lifetimes and gaps."""
    layers: list[Layer] = [
        Data(),
        Band("fit", "low", "high", "95 %"),
        Line("fit", "smoothed"),
        *([Line("fit", "model")] if study.best is not None else []),
    ]
    marks = [
        Mark(quantities[item.quantity].symbol, item.estimate.value)
        for item in study.found
        if item.quantity in MARKED and item.estimate.bound in ("=", "~")
    ]
    marks += [
        Mark(words, float(first), until=float(last))
        for words, intervals in (
            ("gap", study.track.gaps),
            ("drop-out", study.track.low),
        )
        for first, last in sorted(longest(intervals).tolist())
    ]
    if marks:
        layers.append(Marks(tuple(marks)))
    return (Drawing("track", "Data and results", "time", tuple(layers)),)
