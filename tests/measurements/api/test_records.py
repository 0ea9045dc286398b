"""Files, instruments, and the registries of techniques and readers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.measurements.factories import pl_text
from tests.samples.factories import make_process, make_user

pytestmark = pytest.mark.django_db


def attach(api, **fields):
    fields.setdefault(
        "file", SimpleUploadedFile("photo.png", b"\x89PNG...", "image/png")
    )
    return api.client.post("/api/v1/files/", fields, format="multipart")


def test_a_photograph_belongs_to_a_sample(api):
    answer = attach(api, sample="S-1", description="after cutting")

    assert answer.status_code == 201
    (file,) = answer.json()
    assert file["sample"] == "S-1"
    assert api.get("files/", sample="S-1").json()["count"] == 1


def test_a_log_belongs_to_a_process(api, user, project, sample):
    process = make_process(user, project, inputs=[sample.code])

    answer = attach(api, process=str(process.uuid))

    assert answer.json()[0]["process"] == str(process.uuid)


def test_a_file_needs_exactly_one_owner(api):
    assert "sample" in attach(api).json()["errors"]
    assert attach(api, sample="S-9").status_code == 400


def test_a_file_is_renamed_and_its_bytes_stay(api):
    (file,) = attach(api, sample="S-1").json()

    answer = api.patch(f"files/{file['id']}/", {"name": "cut.png"})

    assert answer.json()["name"] == "cut.png"
    assert answer.json()["sha256"] == file["sha256"]
    refused = api.patch(f"files/{file['id']}/", {"sha256": "0" * 64})
    assert refused.status_code == 400


def test_nothing_is_fetched_by_its_hash(api):
    told = api.measured()

    sha256 = told["files"][0]["sha256"]

    assert api.get(f"files/{sha256}/").status_code == 404
    assert api.get(f"files/{sha256}/download/").status_code == 404
    assert api.get(f"datasets/{told['datasets'][0]['sha256']}/").status_code == 404


def test_an_instrument_is_named_by_measurements(api):
    api.post("instruments/", {"name": "FLS1000", "project": "glasses"})

    told = api.measured(instrument="FLS1000")

    assert told["instrument"]["name"] == "FLS1000"
    assert api.get("measurements/", instrument="FLS1000").json()["count"] == 1


def test_an_instrument_name_is_taken_once(api):
    first = api.post("instruments/", {"name": "FLS1000"})
    second = api.post("instruments/", {"name": "FLS1000"})

    assert first.status_code == 201
    assert second.status_code == 400
    assert "already" in second.json()["errors"]["name"][0]


def test_a_shared_instrument_is_seen_by_all_and_kept_by_who_added_it(api, as_user):
    shared = api.post("instruments/", {"name": "FLS1000"}).json()
    own = api.post("instruments/", {"name": "Bench 3", "project": "glasses"}).json()
    eve = as_user(make_user("eve"))

    assert eve.get(f"instruments/{shared['id']}/").status_code == 200
    assert eve.patch(f"instruments/{shared['id']}/", {"notes": "x"}).status_code == 403
    assert eve.get(f"instruments/{own['id']}/").status_code == 404
    edited = api.patch("instruments/FLS1000/", {"serial_number": "42"})
    assert edited.json()["serial_number"] == "42"


def test_techniques_tell_their_conditions_with_units(api):
    told = api.get("techniques/pl/").json()

    condition = told["conditions"][0]
    assert condition["variable"] == "measurement.pl.excitation_wavelength"
    assert condition["unit"] == "nm"
    assert "delimited_text" in told["readers"]
    assert api.get("techniques/nothing/").status_code == 404


def test_readers_are_listed_by_technique(api):
    every = api.get("readers/").json()
    serving = api.get("readers/", technique="pl").json()

    assert every["count"] >= serving["count"] >= 3
    assert all("limits" in reader for reader in serving["results"])


def test_registries_need_a_sign_in(client):
    assert client.get("/api/v1/techniques/").status_code == 401


def test_uploaded_media_types_are_not_trusted(api):
    (file,) = attach(api, sample="S-1").json()

    answer = api.get(f"files/{file['id']}/download/")

    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == 'attachment; filename="photo.png"'
    assert api.measured(pl_text(seed=5))["files"][0]["media_type"] == "text/csv"
