"""What can be measured and which files can be read: techniques and readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labdata.common.measures.numbers import is_finite
from labdata.common.registry import Registry
from measurements.arrays.dataset import Axis, Channel, Dataset, InvalidDataset
from measurements.text import encoding as encodings
from measurements.text.encoding import UnreadableFile

SNIFF_BYTES = 64 * 1024
"""How much of a file's beginning detection looks at."""

MAX_TEXT_BYTES = 128 * 1024 * 1024
"""The largest file a text reader takes into memory."""


@dataclass(frozen=True, slots=True)
class AxisSpec:
    """An axis a technique's datasets have; other axes (frame, x, y) may join it.

    ``unit`` None leaves the unit to the file. ``aliases`` are column titles, without
    unit and in lower case, under which files know it; ``converts_from`` those of
    another quantity that converts to this one, such as photon energy. A ``monotonic``
    axis never turns back.
    """

    name: str
    unit: str | None
    label: str
    aliases: tuple[str, ...] = ()
    converts_from: tuple[str, ...] = ()
    monotonic: bool = False


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A measured quantity and the one unit readers deliver it in."""

    name: str
    unit: str | None
    label: str
    aliases: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """A setting of the measurement, addressed ``measurement.<technique>.<key>``."""

    key: str
    label: str
    unit: str | None = None
    kind: str = "number"
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False

    def problem(self, value: Any) -> str | None:
        """Say in lab language why ``value`` cannot be this condition, or None."""
        if self.kind == "number":
            return self._number_problem(value)
        if not isinstance(value, str):
            return f"{self.label} is text, got {value!r}."
        if self.kind == "choice" and value not in self.choices:
            return f"{self.label} is one of {', '.join(self.choices)}, not {value!r}."
        return None

    def _number_problem(self, value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{self.label} is a number in {self.unit}, got {value!r}."
        if not is_finite(value):
            return f"{self.label} must be finite, got {value}."
        if self.minimum is not None and value < self.minimum:
            return f"{self.label} is {value:g} {self.unit}, below {self.minimum:g}."
        if self.maximum is not None and value > self.maximum:
            return f"{self.label} is {value:g} {self.unit}, above {self.maximum:g}."
        return None


@dataclass(frozen=True, slots=True)
class Figure:
    """How a dataset of the technique is drawn when nobody chose otherwise."""

    x: str
    y: str
    kind: str = "curve"
    logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Technique:
    """One way of measuring: its axes, channels, units, conditions and figure.

    ``named_by_file`` is for techniques such as a table, whose columns carry whatever
    names and units the file gives them. ``joins`` is for those whose files may be
    pieces of one track, joined along time.
    """

    key: str
    label: str
    axes: tuple[AxisSpec, ...]
    channels: tuple[ChannelSpec, ...]
    figure: Figure
    example: Callable[[], Dataset]
    conditions: tuple[Condition, ...] = ()
    default_analyses: tuple[str, ...] = ()
    named_by_file: bool = False
    joins: bool = False

    @property
    def specs(self) -> tuple[AxisSpec | ChannelSpec, ...]:
        return (*self.axes, *self.channels)

    def problems(self, dataset: Dataset) -> list[str]:
        """Say what keeps a dataset from being one of this technique."""
        if self.named_by_file:
            return []
        found: list[str] = []
        axes = {axis.name: axis for axis in dataset.axes}
        channels = {channel.name: channel for channel in dataset.channels}
        for spec in self.axes:
            axis = axes.get(spec.name)
            found += _mismatch(spec, axis, "axis", required=True)
            if axis is not None and spec.monotonic and not axis.is_monotonic:
                found.append(f"axis {spec.name} turns back on itself")
        for part in self.channels:
            got = channels.get(part.name)
            found += _mismatch(part, got, "channel", required=part.required)
        return found

    def condition_problems(self, values: Mapping[str, Any]) -> dict[str, list[str]]:
        """Check conditions by key; an empty mapping means all is well."""
        known = {condition.key: condition for condition in self.conditions}
        errors = {}
        for key, value in values.items():
            if key not in known:
                errors[key] = [
                    f"{self.label} has no condition {key!r}"
                    f" (known: {', '.join(known) or 'none'})."
                ]
            elif value is not None and (problem := known[key].problem(value)):
                errors[key] = [problem]
        for key, condition in known.items():
            if condition.required and values.get(key) is None:
                errors[key] = [f"{condition.label} is needed."]
        return errors


def unit_of(spec: AxisSpec | ChannelSpec, stated: str | None = None) -> str:
    """Return a spec's unit, the file's where the spec leaves it to the file.

    Raises
    ------
    UnreadableFile
        If neither states one.
    """
    unit = spec.unit or stated
    if unit is None:
        raise UnreadableFile(f"{spec.label} has no unit: the file has to state it.")
    return unit


def _mismatch(
    spec: AxisSpec | ChannelSpec,
    got: Axis | Channel | None,
    what: str,
    *,
    required: bool,
) -> list[str]:
    if got is None:
        return [f"no {what} {spec.name}"] if required else []
    if spec.unit is not None and got.unit != spec.unit:
        return [f"{what} {spec.name} is in {got.unit}, needs {spec.unit}"]
    return []


@dataclass(frozen=True, slots=True)
class Sniff:
    """What detection may look at: the name, the size and the first 64 kB.

    ``text`` is the decoded beginning, empty where the bytes are not text.
    """

    file_name: str
    head: bytes
    text: str
    size: int

    @classmethod
    def of(cls, file_name: str, head: bytes, size: int | None = None) -> Sniff:
        size = len(head) if size is None else size
        head = head[:SNIFF_BYTES]
        return cls(file_name, head, encodings.decode_head(head, size), size)


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader gets: the whole file, the technique it was filed under, options."""

    file_name: str
    data: bytes
    technique: str
    options: Mapping[str, Any] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Detection:
    """One winner, or a question: then ``winner`` is None and people choose."""

    winner: Reader | None
    reason: str
    candidates: tuple[tuple[Reader, Recognition], ...]


techniques: Registry[Technique] = Registry("technique")
readers: Registry[Reader] = Registry("reader")


def load_builtin() -> None:
    """Register everything in this project and what installed packages add."""
    techniques.load("measurements.techniques")
    readers.load("measurements.readers")


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
    encodings.refuse_hollow(sniff.head, sniff.size)
    found = [
        (reader, recognition)
        for reader in readers
        if (recognition := reader.recognise(sniff)) is not None
    ]
    found.sort(key=lambda pair: -pair[1].score)
    serving = [pair for pair in found if pair[0].serves(technique)]
    specific = [pair for pair in serving if not pair[0].generic]
    foreign = [pair for pair in found if not pair[0].serves(technique)]
    if not serving:
        raise UnreadableFile(_nothing_found(sniff, technique, foreign))
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
    return f"{encodings.describe(sniff.head, sniff.text)} Looked for: {looked_for}."


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
    encodings.refuse_hollow(sniff.head, sniff.size)
    if sniff.size > reader.max_bytes:
        size, most = map(encodings.bytes_in_words, (sniff.size, reader.max_bytes))
        raise UnreadableFile(
            f"The file has {size}; {reader.label} reads at most {most}."
        )
    source = Source(sniff.file_name, load(), technique, options or {})
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
