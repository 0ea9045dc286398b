"""The lab's pages show what its package declares: map, flag, quantity, no more."""

import json
from html import unescape
from io import BytesIO

import pytest
from lab_maps.scope_text import sample as map_file

import measurements.services
from labdata.common.jobs.runner import execute_queued
from tests.samples import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    user = factories.make_user()
    client.force_login(user)
    return user


@pytest.fixture
def measurement(user):
    """A map that was uploaded, read and analysed by itself."""
    row = measurements.services.create_measurement(
        user=user,
        sample=factories.make_sample(user, factories.make_project(user)),
        technique="photocurrent_map",
        files=[("spot.map", BytesIO(map_file()))],
    )
    execute_queued()
    row.refresh_from_db()
    assert row.state == "ready", row.message
    return row


def test_the_measurement_is_drawn_as_its_technique_says(client, measurement):
    text = unescape(client.get(measurement.get_absolute_url()).content.decode())

    told = {"x": "x", "y": "y", "kind": "map", "value": "photocurrent"}
    assert f'data-figure="{json.dumps(told)}"' in text


def test_the_run_shows_its_map_and_nothing_of_curves(client, measurement):
    run = measurement.runs.get()

    text = client.get(run.get_absolute_url()).content.decode()
    (panel,) = client.get(f"/runs/{run.uuid}/curves/").json()["panels"]

    assert 'data-drawing="map"' in text
    assert "Photocurrent over its median" in text
    assert panel["value"]["label"] == "Photocurrent over median"
    image = panel["image"]
    assert (len(image["down"]), len(image["across"])) == (3, 4)
    assert [len(row) for row in image["values"]] == [4, 4, 4]
    assert panel["curves"] == []
    for words in ("Add a peak", "Weights", "How good the fit is", "data-adjust"):
        assert words not in text


def test_its_flag_and_its_table_are_told_in_its_words(client, measurement):
    run = measurement.runs.get()

    text = client.get(run.get_absolute_url()).content.decode()

    assert "few spots" in text
    assert "A map of fewer than 100 spots tells a share only roughly." in text
    assert "few_spots" not in text
    assert "Rows with dark spots" in text
    assert "below 0.5 of the median" in text
    assert "1 of 12 spots are dark." in text


def test_it_is_named_among_techniques_and_plugins(client, user):
    techniques = client.get("/techniques/").content.decode()
    status = client.get("/status/").content.decode()

    assert "Photocurrent map" in techniques
    assert "lab_maps" in status
    assert "lab-maps 1.2.0" in status


def test_its_quantity_is_asked_on_the_page_of_relations(client, measurement):
    page = client.get(
        "/explore/",
        {
            "x": "measurement.photocurrent_map.laser_wavelength",
            "y": "photocurrent.dark_share",
        },
    )

    assert page.status_code == 200
    assert "Share of dark spots" in page.content.decode()
