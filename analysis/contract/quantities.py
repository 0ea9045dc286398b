"""The quantities analyses compute and publications report."""

import math
from collections.abc import Sequence
from typing import Any

from labdata.common.measures.quantities import quantities
from labdata.plugin import Quantity

PEAKS_BY_ENERGY = "peak: I has the highest energy, on either axis"
LARGEST_PEAK = "the peak with the largest area"
COMPONENTS_BY_SPEED = "component, fastest first"
SCANS = "scan direction"
PHASES = "crystal phase"
SHELLS = "scattering shell"
BANDS = "band or line"

PCE_LIMIT = 33.7
"""Shockley-Queisser limit of one junction under AM1.5G. [%]"""

PLAUSIBLE_IDEALITY = (0.8, 4.0)

# What no device can have, so that a unit forgotten is not a record.
PERCENT = (-100.0, 100.0)
POSITIVE = (0.0, math.inf)


def _declare(
    family: str,
    rows: Sequence[tuple[Any, ...]],
    labels: str = "",
    pick: str = "",
    **shared: Any,
) -> None:
    """Declare rows of name, unit, label, symbol, term and what else holds for each."""
    names = ("key", "unit", "label", "symbol", "term")
    for row in rows:
        told = {**shared, "labels": labels, "default_pick": pick}
        told |= row[-1] if isinstance(row[-1], dict) else {}
        texts = [one for one in row if isinstance(one, str)]
        told |= dict(zip(names, texts, strict=False))
        quantities.add(Quantity(**{**told, "key": f"{family}.{row[0]}"}))


