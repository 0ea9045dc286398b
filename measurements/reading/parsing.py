"""Reading a measurement's files: what a worker does, and what is kept of it."""

import logging
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import timezone

from labdata.common.jobs import JobKind, kinds
from labdata.common.record.edits import held
from labdata.common.record.history import recording
from labdata.plugin import InvalidDataset, Reader, Sniff, UnreadableFile
from measurements import registry
from measurements.arrays.container import identity
from measurements.arrays.rows import (
    Packed,
    load_dataset,
    pack_dataset,
    save_packed,
    supersede,
)
from measurements.models import Dataset, File, Measurement
from measurements.readers.tables import labdata_columns
from measurements.reading.cells import cells_of
from measurements.reading.conditions import acceptable, fill_from_files
from measurements.registry import SNIFF_BYTES, Detection, sniff_of
from measurements.store.raw import get_store, read_bytes
from measurements.tracks import pieces
from measurements.tracks.pieces import Piece
from samples.facts import default_subject, replace_facts

logger = logging.getLogger(__name__)

TIME_LIMIT_SECONDS = 300.0
MEMORY_LIMIT_BYTES = 4 * 1024**3
PIECES = "files"
"""Where a joined dataset's metadata names the files it was joined from."""

FollowUp = Callable[[Measurement, list[Dataset]], object]
_follow_ups: list[FollowUp] = []


def register_follow_up(follow_up: FollowUp) -> None:
    """Add what happens to a measurement in the transaction that makes it ready.

    It is called with the measurement and the datasets that were read, in order.
    """
    if follow_up in _follow_ups:
        raise ValueError(f"follow-up {follow_up!r} is registered twice")
    _follow_ups.append(follow_up)


def tell_of_conditions(measurement) -> None:
    """Let what follows a reading know that people mended the conditions."""
    datasets = list(
        measurement.datasets.filter(
            is_result=False, superseded_at__isnull=True, region__isnull=True
        ).without_arrays()
    )
    for follow_up in _follow_ups:
        follow_up(measurement, datasets)


@dataclass(frozen=True, slots=True)
class ReadDataset:
    """One dataset of one file, packed and ready to be stored."""

    file: File
    reader: Reader
    name: str
    identity: str
    packed: Packed
    cell: str = ""
    conditions: dict[str, Any] = field(default_factory=dict)


