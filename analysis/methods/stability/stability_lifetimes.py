"""Lifetimes, burn-in, degradation rate and retention of an ageing cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.methods.stability.results import (
    FLAGS,
    KNOWN_NOISE,
    Study,
    compare_models,
    define,
    describe_fits,
    describe_track,
    draw,
    fitted_curves,
    interval_tables,
    tell_of_track,
)
from analysis.numerics.ageing import degradation_models, lifetimes, track_curve
from analysis.numerics.ageing.degradation_models import BurnIn, Decay
from analysis.numerics.ageing.energy_yield import integrate_energy
from analysis.numerics.ageing.lifetimes import Lifetime, Reference
from analysis.numerics.ageing.track import NoTrack, Track, clean, group
from analysis.numerics.ageing.track_curve import Level
from labdata.plugin import (
    Dataset,
    Progress,
    Result,
    UnsuitableData,
    analysis,
    finite_curve,
    parameter,
)
from measurements.tracks.flags import COLUMNS_CONTRADICT

LEAST_POINTS = 2
THOUSAND = 1000.0


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which retentions are asked for, and what the post-burn-in reference is."""

    retention_at: tuple[float, ...] = parameter(
        (100.0, 500.0, 1000.0),
        label="Retention at",
        unit="h",
        help="Times since the start; those within the test are given.",
    )
    post_burn_in: Literal["biexponential", "linear"] = parameter(
        "biexponential",
        label="Post-burn-in fit",
        help="Extrapolated back to t = 0 it is the reference of Ts80.",
    )
    burn_in_end: float | None = parameter(
        None,
        label="End of burn-in",
        unit="h",
        help="Where the linear post-burn-in fit begins; otherwise found.",
        minimum=0.0,
    )
    initial_pce: float | None = parameter(
        None,
        label="Efficiency before the test",
        unit="%",
        help="Used where the track begins below four fifths of it.",
        minimum=0.0,
    )

    def problems(self) -> dict[str, list[str]]:
        """Say what is wrong between fields."""
        if any(hours <= 0 for hours in self.retention_at):
            return {"retention_at": ["Times must be above 0 h."]}
        return {}


@analysis(
    key="stability_lifetimes",
    version=1,
    label="Lifetimes and degradation",
    techniques=["mpp_tracking", "ageing"],
    parameters=Parameters,
    outputs=[
        f"stability.{name}"
        for name in (
            *("t80", "t95", "ts80", "te80", "eta1000", "degradation_rate"),
            *("initial_pce", "burn_in_time", "burn_in_loss", "energy_yield"),
            *("test_time", "retention"),
        )
    ],
    default_for=["mpp_tracking", "ageing"],
    gathers="dataset",
    conditions=["initial_pce", "intensity"],
    channels=["pce"],
    flags=FLAGS,
)
def run(dataset: Dataset, parameters: Parameters, progress: Progress) -> Result:
    """Find when efficiency falls below 95 and 80 % for good, with what it rests on."""
    progress(0.1, "cleaning the track")
    study = begin(dataset, parameters)
    progress(0.6, "looking for the lifetimes")
    reference = study.reference
    spread = float(np.sqrt(reference.level.variance))
    study.add("initial_pce", reference.level.value, spread)
    study.add("test_time", study.track.end)
    t80 = add_crossings(study)
    add_burn_in(study, parameters)
    add_extrapolation(study, t80)
    add_retention(study, parameters)
    energy = integrate_energy(dataset, is_sparse=study.track.is_sparse)
    if energy is not None:
        study.add("energy_yield", energy.value, interval=(energy.low, energy.high))
        study.definitions["energy_yield"] = energy.definition
    tell_of_track(study)
    return Result(
        tuple(study.found),
        {"fit": fitted_curves(study)},
        fits=describe_fits(study),
        comparisons=(compare_models(study),),
        tables=interval_tables(study),
        details=describe_track(study),
        definitions=define(study),
        remarks=tuple(study.notes),
        drawings=draw(study),
        intervals="95 %",
    )


