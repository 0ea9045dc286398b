"""What was typed and not saved is kept for its writer, and for nobody else."""

import json

import pytest

from labdata.common import drafts
from labdata.common.drafts import MAX_CHARACTERS, MAX_DRAFTS, Draft
from tests.samples.factories import make_user

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
