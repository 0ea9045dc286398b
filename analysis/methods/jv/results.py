"""What the metrics of sweeps say besides the numbers: tables, marks, curves, flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.contract.flags import HEADER_CONTRADICTS
from analysis.methods.jv import sweeps as jv_sweeps
from analysis.methods.jv.sweeps import CellSweep, Light
from analysis.numerics.photovoltaics import jv
from analysis.numerics.photovoltaics.dark_diode import DarkDiode
from labdata.plugin import (
    Cell,
    Column,
    Data,
    Dataset,
    Definition,
    Drawing,
    Estimate,
    Fit,
    Flag,
    Interval,
    Line,
    Mark,
    Marks,
    Parameter,
    Table,
)
from measurements.sweeps.curves import REPORTED

FLAGS = (
    *jv_sweeps.SWEEP_FLAGS,
    HEADER_CONTRADICTS,
    jv_sweeps.IDEALITY_IMPLAUSIBLE,
    Flag(
        "irradiance_impossible",
        "impossible irradiance",
        "The stated irradiance cannot be and was not used.",
        severity="fault",
    ),
    Flag(
        "irradiance_assumed",
        "irradiance assumed",
        "No usable irradiance is stated: 100 mW/cm² was taken, so the efficiency is"
        " only approximate.",
    ),
    Flag(
        "fill_factor_impossible",
        "impossible fill factor",
        "A fill factor lies between 0 and 1 in a working cell.",
        severity="fault",
    ),
    Flag(
        "efficiency_above_limit",
        "above the limit",
        "The efficiency is above the limit of one junction: check area and irradiance.",
        severity="fault",
    ),
    Flag(
        "edge_maximum",
        "maximum at the edge",
        "The largest power is at an end of the sweep: the true maximum may be higher.",
    ),
    Flag(
        "several_crossings",
        "several crossings",
        "The current falls through zero more than once.",
    ),
    Flag(
        "extrapolated",
        "extrapolated",
        "The number lies beyond the data, by a model or a line.",
    ),
)


SWEEP_COLUMNS = (
    Column("sweep", "Sweep"),
    Column("labelled", "Labelled"),
    Column("points", "Points"),
    Column("voltage", "Voltage", "V"),
    Column("irradiance", "Irradiance used", "mW/cm²"),
    Column("irradiance_stated", "Irradiance stated", "mW/cm²"),
    Column("rs_window", "Window of Rs", "V"),
    Column("rsh_window", "Window of Rsh", "V"),
    Column("pmax", "Largest power density", "mW/cm²"),
    Column("pmax_fitted", "Largest power density, fitted", "mW/cm²"),
    Column("noise", "Noise of a point", "mA/cm²", "Median fourth difference of J."),
)


def define(
    maximum: str, direction: str, rs_window: float, rsh_window: float
) -> tuple[Definition, ...]:
    """Return how the numbers are defined with these parameters."""
    return (
        Definition("maximum", maximum),
        Definition("direction", direction),
        Definition(
            "plain label",
            "the first sweep in its direction whose label does not contradict its"
            " voltage order",
        ),
        Definition(
            "rs",
            f"-dV/dJ by a line within {rs_window:g} V of Voc",
            "jv.rs",
        ),
        Definition(
            "rsh",
            f"-dV/dJ by a line within {rsh_window:g} V of 0 V",
            "jv.rsh",
        ),
        Definition("noise", "median fourth difference of J"),
    )


def describe_sweep(
    sweep: CellSweep, metrics: jv.Metrics, row: int, light: Light
) -> tuple[Cell, ...]:
    """Return the row of `SWEEP_COLUMNS` of a sweep."""

    def number(value: float) -> float | None:
        return float(value) if np.isfinite(value) else None

    windows = [
        Interval(low, high) if low is not None and high is not None else None
        for low, high in (
            (number(slopes.low[row]), number(slopes.high[row]))
            for slopes in (metrics.at_voc, metrics.at_zero)
        )
    ]
    return (
        sweep.label,
        sweep.conditions.get("direction"),
        int(sweep.voltage.size),
        Interval(float(sweep.voltage[0]), float(sweep.voltage[-1])),
        light.irradiance,
        sweep.conditions.get("irradiance"),
        *windows,
        number(metrics.pmax[row]),
        number(metrics.pmax_fitted[row]),
        number(metrics.noise[row]),
    )


def reported_table(lit: Sequence[CellSweep]) -> tuple[Table, ...]:
    """Return what the file says of its sweeps, a column for each, if it says it."""
    keys = dict.fromkeys(key for one in lit for key in one.reported)
    if not keys:
        return ()
    columns = [Column("number", "Number"), Column("unit", "Unit")]
    columns += [Column(one.label.replace(" ", "_"), one.label) for one in lit]
    rows = [
        (
            REPORTED[key][1],
            "" if REPORTED[key][0] == "1" else REPORTED[key][0],
            *(one.reported.get(key) for one in lit),
        )
        for key in keys
    ]
    title = "What the file reports"
    return (Table("reported", title, tuple(columns), tuple(rows), folded=True),)


def mark_results(label: str, values: Mapping[str, Estimate]) -> list[Mark]:
    """Return where a sweep crosses the axes and where its power is largest."""
    side = label.partition(" ")[0]
    marks = []
    if "voc" in values:
        marks.append(Mark("Voc", values["voc"].value, 0.0, side=side))
    if "jsc" in values:
        marks.append(Mark("Jsc", 0.0, values["jsc"].value, side=side))
    if "vmp" in values:
        x, y = values["vmp"].value, values["jmp"].value
        marks.append(Mark("MPP", x, y, side=side))
    return marks


def draw(marks: Sequence[Mark], *, has_power: bool) -> tuple[Drawing, ...]:
    """Return the sweeps with their marks and the power of the first one below."""
    layers = (Data(), *((Marks(tuple(marks)),) if marks else ()))
    caption = "Diamonds: Voc, Jsc and maximum power." if marks else ""
    sweeps = Drawing("sweeps", "Data and results", "voltage", layers, caption=caption)
    if not has_power:
        return (sweeps,)
    line = Line("power", "power_density")
    power = Drawing("power", "Power density", "voltage", (line,), under="sweeps")
    return sweeps, power


def power_of(sweep: CellSweep) -> Dataset:
    """Return the power density along a sweep."""
    voltage, current = (rows[0] for rows in jv.stack([(sweep.voltage, sweep.current)]))
    return Dataset.curve(
        ("voltage", "V", voltage, "Voltage"),
        current_density=("mA/cm²", current, "Current density"),
        power_density=("mW/cm²", voltage * current, "Power density"),
        metadata={"sweep": sweep.label},
    )


def describe_dark(fit: DarkDiode) -> Fit:
    """Return the exponential that was fitted to a dark curve."""
    return Fit(
        "dark",
        "Dark curve",
        model="ln J = ln J0 + q V/(n k T)",
        parameters=(
            Parameter("n", fit.ideality, fit.ideality_error),
            Parameter("J0", fit.saturation, fit.saturation_error, "mA/cm²"),
        ),
        points=fit.points,
        axis="voltage",
        unit="V",
        window=Interval(fit.low, fit.high),
    )