def begin(dataset: Dataset, parameters: Parameters) -> Study:
    """Clean, smooth and fit the track, and find its initial efficiency.

    Raises
    ------
    UnsuitableData
        If nothing can be told from the track, and why.
    """
    time, efficiency = finite_curve(dataset, "pce")
    if time.size < LEAST_POINTS:
        raise UnsuitableData(
            f"pce has {time.size} point; a change needs at least {LEAST_POINTS}"
        )
    names = [one.name for one in dataset.channels]
    light = dataset["irradiance"] if "irradiance" in names else None
    try:
        track = clean(time, efficiency, light)
    except NoTrack as error:
        raise UnsuitableData(f"pce: {error}") from error
    if track.time.size < LEAST_POINTS:
        raise UnsuitableData(
            f"only {track.time.size} of {time.size} points of pce are left without"
            " negative values and drop-outs"
        )
    groups = group(track)
    curve = track_curve.smooth(track, groups)
    weights = groups.counts if curve.spline is None else curve.spline.weights
    fitted, refused = degradation_models.fit_models(
        groups.time, groups.values, weights, inefficiency=curve.inefficiency
    )
    best = degradation_models.choose(fitted)
    if best is not None:
        curve = track_curve.follow_model(curve, groups, best)
    conditions = dataset.metadata.get("conditions", {})
    stated = parameters.initial_pce or conditions.get("initial_pce")
    reference = lifetimes.find_reference(curve, track, stated)
    if not reference.level.value > 0:
        raise UnsuitableData(
            f"the initial efficiency (pce) is {reference.level.value:.3g} %"
        )
    study = Study(track, groups, curve, reference, fitted, refused, best)
    for one in dataset.metadata.get("contradictions", ()):
        # Readers may name doubts of their own; their message says which it is.
        is_known = one["flag"] in {flag.key for flag in FLAGS}
        study.doubts += (one["flag"] if is_known else COLUMNS_CONTRADICT.key,)
        study.notes.append(one["message"])
    study.definitions["initial_pce"] = reference.definition
    if reference.definition.startswith("stated"):
        study.notes.append(
            f"The track begins at {efficiency[0]:.4g} %, the cell had"
            f" {reference.level.value:.4g} % before the test: that is the reference."
        )
    return study


def add_crossings(study: Study) -> Lifetime:
    """Add T95 and T80; the latter is returned."""
    found = {}
    for name, fraction in (("t95", 0.95), ("t80", 0.80)):
        found[name] = crossing_of(study, study.reference, fraction)
        study.add_lifetime(name, found[name])
    study.definitions["lifetimes"] = (
        "timed from t = 0; the smoothed curve falls below and stays below to the end;"
        " low and high end a 95 % interval"
    )
    return found["t80"]


def crossing_of(study: Study, reference: Reference, fraction: float) -> Lifetime:
    lifetime = lifetimes.find_crossing(
        study.curve, study.track, reference, reference.level, fraction
    )
    if not study.has_noise:
        return lifetimes.between_samples(lifetime, study.track)
    return lifetimes.close_interval(
        lifetime,
        study.best,
        reference,
        fraction,
        study.track.end,
        study.curve.factor,
    )


def add_burn_in(study: Study, parameters: Parameters) -> None:
    """Add burn-in, the rate after it and Ts80, as far as there was one."""
    burn_in, reason = None, "no two exponentials could be fitted"
    model = study.fitted.get("biexponential")
    if study.reference.rose:
        reason = "the efficiency first rises"
    elif model is not None and study.best is not None and model is not study.best:
        reason = f"a {study.best.form.key} decay describes the track better"
    elif model is not None:
        burn_in, reason = degradation_models.burn_in_of(model)
    if burn_in is not None:
        study.add("burn_in_time", burn_in.end, burn_in.end_error)
        study.add("burn_in_loss", 100 * burn_in.loss, 100 * burn_in.loss_error)
        study.definitions["burn_in_time"] = (
            "where the fast exponential loses as much per hour as the slow one"
        )
        study.definitions["burn_in_loss"] = (
            "part of the fast exponential in the efficiency at t = 0"
        )
    else:
        study.notes.append(f"No burn-in: {reason}.")
    begin = parameters.burn_in_end
    if begin is None:
        begin = burn_in.end if burn_in else study.reference.time
    line = fit_line(study, begin)
    add_rate(study, line, begin)
    level = post_burn_in_level(study, parameters, burn_in, line, begin)
    if level is not None:
        reference = Reference(level, 0.0, study.definitions["ts80"], (begin, begin))
        study.add_lifetime("ts80", crossing_of(study, reference, 0.8))


