"""What can be measured and which files can be read: techniques and readers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labdata.common.registry import Registry
from labdata.plugin import (
    InvalidDataset,
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    Technique,
    UnreadableFile,
)
from measurements.text.encoding import (
    bytes_in_words,
    decode,
    decode_head,
    describe,
    refuse_hollow,
)

logger = logging.getLogger(__name__)

SNIFF_BYTES = 64 * 1024
"""How much of a file's beginning detection looks at."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One winner, or a question: then ``winner`` is None and people choose."""

    winner: Reader | None
    reason: str
    candidates: tuple[tuple[Reader, Recognition], ...]


techniques: Registry[Technique] = Registry("technique", Technique)
readers: Registry[Reader] = Registry("reader", Reader)


def sniff_of(file_name: str, head: bytes, size: int | None = None) -> Sniff:
    """Return what detection sees of a file, from its beginning and whole size."""
    size = len(head) if size is None else size
    head = head[:SNIFF_BYTES]
    return Sniff(file_name, head, decode_head(head, size), size)


def load_builtin() -> None:
    """Register the techniques and readers in this project."""
    techniques.load("measurements.techniques")
    readers.load("measurements.readers")


def ask_readers(
    sniff: Sniff,
) -> tuple[list[tuple[Reader, Recognition]], list[Reader]]:
    """Ask every reader whether a file is its own.

    Returns
    -------
    found, broken : list
        Those that say so, and those that cannot answer: one of a private package may
        be broken, and the others still read.
    """
    found, broken = [], []
    for reader in readers:
        try:
            recognition = reader.recognise(sniff)
        except Exception:
            logger.exception("%s of %s is broken", reader.key, origin_of(reader))
            broken.append(reader)
            continue
        if recognition is not None:
            found.append((reader, recognition))
    return found, broken


def origin_of(reader: Reader) -> str:
    """Return the package a reader came from, in words."""
    return str(readers.origin(reader.key))


def detect(sniff: Sniff, technique: str) -> Detection:
    """Find which reader a file belongs to, and why.

    Parameters
    ----------
    sniff : Sniff
        The beginning of the file.
    technique : str
        Key of the technique the file was filed under.

    Returns
    -------
    Detection
        A winner, or a question with the candidates, best first.

    Raises
    ------
    UnreadableFile
        If no reader recognises the file; the message says what it looks like.

    Notes
    -----
    The rule: one specific format wins over generic text; several specific formats
    are a question however their scores compare; a format of another technique makes
    it a question too, since then the file or the technique is the wrong one.
    """
    refuse_hollow(sniff.head, sniff.size)
    found, broken = ask_readers(sniff)
    found.sort(key=lambda pair: -pair[1].score)
    serving = [pair for pair in found if pair[0].serves(technique)]
    specific = [pair for pair in serving if not pair[0].generic]
    foreign = [pair for pair in found if not pair[0].serves(technique)]
    if not serving:
        raise UnreadableFile(_nothing_found(sniff, technique, foreign))
    if unasked := [one for one in broken if one.serves(technique)]:
        names = " and ".join(f"{one.label} of {origin_of(one)}" for one in unasked)
        reason = f"{names} is broken here; whether this is its file cannot be told."
        return Detection(None, reason, tuple(serving))
    if len(specific) == 1:
        reader, recognition = specific[0]
        reason = f"{reader.label}: {recognition.reason}."
        if others := [pair[0].label for pair in serving if pair[0].generic]:
            reason += f" A specific format goes before {', '.join(others)}."
        return Detection(reader, reason, tuple(serving))
    if len(specific) > 1:
        names = " and ".join(reader.label for reader, _ in specific)
        return Detection(None, f"{names} both recognise this file.", tuple(specific))
    if foreign:
        reader, recognition = foreign[0]
        reason = (
            f"This looks like {reader.label} ({recognition.reason}), which is for"
            f" {', '.join(reader.techniques)}, but it was filed under {technique}."
        )
        return Detection(None, reason, tuple(serving))
    if len(serving) > 1:
        names = " and ".join(reader.label for reader, _ in serving)
        return Detection(None, f"{names} can both read this file.", tuple(serving))
    reader, recognition = serving[0]
    reason = f"{reader.label}: {recognition.reason}. No specific format was recognised."
    return Detection(reader, reason, tuple(serving))


def _text_of(data: bytes) -> str:
    return decode(data)[0]


def _nothing_found(
    sniff: Sniff, technique: str, foreign: list[tuple[Reader, Recognition]]
) -> str:
    if foreign:
        reader, recognition = foreign[0]
        return (
            f"This is {reader.label} ({recognition.reason}), which is for"
            f" {', '.join(reader.techniques)}, not for {technique}."
        )
    looked_for = ", ".join(
        reader.label for reader in readers if reader.serves(technique)
    )
    return f"{describe(sniff.head, sniff.text)} Looked for: {looked_for}."


def read(
    reader: Reader,
    sniff: Sniff,
    load: Callable[[], bytes],
    *,
    technique: str,
    options: Mapping[str, Any] | None = None,
) -> ReadResult:
    """Read a file with a chosen reader; ``load`` is called only if it may be read.

    Parameters
    ----------
    reader : Reader
        Winner of `detect`, or what a person chose.
    sniff : Sniff
        Beginning and size of the file.
    load : callable
        Gives all the bytes.
    technique : str
        Key of the technique the file was filed under.
    options : mapping, optional
        What the reader was told beside the file.

    Raises
    ------
    UnreadableFile
        If the file is hollow, too large, or not what the reader expects.
    """
    refuse_hollow(sniff.head, sniff.size)
    if sniff.size > reader.max_bytes:
        size, most = map(bytes_in_words, (sniff.size, reader.max_bytes))
        raise UnreadableFile(
            f"The file has {size}; {reader.label} reads at most {most}."
        )
    source = Source(sniff.file_name, load(), technique, options or {}, _text_of)
    try:
        result = reader.read(source)
    except InvalidDataset as error:
        raise UnreadableFile(f"{reader.label}: {error}.") from error
    if not result.datasets:
        raise UnreadableFile(f"{reader.label} found no data in the file.")
    for parsed in result.datasets:
        if problems := techniques[technique].problems(parsed.dataset):
            raise UnreadableFile(
                f"{parsed.name} is no {techniques[technique].label} dataset:"
                f" {'; '.join(problems)}."
            )
    return result
