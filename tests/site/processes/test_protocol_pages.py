"""Protocols: written down, followed, deviated from, put away."""

import pytest

from samples import services
from samples.models import Process, Protocol, Sample
from tests.samples.factories import make_process, make_sample

PROGRAM = [{"start_temperature": 25, "end_temperature": 300, "ramp": 20, "dwell": 30}]


@pytest.fixture
def protocol(ada, project):
    return services.create_protocol(
        user=ada,
        project=project,
        name="Sintering at 300",
        kind="sintering",
        program=PROGRAM,
        parameters={"duration": 60},
        state="planned",
    )


def typed(**changes):
    return {
        "project": "glasses",
        "name": "Standard",
        "kind": "sintering",
        "state": "done",
        "program-total": "1",
        "program-0-end_temperature": "573.15 K",
        "parameters-total": "1",
        "parameters-0-name": "duration",
        "parameters-0-value": "1 h",
    } | changes


def test_a_protocol_is_written_in_any_unit(client, project):
    response = client.post("/protocols/new/", typed())

    made = Protocol.objects.get()
    assert response.url == made.get_absolute_url()
    assert made.program[0]["end_temperature"] == 300
    assert made.parameters == {"duration": 60.0}


def test_a_wrong_protocol_keeps_what_was_typed(client, protocol):
    response = client.post(
        "/protocols/new/",
        typed(name="Sintering at 300", **{"program-0-ramp": "-5"}),
    )

    text = response.content.decode()
    assert "There is a protocol" in text
    assert "-5 °C/min is negative" in text
    assert Protocol.objects.count() == 1


def test_choosing_a_protocol_fills_the_form_in(client, protocol):
    response = client.get(
        "/protocols/fill/",
        {
            "prefix": "made",
            "name": "made-protocol",
            "made-protocol": str(protocol.uuid),
        },
    )

    text = response.content.decode()
    assert 'name="program-0-end_temperature"' in text
    assert 'value="300"' in text
    assert 'value="60 min"' in text
    assert '<option value="sintering" selected>' in text
    assert '<option value="planned" selected>' in text
    assert text.count("hx-swap-oob") == 3


def test_choosing_none_leaves_the_form_as_it_is(client, ada):
    response = client.get("/protocols/fill/", {"prefix": "made", "made-protocol": ""})

    assert response["HX-Reswap"] == "none"


def test_a_sample_logged_by_a_protocol_says_which_version(client, protocol):
    form = client.get(f"/samples/new/?protocol={protocol.uuid}").context["form"]
    assert form.making["state"].value() == "planned"

    client.post(
        "/samples/new/",
        {
            "project": "glasses",
            "code": "C-1",
            "kind": "composite",
            "made-kind": "sintering",
            "made-protocol": str(protocol.uuid),
            "program-total": "1",
            "program-0-start_temperature": "25",
            "program-0-end_temperature": "320",
            "program-0-ramp": "20",
            "program-0-dwell": "30",
        },
    )

    process = Sample.objects.get(code="C-1").made_by.process
    page = client.get(process.get_absolute_url()).content.decode()
    assert process.protocol_version == 1
    assert "2 deviations" in page
    assert "step 1, to" in page


def test_the_page_of_a_protocol_tells_who_followed_it(client, ada, project, protocol):
    make_sample(ada, project, "C-1")
    make_process(ada, project, outputs=["C-1"], protocol=protocol.name)
    services.update_protocol(user=ada, protocol=protocol, notes="Gloves.")

    text = client.get(protocol.get_absolute_url()).content.decode()

    assert "1 process" in text
    assert "C-1" in text
    assert "(older)" in text
    assert "<svg" in text


def test_a_process_is_saved_as_a_protocol(client, ada, project):
    make_sample(ada, project, "C-1")
    process = make_process(ada, project, outputs=["C-1"], program=PROGRAM)

    form = client.get(f"/protocols/new/?process={process.uuid}").context["form"]

    assert form["kind"].value() == "sintering"
    assert form.program.values()[0]["dwell"] == "30"


def test_an_edit_somebody_overtook_is_shown_and_saved_only_on_purpose(
    client, ada, protocol
):
    services.update_protocol(user=ada, protocol=protocol, notes="Gloves.")

    stale = client.post(
        f"/protocols/{protocol.uuid}/edit/", typed(version="1", notes="Mine")
    )
    assert stale.status_code == 409
    assert "Gloves." in stale.content.decode()
    protocol.refresh_from_db()
    assert protocol.notes == "Gloves."

    client.post(f"/protocols/{protocol.uuid}/edit/", typed(version="2", notes="Mine"))

    protocol.refresh_from_db()
    assert (protocol.notes, protocol.version) == ("Mine", 3)


def test_a_protocol_put_away_leaves_the_list_and_the_choices(client, ada, protocol):
    client.post(f"/protocols/{protocol.uuid}/archive/", {"archived": "yes"})

    assert list(client.get("/protocols/").context["page"]) == []
    assert protocol.name not in client.get("/samples/new/").content.decode()
    assert Process.objects.count() == 0


def test_the_history_of_a_protocol_is_readable(client, ada, protocol):
    services.update_protocol(
        user=ada, protocol=protocol, program=[{"end_temperature": 350}]
    )

    text = client.get(protocol.get_absolute_url()).content.decode()

    assert "end temperature 350" in text