def fit_line(study: Study, begin: float) -> Decay | None:
    """Fit a straight line from a time on, or None where too few points are left."""
    late = study.groups.time >= begin
    weights = study.groups.counts[late]
    if weights.size < KNOWN_NOISE:
        return None
    fitted, _ = degradation_models.fit_models(
        study.groups.time[late],
        study.groups.values[late],
        weights,
        keys=["linear"],
        inefficiency=study.curve.inefficiency,
    )
    return fitted.get("linear")


def add_rate(study: Study, line: Decay | None, begin: float) -> None:
    if line is None:
        study.notes.append(
            f"No degradation rate: fewer than {KNOWN_NOISE} points from"
            f" {begin:.4g} h on."
        )
        return
    scale = 100 * THOUSAND / line.span / study.reference.level.value
    rate = float(line.parameters[1]) * scale
    error = float(np.sqrt(line.covariance[1, 1])) * scale
    relative = np.sqrt(study.reference.level.variance) / study.reference.level.value
    study.add("degradation_rate", rate, float(np.hypot(error, rate * relative)))
    study.definitions["degradation_rate"] = (
        f"slope of a line from {begin:.4g} h to the end, in % of the initial"
        " efficiency per 1000 h; a loss is positive"
    )


def post_burn_in_level(
    study: Study,
    parameters: Parameters,
    burn_in: BurnIn | None,
    line: Decay | None,
    begin: float,
) -> Level | None:
    """Return the post-burn-in fit extrapolated back to t = 0, and define it."""
    if parameters.post_burn_in == "linear":
        if line is None or (burn_in is None and parameters.burn_in_end is None):
            return None
        late = study.groups.time >= begin
        response = np.zeros(late.size)
        response[late] = line.response[0]
        value, variance = line.parameters[0], line.covariance[0, 0]
        told = f"line fitted from {begin:.4g} h on"
    elif burn_in is not None:
        model = study.fitted["biexponential"]
        response = model.response[0]
        value, variance = model.parameters[0], model.covariance[0, 0]
        told = "slow part of the bi-exponential fit"
    else:
        return None
    share = value / study.reference.level.value
    study.definitions["ts80"] = (
        f"80 % of the {told}, extrapolated to t = 0: {value:.4g} %, {share:.4f} of the"
        " initial efficiency"
    )
    return study.curve.beside(float(value), float(variance), response)


def add_extrapolation(study: Study, t80: Lifetime) -> None:
    """Add Te80 where the test ended before T80."""
    if t80.kind != lifetimes.RIGHT or study.best is None or not study.has_noise:
        return
    lifetime, rivals = lifetimes.extrapolate_among(
        study.fitted,
        study.reference,
        0.8,
        study.track.end,
        study.curve.factor,
    )
    names = ", ".join(rivals)
    if lifetime is None:
        study.notes.append(
            f"No Te80: the {study.best.form.key} model does not reach 80 % within"
            f" {lifetimes.FARTHEST:g} lengths of the test."
        )
        return
    study.add_lifetime("te80", lifetime)
    study.definitions["te80"] = (
        f"{study.best.form.key} model, fitted to the whole test and extrapolated; the"
        f" interval spans the models the BIC does not rule out: {names}"
    )


def add_retention(study: Study, parameters: Parameters) -> None:
    """Add what is left at the end, at the times asked for, and after 1000 h."""
    track, level = study.track, study.reference.level
    last = float(track.time[-1])
    times = {"end": last}
    for hours in dict.fromkeys(parameters.retention_at):
        if track.time[0] <= hours <= last:
            times[f"{hours:g} h"] = hours
    for label, hours in times.items():
        share, error = study.curve.ratio(level, hours)
        study.add(
            "retention",
            100 * share,
            100 * error,
            kind=kind_at(track, hours),
            label=label,
        )
    if track.time[0] <= THOUSAND <= last:
        share, error = study.curve.ratio(level, THOUSAND)
        study.add("eta1000", share, error, kind=kind_at(track, THOUSAND))


def kind_at(track: Track, hours: float) -> str:
    """Whether a value at a time is measured or lies in a gap between samples."""
    near = float(np.min(np.abs(track.time - hours)))
    is_near = near <= lifetimes.WIDE_STEP * track.step and not track.is_sparse
    return "measured" if near == 0 or is_near else "interpolated"
