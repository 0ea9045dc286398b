"""What every endpoint has in common: edits, lists, retries, errors, history."""

import pytest
from rest_framework.test import APIClient

from labdata.common.people.tokens import issue_token
from samples.models import Material, Sample
from tests.samples.factories import (
    add_member,
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

SAMPLES = "/api/v1/samples/"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def project(ada):
    project = make_project(ada)
    make_materials(ada, project)
    return project


@pytest.fixture
def api(ada):
    client = APIClient()
    _, token = issue_token(user=ada, name="test")
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def sample(code, **more):
    return {"project": "glasses", "code": code, "kind": "composite", **more}


def test_a_record_made_by_the_api_answers_at_its_location_id_and_code(api, project):
    made = api.post(SAMPLES, sample("S-1", composition="(CsPbI3)0.25(agZIF-62)0.75"))

    assert made.status_code == 201
    by_location = api.get(made["Location"]).json()
    by_code = api.get(f"{SAMPLES}S-1/").json()
    assert by_location == by_code == made.json()


def test_an_edit_of_a_version_that_is_no_longer_newest_changes_nothing(api, project):
    first = api.post(SAMPLES, sample("S-1"))
    api.patch(f"{SAMPLES}S-1/", {"location": "A"}, headers={"If-Match": first["ETag"]})

    second = api.patch(
        f"{SAMPLES}S-1/", {"location": "B"}, headers={"If-Match": first["ETag"]}
    )

    assert second.status_code == 412
    assert "Nothing was saved" in second.json()["detail"]
    assert Sample.objects.get().location == "A"


def test_a_list_is_all_or_nothing_with_errors_by_index(api, project):
    answer = api.post(
        SAMPLES,
        [
            sample("GOOD"),
            sample("GOOD"),
            sample("BAD", composition="(CsPbI3)0.65(agZIF-62)0.65"),
        ],
    )

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"1", "2"}
    assert "1.30" in answer.json()["errors"]["2"]["composition"][0]
    assert not Sample.objects.exists()


def test_an_empty_list_is_refused(api, project):
    assert api.post(SAMPLES, []).status_code == 400


def test_the_same_key_acts_once_and_answers_alike(api, project):
    key = {"Idempotency-Key": "abc"}

    first = api.post(SAMPLES, sample("S-1"), headers=key)
    again = api.post(SAMPLES, sample("S-1"), headers=key)
    other = api.post(SAMPLES, sample("S-2"), headers=key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 400)
    assert again.json() == first.json()
    assert again["Idempotent-Replay"] == "true"
    assert Sample.objects.count() == 1


def test_keys_are_a_persons_own(api, project):
    guest = make_user("guest")
    make_project(guest, "other")
    key = {"Idempotency-Key": "abc"}
    api.post(SAMPLES, sample("S-1"), headers=key)
    theirs = APIClient()
    theirs.force_authenticate(guest)

    answer = theirs.post(SAMPLES, {**sample("S-1"), "project": "other"}, headers=key)

    assert answer.status_code == 201
    assert answer.json()["project"] == "other"


def test_pages_and_cursors_walk_the_same_records(api, ada, project):
    for number in range(7):
        make_sample(ada, project, f"S-{number}")

    by_page, address = [], f"{SAMPLES}?page_size=3"
    while address:
        answer = api.get(address).json()
        by_page += [row["code"] for row in answer["results"]]
        address = answer["next"]
    by_cursor, address = [], f"{SAMPLES}?page_size=3&cursor="
    while address:
        answer = api.get(address).json()
        by_cursor += [row["code"] for row in answer["results"]]
        address = answer["next"]

    assert sorted(by_page) == sorted(by_cursor) == [f"S-{n}" for n in range(7)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page_size=201", "page_size"),
        ("page_size=0", "page_size"),
        ("ordering=secret", "ordering"),
        ("kind=unheard_of", "kind"),
        ("created_after=yesterday-ish", "created"),
    ],
)
def test_a_list_says_which_parameter_is_wrong(api, project, query, field):
    answer = api.get(f"{SAMPLES}?{query}")

    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_an_unknown_field_is_named_with_the_one_that_was_meant(api, project):
    answer = api.post(SAMPLES, sample("S-1", compositon="(CsPbI3)1"))

    assert answer.status_code == 400
    assert "'composition'" in answer.json()["errors"]["compositon"][0]


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("{not json", "application/json", 400),
        ('{"project": 123456789012345678901234567890}', "application/json", 400),
        ('{"code": "\\ud800"}', "application/json", 400),
        ('"text"', "application/json", 400),
        ("<a/>", "application/xml", 415),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_no_crash(api, project, body, kind, code):
    headers = {"Idempotency-Key": "k"}

    answer = api.post(SAMPLES, body, content_type=kind, headers=headers)

    assert answer.status_code == code
    assert answer["Content-Type"].startswith("application/problem+json")
    assert {"type", "title", "detail"} <= set(answer.json())


def test_nobody_is_told_to_sign_in(project):
    answer = APIClient().get(SAMPLES)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Token")


def test_a_record_others_depend_on_is_archived_not_deleted(api, ada, project):
    make_sample(ada, project, "A")
    make_sample(ada, project, "B")
    make_process(ada, project, "general", inputs=["A"], outputs=["B"])

    refused = api.delete(f"{SAMPLES}A/")
    archived = api.post(f"{SAMPLES}A/archive/")

    assert refused.status_code == 409
    assert "archive" in refused.json()["detail"].lower()
    assert archived.json()["archived_at"]
    assert [row["code"] for row in api.get(SAMPLES).json()["results"]] == ["B"]
    assert api.post(f"{SAMPLES}A/restore/").json()["archived_at"] is None