@dataclass
class Reading:
    """Everything the files gave, or the question which reader they belong to."""

    readers: list[Reader] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    candidates: list[dict[str, Any]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    datasets: list[ReadDataset] = field(default_factory=list)
    conditions: dict[str, Any] = field(default_factory=dict)
    clocks: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_files(parsing, control) -> Reading:
    """Find each file's reader, read it, and pack what it holds; writes no rows."""
    measurement = parsing.measurement
    files = list(measurement.files.select_related("blob").order_by("pk"))
    reading = Reading()
    said, found, by_uuid = [], [], {}
    if rows := _track_so_far(measurement, files):
        files = _go_on(measurement, files, rows, reading, (said, found, by_uuid))
    chosen = []
    for file in files:
        with _naming(file, files):
            chosen.append(_choose(file, measurement, reading, len(files) > 1))
    if reading.questions:
        return reading
    for number, (file, (sniff, reader)) in enumerate(zip(files, chosen, strict=True)):
        control.progress(number / len(files), f"reading {file.name}")
        with _naming(file, files):
            result = registry.read(
                reader,
                sniff,
                partial(read_bytes, file.blob.sha256),
                technique=measurement.technique,
            )
        reading.readers.append(reader)
        reading.notes += result.notes
        said.append(_conditions_of(result))
        if result.measured_at is not None:
            reading.clocks.append(_aware(result.measured_at))
        by_uuid[str(file.uuid)] = (file, reader)
        found += _pieces_of(file, reader, result)
    if registry.techniques[measurement.technique].joins:
        found = pieces.joined(found)
    for piece in found:
        reading.datasets.append(_packed(*by_uuid[piece.files[0]], piece))
    agreed, differing = _agreed(said)
    usable, notes = acceptable(measurement.technique, agreed)
    reading.conditions = usable
    reading.notes += notes
    if differing:
        reading.notes.append(f"The files differ in {', '.join(sorted(differing))}.")
    control.progress(1.0, "storing")
    return reading


def _track_so_far(measurement, files):
    """The datasets a track consists of, if some files have come since; else nothing.

    Reading hundreds of pieces again for each that is appended would take ever longer.
    Where the files are the same as before, somebody wants all of them read anew.
    """
    if not registry.techniques[measurement.technique].joins:
        return []
    rows = list(
        measurement.datasets.current()
        .filter(is_result=False, region__isnull=True)
        .select_related("cell", "file", "blob")
        .order_by("pk")
    )
    for row in rows:
        reader = registry.readers.get(row.reader)
        if reader is None or reader.version != row.reader_version:
            return []
    known = {part["file"] for row in rows for part in parts_of(row)}
    told = [str(file.uuid) in known for file in files]
    goes_on = rows and not all(told) and told == sorted(told, reverse=True)
    return rows if goes_on else []


def _go_on(measurement, files, rows, reading, gathered):
    """Take what was read of a track as it is; gives the files that are new."""
    said, found, by_uuid = gathered
    by_id = {str(file.uuid): file for file in files}
    for row in rows:
        piece = piece_of_row(row)
        reader = registry.readers[row.reader]
        found.append(piece)
        by_uuid[piece.files[0]] = (by_id[piece.files[0]], reader)
        if reader not in reading.readers:
            reading.readers.append(reader)
    known = {part["file"] for row in rows for part in parts_of(row)}
    before = (
        measurement.parsings.filter(state="done", is_question=False)
        .order_by("-pk")
        .first()
    )
    if before is not None:
        reading.reasons.append(before.reason)
        reading.notes += before.notes
        said.append(before.found.get("conditions", {}))
        if clock := before.found.get("measured_at"):
            reading.clocks.append(datetime.fromisoformat(clock))
    return [file for file in files if str(file.uuid) not in known]


@contextmanager
def _naming(file, files):
    """Say which of several files could not be read."""
    try:
        yield
    except (UnreadableFile, InvalidDataset) as error:
        if len(files) == 1:
            raise
        raise UnreadableFile(f"{file.name}: {error}") from error


def _choose(file, measurement, reading, is_one_of_many):
    sniff = _sniff(file)
    prefix = f"{file.name}: " if is_one_of_many else ""
    if measurement.reader and not labdata_columns.recognise(sniff):
        reader = registry.readers[measurement.reader]
        reading.reasons.append(f"{prefix}{reader.label} was asked for.")
        return sniff, reader
    detection = registry.detect(sniff, measurement.technique)
    if detection.winner is None and (reader := _as_before(measurement, detection)):
        reading.reasons.append(f"{prefix}{reader.label}, as the files before it.")
        return sniff, reader
    if detection.winner is None:
        reading.questions.append(prefix + detection.reason)
        reading.candidates += _told(file, detection)
    else:
        reading.reasons.append(prefix + detection.reason)
    return sniff, detection.winner


def _as_before(measurement, detection):
    """The reader of the files read before, where a piece of a track could be its."""
    if not registry.techniques[measurement.technique].joins:
        return None
    before = set(
        measurement.datasets.filter(is_result=False, superseded_at__isnull=True)
        .exclude(reader=labdata_columns.LABDATA_COLUMNS.key)
        .values_list("reader", flat=True)
    )
    offered = [reader for reader, _ in detection.candidates if reader.key in before]
    return offered[0] if len(offered) == 1 else None


def read_pieces(measurement, file) -> list[Piece]:
    """Read one file as it would be read among those of the measurement.

    Raises
    ------
    UnreadableFile
        If no single reader recognises it, or its reader refuses it.
    """
    reading = Reading()
    sniff, reader = _choose(file, measurement, reading, is_one_of_many=False)
    if reading.questions:
        raise UnreadableFile(" ".join(reading.questions))
    result = registry.read(
        reader,
        sniff,
        partial(read_bytes, file.blob.sha256),
        technique=measurement.technique,
    )
    return _pieces_of(file, reader, result)


def parts_of(row) -> list[dict[str, str]]:
    """The files a stored dataset was read from, with what each piece was."""
    own = {"file": str(row.file.uuid), "identity": row.identity}
    return row.metadata.get(PIECES) or [own]


def piece_of_row(row) -> Piece:
    """A stored dataset as the piece, or the joined pieces, that it is."""
    parts = parts_of(row)
    return Piece(
        row.name,
        load_dataset(row),
        row.cell.label if row.cell else "",
        tuple(part["file"] for part in parts),
        tuple(part["identity"] for part in parts),
        row.metadata.get("conditions", {}),
    )


def _told(file, detection: Detection):
    return [
        {
            "file": file.name,
            "reader": reader.key,
            "label": reader.label,
            "score": recognition.score,
            "reason": recognition.reason,
        }
        for reader, recognition in detection.candidates
    ]


def _sniff(file) -> Sniff:
    with get_store().open(file.blob.sha256) as stored:
        head = stored.read(SNIFF_BYTES)
    return sniff_of(file.name, head, file.blob.size)


def _aware(clock):
    """An instrument's clock without a zone is the lab's."""
    return timezone.make_aware(clock) if timezone.is_naive(clock) else clock


def _pieces_of(file, reader, result) -> list[Piece]:
    return [
        Piece(
            parsed.name or file.name,
            parsed.dataset,
            parsed.cell,
            (str(file.uuid),),
            (
                identity(
                    file.blob.sha256, reader.key, reader.version, parsed.name, index
                ),
            ),
            dict(parsed.conditions),
        )
        for index, parsed in enumerate(result.datasets)
    ]


def _packed(file, reader, piece) -> ReadDataset:
    dataset = piece.dataset
    if piece.conditions:
        dataset = dataset.with_metadata(conditions=dict(piece.conditions))
    if len(piece.files) > 1:
        parts = zip(piece.files, piece.identities, strict=True)
        told = [{"file": one, "identity": own} for one, own in parts]
        dataset = dataset.with_metadata(**{PIECES: told})
    return ReadDataset(
        file,
        reader,
        piece.name,
        piece.identity,
        pack_dataset(dataset),
        piece.cell,
        dict(piece.conditions),
    )


def _conditions_of(result):
    """What holds for the whole file: said of it, or of each of its datasets alike."""
    shared, _ = _agreed([dict(parsed.conditions) for parsed in result.datasets])
    return {**shared, **result.conditions}


def _agreed(said):
    """The conditions in which nobody contradicts, and the keys of the others.

    What only some mention holds for them alone, so it is left out silently.
    """
    keys = {key for one in said for key in one}
    agreed, differing = {}, set()
    for key in sorted(keys):
        values = [one[key] for one in said if key in one]
        if any(value != values[0] for value in values):
            differing.add(key)
        elif len(values) == len(said):
            agreed[key] = values[0]
    return agreed, differing


def store_reading(parsing, reading: Reading) -> None:
    """Keep what was read, in the transaction that makes the reading done."""
    measurement = held(
        parsing.measurement,
        Measurement.objects.select_related("project", "sample", "subject__cell"),
    )
    if measurement.parsing_id != parsing.pk:
        logger.warning("%s: a newer reading was asked for", parsing)
        return
    if reading.questions:
        parsing.is_question = True
        parsing.message = f"{' '.join(reading.questions)} Which reader is right?"
        parsing.candidates = reading.candidates
        parsing.save(update_fields=["is_question", "message", "candidates"])
        return
    used = {reader.key: reader for reader in reading.readers}
    parsing.reader = ", ".join(sorted(used))[:60]
    parsing.reader_version = max(reader.version for reader in reading.readers)
    parsing.reason = " ".join(reading.reasons)
    parsing.notes = list(dict.fromkeys(reading.notes))
    parsing.found = {"conditions": reading.conditions}
    if reading.clocks:
        parsing.found["measured_at"] = min(reading.clocks).isoformat()
    cells, notes = cells_of(measurement, reading.datasets)
    parsing.notes += notes
    parsing.save(update_fields=["reader", "reader_version", "reason", "notes", "found"])
    datasets = _replace_datasets(measurement, reading, cells)
    _fill(measurement, parsing)
    replace_facts(sample_ids=[measurement.sample_id])
    measurement.parsing = parsing
    for follow_up in _follow_ups:
        follow_up(measurement, datasets)


def _replace_datasets(measurement, reading, cells):
    """Store the datasets; those of an earlier reading that differ are superseded."""
    parsed = measurement.datasets.filter(is_result=False, superseded_at__isnull=True)
    identities = [one.identity for one in reading.datasets]
    outdated = parsed.filter(region__isnull=True).exclude(identity__in=identities)
    supersede(parsed.filter(region__dataset__in=list(outdated)))
    supersede(outdated)
    kept = {
        row.identity: row
        for row in parsed.filter(identity__in=identities).without_arrays()
    }
    return [
        kept.get(one.identity)
        or save_packed(
            one.packed,
            measurement=measurement,
            name=one.name,
            identity=one.identity,
            file=one.file,
            reader=one.reader.key,
            reader_version=one.reader.version,
            cell=cells[one.cell],
        )
        for one in reading.datasets
    ]


def _fill(measurement, parsing):
    """Let the files' conditions and clock fill what the person left empty."""
    before = _facts_of(measurement)
    fill_from_files(measurement, parsing.found)
    if "state" not in measurement.sources:
        measurement.subject = default_subject(
            sample=measurement.sample,
            measured_at=measurement.measured_at,
            cell=measurement.subject.cell,
        )
    if _facts_of(measurement) == before:
        return
    # The edit version stays: nobody's form is outdated by what a file says.
    request = f"reading of {measurement.uuid}"
    with recording(user=parsing.created_by, request=request, reason=parsing.reason):
        measurement.save()


def _facts_of(measurement):
    return (
        measurement.conditions,
        measurement.sources,
        measurement.measured_at,
        measurement.subject_id,
    )


PARSING = kinds.add(
    JobKind(
        key="parsing",
        model="measurements.Parsing",
        work=read_files,
        finish=store_reading,
        data_errors=(UnreadableFile, InvalidDataset),
        activity="reading the files",
        time_limit_seconds=TIME_LIMIT_SECONDS,
        memory_limit_bytes=MEMORY_LIMIT_BYTES,
    )
)
