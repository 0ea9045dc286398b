"""Efficiency and its parts from the sweeps of one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from analysis.contract.quantities import PCE_LIMIT, PLAUSIBLE_IDEALITY
from analysis.methods.jv import sweeps as jv_sweeps
from analysis.methods.jv.results import (
    FLAGS,
    SWEEP_COLUMNS,
    define,
    describe_dark,
    describe_sweep,
    draw,
    mark_results,
    power_of,
    reported_table,
)
from analysis.methods.jv.sweeps import CellSweep, Light
from analysis.numerics.photovoltaics import dark_diode, jv
from labdata.plugin import (
    Dataset,
    Definition,
    Detail,
    Estimate,
    Fit,
    LabelledEstimate,
    Mark,
    Missing,
    Progress,
    Result,
    Table,
    UnsuitableData,
    analysis,
    parameter,
)
from measurements.sweeps.curves import REPORTED

TOLERANCE = 0.01
"""How far a file's own number may be from the data's, relative to it."""

RESISTANCE_FACTOR = 3.0
"""Definitions of a resistance differ by less than this factor."""

INDICES = {
    "(PCE_rev-PCE_fwd)/PCE_rev": lambda rev, fwd: (rev - fwd) / rev,
    "(PCE_rev-PCE_fwd)/(PCE_rev+PCE_fwd)": lambda rev, fwd: (rev - fwd) / (rev + fwd),
    "(PCE_rev-PCE_fwd)/PCE_fwd": lambda rev, fwd: (rev - fwd) / fwd,
    "PCE_fwd/PCE_rev": lambda rev, fwd: fwd / rev,
}
DEFAULT_INDEX = "(PCE_rev-PCE_fwd)/PCE_rev"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Defaults interpolate; only the noise of the curve makes uncertainties."""

    maximum: Literal["interpolated", "fitted"] = parameter(
        "interpolated",
        label="Maximum power",
        help="Interpolated: of V·J with J straight between points, as Voc and Jsc are."
        " Fitted: of a fourth-order polynomial near the points above 95 % of it.",
    )
    direction: Literal["voltage order", "label"] = parameter(
        "voltage order",
        label="Direction",
        help="What decides it. The label may be right where a file sorts its rows.",
    )
    hysteresis: Literal[
        "(PCE_rev-PCE_fwd)/PCE_rev",
        "(PCE_rev-PCE_fwd)/(PCE_rev+PCE_fwd)",
        "(PCE_rev-PCE_fwd)/PCE_fwd",
        "PCE_fwd/PCE_rev",
        "all",
    ] = parameter(
        DEFAULT_INDEX,
        label="Hysteresis index",
        help="Given beside the usual one, under the name of its formula.",
    )
    rs_window: float = parameter(
        0.05, label="Half window around Voc for Rs", unit="V", minimum=0.0
    )
    rsh_window: float = parameter(
        0.1, label="Half window around 0 V for Rsh", unit="V", minimum=0.0
    )
    dark_window: tuple[float, float] | None = parameter(
        None,
        label="Window of the dark curve",
        help="Low and high end [V]; otherwise around the steepest part of ln J.",
    )
    area_uncertainty: float | None = parameter(
        None, label="Relative uncertainty of the area", unit="%", minimum=0.0
    )
    irradiance_uncertainty: float | None = parameter(
        None, label="Relative uncertainty of the irradiance", unit="%", minimum=0.0
    )

    def problems(self) -> dict[str, list[str]]:
        """Say what is wrong between fields."""
        if self.dark_window and not 0 < self.dark_window[0] < self.dark_window[1]:
            low, high = self.dark_window
            return {
                "dark_window": [f"Must rise from above 0, got {low:g} to {high:g}."]
            }
        return {}


@dataclass(slots=True)
class Findings:
    """What is found, sweep by sweep."""

    parameters: Parameters
    estimates: list[LabelledEstimate] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    details: list[Detail] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    efficiencies: dict[str, tuple[float, float]] = field(default_factory=dict)

    def note(self, sentence: str) -> None:
        if sentence and sentence not in self.notes:
            self.notes.append(sentence)

    def miss(self, label: str, keys: Sequence[str], reason: str) -> None:
        self.missing += [Missing(f"jv.{key}", label, reason) for key in keys]
        self.note(f"{label}: no {', '.join(keys)}: {reason}.")


