"""Adding what was measured since to a track whose test still runs."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from labdata.common.api.errors import Conflict
from labdata.common.people.access import require_write
from labdata.common.record.edits import held
from labdata.common.text.title import split_brackets
from labdata.plugin import InvalidDataset, UnreadableFile
from measurements.models import Blob, File, Measurement
from measurements.readers.tables import labdata_columns
from measurements.reading import parsing
from measurements.reading.conditions import PERSON
from measurements.registry import techniques
from measurements.services.files import (
    KeptFile,
    create_files,
    keep_files,
    keep_upload,
    take_files,
)
from measurements.services.measurements import update_measurement
from measurements.services.readings import start_reading
from measurements.text.encoding import bytes_in_words
from measurements.tracks import pieces

# A chunk is read and joined before it is taken, so that a bad one harms nothing.
MOST_CHUNK_BYTES = 32 * 1024**2
MOST_ATTEMPTS = 5
TOO_LARGE = 1e15
_WHOLE = Measurement.objects.select_related(
    "project", "sample", "parsing", "subject__cell"
)


def append_to_track(
    *,
    user: User,
    measurement: Measurement,
    files: Sequence[Any] | None = None,
    columns: Mapping[str, Sequence[float | None]] | None = None,
    rows: Sequence[Mapping[str, float | None]] | None = None,
    cell: str | None = None,
) -> Measurement:
    """Add points to a track: as a file, as columns, or as rows.

    The chunk is read and joined to what is there first; only one that fits becomes a
    file of the measurement. Then all of its files are read anew as one track, and the
    usual analyses follow.

    Parameters
    ----------
    user : User
    measurement : Measurement
        Of a technique that joins its files.
    files : list, optional
        Uploads, or pairs of name and open binary file.
    columns : dict of str to list, optional
        Numbers by channel, such as ``time`` or ``time [s]``; None is missing.
    rows : list of dict, optional
        The same, point by point.
    cell : str, optional
        Whose points columns or rows are, where the track has several cells.

    Raises
    ------
    ValidationError
        Saying what is wrong with the chunk; nothing was changed.
    Conflict
        If the measurement is archived, or its files could not be read.
    """
    require_write(user, measurement.project)
    technique = techniques.get(measurement.technique)
    if technique is None or not technique.joins:
        raise ValidationError(
            {"file": f"A measurement of {measurement.technique} is not a track."}
        )
    measurement = _WHOLE.get(pk=measurement.pk)
    _refuse_closed(measurement)
    kept = _keep(measurement, files, columns, rows, cell)
    for _ in range(MOST_ATTEMPTS):
        there = _check(measurement, kept)
        with transaction.atomic():
            measurement = held(measurement, _WHOLE)
            _refuse_closed(measurement)
            if set(measurement.files.values_list("pk", flat=True)) != there:
                # Somebody else appended while this chunk was checked.
                continue
            create_files(
                user=user,
                project=measurement.project,
                kept=kept,
                measurement=measurement,
            )
            start_reading(user=user, measurement=measurement)
            return measurement
    raise Conflict("Others append to this track at the moment: send it again.")


@transaction.atomic
def set_test_state(*, user: User, measurement: Measurement, ended: bool) -> Measurement:
    """Say of a test that it has ended, or that it runs."""
    measurement = held(measurement, _WHOLE)
    said = {
        key: value
        for key, value in measurement.conditions.items()
        if measurement.sources.get(key) == PERSON
    }
    return update_measurement(
        user=user,
        measurement=measurement,
        conditions={**said, "test_state": "ended" if ended else "running"},
    )


def _refuse_closed(measurement):
    if measurement.archived_at:
        raise Conflict(f"{measurement} is archived: restore it, then append.")
    if measurement.state in ("question", "failed", "errored"):
        raise Conflict(
            f"{measurement} is {measurement.state}: {measurement.message} Mend that"
            " first."
        )


def _keep(measurement, files, columns, rows, cell):
    given = [name for name in (files, columns, rows) if name]
    if len(given) != 1:
        raise ValidationError({"file": "Send a file, or columns, or rows."})
    if files:
        for file in take_files(files):
            if file.size > MOST_CHUNK_BYTES:
                size, most = map(bytes_in_words, (file.size, MOST_CHUNK_BYTES))
                raise ValidationError(
                    {
                        "file": f"{file.name} has {size}; a chunk has at most {most}."
                        " Send it in parts."
                    }
                )
        return keep_files(files)
    field = "columns" if columns else "rows"
    data = _written(measurement, columns or _as_columns(rows), cell, field)
    return [keep_upload(_NamedBytes(data))]


class _NamedBytes(io.BytesIO):
    """Bytes made here, in the shape of an upload."""

    name = "appended.csv"
    content_type = "text/csv"

    def __init__(self, data):
        super().__init__(data)
        self.size = len(data)

    def chunks(self):
        yield self.getvalue()


def _as_columns(rows):
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValidationError({"rows": "Rows are a list of {channel: number}."})
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: [row.get(name) for row in rows] for name in names}


def _written(measurement, columns, cell, field):
    technique = techniques[measurement.technique]
    if not isinstance(columns, dict) or not all(
        isinstance(values, list) for values in columns.values()
    ):
        raise ValidationError(
            {field: "Columns are a map of channel to a list of numbers."}
        )
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValidationError({field: f"The columns differ in length: {told}."})
    for name, values in columns.items():
        for value in values:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is not None and not is_number:
                raise ValidationError({field: f"{name}: {value!r} is no number."})
            if value is not None and not abs(value) < TOO_LARGE:
                raise ValidationError(
                    {field: f"{name}: {value:g} is too large for a measurement."}
                )
    try:
        units_of = labdata_columns.check_columns(technique, list(columns))
    except UnreadableFile as error:
        raise ValidationError({field: str(error)}) from error
    named = {split_brackets(title)[0]: values for title, values in columns.items()}
    units_of = {split_brackets(title)[0]: unit for title, unit in units_of.items()}
    return labdata_columns.write(
        named,
        units_of=units_of,
        about={"name": "appended", "cell": cell or "", **_beginning(measurement)},
    )


def _beginning(measurement):
    """When the track began, if its files say so: numbers sent count from there."""
    rows = measurement.datasets.current().filter(is_result=False)
    told = [
        (metadata or {}).get("began_at")
        for metadata in rows.values_list("metadata", flat=True)
    ]
    return {"began_at": min(filter(None, told))} if any(told) else {}


def _check(measurement, kept):
    """Join the chunk to everything there is, without keeping the outcome.

    Returns
    -------
    set of int
        Ids of the files it was joined to.

    Raises
    ------
    ValidationError
        If it cannot be read or does not fit.
    """
    files = list(measurement.files.select_related("blob").order_by("pk"))
    twins = {file.blob.sha256: file.name for file in files}
    for one in kept:
        if one.sha256 in twins:
            raise ValidationError(
                {
                    "file": f"{one.name} holds the same bytes as"
                    f" {twins[one.sha256]}, which is part of the track already."
                }
            )
    stored = list(
        measurement.datasets.current()
        .filter(is_result=False, region__isnull=True)
        .select_related("cell", "file")
        .order_by("pk")
    )
    known = [parsing.piece_of_row(row) for row in stored]
    told = {str(uuid) for piece in known for uuid in piece.files}
    waiting = [file for file in files if str(file.uuid) not in told]
    try:
        for file in [*waiting, *map(_unsaved, kept)]:
            new = parsing.read_pieces(measurement, file)
            known = pieces.extended(known, new)
    except (UnreadableFile, InvalidDataset) as error:
        raise ValidationError({"file": f"{_sentence(error)} Nothing was added."}) from (
            error
        )
    return {file.pk for file in files}


def _sentence(error):
    text = str(error)
    return text if text.endswith(".") else f"{text}."


def _unsaved(kept: KeptFile):
    """The file a kept upload would be; its bytes are in the store already."""
    return File(name=kept.name, blob=Blob(sha256=kept.sha256, size=kept.size))
