"""Efficiency of a cell measured now and then while it ages, in light or in the dark."""

import numpy as np

from labdata.plugin import ChannelSpec, Dataset, Figure, Technique
from measurements.techniques.mpp_tracking import (
    CONDITIONS,
    EFFICIENCY,
    KEY_QUANTITIES,
    TIME,
)

INITIAL, LIFETIME = 21.4, 2400.0
NOISE = 0.004


def example() -> Dataset:
    """Twelve current-voltage curves over 1000 h at 85 °C in the dark."""
    time = np.array([0.0, 24, 48, 96, 168, 250, 336, 420, 500, 670, 840, 1000])
    noise = np.random.default_rng(8).normal(0, NOISE, time.size)
    efficiency = INITIAL * np.exp(-time / LIFETIME) * (1 + noise)
    return Dataset.curve(
        ("time", "h", time, "Time"),
        pce=("%", efficiency, "Efficiency"),
        metadata={
            "origin": "simulated",
            "conditions": {"temperature": 85.0, "intensity": 0.0, "load": "none"},
        },
    )


AGEING = Technique(
    key="ageing",
    label="Ageing series",
    axes=(TIME,),
    channels=(
        EFFICIENCY,
        ChannelSpec(
            "voc",
            "V",
            "Open-circuit voltage",
            ("voc", "v oc", "open circuit voltage", "uoc"),
            required=False,
        ),
        ChannelSpec(
            "jsc",
            "mA/cm²",
            "Short-circuit current density",
            ("jsc", "j sc", "short circuit current density"),
            required=False,
        ),
        ChannelSpec("ff", "1", "Fill factor", ("ff", "fill factor"), required=False),
        ChannelSpec("rs", "Ω cm²", "Series resistance", ("rs", "r s"), required=False),
        ChannelSpec(
            "rsh", "Ω cm²", "Shunt resistance", ("rsh", "r sh"), required=False
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
