"""Asking for the files of a measurement to be read, and read again."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from labdata.common import jobs
from labdata.common.api.errors import Conflict
from labdata.common.people.access import require_write
from labdata.common.record.edits import held, save_edit
from measurements.models import Measurement, Parsing
from measurements.registry import readers


def start_reading(*, user: User | None, measurement: Measurement) -> Parsing:
    """Queue a reading of the files; it becomes the one that counts.

    What the last one found stays known until this one has found it anew.
    """
    found = measurement.parsing.found if measurement.parsing else {}
    parsing = Parsing(measurement=measurement, created_by=user, found=found)
    parsing.save()
    measurement.parsing = parsing
    # Which reading counts is no edit by a person; history leaves the field out.
    measurement.save_without_historical_record(update_fields=["parsing"])
    jobs.submit(parsing)
    return parsing


@transaction.atomic
def reparse(
    *, user: User, measurement: Measurement, reader: str | None = None
) -> Measurement:
    """Read the files again, with the reader named, or detect it anew if none is.

    Raises
    ------
    Conflict
        If the files are being read at the moment, or there are none.
    ValidationError
        If the reader does not serve the technique.
    """
    measurement = _newest(measurement)
    require_write(user, measurement.project)
    if measurement.parsing is None:
        raise Conflict("This measurement has no files to read.")
    if measurement.parsing.is_open:
        raise Conflict("Its files are being read at the moment: wait for that.")
    reader = reader or ""
    serving = [spec.key for spec in readers if spec.serves(measurement.technique)]
    if reader and reader not in serving:
        raise ValidationError(
            {
                "reader": f"There is no reader {reader!r} for {measurement.technique} "
                f"(there are: {', '.join(serving)})."
            }
        )
    if measurement.reader != reader:
        measurement.reader = reader
        measurement.full_clean(validate_constraints=False)
        save_edit(measurement)
    start_reading(user=user, measurement=measurement)
    return measurement


@transaction.atomic
def answer_question(
    *, user: User, measurement: Measurement, reader: str
) -> Measurement:
    """Settle which reader a measurement's files belong to, and read them.

    Raises
    ------
    Conflict
        If nothing is asked.
    ValidationError
        If the reader is none of the candidates.
    """
    measurement = _newest(measurement)
    require_write(user, measurement.project)
    if measurement.state != "question":
        raise Conflict(
            f"Nothing is asked: the measurement is {measurement.state}. "
            "To read its files otherwise: POST …/reparse/."
        )
    offered = [candidate["reader"] for candidate in measurement.parsing.candidates]
    if reader not in offered:
        raise ValidationError(
            {
                "reader": f"{reader!r} is none of the candidates "
                f"({', '.join(dict.fromkeys(offered))})."
            }
        )
    return reparse(user=user, measurement=measurement, reader=reader)


def _newest(measurement):
    """The measurement, locked, with the reading that counts now."""
    rows = Measurement.objects.select_related("project", "sample", "parsing")
    return held(measurement, rows)
