"""Sweeps of a cell as analyses take them: sign, direction, label, irradiance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.numerics.photovoltaics.jv import POINTS
from labdata.plugin import Dataset, Flag, UnsuitableData, finite_curve
from measurements.sweeps.curves import (
    direction_of,
    photocurrent_sign,
    split_at_turns,
)

ONE_SUN = 100.0
"""[mW/cm²]"""

IRRADIANCE_RANGE = (1e-3, 1500.0)
"""What may have fallen on a cell [mW/cm²]: from 3 lx of a white lamp to 15 suns, beyond
which a cell without concentrator optics and cooling does not survive a sweep."""

STANDARD_TEMPERATURE = 25.0
"""[°C]"""

CONDITIONS = (
    "irradiance",
    "light",
    "direction",
    "active_area",
    "mask_area",
    "temperature",
    "scan_rate",
)
AREA_TOLERANCE = 0.01

SWEEP_FLAGS = (
    Flag(
        "direction_contradicts_label",
        "label contradicts order",
        "The file labels the other direction than the order of the voltages has.",
    ),
    Flag(
        "area_contradicts_record",
        "areas disagree",
        "The area of the measurement is not that of the cell's record.",
    ),
    Flag(
        "area_contradicts_data",
        "area contradicts data",
        "Current over current density is another area than the one stated.",
    ),
)
"""What may be doubtful about a sweep, and so about all of its numbers."""

IDEALITY_IMPLAUSIBLE = Flag(
    "ideality_implausible",
    "implausible ideality",
    "Such an ideality is not the slope of a junction.",
)


@dataclass(slots=True, eq=False)
class CellSweep:
    """One sweep: values in the order of measurement, photocurrent positive.

    ``flags`` are the doubts that concern all of its numbers.
    """

    voltage: np.ndarray
    current: np.ndarray
    direction: str
    dark: bool
    conditions: Mapping[str, Any]
    reported: Mapping[str, float]
    flags: list[str] = field(default_factory=list)
    label: str = ""


@dataclass(slots=True)
class Light:
    """The irradiance PCE is computed with [mW/cm²], and what is doubtful about it."""

    irradiance: float
    flags: tuple[str, ...] = ()
    note: str = ""


def take_sweeps(
    datasets: Sequence[Dataset], *, by_label: bool = False
) -> tuple[list[CellSweep], list[str]]:
    """Take all sweeps of a cell, labelled by direction.

    Parameters
    ----------
    datasets : sequence of Dataset
        Of one cell; one that turns back is split.
    by_label : bool
        Let the file's label decide the direction where there is one.

    Returns
    -------
    sweeps : list of CellSweep
        Dark ones without label.
    notes : list of str

    Raises
    ------
    UnsuitableData
        If an area is not above zero, or no dataset can be used; with every reason.

    Notes
    -----
    Of several sweeps in one direction the first whose label does not contradict its
    voltage order bears the plain label, the others ``reverse 2`` and so on in the order
    of the datasets. The best would be a biased choice, the last one of an aged cell.
    """
    found: list[CellSweep] = []
    notes: list[str] = []
    refused: list[str] = []
    for number, dataset in enumerate(datasets, 1):
        try:
            found += _sweeps_of(dataset, notes, by_label)
        except UnsuitableData as error:
            if len(datasets) == 1:
                raise
            refused.append(f"Dataset {number} was left out: {error}.")
    if not found:
        raise UnsuitableData(" ".join(refused) or "no sweep is there")
    for direction in ("reverse", "forward"):
        mine = [one for one in found if one.direction == direction and not one.dark]
        mine.sort(key=lambda one: "direction_contradicts_label" in one.flags)
        for number, one in enumerate(mine, 1):
            one.label = direction if number == 1 else f"{direction} {number}"
    return found, notes + refused


def _sweeps_of(dataset: Dataset, notes: list[str], by_label: bool) -> list[CellSweep]:
    voltage, current = finite_curve(dataset, "current_density")
    conditions = dataset.metadata.get("conditions", {})
    for key in ("active_area", "mask_area", "cell_active_area", "cell_mask_area"):
        if key in conditions and not conditions[key] > 0:
            name = key.replace("_", " ")
            raise UnsuitableData(
                f"the {name} is {conditions[key]:g} cm²: no current density can belong"
                " to it"
            )
    if voltage.size < POINTS:
        raise UnsuitableData(
            f"current_density has {voltage.size} points; a sweep needs {POINTS}"
        )
    if not np.ptp(current):
        raise UnsuitableData(
            f"current_density is {current[0]:g} mA/cm² at every voltage: no signal"
        )
    if photocurrent_sign(voltage, current) < 0:
        current = -current
        notes.append(
            "The current density rises with the voltage; its sign was turned, so that"
            " photocurrent is positive."
        )
    flags = _area_flags(dataset, conditions, notes)
    pieces = [
        piece for piece in split_at_turns(voltage) if piece.stop - piece.start >= POINTS
    ]
    if not pieces:
        raise UnsuitableData("current_density turns back within every five points")
    reported = _numbers(dataset.metadata.get("reported", {}))
    found = []
    for piece in pieces:
        order = direction_of(voltage[piece])
        said = conditions.get("direction") if len(pieces) == 1 else None
        own = [*flags]
        if said not in (None, order):
            own.append("direction_contradicts_label")
            notes.append(
                f"The label says {said}, but the voltage runs from"
                f" {voltage[piece][0]:g} to {voltage[piece][-1]:g} V, which is"
                f" {order}; it is taken as {said if by_label else order}."
            )
        found.append(
            CellSweep(
                voltage[piece],
                current[piece],
                said if by_label and said else order,
                conditions.get("light") == "dark",
                conditions,
                reported if len(pieces) == 1 else {},
                own,
            )
        )
    return found


def _numbers(reported: Mapping[str, Any]) -> dict[str, float]:
    return {
        key: float(entry["value"] if isinstance(entry, Mapping) else entry)
        for key, entry in reported.items()
    }


def _area_flags(
    dataset: Dataset, conditions: Mapping[str, Any], notes: list[str]
) -> list[str]:
    """Compare the areas that are said with each other and with I over J."""
    flags = []
    said = conditions.get("active_area")
    own = conditions.get("cell_active_area")
    if said and own and abs(said / own - 1) > AREA_TOLERANCE:
        flags.append("area_contradicts_record")
        notes.append(
            f"The measurement's active area is {said:g} cm², that of the cell"
            f" {own:g} cm²."
        )
    if said and "current" in dataset:
        density, current = dataset["current_density"], dataset["current"]
        clear = np.abs(density) > 0.01 * np.abs(density).max()
        implied = float(np.median(np.abs(current[clear] / density[clear])))
        if np.isfinite(implied) and abs(implied / said - 1) > AREA_TOLERANCE:
            flags.append("area_contradicts_data")
            notes.append(
                f"Current over current density is {implied:.4g} cm², the active area is"
                f" stated as {said:g} cm²; the current density was not changed."
            )
    return flags


def light_on(sweep: CellSweep) -> Light:
    """Return the irradiance to use; a missing or impossible one is flagged 1 sun."""
    said = sweep.conditions.get("irradiance")
    if said is None:
        return Light(
            ONE_SUN,
            ("irradiance_assumed",),
            "Nobody states the irradiance: PCE is for 100 mW/cm².",
        )
    low, high = IRRADIANCE_RANGE
    if not low <= said <= high:
        return Light(
            ONE_SUN,
            ("irradiance_impossible", "irradiance_assumed"),
            f"The irradiance is stated as {said:g} mW/cm², outside {low:g} to"
            f" {high:g}, which no such measurement has: it was not used, PCE is for 100"
            " mW/cm².",
        )
    return Light(float(said))


def temperature_of(sweep: CellSweep) -> tuple[float, str]:
    """Return the temperature [°C] and where it is from."""
    said = sweep.conditions.get("temperature")
    if said is None:
        return STANDARD_TEMPERATURE, "assumed: nobody states it"
    return float(said), "stated"


def order_of(sweep: CellSweep) -> tuple[bool, int]:
    """Return what sweeps are sorted by: reverse ones first, then by their number."""
    direction, _, number = sweep.label.partition(" ")
    return direction != "reverse", int(number or 1)
