"""Pieces of one track become one track, or say why they are none."""

import numpy as np
import pytest

from measurements.dataset import Axis, Channel, Coordinate, Dataset, InvalidDataset
from measurements.joining import join


def piece(time, pce, unit="%", **more):
    return Dataset.curve(
        ("time", "h", np.array(time, float), "Time"),
        pce=(unit, np.array(pce, float), "Efficiency"),
        **more,
    )


def test_pieces_are_put_one_behind_the_other():
    joined = join([piece([0, 1], [20, 19]), piece([2, 3], [18, np.nan])])

    assert joined["time"].tolist() == [0, 1, 2, 3]
    assert joined["pce"].tolist() == pytest.approx([20, 19, 18, np.nan], nan_ok=True)


def test_a_piece_that_repeats_points_adds_the_new_ones():
    joined = join(
        [piece([0, 1, 2], [20, 19, np.nan]), piece([1, 2, 3], [19, np.nan, 17])]
    )

    assert joined["time"].tolist() == [0, 1, 2, 3]


REFUSED = {
    "an earlier begin": (piece([-1, 3], [1, 2]), "runs backwards: it begins at -1 h"),
    "turning back": (piece([3, 2, 4], [1, 2, 3]), "from 3 to 2 h at point 2"),
    "another value": (piece([2, 3], [18.1, 2]), "pce at 2 h is 18.1, but 18 before"),
    "a value where none was": (piece([1, 3], [19, 2]), "pce at 1 h is 19, but nan"),
    "a point in between": (piece([1.5, 3], [1, 2]), "no point at 1.5 h"),
    "another unit": (piece([3, 4], [1, 2], unit="1"), "pce is in 1, but in % before"),
    "another channel": (
        piece([3, 4], [1, 2], voc=("V", np.array([1.0, 1.0]), "Voc")),
        "it has the columns pce, voc, but the track has pce",
    ),
    "a coordinate": (
        Dataset(
            (Axis("time", "h", "Time", np.array([3.0])),),
            (Channel("pce", "%", "Efficiency", np.array([1.0])),),
            (Coordinate("lamp", None, "time", np.array(["on"])),),
        ),
        "without further coordinates",
    ),
}


@pytest.mark.parametrize(("second", "said"), REFUSED.values(), ids=REFUSED)
def test_contradictions_are_named(second, said):
    first = piece([0, 1, 2], [20, np.nan, 18])

    with pytest.raises(InvalidDataset, match=said):
        join([first, second])
