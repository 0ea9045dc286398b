"""Uploading, following and mending measurements through the API."""

import hashlib
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from labdata.common.people.access import Role
from measurements.models import Blob, File, Measurement
from tests.measurements.factories import pl_text, read_files
from tests.samples.factories import (
    add_member,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db


def test_an_upload_is_accepted_read_and_described(api, project):
    answer = api.upload(conditions={"excitation_wavelength": "405 nm"})

    assert answer.status_code == 201
    assert answer.json()["state"] == "queued"
    assert answer["Location"] == f"/api/v1/measurements/{answer.json()['id']}/"
    told = api.get(f"measurements/{answer.json()['id']}/").json()
    assert told["state"] == "ready"
    assert told["reader"] == "delimited_text"
    assert told["reason"]
    assert told["project"] == project.slug
    assert told["conditions"] == {"excitation_wavelength": 405.0}
    assert told["condition_sources"] == {"excitation_wavelength": "person"}
    file, dataset = told["files"][0], told["datasets"][0]
    assert file["sha256"] == hashlib.sha256(pl_text()).hexdigest()
    assert file["size"] == len(pl_text())
    assert dataset["file"] == file["id"]
    assert dataset["shape"] == [200]
    assert told["runs"] == []


def test_the_default_analyses_are_started_unless_declined(api):
    analysed = api.measured(analyse="true")
    declined = api.measured(analyse="false", data=pl_text(seed=2))

    assert analysed["runs"]
    assert declined["runs"] == []


def test_several_files_make_one_measurement(api):
    files = [
        SimpleUploadedFile("a.csv", pl_text(seed=1)),
        SimpleUploadedFile("b.csv", pl_text(seed=2)),
    ]

    told = api.measured(file=files)

    assert [file["name"] for file in told["files"]] == ["a.csv", "b.csv"]
    assert len(told["datasets"]) == 2


def test_a_measurement_without_a_file_is_asked_for_one(api, sample):
    body = {"sample": sample.code, "technique": "pl"}

    answer = api.post("measurements/", body)

    assert answer.status_code == 400
    assert "Attach at least one file" in answer.json()["errors"]["file"][0]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("sample", "S-2", "no sample 'S-2'"),
        ("technique", "plx", "known:"),
        ("project", "nowhere", "no project 'nowhere'"),
        ("cell", "A", "has no cell"),
        ("reader", "magic", "no reader 'magic'"),
        ("instrument", "FLS1000", "no instrument 'FLS1000'"),
        ("measured_at", "yesterday", "'yesterday' is not a date"),
        ("measured_at", "2999-01-01", "in the future"),
        ("origin", "reported", "computed or simulated"),
        ("state", "wet", "as made"),
        ("smaple", "S-1", "Did you mean 'sample'"),
        ("conditions", "{no json", "no valid JSON"),
        ("conditions", "[1]", "map of key to value"),
    ],
)
def test_each_wrong_field_gets_its_own_message(api, field, value, message):
    answer = api.upload(**{field: value})

    assert answer.status_code == 400
    assert message in str(answer.json()["errors"][field])
    assert not Measurement.objects.exists()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("excitation_wavelenght", 405, "known: excitation_wavelength"),
        ("excitation_wavelength", -5, "-5"),
        ("excitation_wavelength", "405 K", "measures temperature"),
        ("excitation_wavelength", "blue", "'blue'"),
        ("temperature", "-300 °C", "-300"),
        ("temperature", True, "True"),
    ],
)
def test_each_wrong_condition_is_named_by_its_key(api, key, value, message):
    answer = api.upload(conditions={key: value})

    assert answer.status_code == 400
    assert message in answer.json()["errors"]["conditions"][key][0]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("532 nm", 532.0), ("0,532 µm", 532.0), (532, 532.0), ("532,5", 532.5)],
)
def test_conditions_take_units_and_decimal_commas(api, typed, stored):
    told = api.measured(conditions={"excitation_wavelength": typed})

    assert told["conditions"]["excitation_wavelength"] == pytest.approx(stored)


@pytest.mark.parametrize(
    ("given", "told", "precision"),
    [
        ("2024-03", "2024-03", "month"),
        ("2024-03-05", "2024-03-05", "day"),
        ("2024-03-05T10:20:00+01:00", "2024-03-05T09:20:00Z", "second"),
    ],
)
def test_the_time_is_as_exact_as_it_was_given(api, given, told, precision):
    measurement = api.measured(measured_at=given)

    assert measurement["measured_at"] == told
    assert measurement["measured_precision"] == precision
    assert measurement["measured_source"] == "person"


