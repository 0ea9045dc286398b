"""The published PL fit that several tests draw spectra from."""

import numpy as np

from analysis.contract.registry import analyses
from analysis.methods.pl.pl_gaussians import run  # noqa: F401 - registers the analysis
from labdata.plugin import Dataset

HC = 1239.841984
SPEC = analyses["pl_gaussians"]

# Published fit of (CsPbI3)0.25(agZIF-62)0.75 sintered at 300 °C, Origin's convention.
PUBLISHED = {
    "y0": (81.13, 9.77),
    "A1": (418305.79, 3918.98),
    "xc1": (682.82, 0.20),
    "w1": (39.27, 0.33),
    "A2": (21896.09, 3476.46),
    "xc2": (716.94, 0.97),
    "w2": (21.78, 1.75),
}
REDUCED_CHI_SQUARE = 13025.42
WAVELENGTH = np.arange(575.0, 826.0)
TRUTH = {
    "pl.peak_wavelength[I]": 682.82,
    "pl.fwhm[I]": 39.27 * np.sqrt(2 * np.log(2)),
    "pl.sigma[I]": 39.27 / 2,
    "pl.area[I]": 418305.79,
    "pl.height[I]": 8499.1,
    "pl.peak_energy[I]": HC / 682.82,
    "pl.peak_wavelength[II]": 716.94,
    "pl.fwhm[II]": 21.78 * np.sqrt(2 * np.log(2)),
    "pl.sigma[II]": 21.78 / 2,
    "pl.area[II]": 21896.09,
    "pl.peak_energy[II]": HC / 716.94,
    "pl.relative_intensity[II/I]": 21896.09 / 418305.79,
}


def gauss(x, area, centre, width):
    return (
        area / (width * np.sqrt(np.pi / 2)) * np.exp(-2 * ((x - centre) / width) ** 2)
    )


def published_curve(x=WAVELENGTH):
    value = {name: pair[0] for name, pair in PUBLISHED.items()}
    return (
        value["y0"]
        + gauss(x, value["A1"], value["xc1"], value["w1"])
        + gauss(x, value["A2"], value["xc2"], value["w2"])
    )


def spectrum(counts, x=WAVELENGTH, **channels):
    return Dataset.curve(
        ("wavelength", "nm", x, "Wavelength"), counts=("1", counts), **channels
    )


def noisy(seed):
    noise = np.random.default_rng(seed).normal(0, 1, WAVELENGTH.size)
    return spectrum(published_curve() + np.sqrt(REDUCED_CHI_SQUARE) * noise)
