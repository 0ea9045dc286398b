"""The five parameters of one diode with two resistances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.contract.quantities import PLAUSIBLE_IDEALITY
from analysis.methods.jv import sweeps as jv_sweeps
from analysis.methods.jv.sweeps import CellSweep
from analysis.numerics.photovoltaics import jv
from analysis.numerics.photovoltaics.dark_diode import thermal_voltage
from analysis.numerics.photovoltaics.single_diode import (
    STRUCTURED,
    NoSingleDiode,
    SingleDiode,
    fit_single_diode,
)
from labdata.plugin import (
    Data,
    Dataset,
    Detail,
    Drawing,
    Estimate,
    Fit,
    Flag,
    Interval,
    LabelledEstimate,
    Line,
    Parameter,
    Points,
    Progress,
    Result,
    Statistic,
    UnsuitableData,
    analysis,
    parameter,
)

POOR = 0.01
"""Root mean square of the residuals over Jsc above which one diode is no model."""

MODEL = "J = Jph - J0*(exp((V + J*Rs)/a) - 1) - (V + J*Rs)/Rsh, a = n k T/q"

FLAGS = (
    *jv_sweeps.SWEEP_FLAGS,
    jv_sweeps.IDEALITY_IMPLAUSIBLE,
    Flag("poor_fit", "poor fit", "The model does not describe this curve."),
    Flag(
        "structured_residuals",
        "structured residuals",
        "What the model leaves is no noise; the errors were widened for it.",
    ),
    Flag("at_limit", "at a limit", "The fit ended at a limit: only a bound is told."),
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """By default the points from the lowest voltage up to where J passes -Jsc."""

    window: tuple[float, float] | None = parameter(
        None, label="Window", unit="V", help="Low and high end.", role="window"
    )
    junctions: int = parameter(
        1,
        label="Junctions in series",
        help="The ideality is per junction.",
        minimum=1,
        maximum=1000,
    )

    def problems(self) -> dict[str, list[str]]:
        """Say what is wrong between fields."""
        if self.window and not self.window[0] < self.window[1]:
            low, high = self.window
            return {"window": [f"Must rise, got {low:g} to {high:g}."]}
        return {}


@analysis(
    key="jv_single_diode",
    version=1,
    label="Single-diode fit",
    techniques=["jv"],
    parameters=Parameters,
    outputs=[
        "jv.diode_photocurrent",
        "jv.diode_saturation_current",
        "jv.diode_rs",
        "jv.diode_rsh",
        "jv.diode_ideality",
    ],
    gathers="cell",
    conditions=jv_sweeps.CONDITIONS,
    channels=["current_density"],
    flags=FLAGS,
)
def run(
    datasets: Sequence[Dataset], parameters: Parameters, progress: Progress
) -> Result:
    """Fit one diode with series and shunt resistance to every lit sweep of a cell."""
    progress(0.0, "sorting the sweeps")
    taken, notes = jv_sweeps.take_sweeps(datasets)
    lit = [one for one in taken if not one.dark]
    if not lit:
        raise UnsuitableData(
            "there is no lit sweep; a dark curve's ideality is among the JV metrics"
        )
    lit.sort(key=lambda one: one.label != "reverse")
    estimates: list[LabelledEstimate] = []
    fits: list[Fit] = []
    details: list[Detail] = []
    refused: list[str] = []
    roles: dict[str, Dataset] = {}
    for number, sweep in enumerate(lit):
        progress(0.1 + 0.8 * number / len(lit), f"fitting the {sweep.label} sweep")
        try:
            voltage, current = _points(sweep, parameters)
            fit = _fit(voltage, current)
        except (NoSingleDiode, UnsuitableData) as error:
            refused.append(f"{sweep.label}: no fit: {error}.")
            continue
        temperature, source = jv_sweeps.temperature_of(sweep)
        values, remarks = _estimates(fit, sweep, temperature, parameters)
        notes += [f"{sweep.label}: {remark}" for remark in remarks]
        estimates += [
            LabelledEstimate(f"jv.diode_{key}", value, sweep.label, not fits)
            for key, value in values.items()
        ]
        if not fits:
            roles["fit"] = _curve(sweep, voltage, current, fit)
        fits.append(_describe(sweep.label, voltage, fit))
        details += [
            Detail("temperature", "Temperature", temperature, "°C", sweep.label),
            Detail("temperature_source", "Temperature is", source, about=sweep.label),
        ]
    if not estimates:
        raise UnsuitableData(" ".join(refused).rstrip("."))
    details += [
        Detail("junctions", "Junctions in series", parameters.junctions),
        Detail("code", "Computed with", "pvlib.pvsystem.i_from_v, lambertw"),
    ]
    return Result(
        tuple(estimates),
        roles,
        fits=tuple(fits),
        details=tuple(details),
        remarks=tuple(dict.fromkeys((*notes, *refused))),
        drawings=DRAWINGS,
    )


DRAWINGS = (
    Drawing("sweeps", "Data and fit", "voltage", (Data(), Line("fit", "fit"))),
    Drawing(
        "residual",
        "Residual",
        "voltage",
        (Points("fit", "residual", residual_of="fit"),),
        under="sweeps",
    ),
)


def _describe(label: str, voltage: np.ndarray, fit: SingleDiode) -> Fit:
    """Return the parameters as they were fitted, in the units of the quantities."""
    return Fit(
        label.replace(" ", "_"),
        f"{label.capitalize()} sweep",
        label,
        MODEL,
        statistics=(
            Statistic("rms", "RMS of the residuals [mA/cm²]", fit.rms, "lower"),
            Statistic("correlation", "Correlation of neighbours", fit.correlation),
        ),
        parameters=(
            Parameter("Jph", fit.photocurrent, fit.photocurrent_error, "mA/cm²"),
            Parameter("J0", fit.saturation, fit.saturation_error, "mA/cm²"),
            Parameter(
                "Rs",
                1000 * fit.series,
                1000 * fit.series_error,
                "Ω cm²",
                lower=0.0,
                at_bound=fit.series_at_zero,
            ),
            Parameter("Rsh", 1000 * fit.shunt, 1000 * fit.shunt_error, "Ω cm²"),
            Parameter("a", fit.scale, fit.scale_error, "V"),
        ),
        weights="none",
        points=int(voltage.size),
        axis="voltage",
        unit="V",
        window=Interval(float(voltage.min()), float(voltage.max())),
    )


def _points(sweep: CellSweep, parameters: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Return the points to fit, without what lies far beyond Voc."""
    voltage, current = sweep.voltage, sweep.current
    if parameters.window:
        low, high = parameters.window
        inside = (voltage >= low) & (voltage <= high)
    else:
        # Far beyond Voc a compliance cuts currents off and a cell heats.
        metrics = jv.sweep_metrics(*jv.stack([(voltage, current)]))
        jsc = metrics.jsc[0]
        inside = current >= (-jsc if jsc > 0 else -np.inf)
    return voltage[inside], current[inside]


