"""The page of a batch: what varies, what came out, what is next."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samples import services
from samples.models import Batch
from tests.samples.factories import make_sample, make_user
from tests.site.devices.test_device_results import upload
from tests.site.worlds.sweeps import sweeps_json, track_text


def make_device(user, project, code, interlayer, labels="AB", batch="B7"):
    stack = {
        "layers": [
            {"role": "electrode", "material": "ITO", "thickness": 120},
            {"role": "interlayer", "material": interlayer, "thickness": 2},
        ],
        "cells": [{"label": label, "active_area": 0.16} for label in labels],
    }
    return services.create_device(
        user=user, project=project, code=code, batch=batch, stack=stack
    )


@pytest.fixture
def batch(ada, project):
    for name in ("ITO", "CTOCPh", "CTOCPh-5F"):
        services.create_material(user=ada, project=project, name=name)
    first = make_device(ada, project, "B7-01", "CTOCPh")
    second = make_device(ada, project, "B7-02", "CTOCPh-5F")
    make_device(ada, project, "B7-03", "CTOCPh-5F")
    upload(ada, first, sweeps_json("AB", current=20))
    upload(ada, second, sweeps_json("AB", current=24))
    return Batch.objects.get(code="B7")


def page_of(client, batch):
    return client.get(f"/batches/{batch.uuid}/")


def test_best_and_median_of_each_device(client, batch):
    rows = {row.sample.code: row for row in page_of(client, batch).context["rows"]}

    first, third = rows["B7-01"], rows["B7-03"]
    values = sorted(fact.value for fact in first.efficiencies)
    assert len(values) == 2
    assert first.best.value == values[1]
    assert first.best.subject.cell.label == "B"
    assert first.median == pytest.approx(sum(values) / 2)
    assert rows["B7-02"].best.value > first.best.value
    assert (third.best, third.median, third.cells) == (None, None, 2)


def test_only_what_differs_is_a_column(client, batch):
    page = page_of(client, batch)

    assert [one.key for one in page.context["varied"]] == ["layer.interlayer.material"]
    rows = {row.sample.code: row.varied for row in page.context["rows"]}
    assert rows == {
        "B7-01": ["CTOCPh"],
        "B7-02": ["CTOCPh-5F"],
        "B7-03": ["CTOCPh-5F"],
    }


def test_cells_are_points_of_boxes_by_what_varies(client, batch):
    page = page_of(client, batch)

    boxes = page.context["boxes"]
    assert [(one["name"], one["count"]) for one in boxes["groups"]] == [
        ("CTOCPh", 2),
        ("CTOCPh-5F", 2),
    ]
    low, high = (group["median"] for group in boxes["groups"])
    # Higher on the page is a smaller y.
    assert high < low
    assert all(len(group["points"]) == 2 for group in boxes["groups"])


def test_the_comparison_it_leads_to_is_of_this_batch(client, ada, project, batch):
    other = make_device(ada, project, "B8-01", "CTOCPh", batch="B8")
    upload(ada, other, sweeps_json("AB", current=10))
    page = page_of(client, batch)

    answer = client.get(page.context["populations"])

    assert answer.status_code == 200
    assert "errors" not in answer.context
    text = answer.content.decode()
    assert "CTOCPh-5F" in text
    api = "/api/v1" + page.context["populations"]
    assert client.get(api).json()["count"] == 4


def test_what_is_next_is_said(client, batch):
    text = page_of(client, batch).content.decode()

    assert "1 of them has no current-voltage curve yet" in text
    assert "/labels/?project=glasses&amp;batch=B7" in text
    assert client.get("/labels/?project=glasses&batch=B7").status_code == 200


def test_the_shortest_life_of_the_cells_speaks_for_the_sample(client, ada, batch):
    sample = batch.samples.get(code="B7-01")
    for cell, hours in (("A", 1000), ("B", 100)):
        data = track_text(hours)
        upload(ada, sample, data, "mpp_tracking", name=f"{cell}.csv", cell=cell)

    rows = {row.sample.code: row for row in page_of(client, batch).context["rows"]}

    t80 = rows["B7-01"].lifetimes["stability.t80"]
    # B has not crossed in 100 h: that is the least that is known.
    assert (t80.subject.cell.label, t80.bound) == ("B", ">")


def test_an_empty_batch_says_how_it_fills(client, ada, project):
    sample = make_sample(ada, project, "E-1", batch="B9")
    empty = Batch.objects.get(code="B9")
    services.set_archived(user=ada, record=sample, archived=True)

    text = page_of(client, empty).content.decode()

    assert "No sample is in this batch any more" in text


def test_samples_and_search_lead_to_it(client, batch):
    address = f"/batches/{batch.uuid}/"
    sample = batch.samples.get(code="B7-01")

    assert address in client.get(sample.get_absolute_url()).content.decode()
    assert address in client.get("/search/?q=B7&all=1").content.decode()


def test_others_do_not_see_it(client, batch):
    client.force_login(make_user("eve"))

    assert page_of(client, batch).status_code == 404


def test_questions_do_not_grow_with_the_samples(client, ada, project, batch):
    def asked():
        page_of(client, batch)
        with CaptureQueriesContext(connection) as queries:
            page_of(client, batch)
        return len(queries)

    few = asked()
    for number in range(4, 9):
        device = make_device(ada, project, f"B7-{number:02}", "CTOCPh")
        upload(ada, device, sweeps_json("AB"))

    assert asked() == few
