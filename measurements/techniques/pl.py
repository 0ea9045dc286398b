"""Photoluminescence: emitted intensity against wavelength."""

import numpy as np

from labdata.plugin import AxisSpec, ChannelSpec, Condition, Dataset, Figure, Technique

OFFSET = 81.13
PEAKS = ((682.82, 39.27, 418305.79), (716.94, 21.78, 21896.09))
"""Centre [nm], width w = 2σ [nm] and area [nm] of two published Gaussian peaks."""

NOISE = 114.13
"""Standard deviation of one point [1]: the root of the published reduced χ²."""


def example() -> Dataset:
    """Two Gaussian peaks at published parameters with the published scatter."""
    wavelength = np.arange(575.0, 826.0)
    counts = np.full(wavelength.size, OFFSET)
    for centre, width, area in PEAKS:
        height = area / (width * np.sqrt(np.pi / 2))
        counts += height * np.exp(-2 * ((wavelength - centre) / width) ** 2)
    counts += np.random.default_rng(14).normal(0, NOISE, wavelength.size)
    return Dataset.curve(
        ("wavelength", "nm", wavelength, "Wavelength"),
        counts=("1", counts, "Intensity"),
        metadata={"origin": "simulated"},
    )


PL = Technique(
    key="pl",
    label="Photoluminescence",
    axes=(
        AxisSpec(
            "wavelength",
            "nm",
            "Wavelength",
            (
                "wavelength",
                "wave length",
                "lambda",
                "λ",
                "wl",
                "emission wavelength",
                "wellenlänge",
                "longueur d'onde",
                "longueur d’onde",
                "波長",
                "波长",
            ),
            converts_from=("energy", "photon energy", "wavenumber"),
            monotonic=True,
        ),
    ),
    channels=(
        ChannelSpec(
            "counts",
            "1",
            "Intensity",
            (
                "counts",
                "intensity",
                "pl intensity",
                "pl",
                "signal",
                "emission",
                "photons",
                "cps",
                "raw spectrum",
                "intensität",
                "pl-intensität",
                "intensité",
                "強度",
                "强度",
            ),
        ),
        ChannelSpec(
            "luminescence_flux",
            "1/s/cm²/nm",
            "Luminescence flux density",
            ("luminescence flux density",),
            required=False,
        ),
        ChannelSpec(
            "dark_counts",
            "1",
            "Dark spectrum",
            ("dark", "dark counts", "dark spectrum", "background"),
            required=False,
        ),
    ),
    conditions=(
        Condition(
            "excitation_wavelength",
            "Excitation wavelength",
            "nm",
            aliases=("excitation", "laser wavelength", "laser"),
            minimum=1.0,
            maximum=20000.0,
        ),
        Condition(
            "excitation_power",
            "Excitation power",
            "mW",
            aliases=("laser power", "power"),
            minimum=0.0,
        ),
        Condition(
            "temperature", "Temperature", "°C", aliases=("temp",), minimum=-273.15
        ),
        Condition("atmosphere", "Atmosphere", kind="text"),
        Condition(
            "integration_time",
            "Integration time",
            "s",
            aliases=("exposure time", "exposure", "acquisition time", "dwell time"),
            minimum=0.0,
        ),
    ),
    default_analyses=("pl_gaussians",),
    figure=Figure("wavelength", "counts"),
    key_quantities=("pl.peak_wavelength", "pl.peak_energy", "pl.fwhm"),
    example=example,
)
