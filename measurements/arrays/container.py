"""Datasets as bytes: one immutable container of compressed, verified frames."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection
from typing import Any, BinaryIO

import numpy as np

from labdata.plugin import Axis, Channel, Coordinate, Dataset, InvalidDataset

MAGIC = b"LABDATA\x01"
PREFIX = len(MAGIC) + 4 + 32
CHUNK_BYTES = 4 * 1024 * 1024
"""Size of a chunk before compression; one is read at a time from a large channel."""

LONGEST_HEADER = 64 * 1024 * 1024

ROLES = {"axis": Axis, "channel": Channel, "coordinate": Coordinate}


class CorruptDataset(Exception):
    """Stored bytes are not those that were written."""


def digest(data: bytes) -> str:
    """Return the SHA-256 by which `unpack` knows these bytes again."""
    return hashlib.sha256(data).hexdigest()


def identity(
    raw_sha256: str, reader: str, version: int, name: str, index: int = 0
) -> str:
    """Return what a parsed dataset is the same as, whatever compressed it.

    Parameters
    ----------
    raw_sha256 : str
        Hash of the raw file.
    reader, version
        Which code read it.
    name, index
        Which dataset of the file it is.
    """
    parts = [raw_sha256, reader, version, name, index]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def pack(dataset: Dataset) -> bytes:
    """Write a dataset as one container.

    Parameters
    ----------
    dataset : Dataset
        Of any dimension.

    Returns
    -------
    bytes
        ``LABDATA`` and a format number, the length [4 bytes] and SHA-256 [32 bytes]
        of a JSON header, the header, and the frames it lists.

    Notes
    -----
    A frame is one axis, channel or coordinate: little-endian float64, cut along the
    first dimension into chunks of about 4 MiB, each shuffled and compressed with
    zstd. The header has every frame's SHA-256, so one channel can be read and
    verified without the others; bit flips in compressed numbers mostly decode
    without complaint otherwise.
    """
    frames: list[bytes] = []
    parts = []
    for role, members in (
        ("axis", dataset.axes),
        ("channel", dataset.channels),
        ("coordinate", dataset.coordinates),
    ):
        for part in members:
            entry, chunks = _pack_part(role, part)
            parts.append(entry)
            frames += chunks
    header = json.dumps(
        {"parts": parts, "metadata": dataset.metadata},
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    ).encode()
    checksum = hashlib.sha256(header).digest()
    size = len(header).to_bytes(4, "little")
    return b"".join([MAGIC, size, checksum, header, *frames])


def _pack_part(
    role: str, part: Axis | Channel | Coordinate
) -> tuple[dict[str, Any], list[bytes]]:
    entry: dict[str, Any] = {"role": role, "name": part.name, "unit": part.unit}
    for key in ("label", "kind", "axis"):
        if hasattr(part, key):
            entry[key] = getattr(part, key)
    values = part.values
    if values.dtype.kind == "U":
        entry["text"] = True
        values = np.frombuffer(json.dumps(values.tolist()).encode(), dtype=np.uint8)
    else:
        values = np.ascontiguousarray(values, dtype="<f8")
    rows = max(1, CHUNK_BYTES // max(1, values[:1].nbytes))
    chunks = [
        _compress(values[at : at + rows].reshape(-1))
        for at in range(0, len(values), rows)
    ]
    entry["shape"] = values.shape
    entry["rows"] = rows
    entry["chunks"] = [len(chunk) for chunk in chunks]
    entry["sha256"] = hashlib.sha256(b"".join(chunks)).hexdigest()
    return entry, chunks


def unpack(data: bytes, sha256: str, names: Collection[str] | None = None) -> Dataset:
    """Read a dataset back after verifying every byte.

    Parameters
    ----------
    data : bytes
        What `pack` wrote.
    sha256 : str
        What `digest` said then.
    names : collection of str, optional
        Channels to decode; all by default. Axes and coordinates always come along.

    Raises
    ------
    CorruptDataset
        If the bytes are not those written.
    """
    found = digest(data)
    if found != sha256:
        raise CorruptDataset(
            f"the stored dataset has SHA-256 {found[:12]}…, it was written as"
            f" {sha256[:12]}…"
        )
    return Container(io.BytesIO(data), trusted=True).dataset(names)


class Container:
    """A container opened for reading single channels or rows of them.

    Parameters
    ----------
    file : binary file
        Seekable, at the container's beginning.
    trusted : bool
        Whether the whole of it has been verified already.

    Raises
    ------
    CorruptDataset
        Here and from every method, if what is read is not what was written.
    """

    def __init__(self, file: BinaryIO, *, trusted: bool = False) -> None:
        self._file = file
        self._trusted = trusted
        self._start = file.tell()
        prefix = file.read(PREFIX)
        if len(prefix) < PREFIX or not prefix.startswith(MAGIC):
            raise CorruptDataset("these bytes are no dataset container")
        size = int.from_bytes(prefix[len(MAGIC) : len(MAGIC) + 4], "little")
        header = file.read(size) if size <= LONGEST_HEADER else b""
        if hashlib.sha256(header).digest() != prefix[-32:]:
            raise CorruptDataset("the header of the stored dataset is damaged")
        content = json.loads(header)
        self.metadata: dict[str, Any] = content["metadata"]
        self.parts: dict[str, dict[str, Any]] = {}
        offset = self._start + PREFIX + size
        for entry in content["parts"]:
            self.parts[entry["name"]] = {**entry, "offset": offset}
            offset += sum(entry["chunks"])

    def read(self, name: str) -> np.ndarray:
        """Read and verify one axis, channel or coordinate.

        Returns
        -------
        ndarray
            Read-only, in the shape it was written.
        """
        try:
            entry = self.parts[name]
        except KeyError:
            known = ", ".join(self.parts)
            raise InvalidDataset(f"no part {name!r} (there: {known})") from None
        self._file.seek(entry["offset"])
        frame = self._file.read(sum(entry["chunks"]))
        if not self._trusted and digest(frame) != entry["sha256"]:
            raise CorruptDataset(f"{name} of the stored dataset is damaged")
        values = _decode(entry, frame, name)
        if entry.get("text"):
            values = np.array(json.loads(values.tobytes()), dtype=str)
        values.setflags(write=False)
        return values

    def dataset(self, names: Collection[str] | None = None) -> Dataset:
        """Read the dataset, with the channels named or all."""
        members: dict[str, list[Any]] = {role: [] for role in ROLES}
        for name, entry in self.parts.items():
            role = entry["role"]
            if role == "channel" and names is not None and name not in names:
                continue
            known = {
                key: entry[key]
                for key in ("name", "unit", "label", "kind", "axis")
                if key in entry
            }
            members[role].append(ROLES[role](values=self.read(name), **known))
        if names is not None:
            missing = set(names) - {channel.name for channel in members["channel"]}
            if missing:
                raise InvalidDataset(f"no channel {sorted(missing)[0]!r}")
        return Dataset(
            tuple(members["axis"]),
            tuple(members["channel"]),
            tuple(members["coordinate"]),
            metadata=self.metadata,
        )


def _compress(values: np.ndarray) -> bytes:
    # blosc2 takes a sixth of the start of a process; many never touch an array.
    import blosc2

    # One thread: blosc2's own threads do not survive a fork, and workers fork.
    return blosc2.compress2(
        values,
        codec=blosc2.Codec.ZSTD,
        clevel=1,
        filters=[blosc2.Filter.SHUFFLE],
        typesize=values.itemsize,
        nthreads=1,
    )


def _decode(entry: dict[str, Any], frame: bytes, name: str) -> np.ndarray:
    import blosc2

    kind = np.dtype("u1" if entry.get("text") else "<f8")
    shape, rows, at = entry["shape"], entry["rows"], 0
    values = np.empty(shape, dtype=kind)
    try:
        for number, size in enumerate(entry["chunks"]):
            chunk = blosc2.decompress2(frame[at : at + size], nthreads=1)
            part = values[number * rows : (number + 1) * rows]
            part[...] = np.frombuffer(chunk, dtype=kind).reshape(part.shape)
            at += size
    except (RuntimeError, ValueError) as error:
        raise CorruptDataset(f"{name} of the stored dataset is damaged") from error
    return values
