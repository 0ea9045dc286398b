"""Labels of selected samples and batches, and what scanning one leads to."""

import re

import pytest
from django.test import override_settings

from labdata.common.people.preferences import preference
from labdata.site.lab.labels import short_of
from samples.models import Sample
from tests.samples.factories import (
    make_process,
    make_project,
    make_sample,
    make_user,
)

CHOSEN = {"format": "a4-65", "start": "1", "copies": "1"}


@pytest.fixture
def batch(ada, project, sample):
    return [make_sample(ada, project, f"B-{n}", batch="B") for n in range(3)]


def addresses(response):
    return re.findall(r'data-address="([^"]+)"', response.content.decode())


def test_samples_selected_in_a_list_get_a_label_each(client, sample, batch):
    response = client.get(
        "/labels/", {"id": [sample.uuid, batch[0].uuid]}, headers={"host": "localhost"}
    )

    assert addresses(response) == [
        f"HTTP://LOCALHOST/S/{short_of(one.uuid)}" for one in (batch[0], sample)
    ]


def test_a_long_selection_is_posted(client, batch):
    response = client.post("/labels/", {"id": [one.uuid for one in batch]})

    assert len(addresses(response)) == 3


def test_a_batch_is_labelled_as_a_whole(client, ada, project, batch):
    other = make_project(ada, "other")
    make_sample(ada, other, "O-1", batch="B")

    response = client.get("/labels/", {"batch": "B", "project": project.slug})

    assert len(addresses(response)) == 3


def test_a_batch_that_is_not_there_is_not_found(client, sample):
    assert client.get("/labels/", {"batch": "B"}).status_code == 404


def test_nobody_labels_what_they_do_not_see(client, sample):
    client.force_login(make_user("stranger"))

    assert client.get("/labels/", {"id": sample.uuid}).status_code == 404


def test_all_that_is_found_is_of_what_one_sees(client, sample):
    everything = {"all": "yes", "query": ""}
    assert len(addresses(client.post("/labels/", everything))) == 1
    client.force_login(make_user("stranger"))

    assert addresses(client.post("/labels/", everything)) == []


def test_without_samples_the_page_says_where_to_choose_them(client, ada):
    response = client.get("/labels/")

    assert "Tick them in the list" in response.content.decode()


def test_a_label_says_code_typeset_composition_date_and_owner(client, sample):
    response = client.get("/labels/", {"id": sample.uuid})

    text = response.content.decode()
    assert ">C-25</text>" in text
    assert "(CsPbI<sub>3</sub>)<sub>0.25</sub>" in text
    assert f"{sample.created_at:%Y-%m-%d} ada" in text


def test_a_sample_without_composition_has_that_of_what_it_was_made_from(
    client, ada, project, sample
):
    made = make_sample(ada, project, "C-300")
    make_process(
        ada,
        project,
        "sintering",
        inputs=["C-25"],
        outputs=["C-300"],
        started_at="2026-03-05",
    )

    text = client.get("/labels/", {"id": made.uuid}).content.decode()

    assert "(CsPbI<sub>3</sub>)<sub>0.25</sub>" in text
    assert "2026-03-05 ada" in text


def test_what_is_left_out_is_not_printed(client, sample):
    response = client.post("/labels/", CHOSEN | {"id": sample.uuid, "shown": ["date"]})

    text = response.content.decode()
    assert '<p class="composition">' not in text
    assert f"{sample.created_at:%Y-%m-%d}</p>" in text


def test_the_format_is_remembered(client, ada, sample):
    client.post("/labels/", CHOSEN | {"id": sample.uuid, "format": "62x29"})

    again = client.get("/labels/", {"id": sample.uuid})

    assert preference(ada, "labels.format") == {"format": "62x29", "shown": []}
    assert "css/paper/62x29.css" in again.content.decode()


def test_a_half_used_sheet_leaves_its_used_places_empty(client, sample):
    response = client.post(
        "/labels/", CHOSEN | {"id": sample.uuid, "start": "4", "copies": "2"}
    )

    text = response.content.decode()
    assert text.count('class="label used"') == 3
    assert len(addresses(response)) == 2


def test_a_place_the_sheet_does_not_have_is_told_at_the_field(client, sample):
    response = client.post("/labels/", CHOSEN | {"id": sample.uuid, "start": "66"})

    assert "A sheet has 65 places, not 66." in response.context["form"].errors["start"]


def test_a_single_label_begins_at_the_beginning(client, sample):
    response = client.post(
        "/labels/", CHOSEN | {"id": sample.uuid, "format": "25x25", "start": "66"}
    )

    assert len(addresses(response)) == 1


def test_choices_redraw_the_sheets_alone(client, sample):
    response = client.post(
        "/labels/", CHOSEN | {"id": sample.uuid}, headers={"HX-Request": "true"}
    )

    assert response.content.decode().strip().startswith('<div id="sheets">')


def test_an_address_phones_cannot_reach_is_warned_of(client, sample):
    text = client.get("/labels/", {"id": sample.uuid}, headers={"host": "localhost"})

    assert "Phones cannot reach" in text.content.decode()


@override_settings(LABDATA_PUBLIC_URL="https://lab.uni.edu")
def test_codes_lead_to_the_public_address_where_there_is_one(client, sample):
    response = client.get("/labels/", {"id": sample.uuid})

    assert addresses(response)[0].startswith("HTTPS://LAB.UNI.EDU/S/")
    assert "Phones cannot reach" not in response.content.decode()


def test_five_hundred_labels_take_as_many_queries_as_one(
    client, ada, project, sample, django_assert_max_num_queries
):
    rows = [
        Sample(project=project, code=f"M-{n}", kind="film", owner=ada)
        for n in range(500)
    ]
    Sample.objects.bulk_create(rows)

    with django_assert_max_num_queries(14):
        response = client.post("/labels/", {"id": [one.uuid for one in rows]})

    assert len(addresses(response)) == 500


@pytest.mark.parametrize("path", ["/S/{}", "/s/{}/"])
def test_a_scanned_label_leads_to_its_sample(client, sample, path):
    response = client.get(path.format(short_of(sample.uuid)))

    assert response.url == sample.get_absolute_url()


def test_whoever_scans_signs_in_first_and_then_sees_the_sample(client, sample):
    client.logout()
    address = f"/S/{short_of(sample.uuid)}"

    asked = client.get(address)
    signed_in = client.post(
        asked.url, {"username": "ada", "password": "secret-phrase", "next": address}
    )

    assert signed_in.url == address


def test_a_label_of_another_project_leads_nowhere(client, sample):
    client.force_login(make_user("stranger"))

    assert client.get(f"/S/{short_of(sample.uuid)}").status_code == 404


def test_a_label_that_is_none_leads_nowhere(client, ada):
    assert client.get("/S/HELLO").status_code == 404
