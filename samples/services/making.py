"""Logging a sample together with how it was made: one act, one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from labdata.common.api.errors import NestedValidationError
from labdata.common.people.access import Project, require_write
from labdata.common.record.names import refuses_unknown_names
from samples.models import Process, Sample
from samples.services.amounts import read_amount
from samples.services.processes import check_process, create_process
from samples.services.samples import create_sample
from samples.services.together import errors_of

MOST_PIECES = 200


class SplitFields(TypedDict, total=False):
    """What is told of the pieces, and of the act that made them."""

    kind: str
    location: str
    started_at: str | None
    zone: str
    operator: str
    state: str
    notes: str


@transaction.atomic
def log_sample(
    *,
    user: User,
    project: Project,
    sample: Mapping[str, Any],
    process: Mapping[str, Any] | None = None,
) -> Sample:
    """Log a sample and, if told, the process it came out of.

    Parameters
    ----------
    sample, process : dict
        What `create_sample` and `create_process` take; the sample is the process's
        one output.

    Raises
    ------
    NestedValidationError
        Everything that is wrong with both, under ``sample`` and ``process``.
    """
    require_write(user, project)
    errors, row = {}, None
    try:
        with transaction.atomic():
            row = create_sample(user=user, project=project, **sample)
    except ValidationError as error:
        errors["sample"] = errors_of(error)
    if process is not None:
        try:
            with transaction.atomic():
                if row is None:
                    check_process(user=user, project=project, **process)
                else:
                    outputs = [str(row.uuid)]
                    create_process(
                        user=user, project=project, outputs=outputs, **process
                    )
        except ValidationError as error:
            errors["process"] = errors_of(error)
    if errors:
        raise NestedValidationError(errors)
    return row


@refuses_unknown_names
@transaction.atomic
def split_sample(
    *,
    user: User,
    sample: Sample,
    codes: Sequence[str],
    amount: str = "",
    **values: Unpack[SplitFields],
) -> list[Sample]:
    """Cut a sample into pieces, which are of what it is of; it stays itself.

    Parameters
    ----------
    codes : list of str
        One per piece; taking a single piece is the same act.
    amount : str
        Of each piece, such as ``"25 mg"``; what went in is that of all together.
    **values
        ``kind`` and ``location`` of the pieces; ``started_at``, ``operator``,
        ``state`` and ``notes`` of the act.

    Returns
    -------
    list of Sample

    Raises
    ------
    ValidationError
        Under ``codes`` (by index) or the field that is wrong.
    """
    require_write(user, sample.project)
    if not 1 <= len(codes) <= MOST_PIECES:
        raise ValidationError(
            {"codes": f"1 to {MOST_PIECES} pieces can be taken, not {len(codes)}."}
        )
    used = {"sample": str(sample.uuid), **_taken(amount, len(codes))}
    kind = values.pop("kind", "") or sample.kind
    location = values.pop("location", "") or sample.location
    pieces, errors = [], {}
    for index, code in enumerate(codes):
        try:
            with transaction.atomic():
                pieces.append(
                    create_sample(
                        user=user,
                        project=sample.project,
                        code=code,
                        kind=kind,
                        location=location,
                        batch=sample.batch.code if sample.batch else None,
                    )
                )
        except ValidationError as error:
            found = errors_of(error)
            errors[index] = found.pop("code", []) + [
                text for texts in found.values() for text in texts
            ]
    if errors:
        raise NestedValidationError({"codes": errors})
    create_process(
        user=user,
        project=sample.project,
        kind=Process.Kind.SPLITTING,
        inputs=[used],
        outputs=[str(piece.uuid) for piece in pieces],
        **values,
    )
    return list(Sample.objects.filter(pk__in=[piece.pk for piece in pieces]))


def _taken(amount, count):
    """What all pieces together took from a sample."""
    if not amount:
        return {}
    try:
        number, unit = read_amount(amount)
    except ValueError as error:
        raise ValidationError({"amount": str(error)}) from error
    return {"amount": float(f"{number * count:.12g}"), "unit": unit}
