"""Any curve: the first column against all others, named by the file."""

import numpy as np

from labdata.plugin import AxisSpec, ChannelSpec, Dataset, Figure, Technique


def example() -> Dataset:
    """A damped oscillation."""
    time = np.linspace(0.0, 10.0, 201)
    return Dataset.curve(
        ("time", "s", time, "Time"),
        amplitude=("1", np.exp(-time / 4) * np.cos(3 * time), "Amplitude"),
        metadata={"origin": "simulated"},
    )


CURVE = Technique(
    key="curve",
    label="Curve",
    axes=(AxisSpec("x", None, "x"),),
    channels=(ChannelSpec("y", None, "y"),),
    figure=Figure("x", "y"),
    example=example,
    named_by_file=True,
)
