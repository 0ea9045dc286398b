"""External quantum efficiency: electrons per photon against wavelength."""

import numpy as np

from labdata.plugin import AxisSpec, ChannelSpec, Condition, Dataset, Figure, Technique
from measurements.techniques.jv import ACTIVE_AREA, MASK_AREA

HC = 1239.841984
"""Planck constant times the speed of light [eV nm]."""

PLATEAU = 0.92
EDGE_ENERGY = 1.55
"""Inflection point of the simulated edge [eV]."""

EDGE_WIDTH = 0.015
"""Energy over which the simulated edge falls by e [eV]."""

NOISE = 2e-5
"""Standard deviation of one point [1]."""


def example() -> Dataset:
    """A plateau with a rise in the blue and a logistic edge at 1.55 eV."""
    wavelength = np.arange(300.0, 901.0, 2.5)
    energy = HC / wavelength
    rise = 1 / (1 + np.exp(-(wavelength - 330) / 12))
    edge = 1 / (1 + np.exp(-(energy - EDGE_ENERGY) / EDGE_WIDTH))
    efficiency = PLATEAU * rise * edge
    efficiency += np.random.default_rng(25).normal(0, NOISE, wavelength.size)
    return Dataset.curve(
        ("wavelength", "nm", wavelength, "Wavelength"),
        eqe=("1", efficiency, "External quantum efficiency"),
        metadata={"origin": "simulated"},
    )


EQE = Technique(
    key="eqe",
    label="External quantum efficiency",
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
            "eqe",
            "1",
            "External quantum efficiency",
            (
                "eqe",
                "ipce",
                "qe",
                "external quantum efficiency",
                "external qe",
                "quantum efficiency",
                "externe quanteneffizienz",
            ),
        ),
    ),
    conditions=(
        Condition(
            "bias_light",
            "Bias light",
            kind="text",
            aliases=("light bias", "white light bias"),
        ),
        Condition("bias_voltage", "Bias voltage", "V", aliases=("voltage bias",)),
        Condition(
            "temperature", "Temperature", "°C", aliases=("temp",), minimum=-273.15
        ),
        Condition(
            "chopping_frequency",
            "Chopping frequency",
            "Hz",
            aliases=("chopper frequency", "frequency"),
            minimum=0.0,
        ),
        MASK_AREA,
        ACTIVE_AREA,
        Condition(
            "jv_jsc",
            "Current density of the JV curve",
            "mA/cm²",
            aliases=("jsc jv", "jv jsc"),
            minimum=0.0,
        ),
    ),
    default_analyses=("eqe_metrics",),
    figure=Figure("wavelength", "eqe"),
    key_quantities=("eqe.jsc", "eqe.band_gap", "eqe.urbach_energy"),
    example=example,
)
