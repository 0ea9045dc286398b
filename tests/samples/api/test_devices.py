"""Devices by API: one call logs stack and cells, another changes a part of them."""

import pytest
from rest_framework.test import APIClient

from samples import services
from samples.models import Sample
from tests.samples.factories import make_materials, make_project, make_user

pytestmark = pytest.mark.django_db

DEVICE = {
    "code": "D-1",
    "project": "glasses",
    "architecture": "pin",
    "layers": [
        {"role": "absorber", "material": "CsPbI3", "thickness": 500},
        {"role": "contact", "material": "Ag", "thickness": "0.1 µm"},
    ],
    "cells": [{"label": "A", "active_area": 0.1, "mask_area": 0.08}],
}


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def api(user):
    make_materials(user, make_project(user), "CsPbI3", "Ag")
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(api, address="/api/v1/devices/", status=201, **sent):
    answer = api.post(address, sent, format="json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def test_a_device_is_logged_and_found_by_its_code(api):
    post(api, **DEVICE)

    told = api.get("/api/v1/devices/D-1/").json()

    assert told["kind"] == "device"
    assert told["layers"][1] == {"role": "contact", "material": "Ag", "thickness": 100}
    assert told["cells"] == [{"label": "A", "active_area": 0.1, "mask_area": 0.08}]
    assert api.get("/api/v1/samples/D-1/").json()["id"] == told["id"]


def test_samples_without_a_stack_are_no_devices(api, user):
    project = services.resolve_project(user, "glasses")
    services.create_sample(user=user, project=project, code="S-1", kind="powder")

    assert api.get("/api/v1/devices/").json()["count"] == 0
    assert api.get("/api/v1/devices/S-1/").status_code == 404


def test_a_change_of_the_cells_leaves_the_layers(api):
    post(api, **DEVICE)

    answer = api.patch(
        "/api/v1/devices/D-1/",
        {"cells": [{"label": "A"}, {"label": "B"}], "notes": "six more"},
        format="json",
    )

    assert answer.status_code == 200
    assert len(answer.json()["layers"]) == 2
    assert [cell["label"] for cell in answer.json()["cells"]] == ["A", "B"]
    assert answer.json()["notes"] == "six more"


def test_an_edit_of_an_older_version_is_refused(api):
    post(api, **DEVICE)
    tag = api.get("/api/v1/devices/D-1/")["ETag"]
    api.patch("/api/v1/devices/D-1/", {"layers": []}, format="json")

    answer = api.patch(
        "/api/v1/devices/D-1/", {"cells": []}, format="json", headers={"If-Match": tag}
    )

    assert answer.status_code == 412
    assert len(api.get("/api/v1/devices/D-1/").json()["cells"]) == 1


def test_a_list_is_made_whole_or_not_at_all(api):
    wrong = {**DEVICE, "code": "D-2", "cells": [{"label": "A", "active_area": 0}]}

    answer = api.post("/api/v1/devices/", [DEVICE, wrong], format="json")

    assert answer.status_code == 400
    told = answer.json()["errors"]["1"]["cells"]["0"]["active_area"][0]
    assert told == "The active area is 0 cm²; it must be above 0."
    assert not Sample.objects.exists()


def test_a_device_begins_with_the_stack_of_another_or_a_kept_one(api):
    post(api, **DEVICE)
    post(
        api,
        "/api/v1/saved-stacks/",
        project="glasses",
        name="standard",
        architecture="nip",
        layers=DEVICE["layers"][:1],
    )

    copied = post(api, code="D-2", project="glasses", stack_from="D-1", cells=[])
    kept = post(api, code="D-3", project="glasses", stack_from="standard")

    assert (len(copied["layers"]), copied["cells"]) == (2, [])
    assert (kept["architecture"], len(kept["layers"])) == ("nip", 1)
    answer = api.post(
        "/api/v1/devices/",
        {"code": "D-4", "project": "glasses", "stack_from": "nowhere"},
        format="json",
    )
    assert "stack_from" in answer.json()["errors"]


def test_a_plan_is_shown_first_and_made_when_asked(api):
    post(api, **DEVICE)
    asked = {
        "project": "glasses",
        "stack_from": "D-1",
        "variations": [{"path": "layers.absorber.thickness", "values": [400, 600]}],
        "pattern": "P-{n}",
        "batch": "P",
    }

    shown = post(api, "/api/v1/devices/plan/", 200, dry_run=True, **asked)

    assert [one["code"] for one in shown] == ["P-1", "P-2"]
    assert Sample.objects.count() == 1
    post(api, "/api/v1/devices/plan/", **asked)
    found = api.get("/api/v1/devices/?batch=P").json()["results"]
    assert [one["layers"][0]["thickness"] for one in found] == [400, 600]


def test_devices_are_found_by_architecture_and_layer(api):
    post(api, **DEVICE)
    post(api, code="D-2", project="glasses", architecture="nip")

    assert api.get("/api/v1/devices/?architecture=nip").json()["count"] == 1
    assert api.get("/api/v1/devices/?layer=Ag").json()["count"] == 1
    assert api.get("/api/v1/devices/?layer=Au").json()["count"] == 0


def test_devices_of_others_are_not_there(api):
    post(api, **DEVICE)
    stranger = APIClient()
    stranger.force_authenticate(make_user("eve"))

    assert stranger.get("/api/v1/devices/").json()["count"] == 0
    assert stranger.get("/api/v1/devices/D-1/").status_code == 404
    assert stranger.get("/api/v1/saved-stacks/").json()["count"] == 0


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_asks_a_fixed_number_of_questions(
    api, rows, django_assert_max_num_queries
):
    for number in range(rows):
        post(api, **{**DEVICE, "code": f"D-{number}"})

    with django_assert_max_num_queries(16):
        answer = api.get("/api/v1/devices/")

    assert answer.json()["count"] == rows
