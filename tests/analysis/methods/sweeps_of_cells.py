"""Datasets of simulated cells as an analysis is given them."""

import numpy as np

from analysis.numerics.photovoltaics.single_diode import evaluate
from labdata.plugin import Dataset

CELL = (25.0, 1e-9, 0.002, 4.0, 1.6 * 0.025693)
RISING = np.round(np.arange(-0.1, 1.1905, 0.01), 3)


def sweep(
    run="reverse", *, voltage=RISING, cell=CELL, noise=0.0, reported=None, **said
):
    """One sweep that runs in the given direction; ``said`` are its conditions."""
    voltage = voltage[::-1] if run == "reverse" else voltage
    density = evaluate(voltage, *cell)
    if noise:
        density = density + np.random.default_rng(6).normal(0, noise, voltage.size)
    return from_values(voltage, density, reported, **said)


def from_values(voltage, density, reported=None, **said):
    metadata = {"conditions": {"irradiance": 100.0, **said}}
    metadata["conditions"] = {
        key: value for key, value in metadata["conditions"].items() if value is not None
    }
    if reported:
        metadata["reported"] = {
            key: {"value": value, "unit": "", "label": key}
            for key, value in reported.items()
        }
    return Dataset.curve(
        ("voltage", "V", voltage, "Voltage"),
        current_density=("mA/cm²", density, "Current density"),
        metadata=metadata,
    )


def notes_about(result, word):
    return [note for note in result.remarks if word in note]
