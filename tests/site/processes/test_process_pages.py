"""Logging and changing processes, with programmes typed in tables."""

import pytest

from samples.models import Process
from tests.samples.factories import make_process, make_sample


def typed(**changes):
    return {
        "project": "glasses",
        "kind": "sintering",
        "state": "done",
        "name": "",
        "outputs": "C-25",
        "started_at": "2026-03",
        "operator": "Ada",
        "batch": "",
        "notes": "",
        "inputs-total": "1",
        "inputs-0-what": "sample",
        "inputs-0-code": "M-25",
        "inputs-0-amount": "",
        "inputs-0-unit": "",
        "program-total": "3",
        "program-0-start_temperature": "298.15 K",
        "program-0-end_temperature": "300",
        "program-0-ramp": "20",
        "program-0-dwell": "0.5 h",
        "program-0-atmosphere": "nitrogen",
        "program-2-start_temperature": "300",
        "program-2-end_temperature": "25",
        "program-2-cooling": "quench",
        "parameters-total": "2",
        "parameters-0-name": "duration",
        "parameters-0-value": "1 h",
        "parameters-1-name": "shots",
        "parameters-1-value": "12",
    } | changes


@pytest.fixture
def mixture(ada, project, sample):
    return make_sample(ada, project, "M-25", kind="mixture")


def cells(response, table):
    return {
        cell.name: cell.errors
        for row in response.context["form"].__dict__[table].rows
        for cell in row
        if cell.errors
    }


def test_a_sintering_is_logged_in_the_units_it_was_typed_in(client, mixture, sample):
    response = client.post("/processes/new/", typed())

    made = Process.objects.get()
    assert response.url == made.get_absolute_url()
    first, last = made.program.all()
    assert (first.start_temperature, first.dwell) == (pytest.approx(25), 30)
    assert first.atmosphere == "N2"
    assert last.cooling == "quench"
    assert made.parameters == {"duration": 60.0, "shots": 12.0}
    assert made.outputs.get().sample == sample
    assert made.started_precision == "month"


def test_a_negative_ramp_is_refused_at_its_cell_with_its_number(client, mixture):
    response = client.post("/processes/new/", typed(**{"program-0-ramp": "-20"}))

    (message,) = cells(response, "program")["program-0-ramp"]
    assert "-20 °C/min is negative" in message
    assert "Nothing was saved" in response.content.decode()


def test_errors_find_their_row_past_the_rows_left_empty(client, mixture):
    response = client.post(
        "/processes/new/", typed(**{"program-2-end_temperature": "hot"})
    )

    assert list(cells(response, "program")) == ["program-2-end_temperature"]


def test_what_was_typed_into_tables_stays(client, mixture):
    response = client.post("/processes/new/", typed(kind=""))

    text = response.content.decode()
    assert 'value="298.15 K"' in text
    assert 'value="0.5 h"' in text


def test_a_wrong_condition_is_marked_in_its_row(client, mixture):
    response = client.post("/processes/new/", typed(**{"parameters-0-value": "long"}))

    assert list(cells(response, "parameters")) == ["parameters-0-value"]


def test_an_unknown_sample_is_named(client, mixture):
    response = client.post("/processes/new/", typed(outputs="X-99"))

    assert response.context["form"].errors["outputs"] == ["There is no sample 'X-99'."]


def test_a_sample_changed_in_place_keeps_its_code(client, sample):
    client.post(
        "/processes/new/",
        typed(kind="ageing", outputs="", in_place="on", **{"inputs-0-code": "C-25"}),
    )

    made = Process.objects.get()
    assert made.in_place
    assert "after <a" in client.get(sample.get_absolute_url()).content.decode()


def test_editing_shows_what_is_there_and_saves_what_is_changed(
    client, ada, project, mixture, sample
):
    process = make_process(
        ada,
        project,
        inputs=[{"sample": "M-25", "amount": 50, "unit": "mg"}],
        outputs=["C-25"],
        program=[{"start_temperature": 25, "end_temperature": 300}],
        parameters={"speed": {"value": 5, "unit": "rpm"}},
    )
    form = client.get(f"/processes/{process.uuid}/edit/").context["form"]
    data = {k: v for k, v in form.initial.items() if v not in (None, False)}
    for table in (form.inputs, form.program, form.parameters):
        data[table.total_name] = len(table.rows)
        data |= {cell.name: cell.value for row in table.rows for cell in row}

    response = client.post(
        f"/processes/{process.uuid}/edit/", data | {"notes": "twice"}
    )

    assert response.status_code == 302
    process.refresh_from_db()
    assert process.notes == "twice"
    assert process.parameters == {"speed": 5.0}
    assert process.inputs.get().amount == 50


def test_a_stale_edit_of_a_process_is_kept_and_told(client, ada, project, sample):
    process = make_process(
        ada, project, "ageing", inputs=["C-25"], outputs=["C-25"], notes="first"
    )
    data = typed(kind="ageing", outputs="", in_place="on", version=0)

    response = client.post(f"/processes/{process.uuid}/edit/", data)

    assert response.status_code == 409
    assert "changed after you opened" in response.content.decode()
    process.refresh_from_db()
    assert process.notes == "first"


def test_the_page_tells_what_an_edit_did_to_the_programme(
    client, ada, project, mixture, sample
):
    client.post("/processes/new/", typed())
    made = Process.objects.get()

    client.post(
        f"/processes/{made.uuid}/edit/",
        typed(version=made.version, **{"program-0-ramp": "10"}),
    )
    page = client.get(made.get_absolute_url()).content.decode()

    assert "25 → 300 °C, 20 °C/min, 30 min, N2" in page
    assert "25 → 300 °C, 10 °C/min, 30 min, N2" in page
