"""What a fit of Gaussian emission peaks says: values with errors, curves, doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.numerics.fitting.least_squares import Status, choose_backend
from analysis.numerics.peaks import gaussians, peak_fit
from analysis.numerics.peaks.gaussians import FWHM_PER_SIGMA
from analysis.numerics.peaks.peak_fit import PeakFit
from analysis.numerics.peaks.spectra import HC, Spectrum
from labdata.plugin import (
    Candidate,
    Column,
    Comparison,
    Dataset,
    Detail,
    Drawing,
    Estimate,
    Fit,
    Flag,
    Interval,
    LabelledEstimate,
    Line,
    Number,
    Parameter,
    Points,
    RaisedFlag,
    Result,
    Search,
    Table,
    least_squares_statistics,
    rows_of,
)

LABELS = ("I", "II", "III")
LOW_R_SQUARED = 0.95
FEW_AGREEING = 0.2
MODEL = (
    "y0 + slope*(x - middle) + sum of A/(sigma*sqrt(2*pi))*exp(-(x - xc)^2/(2*sigma^2))"
)
ORIGIN_MODEL = "y0 + A/(w*sqrt(pi/2))*exp(-2*((x - xc)/w)^2)"
WHAT_FLAGS_SAY = {
    "unresolved": "Peak {} is barely determined: its errors are as large as the peak.",
    "unsupported": "Peak {} may be noise: a fit without it is about as good.",
    "order_uncertain": "Peak {} lies where another one does: its label is arbitrary.",
}
FLAGS = (
    Flag(
        "unresolved",
        "unresolved",
        "The peaks overlap so far that the data hardly part them.",
    ),
    Flag("unsupported", "unsupported", "The data do without this peak just as well."),
    Flag(
        "order_uncertain",
        "order uncertain",
        "Which of two peaks lies higher is within the errors.",
    ),
    Flag(
        "low_r_squared",
        "low R²",
        "R² is below 0.95: the model leaves much of the data unexplained.",
    ),
    Flag(
        "few_starts_agree",
        "few starts agree",
        "Fewer than 20 % of the starts end in this minimum: another may be lower.",
    ),
)


def describe_peaks(
    spectrum: Spectrum,
    found: PeakFit,
    doubts: Sequence[tuple[str, ...]],
    *,
    poisson: bool,
    asked: int | str,
    candidates: Mapping[int, PeakFit],
    refused: Mapping[int, str],
) -> Result:
    """Turn a fit into estimates, curves, tables and remarks.

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
    asked : int or "auto"
        The number of peaks asked for.
    candidates, refused : mapping
        The numbers of peaks that were tried, and why some gave no fit.

    Returns
    -------
    Result
    """
    order = by_energy(found, spectrum.axis)
    found, doubts = found.reordered(order), [doubts[place] for place in order]
    parts = peak_fit.components(spectrum.shifted, found)
    curve = parts.sum(axis=0)
    weights = spectrum.poisson_weights(curve) if poisson else None
    determination = peak_fit.determination(spectrum.y, curve, weights, found.count)
    r_squared = determination[0]
    remarks = [
        WHAT_FLAGS_SAY[flag].format(label)
        for label, flags in zip(LABELS, doubts, strict=False)
        for flag in flags
    ]
    in_counts = spectrum.channel.unit == "1"
    estimates = peak_estimates(spectrum, found, doubts, in_counts=in_counts)
    if not in_counts:
        remarks.append(
            f"{spectrum.channel.name} is in {spectrum.channel.unit}: areas and heights"
            " are among the parameters only."
        )
    estimates.append(LabelledEstimate("pl.r_squared", Estimate(r_squared)))
    # Without weights χ² carries the squared unit of the ordinate; on the energy axis
    # it could not be compared with the published ones, which are in counts.
    if weights is not None or (in_counts and spectrum.axis == "nm"):
        reduced = Estimate(float(found.best.reduced_chi_square))
        estimates.append(LabelledEstimate("pl.reduced_chi_square", reduced))
    if weights is not None:
        remarks += poisson_remarks(spectrum, found)
    fit = describe_fit(spectrum, found, determination, poisson=poisson)
    return Result(
        estimates=tuple(estimates),
        datasets={"fit": fitted_curves(spectrum, found, curve, parts)},
        fits=(fit,),
        comparisons=(compare_peaks(asked, found, candidates, refused),),
        tables=(origin_table(fit, found),),
        details=(
            Detail("channel", "Channel", spectrum.channel.name),
            Detail("axis", "Axis", spectrum.axis),
            Detail("middle", "Middle of the window", spectrum.middle, spectrum.axis),
        ),
        remarks=tuple(remarks),
        flags=tuple(doubts_about_fit(found, r_squared)),
        drawings=draw(spectrum, found),
    )


def doubts_about_fit(found: PeakFit, r_squared: float) -> list[RaisedFlag]:
    """Return what to doubt of the fit as a whole."""
    raised = []
    if r_squared < LOW_R_SQUARED:
        raised.append(RaisedFlag("low_r_squared", words=f"R² {r_squared:.3f}"))
    if found.agreeing / found.starts < FEW_AGREEING:
        words = f"{found.agreeing} of {found.starts} starts agree"
        raised.append(RaisedFlag("few_starts_agree", words=words))
    return raised


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


def poisson_remarks(spectrum: Spectrum, found: PeakFit) -> list[str]:
    """Say where the data contradict counting statistics."""
    remarks = []
    counts = spectrum.y / spectrum.jacobian
    if not np.allclose(counts, np.round(counts), rtol=0, atol=1e-3):
        remarks.append(
            "The values are no whole numbers; Poisson weights need raw counts."
        )
    reduced = float(found.best.reduced_chi_square)
    if reduced > 1 + 5 * np.sqrt(2 / found.best.freedom):
        remarks.append(
            f"Reduced chi-square {reduced:.3g}: the data scatter more than counts do,"
            " so the stated errors are too small."
        )
    return remarks


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


def draw(spectrum: Spectrum, found: PeakFit) -> tuple[Drawing, ...]:
    """Return the data with fit, peaks and offset, and the residuals below."""
    peaks = [
        Line("fit", f"component_{label}", on="offset", part=True, mark=label)
        for label in LABELS[: found.peaks]
    ]
    axis = spectrum.axis_name
    return (
        Drawing(
            "fit",
            "Data and fit",
            axis,
            (
                Points("fit", "data", "Data"),
                *peaks,
                Line("fit", "offset", part=True),
                Line("fit", "fit"),
            ),
            y=spectrum.channel.label,
        ),
        Drawing(
            "residual",
            "Residual",
            axis,
            (Points("fit", "residual", residual_of="fit"),),
            under="fit",
        ),
    )


def describe_fit(
    spectrum: Spectrum,
    found: PeakFit,
    determination: tuple[float, float],
    *,
    poisson: bool,
) -> Fit:
    """Return the parameters as they were fitted and how good the fit is."""
    best = found.best
    return Fit(
        model=MODEL,
        statistics=least_squares_statistics(
            points=int(best.points),
            freedom=int(best.freedom),
            chi_square=float(best.chi_square),
            reduced_chi_square=float(best.reduced_chi_square),
            aic=found.aic,
            bic=found.bic,
            r_squared=determination[0],
            adjusted_r_squared=determination[1],
        ),
        parameters=describe_parameters(spectrum, found),
        covariance=rows_of(best.covariance),
        weights="Poisson" if poisson else "none",
        points=int(best.points),
        axis=spectrum.axis_name,
        unit=spectrum.axis,
        window=Interval(float(spectrum.x[0]), float(spectrum.x[-1])),
        search=Search(
            starts=found.starts,
            converged=found.converged,
            agreeing=found.agreeing,
            evaluations=found.evaluations,
            status=Status(int(best.status)).name.lower(),
            backend=choose_backend(gaussians.GAUSSIANS),
        ),
    )


def describe_parameters(spectrum: Spectrum, found: PeakFit) -> tuple[Parameter, ...]:
    """Return the parameters with errors and limits, centres on the axis itself."""
    values, errors = found.best.parameters.copy(), found.best.standard_errors
    lower, upper = gaussians.bounds(spectrum.shifted, found.peaks, linear=found.linear)
    centres = slice(found.first + 1, None, 3)
    start = found.start.copy()
    for numbers in (values, lower, upper, start):
        numbers[centres] += spectrum.middle
    names = ["y0", "slope"][: found.first] + [
        f"{what}[{label}]"
        for label in LABELS[: found.peaks]
        for what in ("A", "xc", "sigma")
    ]
    return tuple(
        Parameter(
            name,
            float(values[place]),
            float(errors[place]),
            start=float(start[place]),
            lower=finite(lower[place]),
            upper=finite(upper[place]),
        )
        for place, name in enumerate(names)
    )


def finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def origin_table(fit: Fit, found: PeakFit) -> Table:
    """Return the parameters as Origin prints them, where w is 2σ."""
    offset = fit.parameter("y0")
    rows = [("y0", Number(offset.value, offset.uncertainty))]
    for label in LABELS[: found.peaks]:
        for name, ours, factor in (("xc", "xc", 1), ("w", "sigma", 2), ("A", "A", 1)):
            one = fit.parameter(f"{ours}[{label}]")
            number = Number(factor * one.value, factor * (one.uncertainty or 0.0))
            rows.append((f"{name}, peak {label}", number))
    return Table(
        "origin",
        "Origin's convention",
        (Column("parameter", "Parameter"), Column("value", "Value")),
        tuple(rows),
        caption=ORIGIN_MODEL,
    )


def compare_peaks(
    asked: int | str,
    found: PeakFit,
    candidates: Mapping[int, PeakFit],
    refused: Mapping[int, str],
) -> Comparison:
    """Return the numbers of peaks that were tried, with their BIC."""
    tried = {
        peaks: Candidate(_peaks(peaks), refused=why) for peaks, why in refused.items()
    }
    tried |= {
        peaks: Candidate(_peaks(peaks), one.bic, chosen=peaks == found.peaks)
        for peaks, one in candidates.items()
    }
    rule = (
        "auto: the fewest peaks whose BIC is within 10 of the lowest, all resolved and"
        " of at least three standard errors"
        if asked == "auto"
        else f"{_peaks(found.peaks)}, as asked for"
    )
    return Comparison(
        "peaks",
        "Number of peaks",
        "BIC",
        tuple(tried[peaks] for peaks in sorted(tried)),
        rule=rule,
    )


def _peaks(count: int) -> str:
    return f"{count} peak" if count == 1 else f"{count} peaks"
