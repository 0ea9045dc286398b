"""Uploads stream to disk, are counted on the way, and end where the limit says."""

import shutil
import time
from pathlib import Path

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpResponse
from django.template.loader import render_to_string

from labdata.common.api.renderers import dumps

# What multipart headers and the other fields of a form may add to the files.
FORM_OVERHEAD = 2 * 1024**2
# The database and the queue need room to go on when uploads have taken theirs.
SPARE_DISK = 256 * 1024**2
READ_SIZE = 1024**2
# A client that is still sending does not look at an answer before the connection
# breaks; taking in what it has under way lets it.
DRAIN_SECONDS = 5.0
ABANDONED_SECONDS = 24 * 3600


def bytes_in_words(size):
    """Write a size as people do: ``1 GiB``, ``20 MiB``, ``812 bytes``."""
    for unit, factor in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"


def limit_in_words():
    """Say why an upload was refused, with the limit."""
    limit = bytes_in_words(settings.LABDATA_MAX_UPLOAD)
    return f"An upload may have at most {limit}. Nothing of this one was kept."


class CountingUploadHandler(TemporaryFileUploadHandler):
    """Streams each file to disk until the files together exceed the limit."""

    received = 0

    def receive_data_chunk(self, raw_data, start):
        self.received += len(raw_data)
        if self.received > settings.LABDATA_MAX_UPLOAD:
            self.upload_interrupted()
            self.request.is_too_large = True
            raise RequestDataTooBig(limit_in_words())
        super().receive_data_chunk(raw_data, start)


class UploadLimitMiddleware:
    """Answers 413 to a body beyond the limit before any of it reaches the disk.

    A body that announces no length (``Transfer-Encoding: chunked``) is counted while
    it is read.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        sweep_abandoned_uploads()

    def __call__(self, request):
        limit = settings.LABDATA_MAX_UPLOAD + FORM_OVERHEAD
        length = _announced_length(request)
        if length > limit:
            return self.refuse(request, 413, limit_in_words())
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and not _has_files(request):
            most = bytes_in_words(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
            detail = f"A request without files may have at most {most}."
            return self.refuse(request, 413, detail)
        if length > FORM_OVERHEAD and length > (free := _free_disk()):
            free = bytes_in_words(max(free, 0))
            detail = f"The server's disk has room for {free} of uploads: not for this."
            return self.refuse(request, 507, detail)
        if _is_chunked(request):
            request._stream = CountedStream(request, limit)
            # Parsers take a length of zero for "no body"; any other starts them.
            request.META["CONTENT_LENGTH"] = "1"
        response = self.get_response(request)
        # The form of a page is read by Django itself, which would answer 400.
        if getattr(request, "is_too_large", False) and response.status_code != 413:
            return self.refuse(request, 413, limit_in_words())
        return response

    def refuse(self, request, code, detail):
        drain(request)
        if request.path.startswith("/api/"):
            title = "Too large" if code == 413 else "No room left"
            body = dumps({"type": "about:blank", "title": title, "detail": detail})
            kind = "application/problem+json"
        elif code == 413:
            body = render_to_string("413.html", {"detail": detail})
            kind = "text/html; charset=utf-8"
        else:
            body, kind = detail, "text/plain; charset=utf-8"
        return HttpResponse(body, status=code, content_type=kind)


class CountedStream:
    """A body of unknown length that may not exceed a limit."""

    def __init__(self, request, limit):
        self.request = request
        self.stream = request.META["wsgi.input"]
        self.left = limit

    def read(self, size=-1, /):
        return self._counted(self.stream.read(self._at_most(size)))

    def readline(self, size=-1, /):
        return self._counted(self.stream.readline(self._at_most(size)))

    def close(self):
        """Leave the connection to the server, as Django's own stream does."""

    def _at_most(self, size):
        # One byte more than is left shows whether the body goes on.
        most = self.left + 1
        return most if size is None or size < 0 else min(size, most)

    def _counted(self, data):
        self.left -= len(data)
        if self.left < 0:
            self.request.is_too_large = True
            raise RequestDataTooBig(limit_in_words())
        return data


def drain(request):
    """Read on for a moment, keeping nothing, so that the client hears the answer."""
    until = time.monotonic() + DRAIN_SECONDS
    stream = request.META.get("wsgi.input")
    left = _announced_length(request)
    try:
        while left > 0 and time.monotonic() < until:
            data = stream.read(min(READ_SIZE, left))
            if not data:
                break
            left -= len(data)
    except (OSError, ValueError):
        # The client has gone; there is nobody to tell.
        return


def sweep_abandoned_uploads():
    """Remove what uploads left behind when their process was killed."""
    oldest = time.time() - ABANDONED_SECONDS
    removed = 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _announced_length(request):
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _has_files(request):
    return request.content_type == "multipart/form-data"


def _is_chunked(request):
    return (
        "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
        and not request.META.get("CONTENT_LENGTH")
        and bool(request.META.get("wsgi.input_terminated"))
    )


def _free_disk():
    return shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free - SPARE_DISK
