"""Pieces of one track become one track, or say why they are none."""

import numpy as np
import pytest

from labdata.plugin import Dataset, InvalidDataset
from measurements.tracks.pieces import Piece, extended, joined


def piece(time, pce, *, file="a", cell="", name="track", unit="%", **more):
    dataset = Dataset.curve(
        ("time", "h", np.array(time, float), "Time"),
        pce=(unit, np.array(pce, float), "Efficiency"),
        **more,
    )
    return Piece(name, dataset, cell, (file,), (f"{file}{cell}{name}",))


def test_pieces_of_one_cell_become_one_track_whatever_their_names():
    (track,) = joined(
        [
            piece([0, 1], [20, 19], file="a", name="monday"),
            piece([2, 3], [18, 17], file="b", name="tuesday"),
        ]
    )

    assert track.name == "monday"
    assert track.dataset["time"].tolist() == [0, 1, 2, 3]
    assert track.files == ("a", "b")


def test_a_track_is_the_same_as_its_pieces_in_order():
    pieces = [piece([0, 1], [20, 19], file="a"), piece([2], [18], file="b")]

    (once,), (again,), (other,) = (
        joined(pieces),
        joined(pieces),
        joined([pieces[0], piece([2], [18], file="c")]),
    )

    assert once.identity == again.identity
    assert once.identity not in (pieces[0].identity, other.identity)


def test_a_file_that_names_no_cell_is_of_the_only_one():
    (track,) = joined(
        [
            piece([0, 1], [20, 19], file="a", cell="Pixel 1"),
            piece([2], [18], file="b"),
            piece([3], [17], file="c", cell="1"),
        ]
    )

    assert track.cell == "Pixel 1"
    assert track.dataset["time"].tolist() == [0, 1, 2, 3]


def test_cells_and_datasets_of_one_file_stay_apart():
    cells = joined([piece([0, 1], [1, 2], cell="A"), piece([0, 1], [1, 2], cell="B")])
    names = joined([piece([0, 1], [1, 2], name=one) for one in ("up", "down")])

    assert [one.cell for one in cells] == ["A", "B"]
    assert [one.name for one in names] == ["up", "down"]


def test_a_chunk_that_repeats_points_adds_the_new_ones():
    (track,) = extended(
        [piece([0, 1, 2], [20, 19, 18])], [piece([1, 2, 3], [19, 18, 17], file="b")]
    )

    assert track.dataset["time"].tolist() == [0, 1, 2, 3]


REFUSED = {
    "an earlier begin": (piece([-1, 3], [1, 2]), "backwards: it has a point at -1 h"),
    "turning back": (piece([3, 2, 4], [1, 2, 3]), "from 3 to 2 h at point 2"),
    "another value": (piece([2, 3], [18.1, 2]), "contradict each other at 2 h"),
    "a point in between": (piece([1.5, 3], [1, 2]), "a point at 1.5 h"),
    "another unit": (piece([3, 4], [1, 2], unit="1"), "in % in one piece and in 1"),
    "another channel": (
        piece([3, 4], [1, 2], voc=("V", np.array([1.0, 1.0]), "Voc")),
        "it has the columns pce, voc, but the track has pce",
    ),
    "another cell": (piece([3, 4], [1, 2], cell="B"), "holds cell B, but the track"),
}


@pytest.mark.parametrize(("chunk", "said"), REFUSED.values(), ids=REFUSED)
def test_a_chunk_that_does_not_go_on_is_refused(chunk, said):
    track = piece([0, 1, 2], [20, 19, 18], cell="A")

    with pytest.raises(InvalidDataset, match=said):
        extended(
            [track, piece([0, 1, 2], [9, 8, 7], cell="C", file="a")],
            [Piece("track", chunk.dataset, chunk.cell or "A", ("b",), ("b",))],
        )