def _fit(voltage: np.ndarray, current: np.ndarray) -> SingleDiode:
    if voltage.size < jv.POINTS:
        raise UnsuitableData(f"{voltage.size} points are in the window")
    metrics = jv.sweep_metrics(*jv.stack([(voltage, current)]))
    voc, jsc = float(metrics.voc[0]), float(metrics.jsc[0])
    if not jsc > 0:
        raise UnsuitableData("there is no photocurrent at 0 V: a dark or dead cell")
    if not voc > 0:
        raise UnsuitableData("the current does not change its sign: Voc is not reached")
    return fit_single_diode(voltage, current, voc, jsc)


def _estimates(
    fit: SingleDiode, sweep: CellSweep, temperature: float, parameters: Parameters
) -> tuple[dict[str, Estimate], list[str]]:
    flags, notes = tuple(sweep.flags), []
    share = fit.rms / fit.photocurrent
    if share > POOR:
        flags += ("poor_fit",)
        notes.append(
            f"the residuals are {100 * share:.2g} % of the photocurrent: one diode does"
            " not describe this curve."
        )
    if fit.correlation > STRUCTURED:
        flags += ("structured_residuals",)
        notes.append(
            f"neighbouring residuals are correlated ({fit.correlation:.2f}): the curve"
            " is not quite that of one diode. The errors were widened for it."
        )
    thermal = parameters.junctions * thermal_voltage(temperature)
    ideality = fit.scale / thermal
    low, high = PLAUSIBLE_IDEALITY
    odd = ("ideality_implausible",) if not low <= ideality <= high else ()
    if odd:
        notes.append(f"the ideality {ideality:.3g} is outside {low} to {high}.")
    series = Estimate(1000 * fit.series, 1000 * fit.series_error, flags=flags)
    if fit.series_at_zero:
        notes.append("Rs ends at 0: only an upper bound can be given.")
        limit = 2000 * fit.series_error
        series = Estimate(limit, bound="<", flags=(*flags, "at_limit"))
    shunt = Estimate(1000 * fit.shunt, 1000 * fit.shunt_error, flags=flags)
    if fit.shunt_error > fit.shunt / 2:
        # The conductance is what is measured; it may be none.
        least = 1000 / (1 / fit.shunt + 2 * fit.shunt_error / fit.shunt**2)
        notes.append("Rsh is not told from infinity: a lower bound is given.")
        shunt = Estimate(least, bound=">", flags=flags)
    values = {
        "photocurrent": Estimate(fit.photocurrent, fit.photocurrent_error, flags=flags),
        "saturation_current": Estimate(
            fit.saturation, fit.saturation_error, flags=flags
        ),
        "rs": series,
        "rsh": shunt,
        "ideality": Estimate(ideality, fit.scale_error / thermal, flags=flags + odd),
    }
    return values, notes


def _curve(
    sweep: CellSweep, voltage: np.ndarray, current: np.ndarray, fit: SingleDiode
) -> Dataset:
    return Dataset.curve(
        ("voltage", "V", voltage, "Voltage"),
        data=("mA/cm²", current, "Current density"),
        fit=("mA/cm²", fit.fitted, "One diode"),
        residual=("mA/cm²", current - fit.fitted, "Residual"),
        metadata={"sweep": sweep.label},
    )