@analysis(
    key="jv_metrics",
    version=1,
    label="JV metrics",
    techniques=["jv"],
    parameters=Parameters,
    outputs=[
        *("jv.voc", "jv.jsc", "jv.ff", "jv.pce", "jv.vmp", "jv.jmp", "jv.rs", "jv.rsh"),
        *("jv.hysteresis_index", "jv.dark_ideality", "jv.dark_saturation_current"),
    ],
    default_for=["jv"],
    gathers="cell",
    conditions=jv_sweeps.CONDITIONS,
    channels=["current_density"],
    flags=FLAGS,
)
def run(
    datasets: Sequence[Dataset], parameters: Parameters, progress: Progress
) -> Result:
    """Find Voc, Jsc, FF, PCE, resistances, hysteresis and dark ideality of a cell."""
    progress(0.1, "sorting the sweeps")
    taken, notes = jv_sweeps.take_sweeps(
        datasets, by_label=parameters.direction == "label"
    )
    lit = sorted((one for one in taken if not one.dark), key=jv_sweeps.order_of)
    dark = [one for one in taken if one.dark]
    found = Findings(parameters, notes=[*dict.fromkeys(notes)])
    tables: tuple[Table, ...] = ()
    definitions: tuple[Definition, ...] = ()
    roles = {}
    if lit:
        progress(0.4, f"measuring {len(lit)} sweeps")
        tables = _measure(lit, found)
        roles["power"] = power_of(lit[0])
        definitions = define(
            parameters.maximum,
            parameters.direction,
            parameters.rs_window,
            parameters.rsh_window,
        )
        _hysteresis(found)
    if dark:
        progress(0.8, "fitting the dark curve")
        _dark(dark, found)
    if not found.estimates:
        raise UnsuitableData("; ".join(found.notes).rstrip(".") or "no number found")
    if parameters.area_uncertainty is None or parameters.irradiance_uncertainty is None:
        found.note(
            "Uncertainties hold noise and spacing of the points; those of area and"
            " irradiance only where they are given."
        )
    return Result(
        tuple(found.estimates),
        roles,
        fits=tuple(found.fits),
        tables=tables,
        details=tuple(found.details),
        definitions=definitions,
        missing=tuple(found.missing),
        remarks=tuple(found.notes),
        drawings=draw(found.marks, has_power="power" in roles),
    )


def _measure(lit: Sequence[CellSweep], found: Findings) -> tuple[Table, ...]:
    """Measure all lit sweeps at once; return what was used of each."""
    parameters = found.parameters
    voltage, current = jv.stack([(one.voltage, one.current) for one in lit])
    metrics = jv.sweep_metrics(
        voltage,
        current,
        voc_window=parameters.rs_window,
        zero_window=parameters.rsh_window,
    )
    rows = []
    for row, sweep in enumerate(lit):
        light = jv_sweeps.light_on(sweep)
        found.note(light.note)
        values = _estimate(sweep, metrics, row, light, found)
        _compare(sweep, values, metrics.pmax[row], found)
        # The sweeps are sorted: the first with a number answers for its quantity.
        known = {item.quantity for item in found.estimates}
        found.estimates += [
            LabelledEstimate(
                f"jv.{key}", estimate, sweep.label, f"jv.{key}" not in known
            )
            for key, estimate in values.items()
        ]
        found.marks += mark_results(sweep.label, values)
        rows.append(describe_sweep(sweep, metrics, row, light))
    return (
        Table("sweeps", "Sweeps and windows", SWEEP_COLUMNS, tuple(rows)),
        *reported_table(lit),
    )


def _estimate(
    sweep: CellSweep, metrics: jv.Metrics, row: int, light: Light, found: Findings
) -> dict[str, Estimate]:
    label, flags = sweep.label, tuple(sweep.flags)
    area = (found.parameters.area_uncertainty or 0.0) / 100
    power = (found.parameters.irradiance_uncertainty or 0.0) / 100
    voc, jsc = metrics.voc[row], metrics.jsc[row]
    pmax, vmp, pmax_error = _maximum(metrics, row, found)
    values: dict[str, Estimate] = {}
    reach = f"{sweep.voltage.min():g} to {sweep.voltage.max():g} V"
    if np.isnan(voc):
        found.miss(label, ["voc"], f"the current does not change its sign from {reach}")
    else:
        own = flags
        if metrics.crossings[row] > 1:
            own += ("several_crossings",)
            found.note(
                f"{label}: the current falls through zero {metrics.crossings[row]}"
                f" times; Voc is the last, {voc:.4g} V."
            )
        values["voc"] = Estimate(voc, metrics.voc_error[row], flags=own)
    if np.isnan(jsc):
        found.miss(label, ["jsc"], f"the sweep, {reach}, does not reach 0 V")
    else:
        own = flags
        if metrics.extrapolated[row]:
            own += ("extrapolated",)
            found.note(f"{label}: Jsc is extrapolated by less than a step to 0 V.")
        error = np.hypot(metrics.jsc_error[row], area * jsc)
        values["jsc"] = Estimate(jsc, error, flags=own)
    if np.isnan(pmax):
        reason = "the cell gives no power"
        if jsc < -3 * metrics.jsc_error[row]:
            reason += f"; J at 0 V is {jsc:.3g} mA/cm²: are its contacts swapped"
        found.miss(label, ["pce", "ff", "vmp", "jmp"], reason)
    else:
        edge = bool(metrics.at_edge[row])
        own = flags + ("edge_maximum",) * edge
        if edge:
            found.note(
                f"{label}: the largest power is at an end of the sweep, {vmp:.4g} V;"
                " the true maximum may be higher."
            )
        jmp = pmax / vmp
        values["pce"] = _efficiency(
            pmax, np.hypot(pmax_error, np.hypot(area, power) * pmax), light, own, found
        )
        found.efficiencies[label] = (values["pce"].value, pmax_error / pmax)
        values["vmp"] = Estimate(vmp, metrics.vmp_error[row], flags=own)
        error = np.hypot(metrics.jmp_error[row], area * jmp)
        values["jmp"] = Estimate(jmp, error, flags=own)
        if not (np.isnan(voc) or np.isnan(jsc)):
            _fill_factor(values, pmax, pmax_error, metrics, row, own, found, label)
        else:
            found.miss(label, ["ff"], "it needs Voc and Jsc")
    _resistances(sweep, metrics, row, values, found)
    return values


