"""Pieces of one track, from several files of a measurement, joined along time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from labdata.plugin import Axis, Channel, Dataset, InvalidDataset, ParsedDataset

SAME_TIME_HOURS = 5e-7
"""Two milliseconds: what two clocks written to the millisecond may differ by."""

SAME_VALUE = 1e-6
"""Relative difference below which two readings of one point are the same."""


def join(pieces: Sequence[ParsedDataset]) -> list[ParsedDataset]:
    """Join datasets of the same name and cell along time.

    Parameters
    ----------
    pieces : sequence of ParsedDataset
        Of one technique that joins, in any order. ``metadata["began_at"]``, an ISO
        time, says when the zero of a piece's time axis was.

    Returns
    -------
    list of ParsedDataset
        One for each name and cell, in the order they first appear. What stands alone
        is returned as it is; a joined one tells in ``metadata["pieces"]`` where each
        of its pieces begins and how many points it shares with those before.

    Raises
    ------
    InvalidDataset
        If pieces overlap and contradict each other, hold different channels, or
        cannot be put in order because not all of them say when they began.

    Notes
    -----
    Times of pieces that all know their beginning are shifted to the earliest one. Where
    none does, their times must already count from one common start. A point that
    stands in two pieces is kept once; the same time with another value is an error,
    because nothing tells which is right. A channel missing in one piece is missing
    (NaN) over its time.
    """
    groups: dict[tuple[str, str], list[ParsedDataset]] = {}
    for piece in pieces:
        groups.setdefault((piece.name, piece.cell), []).append(piece)
    return [
        group[0] if len(group) == 1 else _joined(group) for group in groups.values()
    ]


def _joined(group: Sequence[ParsedDataset]) -> ParsedDataset:
    first = group[0]
    what = f"{first.name} of cell {first.cell}" if first.cell else first.name
    axis = first.dataset.axes[0]
    starts, began = _starts(group, what)
    times = [
        piece.dataset.axes[0].values + start
        for piece, start in zip(group, starts, strict=True)
    ]
    order = sorted(range(len(group)), key=lambda at: (times[at][0], at))
    channels = _channels([piece.dataset for piece in group], what)
    time, values = np.empty(0), {name: np.empty(0) for name in channels}
    told = []
    for at in order:
        arrays = {
            name: group[at].dataset[name]
            if name in group[at].dataset
            else np.full(times[at].size, np.nan)
            for name in channels
        }
        new = _new_points(time, values, times[at], arrays, channels, what)
        told.append(
            {
                "begins_h": float(times[at][0]),
                "ends_h": float(times[at][-1]),
                "points": int(new.size),
                "shared": int(new.size - np.count_nonzero(new)),
            }
        )
        merged = np.concatenate([time, times[at][new]])
        rank = np.argsort(merged, kind="stable")
        time = merged[rank]
        values = {
            name: np.concatenate([values[name], arrays[name][new]])[rank]
            for name in channels
        }
    metadata = _metadata([group[at].dataset.metadata for at in order])
    metadata["pieces"] = told
    if began is not None:
        metadata["began_at"] = began.isoformat()
    dataset = Dataset(
        (Axis(axis.name, axis.unit, axis.label, time, axis.kind),),
        tuple(
            Channel(name, spec.unit, spec.label, values[name])
            for name, spec in channels.items()
        ),
        metadata=metadata,
    )
    return ParsedDataset(
        first.name, dataset, _agreed([piece.conditions for piece in group]), first.cell
    )


def _starts(
    group: Sequence[ParsedDataset], what: str
) -> tuple[list[float], datetime | None]:
    """Return how far each piece's zero lies after the first one's [h]."""
    stamps = [piece.dataset.metadata.get("began_at") for piece in group]
    known = [datetime.fromisoformat(one) for one in stamps if one]
    if not known:
        return [0.0] * len(group), None
    if len(known) < len(group):
        raise InvalidDataset(
            f"{len(known)} of {len(group)} pieces of {what} say when they began: the"
            " others cannot be put in order. State when each began"
        )
    try:
        began = min(known)
        return [(one - began).total_seconds() / 3600 for one in known], began
    except TypeError as error:
        raise InvalidDataset(
            f"some pieces of {what} began at a time with a zone, others without"
        ) from error


def _channels(datasets: Sequence[Dataset], what: str) -> dict[str, Channel]:
    found: dict[str, Channel] = {}
    for dataset in datasets:
        if dataset.ndim != 1 or dataset.coordinates:
            raise InvalidDataset(f"{what} is no curve over time and cannot be joined")
        axes = {(one.axes[0].name, one.axes[0].unit) for one in (datasets[0], dataset)}
        if len(axes) > 1:
            raise InvalidDataset(f"the pieces of {what} have different axes")
        for channel in dataset.channels:
            known = found.setdefault(channel.name, channel)
            if known.unit != channel.unit:
                raise InvalidDataset(
                    f"{channel.name} of {what} is in {known.unit} in one piece and in"
                    f" {channel.unit} in another"
                )
    return found


def _new_points(
    time: np.ndarray,
    values: dict[str, np.ndarray],
    more: np.ndarray,
    arrays: dict[str, np.ndarray],
    channels: dict[str, Channel],
    what: str,
) -> np.ndarray:
    """Return which points are not there yet; contradicting ones are an error."""
    if not time.size or more[0] > time[-1] + SAME_TIME_HOURS:
        return np.ones(more.size, dtype=bool)
    place = np.clip(np.searchsorted(time, more), 1, max(time.size - 1, 1))
    left = np.minimum(place - 1, time.size - 1)
    place = np.minimum(place, time.size - 1)
    nearest = np.where(
        np.abs(time[left] - more) < np.abs(time[place] - more), left, place
    )
    shared = np.abs(time[nearest] - more) <= SAME_TIME_HOURS
    for name, channel in channels.items():
        old, new = values[name][nearest[shared]], arrays[name][shared]
        known = np.isfinite(old) & np.isfinite(new)
        off = known & (np.abs(old - new) > SAME_VALUE * np.maximum(np.abs(old), 1e-9))
        if off.any():
            at = int(np.argmax(off))
            raise InvalidDataset(
                f"two pieces of {what} contradict each other at"
                f" {more[shared][at]:.6g} h: {channel.label.lower()} is"
                f" {old[at]:.6g} in one and {new[at]:.6g} {channel.unit} in the other"
            )
    within = (more >= time[0]) & (more <= time[-1]) & ~shared
    if within.any() and shared.any():
        first = float(more[within][0])
        raise InvalidDataset(
            f"two pieces of {what} overlap, but the point at {first:.6g} h stands in"
            " one of them only: they are not pieces of one track"
        )
    return ~shared


def _metadata(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Keep what all say alike, and every contradiction any of them tells."""
    kept = _agreed(entries)
    contradictions = [
        one for entry in entries for one in entry.get("contradictions", ())
    ]
    if contradictions:
        unique = {(one["flag"], one["message"]): one for one in contradictions}
        kept["contradictions"] = list(unique.values())
    return kept


def _agreed(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = entries[0]
    return {
        key: value
        for key, value in first.items()
        if all(key in one and one[key] == value for one in entries)
    }
