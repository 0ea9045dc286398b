"""Small pictures of files, made once and kept."""

from django.db import IntegrityError, transaction

from measurements.models import Thumbnail
from measurements.store.pictures import MOST_BYTES, NoPicture, has_preview, make_small
from measurements.store.raw import read_bytes

SMALL, LARGE = 320, 1600


def thumbnail(file, side):
    """The bytes of a small JPEG of a file, or nothing where none can be made.

    The caller has checked who may see the file.
    """
    if not has_preview(file.name) or file.blob.size > MOST_BYTES:
        return b""
    kept = Thumbnail.objects.filter(blob=file.blob, side=side).first()
    if kept is not None:
        return bytes(kept.data)
    try:
        data = make_small(read_bytes(file.blob.sha256), side)
    except NoPicture:
        data = b""
    try:
        with transaction.atomic():
            Thumbnail.objects.create(blob=file.blob, side=side, data=data)
    except IntegrityError:
        # Another request was first; its picture is the same.
        pass
    return data
