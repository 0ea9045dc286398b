"""Spectra of several samples in one figure."""

import csv
import json

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.samples.factories import make_project, make_sample, make_user
from tests.site.worlds.spectra import spectrum

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def series(ada, project, sample, measure):
    """Three measured composites, of a quarter, a half and three quarters CsPbI3."""
    rows = [sample]
    for code, part in (("C-50", 0.5), ("C-75", 0.75)):
        composition = f"(CsPbI3){part}(agZIF-62){1 - part}"
        rows.append(make_sample(ada, project, code, composition=composition))
    for seed, row in enumerate(rows, start=1):
        measure(row, spectrum(seed=seed))
    return rows


def asked(rows, **more):
    return {"id": [str(row.uuid) for row in rows], **more}


def numbers(client, rows, **more):
    response = client.get(reverse("site:overlay-data"), asked(rows, **more))
    assert response.status_code == 200
    return json.loads(response.content)


def test_the_page_orders_by_what_varies(client, series):
    page = client.get(reverse("site:overlay"), asked(series)).content.decode()

    assert "Photoluminescence of 3 samples" in page
    assert '<option value="composition.CsPbI3" selected>' in page
    assert "leave out" in page


def test_curves_come_in_the_order_of_the_variable(client, series):
    told = numbers(client, list(reversed(series)), by="composition.CsPbI3")

    assert [one["code"] for one in told["curves"]] == ["C-25", "C-50", "C-75"]
    assert [one["place"] for one in told["curves"]] == [0.25, 0.5, 0.75]
    assert told["x"] == {"label": "Wavelength", "unit": "nm"}
    assert max(told["curves"][0]["y"]) > 8000


def test_scaled_curves_reach_one(client, series):
    told = numbers(client, series, normalise="maximum")

    assert [max(one["y"]) for one in told["curves"]] == pytest.approx([1, 1, 1])
    assert told["y"]["label"] == "Intensity, normalised"


def test_a_map_has_a_row_a_sample(client, series):
    told = numbers(client, series, view="map", by="composition.CsPbI3")["map"]

    assert told["places"] == [0.25, 0.5, 0.75]
    brightest = told["x"][int(np.argmax(told["rows"][0]))]
    assert brightest == pytest.approx(680, abs=3)


def test_the_trend_of_each_fitted_quantity_stands_beside(client, series):
    trends = numbers(client, series)["trends"]

    titles = [one["title"] for one in trends]
    assert "PL peak wavelength [I]" in titles
    first = trends[titles.index("PL peak wavelength [I]")]
    assert [point["code"] for point in first["points"]] == ["C-25", "C-50", "C-75"]
    for point in first["points"]:
        assert abs(point["y"] - 680) < 5 * point["dy"]


def test_the_numbers_can_be_taken_along(client, series):
    response = client.get(reverse("site:overlay-data"), asked(series, format="csv"))

    rows = list(csv.reader(b"".join(response.streaming_content).decode().splitlines()))
    assert rows[0] == [
        "sample",
        "cell",
        "state",
        "origin",
        "composition.CsPbI3 [1]",
        "Wavelength [nm]",
        "Intensity [1]",
    ]
    assert {row[0] for row in rows[1:]} == {"C-25", "C-50", "C-75"}


def test_filters_of_the_list_choose_samples_too(client, series):
    response = client.get(reverse("site:overlay-data"), {"code": "C-2"})

    told = json.loads(response.content)
    assert [one["code"] for one in told["curves"]] == ["C-25"]


def test_nothing_chosen_says_what_to_do(client, ada):
    page = client.get(reverse("site:overlay")).content.decode()

    assert "No samples are chosen" in page


def test_samples_of_others_are_not_drawn(client, series):
    stranger = make_user("stranger")
    make_project(stranger, "elsewhere")
    client.force_login(stranger)

    assert numbers(client, series)["curves"] == []


def test_words_that_mean_nothing_are_taken_as_not_given(client, series):
    told = numbers(client, series, by="no.such", view="upside-down", technique="magic")

    assert told["view"] == "overlay"
    assert len(told["curves"]) == 3


def test_more_samples_ask_the_database_no_more(client, series):
    def count(rows):
        with CaptureQueriesContext(connection) as queries:
            numbers(client, rows)
        return len(queries)

    assert count(series) <= count(series[:2])
