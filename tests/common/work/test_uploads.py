"""Bodies that are too large are refused, whatever they announce, and leave nothing."""

import io
import os
import time
from pathlib import Path

import pytest
from django.test import Client

from labdata.common.work.uploads import FORM_OVERHEAD, sweep_abandoned_uploads
from tests.samples.factories import make_project, make_user

pytestmark = pytest.mark.django_db

BOUNDARY = "-----"
SMALL_FORM = (
    f"--{BOUNDARY}\r\n"
    'Content-Disposition: form-data; name="technique"\r\n\r\npl\r\n'
    f"--{BOUNDARY}--\r\n"
).encode()
LIMIT = 100_000


class Body:
    """A body that remembers how much of it was read, and never exists whole."""

    def __init__(self, size, head=b""):
        self.head, self.left, self.given = head, size, 0

    def read(self, size=-1):
        size = self.left if size < 0 else min(size, self.left)
        self.left -= size
        self.given += size
        begun, self.head = self.head[:size], self.head[size:]
        return begun + b"0" * (size - len(begun))

    def readline(self, size=-1):
        return self.read(size)


def multipart():
    """The beginning of a form with one large file."""
    return (
        f"--{BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="file"; filename="big.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    ).encode()


@pytest.fixture
def ask(settings, tmp_path):
    """Put a request with any body to the whole stack, signed in."""
    settings.LABDATA_MAX_UPLOAD = LIMIT
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    client = Client()
    user = make_user()
    make_project(user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def ask(path, body, length=None, **environ):
        if length is None:
            environ |= {"HTTP_TRANSFER_ENCODING": "chunked"}
            environ |= {"wsgi.input_terminated": True}
        else:
            environ["CONTENT_LENGTH"] = str(length)
        environ.setdefault("CONTENT_TYPE", f"multipart/form-data; boundary={BOUNDARY}")
        return client.generic("POST", path, **{**environ, "wsgi.input": body})

    yield ask
    assert list(tmp_path.iterdir()) == []


def test_an_announced_size_is_refused_before_the_disk_sees_it(ask):
    size = LIMIT + FORM_OVERHEAD + 1

    answer = ask("/api/v1/measurements/", Body(size), size)

    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
    assert b"at most 97.66 KiB" in answer.content


def test_files_are_counted_where_the_form_itself_is_small_enough(ask):
    size = LIMIT + 5000

    answer = ask(
        "/api/v1/measurements/",
        Body(size, multipart()),
        size,
    )

    assert answer.status_code == 413
    assert b"at most 97.66 KiB" in answer.content


def test_a_body_without_a_length_is_counted_while_it_comes(ask):
    body = Body(10**12, multipart())

    answer = ask("/api/v1/measurements/", body)

    assert answer.status_code == 413
    assert body.given < LIMIT + 2 * FORM_OVERHEAD


def test_chunked_json_is_counted_as_well(ask, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10**9
    body = Body(10**8)

    answer = ask("/api/v1/samples/", body, CONTENT_TYPE="application/json")

    assert answer.status_code == 413
    assert body.given < LIMIT + 2 * FORM_OVERHEAD


def test_a_small_chunked_form_is_read(ask):
    answer = ask("/api/v1/measurements/", io.BytesIO(SMALL_FORM))

    assert answer.status_code == 400
    assert b"sample" in answer.content
    assert b"technique" not in answer.content


def test_json_beyond_the_memory_limit_is_refused_in_words(ask, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024

    answer = ask("/api/v1/samples/", Body(2000), 2000, CONTENT_TYPE="application/json")

    assert answer.status_code == 413
    assert b"at most 1 KiB" in answer.content


def test_a_page_is_refused_with_the_limit_too(ask):
    size = LIMIT + 5000

    answer = ask("/measurements/new/", Body(size, multipart()), size)

    assert answer.status_code == 413
    assert b"at most 97.66 KiB" in answer.content


def test_a_disk_without_room_is_said_before_it_is_full(ask, monkeypatch, settings):
    settings.LABDATA_MAX_UPLOAD = 10**9
    monkeypatch.setattr("labdata.common.work.uploads.SPARE_DISK", 10**18)
    size = FORM_OVERHEAD + 1

    answer = ask("/api/v1/measurements/", Body(size), size)

    assert answer.status_code == 507
    assert b"no" in answer.content.lower()


def test_what_killed_uploads_left_is_swept_after_a_day(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    old, new, other = (
        tmp_path / name for name in ("a.upload.csv", "b.upload.csv", "c.txt")
    )
    for path in (old, new, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (time.time() - 90_000,) * 2)

    removed = sweep_abandoned_uploads()

    assert removed == 1
    assert {path.name for path in Path(tmp_path).iterdir()} == {new.name, other.name}
