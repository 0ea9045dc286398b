"""The photocurrent of a cell, spot by spot, under a scanned laser."""

import numpy as np

from labdata.plugin import (
    Axis,
    AxisSpec,
    Channel,
    ChannelSpec,
    Condition,
    Dataset,
    Figure,
    Technique,
)

LEVEL, EDGE = 120.0, 40.0
"""Of the simulated cell: photocurrent [nA], and where its electrode ends [µm]."""


def example() -> Dataset:
    """An electrode of 80 µm with a dark spot of 8 µm and a little noise."""
    x, y = np.linspace(-50.0, 50.0, 41), np.linspace(-30.0, 30.0, 25)
    down, across = np.meshgrid(y, x, indexing="ij")
    current = LEVEL / (1 + np.exp((np.abs(across) - EDGE) / 2))
    current *= 1 - 0.9 * np.exp(-((across - 10) ** 2 + (down + 5) ** 2) / 64)
    current += np.random.default_rng(3).normal(0, 0.5, current.shape)
    return Dataset(
        (Axis("y", "µm", "y", y), Axis("x", "µm", "x", x)),
        (Channel("photocurrent", "nA", "Photocurrent", current),),
        metadata={"origin": "simulated"},
    )


PHOTOCURRENT_MAP = Technique(
    key="photocurrent_map",
    label="Photocurrent map",
    axes=(AxisSpec("y", "µm", "y"), AxisSpec("x", "µm", "x")),
    channels=(
        ChannelSpec("photocurrent", "nA", "Photocurrent", ("photocurrent", "current")),
    ),
    conditions=(
        Condition("laser_wavelength", "Laser wavelength", "nm", minimum=1.0),
        Condition("bias", "Bias", "V"),
    ),
    figure=Figure("x", "y", kind="map", value="photocurrent"),
    example=example,
    key_quantities=("photocurrent.dark_share", "photocurrent.uniformity"),
    default_analyses=("dark_spots",),
)
