"""Single numbers: one row, each column a number with its unit."""

import numpy as np

from labdata.plugin import (
    Axis,
    AxisSpec,
    Channel,
    ChannelSpec,
    Dataset,
    Figure,
    Technique,
)


def example() -> Dataset:
    """The mass of a pellet."""
    row = Axis("row", "1", "Row", np.array([1.0]), "index")
    mass = Channel("mass", "mg", "Mass", np.array([12.5]))
    return Dataset((row,), (mass,), metadata={"origin": "simulated"})


SCALAR = Technique(
    key="scalar",
    label="Single numbers",
    axes=(AxisSpec("row", "1", "Row"),),
    channels=(ChannelSpec("value", None, "Value"),),
    figure=Figure("row", "value", "table"),
    example=example,
    named_by_file=True,
)
