"""Finding samples, choosing columns, and acting on many at once."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import analysis.services
from labdata.common.people.access import Role
from labdata.common.people.preferences import preference
from samples import services
from samples.models import Sample
from tests.samples.factories import (
    add_member,
    make_process,
    make_project,
    make_sample,
    make_user,
)


def found(client, query):
    return [row.code for row in client.get(f"/samples/?{query}").context["page"]]


@pytest.fixture
def series(ada, project, sample):
    """Three composites of rising perovskite fraction, sintered ever hotter."""
    rows = []
    for percent, celsius in ((10, 350), (40, 275), (60, 300)):
        row = make_sample(
            ada,
            project,
            f"C-{percent}",
            composition=f"(CsPbI3)0.{percent}(agZIF-62)0.{100 - percent}",
        )
        make_process(
            ada,
            project,
            outputs=[row.code],
            program=[{"start_temperature": 25, "end_temperature": celsius}],
        )
        rows.append(row)
    return rows


def test_the_list_takes_the_parameters_of_the_api(client, ada, project, sample):
    make_sample(ada, project, "F-1", kind="film")

    found = client.get("/samples/?kind=film").context["page"].object_list

    assert [row.code for row in found] == ["F-1"]


def test_a_filter_that_is_none_is_told_and_left_out(client, sample):
    text = client.get("/samples/?kind=unicorn").content.decode()

    assert "unicorn" in text
    assert "was left out" in text


def test_a_code_typed_into_the_search_box_opens_the_sample(client, sample):
    response = client.get("/samples/?q=C-25")

    assert response.url == sample.get_absolute_url()


def test_an_empty_list_says_what_to_do(client, project):
    assert "Log the first one" in client.get("/samples/").content.decode()


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("composition.CsPbI3:gt:0.3", ["C-40", "C-60"]),
        ("composition.CsPbI3:eq:0.25", ["C-25"]),
        ("composition.CsPbI3:ne:0.25", ["C-10", "C-40", "C-60"]),
        ("composition.CsPbI3:between:0.1,0.4", ["C-10", "C-25", "C-40"]),
        ("composition.CsPbI3:in:0.1,0.6", ["C-10", "C-60"]),
        ("process.sintering.temperature:ge:573.15 K", ["C-10", "C-60"]),
        ("process.sintering.temperature:gt:573.15 K", ["C-10"]),
        ("process.sintering.temperature:lt:573.15 K", ["C-40"]),
        ("process.sintering.temperature:le:573.15 K", ["C-40", "C-60"]),
        ("sample.code:in:C-10,C-40", ["C-10", "C-40"]),
    ],
)
def test_any_variable_is_a_filter_alike_in_page_and_api(
    client, series, condition, codes
):
    answer = client.get("/api/v1/samples/", {"where": condition, "ordering": "code"})

    response = client.get("/samples/", {"where": condition})
    assert [row.code for row in response.context["page"]] == codes
    assert [row["code"] for row in answer.json()["results"]] == codes


def test_conditions_hold_together(client, series):
    where = "where=composition.CsPbI3:gt:0.3&where=process.sintering.temperature:lt:280"

    assert found(client, where) == ["C-40"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("composition.CsPbI3", "is not VARIABLE:op:value"),
        ("composition.CsPbI3:gt:5 nm", "nm"),
        ("composition.Unobtainium:gt:0", "No sample has the variable"),
        ("sample.code:gt:A", "compare it by eq, ne or in"),
    ],
)
def test_a_condition_that_is_none_is_refused_in_words(client, series, condition, words):
    answer = client.get("/api/v1/samples/", {"where": condition})
    page = client.get("/samples/", {"where": condition}).content.decode()

    assert answer.status_code == 400
    assert words in str(answer.json())
    assert words in page


def test_a_variable_of_a_project_one_is_not_in_does_not_exist(client, series):
    stranger = make_user("stranger")
    make_project(stranger, "elsewhere")
    client.force_login(stranger)

    page = client.get("/samples/?where=composition.CsPbI3:gt:0").content.decode()

    assert "No sample has the variable" in page


def test_a_typed_condition_becomes_one_of_the_address(client, series):
    response = client.get(
        "/samples/",
        {
            "kind": "composite",
            "where_variable": "composition.CsPbI3",
            "where_operator": "between",
            "where_value": "0.3, 0.5",
        },
    )

    assert [row.code for row in client.get(response.url).context["page"]] == ["C-40"]


def test_samples_are_found_by_the_technique_that_measured_them(
    client, series, sample, measure
):
    measure(sample)

    assert found(client, "technique=pl") == ["C-25"]
    assert found(client, "technique=xrd") == []


def test_columns_of_the_address_show_variables_with_their_uncertainty(
    client, series, sample, measure
):
    measure(sample)

    response = client.get(
        "/samples/?columns=composition.CsPbI3&columns=pl.peak_wavelength[I]"
        "&columns=process.sintering.temperature"
    )

    rows = {
        row.code: [cell for cell, _ in row.shown] for row in response.context["page"]
    }
    assert [head["title"] for head in response.context["head"]] == [
        "Code",
        "Fraction of CsPbI3",
        "PL peak wavelength [I] (nm)",
        "Maximum temperature, sintering (°C)",
    ]
    assert "0.25" in rows["C-25"][0]
    assert "±" in rows["C-25"][1]
    assert rows["C-25"][2] == "—"
    assert "300" in rows["C-60"][2]


def test_a_value_that_was_not_computed_is_marked(client, ada, sample):
    analysis.services.record_value(
        user=ada,
        sample=sample,
        quantity="pl.fwhm",
        label="I",
        value="40.1±0.3",
        origin="reported",
        reference={"doi": "10.1000/x"},
    )

    text = client.get("/samples/?columns=pl.fwhm[I]").content.decode()

    assert "mark-reported" in text


def test_the_latest_state_of_a_sample_is_the_one_shown(client, ada, project, sample):
    for celsius in (85, 120):
        make_process(
            ada,
            project,
            "ageing",
            inputs=["C-25"],
            outputs=["C-25"],
            parameters={"temperature": celsius},
        )

    row = client.get("/samples/?columns=process.ageing.temperature").context["page"][0]

    assert "120" in row.shown[0][0]


@pytest.mark.parametrize(
    ("ordering", "codes"),
    [
        ("composition.CsPbI3", ["C-10", "C-25", "C-40", "C-60"]),
        ("-composition.CsPbI3", ["C-60", "C-40", "C-25", "C-10"]),
        ("process.sintering.temperature", ["C-40", "C-60", "C-10", "C-25"]),
        ("-process.sintering.temperature", ["C-10", "C-60", "C-40", "C-25"]),
        ("-measurements", ["C-25", "C-10", "C-40", "C-60"]),
        ("-created_at", ["C-60", "C-40", "C-10", "C-25"]),
        ("nonsense", ["C-10", "C-25", "C-40", "C-60"]),
    ],
)
def test_any_column_sorts_and_what_lacks_a_value_comes_last(
    client, series, sample, measure, ordering, codes
):
    measure(sample)

    assert found(client, f"ordering={ordering}") == codes


def test_chosen_columns_are_remembered_and_forgotten(client, ada, series):
    chosen = ["kind", "composition.CsPbI3", "no.such[thing"]

    response = client.post("/samples/", {"columns": chosen, "query": "kind=composite"})

    assert "kind=composite" in response.url
    shown = client.get(response.url)
    assert shown.context["unknown"] == ["no.such[thing"]
    plain = client.get("/samples/").context["head"]
    assert [head["title"] for head in plain] == ["Code", "Kind", "Fraction of CsPbI3"]
    client.post("/samples/", {"columns": ["kind"], "reset": "yes"})
    assert preference(ada, "samples.columns") is None
    assert len(client.get("/samples/").context["head"]) > 5


def test_the_file_holds_every_sample_found_and_the_columns_chosen(
    client, series, sample, measure
):
    measure(sample)
    query = "columns=kind&columns=composition.CsPbI3&columns=pl.fwhm[I]&ordering=-code"

    response = client.get(f"/samples/list.csv?{query}")

    text = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["code"] for row in rows] == ["C-60", "C-40", "C-25", "C-10"]
    assert rows[2]["kind"] == "composite"
    assert float(rows[2]["composition.CsPbI3"]) == 0.25
    assert float(rows[2]["pl.fwhm[I] (nm)"]) > 0
    assert float(rows[2]["pl.fwhm[I] uncertainty"]) > 0
    assert rows[0]["pl.fwhm[I] (nm)"] == ""


def test_the_list_asks_no_more_questions_of_many_rows_and_columns(
    client, ada, project, series
):
    address = (
        "/samples/?columns=measurements&columns=tags&columns=composition"
        "&columns=composition.CsPbI3&columns=process.sintering.temperature"
        "&ordering=-composition.CsPbI3&where=composition.CsPbI3:gt:0"
    )

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked)

    queries()
    few = queries()
    for number in range(20):
        make_sample(ada, project, f"N-{number}", composition="(CsPbI3)0.5(agZIF-62)0.5")

    assert queries() == few


def ids(*rows):
    return [str(row.uuid) for row in rows]


def test_many_samples_are_tagged_batched_and_placed_at_once(client, ada, series):
    services.update_sample(user=ada, sample=series[0], tags=["old", "keep"])

    client.post(
        "/samples/change/",
        {
            "id": ids(*series),
            "save": "yes",
            "add_tags": "april",
            "remove_tags": "old",
            "batch": "B-9",
            "location": "shelf 3",
        },
    )

    rows = Sample.objects.filter(pk__in=[row.pk for row in series]).order_by("pk")
    assert [{tag.name for tag in row.tags.all()} for row in rows] == [
        {"keep", "april"},
        {"april"},
        {"april"},
    ]
    assert {row.batch.code for row in rows} == {"B-9"}
    assert {row.location for row in rows} == {"shelf 3"}
    assert all(row.history.count() >= 2 for row in rows)


def test_facts_follow_a_change_of_many(client, series):
    client.post(
        "/samples/change/", {"id": ids(*series), "save": "yes", "location": "shelf 3"}
    )

    assert found(client, "where=sample.location:eq:shelf 3") == ["C-10", "C-40", "C-60"]


def test_one_sample_that_cannot_be_changed_keeps_all_from_it(client, ada, series):
    grace = make_user("grace2")
    other = make_project(grace, "others")
    add_member(other, ada, Role.VIEWER)
    theirs = make_sample(grace, other, "T-1")

    response = client.post(
        "/samples/change/",
        {"id": ids(*series, theirs), "save": "yes", "location": "shelf 3"},
    )

    text = response.content.decode()
    assert response.status_code == 200
    assert "You may not change others." in text
    assert 'value="shelf 3"' in text
    assert not Sample.objects.filter(location="shelf 3").exists()


def test_samples_of_others_cannot_be_selected(client, series):
    stranger = make_user("stranger")
    make_project(stranger, "elsewhere")
    client.force_login(stranger)

    response = client.post(
        "/samples/change/", {"id": ids(*series), "save": "yes", "location": "x"}
    )

    assert response.status_code == 404


def test_all_that_the_filters_find_is_archived_and_brought_back(client, series, sample):
    query = "where=composition.CsPbI3:gt:0.3"
    page = client.get("/samples/change/", {"all": "yes", "query": query})

    client.post(
        "/samples/change/",
        {"id": ids(*page.context["rows"]), "save": "yes", "archived": "yes"},
    )

    assert found(client, "") == ["C-10", "C-25"]
    gone = found(client, "archived=true")
    assert gone == ["C-40", "C-60"]
    client.post(
        "/samples/change/", {"id": ids(*series), "save": "yes", "archived": "no"}
    )
    assert len(found(client, "")) == 4


def test_a_change_of_many_that_says_nothing_is_asked_again(client, series):
    response = client.post("/samples/change/", {"id": ids(*series), "save": "yes"})

    assert "Fill in what is to change." in response.content.decode()


def test_a_process_is_logged_on_the_samples_selected(client, series):
    response = client.get("/samples/process/", {"id": ids(*series[:2])})

    assert response.url.startswith("/processes/new/?project=glasses")
    assert "input=C-10&input=C-40" in response.url


def test_nothing_selected_is_told(client, series):
    response = client.get("/samples/change/")

    assert response.status_code == 400
    assert "Select samples in the list first." in response.content.decode()