def _maximum(
    metrics: jv.Metrics, row: int, found: Findings
) -> tuple[float, float, float]:
    fitted = found.parameters.maximum == "fitted" and not metrics.at_edge[row]
    if fitted and not np.isnan(metrics.pmax_fitted[row]):
        place, height = metrics.vmp_fitted[row], metrics.pmax_fitted[row]
        return height, place, metrics.pmax_error[row]
    return metrics.pmax[row], metrics.vmp[row], metrics.pmax_error[row]


def _efficiency(
    pmax: float, error: float, light: Light, flags: tuple[str, ...], found: Findings
) -> Estimate:
    pce = 100 * pmax / light.irradiance
    flags += light.flags
    if pce > PCE_LIMIT:
        flags += ("efficiency_above_limit",)
        found.note(
            f"PCE {pce:.4g} % is above {PCE_LIMIT} %, the limit of one junction under"
            " sunlight: check area and irradiance."
        )
    bound = "~" if light.flags else ">" if "edge_maximum" in flags else "="
    return Estimate(pce, 100 * error / light.irradiance, bound=bound, flags=flags)


def _fill_factor(
    values: dict[str, Estimate],
    pmax: float,
    pmax_error: float,
    metrics: jv.Metrics,
    row: int,
    flags: tuple[str, ...],
    found: Findings,
    label: str,
) -> None:
    voc, jsc = metrics.voc[row], metrics.jsc[row]
    if jsc == 0:
        found.miss(label, ["ff"], "Jsc is 0")
        return
    fill = pmax / (voc * jsc)
    parts = (pmax_error / pmax, metrics.voc_error[row] / voc)
    relative = np.sqrt(sum(part**2 for part in (*parts, metrics.jsc_error[row] / jsc)))
    if not 0 <= fill <= 1:
        flags += ("fill_factor_impossible",)
        found.note(
            f"{label}: FF is {fill:.4g} from Pmax {pmax:.4g} mW/cm², Voc {voc:.4g} V"
            f" and Jsc {jsc:.4g} mA/cm²; it lies between 0 and 1 in a working cell."
        )
    values["ff"] = Estimate(fill, abs(fill * relative), flags=flags)


def _resistances(
    sweep: CellSweep,
    metrics: jv.Metrics,
    row: int,
    values: dict[str, Estimate],
    found: Findings,
) -> None:
    """Turn slopes [mA/cm²/V] into resistances [Ω cm²]."""
    flags = tuple(sweep.flags)
    for key, slopes in (("rs", metrics.at_voc), ("rsh", metrics.at_zero)):
        slope, error = slopes.slope[row], slopes.error[row]
        if np.isnan(slope):
            where = "Voc" if key == "rs" else "0 V"
            found.miss(sweep.label, [key], f"fewer than three points around {where}")
        elif -slope > 2 * error:
            size = -1000 / slope
            values[key] = Estimate(size, abs(size * error / slope), flags=flags)
        elif key == "rsh" and error > 0:
            least = 1000 / (max(-slope, 0.0) + 2 * error)
            values[key] = Estimate(least, bound=">", flags=flags)
            found.note(
                f"{sweep.label}: the slope at 0 V, {slope:.2g} ± {error:.2g} mA/cm²/V,"
                " is within its noise: Rsh is a lower bound."
            )
        else:
            found.miss(sweep.label, [key], "the current does not fall with the voltage")


