"""What a fit of Gaussian emission peaks says: values with errors, curves, doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.contract.result import Estimate, LabelledEstimate, Result
from analysis.numerics.fitting.least_squares import Status, choose_backend
from analysis.numerics.peaks import gaussians, peak_fit
from analysis.numerics.peaks.gaussians import FWHM_PER_SIGMA
from analysis.numerics.peaks.peak_fit import PeakFit
from analysis.numerics.peaks.spectra import HC, Spectrum
from measurements.arrays.dataset import Dataset

LABELS = ("I", "II", "III")
WHAT_FLAGS_SAY = {
    "unresolved": "Peak {} is barely determined: its errors are as large as the peak.",
    "unsupported": "Peak {} may be noise: a fit without it is about as good.",
    "order_uncertain": "Peak {} lies where another one does: its label is arbitrary.",
}


def describe_peaks(
    spectrum: Spectrum,
    found: PeakFit,
    doubts: Sequence[tuple[str, ...]],
    *,
    poisson: bool,
    selection: Mapping[str, Any],
) -> Result:
    """Turn a fit into estimates, curves, diagnostics and notes.

    Parameters
    ----------
    spectrum : Spectrum
        What was fitted.
    found : PeakFit
        The fit, its peaks in any order.
    doubts : sequence of tuple of str
        Flags of each peak, in the order of ``found``.
    poisson : bool
        Whether the fit was weighted by counting statistics.
    selection : mapping
        How the number of peaks was chosen, for the diagnostics.

    Returns
    -------
    Result
    """
    order = by_energy(found, spectrum.axis)
    found, doubts = found.reordered(order), [doubts[place] for place in order]
    parts = peak_fit.components(spectrum.shifted, found)
    curve = parts.sum(axis=0)
    weights = spectrum.poisson_weights(curve) if poisson else None
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
        reduced = Estimate(float(found.best.reduced_chi_square))
        estimates.append(LabelledEstimate("pl.reduced_chi_square", reduced))
    if weights is not None:
        notes += poisson_notes(spectrum, found)
    diagnostics = diagnose(spectrum, found, poisson=poisson)
    diagnostics |= {"r_squared": r_squared, "adjusted_r_squared": adjusted}
    diagnostics["selection"] = dict(selection)
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


def diagnose(spectrum: Spectrum, found: PeakFit, *, poisson: bool) -> dict[str, Any]:
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
        "weights": "poisson" if poisson else "none",
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
