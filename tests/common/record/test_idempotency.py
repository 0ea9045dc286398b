"""What tells one request from another under the same ``Idempotency-Key``."""

import hashlib
import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.test import RequestFactory
from django.utils.datastructures import MultiValueDict

from labdata.common.api.idempotency import body_hash


class Streamed(io.BytesIO):
    """Bytes of an upload that are never asked for at once."""

    most = 1024**2

    def read(self, size=-1):
        assert 0 < size <= self.most
        return super().read(size)


def asking(data, path="/api/v1/files/"):
    request = RequestFactory().post(path)
    request.data, request.user = data, SimpleNamespace()
    return request


def form(content, name="scan.csv", **fields):
    upload = UploadedFile(Streamed(content), name=name, size=len(content))
    return MultiValueDict({"file": [upload], **{k: [v] for k, v in fields.items()}})


BYTES = b"AAAA"


@pytest.mark.parametrize(
    "other",
    [
        asking(form(b"BBBB")),
        asking(form(BYTES, name="other.csv")),
        asking(form(BYTES, notes="second")),
        asking(form(BYTES), path="/api/v1/files/?project=other"),
        asking(form(BYTES), path="/api/v1/measurements/"),
    ],
    ids=["bytes", "name", "field", "query", "address"],
)
def test_another_request_is_told_from_the_first(other):
    assert body_hash(other) != body_hash(asking(form(BYTES)))


def test_the_same_request_is_known_again():
    assert body_hash(asking(form(BYTES))) == body_hash(asking(form(BYTES)))


def test_a_large_upload_is_read_piece_by_piece_and_can_be_read_again():
    content = bytes(range(256)) * 20_000
    data = form(content)

    body_hash(asking(data))

    again = b"".join(data["file"].chunks())
    assert hashlib.sha256(again).digest() == hashlib.sha256(content).digest()