def _compare(
    sweep: CellSweep, values: dict[str, Estimate], pmax: float, found: Findings
) -> None:
    """Flag what the file reports against its own data."""
    for key, said in sweep.reported.items():
        if key == "ff" and not 0 <= said <= 1:
            found.note(
                f"{sweep.label}: the file reports FF {said:g}, which is impossible."
            )
            _flag(values, "ff", "fill_factor_impossible")
        target = "pce" if key in ("pmax", "pce_one_sun") else key
        if target not in values:
            continue
        ours = values[target]
        value = pmax if target != key else ours.value
        if key in ("rs", "rsh"):
            ratio = said / value if said else 0.0
            agrees = 1 / RESISTANCE_FACTOR < ratio < RESISTANCE_FACTOR
            agrees |= ours.bound == ">" and said >= value / RESISTANCE_FACTOR
        else:
            allowed = max(TOLERANCE * abs(value), 3 * (ours.uncertainty or 0.0))
            agrees = abs(said - value) <= allowed
        if not agrees:
            unit = REPORTED[key][0] if key != "ff" else ""
            found.note(
                f"{sweep.label}: the file reports {REPORTED[key][1]}"
                f" {said:.6g} {unit}".rstrip()
                + f", its data give {value:.6g}."
            )
            _flag(values, target, "header_contradicts_data")


def _flag(values: dict[str, Estimate], key: str, flag: str) -> None:
    """Put a flag on a number, or on the most telling one there is."""
    for name in (key, "pce", "jsc", "voc"):
        if name in values:
            old = values[name]
            if flag not in old.flags:
                values[name] = Estimate(
                    old.value,
                    old.uncertainty,
                    old.low,
                    old.high,
                    old.bound,
                    (*old.flags, flag),
                )
            return


def _hysteresis(found: Findings) -> None:
    reverse = found.efficiencies.get("reverse")
    forward = found.efficiencies.get("forward")
    if reverse is None or forward is None:
        if any(
            "direction_contradicts_label" in one.estimate.flags
            for one in found.estimates
        ):
            found.note(
                "There is no hysteresis index: by their voltages all sweeps run one"
                " way. If the file sorts its rows, let the label decide the direction."
            )
        return
    (rev, rev_error), (fwd, fwd_error) = reverse, forward
    # Area and irradiance are those of both sweeps: they cancel.
    change = (fwd / rev) * np.hypot(rev_error, fwd_error)
    asked = found.parameters.hysteresis
    names = INDICES if asked == "all" else dict.fromkeys((DEFAULT_INDEX, asked))
    for name in names:
        formula = INDICES[name]
        step = 1e-6
        slope = (formula(1.0, fwd / rev + step) - formula(1.0, fwd / rev - step)) / (
            2 * step
        )
        found.estimates.append(
            LabelledEstimate(
                "jv.hysteresis_index",
                Estimate(formula(rev, fwd), abs(slope) * change),
                name,
                name == DEFAULT_INDEX,
            )
        )


def _dark(dark: Sequence[CellSweep], found: Findings) -> None:
    """Fit the first forward dark sweep, else the first."""
    sweep = min(dark, key=lambda one: one.direction != "forward")
    if len(dark) > 1:
        found.note(
            f"Of {len(dark)} dark sweeps the first {sweep.direction} one was fitted."
        )
    temperature, source = jv_sweeps.temperature_of(sweep)
    voltage, current = (rows[0] for rows in jv.stack([(sweep.voltage, -sweep.current)]))
    try:
        fit = dark_diode.fit_dark(
            voltage, current, temperature, found.parameters.dark_window
        )
    except dark_diode.NoExponential as refusal:
        found.note(f"The dark curve gives no ideality: {refusal}.")
        found.missing += [
            Missing(f"jv.{key}", "", str(refusal))
            for key in ("dark_ideality", "dark_saturation_current")
        ]
        return
    numbers = (
        ("dark_ideality", fit.ideality, fit.ideality_error),
        ("dark_saturation_current", fit.saturation, fit.saturation_error),
    )
    for key, value, error in numbers:
        flags = tuple(sweep.flags)
        if key == "dark_ideality" and fit.ideality > PLAUSIBLE_IDEALITY[1]:
            flags += ("ideality_implausible",)
            found.note(
                f"The dark ideality is {fit.ideality:.3g}: not the slope of a junction."
            )
        estimate = Estimate(value, error, flags=flags)
        found.estimates.append(LabelledEstimate(f"jv.{key}", estimate))
    found.fits.append(describe_dark(fit))
    found.details += [
        Detail("temperature", "Temperature", temperature, "°C", about="dark"),
        Detail("temperature_source", "Temperature is", source, about="dark"),
        Detail(
            "direction", "Direction of the dark sweep", sweep.direction, about="dark"
        ),
    ]