def test_the_state_measured_may_be_named(api, user, project, sample):
    process = make_process(
        user, project, "heating", inputs=[sample.code], outputs=[sample.code]
    )

    state = {"process": str(process.uuid), "relation": "during"}
    told = api.measured(state=state)

    assert told["sample_state"] == {
        "relation": "during",
        "process": str(process.uuid),
        "source": "person",
    }


def test_a_state_of_another_sample_is_refused(api, user, project):
    make_sample(user, project, "S-2")
    process = make_process(user, project, "heating", inputs=["S-2"], outputs=["S-2"])

    answer = api.upload(state={"process": str(process.uuid), "relation": "after"})

    assert answer.status_code == 400
    assert "S-1 did not go into" in answer.json()["errors"]["state"][0]


def test_the_same_bytes_again_are_accepted_and_noted(api):
    first = api.measured()

    second = api.upload().json()

    assert second["duplicate_of"] == [first["id"]]
    assert first["duplicate_of"] == []
    assert Blob.objects.filter(sha256=first["files"][0]["sha256"]).count() == 1


def test_the_same_bytes_twice_in_one_upload_are_refused(api):
    files = [SimpleUploadedFile(name, pl_text()) for name in ("a.csv", "b.csv")]

    answer = api.upload(file=files)

    assert answer.status_code == 400
    assert "a.csv and b.csv hold the same bytes" in answer.json()["errors"]["file"][0]


def test_a_repeated_request_with_a_key_acts_once(api):
    headers = {"Idempotency-Key": "upload-1"}

    first = api.upload(headers=headers)
    second = api.upload(headers=headers)

    assert second.status_code == 201
    assert second["Idempotent-Replay"] == "true"
    assert second.json()["id"] == first.json()["id"]
    assert Measurement.objects.count() == 1


def test_a_key_with_other_bytes_of_the_same_name_and_size_is_refused(api):
    first, second = pl_text(seed=1), pl_text(seed=1).swapcase()[::-1]
    headers = {"Idempotency-Key": "upload-1"}

    kept = api.upload(data=first, headers=headers)
    other = api.upload(data=second, headers=headers)

    assert len(first) == len(second)
    assert (kept.status_code, other.status_code) == (201, 400)
    assert "different request" in other.json()["errors"]["Idempotency-Key"][0]
    assert api.upload(data=first, headers=headers).json() == kept.json()


def test_simulated_data_say_so(api):
    assert api.measured(origin="simulated")["origin"] == "simulated"


def test_edits_are_guarded_by_the_version_read(api):
    told = api.measured()
    path = f"measurements/{told['id']}/"
    tag = api.get(path)["ETag"]

    first = api.patch(path, {"notes": "one"}, headers={"If-Match": tag})
    second = api.patch(path, {"notes": "two"}, headers={"If-Match": tag})

    assert first.status_code == 200
    assert second.status_code == 412
    assert api.get(path).json()["notes"] == "one"


def test_an_edit_changes_only_what_was_given(api):
    told = api.measured(
        operator="Ada", conditions={"temperature": 25, "excitation_power": "2 mW"}
    )

    path = f"measurements/{told['id']}/"
    edited = api.patch(path, {"conditions": {"temperature": "300 K"}}).json()

    assert edited["operator"] == "Ada"
    assert edited["conditions"] == {"temperature": pytest.approx(26.85)}
    assert edited["analyse"] is False


def test_a_measurement_that_was_read_keeps_its_sample_and_technique(api, user, project):
    make_sample(user, project, "S-2")
    told = api.measured()

    path = f"measurements/{told['id']}/"
    moved = api.patch(path, {"sample": "S-2"})
    renamed = api.patch(path, {"technique": "curve"})

    assert moved.status_code == renamed.status_code == 400
    assert "Archive the measurement" in moved.json()["errors"]["sample"][0]
    assert "Archive the measurement" in renamed.json()["errors"]["technique"][0]


def test_one_filed_under_the_wrong_technique_can_be_mended(api):

    told = api.measured(technique="pl", data=b"a,b,c\n1,2,3\n2,1,4\n3,5,6\n")
    path = f"measurements/{told['id']}/"
    assert told["state"] == "failed"

    answer = api.patch(path, {"technique": "table"})
    read_files()

    assert answer.status_code == 200
    assert api.get(path).json()["state"] == "ready"


