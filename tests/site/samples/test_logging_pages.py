"""Logging a sample with how it was made, and what the form says while one types."""

import html
import json
import re

import pytest
from django.utils import timezone

from labdata.common.people import drafts
from samples.models import Process, Sample
from tests.samples.factories import make_process, make_project, make_sample

BLEND = "(CsPbI3)0.25(agZIF-62)0.75"
PROGRAM = [
    {
        "start_temperature": 25,
        "end_temperature": 300,
        "ramp": 20,
        "dwell": 30,
        "atmosphere": "N2",
    }
]


def typed(**changes):
    return {
        "project": "glasses",
        "code": "C-26",
        "kind": "composite",
        "composition": "(CsPbI3)0.26(agZIF-62)0.74",
        "made-kind": "sintering",
        "made-state": "done",
        "made-started_at": "2026-03-05",
        "made-operator": "ada",
        "inputs-total": "1",
        "inputs-0-code": "M-25",
        "inputs-0-amount": "25 mg",
        "program-total": "1",
        "program-0-start_temperature": "298.15 K",
        "program-0-end_temperature": "573 K",
        "program-0-ramp": "20",
        "program-0-dwell": "0.5 h",
        "parameters-total": "1",
        "parameters-0-name": "speed",
        "parameters-0-value": "4000 rpm",
    } | changes


@pytest.fixture
def made(ada, project, sample):
    """A sample of the fixture's kind, made by sintering a mixture."""
    make_sample(ada, project, "M-25", kind="mixture", composition=BLEND)
    return make_process(
        ada,
        project,
        inputs=[{"sample": "M-25", "amount": "25 mg"}],
        outputs=["C-25"],
        program=PROGRAM,
        parameters={"speed": 300},
        operator="grace",
    )


def errors_in(response):
    """The messages at the cells and fields of the part that tells the making."""
    form = response.context["form"]
    cells = {
        cell.name: cell.errors
        for table in form.making.tables()
        for row in table.rows
        for cell in row
        if cell.errors
    }
    return {**form.sample.errors, **form.making.errors, **cells}


def test_a_sample_and_its_sintering_are_saved_by_one_form(client, made):
    drafts.save_draft(user=made.created_by, key="sample-new", data={"fields": []})

    response = client.post("/samples/new/", typed())

    row = Sample.objects.get(code="C-26")
    process = row.made_by.process
    segment = process.program.get()
    assert response.url == row.get_absolute_url()
    assert process.inputs.get().sample.code == "M-25"
    assert (segment.end_temperature, segment.dwell) == (299.85, 30)
    assert process.parameters == {"speed": 4000.0}
    assert process.started_precision == "day"
    assert not drafts.Draft.objects.exists()


def test_everything_wrong_is_told_at_its_place_and_what_was_typed_stays(client, made):
    response = client.post(
        "/samples/new/",
        typed(
            code="C-25",
            composition="(CsPbI3)0.65(agZIF-62)0.65",
            **{
                "made-started_at": "soon",
                "inputs-0-code": "NOWHERE",
                "program-0-ramp": "-20",
                "parameters-0-name": "duration",
                "parameters-0-value": "5 nm",
            },
        ),
    )

    told = errors_in(response)
    assert "already" in told["code"][0]
    assert "1.30" in told["composition"][0]
    assert "is not a date" in told["started_at"][0]
    assert "NOWHERE" in told["inputs-0-code"][0]
    assert "-20 °C/min is negative" in told["program-0-ramp"][0]
    assert "length" in told["parameters-0-value"][0]
    text = response.content.decode()
    assert "Nothing was saved" in text
    assert 'value="soon"' in text
    assert not Sample.objects.filter(code="C-26").exists()


def test_a_programme_without_a_kind_of_process_asks_for_it(client, made):
    response = client.post("/samples/new/", typed(**{"made-kind": ""}))

    assert "Say which kind of act" in errors_in(response)["kind"][0]


def test_a_sample_without_a_making_needs_none(client, project):
    client.post(
        "/samples/new/", {"project": "glasses", "code": "C-1", "kind": "powder"}
    )

    assert Sample.objects.get(code="C-1")
    assert not Process.objects.exists()


