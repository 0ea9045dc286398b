"""Two people change one sample: the second is told, sees it all, and loses nothing."""

import re

import pytest
from django.test import Client

from labdata.site.samples.merging import BEFORE
from samples import services

EDITABLE = "/samples/{}/edit/"


@pytest.fixture
def their_client(grace):
    client = Client()
    client.force_login(grace)
    return client


def opened(client, sample):
    """What a browser would send of the form as it was opened."""
    return fields_of(client.get(EDITABLE.format(sample.uuid)))


def fields_of(response):
    form = response.context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    return data | {BEFORE: response.context["before"]}


def send(client, sample, data):
    return client.post(EDITABLE.format(sample.uuid), data)


def outcomes(response):
    return {one.name: one.outcome for one in response.context["merged"]}


def test_what_only_one_changed_is_put_together_and_said(
    client, their_client, sample, grace
):
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(their_client, sample, theirs | {"location": "glovebox 2"})

    response = send(client, sample, mine | {"notes": "cracked on cooling"})

    text = response.content.decode()
    assert response.status_code == 409
    assert outcomes(response) == {"location": "theirs", "notes": "mine"}
    assert "grace changed this" in text
    sample.refresh_from_db()
    assert (sample.location, sample.notes) == ("glovebox 2", "")

    saved = send(client, sample, fields_of(response))

    assert saved.status_code == 302
    sample.refresh_from_db()
    assert (sample.location, sample.notes) == ("glovebox 2", "cracked on cooling")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("mine", "shelf of Ada"),
        ("theirs", "shelf of Grace"),
        (None, "shelf of Ada"),
    ],
)
def test_a_field_both_changed_is_asked_about(
    client, their_client, sample, choice, expected
):
    services.update_sample(
        user=sample.created_by, sample=sample, location="shelf of old"
    )
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(their_client, sample, theirs | {"location": "shelf of Grace"})

    asked = send(client, sample, mine | {"location": "shelf of Ada"})

    text = asked.content.decode()
    assert outcomes(asked) == {"location": "asked"}
    assert "1 field you both changed" in text
    for words in ("shelf of old", "shelf of Grace", "shelf of Ada"):
        assert words in text
    chosen = {"keep-location": choice} if choice else {}
    send(client, sample, fields_of(asked) | chosen)
    sample.refresh_from_db()
    assert sample.location == expected


def test_notes_of_both_may_follow_one_another(client, their_client, sample):
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(their_client, sample, theirs | {"notes": "their words"})
    asked = send(client, sample, mine | {"notes": "my words"})

    send(client, sample, fields_of(asked) | {"keep-notes": "both"})

    sample.refresh_from_db()
    assert sample.notes == "their words\n\nmy words"


def test_lines_as_a_browser_sends_them_are_no_change(client, their_client, sample):
    services.update_sample(user=sample.created_by, sample=sample, notes="one\ntwo")
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(their_client, sample, theirs | {"notes": "their words"})

    response = send(client, sample, mine | {"notes": "one\r\ntwo"})

    assert outcomes(response) == {"notes": "theirs"}


def test_tags_added_and_removed_by_both_are_all_heeded(client, their_client, sample):
    services.update_sample(
        user=sample.created_by, sample=sample, tags=["old", "stays", "gone"]
    )
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(their_client, sample, theirs | {"tags": "old, stays, theirs"})

    response = send(client, sample, mine | {"tags": "stays, gone, mine"})

    assert outcomes(response) == {"tags": "both"}
    send(client, sample, fields_of(response))
    sample.refresh_from_db()
    assert {tag.name for tag in sample.tags.all()} == {"stays", "theirs", "mine"}


def test_a_composition_is_taken_whole_with_its_basis(client, their_client, sample):
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(
        their_client,
        sample,
        theirs | {"composition": "(CsPbI3)0.3(agZIF-62)0.7", "basis": "vol"},
    )
    asked = send(
        client,
        sample,
        mine | {"composition": "(CsPbI3)0.4(agZIF-62)0.6", "basis": "wt"},
    )

    assert outcomes(asked) == {"composition": "asked"}
    send(client, sample, fields_of(asked) | {"keep-composition": "theirs"})

    sample.refresh_from_db()
    assert sample.composition.basis == "vol"
    assert sample.composition.text.startswith("30 vol% CsPbI3")


def test_the_same_change_by_both_asks_nothing(client, their_client, sample):
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(their_client, sample, theirs | {"location": "glovebox 2"})

    response = send(client, sample, mine | {"location": "glovebox 2"})

    assert response.status_code == 409
    assert outcomes(response) == {}


def test_a_third_change_meanwhile_is_told_too(client, their_client, sample):
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(their_client, sample, theirs | {"location": "one"})
    first = send(client, sample, mine | {"location": "mine"})
    again = opened(their_client, sample)
    send(their_client, sample, again | {"location": "two"})

    second = send(client, sample, fields_of(first) | {"keep-location": "mine"})

    assert second.status_code == 409
    assert outcomes(second) == {"location": "asked"}
    assert "two" in second.content.decode()


def test_a_form_that_does_not_say_what_it_was_opened_with_asks_about_everything(
    client, their_client, sample
):
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(their_client, sample, theirs | {"location": "glovebox 2"})

    response = send(client, sample, {**mine, BEFORE: "nonsense", "notes": "mine"})

    assert outcomes(response) == {"location": "asked", "notes": "asked"}
    sample.refresh_from_db()
    assert sample.notes == ""


def test_who_changed_a_field_stands_beside_it(client, their_client, sample):
    mine, theirs = opened(client, sample), opened(their_client, sample)
    send(their_client, sample, theirs | {"location": "glovebox 2"})

    response = send(client, sample, mine | {"location": "elsewhere"})

    (row,) = response.context["merged"]
    assert row.who == "grace"
    assert row.when is not None
    assert re.search(
        r"keep-location.{0,400}glovebox 2", response.content.decode(), re.S
    )
