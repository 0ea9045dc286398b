"""Values by API: typed, listed, judged."""

import json

import pytest

from analysis.models import PropertyValue
from labdata.common.people.access import Role
from tests.analysis.conftest import client_of, done_run, make_measurement
from tests.samples import factories

pytestmark = pytest.mark.django_db
PROPERTIES = "/api/v1/properties/"
VALUE = {"sample": "S-1", "quantity": "pl.fwhm", "label": "I", "value": 46.24}


def post(client, body):
    return client.post(PROPERTIES, json.dumps(body), content_type="application/json")


def test_a_reported_value_is_recorded_with_its_reference(client, sample):
    reference = {"doi": "10.1126/science.abf4460", "locator": "Fig. S14"}

    answer = post(
        client,
        VALUE | {"value": "46.24(39)", "origin": "reported", "reference": reference},
    )

    assert answer.status_code == 201
    told = answer.json()
    assert (told["value"], told["uncertainty"]) == (46.24, pytest.approx(0.39))
    assert (told["origin"], told["reference"]) == ("reported", reference)
    assert (told["unit"], told["bound"], told["run"]) == ("nm", "=", None)
    assert (told["current"], told["accepted"], told["state"]) == (
        True,
        False,
        "as made",
    )
    assert client.get(answer["Location"]).json() == told


def test_a_list_is_recorded_whole_or_not_at_all(client, sample):
    good = post(client, [VALUE, VALUE | {"label": "II"}])
    bad = post(client, [VALUE, VALUE | {"value": "abc"}, VALUE | {"sample": "S-9"}])

    assert (good.status_code, len(good.json())) == (201, 2)
    assert bad.status_code == 400
    assert set(bad.json()["errors"]) == {"1", "2"}
    assert PropertyValue.objects.count() == 2


def test_an_empty_list_is_refused(client, sample):
    assert post(client, []).status_code == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sample": "S-9"}, "sample"),
        ({"quantity": "pl.colour"}, "quantity"),
        ({"value": "abc"}, "value"),
        ({"value": {"a": 1}}, "value"),
        ({"value": None}, "value"),
        ({"unit": "eV"}, "unit"),
        ({"bound": "?"}, "bound"),
        ({"origin": "computed"}, "origin"),
        ({"uncertainty": "many"}, "uncertainty"),
        ({"reference": [1]}, "reference"),
        ({"reference": {"doi": "10.1000/\x00"}}, "reference"),
        ({"reference": {"locator": "\ud800"}}, "reference"),
        ({"reference": {"page": "7"}}, "reference"),
        ({"label": "\x00"}, "label"),
        ({"state": 5}, "state"),
        ({"note": "x" * 401}, "note"),
        ({"colour": "red"}, "colour"),
        ({"project": "nowhere"}, "project"),
    ],
)
def test_a_wrong_field_is_told(client, sample, change, field):
    answer = post(client, VALUE | change)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_numbers_json_does_not_have_are_refused(client, sample):
    for word in ("NaN", "Infinity", "1e999"):
        body = '{"sample": "S-1", "quantity": "pl.fwhm", "label": "I", "value": %s}'

        answer = client.post(PROPERTIES, body % word, content_type="application/json")

        assert answer.status_code == 400


def test_computed_values_are_told_with_run_and_standing(client, user, sample):
    run = done_run(user, make_measurement(user, sample))

    told = client.get(f"{PROPERTIES}?sample=S-1&quantity=pl.peak_wavelength").json()

    assert told["count"] == 2
    by_label = {row["label"]: row for row in told["results"]}
    assert by_label["I"]["run"] == str(run.uuid)
    assert by_label["I"]["uncertainty"] == 0.1
    assert by_label["I"]["current"] is True


def test_a_rejected_value_is_not_current(client, user, sample):
    run = done_run(user, make_measurement(user, sample))
    value = run.values.get(label="II")
    body = {"verdict": "rejected", "reason": "unresolved shoulder"}

    answer = client.post(f"{PROPERTIES}{value.uuid}/decide/", body, format="json")

    assert (answer.status_code, answer.json()["current"]) == (200, False)
    assert client.get(f"{PROPERTIES}?current=true").json()["count"] == 2
    assert client.get(f"{PROPERTIES}?current=false").json()["count"] == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 4),
        ("quantity=pl.r_squared", 1),
        ("quantity=pl", 4),
        ("label=I", 2),
        ("origin=reported", 1),
        ("origin=computed", 3),
        ("project=glasses", 4),
        ("project=other", 0),
        ("accepted=true", 0),
        ("sample=nobody", 0),
        ("ordering=value", 4),
    ],
)
def test_values_are_filtered(client, user, sample, query, count):
    done_run(user, make_measurement(user, sample))
    post(client, VALUE | {"origin": "reported"})

    assert client.get(f"{PROPERTIES}?{query}").json()["count"] == count


def test_values_of_other_projects_are_not_there(client, sample):
    value = post(client, VALUE).json()
    stranger = client_of(factories.make_user("eve"))

    told = post(stranger, VALUE)

    assert stranger.get(PROPERTIES).json()["count"] == 0
    assert stranger.get(f"{PROPERTIES}{value['id']}/").status_code == 404
    assert told.json()["errors"] == {"sample": ["There is no sample 'S-1'."]}


def test_a_viewer_may_not_record(user, project, sample):
    viewer = factories.make_user("grace")
    factories.add_member(project, viewer, Role.VIEWER)

    assert post(client_of(viewer), VALUE).status_code == 403


def test_values_are_never_edited(client, sample):
    value = post(client, VALUE).json()
    address = f"{PROPERTIES}{value['id']}/"

    assert client.patch(address, {"value": 1}, format="json").status_code == 405
    assert client.delete(address).status_code == 405


def test_lists_ask_the_database_alike_however_long_they_are(
    client, user, sample, django_assert_max_num_queries
):
    run = done_run(user, make_measurement(user, sample))
    counts = {}
    for rows in (10, 1000):
        template = run.values.first()
        there = PropertyValue.objects.count()
        PropertyValue.objects.bulk_create(
            PropertyValue(
                project=template.project,
                sample=template.sample,
                subject=template.subject,
                quantity="pl.fwhm",
                label=str(number),
                value=1.0,
                origin="manual",
            )
            for number in range(there, rows)
        )
        for address in (PROPERTIES, f"{PROPERTIES}?current=true", "/api/v1/runs/"):
            client.get(address)
            with django_assert_max_num_queries(12) as captured:
                answer = client.get(
                    f"{address}{'&' if '?' in address else '?'}page_size=200"
                )
            assert answer.status_code == 200
            counts.setdefault(address, []).append(len(captured))
    assert all(first == second for first, second in counts.values())
