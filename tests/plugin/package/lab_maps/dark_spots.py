"""How much of a cell gives no photocurrent, and how evenly the rest does."""

from dataclasses import dataclass

import numpy as np

from labdata.plugin import (
    Channel,
    Column,
    Dataset,
    Definition,
    Drawing,
    Estimate,
    Flag,
    Image,
    LabelledEstimate,
    Progress,
    Quantity,
    Result,
    Table,
    UnsuitableData,
    analysis,
    parameter,
)

FEW_SPOTS = 100

DARK_SHARE = Quantity(
    "photocurrent.dark_share",
    "%",
    "Share of dark spots",
    possible=(0.0, 100.0),
    better="lower",
)
UNIFORMITY = Quantity(
    "photocurrent.uniformity",
    "1",
    "Spread of the photocurrent over its median",
    better="lower",
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """A spot is dark below half the median."""

    threshold: float = parameter(
        0.5,
        label="Threshold",
        help="Part of the median below which a spot is dark.",
        minimum=0.01,
        maximum=0.99,
    )


@analysis(
    key="dark_spots",
    version=1,
    label="Dark spots",
    techniques=["photocurrent_map"],
    parameters=Parameters,
    outputs=[DARK_SHARE.key, UNIFORMITY.key],
    default_for=["photocurrent_map"],
    channels=["photocurrent"],
    flags=[
        Flag(
            "few_spots",
            "few spots",
            f"A map of fewer than {FEW_SPOTS} spots tells a share only roughly.",
        )
    ],
)
def dark_spots(dataset: Dataset, parameters: Parameters, progress: Progress) -> Result:
    """Count the spots below a part of the median photocurrent."""
    progress(0.1, "counting dark spots")
    current = dataset["photocurrent"]
    if missing := int(np.count_nonzero(~np.isfinite(current))):
        raise UnsuitableData(f"photocurrent is missing at {missing} spots")
    median = float(np.median(current))
    if not median > 0:
        raise UnsuitableData(f"the median photocurrent is {median:g} nA: no signal")
    dark = current < parameters.threshold * median
    share, lit = float(dark.mean()), current[~dark]
    flags = ("few_spots",) if current.size < FEW_SPOTS else ()
    error = 100 * np.sqrt(share * (1 - share) / current.size)
    rows = np.flatnonzero(dark.any(axis=1))
    return Result(
        (
            LabelledEstimate(DARK_SHARE.key, Estimate(100 * share, error, flags=flags)),
            LabelledEstimate(
                UNIFORMITY.key, Estimate(float(lit.std()) / median, flags=flags)
            ),
        ),
        {
            "relative": Dataset(
                dataset.axes,
                (
                    Channel(
                        "relative", "1", "Photocurrent over median", current / median
                    ),
                    Channel("dark", "1", "Dark", dark.astype(float)),
                ),
            )
        },
        tables=(
            Table(
                "rows",
                "Rows with dark spots",
                (Column("y", "y", "µm"), Column("spots", "Dark spots")),
                tuple((float(dataset["y"][at]), int(dark[at].sum())) for at in rows),
            ),
        ),
        definitions=(
            Definition(
                "dark",
                f"below {parameters.threshold:g} of the median, {median:.4g} nA",
                DARK_SHARE.key,
            ),
        ),
        remarks=(f"{int(dark.sum())} of {current.size} spots are dark.",),
        drawings=(
            Drawing(
                "map",
                "Photocurrent over its median",
                "x",
                (Image("relative", "relative"),),
                y="y",
            ),
        ),
    )
