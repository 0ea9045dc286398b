"""What instruments, people and full disks send: each gets its own clear message."""

import hashlib
import time
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from measurements import services
from measurements.models import Measurement
from tests.measurements.factories import pl_text, read_files

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8


def with_line(number, text):
    """The example spectrum with one line replaced."""
    lines = pl_text().decode().splitlines()
    lines[number] = text
    return "\n".join([*lines, ""]).encode()


def swapped():
    rows = [line.split(",") for line in pl_text().decode().splitlines()]
    return "\n".join(f"{second},{first}" for first, second in rows[1:]).encode()


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (pl_text()[: pl_text().rindex(b",")], ["cut off"]),
        (PNG, ["PNG image", "whatever its name says"]),
        (with_line(50, "649.0,saturated"), ["Line 51", "'saturated'", "not a number"]),
        (with_line(50, "n/a,1.0"), ["Wavelength is missing in line 51"]),
        (swapped(), ["columns look swapped"]),
        (b"\x00" * 4096, ["all zero"]),
        (b"\n \n \n", ["blank"]),
        (b"lab book, page 3\nnothing to see\n", ["no table", "lab book, page 3"]),
    ],
    ids=[
        "truncated",
        "png",
        "text in the column",
        "gap in the axis",
        "swapped",
        "zeros",
        "blank",
        "prose",
    ],
)
def test_bytes_that_cannot_be_read_are_kept_and_the_reason_told(api, data, messages):
    told = api.measured(data, "spectrum.csv")

    assert told["state"] == "failed"
    for message in messages:
        assert message in told["message"]
    assert told["datasets"] == []
    file = told["files"][0]
    assert file["sha256"] == hashlib.sha256(data).hexdigest()
    kept = api.get(f"files/{file['id']}/download/")
    assert b"".join(kept.streaming_content) == data


def test_the_messages_of_bad_files_differ(api):
    sent = [PNG, swapped(), b"\x00" * 4096, with_line(50, "649.0,saturated")]

    told = [api.measured(data, "x.csv")["message"] for data in sent]

    assert len(set(told)) == len(sent)


def test_a_missing_value_is_read_and_said(api):
    told = api.measured(with_line(50, "649.0,NaN"))

    assert told["state"] == "ready"
    assert any("line 51" in note for note in told["reader_notes"])


def test_an_empty_file_is_refused_at_its_field(api):
    answer = api.upload(b"", "empty.csv")

    assert answer.status_code == 400
    assert "empty.csv is empty (0 bytes)" in answer.json()["errors"]["file"][0]
    assert not Measurement.objects.exists()


def test_300_megabytes_of_zeros_are_refused_without_being_loaded(api):
    upload = TemporaryUploadedFile("zeros.csv", "text/csv", 0, None)
    upload.truncate(300 * 1000**2)
    upload.size = 300 * 1000**2
    tracemalloc.start()
    began = time.monotonic()

    # The form's encoding would hold the file in memory, so the service takes it.
    measurement = services.create_measurement(
        user=api.user, sample=api.sample, technique="pl", files=[upload]
    )
    read_files()

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    told = api.get(f"measurements/{measurement.uuid}/").json()
    assert told["state"] == "failed"
    assert "300 MB" in told["message"]
    assert told["files"][0]["size"] == 300 * 1000**2
    assert peak < 30 * 1024**2
    assert time.monotonic() - began < 30


def test_an_upload_beyond_the_limit_is_refused_with_the_limit(api, settings):
    settings.LABDATA_MAX_UPLOAD = 1000

    answer = api.upload(pl_text())

    assert answer.status_code == 413
    assert "1000 bytes" in answer.json()["detail"]
    assert not Measurement.objects.exists()


def test_more_files_than_a_form_takes_are_a_400(api):
    files = [SimpleUploadedFile(f"{n}.csv", pl_text(seed=n)) for n in range(101)]

    answer = api.upload(file=files)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Measurement.objects.exists()


def test_a_full_store_is_said_at_the_field(api, monkeypatch):
    monkeypatch.setattr("measurements.store.storage.SPARE_BYTES", 10**18)

    answer = api.upload()

    assert answer.status_code == 400
    assert "no room for pl.csv" in answer.json()["errors"]["file"][0]


def test_file_names_lose_their_folders_and_keep_their_letters(api):
    upload = SimpleUploadedFile("C:\\data\\Probe μ <b>.csv", pl_text())

    told = api.measured(file=upload)

    assert told["files"][0]["name"] == "Probe μ <b>.csv"
    kept = api.get(f"files/{told['files'][0]['id']}/download/")
    assert kept["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert kept["X-Content-Type-Options"] == "nosniff"


def test_a_page_in_disguise_is_never_shown_inline(api):
    upload = SimpleUploadedFile("x.html", b"<script>alert(1)</script>", "text/html")

    told = api.measured(file=upload)

    kept = api.get(f"files/{told['files'][0]['id']}/download/")
    assert kept["Content-Type"] == "application/octet-stream"
    assert kept["Content-Disposition"].startswith("attachment")
    assert "sandbox" in kept["Content-Security-Policy"]