def test_an_act_without_fields_says_that_it_takes_none(api, ada, project):
    make_sample(ada, project, "A")

    refused = api.post(f"{SAMPLES}A/archive/", {"reason": "broken"})

    assert refused.status_code == 400
    assert refused.json()["errors"] == {"reason": ["There is no field 'reason' here."]}
    assert api.get(f"{SAMPLES}A/").json()["archived_at"] is None


def test_a_record_nothing_depends_on_is_deleted_and_its_deletion_kept(api, project):
    api.post(SAMPLES, sample("S-1"))

    answer = api.delete(f"{SAMPLES}S-1/", headers={"X-Change-Reason": "typing error"})

    assert answer.status_code == 204
    last = Sample.history.first()
    assert (last.history_type, last.change_set.reason) == ("-", "typing error")


def test_history_tells_who_changed_what_and_why(api, project):
    api.post(SAMPLES, sample("S-1"))
    api.patch(
        f"{SAMPLES}S-1/",
        {"location": "Box 3"},
        headers={"X-Change-Reason": "moved the boxes"},
    )

    newest, oldest = api.get(f"{SAMPLES}S-1/history/").json()

    assert newest["user"] == "ada"
    assert newest["reason"] == "moved the boxes"
    assert newest["changes"]["location"] == ["", "Box 3"]
    assert oldest["action"] == "created"


def test_a_code_in_two_projects_asks_which(api, ada, project):
    make_sample(ada, project, "S-1")
    make_sample(ada, make_project(ada, "other"), "S-1")

    unclear = api.get(f"{SAMPLES}S-1/")
    clear = api.get(f"{SAMPLES}S-1/?project=other")

    assert unclear.status_code == 409
    assert clear.json()["project"] == "other"


def test_a_material_is_found_by_any_of_its_names(api, project):
    api.patch("/api/v1/materials/agZIF-62/", {"aliases": ["a-ZIF-62"]})

    answers = [
        api.get(f"/api/v1/materials/{name}/").json()["id"]
        for name in ("agZIF-62", "a_gZIF-62", "a-ZIF-62")
    ]

    assert len(set(answers)) == 1
    assert Material.objects.count() == 2


def test_managers_alone_decide_who_is_in(api, ada, project):
    guest = make_user("guest")
    add_member(project, guest)
    theirs = APIClient()
    theirs.force_authenticate(guest)
    members = "/api/v1/projects/glasses/members/"

    refused = theirs.post(members, {"user": "guest", "role": "manager"})
    last = api.delete(f"{members}ada/")
    gone = api.delete(f"{members}guest/")

    assert refused.status_code == 403
    assert last.status_code == 400
    assert "at least one manager" in last.json()["detail"]
    assert gone.status_code == 204


def test_negative_ramps_come_back_at_their_row(api, ada, project):
    make_sample(ada, project, "A")

    answer = api.post(
        "/api/v1/processes/",
        {
            "kind": "sintering",
            "inputs": ["A"],
            "outputs": ["A"],
            "program": [{"end_temperature": 300, "ramp": -5}],
        },
    )

    assert answer.status_code == 400
    assert "-5" in str(answer.json()["errors"]["program"]["0"]["ramp"])


def test_a_sample_without_a_composition_shows_the_one_it_inherits(api, ada, project):
    make_sample(ada, project, "A", composition="(CsPbI3)0.25(agZIF-62)0.75")
    make_sample(ada, project, "PIECE")
    make_process(ada, project, "splitting", inputs=["A"], outputs=["PIECE"])

    piece = api.get(f"{SAMPLES}PIECE/").json()

    assert piece["composition"] is None
    assert piece["inherited_composition"]["text"] == "(CsPbI3)0.25(agZIF-62)0.75"


def test_the_history_of_a_process_tells_what_became_of_its_programme(api, ada, project):
    make_sample(ada, project, "A")
    process = make_process(
        ada,
        project,
        inputs=["A"],
        outputs=["A"],
        program=[{"start_temperature": 25, "end_temperature": 300, "ramp": 20}],
    )
    address = f"/api/v1/processes/{process.uuid}/"

    api.patch(
        address,
        {"program": [{"start_temperature": 25, "end_temperature": 350, "ramp": 10}]},
    )

    newest = api.get(f"{address}history/").json()[0]
    assert newest["changes"] == {
        "program": [["25 → 300 °C, 20 °C/min"], ["25 → 350 °C, 10 °C/min"]]
    }


def test_a_process_by_a_protocol_takes_the_conditions_it_does_not_tell(
    api, ada, project
):
    make_sample(ada, project, "A")
    protocol = api.post(
        "/api/v1/protocols/",
        {
            "project": "glasses",
            "name": "Sintering at 300",
            "kind": "sintering",
            "program": [{"start_temperature": 25, "end_temperature": "573.15 K"}],
        },
    )

    process = api.post(
        "/api/v1/processes/",
        {
            "kind": "sintering",
            "outputs": ["A"],
            "protocol": "Sintering at 300",
            "parameters": {"duration": "1 h"},
        },
    ).json()
    api.patch(protocol["Location"], {"notes": "Gloves."})
    stale = api.patch(
        protocol["Location"],
        {"notes": "None."},
        headers={"If-Match": protocol["ETag"]},
    )

    assert process["program"][0]["end_temperature"] == 300
    assert process["parameters"] == {"duration": 60.0}
    assert (process["protocol"], process["protocol_version"]) == (
        "Sintering at 300",
        1,
    )
    assert stale.status_code == 412
    found = api.get("/api/v1/processes/?protocol=Sintering at 300").json()["results"]
    assert [row["id"] for row in found] == [process["id"]]
    assert api.get(protocol["Location"]).json()["processes"] == 1
