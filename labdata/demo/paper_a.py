"""Composites of CsPbI3 and agZIF-62 glass, as published.

Li et al., Interfacial alloying between lead halide perovskite crystals and hybrid
glasses, Nature Communications 14, 7612 (2023), and its Supplementary Information.
What the paper prints is here as printed. Where it prints no number, the demo lab
needs an illustrative one, and every such number says so.
"""

from dataclasses import dataclass

DOI = "10.1038/s41467-023-43247-6"

WEIGHT_FRACTIONS = (0.01, 0.05, 0.10, 0.25, 0.40, 0.50, 0.55, 0.70, 0.75, 0.85)
ALL_TEMPERATURES = (200, 250, 275, 300, 325, 350)
# PL against composition was measured at three temperatures (Supplementary Figs. 7-9),
# PL against temperature for three compositions (Supplementary Fig. 15).
COMPOSITION_SERIES = (275, 300, 350)
TEMPERATURE_SERIES = (0.10, 0.25, 0.40)

ILLUSTRATIVE = "Illustrative: the paper does not print it."
MARK = "Simulated from published parameters where printed, illustrative elsewhere."


def pl_study():
    """Weight fractions and sintering temperatures of the PL study, in order."""
    return [
        (fraction, temperature)
        for fraction in WEIGHT_FRACTIONS
        for temperature in ALL_TEMPERATURES
        if temperature in COMPOSITION_SERIES or fraction in TEMPERATURE_SERIES
    ]


@dataclass(frozen=True, slots=True)
class Reported:
    """A published number: of which sample, with its uncertainty and where it stands."""

    sample: str
    quantity: str
    label: str
    value: str
    locator: str
    note: str = ""


def mixture_code(fraction):
    return f"PA-M{round(fraction * 100):02d}"


def composite_code(fraction, temperature):
    return f"PA-C{round(fraction * 100):02d}-{temperature}"


_PL = "Supplementary Fig. 14b"
_XRD = "Supplementary Fig. 3"
_EXAFS = "Supplementary Table 1"


def _pl_fit():
    sample = composite_code(0.25, 300)
    peaks = {
        # FWHM = w √(2 ln 2) and σ = w / 2 carry the printed error of w.
        "I": ("682.82±0.20", "46.24±0.39", "19.635±0.165", "418305.79±3918.98"),
        "II": ("716.94±0.97", "25.64±2.06", "10.89±0.875", "21896.09±3476.46"),
    }
    for label, (centre, fwhm, sigma, area) in peaks.items():
        yield Reported(sample, "pl.peak_wavelength", label, centre, _PL)
        from_width = "From the printed w (Origin's convention, w = 2σ)."
        yield Reported(sample, "pl.fwhm", label, fwhm, _PL, from_width)
        yield Reported(sample, "pl.sigma", label, sigma, _PL, from_width)
        yield Reported(sample, "pl.area", label, area, _PL)
    yield Reported(sample, "pl.reduced_chi_square", "", "13025.42", _PL, "Unweighted.")
    yield Reported(sample, "pl.r_squared", "", "0.998", _PL)


def _refinements():
    crystalline = "Fraction of the crystalline part."
    cells = {
        composite_code(0.25, 350): (
            "0",
            "100",
            "8.074",
            None,
            ("8.6232", "8.8085", "12.4534", "945.920"),
        ),
        composite_code(0.50, 300): (
            "71.31",
            "28.69",
            "9.171",
            ("10.4382", "4.7884", "17.7395", "888.665"),
            ("8.7326", "8.8679", "12.3619", "957.306"),
        ),
        composite_code(0.70, 275): (
            "97.63",
            "2.37",
            "8.612",
            ("10.4493", "4.7966", "17.7603", "890.172"),
            ("8.6447", "8.8178", "12.5002", "952.857"),
        ),
    }
    for sample, (delta, gamma, rwp, delta_cell, gamma_cell) in cells.items():
        yield Reported(sample, "xrd.weight_fraction", "δ", delta, _XRD, crystalline)
        yield Reported(sample, "xrd.weight_fraction", "γ", gamma, _XRD, crystalline)
        yield Reported(sample, "xrd.rwp", "", rwp, _XRD)
        # The refined δ cell of a composite with 0 % δ is no measurement: left out.
        for label, cell in (("δ", delta_cell), ("γ", gamma_cell)):
            for name, value in zip(
                ("lattice_a", "lattice_b", "lattice_c", "lattice_volume"),
                cell or (),
                strict=False,
            ):
                off = "The printed axes give 886.66 Å³." if value == "888.665" else ""
                yield Reported(sample, f"xrd.{name}", label, value, _XRD, off)


def _shells():
    before, after = mixture_code(0.40), composite_code(0.40, 350)
    for sample, path, number, distance, misfit in [
        (before, "Zn-N", "5.07±0.26", "1.99±0.004", "0.007"),
        (before, "Zn-C", "6.96±1.35", "3.02±0.018", "0.007"),
        (before, "Pb-O", "3.27±0.35", "2.46±0.007", "0.005"),
        (before, "Pb-I", "1.69±0.16", "3.13±0.011", "0.005"),
        (after, "Zn-N", "5.04±0.31", "1.98±0.005", "0.007"),
        (after, "Zn-C", "4.59±1.10", "2.99±0.020", "0.007"),
        (after, "Pb-I", "6.80±1.23", "3.12±0.042", "0.010"),
        (after, "Pb-Zn", "4.08±0.47", "1.80±0.013", "0.010"),
    ]:
        yield Reported(sample, "exafs.coordination_number", path, number, _EXAFS)
        yield Reported(sample, "exafs.distance", path, distance, _EXAFS)
        yield Reported(sample, "exafs.r_factor", path, misfit, _EXAFS)


def reported_values():
    """Every number of the PL, XRD and EXAFS studies, in the order of the paper."""
    return [*_pl_fit(), *_refinements(), *_shells()]
