"""Simulated curves of the demo's devices, the same in every demo.

Current-voltage curves are those of one diode with a series resistance, which has the
open-circuit voltage, short-circuit current and fill factor it is asked for. Ageing
follows a stretched exponential through the published retention.
"""

import io

import numpy as np

# Its parts are loaded where a demo is made: whoever starts a lab needs but its user.
import scipy

from analysis.numerics.photovoltaics.solar_spectrum import current_weights
from labdata.demo.paper_b import (
    AGED_CELL,
    AGEINGS,
    CHAMPION,
    GROUPS,
    MEAN_PCE,
    T95_HEAT,
)

CELLS = "ABCDEF"
DEVICES = 4
"""Devices per group, of six cells each: illustrative, as is the spread."""

SPREAD = 0.4
"""Standard deviation of the efficiency within a group [%]."""

VOC_JSC = {
    "control": (1.130, 25.30),
    "CTOCPh": (1.145, 25.40),
    "CTOCPh-F": (1.160, 25.45),
    "CTOCPh-5F": (1.170, 25.50),
}
FORWARD_LOSS = {"control": 0.035, "CTOCPh": 0.02, "CTOCPh-F": 0.015, "CTOCPh-5F": 0.008}
"""How much lower the fill factor is in the forward scan: illustrative."""

THERMAL_IDEALITY = 1.1 * 0.025693
"""Ideality factor times kT/q at 25 °C [V]."""

EDGE, EDGE_WIDTH = 808.0, 6.0
"""Where the quantum efficiency falls, and over what width [nm]: illustrative."""

INITIAL = {"control": 22.7, "CTOCPh-5F": 24.9}
TRACK_NOISE = 0.002


def population(group):
    """Voc [V], Jsc [mA/cm²] and FF of every cell of a group, shape (devices, 6, 3).

    The mean efficiency is the published one exactly; the first cell of the first
    CTOCPh-5F device is the published champion.
    """
    rng = np.random.default_rng([25, GROUPS.index(group)])
    count = DEVICES * len(CELLS)
    pce = rng.standard_normal(count)
    pce = SPREAD * (pce - pce.mean()) / pce.std(ddof=1)
    voc, jsc = VOC_JSC[group]
    values = np.empty((count, 3))
    values[:, 0] = voc + rng.normal(0, 0.004, count)
    values[:, 1] = jsc + rng.normal(0, 0.08, count)
    if group == "CTOCPh-5F":
        best = CHAMPION["voc"] * CHAMPION["jsc"] * CHAMPION["ff"] - MEAN_PCE[group]
        others = np.sort(pce)[:-1]
        others -= (others.sum() + best) / others.size
        pce = np.concatenate([[best], rng.permutation(others)])
        values[0, :2] = CHAMPION["voc"], CHAMPION["jsc"]
    values[:, 2] = (MEAN_PCE[group] + pce) / (values[:, 0] * values[:, 1])
    return values.reshape(DEVICES, len(CELLS), 3)


def diode(voltage, voc, jsc, fill_factor):
    """Current density [mA/cm²] of one diode at the voltages [V]."""
    a = THERMAL_IDEALITY
    current = np.linspace(-0.3 * jsc, jsc * 1.02, 6000)

    def voltages(resistance):
        saturation = jsc / (np.exp(voc / a) - np.exp(jsc * resistance / a))
        light = saturation * np.expm1(voc / a)
        inside = np.maximum((light - current) / saturation, 1e-12)
        return a * np.log1p(inside) - current * resistance

    def excess(resistance):
        return (voltages(resistance) * current).max() / (voc * jsc) - fill_factor

    resistance = scipy.optimize.brentq(excess, 0.0, 0.02)
    drawn = voltages(resistance)
    order = np.argsort(drawn)
    return np.interp(voltage, drawn[order], current[order])


def jv_file(group, number):
    """Both sweeps of the six cells of a device, as one delimited file."""
    rng = np.random.default_rng([7, GROUPS.index(group), number])
    voltage = np.round(np.arange(-0.04, 1.2401, 0.01), 3)
    lines = ["Pixel,Direction,Voltage (V),Current density (mA/cm²)"]
    for label, (voc, jsc, fill_factor) in zip(
        CELLS, population(group)[number - 1], strict=True
    ):
        for direction, factor in (
            ("reverse", fill_factor),
            ("forward", fill_factor * (1 - FORWARD_LOSS[group])),
        ):
            current = diode(voltage, voc, jsc, factor)
            current = current + rng.normal(0, 0.003, current.size)
            order = slice(None, None, -1) if direction == "reverse" else slice(None)
            lines += [
                f"{label},{direction},{v:.3f},{j:.5f}"
                for v, j in zip(voltage[order], current[order], strict=True)
            ]
    return ("\n".join(lines) + "\n").encode()


def eqe_file(group, number):
    """Quantum efficiency of the first cell of a device, which gives its Jsc."""
    rng = np.random.default_rng([13, GROUPS.index(group), number])
    wavelength = np.arange(300.0, 901.0, 5.0)
    efficiency = 1 / (1 + np.exp((wavelength - EDGE) / EDGE_WIDTH))
    efficiency *= 1 - 0.5 * np.exp(-(wavelength - 300) / 40)
    jsc = population(group)[number - 1, 0, 1]
    efficiency *= jsc / (current_weights(wavelength) @ efficiency)
    efficiency += rng.normal(0, 0.0005, wavelength.size)
    rows = zip(wavelength, 100 * efficiency, strict=True)
    lines = ["Wavelength (nm),EQE (%)", *(f"{x:.0f},{y:.4f}" for x, y in rows)]
    return ("\n".join(lines) + "\n").encode()


def retained(test, group, hours, sooner=1.0):
    """Efficiency over the initial one at the hours of a test.

    ``sooner`` above one ages a cell faster than the published one.
    """
    one = next(a for a in AGEINGS if (a.test, a.group) == (test, group))
    target = one.retention / 100
    if (test, group) == ("heat", "CTOCPh-5F"):
        # Through both published points: 95 % after 800 h and 93 % after 1000 h.
        power = np.log((1 - target) / 0.05) / np.log(one.hours / T95_HEAT)
        return 1 - 0.05 * (sooner * hours / T95_HEAT) ** power
    shape = 0.8
    scale = one.hours / (-np.log(target)) ** (1 / shape)
    return np.exp(-((sooner * hours / scale) ** shape))


def track_file(test, group):
    """Efficiency over time: of four cells in the light, of one in the dark."""
    one = next(a for a in AGEINGS if (a.test, a.group) == (test, group))
    rng = np.random.default_rng([11, AGEINGS.index(one)])
    if test == "heat":
        hours, labels = np.arange(0.0, one.hours + 1, 100.0), AGED_CELL
    else:
        hours, labels = np.arange(0.0, one.hours + 0.25, 0.5), CELLS[:4]
    sooner = [1.0, 1.15, 0.85, 1.4]
    columns = [
        INITIAL[group]
        * (retained(test, group, hours, fast) + rng.normal(0, TRACK_NOISE, hours.size))
        for fast in sooner[: len(labels)]
    ]
    titles = [f"PCE {label} (%)" for label in labels]
    if test == "heat":
        titles = ["PCE (%)"]
    text = io.StringIO()
    text.write(",".join(["Time (h)", *titles]) + "\n")
    for row in zip(hours, *columns, strict=True):
        text.write(f"{row[0]:.2f}," + ",".join(f"{v:.4f}" for v in row[1:]) + "\n")
    return text.getvalue().encode()
