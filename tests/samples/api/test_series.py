"""A series by API: previewed, made once, refused whole."""

import pytest
from rest_framework.test import APIClient

from samples.models import Batch, Sample
from tests.samples.factories import (
    add_member,
    make_materials,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/samples/series/"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def project(ada):
    project = make_project(ada)
    make_materials(ada, project)
    make_sample(ada, project, "POWDER", kind="powder")
    return project


@pytest.fixture
def api(ada):
    client = APIClient()
    client.force_authenticate(ada)
    return client


@pytest.fixture
def told(project):
    return {
        "project": "glasses",
        "kind": "composite",
        "batch": "B-7",
        "composition": "(CsPbI3){x}(agZIF-62){1-x}",
        "variables": [
            {"name": "x", "values": [0.1, 0.25]},
            {"name": "temperature", "values": "573.15, 623.15", "unit": "K"},
        ],
        "code": "C{100x:02}-{n}",
        "process": {
            "kind": "sintering",
            "program": [{"end_temperature": 200, "dwell": 30}],
            "parameters": {"mass": {"value": 0.2, "unit": "g"}},
        },
        "precursor": {"inputs": [{"sample": "POWDER", "amount": "{200x} mg"}]},
    }


def test_a_dry_run_answers_every_row_and_saves_nothing(api, told):
    answer = api.post(ADDRESS, told | {"dry_run": True}, format="json")

    plan = answer.json()
    assert answer.status_code == 200
    assert (plan["sound"], plan["count"]) == (True, 4)
    assert plan["precursors"] == ["B-7-M01", "B-7-M02"]
    row = plan["rows"][1]
    assert row["code"] == "C10-2"
    assert row["composition"] == "(CsPbI3)0.1(agZIF-62)0.9"
    assert row["conditions"] == {"temperature": "350 °C"}
    assert row["program"][0]["end_temperature"] == 350
    assert row["parameters"] == {"mass": 200}
    assert not Batch.objects.exists()


def test_a_series_answers_what_was_made(api, told):
    answer = api.post(ADDRESS, told, format="json")

    made = answer.json()
    assert answer.status_code == 201
    assert [one["code"] for one in made["samples"]] == [
        "C10-1",
        "C10-2",
        "C25-3",
        "C25-4",
    ]
    assert made["processes"] == 6
    assert api.get(f"/api/v1/samples/{made['samples'][0]['id']}/").status_code == 200


def test_a_series_sent_twice_with_one_key_is_made_once(api, told):
    first = api.post(ADDRESS, told, format="json", headers={"Idempotency-Key": "k"})
    second = api.post(ADDRESS, told, format="json", headers={"Idempotency-Key": "k"})

    assert second.status_code == 201
    assert second.json() == first.json()
    assert Sample.objects.filter(kind="composite").count() == 4


def test_errors_stand_at_their_rows_in_both_answers(api, told, ada, project):
    make_sample(ada, project, "C10-2")

    refused = api.post(ADDRESS, told, format="json")
    shown = api.post(ADDRESS, told | {"dry_run": True}, format="json").json()

    said = ["There is a sample C10-2 (composite) already."]
    assert refused.status_code == 400
    assert refused.json()["errors"]["rows"]["1"]["code"] == said
    assert shown["rows"][1]["errors"] == {"code": said}
    assert not shown["sound"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"variables": [{"name": "x", "values": "0.1..0.9"}]}, "variables"),
        ({"variables": [{"name": "x", "values": {"a": 1}}]}, "variables"),
        ({"variables": "x"}, "variables"),
        ({"process": {"kind": "sintering", "program": [{"ramp": [1]}]}}, "program"),
        ({"process": {"kind": "baking"}}, "process"),
        ({"precursor": {"inputs": [{"sample": "NONE"}]}}, "inputs"),
        ({"precursor": {"inputs": [{}]}}, "inputs"),
        ({"first_number": -1}, "first_number"),
        ({"codes": {"k": 1, "j": []}}, "codes"),
        ({"varables": []}, "varables"),
        ({"project": "elsewhere"}, "project"),
        ({"batch": "a\x00b"}, "batch"),
        ({"table": "x\n" + "a" * 300_000}, "table"),
    ],
)
def test_what_is_no_series_is_refused_at_its_field(api, told, change, where):
    answer = api.post(ADDRESS, told | change, format="json")

    assert answer.status_code == 400
    assert where in answer.json()["errors"]
    assert not Batch.objects.exists()


def test_viewers_make_no_series_and_see_no_plan(api, told, project):
    viewer = make_user("viewer")
    add_member(project, viewer, "viewer")
    api.force_authenticate(viewer)

    answers = [
        api.post(ADDRESS, told | {"dry_run": dry}, format="json").status_code
        for dry in (True, False)
    ]

    assert answers == [403, 403]


def test_other_peoples_projects_are_not_there(api, told):
    api.force_authenticate(make_user("outsider"))

    answer = api.post(ADDRESS, told, format="json")

    assert answer.status_code == 400
    assert "no project 'glasses' of yours" in answer.json()["errors"]["project"][0]
