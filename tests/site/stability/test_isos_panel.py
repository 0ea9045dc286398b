"""The ISOS verdict on the page of an ageing test, and the same by API."""

import io

import pytest

import measurements.services
from labdata.common.jobs.runner import execute_queued
from tests.samples.factories import make_user
from tests.site.devices.test_device_results import make_device, upload
from tests.site.worlds.sweeps import sweeps_json, track_text


@pytest.fixture
def device(ada, project):
    return make_device(ada, project, "D-1", "A")


def ageing(user, device, **conditions):
    row = measurements.services.create_measurement(
        user=user,
        sample=device,
        technique="mpp_tracking",
        files=[("track.csv", io.BytesIO(track_text(50, 60)))],
        conditions=conditions,
        analyse=False,
    )
    execute_queued()
    row.refresh_from_db()
    return row


def outcomes(told):
    return {one["name"]: one["outcome"] for one in told["clauses"]}


def test_an_ultraviolet_lamp_fails_the_claimed_protocol(client, ada, device):
    row = ageing(ada, device, isos_protocol="ISOS-L-2", light_source="UV LED")

    told = client.get(f"/api/v1/measurements/{row.uuid}/isos/").json()
    page = client.get(row.get_absolute_url())

    assert told["claimed"] == "ISOS-L-2"
    assert told["verdict"]["outcome"] == "fails"
    assert outcomes(told["verdict"]) == {
        "light": "fails",
        "temperature": "undecidable",
        "humidity": "undecidable",
        "load": "undecidable",
    }
    assert page.context["isos"]["verdict"] == told["verdict"]
    text = page.content.decode()
    assert told["verdict"]["rules_version"] in text
    assert "doi:10.1038/s41560-019-0529-5" in text
    for clause in told["verdict"]["clauses"]:
        assert clause["required"] in text


@pytest.mark.parametrize("written", ["isos‑d–2", "ISOS D2", "d-2"])
def test_codes_are_understood_as_people_write_them(client, ada, device, written):
    row = ageing(
        ada, device, isos_protocol=written, temperature=85, light_source="dark"
    )

    told = client.get(f"/api/v1/measurements/{row.uuid}/isos/").json()

    assert told["verdict"]["protocol"] == "ISOS-D-2"
    assert outcomes(told["verdict"])["temperature"] == "conforms"
    assert told["verdict"]["outcome"] == "undecidable"


def test_another_protocol_may_be_checked(client, ada, device):
    row = ageing(ada, device, temperature=85, light_source="dark", load="open_circuit")

    nothing = client.get(f"/api/v1/measurements/{row.uuid}/isos/").json()
    asked = client.get(f"/api/v1/measurements/{row.uuid}/isos/?protocol=L-1").json()
    page = client.get(f"{row.get_absolute_url()}?protocol=L-1")

    assert (nothing["claimed"], nothing["verdict"]) == (None, None)
    assert "ISOS-D-2" in nothing["fitting"]
    assert asked["verdict"]["outcome"] == "fails"
    assert page.context["isos"]["verdict"]["protocol"] == "ISOS-L-1"
    assert "which it does not claim" in page.content.decode()


def test_the_verdict_follows_the_conditions(client, ada, device):
    row = ageing(ada, device, isos_protocol="D-1", light_source="dark")
    address = f"/api/v1/measurements/{row.uuid}/isos/"
    before = outcomes(client.get(address).json()["verdict"])["temperature"]

    measurements.services.update_measurement(
        user=ada,
        measurement=row,
        conditions={"isos_protocol": "D-1", "light_source": "dark", "temperature": 40},
    )

    assert before == "undecidable"
    after = outcomes(client.get(address).json()["verdict"])["temperature"]
    assert after == "fails"


def test_what_is_no_protocol_is_said(client, ada, device):
    row = ageing(ada, device, isos_protocol="L-1")

    answer = client.get(f"/api/v1/measurements/{row.uuid}/isos/?protocol=L-9")
    page = client.get(f"{row.get_absolute_url()}?protocol=L-9")

    assert answer.status_code == 400
    assert "L-9" in answer.json()["errors"]["protocol"][0]
    assert "is no ISOS protocol" in page.context["isos"]["problem"]
    assert "is no ISOS protocol" in page.content.decode()


def test_a_curve_is_no_ageing_test(client, ada, device):
    row = upload(ada, device, sweeps_json("A"))

    answer = client.get(f"/api/v1/measurements/{row.uuid}/isos/")
    page = client.get(row.get_absolute_url())

    assert answer.status_code == 400
    assert page.context["isos"] is None


def test_others_are_told_nothing(client, ada, device):
    row = ageing(ada, device, isos_protocol="L-1")
    client.force_login(make_user("eve"))

    assert client.get(f"/api/v1/measurements/{row.uuid}/isos/").status_code == 404
