"""Any table of numbers: rows by number, columns named by the file."""

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
    """Thickness and roughness of five films."""
    rows = Axis("row", "1", "Row", np.arange(1.0, 6.0), "index")
    columns = (
        Channel("thickness", "nm", "Thickness", np.array([30.1, 29.8, 31, 30.4, 30])),
        Channel("roughness", "nm", "Roughness", np.array([1.1, 1.3, 0.9, 1.0, 1.2])),
    )
    return Dataset((rows,), columns, metadata={"origin": "simulated"})


TABLE = Technique(
    key="table",
    label="Table",
    axes=(AxisSpec("row", "1", "Row"),),
    channels=(ChannelSpec("value", None, "Value"),),
    figure=Figure("row", "value", "table"),
    example=example,
    named_by_file=True,
)
