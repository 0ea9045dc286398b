"""Current density, band gap and Urbach energy of a quantum efficiency spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.contract.flags import HEADER_CONTRADICTS
from analysis.numerics.peaks.spectra import HC
from analysis.numerics.photovoltaics import absorption_edge
from analysis.numerics.photovoltaics.absorption_edge import Inflection, NoEdge, Tail
from analysis.numerics.photovoltaics.solar_spectrum import SOURCE, current_weights
from labdata.plugin import (
    Data,
    Dataset,
    Detail,
    Drawing,
    Estimate,
    Fit,
    Flag,
    Interval,
    LabelledEstimate,
    Line,
    Mark,
    Marks,
    Missing,
    Progress,
    Result,
    Statistic,
    UnsuitableData,
    analysis,
    finite_curve,
    parameter,
)

LEAST_POINTS = 8
CONTRADICTION = 0.01
"""Relative difference to the file's own current density above which it is flagged."""

EDGE_SHARE = 0.02
"""Part of the plateau that an efficiency at the end of the range must be below."""

IMPOSSIBLE = 2.0
"""An efficiency above it is no fraction, whatever the multiplication of carriers."""

FRACTIONS_OF_VARIANCE = 18 / 35
"""Left of a point's variance after a quadratic through it and its four neighbours."""

