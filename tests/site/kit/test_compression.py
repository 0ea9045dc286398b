"""What travels is compressed where that is safe and pays, and reads the same."""

import gzip
import os

import pytest
from django.http import FileResponse, HttpResponse
from django.test import RequestFactory

from labdata.site.kit.compression import CompressText, compressed_copy

GZIP = {"Accept-Encoding": "gzip, br"}
LONG = "text " * 1000


def test_a_page_is_compressed_for_browsers_that_read_it(client, ada):
    plain = client.get("/account/")
    packed = client.get("/account/", headers=GZIP)

    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < 0.5 * len(plain.content)
    assert b"<h1>" in gzip.decompress(packed.content)
    assert not plain.has_header("Content-Encoding")


def test_the_length_of_a_page_does_not_tell_what_is_in_it(client, ada):
    sizes = {len(client.get("/", headers=GZIP).content) for _ in range(12)}

    assert len(sizes) > 3


@pytest.mark.parametrize("path", ["css/base/labdata.css", "js/kit/page.js"])
def test_static_files_are_compressed_once_and_kept(client, db, path):
    packed = client.get(f"/static/{path}", headers=GZIP)
    plain = client.get(f"/static/{path}")

    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert int(packed["Content-Length"]) < 0.6 * int(plain["Content-Length"])
    assert gzip.decompress(packed.getvalue()) == plain.getvalue()


def test_a_browser_that_has_a_static_file_is_told_to_keep_it(client, db):
    first = client.get("/static/css/base/labdata.css", headers=GZIP)
    first.getvalue()

    again = client.get(
        "/static/css/base/labdata.css",
        headers={**GZIP, "If-None-Match": first["ETag"]},
    )

    assert again.status_code == 304


def through(response):
    request = RequestFactory().get("/", headers=GZIP)
    return CompressText(lambda request: response)(request)


def test_answers_with_a_tag_keep_it_as_it_is():
    response = HttpResponse(LONG, content_type="application/json")
    response["ETag"] = '"3"'

    answer = through(response)

    assert answer["ETag"] == '"3"'
    assert not answer.has_header("Content-Encoding")


@pytest.mark.parametrize("kind", ["application/octet-stream", "image/png"])
def test_raw_bytes_go_out_as_they_are(kind):
    assert not through(HttpResponse(LONG, content_type=kind)).has_header(
        "Content-Encoding"
    )


def test_streams_keep_their_length(db, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(LONG, encoding="utf-8")

    answer = through(FileResponse(path.open("rb")))

    assert int(answer["Content-Length"]) == len(LONG)
    answer.close()


def test_a_changed_file_is_compressed_anew(tmp_path):
    path = tmp_path / "a.css"
    path.write_text("first", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    before = gzip.decompress(compressed_copy(path, tmp_path / "gz").read_bytes())
    path.write_text("second", encoding="utf-8")
    os.utime(path, ns=(2, 2))

    after = gzip.decompress(compressed_copy(path, tmp_path / "gz").read_bytes())

    assert (before, after) == (b"first", b"second")
    assert len(list((tmp_path / "gz").iterdir())) == 1