_declare(
    "pl",
    [
        ("peak_wavelength", "nm", "PL peak wavelength", "λ", "qudt:Wavelength"),
        ("peak_energy", "eV", "PL peak energy", "E", "qudt:Energy"),
        ("fwhm", "nm", "PL full width at half maximum", "FWHM", "qudt:Length"),
        ("sigma", "nm", "PL standard deviation of the peak", "σ", "qudt:Length"),
        # Counts have no unit, so their integral over the wavelength is a length.
        ("area", "nm", "PL peak area", "A"),
        ("height", "1", "PL peak height", "h", "qudt:Dimensionless"),
    ],
    PEAKS_BY_ENERGY,
    LARGEST_PEAK,
)
_declare(
    "pl",
    [
        (
            "relative_intensity",
            "1",
            "PL relative intensity",
            "A/A",
            "qudt:Dimensionless",
            {"repeats": True},
        )
    ],
    "ratio of two peak areas, such as II/I",
    "II/I, the second peak over the first",
)
_declare(
    "pl",
    [
        ("reduced_chi_square", "1", "PL reduced chi-square", "χ²/ν"),
        ("r_squared", "1", "PL coefficient of determination", "R²"),
    ],
)
_declare(
    "trpl",
    [("lifetime", "ns", "PL lifetime", "τ", "qudt:Time")],
    COMPONENTS_BY_SPEED,
    "the slowest component",
)
_declare(
    "trpl",
    [("lifetime_mean", "ns", "Mean PL lifetime", "⟨τ⟩", "qudt:Time")],
    "weighting: intensity or amplitude",
    "the intensity-weighted mean",
)
_declare(
    "jv",
    [
        (
            "voc",
            "V",
            "Open-circuit voltage",
            "Voc",
            "qudt:Voltage",
            {"possible": (-10.0, 10.0), "better": "higher"},
        ),
        (
            "jsc",
            "mA/cm**2",
            "Short-circuit current density",
            "Jsc",
            "qudt:ElectricCurrentDensity",
            {"better": "higher"},
        ),
        (
            "ff",
            "1",
            "Fill factor",
            "FF",
            "qudt:Dimensionless",
            {"possible": (0.0, 1.0), "better": "higher"},
        ),
        (
            "pce",
            "%",
            "Power conversion efficiency",
            "PCE",
            "qudt:Dimensionless",
            {"possible": PERCENT, "plausible": (0.0, PCE_LIMIT), "better": "higher"},
        ),
        ("vmp", "V", "Voltage at maximum power", "Vmp", "qudt:Voltage"),
        (
            "jmp",
            "mA/cm**2",
            "Current density at maximum power",
            "Jmp",
            "qudt:ElectricCurrentDensity",
        ),
        ("rs", "ohm*cm**2", "Series resistance", "Rs", {"better": "lower"}),
        ("rsh", "ohm*cm**2", "Shunt resistance", "Rsh", {"better": "higher"}),
        # The five parameters of one diode with two resistances, as pvlib names them.
        (
            "diode_photocurrent",
            "mA/cm**2",
            "Photocurrent density, single diode",
            "Jph",
            "qudt:ElectricCurrentDensity",
        ),
        (
            "diode_saturation_current",
            "mA/cm**2",
            "Saturation current density, single diode",
            "J0",
            "qudt:ElectricCurrentDensity",
        ),
        (
            "diode_rs",
            "ohm*cm**2",
            "Series resistance, single diode",
            "Rs",
            {"better": "lower"},
        ),
        (
            "diode_rsh",
            "ohm*cm**2",
            "Shunt resistance, single diode",
            "Rsh",
            {"better": "higher"},
        ),
        (
            "diode_ideality",
            "1",
            "Ideality factor, single diode",
            "n",
            {"plausible": PLAUSIBLE_IDEALITY},
        ),
    ],
    SCANS,
    "the reverse scan, else the forward scan",
    sides=("reverse", "forward"),
)
_declare(
    "jv",
    [
        (
            "stabilised_pce",
            "%",
            "Stabilised power conversion efficiency",
            "PCE",
            {"possible": PERCENT, "plausible": (0.0, PCE_LIMIT), "better": "higher"},
        ),
        (
            "dark_ideality",
            "1",
            "Ideality factor of the dark curve",
            "n",
            {"plausible": (0.0, PLAUSIBLE_IDEALITY[1])},
        ),
        (
            "dark_saturation_current",
            "mA/cm**2",
            "Saturation current density of the dark curve",
            "J0",
            "qudt:ElectricCurrentDensity",
        ),
    ],
)
_declare(
    "jv",
    [
        (
            "hysteresis_index",
            "1",
            "Hysteresis index",
            "HI",
            "qudt:Dimensionless",
            {"better": "lower"},
        )
    ],
    "formula of the index",
    "(PCE_rev-PCE_fwd)/PCE_rev",
)
_declare(
    "eqe",
    [
        (
            "jsc",
            "mA/cm**2",
            "Current density integrated from EQE",
            "Jsc",
            "qudt:ElectricCurrentDensity",
            {"better": "higher"},
        ),
        ("jsc_ratio", "1", "EQE current density over that of the JV curve", ""),
        ("band_gap", "eV", "Band gap from the EQE edge", "Eg", "qudt:Energy"),
        ("urbach_energy", "meV", "Urbach energy", "EU", "qudt:Energy"),
    ],
)
_declare(
    "stability",
    [
        (
            "t80",
            "h",
            "Time to 80 % of the initial efficiency",
            "T80",
            "qudt:Time",
            {"possible": POSITIVE, "better": "higher"},
        ),
        (
            "t95",
            "h",
            "Time to 95 % of the initial efficiency",
            "T95",
            "qudt:Time",
            {"better": "higher"},
        ),
        (
            "ts80",
            "h",
            "Time to 80 % after burn-in",
            "Ts80",
            "qudt:Time",
            {"better": "higher"},
        ),
        (
            "te80",
            "h",
            "Extrapolated time to 80 %",
            "Te80",
            "qudt:Time",
            {"better": "higher"},
        ),
        (
            "eta1000",
            "1",
            "Efficiency after 1000 h over the initial one",
            "η1000",
            {"better": "higher"},
        ),
        (
            "degradation_rate",
            "%/kh",
            "Degradation rate after burn-in",
            "k",
            {"better": "lower"},
        ),
        (
            "initial_pce",
            "%",
            "Initial efficiency of the test",
            "PCE₀",
            {"possible": PERCENT, "better": "higher"},
        ),
        ("burn_in_time", "h", "End of burn-in", "tb", "qudt:Time"),
        (
            "burn_in_loss",
            "%",
            "Efficiency lost in burn-in",
            "",
            "qudt:Dimensionless",
            {"better": "lower"},
        ),
        (
            "energy_yield",
            "W*h/cm**2",
            "Energy delivered during the test",
            "E",
            {"better": "higher"},
        ),
        ("test_time", "h", "Length of the test", "t", "qudt:Time"),
    ],
)
_declare(
    "stability",
    [
        (
            "retention",
            "%",
            "Retained efficiency",
            "",
            "qudt:Dimensionless",
            {"possible": (0.0, 1000.0), "better": "higher"},
        ),
        (
            "loss",
            "%",
            "Efficiency lost of the initial one",
            "",
            "qudt:Dimensionless",
            {"better": "lower"},
        ),
    ],
    "time: end, or the hours since the start, such as 500 h",
    "end, the end of the test",
)
_declare(
    "xrd",
    [
        ("weight_fraction", "%", "Phase weight fraction", "w", "qudt:MassFraction"),
        *(
            (f"lattice_{axis}", "Å", f"Lattice parameter {axis}", axis, term)
            for axis, term in zip(
                "abc",
                ("cif:_cell_length_a", "cif:_cell_length_b", "cif:_cell_length_c"),
                strict=True,
            )
        ),
        ("lattice_alpha", "deg", "Lattice angle α", "α", "cif:_cell_angle_alpha"),
        ("lattice_beta", "deg", "Lattice angle β", "β", "cif:_cell_angle_beta"),
        ("lattice_gamma", "deg", "Lattice angle γ", "γ", "cif:_cell_angle_gamma"),
        ("lattice_volume", "Å**3", "Unit cell volume", "V", "cif:_cell_volume"),
    ],
    PHASES,
    "the phase with the largest weight fraction",
)
_declare(
    "xrd",
    [
        (
            "rwp",
            "%",
            "Weighted profile R-factor",
            "Rwp",
            "cif:_pd_proc_ls_prof_wR_factor",
        )
    ],
)
_declare(
    "exafs",
    [
        ("coordination_number", "1", "Coordination number", "N", "qudt:Dimensionless"),
        ("distance", "Å", "Interatomic distance", "R", "qudt:Length"),
        ("sigma2", "Å**2", "Mean square relative displacement", "σ²"),
        ("r_factor", "1", "EXAFS R-factor", "R", "qudt:Dimensionless"),
    ],
    SHELLS,
    "the shell with the shortest distance",
)
_declare("uvvis", [("band_gap", "eV", "Optical band gap", "Eg", "qudt:Energy")])
_declare(
    "dsc",
    [
        ("tg", "°C", "Glass transition temperature", "Tg", "qudt:Temperature"),
        ("onset", "°C", "Onset temperature", "T", "qudt:Temperature"),
        ("enthalpy", "J/g", "Enthalpy of the event", "ΔH", "qudt:SpecificEnergy"),
    ],
    "thermal event, in the order of temperature",
    "the event with the largest enthalpy; for tg the first one",
)
_declare("tga", [("residue", "%", "Residual mass", "", "qudt:MassFraction")])
_declare(
    "tga",
    [("mass_loss", "%", "Mass loss of a step", "Δm", "qudt:MassFraction")],
    "step, in the order of temperature",
    "the largest step",
)
_declare(
    "saxs", [("radius_of_gyration", "Å", "Radius of gyration", "Rg", "qudt:Length")]
)
_declare(
    "xps",
    [
        ("binding_energy", "eV", "Binding energy", "EB", "qudt:Energy"),
        ("atomic_fraction", "%", "Atomic fraction", "x", "qudt:Dimensionless"),
    ],
    "core level or element",
    "the line with the largest area",
)
_declare(
    "ups",
    [
        ("work_function", "eV", "Work function", "Φ", "qudt:Energy"),
        ("fermi_level", "eV", "Fermi level", "EF", "qudt:Energy"),
        ("valence_band_edge", "eV", "Valence band edge", "EV", "qudt:Energy"),
    ],
)
_declare(
    "nmr",
    [("shift", "ppm", "Chemical shift", "δ", "qudt:Dimensionless")],
    BANDS,
    "the strongest line",
)
_declare(
    "infrared",
    [("band_position", "1/cm", "Infrared band position", "ν̃", "qudt:Wavenumber")],
    BANDS,
    "the strongest band",
)
_declare(
    "pdf",
    [("peak_distance", "Å", "PDF peak distance", "r", "qudt:Length")],
    "atom pair or peak, shortest first",
    "the shortest distance",
)
_declare(
    "transport",
    [("mobility", "cm**2/(V*s)", "Charge carrier mobility", "μ", "qudt:Mobility")],
    "carrier: electron or hole",
    "the electron",
)
_declare(
    "image", [("roughness_rq", "nm", "Root mean square roughness", "Rq", "qudt:Length")]
)
_declare(
    "image",
    [("d_spacing", "Å", "Plane spacing from the Fourier transform", "d")],
    "spot, largest spacing first",
    "the strongest spot",
)
_declare(
    "cl",
    [
        ("centre", "nm", "CL peak wavelength", "λ", "qudt:Wavelength"),
        ("sigma", "nm", "CL standard deviation of the peak", "σ", "qudt:Length"),
        ("amplitude", "nm", "CL peak area", "A"),
    ],
    "statistic over the pixels: median, mean or sd",
    "the median over the pixels",
)
_declare(
    "calculation",
    [("binding_energy", "eV", "Calculated binding energy", "Eb", "qudt:Energy")],
    "surface or interface",
    "the most negative energy",
)
_declare(
    "kpfm",
    [("potential_mean", "mV", "Mean surface potential", "V", "qudt:Voltage")],
)
