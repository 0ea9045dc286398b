"""Photoluminescence peaks as Gaussians on an offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.methods.pl.results import FLAGS, describe_peaks
from analysis.numerics.peaks import gaussians, peak_fit
from analysis.numerics.peaks.gaussians import FWHM_PER_SIGMA
from analysis.numerics.peaks.peak_fit import NoTrustworthyMinimum, PeakFit
from analysis.numerics.peaks.spectra import Spectrum, take_spectrum
from labdata.plugin import (
    Dataset,
    FitFailed,
    Progress,
    Result,
    UnsuitableData,
    analysis,
    parameter,
)

POINTS_PER_PARAMETER = 2
POISSON_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class StartPeak:
    """Where a peak is thought to be, in the unit of the chosen axis."""

    centre: float = parameter(label="Centre", role="centre")
    fwhm: float = parameter(
        label="Full width at half maximum", minimum=1e-9, role="width"
    )
    height: float | None = parameter(None, label="Height", role="height")
    area: float | None = parameter(None, label="Area")


@dataclass(frozen=True, slots=True)
class Parameters:
    """Defaults repeat the published fit: two peaks, constant offset, no weights."""

    peaks: Literal[1, 2, 3, "auto"] = parameter(
        2,
        label="Peaks",
        help="A number, or auto: the fewest whose BIC is within 10 of the lowest.",
        role="count",
    )
    offset: Literal["constant", "linear"] = parameter("constant", label="Offset")
    axis: Literal["nm", "eV"] = parameter(
        "nm",
        label="Axis",
        help="On eV the intensity is multiplied by λ²/hc before the fit.",
        role="axis",
    )
    weights: Literal["none", "poisson"] = parameter(
        "none", label="Weights", help="Poisson needs raw counts."
    )
    window: tuple[float, float] | None = parameter(
        None,
        label="Window",
        help="Low and high end, in the unit of the axis.",
        role="window",
    )
    start: tuple[StartPeak, ...] | None = parameter(
        None,
        label="Start values",
        help="One per peak, in the unit of the axis; otherwise found from the data.",
        role="start",
        shape="gaussian",
    )
    channel: str | None = parameter(
        None, label="Channel", help="By default the technique's main one, counts."
    )

    def problems(self) -> dict[str, list[str]]:
        """Say what is wrong between fields."""
        errors: dict[str, list[str]] = {}
        if self.window and not 0 < self.window[0] < self.window[1]:
            low, high = self.window
            errors["window"] = [f"Must rise from above 0, got {low:g} to {high:g}."]
        if self.start is None:
            return errors
        if self.peaks == "auto":
            errors["start"] = ["Start values need a number of peaks, not auto."]
        elif len(self.start) != self.peaks:
            asked = f"{self.peaks} peak{'s' * (self.peaks > 1)}"
            errors["start"] = [f"{len(self.start)} given for {asked}."]
        elif any(one.height is not None and one.area is not None for one in self.start):
            errors["start"] = ["Give a height or an area, not both."]
        return errors


def whole_spectrum(dataset: Dataset, parameters: Parameters) -> Dataset:
    """Return the spectrum on the chosen axis, from end to end."""
    spectrum = take_spectrum(
        dataset, main_channel(dataset, parameters), axis=parameters.axis
    )
    return spectrum.dataset({"data": (spectrum.channel.label, spectrum.y)})


@analysis(
    key="pl_gaussians",
    version=1,
    label="Gaussian PL peaks",
    techniques=["pl"],
    parameters=Parameters,
    outputs=[
        "pl.peak_wavelength",
        "pl.peak_energy",
        "pl.fwhm",
        "pl.sigma",
        "pl.area",
        "pl.height",
        "pl.relative_intensity",
        "pl.reduced_chi_square",
        "pl.r_squared",
    ],
    default_for=["pl"],
    whole=whole_spectrum,
    flags=FLAGS,
)
def run(dataset: Dataset, parameters: Parameters, progress: Progress) -> Result:
    """Fit one to three Gaussians and an offset to a photoluminescence spectrum."""
    spectrum = prepare(dataset, parameters)
    progress(0.1, "searching for peaks")
    found, candidates, refused = find_peaks(spectrum, parameters)
    progress(0.9, "writing results")
    doubts = found.doubts(candidates.get(found.peaks - 1))
    poisson = parameters.weights == "poisson"
    if poisson:
        found = settle_poisson(spectrum, found)
    return describe_peaks(
        spectrum,
        found,
        doubts,
        poisson=poisson,
        asked=parameters.peaks,
        candidates=candidates,
        refused=refused,
    )


def prepare(dataset: Dataset, parameters: Parameters) -> Spectrum:
    """Return the spectrum to fit.

    Raises
    ------
    UnsuitableData
        If it has too few points or, with Poisson weights, negative values, or for the
        reasons of `take_spectrum`.
    """
    channel = main_channel(dataset, parameters)
    spectrum = take_spectrum(
        dataset, channel, axis=parameters.axis, window=parameters.window
    )
    fewest = 1 if parameters.peaks == "auto" else parameters.peaks
    needed = points_needed(fewest, parameters)
    if spectrum.x.size < needed:
        where = " in the window" if parameters.window else ""
        raise UnsuitableData(
            f"only {spectrum.x.size} points{where}; {fewest} peak{'s' * (fewest > 1)}"
            f" and a {parameters.offset} offset need at least {needed}"
        )
    if parameters.weights == "poisson" and (spectrum.y < 0).any():
        counts = spectrum.y / spectrum.jacobian
        raise UnsuitableData(
            f"{np.count_nonzero(counts < 0)} values of {channel} are negative, the"
            f" lowest {counts.min():g}: Poisson weights need raw counts"
        )
    return spectrum


def main_channel(dataset: Dataset, parameters: Parameters) -> str:
    """Return the channel to fit."""
    names = [channel.name for channel in dataset.channels]
    if parameters.channel:
        return parameters.channel
    if "counts" in names or len(names) > 1:
        return "counts"
    return names[0]


def points_needed(peaks: int, parameters: Parameters) -> int:
    offset = 2 if parameters.offset == "linear" else 1
    return POINTS_PER_PARAMETER * (offset + 3 * peaks)


def find_peaks(
    spectrum: Spectrum, parameters: Parameters
) -> tuple[PeakFit, dict[int, PeakFit], dict[int, str]]:
    """Fit the asked number of peaks, or the one the data support.

    Returns
    -------
    found : PeakFit
        The chosen fit, with weights from the data.
    candidates : dict of int to PeakFit
        Every number of peaks tried; for a given number also one peak fewer, which
        tells whether the last one is needed.
    refused : dict of int to str
        Why a number of peaks gave no fit.

    Raises
    ------
    FitFailed
        If no asked number of peaks has a trustworthy minimum.
    UnsuitableData
        If no peak stands out of the noise.
    """
    x, y = spectrum.shifted, spectrum.y
    poisson = parameters.weights == "poisson"
    linear = parameters.offset == "linear"
    weights = spectrum.poisson_weights(y) if poisson else None
    asked: set[int]
    asked = {1, 2, 3} if parameters.peaks == "auto" else {parameters.peaks}
    candidates: dict[int, PeakFit] = {}
    refused: dict[int, str] = {}
    for peaks in sorted(asked | ({min(asked) - 1} - {0})):
        needed = points_needed(peaks, parameters)
        if x.size < needed:
            refused[peaks] = f"{x.size} points, {needed} are needed"
            continue
        start = given_start(spectrum, parameters) if peaks in asked else None
        try:
            candidates[peaks] = peak_fit.fit_peaks(
                x,
                y,
                peaks,
                linear=linear,
                weights=weights,
                absolute_weights=poisson,
                start=start,
            )
        except NoTrustworthyMinimum as error:
            refused[peaks] = str(error)
    _, empty = peak_fit.offset_alone(x, y, linear=linear, weights=weights)
    gain = max((empty - one.bic for one in candidates.values()), default=None)
    if gain is not None and gain <= peak_fit.DECISIVE:
        raise UnsuitableData(
            f"no peak above the noise: the best fit with peaks lowers the BIC by"
            f" {gain:.1f}, {peak_fit.DECISIVE:g} are needed"
        )
    eligible = {peaks: candidates[peaks] for peaks in asked & candidates.keys()}
    if not eligible:
        reasons = "; ".join(f"{n} peaks: {refused[n]}" for n in sorted(asked))
        raise FitFailed(f"no trustworthy fit with {reasons}")
    return eligible[peak_fit.choose(eligible)], candidates, refused


def given_start(spectrum: Spectrum, parameters: Parameters) -> np.ndarray | None:
    """Return start values as parameters of the model, or None for automatic ones."""
    if parameters.start is None:
        return None
    offset = float(np.quantile(spectrum.y, 0.03))
    values = [offset, 0.0] if parameters.offset == "linear" else [offset]
    for peak in parameters.start:
        sigma = peak.fwhm / FWHM_PER_SIGMA
        height = peak.height
        if height is None:
            height = float(np.interp(peak.centre, spectrum.x, spectrum.y)) - offset
        area = height * sigma * np.sqrt(2 * np.pi) if peak.area is None else peak.area
        values += [area, peak.centre - spectrum.middle, sigma]
    return np.array(values)


def settle_poisson(spectrum: Spectrum, found: PeakFit) -> PeakFit:
    """Repeat the fit with weights from the fitted curve until it stays.

    Notes
    -----
    Weights taken from the data themselves favour points that happen to be low and
    lose about one count per point of area. With weights from the model, the fixed
    point of the repetition is the maximum of the Poisson likelihood.
    """
    x = spectrum.shifted
    for _ in range(POISSON_ROUNDS):
        before = found.best.parameters
        curve = gaussians.evaluate_gaussians(x, before[None])[0, 0]
        try:
            weights = spectrum.poisson_weights(curve)
            found = peak_fit.refine(x, spectrum.y, found, weights)
        except NoTrustworthyMinimum as error:
            raise FitFailed(str(error)) from error
        moved = np.abs(found.best.parameters - before) / found.best.standard_errors
        if moved.max() < 1e-6:
            return found
    raise FitFailed(f"the Poisson weights do not settle in {POISSON_ROUNDS} rounds")
