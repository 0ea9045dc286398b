"""Current density against voltage of a solar cell, in light and in the dark."""

import numpy as np

from labdata.plugin import (
    AxisSpec,
    Branches,
    ChannelSpec,
    Condition,
    Dataset,
    Figure,
    Technique,
)

PHOTOCURRENT = 25.0
SATURATION_CURRENT = 1e-9
"""Of the simulated cell [mA/cm²], with the resistances [kΩ cm²] below."""

SERIES, SHUNT, IDEALITY = 0.002, 4.0, 1.6
THERMAL_VOLTAGE = 0.025693
"""At 298.15 K [V]."""

NOISE = 0.01


def example() -> Dataset:
    """A reverse sweep of one diode with two resistances, with a little noise."""
    voltage = np.linspace(1.2, -0.1, 131)
    # The voltage over the junction is chosen so that the one outside is the wanted.
    junction = np.linspace(-0.2, 1.4, 4001)
    scale = IDEALITY * THERMAL_VOLTAGE
    current = (
        PHOTOCURRENT
        - SATURATION_CURRENT * np.expm1(junction / scale)
        - junction / SHUNT
    )
    density = np.interp(voltage, junction - SERIES * current, current)
    density += np.random.default_rng(4).normal(0, NOISE, voltage.size)
    return Dataset.curve(
        ("voltage", "V", voltage, "Voltage"),
        current_density=("mA/cm²", density, "Current density"),
        metadata={
            "origin": "simulated",
            "conditions": {"irradiance": 100.0, "light": "light"},
        },
    )


ACTIVE_AREA = Condition(
    "active_area",
    "Active area",
    "cm²",
    aliases=("area", "cell area", "device area", "pixel area", "fläche"),
    minimum=1e-6,
)
MASK_AREA = Condition(
    "mask_area",
    "Mask area",
    "cm²",
    aliases=("aperture", "aperture area", "illuminated area"),
    minimum=1e-6,
)

JV = Technique(
    key="jv",
    label="Current-voltage curve",
    axes=(
        AxisSpec(
            "voltage",
            "V",
            "Voltage",
            (
                "voltage",
                "v",
                "u",
                "bias",
                "applied voltage",
                "bias voltage",
                "measured voltage",
                "potential",
                "spannung",
                "tension",
                "電圧",
                "电压",
            ),
        ),
    ),
    channels=(
        ChannelSpec(
            "current_density",
            "mA/cm²",
            "Current density",
            (
                "current density",
                "j",
                "jv",
                "stromdichte",
                "densité de courant",
                "電流密度",
                "电流密度",
            ),
        ),
        ChannelSpec(
            "current",
            "mA",
            "Current",
            ("current", "i", "strom", "courant", "電流", "电流"),
            required=False,
        ),
    ),
    conditions=(
        ACTIVE_AREA,
        MASK_AREA,
        # No maximum: an impossible irradiance is kept and flagged where it is used.
        Condition(
            "irradiance",
            "Irradiance",
            "mW/cm²",
            aliases=(
                "intensity",
                "light intensity",
                "illumination intensity",
                "incident power",
                "pin",
                "p in",
                "bestrahlungsstärke",
            ),
            minimum=0.0,
        ),
        Condition(
            "light",
            "Illumination",
            kind="choice",
            aliases=("illumination", "light/dark"),
            choices=("light", "dark"),
        ),
        Condition(
            "direction",
            "Direction as labelled",
            kind="choice",
            aliases=("scan direction", "sweep direction", "direction"),
            choices=("forward", "reverse"),
        ),
        Condition(
            "scan_rate",
            "Scan rate",
            "mV/s",
            aliases=("scan speed", "sweep rate", "scan velocity"),
            minimum=0.0,
        ),
        Condition(
            "settling_time",
            "Settling time",
            "ms",
            aliases=("delay", "delay time", "dwell time"),
            minimum=0.0,
        ),
        Condition(
            "preconditioning",
            "Preconditioning",
            kind="text",
            aliases=("light soaking", "light soak", "pre-conditioning"),
        ),
        Condition("lamp", "Lamp", kind="text", aliases=("light source", "simulator")),
        Condition("lamp_class", "Class of the lamp", kind="text"),
        Condition(
            "lamp_calibrated_on",
            "Lamp calibrated on",
            kind="text",
            aliases=("calibration", "lamp calibration", "reference cell"),
        ),
        Condition(
            "temperature",
            "Temperature",
            "°C",
            aliases=("temp", "cell temperature"),
            minimum=-273.15,
        ),
        Condition("atmosphere", "Atmosphere", kind="text"),
        Condition("cell_age", "Age of the cell", "h", aliases=("age",), minimum=0.0),
        Condition("cycle", "Cycle", "1", aliases=("cycle number",), minimum=0.0),
    ),
    default_analyses=("jv_metrics",),
    figure=Figure(
        "voltage",
        "current_density",
        branches=Branches("forward", "reverse", solid="reverse", labelled="direction"),
        aside=("light", "dark"),
        # Forward bias goes to many times the photocurrent, which is what one looks at.
        most_negative=0.2,
        caption="Photocurrent is positive.",
    ),
    together="cell",
    key_quantities=("jv.pce", "jv.voc", "jv.jsc", "jv.ff"),
    example=example,
)
