"""Pieces of one track, joined along time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from measurements.dataset import Dataset, InvalidDataset

CLOSE = 1e-9
"""Relative difference below which a point written twice is the same point."""


def join(pieces: Sequence[Dataset]) -> Dataset:
    """Join one-dimensional datasets of the same channels, one behind the other.

    Parameters
    ----------
    pieces : sequence of Dataset
        In the order in which they were measured.

    Returns
    -------
    Dataset
        With the metadata of the first piece.

    Raises
    ------
    InvalidDataset
        If a piece begins before the one before it began, or repeats times with other
        values.

    Notes
    -----
    Loggers often write the last points again when they go on. Points at times that are
    there already are taken once if they are the same; a different value at the same
    time is a contradiction that nobody but a person can settle.
    """
    first = pieces[0]
    time = first.axes[0].values
    channels = {channel.name: channel.values for channel in first.channels}
    for piece in pieces[1:]:
        _check_alike(first, piece)
        later = piece.axes[0].values
        _check_order(later, time, first.axes[0])
        fresh = later > time[-1]
        _check_repeated(piece, ~fresh, time, channels, first.axes[0])
        time = np.concatenate([time, later[fresh]])
        channels = {
            name: np.concatenate([values, piece[name][fresh]])
            for name, values in channels.items()
        }
    return replace(
        first,
        axes=(replace(first.axes[0], values=time),),
        channels=tuple(
            replace(channel, values=channels[channel.name])
            for channel in first.channels
        ),
    )


def _check_alike(first, piece):
    for dataset in (first, piece):
        if dataset.ndim != 1 or dataset.coordinates:
            raise InvalidDataset("only curves without further coordinates are joined")
    names, got = (
        sorted(channel.name for channel in one.channels) for one in (first, piece)
    )
    if names != got:
        raise InvalidDataset(
            f"it has the columns {', '.join(got)}, but the track has {', '.join(names)}"
        )
    for name in (first.axes[0].name, *names):
        if first.unit(name) != piece.unit(name):
            raise InvalidDataset(
                f"{name} is in {piece.unit(name)}, but in {first.unit(name)} before"
            )


def _check_order(later, time, axis):
    back = np.flatnonzero(np.diff(later) < 0)
    if back.size:
        at = back[0]
        raise InvalidDataset(
            f"{axis.name} runs backwards, from {later[at]:g} to {later[at + 1]:g}"
            f" {axis.unit} at point {at + 2}"
        )
    if later[0] < time[0]:
        raise InvalidDataset(
            f"{axis.name} runs backwards: it begins at {later[0]:g} {axis.unit}, before"
            f" the track, which begins at {time[0]:g} {axis.unit}"
        )


def _check_repeated(piece, repeated, time, channels, axis):
    if not repeated.any():
        return
    times = piece.axes[0].values[repeated]
    places = np.clip(np.searchsorted(time, times), 0, time.size - 1)
    missing = np.abs(time[places] - times) > CLOSE * max(abs(time[-1]), 1.0)
    if missing.any():
        raise InvalidDataset(
            f"it overlaps the track, which reaches to {time[-1]:g} {axis.unit}: the"
            f" track has no point at {times[missing][0]:g} {axis.unit}"
        )
    for name, values in channels.items():
        ours, theirs = values[places], piece[name][repeated]
        differ = ~np.isclose(ours, theirs, rtol=CLOSE, atol=0, equal_nan=True)
        if differ.any():
            at = np.flatnonzero(differ)[0]
            raise InvalidDataset(
                f"it overlaps the track with other values: {name} at {times[at]:g}"
                f" {axis.unit} is {theirs[at]:g}, but {ours[at]:g} before"
            )
