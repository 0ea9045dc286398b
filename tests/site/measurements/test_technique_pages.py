"""The pages that say what can be measured, read and computed."""

import json
import re
from dataclasses import make_dataclass

import pytest
from django.urls import reverse

from analysis.contract.registry import analyses
from labdata.common.measures.quantities import quantities
from labdata.common.registry import own_distribution
from labdata.plugin import Source, UnsuitableData, analysis
from labdata.site.measurements.examples import told_example
from measurements.registry import readers, techniques

pytestmark = pytest.mark.django_db


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_the_list_leads_to_every_technique_and_every_format(client, ada):
    text = page(client, "/techniques/")

    for one in techniques:
        assert f'href="/techniques/{one.key}/"' in text
    for one in readers:
        assert f'href="/readers/{one.key}/example/"' in text


@pytest.mark.parametrize("technique", techniques, ids=lambda one: one.key)
def test_a_technique_tells_all_that_is_declared_of_it(client, ada, technique):
    text = page(client, reverse("site:technique", args=[technique.key]))

    told = [one.label for one in (*technique.axes, *technique.channels)]
    told += [f"measurement.{technique.key}.{c.key}" for c in technique.conditions]
    told += [r.label for r in readers if r.serves(technique.key)]
    for one in analyses:
        if one.serves(technique.key):
            told += [one.label, *(quantities[key].key for key in one.outputs)]
    if technique.named_by_file:
        told = told[len(technique.axes) + len(technique.channels) :]
    assert [words for words in told if words not in text] == []


@pytest.mark.parametrize("technique", techniques, ids=lambda one: one.key)
def test_the_example_is_drawn_as_the_technique_draws(client, ada, technique):
    text = page(client, f"/techniques/{technique.key}/")
    told = json.loads(page(client, f"/techniques/{technique.key}/example/"))

    example = technique.example()
    drawn = re.findall(r'data-(curves|preview)="([^"]+/example/)"', text)
    if technique.figure.kind == "table":
        assert drawn == []
    elif technique.named_by_file:
        assert drawn == [("preview", f"/techniques/{technique.key}/example/")]
        (part,) = told.values()
        assert [one["name"] for one in part["axes"]] == [a.name for a in example.axes]
    else:
        assert drawn == [("curves", f"/techniques/{technique.key}/example/")]
        (panel,) = told["panels"]
        assert told["simulated"]
        assert panel["x"]["label"] == example.axis(technique.figure.x).label
        assert sum(len(curve["x"]) for curve in panel["curves"]) >= example.size


ANALYSED = [(key, spec) for spec in analyses for key in spec.techniques]


@pytest.mark.parametrize(("key", "spec"), ANALYSED, ids=lambda one: str(one)[:40])
def test_what_an_analysis_makes_of_the_example_is_shown(client, ada, key, spec):
    whole = page(client, f"/techniques/{key}/")
    part = page(client, f"/techniques/{key}/{spec.key}/example/")
    figure = json.loads(page(client, f"/techniques/{key}/{spec.key}/curves/"))
    result = spec.apply(techniques[key].example())

    assert f'hx-get="/techniques/{key}/{spec.key}/example/"' in whole
    assert f'data-curves="/techniques/{key}/{spec.key}/curves/"' in part
    assert figure["simulated"]
    assert {one.key for one in result.drawings} == {
        panel["key"] for panel in figure["panels"]
    }
    for item in result.estimates:
        assert quantities[item.quantity].label in part
    assert part.count("<tr>") == 1 + len(result.estimates)


def analysis_that_raises(error):
    @analysis(
        key="refuses",
        version=1,
        label="Refuses",
        techniques=["pl"],
        parameters=make_dataclass("Parameters", []),
        outputs=["pl.fwhm"],
    )
    def refuses(dataset, parameters, progress):
        """Refuse everything."""
        raise error

    return refuses


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UnsuitableData("251 points are too few"), "251 points are too few"),
        (
            ZeroDivisionError("by zero"),
            f"refuses of {own_distribution()} is broken: by zero",
        ),
    ],
)
def test_an_example_that_an_analysis_cannot_take_says_why(error, told):
    refuses = analysis_that_raises(error)

    assert told_example(techniques["pl"], refuses) == {"problem": told}


def test_an_analysis_of_another_technique_is_not_there(client, ada):
    other = next(one for one in analyses if not one.serves("pl"))

    for ending in ("example", "curves"):
        assert client.get(f"/techniques/pl/{other.key}/{ending}/").status_code == 404


@pytest.mark.parametrize("reader", readers, ids=lambda one: one.key)
def test_example_files_are_downloaded_and_can_be_read(client, ada, reader):
    response = client.get(f"/readers/{reader.key}/example/")

    assert response["Content-Disposition"] == (
        f'attachment; filename="{reader.sample_name}"'
    )
    technique = reader.techniques[0] if reader.techniques else "pl"
    source = Source(reader.sample_name, response.content, technique)
    assert reader.read(source).datasets


@pytest.mark.parametrize(
    ("asked", "there", "not_there"),
    [
        (".csv", "/techniques/pl/", "/techniques/scalar/"),
        ("fill factor", "/techniques/jv/", "/techniques/pl/"),
        ("Wellenlänge", "/techniques/pl/", "/techniques/jv/"),
        ("edinburgh", "/techniques/pl/", "/techniques/eqe/"),
    ],
)
def test_a_format_a_column_or_a_quantity_finds_its_technique(
    client, ada, asked, there, not_there
):
    text = page(client, f"/techniques/?q={asked}")

    assert there in text
    assert not_there not in text


def test_a_word_nobody_knows_says_what_to_do(client, ada):
    text = page(client, "/techniques/?q=zzz")

    assert "No technique has these words" in text
    assert '<small class="number">0 of' in text


def test_what_is_not_registered_is_not_there(client, ada):
    assert client.get("/techniques/zzz/").status_code == 404
    assert client.get("/techniques/zzz/example/").status_code == 404
    assert client.get("/readers/zzz/example/").status_code == 404


def test_where_files_are_dropped_it_says_which_can_be_read(client, project):
    assert 'href="/techniques/"' in page(client, "/measurements/drop/")


def test_a_file_that_cannot_be_read_leads_to_what_can(client, sample, measure):
    row = measure(sample, data=b"nothing at all\n")

    assert row.state == "failed"
    assert 'href="/techniques/pl/"' in page(client, row.get_absolute_url())
