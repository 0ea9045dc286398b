"""Keeping uploaded bytes and the named files that refer to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files import File as DjangoFile
from django.db import transaction

from labdata.common.people.access import Project, require_write
from labdata.common.record.edits import hold, save_edit
from labdata.common.record.names import refuses_unknown_names
from labdata.common.work.uploads import limit_in_words
from measurements.models import Blob, File, Measurement
from measurements.store.raw import get_store
from measurements.store.storage import StoreFull, TooLarge
from samples.models import Process, Sample


class FileFields(TypedDict, total=False):
    """What is said of a file; its bytes are what they are."""

    name: str
    description: str


class FileOwner(TypedDict, total=False):
    """What a file is of: one of these; and what it shows."""

    measurement: Measurement
    sample: Sample
    process: Process
    description: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Bytes that lie safely in the store, not yet named in the database."""

    name: str
    media_type: str
    sha256: str
    size: int


def take_files(files: Sequence[Any] | None, *, field: str = "file") -> list[DjangoFile]:
    """Give uploads, or pairs of name and open binary file, as Django files.

    Raises
    ------
    ValidationError
        Under ``field``, if there are none or one is empty.
    """
    if not files:
        raise ValidationError({field: "Attach at least one file."})
    taken = [
        DjangoFile(file[1], name=file[0]) if isinstance(file, tuple) else file
        for file in files
    ]
    for file in taken:
        if not file.size:
            raise ValidationError(
                {field: f"{file.name} is empty (0 bytes): export it again."}
            )
    return taken


def keep_upload(upload):
    """Move an upload into the store; outside transactions, for it may take long."""
    name = PureWindowsPath(PurePosixPath(upload.name or "file").name).name
    media_type = getattr(upload, "content_type", None) or ""
    limit = settings.LABDATA_MAX_UPLOAD
    try:
        kept = get_store().put_stream(upload.chunks(), limit, expected=upload.size)
    except TooLarge as error:
        raise RequestDataTooBig(limit_in_words()) from error
    except StoreFull as error:
        raise ValidationError(
            {"file": f"The server has no room for {name}: {error}."}
        ) from error
    return KeptFile(name[-255:], media_type[:100], *kept)


def keep_files(files):
    """Give files kept before as they are, and keep the others.

    Raises
    ------
    ValidationError
        Under ``file``, if there are none, one is empty, or two hold the same bytes.
    """
    if all(isinstance(file, KeptFile) for file in files or [None]):
        kept = list(files)
    else:
        kept = [keep_upload(file) for file in take_files(files)]
    refuse_twins(kept)
    return kept


def refuse_twins(kept: Sequence[KeptFile], *, field: str = "file") -> None:
    """Refuse one upload that holds the same bytes twice."""
    seen = {}
    for file in kept:
        if twin := seen.get(file.sha256):
            raise ValidationError(
                {field: f"{twin} and {file.name} hold the same bytes: send one."}
            )
        seen[file.sha256] = file.name


@refuses_unknown_names
@transaction.atomic
def create_files(
    *,
    user: User,
    project: Project,
    kept: Sequence[KeptFile],
    **owner: Unpack[FileOwner],
) -> list[File]:
    """Name kept bytes in a project; equal bytes share a blob, never a file."""
    files = []
    for one in kept:
        blob, _ = Blob.objects.get_or_create(
            sha256=one.sha256, defaults={"size": one.size}
        )
        file = File(
            project=project,
            blob=blob,
            name=one.name,
            media_type=one.media_type,
            created_by=user,
            **owner,
        )
        file.full_clean()
        file.save()
        files.append(file)
    return files


def attach_files(
    *,
    user: User,
    files: Sequence[Any],
    sample: Sample | None = None,
    process: Process | None = None,
    description: str = "",
) -> list[File]:
    """Keep files that belong to a sample or a process, unread."""
    owners = {"sample": sample, "process": process}
    given = {name: row for name, row in owners.items() if row is not None}
    if len(given) != 1:
        raise ValidationError({"sample": "Name either a sample or a process."})
    (record,) = given.values()
    require_write(user, record.project)
    kept = keep_files(files)
    return create_files(
        user=user,
        project=record.project,
        kept=kept,
        description=description,
        **given,
    )


@refuses_unknown_names
@transaction.atomic
def update_file(*, user: User, file: File, **values: Unpack[FileFields]) -> File:
    """Change a file's name or description; its bytes never change."""
    hold(file)
    require_write(user, file.project)
    for field in ("name", "description"):
        if field in values:
            setattr(file, field, values[field])
    file.full_clean()
    save_edit(file)
    return file
