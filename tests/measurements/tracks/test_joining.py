"""Pieces of a track: appended, overlapping, contradicting, shifted."""

import numpy as np
import pytest

from labdata.plugin import Dataset, InvalidDataset, ParsedDataset
from measurements.tracks.joining import join


def piece(time, pce, *, name="track", cell="", began_at=None, **channels):
    metadata = {"began_at": began_at} if began_at else {}
    dataset = Dataset.curve(
        ("time", "h", np.asarray(time, float)),
        pce=("%", np.asarray(pce, float)),
        **channels,
        metadata=metadata,
    )
    return ParsedDataset(name, dataset, {"intensity": 100.0}, cell)


def test_a_piece_alone_stays_as_it_is():
    alone = piece([0, 1], [20, 19])

    assert join([alone])[0] is alone


def test_a_chunk_appended_goes_on_where_the_first_ends():
    (joined,) = join([piece([0, 1], [20, 19]), piece([2, 3], [18, 17])])

    assert joined.dataset["time"].tolist() == [0, 1, 2, 3]
    assert joined.dataset["pce"].tolist() == [20, 19, 18, 17]
    assert joined.conditions == {"intensity": 100.0}
    assert [one["shared"] for one in joined.dataset.metadata["pieces"]] == [0, 0]


def test_the_order_of_files_does_not_matter():
    first, second = piece([0, 1], [20, 19]), piece([2, 3], [18, 17])

    assert join([second, first])[0].dataset.equals(join([first, second])[0].dataset)


def test_points_that_stand_in_two_pieces_are_kept_once():
    (joined,) = join([piece([0, 1, 2], [20, 19, 18]), piece([1, 2, 3], [19, 18, 17])])

    assert joined.dataset["time"].tolist() == [0, 1, 2, 3]
    assert joined.dataset.metadata["pieces"][1]["shared"] == 2


def test_a_file_that_holds_all_so_far_and_more_adds_what_is_new():
    (joined,) = join([piece([0, 1], [20, 19]), piece([0, 1, 2], [20, 19, 18])])

    assert joined.dataset["pce"].tolist() == [20, 19, 18]


def test_contradicting_points_are_an_error_with_time_and_values():
    with pytest.raises(InvalidDataset, match=r"contradict each other at 2 h.*18.*12"):
        join([piece([0, 1, 2], [20, 19, 18]), piece([2, 3], [12, 11])])


def test_pieces_that_interleave_are_two_tracks():
    with pytest.raises(InvalidDataset, match=r"1.5 h stands in one"):
        join([piece([0, 1, 2], [20, 19, 18]), piece([1, 1.5, 2], [19, 18.5, 18])])


def test_chunks_with_a_zero_of_their_own_are_shifted_by_their_clocks():
    (joined,) = join(
        [
            piece([0, 1], [18, 17], began_at="2025-03-01T20:00:00"),
            piece([0, 1], [20, 19], began_at="2025-03-01T10:00:00"),
        ]
    )

    assert joined.dataset["time"].tolist() == [0, 1, 10, 11]
    assert joined.dataset["pce"].tolist() == [20, 19, 18, 17]
    assert joined.dataset.metadata["began_at"] == "2025-03-01T10:00:00"


def test_a_piece_that_does_not_say_when_it_began_among_others_that_do():
    with pytest.raises(InvalidDataset, match="1 of 2 pieces of track say"):
        join(
            [piece([0], [20], began_at="2025-03-01T10:00:00"), piece([0, 1], [20, 19])]
        )


def test_cells_and_names_stay_apart():
    joined = join(
        [
            piece([0], [20], cell="A"),
            piece([0], [10], cell="B"),
            piece([1], [19], cell="A"),
        ]
    )

    assert [(one.cell, one.dataset["pce"].tolist()) for one in joined] == [
        ("A", [20, 19]),
        ("B", [10]),
    ]


def test_a_channel_only_one_piece_has_is_missing_elsewhere():
    (joined,) = join(
        [piece([0, 1], [20, 19], voltage=("V", [1.0, 0.9])), piece([2], [18])]
    )

    assert joined.dataset["voltage"][:2].tolist() == [1.0, 0.9]
    assert np.isnan(joined.dataset["voltage"][2])


def test_another_unit_is_an_error():
    with pytest.raises(InvalidDataset, match=r"voltage of track is in V .* mV"):
        join(
            [
                piece([0], [20], voltage=("V", [1.0])),
                piece([1], [19], voltage=("mV", [1000.0])),
            ]
        )