def test_the_form_begins_as_the_last_similar_sample_and_says_so(client, made):
    response = client.get("/samples/new/?kind=composite")

    form, text = response.context["form"], response.content.decode()
    assert form.sample["code"].value() == "C-26"
    assert form.sample["kind"].value() == "composite"
    assert form.making["kind"].value() == "sintering"
    assert form.making["operator"].value() == "ada"
    assert form.making.program.values()[0]["end_temperature"] == "300"
    assert form.making.parameters.values() == [{"name": "speed", "value": "300 rpm"}]
    assert "the next free one after C-25" in text
    assert re.search(r"As in <a[^>]*>C-25</a>.*programme", text)


def test_a_blank_form_is_one_click_away(client, made):
    response = client.get("/samples/new/?blank=1")

    form = response.context["form"]
    assert not form.sample["code"].value()
    assert form.making.program.values() == []
    assert "As in" not in response.content.decode()


def test_ones_own_last_sample_comes_before_a_newer_one_of_others(
    client, made, grace, project
):
    make_sample(grace, project, "G-7", kind="film")

    form = client.get("/samples/new/").context["form"]

    assert form.sample["code"].value() == "M-26"
    assert form.sample["kind"].value() == "mixture"


def test_what_goes_into_everything_is_offered_again(client, ada, project, made):
    make_sample(ada, project, "C-40", kind="composite", composition="CsPbI3")
    make_process(ada, project, inputs=["M-25"], outputs=["C-40"])

    form = client.get("/samples/new/?kind=composite").context["form"]

    assert [row["code"] for row in form.making.inputs.values()] == ["M-25"]


def test_an_input_of_one_composition_only_is_not_offered(client, made):
    form = client.get("/samples/new/?kind=composite").context["form"]

    assert form.making.inputs.values() == []


def test_a_variation_has_everything_of_its_original(client, sample, made):
    response = client.get(f"/samples/new/?from={sample.uuid}")

    form = response.context["form"]
    assert form.sample["composition"].value() == BLEND
    assert form.sample["code"].value() == "C-26"
    assert form.making.inputs.values() == [{"code": "M-25", "amount": "25 mg"}]
    assert "varies" in response.content.decode()


def test_a_saved_variation_says_what_differs_and_offers_to_compare(
    client, sample, made
):
    response = client.post(
        "/samples/new/", typed(**{"from": str(sample.uuid)}), follow=True
    )

    new = Sample.objects.get(code="C-26")
    text = response.content.decode()
    assert "a variation of C-25" in text
    assert "differs in composition" in text
    assert f"compare/?id={sample.uuid}&amp;id={new.uuid}" in text


def test_another_ones_sample_is_no_original(client, ada, project):
    outsider = make_project(ada, "elsewhere").memberships.get().user
    hidden = make_sample(outsider, make_project(outsider, "hidden"), "H-1")
    hidden.project.memberships.all().delete()

    assert client.get(f"/samples/new/?from={hidden.uuid}").status_code == 404
    assert client.get("/samples/new/?from=nonsense").status_code == 404


def understood(client, **changes):
    return client.post("/processes/understood/", typed(**changes)).content.decode()


def reading(text, name):
    (found,) = re.findall(rf'id="read_{name}"[^>]*>([^<]*)<', text)
    return found


def test_units_are_converted_beside_their_cells(client, made):
    text = understood(client, **{"program-0-pressure": "1 atm"})

    assert reading(text, "program-0-end_temperature") == "= 299.85 °C"
    assert reading(text, "program-0-dwell") == "= 30 min"
    assert reading(text, "program-0-pressure") == "= 101325 Pa"
    assert reading(text, "program-0-ramp") == ""
    assert reading(text, "made-started_at") == "Thursday 5 March 2026, to the day"
    assert "43.7 min in total" in text
    assert "<svg" in text


