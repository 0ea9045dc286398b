"""What was typed and not saved is kept for its writer, and for nobody else."""

import json

import pytest
from django.urls import reverse

from labdata.common.people import drafts
from labdata.common.people.drafts import MAX_CHARACTERS, MAX_DRAFTS, Draft
from samples import services
from tests.samples.factories import (
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

ADDRESS = "/drafts/sample-new/"
TYPED = {"address": "/samples/new/", "fields": [["code", "C-25"], ["code", "C-26"]]}


@pytest.fixture
def writer(client):
    user = make_user("writer")
    client.force_login(user)
    return user


def keep(client, data, address=ADDRESS):
    return client.post(address, json.dumps(data), content_type="application/json")


def test_a_draft_is_given_back_as_it_was_typed(client, writer):
    keep(client, TYPED)

    answer = client.get(ADDRESS).json()

    assert answer["draft"] == TYPED
    assert answer["updated_at"]


def test_what_is_typed_later_replaces_what_was_typed_before(client, writer):
    keep(client, TYPED)
    keep(client, {"fields": []})

    assert client.get(ADDRESS).json()["draft"] == {"fields": []}
    assert Draft.objects.count() == 1


def test_a_request_of_the_same_tab_that_comes_late_does_not_take_words_back(
    client, writer
):
    later = {**TYPED, "tab": "a", "typed": 2000}
    keep(client, later)

    keep(client, {"fields": [], "tab": "a", "typed": 1000})

    assert client.get(ADDRESS).json()["draft"] == later


def test_another_tab_replaces_a_draft_whatever_its_clock_says(client, writer):
    keep(client, {**TYPED, "tab": "a", "typed": 2000})
    other = {"fields": [], "tab": "b", "typed": 1000}

    keep(client, other)

    assert client.get(ADDRESS).json()["draft"] == other


def test_forms_have_drafts_of_their_own(client, writer):
    keep(client, TYPED)

    assert client.get("/drafts/process-new/").json()["draft"] is None


def test_nobody_sees_or_drops_the_draft_of_another(client, writer):
    keep(client, TYPED)
    client.force_login(make_user("other"))

    seen = client.get(ADDRESS).json()
    client.delete(ADDRESS)

    assert seen["draft"] is None
    assert Draft.objects.filter(user=writer).exists()


def test_two_people_type_into_the_same_form(client, writer):
    keep(client, TYPED)
    client.force_login(make_user("other"))
    keep(client, {"fields": []})
    client.force_login(writer)

    assert client.get(ADDRESS).json()["draft"] == TYPED
    assert Draft.objects.count() == 2


def test_a_discarded_draft_is_gone(client, writer):
    keep(client, TYPED)

    client.delete(ADDRESS)

    assert client.get(ADDRESS).json()["draft"] is None


@pytest.mark.parametrize(
    "body",
    ["{", "[1]", '"text"', "[" * 100_000, b"\xff"],
    ids=["broken", "list", "text", "deep", "bytes"],
)
def test_what_is_no_draft_is_refused(client, writer, body):
    answer = client.post(ADDRESS, body, content_type="application/json")

    assert answer.status_code == 400
    assert not Draft.objects.exists()


def test_a_draft_larger_than_any_form_is_refused_with_its_size(client, writer):
    answer = keep(client, {"fields": [["notes", "x" * MAX_CHARACTERS]]})

    assert answer.status_code == 400
    assert str(MAX_CHARACTERS) in answer.json()["errors"][0]


def test_text_no_database_can_store_is_refused(client, writer):
    answer = keep(client, {"fields": [["notes", "a\x00b"]]})

    assert answer.status_code == 400


def test_a_key_is_a_word(client, writer):
    answer = keep(client, TYPED, "/drafts/a%20b/")

    assert answer.status_code == 400


def test_the_draft_untouched_for_longest_makes_room(writer):
    for number in range(MAX_DRAFTS + 1):
        drafts.save_draft(user=writer, key=f"sample-{number}", data={})

    kept = set(Draft.objects.values_list("key", flat=True))

    assert len(kept) == MAX_DRAFTS
    assert "sample-0" not in kept


def test_the_drafts_of_others_take_no_room(writer):
    drafts.save_draft(user=make_user("other"), key="series", data={})
    for number in range(MAX_DRAFTS):
        drafts.save_draft(user=writer, key=f"sample-{number}", data={})

    assert Draft.objects.count() == MAX_DRAFTS + 1


@pytest.fixture
def records(writer):
    """A project, and one record of each kind whose form keeps drafts."""
    project = make_project(writer)
    material, _ = make_materials(writer, project)
    sample = make_sample(writer, project)
    process = make_process(writer, project, inputs=[sample.code])
    protocol = services.create_protocol(
        user=writer, project=project, name="Sinter", kind="sintering"
    )
    return {
        "material": (material, {"name": "CsPbI3"}),
        "sample": (sample, {"code": "S-1", "kind": "film"}),
        "process": (
            process,
            {
                "kind": "sintering",
                "state": "done",
                "inputs-total": "1",
                "inputs-0-code": "S-1",
            },
        ),
        "protocol": (
            protocol,
            {"name": "Sinter", "kind": "sintering", "state": "done"},
        ),
    }


@pytest.mark.parametrize("kind", ["material", "sample", "process", "protocol"])
def test_saving_a_form_drops_its_draft_and_no_other(client, writer, records, kind):
    row, values = records[kind]
    address = reverse(f"site:{kind}-edit", args=[row.uuid])
    key = f"{kind}-{row.uuid}"
    drafts.save_draft(user=writer, key=key, data={"fields": []})
    drafts.save_draft(user=writer, key="other", data={"fields": []})

    form = client.get(address).content.decode()
    client.post(address, values | {"version": str(row.version)})

    row.refresh_from_db()
    assert f'data-draft="{key}"' in form
    assert row.version == 2
    assert list(Draft.objects.values_list("key", flat=True)) == ["other"]


def test_a_form_that_was_refused_keeps_its_draft(client, writer, records):
    drafts.save_draft(user=writer, key="material-new", data={"fields": []})

    client.post(reverse("site:material-new"), {"name": ""})
    kept = Draft.objects.count()
    client.post(reverse("site:material-new"), {"name": "New"})

    assert (kept, Draft.objects.count()) == (1, 0)
