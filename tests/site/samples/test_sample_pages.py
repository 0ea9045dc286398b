"""Logging, finding, reading and changing samples in the browser's manner."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import analysis.services
from samples import services
from samples.models import Sample
from tests.samples.factories import make_process, make_sample


def typed(**changes):
    return {
        "project": "glasses",
        "code": "C-40",
        "kind": "composite",
        "composition": "",
        "basis": "",
        "name": "",
        "batch": "",
        "control": "",
        "location": "",
        "tags": "",
        "notes": "",
    } | changes


def errors_at(response, field):
    return [str(error) for error in response.context["form"].errors.get(field, [])]


def test_a_sample_is_logged_with_its_composition_and_tags(client, sample):
    response = client.post(
        "/samples/new/",
        typed(composition="(CsPbI3)0.40(agZIF-62)0.60", tags="PL, glass", batch="B1"),
    )

    made = Sample.objects.get(code="C-40")
    assert response.url == made.get_absolute_url()
    assert made.composition.components.count() == 2
    assert sorted(tag.name for tag in made.tags.all()) == ["PL", "glass"]
    assert made.batch.code == "B1"


def test_the_chosen_basis_is_the_one_stored(client, sample):
    client.post(
        "/samples/new/", typed(composition="(CsPbI3)0.4(agZIF-62)0.6", basis="vol")
    )

    assert Sample.objects.get(code="C-40").composition.basis == "vol"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("code", "C-25", "There is a sample C-25 in glasses already"),
        ("code", "C 25/b", "A code is made of"),
        ("composition", "(CsPbI3)0.65(agZIF-62)0.65", "fractions sum to 1.30, not 1"),
        ("composition", "CsPbQq3", "Qq"),
        ("composition", "(CsPbI3)0.5(unobtainium)0.5", "unobtainium"),
        ("control", "NOPE", "There is no sample 'NOPE'"),
        ("kind", "", "This is needed."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    client, sample, field, value, message
):
    response = client.post("/samples/new/", typed(notes="my words", **{field: value}))

    assert response.status_code == 200
    assert message in " ".join(errors_at(response, field))
    assert "my words" in response.content.decode()
    assert Sample.objects.count() == 1


def test_the_form_shows_what_it_understood(client, sample):
    response = client.get(
        "/samples/composition/",
        {"composition": "(CsPbI3)0.25(agZIF-62)0.75", "project": "glasses"},
    )

    text = " ".join(response.content.decode().split())
    assert "CsPbI<sub>3</sub>" in text
    assert "25 %" in text
    assert "by weight" in text


def test_an_unknown_material_is_named_while_it_is_typed(client, sample):
    response = client.get(
        "/samples/composition/",
        {"composition": "(CsPbI3)0.5(glassium)0.5", "project": "glasses"},
    )

    assert "Not known as materials yet: glassium" in response.content.decode()


def test_an_edit_that_does_not_touch_the_composition_keeps_its_row(client, sample):
    before = sample.composition_id

    client.post(
        f"/samples/{sample.uuid}/edit/",
        typed(code="C-25", composition=sample.composition.text, basis="wt", version=1),
    )

    sample.refresh_from_db()
    assert sample.composition_id == before
    assert sample.version == 2


def test_history_names_what_a_sample_refers_to(client, ada, sample):
    services.update_sample(user=ada, sample=sample, batch="B-7", tags=["PL"])

    text = client.get(sample.get_absolute_url()).content.decode()

    assert "batch: <del>—</del> → B-7" in text


def test_the_page_sets_reported_beside_computed(client, ada, sample, measure):
    measure(sample)
    analysis.services.record_value(
        user=ada,
        sample=sample,
        quantity="pl.peak_wavelength",
        label="I",
        value="682.82±0.20",
        origin="reported",
        reference={"doi": "10.1000/x", "locator": "Fig. 14b"},
    )

    text = client.get(sample.get_absolute_url()).content.decode()

    assert "(682.82 ± 0.20) nm" in text
    assert "https://doi.org/10.1000/x" in text
    assert text.count("PL peak wavelength [I]") == 1


def test_simulated_measurements_are_marked(client, sample, measure):
    measure(sample, origin="simulated")

    text = client.get(sample.get_absolute_url()).content.decode()

    assert "Some measurements of this sample are simulated" in text
    assert "origin-simulated" in text
    assert "data-simulated" in text


def test_lineage_reads_back_to_the_beginning(client, ada, project, sample):
    mixture = make_sample(ada, project, "M-25", kind="mixture")
    make_process(
        ada,
        project,
        inputs=[mixture.code],
        outputs=[sample.code],
        program=[{"start_temperature": 25, "end_temperature": 300, "ramp": 20}],
    )

    text = client.get(sample.get_absolute_url()).content.decode()

    assert mixture.get_absolute_url() in text
    assert "300 °C" in text
    assert 'class="program-curve"' in text


def test_a_parts_composition_is_that_of_its_parent(client, ada, project, sample):
    part = make_sample(ada, project, "C-25a", kind="lamella")
    make_process(ada, project, "splitting", inputs=["C-25"], outputs=["C-25a"])

    text = client.get(part.get_absolute_url()).content.decode()

    assert "ZIF-62)<sub>0.75</sub>" in text
    assert sample.get_absolute_url() in text


def test_archived_samples_leave_the_list_and_come_back(client, sample):
    address = f"/samples/{sample.uuid}/archive/"

    client.post(address, {"archived": "yes"})
    gone = client.get("/samples/").context["page"].paginator.count
    client.post(address, {"archived": "no"})

    assert gone == 0
    assert client.get("/samples/").context["page"].paginator.count == 1


def test_the_page_asks_as_many_questions_of_many_measurements_as_of_few(
    client, sample, measure
):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(sample.get_absolute_url())
        return len(asked)

    measure(sample)
    queries()
    few = queries()
    for seed in range(3):
        measure(sample, name=f"again-{seed}.csv", notes=str(seed))

    assert queries() == few


def test_viewers_see_no_way_to_change_and_are_sent_back(client, sample, viewer):
    client.force_login(viewer)

    page = client.get(sample.get_absolute_url()).content.decode()
    form = client.get(f"/samples/{sample.uuid}/edit/")

    assert "Add a measurement" not in page
    assert form.url == sample.get_absolute_url()


def test_measurements_stand_by_technique_and_more_come_on_request(
    client, sample, measure
):
    for number in range(14):
        measure(sample, name=f"pl-{number}.csv", notes=str(number))

    response = client.get(sample.get_absolute_url())
    (group,) = response.context["groups"]
    more = client.get(
        f"/samples/{sample.uuid}/measurements/?technique=pl&from={group['next']}",
        headers={"HX-Request": "true"},
    )

    assert group["count"] == 14
    assert response.content.decode().count("data-preview=") == 12
    assert more.content.decode().count("data-preview=") == 2
    assert "Show more" not in more.content.decode()


def test_more_measurements_without_script_are_the_list_of_them(client, sample):
    response = client.get(f"/samples/{sample.uuid}/measurements/?technique=pl&from=12")

    assert response.url.startswith("/measurements/?sample=")


def test_the_lineage_is_drawn_and_told_in_words(client, ada, project, sample):
    mixture = make_sample(ada, project, "M-25", kind="mixture")
    make_process(ada, project, inputs=[mixture.code], outputs=[sample.code])
    piece = make_sample(ada, project, "C-25a", kind="lamella")
    make_process(ada, project, "splitting", inputs=[sample.code], outputs=["C-25a"])

    text = client.get(sample.get_absolute_url()).content.decode()

    assert 'class="lineage"' in text
    assert "The same in words" in text
    assert text.count(mixture.get_absolute_url()) == 3
    assert piece.get_absolute_url() in text
