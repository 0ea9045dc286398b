"""Files that are pieces of one track: which belong together, and what they become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from labdata.plugin import Dataset, InvalidDataset, ParsedDataset
from measurements.arrays import container
from measurements.reading.matching import plain_cell
from measurements.tracks import joining

JOINED = "joined"
JOINING_VERSION = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """A dataset on its way into a track.

    ``files`` and ``identities`` are those of the files it comes from, in order.
    """

    name: str
    dataset: Dataset
    cell: str = ""
    files: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    conditions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """What a piece is the same as; a track is the same as its pieces in order."""
        if len(self.identities) == 1:
            return self.identities[0]
        return container.identity(
            "/".join(self.identities), JOINED, JOINING_VERSION, self.name
        )


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join the pieces of each track along its axis.

    Parameters
    ----------
    pieces : sequence of Piece
        Of all files, in the order of the files.

    Returns
    -------
    list of Piece
        One a track, in the order of its first piece.

    Raises
    ------
    InvalidDataset
        If pieces of one track contradict each other; nothing is left out silently.

    Notes
    -----
    Where every file has one dataset of a cell, the cell tells which belong together:
    programs name their datasets after the file. A file that names no cell is of the
    only one the others name.
    """
    tracks: dict[tuple[str, str], list[Piece]] = {}
    for key, piece in zip(_keys(pieces), pieces, strict=True):
        tracks.setdefault(key, []).append(piece)
    return [_join(track) for track in tracks.values()]


def extended(known: Sequence[Piece], new: Sequence[Piece]) -> list[Piece]:
    """Join new pieces behind tracks there are, and refuse what does not go on from one.

    Parameters
    ----------
    known, new : sequence of Piece

    Returns
    -------
    list of Piece

    Raises
    ------
    InvalidDataset
        If a piece belongs to no track, has other columns, contradicts the track, or
        has points in between or before those of the track.
    """
    keys = _keys([*known, *new])
    there = dict(zip(keys, known, strict=False))
    for key, piece in zip(keys[len(known) :], new, strict=True):
        if not known:
            continue
        if key not in there:
            raise InvalidDataset(
                f"it holds {_in_words(piece)}, but the track is of"
                f" {' and '.join(_in_words(one) for one in known)}"
            )
        _refuse_other_columns(there[key].dataset, piece.dataset)
        _refuse_turning_back(piece.dataset)
    grown = joined([*known, *new])
    for before, after in zip(known, grown, strict=False):
        _refuse_points_between(before.dataset, after.dataset)
    return grown


def _refuse_other_columns(track: Dataset, piece: Dataset) -> None:
    names, got = (
        sorted(channel.name for channel in one.channels) for one in (track, piece)
    )
    if names != got:
        raise InvalidDataset(
            f"it has the columns {', '.join(got)}, but the track has {', '.join(names)}"
        )


def _refuse_turning_back(piece: Dataset) -> None:
    axis = piece.axes[0]
    back = np.flatnonzero(np.diff(axis.values) < 0)
    if back.size:
        at = back[0]
        raise InvalidDataset(
            f"{axis.name} runs backwards, from {axis.values[at]:g} to"
            f" {axis.values[at + 1]:g} {axis.unit} at point {at + 2}"
        )


def _refuse_points_between(before: Dataset, after: Dataset) -> None:
    axis, grown = before.axes[0], after.axes[0].values
    kept = grown[: axis.size]
    if kept.size < axis.size or not np.allclose(kept, axis.values, rtol=0, atol=1e-6):
        differs = ~np.isclose(grown[: axis.size], axis.values, rtol=0, atol=1e-6)
        raise InvalidDataset(
            f"{axis.name} runs backwards: it has a point at"
            f" {grown[int(np.argmax(differs))]:g} {axis.unit} that the track has not,"
            f" and the track reaches to {axis.values[-1]:g} {axis.unit}"
        )


def _in_words(piece: Piece) -> str:
    return f"cell {piece.cell}" if piece.cell else piece.name


def _keys(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    counted = Counter((piece.files, plain_cell(piece.cell)) for piece in pieces)
    alone = all(count == 1 for count in counted.values())
    cells = {plain_cell(piece.cell) for piece in pieces} - {""}
    only = next(iter(cells)) if len(cells) == 1 else ""
    return [
        (plain_cell(piece.cell) or only, "" if alone else piece.name)
        for piece in pieces
    ]


def _join(track: Sequence[Piece]) -> Piece:
    first = track[0]
    if len(track) == 1:
        return first
    cell = next((piece.cell for piece in track if piece.cell), "")
    (made,) = joining.join(
        [
            ParsedDataset(first.name, piece.dataset, piece.conditions, cell)
            for piece in track
        ]
    )
    return replace(
        first,
        dataset=made.dataset,
        cell=cell,
        files=tuple(file for piece in track for file in piece.files),
        identities=tuple(one for piece in track for one in piece.identities),
        conditions=made.conditions,
    )
