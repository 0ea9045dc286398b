"""Devices by API: one call logs stack and cells, another changes a part of them."""

import pytest
from rest_framework.test import APIClient

from labdata.common.people.access import Role
from samples import services
from samples.models import Sample
from tests.samples.factories import add_member, make_materials, make_project, make_user

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


def test_what_is_called_a_device_is_one_before_it_has_a_stack(api, user):
    project = services.resolve_project(user, "glasses")
    services.create_sample(user=user, project=project, code="D-9", kind="device")

    told = api.get("/api/v1/devices/D-9/").json()
    changed = api.patch(
        "/api/v1/devices/D-9/", {"layers": DEVICE["layers"]}, format="json"
    )

    assert (told["layers"], told["cells"]) == ([], [])
    assert len(changed.json()["layers"]) == 2


def test_a_mask_larger_than_the_cell_is_kept_and_said(api):
    cells = [{"label": "A", "active_area": 0.1, "mask_area": 0.12}]

    told = post(api, **{**DEVICE, "cells": cells})

    assert told["cells"] == cells
    assert "larger than the cell" in told["remarks"][0]


def test_the_same_request_sent_twice_makes_one_device(api):
    key = {"Idempotency-Key": "once"}
    answers = [
        api.post("/api/v1/devices/", DEVICE, format="json", headers=key)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Sample.objects.count() == 1


def test_materials_nobody_added_are_added_when_asked(api):
    layers = [{"role": "interlayer", "material": "CTOC"}]
    sent = {**DEVICE, "layers": layers}

    told = post(api, status=400, **sent)
    post(api, create_materials=True, **sent)

    assert "CTOC is not known" in told["errors"]["layers"]["0"]["material"][0]


def test_a_kept_stack_is_not_replaced_by_another_of_its_name(api):
    kept = {"project": "glasses", "name": "standard", "architecture": "nip"}
    post(api, "/api/v1/saved-stacks/", **kept)

    told = post(api, "/api/v1/saved-stacks/", 400, **{**kept, "architecture": "pin"})
    address = "/api/v1/saved-stacks/standard/"
    changed = api.patch(address, {"name": "regular"}, format="json").json()

    assert "already" in told["errors"]["name"][0]
    assert (changed["name"], changed["architecture"]) == ("regular", "nip")


def test_a_kept_stack_that_was_put_away_still_has_its_name(api):
    kept = {"project": "glasses", "name": "standard"}
    post(api, "/api/v1/saved-stacks/", **kept)
    api.post("/api/v1/saved-stacks/standard/archive/")

    told = post(api, "/api/v1/saved-stacks/", 400, **kept)

    assert "(archived)" in told["errors"]["name"][0]
    assert api.get("/api/v1/saved-stacks/").json()["count"] == 0


def test_nobody_begins_with_the_stack_of_what_they_may_not_see(api):
    made = post(api, **DEVICE)
    kept = post(api, "/api/v1/saved-stacks/", project="glasses", name="standard")
    eve = make_user("eve")
    make_project(eve, "elsewhere")
    stranger = APIClient()
    stranger.force_authenticate(eve)

    for start in ("D-1", made["id"], kept["id"], "standard"):
        sent = {"project": "elsewhere", "code": "E-1", "stack_from": start}
        answer = stranger.post("/api/v1/devices/", sent, format="json")
        assert answer.status_code == 400
        assert set(answer.json()["errors"]) == {"stack_from"}


def test_a_plan_names_materials_nobody_added_before_anything_is_made(api):
    post(api, **DEVICE)
    asked = {
        "project": "glasses",
        "stack_from": "D-1",
        "variations": [{"path": "layers.contact.material", "values": ["Ag", "Cu"]}],
        "pattern": "P-{contact}",
    }
    address = "/api/v1/devices/plan/"

    told = post(api, address, 400, dry_run=True, **asked)
    post(api, address, 200, dry_run=True, create_materials=True, **asked)
    post(api, address, create_materials=True, **asked)

    assert "Cu is not known" in told["errors"]["variations"]["0"]["values"][0]
    assert api.get("/api/v1/devices/P-Cu/").json()["layers"][1]["material"] == "Cu"


@pytest.mark.parametrize("resource", ["devices", "saved-stacks"])
def test_who_may_only_look_makes_and_changes_nothing(api, user, resource):
    post(api, **DEVICE)
    post(api, "/api/v1/saved-stacks/", project="glasses", name="standard")
    project = services.resolve_project(user, "glasses")
    viewer = make_user("viewer")
    add_member(project, viewer, Role.VIEWER)
    client = APIClient()
    client.force_authenticate(viewer)
    address = f"/api/v1/{resource}/"
    found = client.get(address).json()["results"][0]["id"]
    sent = {"project": "glasses", **{"devices": {"code": "D-7"}}.get(resource, {})}
    sent |= {} if resource == "devices" else {"name": "other"}

    codes = [
        client.post(address, sent, format="json").status_code,
        client.patch(f"{address}{found}/", {"cells": []}, format="json").status_code,
        client.post(f"{address}{found}/archive/").status_code,
    ]

    assert codes == [403, 403, 403]


@pytest.mark.parametrize(
    "sent",
    [
        {"layers": "glass"},
        {"layers": {"0": {}}},
        {"layers": ["x"]},
        {"layers": [[]]},
        {"cells": "AB"},
        {"cells": [{"label": {}}]},
        {"architecture": []},
        {"substrate_width": {}},
        {"kind": []},
        {"stack_from": []},
        {"layers": [{"role": "buffer", "solution": []}]},
        {"layers": [{"role": "buffer", "program": {"dwell": 1}}]},
        {"layers": [{"role": "buffer"}] * 100_000},
    ],
)
def test_what_is_no_stack_is_refused_in_words(api, sent):
    told = post(api, status=400, **{**DEVICE, **sent})

    assert set(told["errors"]) == set(sent)
    assert not Sample.objects.exists()


def test_no_number_is_no_thickness(api):
    body = '{"code": "D-1", "project": "glasses", "layers": [{"role": "buffer", '
    body += '"thickness": NaN}]}'

    answer = api.post("/api/v1/devices/", body, content_type="application/json")

    assert answer.status_code == 400
    assert not Sample.objects.exists()


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
    assert api.get("/api/v1/devices/?layer=contact:Ag").json()["count"] == 1
    assert api.get("/api/v1/devices/?layer=absorber:Ag").json()["count"] == 0
    assert api.get("/api/v1/devices/?layer=cspbi").json()["count"] == 1
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
