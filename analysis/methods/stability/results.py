"""What a study of an ageing track gives: estimates, curves, words, diagnostics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.contract.result import Estimate, LabelledEstimate
from analysis.numerics.ageing import degradation_models
from analysis.numerics.ageing.degradation_models import Decay
from analysis.numerics.ageing.lifetimes import Lifetime, Reference
from analysis.numerics.ageing.track import Groups, Track
from analysis.numerics.ageing.track_curve import Curve
from measurements.arrays.dataset import Dataset

KNOWN_NOISE = 6
"""Points below which nothing tells the noise, and no error is given."""

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
    kinds: dict[str, str] = field(default_factory=dict)
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
        if kind:
            self.kinds[f"{name}[{label}]" if label else name] = kind
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
    track, notes = study.track, study.notes
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


def diagnose(study: Study) -> dict[str, Any]:
    """Return how the numbers were found, and what a projection needs."""
    track, curve, reference = study.track, study.curve, study.reference
    spread = float(np.sqrt(reference.level.variance))
    last = float(track.time[-1])
    told: dict[str, Any] = {
        "kinds": study.kinds,
        "definitions": study.definitions,
        "smoothing": {
            "method": curve.smoothing,
            "noise_of_a_sample": curve.noise,
            "inefficiency": curve.inefficiency,
            "standard_errors_to_95": curve.factor,
            "groups": study.groups.time.size,
        },
        "reference": {
            "definition": reference.definition,
            "value": reference.level.value,
            "uncertainty": spread,
            "window_h": list(reference.window),
            "time_h": reference.time,
        },
        "samples": {
            "used": track.time.size,
            "negative": track.negative,
            "dropouts": track.dropouts,
            "spikes": track.spikes,
            "unsettled": track.unsettled,
            "step_h": track.step,
            "gaps": len(track.gaps),
        },
        "gaps": longest(track.gaps),
        "dropouts": longest(track.low),
        "models": model_table(study),
        "last_time_h": last,
        "retention_now": 100 * curve.ratio(reference.level, last)[0],
    }
    if study.best is not None:
        told["model"] = f"{study.best.form.key}: {study.best.form.formula}"
        told["bic"] = study.best.bic
        told["projection"] = degradation_models.summarise(
            study.best, reference.level.value, spread
        )
    return told


def longest(intervals: np.ndarray) -> list[list[float]]:
    """Return the longest intervals in the order of time."""
    lengths = np.diff(intervals, axis=1).ravel()
    kept = np.sort(np.argsort(-lengths, kind="stable")[:MOST_INTERVALS])
    return intervals[kept].tolist()


def model_table(study: Study) -> list[dict[str, Any]]:
    """Return every model with its parameters and BIC, the best first."""
    if study.best is None:
        return [{"model": key, "refused": why} for key, why in study.refused.items()]
    rows = [one.to_json(study.best.bic) for one in study.fitted.values()]
    rows.sort(key=lambda row: row["bic"])
    rows[0]["chosen"] = True
    rows += [{"model": key, "refused": why} for key, why in study.refused.items()]
    return rows
