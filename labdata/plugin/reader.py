"""One file format: how it is recognised, and what is read of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labdata.plugin.dataset import Dataset
from labdata.plugin.errors import UnreadableFile

MAX_TEXT_BYTES = 128 * 1024 * 1024
"""The largest file a text reader takes into memory."""


@dataclass(frozen=True, slots=True)
class Sniff:
    """What detection may look at: the name, the size and the first 64 kB.

    ``text`` is the decoded beginning, empty where the bytes are not text.
    """

    file_name: str
    head: bytes
    text: str
    size: int


def decode_utf8(data: bytes) -> str:
    """Decode UTF-8, the encoding of a file nobody says more of.

    Raises
    ------
    UnreadableFile
        If it is something else.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"The file is no UTF-8 text: byte {error.start + 1:,} is none of it."
        ) from error


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader gets: the whole file, the technique it was filed under, options.

    ``decode`` turns the bytes into text; the lab hands in one that knows the encodings
    instruments write.
    """

    file_name: str
    data: bytes
    technique: str
    options: Mapping[str, Any] = field(default_factory=dict)
    decode: Callable[[bytes], str] = decode_utf8

    @property
    def text(self) -> str:
        """The file as text; raises `UnreadableFile` where it is none."""
        return self.decode(self.data)


@dataclass(frozen=True, slots=True)
class Recognition:
    """How sure a reader is that a file is its own, 0 to 1, and by what sign."""

    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedDataset:
    """One dataset of a file, with the conditions that hold for it alone.

    ``cell`` is the name of the pixel it was measured on, as the file gives it; empty
    where the file knows of one only.
    """

    name: str
    dataset: Dataset
    conditions: Mapping[str, Any] = field(default_factory=dict)
    cell: str = ""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Everything a file says: datasets, conditions, its own clock, remarks."""

    datasets: tuple[ParsedDataset, ...]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    measured_at: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """One file format.

    ``techniques`` empty means any. ``generic`` readers step back when a specific
    format is recognised. ``limits`` tells users what the reader cannot do.
    """

    key: str
    version: int
    label: str
    techniques: tuple[str, ...]
    recognise: Callable[[Sniff], Recognition | None]
    read: Callable[[Source], ReadResult]
    sample: Callable[[], bytes]
    sample_name: str
    limits: str
    extensions: tuple[str, ...] = ()
    generic: bool = False
    max_bytes: int = MAX_TEXT_BYTES

    def serves(self, technique: str) -> bool:
        return not self.techniques or technique in self.techniques