FLAGS = (
    HEADER_CONTRADICTS,
    Flag(
        "efficiency_above_one",
        "above 100 %",
        "A quantum efficiency above 100 % needs a reason.",
    ),
    Flag(
        "negative_efficiency",
        "negative efficiency",
        "A quantum efficiency cannot be negative.",
        severity="fault",
    ),
    Flag(
        "range_truncated",
        "range too short",
        "The cell still answers where the spectrum ends.",
    ),
    Flag(
        "short_edge",
        "short edge",
        "The exponential edge covers too little to be sure of its slope.",
    ),
    Flag(
        "resolution_limited",
        "resolution",
        "The points lie further apart than the number is wide.",
    ),
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Where the Urbach tail is fitted; by default it is found."""

    urbach_window: tuple[float, float] | None = parameter(
        None,
        label="Urbach window",
        unit="eV",
        help="Low and high end of the exponential edge; otherwise found.",
        role="window",
    )
    urbach_ceiling: float = parameter(
        0.05,
        label="Ceiling of the tail",
        help="Part of the plateau below which the edge may be exponential.",
        minimum=1e-6,
        maximum=0.5,
    )

    def problems(self) -> dict[str, list[str]]:
        """Say what is wrong between fields."""
        if self.urbach_window and not 0 < self.urbach_window[0] < self.urbach_window[1]:
            low, high = self.urbach_window
            message = f"Must rise from above 0, got {low:g} to {high:g}."
            return {"urbach_window": [message]}
        return {}


@analysis(
    key="eqe_metrics",
    version=1,
    label="EQE current density and edge",
    techniques=["eqe"],
    parameters=Parameters,
    outputs=["eqe.jsc", "eqe.jsc_ratio", "eqe.band_gap", "eqe.urbach_energy"],
    default_for=["eqe"],
    gathers="dataset",
    conditions=["jv_jsc"],
    channels=["eqe"],
    flags=FLAGS,
)
def run(dataset: Dataset, parameters: Parameters, progress: Progress) -> Result:
    """Integrate the current density on AM1.5G and measure the absorption edge."""
    wavelength, efficiency = take_spectrum(dataset)
    progress(0.1, "integrating the current density")
    current, flags, notes = integrate(wavelength, efficiency)
    flags += contradictions(dataset, current[0], notes)
    estimates = [LabelledEstimate("eqe.jsc", Estimate(*current, flags=tuple(flags)))]
    estimates += compare_with_jv(dataset, estimates[0].estimate, notes)
    reach = Interval(float(wavelength[0]), float(wavelength[-1]))
    details = [
        Detail("spectrum", "Solar spectrum", SOURCE),
        Detail("range", "Integrated range", reach, "nm"),
    ]
    fits, missing, marks = [], [], []
    progress(0.5, "measuring the edge")
    energy, signal = HC / wavelength[::-1], efficiency[::-1]
    weights = current_weights(wavelength)
    datasets = {
        "current": Dataset.curve(
            ("wavelength", "nm", wavelength, "Wavelength"),
            integrated=(
                "mA/cm²",
                np.cumsum(weights * efficiency),
                "Integrated current density",
            ),
        )
    }
    middle, slope = absorption_edge.slopes(energy, signal)
    datasets["slope"] = Dataset.curve(
        ("energy", "eV", middle, "Photon energy"),
        slope=("1", slope / np.abs(slope).max(), "dEQE/dE over its maximum"),
    )
    try:
        edge = absorption_edge.find_inflection(energy, signal)
    except NoEdge as error:
        notes.append(f"No band gap: {error}.")
        missing.append(Missing("eqe.band_gap", "", str(error)))
    else:
        estimates.append(describe_gap(edge, notes))
        fits.append(
            Fit(
                "inflection",
                "Inflection point of the edge",
                points=edge.points,
                axis="energy",
                unit="eV",
                window=Interval(*edge.window),
            )
        )
        marks = [Mark("Eg", edge.energy)] if edge.energy > 0 else []
    try:
        tail = absorption_edge.fit_tail(
            energy,
            signal,
            window=parameters.urbach_window,
            ceiling=parameters.urbach_ceiling,
        )
    except NoEdge as error:
        notes.append(f"No Urbach energy: {error}.")
        missing.append(Missing("eqe.urbach_energy", "", str(error)))
    else:
        estimates.append(describe_tail(tail, notes))
        fits.append(
            Fit(
                "urbach",
                "Exponential edge",
                model="EQE = A*exp(E/EU)",
                statistics=(
                    Statistic("fall", "Factor by which it falls", tail.fall, "higher"),
                ),
                points=tail.points,
                axis="energy",
                unit="eV",
                window=Interval(*tail.window),
            )
        )
        datasets["urbach"] = Dataset.curve(
            ("energy", "eV", tail.energy, "Photon energy"),
            fitted=("1", tail.fitted, "Exponential edge"),
        )
    return Result(
        tuple(estimates),
        datasets,
        fits=tuple(fits),
        details=tuple(details),
        missing=tuple(missing),
        remarks=tuple(notes),
        drawings=draw(marks),
    )


def draw(edge: Sequence[Mark]) -> tuple[Drawing, ...]:
    """Return the spectrum with its integral below, and the slope of the edge."""
    spectrum = [Mark(one.text, HC / one.x) for one in edge]
    slope = Line("slope", "slope")
    return (
        Drawing(
            "spectrum", "Data and results", "wavelength", (Data(), *_marks(spectrum))
        ),
        Drawing(
            "current",
            "Integrated current density",
            "wavelength",
            (Line("current", "integrated"),),
            under="spectrum",
        ),
        Drawing("slope", "Slope of the edge", "energy", (slope, *_marks(edge))),
    )


def _marks(marks: Sequence[Mark]) -> tuple[Marks, ...]:
    return (Marks(tuple(marks)),) if marks else ()


def take_spectrum(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the spectrum by increasing wavelength.

    Raises
    ------
    UnsuitableData
        If it has too few points, a repeated wavelength, no signal, or an efficiency
        that cannot be a fraction.
    """
    wavelength, efficiency = finite_curve(dataset, "eqe")
    order = np.argsort(wavelength, kind="stable")
    wavelength, efficiency = wavelength[order], efficiency[order]
    if wavelength.size < LEAST_POINTS:
        raise UnsuitableData(
            f"only {wavelength.size} points of eqe, at least {LEAST_POINTS} are needed"
        )
    if wavelength[0] <= 0:
        raise UnsuitableData(f"a wavelength is {wavelength[0]:g} nm")
    repeated = np.flatnonzero(np.diff(wavelength) == 0)
    if repeated.size:
        raise UnsuitableData(
            f"{wavelength[repeated[0]]:g} nm was measured more than once"
        )
    highest = float(efficiency.max())
    if highest <= 0:
        raise UnsuitableData(f"eqe is nowhere above zero, its highest is {highest:g}")
    if highest > IMPOSSIBLE:
        raise UnsuitableData(
            f"eqe reaches {highest:g}, which is {100 * highest:.4g} %: the file's unit"
            " of the efficiency is not what its title says"
        )
    return wavelength, efficiency


def integrate(
    wavelength: np.ndarray, efficiency: np.ndarray
) -> tuple[tuple[float, float], list[str], list[str]]:
    """Return current density and its standard error, flags and notes.

    Notes
    -----
    The error is what the scatter of the points adds up to, found from how far each
    lies from a quadratic through its neighbours. The calibration of the lamp and of
    the reference diode, usually larger, is not known here and not in it.
    """
    weights = current_weights(wavelength)
    current = float(weights @ efficiency)
    scatter = point_scatter(wavelength, efficiency)
    error = scatter * float(np.sqrt(weights @ weights))
    flags = []
    notes = [
        f"{current:.4g} mA/cm² on {SOURCE}, from {wavelength[0]:g} to"
        f" {wavelength[-1]:g} nm. Its error is that of the points' scatter, without"
        " that of the calibration."
    ]
    if (highest := float(efficiency.max())) > 1:
        flags.append("efficiency_above_one")
        at = wavelength[int(efficiency.argmax())]
        notes.append(f"The efficiency is {100 * highest:.4g} % at {at:g} nm.")
    if (lowest := float(efficiency.min())) < -5 * scatter - EDGE_SHARE:
        flags.append("negative_efficiency")
        notes.append(f"The efficiency is negative, down to {100 * lowest:.3g} %.")
    plateau = float(np.quantile(efficiency, 0.9))
    if efficiency[-1] > EDGE_SHARE * plateau:
        flags.append("range_truncated")
        notes.append(
            f"At {wavelength[-1]:g} nm the efficiency is still"
            f" {100 * efficiency[-1]:.3g} %: what lies beyond is missing."
        )
    return (current, error), flags, notes


def point_scatter(wavelength: np.ndarray, efficiency: np.ndarray) -> float:
    """Estimate the standard deviation of one point of a smooth spectrum.

    Notes
    -----
    The median of the deviations from local quadratics, so that the few points on a
    steep edge, where a quadratic fails, do not count as noise.
    """
    deviations = np.empty(wavelength.size - 4)
    for start in range(deviations.size):
        x = wavelength[start : start + 5] - wavelength[start + 2]
        design = np.vander(x / np.ptp(x), 3)
        y = efficiency[start : start + 5]
        fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
        deviations[start] = abs(y[2] - fitted[2])
    return float(1.4826 * np.median(deviations) / np.sqrt(FRACTIONS_OF_VARIANCE))


def contradictions(dataset: Dataset, current: float, notes: list[str]) -> list[str]:
    """Compare with the current density the file states for the same spectrum."""
    reported = dataset.metadata.get("reported", {}).get("integrated_current_density")
    if not reported:
        return []
    stated = float(reported["value"])
    difference = stated / current - 1 if current > 0 else np.inf
    if abs(difference) <= CONTRADICTION:
        notes.append(
            f"The file states {stated:.6g} mA/cm², {100 * difference:+.2f} % from the"
            " integral."
        )
        return []
    notes.append(
        f"The file states {stated:.6g} mA/cm², but its own spectrum integrates to"
        f" {current:.6g} mA/cm² ({100 * difference:+.1f} %)."
    )
    return ["header_contradicts_data"]


def compare_with_jv(
    dataset: Dataset, current: Estimate, notes: list[str]
) -> list[LabelledEstimate]:
    """Return the ratio to the current density of the JV curve, where that is known."""
    known = dataset.metadata.get("conditions", {}).get("jv_jsc")
    if known is None:
        notes.append("The current density of the JV curve is not known: no ratio.")
        return []
    if not known > 0:
        notes.append(f"The current density of the JV curve is {known:g}: no ratio.")
        return []
    ratio = Estimate(
        current.value / known, (current.uncertainty or 0.0) / known, flags=current.flags
    )
    notes.append(
        f"EQE over JV: {current.value:.4g} over {known:.4g} mA/cm² is"
        f" {ratio.value:.3f}."
    )
    return [LabelledEstimate("eqe.jsc_ratio", ratio)]


def describe_gap(edge: Inflection, notes: list[str]) -> LabelledEstimate:
    """Return the band gap; the note says where it comes from."""
    low, high = edge.window
    notes.append(
        f"The band gap is the inflection point of the edge, from a polynomial through"
        f" {edge.points} points between {low:.4g} and {high:.4g} eV."
    )
    return LabelledEstimate("eqe.band_gap", Estimate(edge.energy, edge.uncertainty))


def describe_tail(tail: Tail, notes: list[str]) -> LabelledEstimate:
    """Return the Urbach energy [meV], with the doubts about it."""
    low, high = tail.window
    flags = []
    notes.append(
        f"The Urbach energy is from {tail.points} points between {low:.4g} and"
        f" {high:.4g} eV, where the efficiency falls by a factor of {tail.fall:.3g}."
    )
    if tail.fall < absorption_edge.SHORT_TAIL:
        flags.append("short_edge")
        notes.append(
            "The exponential edge covers less than a factor of"
            f" {absorption_edge.SHORT_TAIL:g}: its slope is uncertain."
        )
    step = float(np.diff(tail.energy).max())
    if step > tail.urbach_energy:
        flags.append("resolution_limited")
        notes.append(
            f"Points lie {1000 * step:.3g} meV apart, more than the Urbach energy:"
            " the resolution of the instrument may be what is seen."
        )
    estimate = Estimate(
        1000 * tail.urbach_energy, 1000 * tail.uncertainty, flags=tuple(flags)
    )
    return LabelledEstimate("eqe.urbach_energy", estimate)