def test_what_is_archived_leaves_the_list_and_comes_back(api):
    told = api.measured()

    api.post(f"measurements/{told['id']}/archive/")
    away = api.get("measurements/").json()["count"]
    api.post(f"measurements/{told['id']}/restore/")

    assert away == 0
    assert api.get("measurements/").json()["count"] == 1


def test_the_history_names_the_person_and_the_change(api):
    told = api.measured()
    api.patch(f"measurements/{told['id']}/", {"notes": "seen"})

    newest = api.get(f"measurements/{told['id']}/history/").json()[0]

    assert newest["changes"] == {"notes": ["", "seen"]}
    assert newest["request"].startswith("PATCH")


def test_files_can_be_read_again_and_questions_answered_only_when_asked(api):

    told = api.measured()
    path = f"measurements/{told['id']}/"

    asked = api.post(f"{path}answer/", {"reader": "delimited_text"})
    again = api.post(f"{path}reparse/", {"reader": "delimited_text"})
    busy = api.post(f"{path}reparse/")
    read_files()

    assert asked.status_code == 409
    assert again.status_code == 202
    assert again.json()["state"] == "queued"
    assert busy.status_code == 409
    assert api.get(path).json()["reader_asked"] == "delimited_text"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"sample": "S-1"}, 1),
        ({"sample": "S-9"}, 0),
        ({"technique": "pl"}, 1),
        ({"technique": "table"}, 0),
        ({"state": "ready"}, 1),
        ({"state": ["queued", "failed"]}, 0),
        ({"q": "pl.csv"}, 1),
        ({"operator": "Ada"}, 1),
        ({"measured_after": "2024-01-01T00:00:00Z"}, 1),
        ({"measured_before": "2024-01-01T00:00:00Z"}, 0),
        ({"archived": "true"}, 0),
    ],
)
def test_the_list_is_filtered(api, query, found):
    api.measured(operator="Ada", measured_at="2024-03-05")

    assert api.get("measurements/", **query).json()["count"] == found


def test_other_projects_measurements_are_not_there(api, as_user):
    told = api.measured()
    stranger = make_user("eve")
    make_project(stranger, "elsewhere")
    eve = as_user(stranger)

    assert eve.get("measurements/").json()["count"] == 0
    for path in (
        f"measurements/{told['id']}/",
        f"files/{told['files'][0]['id']}/",
        f"files/{told['files'][0]['id']}/download/",
        f"datasets/{told['datasets'][0]['id']}/",
        f"datasets/{told['datasets'][0]['id']}/data/",
    ):
        assert eve.get(path).status_code == 404
    refused = eve.upload(read=False)
    assert refused.status_code == 400
    assert "no sample 'S-1'" in refused.json()["errors"]["sample"][0]


def test_a_viewer_looks_and_changes_nothing(api, as_user, project):
    told = api.measured()
    viewer = make_user("vera")
    add_member(project, viewer, Role.VIEWER)
    vera = as_user(viewer)
    path = f"measurements/{told['id']}/"

    assert vera.get(path).status_code == 200
    assert vera.upload(read=False).status_code == 403
    assert vera.patch(path, {"notes": "x"}).status_code == 403
    assert vera.post(f"{path}archive/").status_code == 403
    assert vera.post(f"{path}reparse/").status_code == 403
    assert Measurement.objects.count() == 1


def test_equal_bytes_of_another_project_are_not_told(api, as_user):
    api.measured()
    stranger = make_user("eve")
    eve = as_user(stranger)
    eve.sample = make_sample(stranger, make_project(stranger, "elsewhere"))

    told = eve.measured()

    assert told["duplicate_of"] == []
    assert File.objects.count() == 2
    assert Blob.objects.filter(sha256=told["files"][0]["sha256"]).count() == 1


def test_a_list_takes_the_same_number_of_queries_however_long(
    api, django_assert_max_num_queries
):
    for seed in range(3):
        api.measured(data=pl_text(seed=seed))
    with django_assert_max_num_queries(12) as few:
        api.get("measurements/")
        fixed = len(few)
    for seed in range(3, 9):
        api.measured(data=pl_text(seed=seed))

    with django_assert_max_num_queries(fixed):
        answer = api.get("measurements/")

    assert answer.json()["count"] == 9


def test_measurements_come_one_at_a_time(api):
    answer = api.post("measurements/", [{"sample": "S-1"}])

    assert answer.status_code == 400
    assert "one at a time" in json.dumps(answer.json())
