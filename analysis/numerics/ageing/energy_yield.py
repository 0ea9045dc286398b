"""The energy a cell delivered during a test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.numerics.ageing.track import GAP
from labdata.plugin import Dataset

MILLIWATTS_PER_WATT = 1000.0


@dataclass(frozen=True, slots=True)
class Energy:
    """Energy per area [W h/cm²]; ``high`` counts the gaps as if they were measured."""

    value: float
    low: float
    high: float
    definition: str


def integrate_energy(dataset: Dataset, *, is_sparse: bool) -> Energy | None:
    """Integrate the power density over the test.

    Parameters
    ----------
    dataset : Dataset
        Over ``time`` [h], with ``power_density``, ``voltage`` and
        ``current_density``, or ``pce`` and the light's intensity.
    is_sparse : bool
        Of a few points in between nobody knows what was delivered: they give none.

    Returns
    -------
    Energy or None
        None where the power is not known.

    Notes
    -----
    Drop-outs and negative power are part of it: what was not delivered does not
    count. Nothing is added for gaps, which is why the upper end of the interval does.
    """
    if is_sparse:
        return None
    time = dataset["time"]
    power, source = _power_density(dataset)
    if power is None:
        return None
    known = np.isfinite(power)
    if not known.all():
        time, power = time[known], power[known]
    if time.size < 2:
        return None
    steps = np.diff(time)
    parts = 0.5 * (power[1:] + power[:-1]) * steps / MILLIWATTS_PER_WATT
    sampled = steps[:: max(1, steps.size // 1000)]
    usual = float(np.median(sampled[sampled > 0])) if (sampled > 0).any() else 0.0
    inside = steps <= GAP * usual
    value, all_parts = float(parts[inside].sum()), float(parts.sum())
    definition = f"integral of {source} without gaps"
    low, high = min(value, all_parts), max(value, all_parts)
    return Energy(value, low, high, definition)


def _power_density(dataset: Dataset) -> tuple[np.ndarray | None, str]:
    """Return the power density [mW/cm²] and where it is from."""
    if "power_density" in dataset:
        return dataset["power_density"], "the power density"
    if "voltage" in dataset and "current_density" in dataset:
        return dataset["voltage"] * dataset["current_density"], "voltage times current"
    if "irradiance" in dataset:
        product = dataset["pce"] / 100 * dataset["irradiance"]
        return product, "efficiency times irradiance"
    intensity = dataset.metadata.get("conditions", {}).get("intensity")
    if intensity:
        return (
            dataset["pce"] / 100 * intensity,
            f"efficiency times the stated {intensity:g} mW/cm²",
        )
    return None, ""
