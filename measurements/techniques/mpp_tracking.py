"""Efficiency of a cell held at its maximum power point, against time."""

import numpy as np

from labdata.plugin import AxisSpec, ChannelSpec, Condition, Dataset, Figure, Technique
from measurements.techniques.jv import ACTIVE_AREA, MASK_AREA

INITIAL, BURN_IN = 25.6, 0.12
"""Of the simulated cell: efficiency [%], and the part of it lost in burn-in."""

FAST, SLOW = 20.0, 6000.0
"""Time constants of burn-in and of what follows [h]."""

VOLTAGE = 1.0
NOISE = 0.002

TIME = AxisSpec(
    "time",
    "h",
    "Time",
    (
        *("time", "elapsed", "elapsed time", "t", "duration", "test time", "age"),
        *("ageing time", "aging time", "zeit", "laufzeit", "alterungszeit"),
        *("temps", "durée", "時間", "时间"),
    ),
    monotonic=True,
)

EFFICIENCY = ChannelSpec(
    "pce",
    "%",
    "Efficiency",
    (
        *("pce", "efficiency", "eff", "eta", "η", "power conversion efficiency"),
        *("mpp pce", "mppt pce", "mpp efficiency", "wirkungsgrad", "rendement"),
        *("変換効率", "效率"),
    ),
)

KEY_QUANTITIES = (
    "stability.t80",
    "stability.t95",
    "stability.ts80",
    "stability.te80",
    "stability.retention",
    "stability.test_time",
    "stability.initial_pce",
)

CONDITIONS = (
    Condition(
        "isos_protocol",
        "Claimed ISOS protocol",
        kind="text",
        aliases=("isos", "protocol", "isos protocol", "test protocol"),
    ),
    Condition(
        "light_source",
        "Light source",
        kind="text",
        aliases=("lamp", "simulator", "lichtquelle"),
    ),
    Condition(
        "light_spectrum", "Spectrum of the light", kind="text", aliases=("spectrum",)
    ),
    Condition(
        "uv",
        "Ultraviolet light",
        kind="choice",
        aliases=("uv light",),
        choices=("included", "filtered", "only", "none"),
    ),
    Condition(
        "intensity",
        "Light intensity",
        "mW/cm²",
        aliases=("irradiance", "light intensity", "illumination intensity"),
        minimum=0.0,
    ),
    Condition(
        "temperature",
        "Temperature",
        "°C",
        aliases=("temp", "cell temperature", "stage temperature"),
        minimum=-273.15,
    ),
    Condition("temperature_control", "Temperature control", kind="text"),
    Condition(
        "relative_humidity",
        "Relative humidity",
        "%",
        aliases=("rh", "humidity", "luftfeuchte"),
        minimum=0.0,
        maximum=100.0,
    ),
    Condition("atmosphere", "Atmosphere", kind="text", aliases=("gas", "ambient")),
    Condition(
        "load",
        "Load",
        kind="choice",
        aliases=("bias",),
        choices=(
            "mpp_tracking",
            "fixed_resistor",
            "fixed_voltage",
            "open_circuit",
            "short_circuit",
            "none",
        ),
    ),
    Condition("load_detail", "Load in detail", kind="text"),
    Condition("encapsulation", "Encapsulation", kind="text"),
    ACTIVE_AREA,
    MASK_AREA,
    Condition("light_cycle", "Light cycle", kind="text", aliases=("cycle",)),
    Condition(
        "test_state",
        "State of the test",
        kind="choice",
        choices=("running", "ended"),
    ),
    Condition(
        "initial_pce",
        "Efficiency before the test",
        "%",
        aliases=("initial efficiency", "pce before", "jv pce"),
        minimum=0.0,
        maximum=100.0,
    ),
)


def example() -> Dataset:
    """An hourly track of 1500 h: burn-in, then a slow decay, with a little noise."""
    time = np.arange(1501.0)
    decay = BURN_IN * np.exp(-time / FAST) + (1 - BURN_IN) * np.exp(-time / SLOW)
    noise = np.random.default_rng(6).normal(0, NOISE, time.size)
    efficiency = INITIAL * decay * (1 + noise)
    return Dataset.curve(
        ("time", "h", time, "Time"),
        pce=("%", efficiency, "Efficiency"),
        power_density=("mW/cm²", efficiency, "Power density"),
        voltage=("V", np.full(time.size, VOLTAGE), "Voltage"),
        current_density=("mA/cm²", efficiency / VOLTAGE, "Current density"),
        metadata={"origin": "simulated", "conditions": {"intensity": 100.0}},
    )


MPP_TRACKING = Technique(
    key="mpp_tracking",
    label="Maximum power point tracking",
    axes=(TIME,),
    channels=(
        EFFICIENCY,
        ChannelSpec(
            "power_density",
            "mW/cm²",
            "Power density",
            (
                *("power density", "power", "p", "pmpp", "p mpp", "mpp power"),
                *("output power", "leistungsdichte", "leistung"),
            ),
            required=False,
        ),
        ChannelSpec(
            "voltage",
            "V",
            "Voltage",
            ("voltage", "v", "u", "vmpp", "v mpp", "mpp voltage", "spannung"),
            required=False,
        ),
        ChannelSpec(
            "current_density",
            "mA/cm²",
            "Current density",
            ("current density", "j", "jmpp", "j mpp", "stromdichte"),
            required=False,
        ),
        ChannelSpec(
            "irradiance",
            "mW/cm²",
            "Irradiance",
            (
                *("irradiance", "radiation", "light intensity", "intensity"),
                *("illumination", "bestrahlungsstärke", "einstrahlung"),
            ),
            required=False,
        ),
        ChannelSpec(
            "temperature",
            "°C",
            "Temperature",
            ("temperature", "temp", "cell temperature", "temperatur"),
            required=False,
        ),
    ),
    conditions=CONDITIONS,
    default_analyses=("stability_lifetimes",),
    figure=Figure("time", "pce"),
    example=example,
    joins=True,
    together="cell",
    key_quantities=KEY_QUANTITIES,
)
