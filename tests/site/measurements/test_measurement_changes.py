"""Changing measurements: one by its form, many at once, two people at the same time."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from analysis.models import AnalysisRun
from labdata.common.jobs.runner import execute_queued
from measurements.models import Measurement
from measurements.readers.pl import edinburgh_csv
from tests.samples.factories import make_process, make_sample
from tests.site.worlds.spectra import spectrum


def edit_address(row):
    return f"{row.get_absolute_url()}edit/"


def filled(client, row, **changes):
    """What the form would send as it opens, with some fields typed over."""
    form = client.get(edit_address(row)).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value not in (None, False)}
    return sent | changes


def again(row):
    return Measurement.objects.get(pk=row.pk)


@pytest.fixture
def measured(sample, measure):
    return measure(sample, analyse=False)


@pytest.fixture
def two(ada, project, sample, measure):
    other = make_sample(ada, project, "C-50")
    return [
        measure(sample, analyse=False, conditions={"atmosphere": "N2"}),
        measure(other, data=spectrum(seed=2), analyse=False),
    ]


def test_the_form_opens_with_what_a_person_said_and_saves_changes(client, measured):
    client.post(
        edit_address(measured),
        filled(
            client,
            measured,
            condition_temperature="298 K",
            measured_at="2026-03-05",
            operator="Ada",
            notes="second scan",
        ),
    )

    row = again(measured)
    assert row.conditions == {"temperature": pytest.approx(24.85)}
    assert row.measured_at is not None
    assert row.operator == "Ada"
    form = client.get(edit_address(row)).context["form"]
    assert form["measured_at"].value() == "2026-03-05"
    assert form["notes"].value() == "second scan"


def test_saving_the_form_as_it_opened_changes_nothing(client, sample, measure):
    row = measure(sample, data=edinburgh_csv.sample(), analyse=False)
    before = (row.conditions, row.sources, row.measured_at, row.subject_id)

    response = client.post(edit_address(row), filled(client, row))

    row = again(row)
    assert response.status_code == 302
    assert (row.conditions, row.sources, row.measured_at, row.subject_id) == before


def test_what_the_file_says_is_told_and_stands_where_nothing_is_typed(
    client, sample, measure
):
    row = measure(sample, data=edinburgh_csv.sample(), analyse=False)

    html = client.get(edit_address(row)).content.decode()
    assert "Empty: 405 nm, as the file says." in html
    client.post(
        edit_address(row), filled(client, row, condition_excitation_wavelength="410")
    )
    assert again(row).conditions["excitation_wavelength"] == 410
    client.post(
        edit_address(row), filled(client, row, condition_excitation_wavelength="")
    )
    assert again(row).conditions["excitation_wavelength"] == 405


def test_the_state_that_was_measured_is_chosen(client, ada, project, sample, measured):
    act = make_process(
        ada, project, "ageing", inputs=[sample.code], outputs=[sample.code]
    )

    client.post(
        edit_address(measured), filled(client, measured, state=f"after:{act.uuid}")
    )

    assert again(measured).subject.process == act
    form = client.get(edit_address(measured)).context["form"]
    assert form["state"].value() == f"after:{act.uuid}"


def test_a_mistake_stands_at_its_field_and_what_was_typed_stays(client, measured):
    html = client.post(
        edit_address(measured), filled(client, measured, condition_temperature="2 nm")
    ).content.decode()

    assert 'value="2 nm"' in html
    assert 'aria-invalid="true"' in html


def test_an_unread_measurement_moves_to_another_sample_and_technique(
    client, ada, project, sample, measure
):
    make_sample(ada, project, "C-50")
    row = measure(sample, data=b"\x89PNG\r\n\x1a\n" + bytes(99))
    assert row.state == "failed"

    client.post(
        edit_address(row), filled(client, row, sample="C-50", technique="curve")
    )

    row = again(row)
    assert (row.sample.code, row.technique) == ("C-50", "curve")


def test_a_measurement_that_was_read_offers_neither(client, measured):
    form = client.get(edit_address(measured)).context["form"]

    assert "sample" not in form.fields
    assert "technique" not in form.fields


def test_the_second_of_two_people_is_told_and_loses_nothing(client, measured, grace):
    sent = filled(client, measured, notes="mine")
    client.force_login(grace)
    client.post(edit_address(measured), filled(client, measured, notes="hers"))
    client.force_login(measured.created_by)

    response = client.post(edit_address(measured), sent)

    html = response.content.decode()
    assert response.status_code == 409
    assert "This was changed after you opened the form" in html
    assert "hers" in html
    assert "mine</textarea>" in html
    assert again(measured).notes == "hers"


def test_a_viewer_is_turned_away(client, measured, viewer):
    client.force_login(viewer)

    assert client.get(edit_address(measured)).status_code == 302
    assert client.post(edit_address(measured), {"notes": "x"}).status_code == 403


def test_conditions_are_set_for_many_and_keep_what_was_typed(client, two):
    ids = [str(row.uuid) for row in two]

    html = client.get("/measurements/change/", {"id": ids}).content.decode()
    response = client.post(
        "/measurements/change/",
        {"id": ids, "save": "yes", "condition_temperature": "77 K"},
        follow=True,
    )

    assert "of 2 measurements" in html
    assert "Changed 2 measurements." in response.content.decode()
    first, second = (again(row).conditions for row in two)
    assert first == {"atmosphere": "N2", "temperature": pytest.approx(-196.15)}
    assert second == {"temperature": pytest.approx(-196.15)}


def test_a_mistake_in_one_changes_none(client, two):
    html = client.post(
        "/measurements/change/",
        {
            "id": [str(row.uuid) for row in two],
            "save": "yes",
            "operator": "Ada",
            "condition_temperature": "-400",
        },
    ).content.decode()

    assert "below -273.15" in html.replace("−", "-")
    assert [again(row).operator for row in two] == ["", ""]


def test_nothing_filled_in_changes_nothing_and_says_so(client, two):
    html = client.post(
        "/measurements/change/", {"id": str(two[0].uuid), "save": "yes"}
    ).content.decode()

    assert "Fill in what is to be changed." in html


def act(client, what, rows):
    ids = [str(row.uuid) for row in rows]
    response = client.post(f"/measurements/act/?act={what}", {"id": ids}, follow=True)
    return response.content.decode()


def test_many_are_put_away_and_brought_back(client, two):
    assert "Put away: 2 measurements." in act(client, "archive", two)
    assert all(again(row).archived_at for row in two)
    assert "Back: 2 measurements." in act(client, "restore", two)
    assert not any(again(row).archived_at for row in two)


def test_many_are_read_again(client, two):
    assert "Being read again: 2 measurements." in act(client, "read", two)
    assert [again(row).state for row in two] == ["queued", "queued"]
    assert "2 without files, or being read already" in act(client, "read", two)


def test_many_are_analysed_and_an_answer_is_given_once(client, two):
    assert "Analyses queued: 2." in act(client, "analyse", two)
    execute_queued()
    assert "2 had their answer already" in act(client, "analyse", two)
    assert AnalysisRun.objects.count() == 2


def test_all_found_by_the_filters_are_acted_on(client, two):
    client.post(
        "/measurements/act/?act=archive", {"all": "yes", "query": "sample=C-50"}
    )

    assert [bool(again(row).archived_at) for row in two] == [False, True]


def test_a_viewer_acts_on_none(client, two, viewer):
    client.force_login(viewer)

    response = client.post("/measurements/act/?act=archive", {"id": str(two[0].uuid)})

    assert response.status_code == 403
    assert again(two[0]).archived_at is None


def test_the_list_offers_acts_and_the_way_to_drop_files(client, two):
    html = client.get("/measurements/").content.decode()

    assert "/measurements/drop/" in html
    assert f'value="{two[0].uuid}"' in html
    assert "Set conditions" in html


def test_the_neighbours_of_a_measurement_are_those_of_its_sample(
    client, sample, measure
):
    rows = [
        measure(sample, data=spectrum(seed=seed), analyse=False) for seed in range(3)
    ]

    html = client.get(rows[1].get_absolute_url()).content.decode()

    assert f'href="{rows[0].get_absolute_url()}" rel="prev"' in html
    assert f'href="{rows[2].get_absolute_url()}" rel="next"' in html


def test_of_several_datasets_the_analysed_one_is_named(client, sample):
    files = [SimpleUploadedFile(f"{seed}.csv", spectrum(seed=seed)) for seed in (1, 2)]
    client.post(
        "/measurements/new/",
        {"sample": "C-25", "technique": "pl", "files": files, "analyse": "on"},
    )
    execute_queued()

    html = client.get(Measurement.objects.get().get_absolute_url()).content.decode()

    assert "The first of 2 datasets: this is the one that was analysed." in html
    assert "The other datasets" in html
