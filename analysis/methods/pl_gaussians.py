"""Photoluminescence peaks as Gaussians on an offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from analysis.numerics import gaussians, peak_fit
from analysis.numerics.gaussians import FWHM_PER_SIGMA
from analysis.numerics.least_squares import Status, choose_backend
from analysis.numerics.peak_fit import NoTrustworthyMinimum, PeakFit
from analysis.parameters import parameter
from analysis.registry import Progress, analysis
from analysis.result import (
    Estimate,
    FitFailed,
    LabelledEstimate,
    Result,
    UnsuitableData,
)
from analysis.spectra import HC, Spectrum, take_spectrum
from measurements.dataset import Dataset

LABELS = ("I", "II", "III")
WHAT_FLAGS_SAY = {
    "unresolved": "Peak {} is barely determined: its errors are as large as the peak.",
    "unsupported": "Peak {} may be noise: a fit without it is about as good.",
    "order_uncertain": "Peak {} lies where another one does: its label is arbitrary.",
}
POINTS_PER_PARAMETER = 2
POISSON_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class StartPeak:
    """Where a peak is thought to be, in the unit of the chosen axis."""

    centre: float = parameter(label="Centre")
    fwhm: float = parameter(label="Full width at half maximum", minimum=1e-9)
    height: float | None = parameter(None, label="Height")
    area: float | None = parameter(None, label="Area")


@dataclass(frozen=True, slots=True)
class Parameters:
    """Defaults repeat the published fit: two peaks, constant offset, no weights."""

    peaks: Literal[1, 2, 3, "auto"] = parameter(
        2,
        label="Peaks",
        help="A number, or auto: the fewest whose BIC is within 10 of the lowest.",
    )
    offset: Literal["constant", "linear"] = parameter("constant", label="Offset")
    axis: Literal["nm", "eV"] = parameter(
        "nm",
        label="Axis",
        help="On eV the intensity is multiplied by λ²/hc before the fit.",
    )
    weights: Literal["none", "poisson"] = parameter(
        "none", label="Weights", help="Poisson needs raw counts."
    )
    window: tuple[float, float] | None = parameter(
        None, label="Window", help="Low and high end, in the unit of the axis."
    )
    start: tuple[StartPeak, ...] | None = parameter(
        None,
        label="Start values",
        help="One per peak, in the unit of the axis; otherwise found from the data.",
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
            errors["start"] = [f"{len(self.start)} given for {self.peaks} peaks."]
        elif any(one.height is not None and one.area is not None for one in self.start):
            errors["start"] = ["Give a height or an area, not both."]
        return errors


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
)
def run(dataset: Dataset, parameters: Parameters, progress: Progress) -> Result:
    """Fit one to three Gaussians and an offset to a photoluminescence spectrum."""
    spectrum = prepare(dataset, parameters)
    progress(0.1, "searching for peaks")
    found, candidates, refused = find_peaks(spectrum, parameters)
    progress(0.9, "writing results")
    return describe(spectrum, parameters, found, candidates, refused)


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
    options = {
        "linear": parameters.offset == "linear",
        "weights": spectrum.poisson_weights(y) if poisson else None,
    }
    automatic = parameters.peaks == "auto"
    asked = {1, 2, 3} if automatic else {parameters.peaks}
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
                x, y, peaks, absolute_weights=poisson, start=start, **options
            )
        except NoTrustworthyMinimum as error:
            refused[peaks] = str(error)
    _, empty = peak_fit.offset_alone(x, y, **options)
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
            found = peak_fit.refine(
                x,
                spectrum.y,
                found,
                spectrum.poisson_weights(curve),
                absolute_weights=True,
            )
        except NoTrustworthyMinimum as error:
            raise FitFailed(str(error)) from error
        moved = np.abs(found.best.parameters - before) / found.best.standard_errors
        if moved.max() < 1e-6:
            return found
    raise FitFailed(f"the Poisson weights do not settle in {POISSON_ROUNDS} rounds")


def describe(
    spectrum: Spectrum,
    parameters: Parameters,
    found: PeakFit,
    candidates: Mapping[int, PeakFit],
    refused: Mapping[int, str],
) -> Result:
    """Turn a fit into estimates, curves, diagnostics and notes."""
    doubts = found.doubts(candidates.get(found.peaks - 1))
    if parameters.weights == "poisson":
        found = settle_poisson(spectrum, found)
    order = by_energy(found, spectrum.axis)
    found, doubts = found.reordered(order), [doubts[place] for place in order]
    parts = peak_fit.components(spectrum.shifted, found)
    curve = parts.sum(axis=0)
    weights = (
        spectrum.poisson_weights(curve) if parameters.weights == "poisson" else None
    )
    r_squared, adjusted = peak_fit.determination(
        spectrum.y, curve, weights, found.count
    )
    notes = [
        WHAT_FLAGS_SAY[flag].format(label)
        for label, flags in zip(LABELS, doubts, strict=False)
        for flag in flags
    ]
    in_counts = spectrum.channel.unit == "1"
    estimates = peak_estimates(spectrum, found, doubts, in_counts=in_counts)
    if not in_counts:
        notes.append(
            f"{spectrum.channel.name} is in {spectrum.channel.unit}: areas and heights"
            " are among the diagnostics only."
        )
    estimates.append(LabelledEstimate("pl.r_squared", Estimate(r_squared)))
    # Without weights χ² carries the squared unit of the ordinate; on the energy axis
    # it could not be compared with the published ones, which are in counts.
    if weights is not None or (in_counts and spectrum.axis == "nm"):
        reduced = Estimate(found.best.reduced_chi_square)
        estimates.append(LabelledEstimate("pl.reduced_chi_square", reduced))
    if weights is not None:
        notes += poisson_notes(spectrum, found)
    diagnostics = diagnose(spectrum, parameters, found)
    diagnostics |= {"r_squared": r_squared, "adjusted_r_squared": adjusted}
    diagnostics["selection"] = {
        "rule": "auto: the fewest peaks whose BIC is within 10 of the lowest, all"
        " resolved and of at least three standard errors",
        "asked": parameters.peaks,
        "bic": {str(peaks): one.bic for peaks, one in candidates.items()},
        "refused": {str(peaks): why for peaks, why in refused.items()},
    }
    return Result(
        estimates=tuple(estimates),
        datasets={"fit": fitted_curves(spectrum, found, curve, parts)},
        diagnostics=diagnostics,
        notes=tuple(notes),
    )


def by_energy(found: PeakFit, axis: str) -> np.ndarray:
    """Return the order of the peaks, the highest energy first."""
    centres = found.of_peaks(found.best.parameters)[:, 1]
    return np.argsort(centres if axis == "nm" else -centres)


def peak_estimates(
    spectrum: Spectrum,
    found: PeakFit,
    doubts: list[tuple[str, ...]],
    *,
    in_counts: bool,
) -> list[LabelledEstimate]:
    r"""Return the quantities of each peak with their propagated standard errors.

    Notes
    -----
    Errors follow to first order from the covariance of area A, centre c and σ. On the
    energy axis widths are converted at the peak, :math:`\sigma_\lambda = \sigma_E\,
    hc/E^2`, and heights to intensity per nm, :math:`h_\lambda = h_E\,E^2/hc`; an area
    is the same on both axes.
    """
    values = found.of_peaks(found.best.parameters)
    areas = values[:, 0]
    brightest = int(np.argmax(areas))
    estimates = []
    for place, (area, centre, sigma) in enumerate(values):
        centre += spectrum.middle
        height = area / (sigma * np.sqrt(2 * np.pi))
        flip = HC / centre**2
        if spectrum.axis == "nm":
            width, width_by = sigma, (0.0, 0.0, 1.0)
            height_by = (height / area, 0.0, -height / sigma)
            wavelength_by, energy_by = (0.0, 1.0, 0.0), (0.0, -flip, 0.0)
            wavelength, energy = centre, HC / centre
        else:
            width, width_by = sigma * flip, (0.0, -2 * sigma * flip / centre, flip)
            height /= flip
            height_by = (height / area, 2 * height / centre, -height / sigma)
            wavelength_by, energy_by = (0.0, -flip, 0.0), (0.0, 1.0, 0.0)
            wavelength, energy = HC / centre, centre
        rows = {
            "pl.peak_wavelength": (wavelength, wavelength_by),
            "pl.peak_energy": (energy, energy_by),
            "pl.fwhm": (FWHM_PER_SIGMA * width, FWHM_PER_SIGMA * np.array(width_by)),
            "pl.sigma": (width, width_by),
        }
        if in_counts:
            rows["pl.area"] = (area, (1.0, 0.0, 0.0))
            rows["pl.height"] = (height, height_by)
        covariance = found.covariance_of(place)
        for quantity, (value, slope) in rows.items():
            error = np.sqrt(np.array(slope) @ covariance @ slope)
            estimates.append(
                LabelledEstimate(
                    quantity,
                    Estimate(value, error, flags=doubts[place]),
                    LABELS[place],
                    place == brightest,
                )
            )
    for place in range(1, found.peaks):
        ratio = areas[place] / areas[0]
        covariance = found.covariance_of(0, place)[np.ix_([0, 3], [0, 3])]
        slope = np.array([-ratio, 1.0]) / areas[0]
        estimates.append(
            LabelledEstimate(
                "pl.relative_intensity",
                Estimate(
                    ratio,
                    np.sqrt(slope @ covariance @ slope),
                    flags=tuple(sorted({*doubts[0], *doubts[place]})),
                ),
                f"{LABELS[place]}/{LABELS[0]}",
                place == 1,
            )
        )
    return estimates


def poisson_notes(spectrum: Spectrum, found: PeakFit) -> list[str]:
    """Say where the data contradict counting statistics."""
    notes = []
    counts = spectrum.y / spectrum.jacobian
    if not np.allclose(counts, np.round(counts), rtol=0, atol=1e-3):
        notes.append(
            "The values are no whole numbers; Poisson weights need raw counts."
        )
    reduced = float(found.best.reduced_chi_square)
    if reduced > 1 + 5 * np.sqrt(2 / found.best.freedom):
        notes.append(
            f"Reduced chi-square {reduced:.3g}: the data scatter more than counts do,"
            " so the stated errors are too small."
        )
    return notes


def fitted_curves(
    spectrum: Spectrum, found: PeakFit, curve: np.ndarray, parts: np.ndarray
) -> Dataset:
    """Return data, fit, components without offset, offset and residual."""
    peaks = {
        f"component_{LABELS[place]}": (f"Peak {LABELS[place]}", parts[place + 1])
        for place in range(found.peaks)
    }
    return spectrum.dataset(
        {
            "data": (spectrum.channel.label, spectrum.y),
            "fit": ("Fit", curve),
            **peaks,
            "offset": ("Offset", parts[0]),
            "residual": ("Residual", spectrum.y - curve),
        }
    )


def diagnose(
    spectrum: Spectrum, parameters: Parameters, found: PeakFit
) -> dict[str, Any]:
    """Return how good the fit is and how it was found, in both conventions."""
    best = found.best
    values, errors = best.parameters.copy(), best.standard_errors
    values[found.first + 1 :: 3] += spectrum.middle
    labels = LABELS[: found.peaks]
    names = ["y0", "slope"][: found.first] + [
        f"{what}[{label}]" for label in labels for what in ("A", "xc", "sigma")
    ]
    pairs = {
        name: [float(value), float(error)]
        for name, value, error in zip(names, values, errors, strict=True)
    }
    sigma_of = {label: pairs[f"sigma[{label}]"] for label in labels}
    return {
        "model": "y0 + slope*(x - middle) + sum of"
        " A/(sigma*sqrt(2*pi))*exp(-(x - xc)^2/(2*sigma^2))",
        "axis": spectrum.axis,
        "window": [float(spectrum.x[0]), float(spectrum.x[-1])],
        "middle": spectrum.middle,
        "channel": spectrum.channel.name,
        "unit": spectrum.channel.unit,
        "weights": parameters.weights,
        "peaks": found.peaks,
        "parameters": pairs,
        "origin": {
            "model": "y0 + A/(w*sqrt(pi/2))*exp(-2*((x - xc)/w)^2)",
            "y0": pairs["y0"],
            **{
                label: {
                    "xc": pairs[f"xc[{label}]"],
                    "w": [2 * number for number in sigma_of[label]],
                    "A": pairs[f"A[{label}]"],
                }
                for label in labels
            },
        },
        "names": names,
        "covariance": best.covariance.tolist(),
        "correlation": (best.covariance / np.outer(errors, errors)).tolist(),
        "points": int(best.points),
        "degrees_of_freedom": int(best.freedom),
        "chi_square": float(best.chi_square),
        "reduced_chi_square": float(best.reduced_chi_square),
        "aic": found.aic,
        "bic": found.bic,
        "status": Status(int(best.status)).name.lower(),
        "evaluations": found.evaluations,
        "starts": found.starts,
        "starts_converged": found.converged,
        "starts_agreeing": found.agreeing,
        "backend": choose_backend(gaussians.GAUSSIANS),
    }