def test_what_is_wrong_is_told_at_the_cell_while_one_types(client, made):
    text = understood(
        client,
        **{"program-0-ramp": "20 nm", "inputs-0-code": "M-99", "inputs-0-amount": "-1"},
    )

    assert "measures length" in reading(text, "program-0-ramp")
    assert "There is no sample or lot" in reading(text, "inputs-0-code")
    assert "positive" in reading(text, "inputs-0-amount")
    assert "1 cell to mend" in text


def test_an_input_is_recognised_with_its_composition(client, made):
    text = understood(client)

    assert "mixture, (CsPbI<sub>3</sub>)<sub>0.25</sub>" in text


def test_amounts_of_known_things_propose_the_composition(client, ada, project, made):
    make_sample(ada, project, "P-1", kind="powder", composition="CsPbI3")

    text = understood(
        client,
        **{
            "inputs-total": "2",
            "inputs-1-code": "P-1",
            "inputs-1-amount": "0.025 g",
        },
    )

    assert "From the amounts that went in" in text
    assert 'value="(CsPbI3)0.625(agZIF-62)0.375"' in text


def test_fractions_are_summed_and_unknown_materials_offered(client, sample):
    response = client.get(
        "/samples/composition/",
        {"composition": "(CsPbI3)0.5(glassium)0.5", "create_materials": "on"},
    )

    text = response.content.decode()
    assert "= 100 %" in text
    assert "glassium" in text
    assert "checked" in text


def planned(ada, project, **values):
    return make_process(
        ada, project, inputs=["M-25"], outputs=["M-25"], state="planned", **values
    )


def test_a_planned_act_is_done_with_one_tap_and_undone_with_another(
    client, ada, project, made
):
    act = planned(ada, project)
    address = f"/processes/{act.uuid}/done/"
    assert 'action="' + address in client.get(act.get_absolute_url()).content.decode()

    response = client.post(address, follow=True)

    act.refresh_from_db()
    assert act.state == "done"
    assert abs((timezone.now() - act.started_at).total_seconds()) < 120
    assert f'hx-post="{address}"' in response.content.decode()

    client.post(address, {"undo": "yes"})

    act.refresh_from_db()
    assert (act.state, act.started_at) == ("planned", None)


def test_a_sample_that_is_only_planned_says_so_and_is_made_with_one_tap(
    client, ada, project, made
):
    row = make_sample(ada, project, "C-30")
    act = make_process(ada, project, inputs=["M-25"], outputs=["C-30"], state="planned")

    text = client.get(row.get_absolute_url()).content.decode()

    assert "planned, not made yet" in text
    assert f'action="/processes/{act.uuid}/done/"' in text
    assert f'name="next" value="{row.get_absolute_url()}"' in text


def test_done_comes_back_to_where_it_was_pressed_and_nowhere_else(
    client, ada, project, made, sample
):
    first, second = planned(ada, project), planned(ada, project)
    home = sample.get_absolute_url()

    here = client.post(f"/processes/{first.uuid}/done/", {"next": home})
    away = client.post(
        f"/processes/{second.uuid}/done/", {"next": "https://evil.example/"}
    )

    assert here.url == home
    shown = client.get(home).content.decode()
    undo = re.search(r'hx-vals="({&quot;undo.*?)"', shown).group(1)
    assert json.loads(html.unescape(undo)) == {"undo": "yes", "next": home}
    assert away.url == second.get_absolute_url()


def test_a_viewer_marks_nothing_done(client, ada, project, made, viewer):
    act = planned(ada, project)
    client.force_login(viewer)

    response = client.post(f"/processes/{act.uuid}/done/")

    act.refresh_from_db()
    assert response.status_code == 403
    assert act.state == "planned"


def test_processes_are_listed_with_the_filters_of_the_api(client, ada, project, made):
    act = planned(ada, project, name="Later")

    page = client.get("/processes/?state=planned")

    assert list(page.context["page"]) == [act]
    assert "Later" in page.content.decode()


def test_a_code_that_cannot_be_is_told_with_whatever_else_is_missing(client, sample):
    response = client.post("/samples/new/", {"code": "bad code!", "kind": ""})

    text = response.content.decode()
    assert "A code is made of A-Z" in text
    assert "This is needed." in text
