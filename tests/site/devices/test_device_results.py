"""What a device's page shows of its cells: map, table, curves, stability."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import measurements.services
from analysis import services as analysis_services
from labdata.common.jobs.runner import execute_queued
from labdata.site.kit.results.device_results import latest_light_curves, results_of
from samples.services import create_device
from tests.samples.factories import add_member, make_user
from tests.site.worlds.sweeps import sweeps_json, track_text


@pytest.fixture
def device(ada, project):
    return make_device(ada, project, "D-1", "AB")


def make_device(user, project, code, labels, **values):
    cells = [
        {
            "label": label,
            "active_area": 0.16,
            "x": 3 + 6 * (place % 3),
            "y": 3 + 6 * (place // 3),
            "width": 4,
            "height": 4,
        }
        for place, label in enumerate(labels)
    ]
    stack = {"substrate_width": 25, "substrate_height": 25, "layers": []}
    return create_device(
        user=user, project=project, code=code, stack={**stack, "cells": cells}, **values
    )


def upload(user, device, data, technique="jv", name="sweeps.json", **values):
    row = measurements.services.create_measurement(
        user=user,
        sample=device,
        technique=technique,
        files=[(name, io.BytesIO(data))],
        **values,
    )
    execute_queued()
    row.refresh_from_db()
    assert row.state == "ready", row.message
    return row


def by_label(results):
    return {row.label: row for row in results.rows}


def test_best_and_latest_are_of_one_sweep_each(ada, device):
    upload(ada, device, sweeps_json("AB", current=24))
    upload(ada, device, sweeps_json("A", current=20))

    row = by_label(results_of(device))["A"]

    best, latest = row.best, row.latest
    assert best["jv.jsc"].value == pytest.approx(24, rel=1e-3)
    assert latest["jv.jsc"].value == pytest.approx(20, rel=1e-3)
    assert {value.run_id for value in best.values()} == {best["jv.pce"].run_id}
    assert [line.words for line in row.lines] == ["best, reverse", "latest, reverse"]
    assert row.count == 4


def test_a_flagged_sweep_is_the_best_only_where_there_is_no_other(ada, device):
    upload(ada, device, sweeps_json("A", current=24, irradiance=35980.0))

    alone = by_label(results_of(device))["A"].best
    upload(ada, device, sweeps_json("A", current=20))
    beside = by_label(results_of(device))["A"].best

    assert "irradiance_impossible" in alone["jv.pce"].flags
    assert beside["jv.jsc"].value == pytest.approx(20, rel=1e-3)


def test_the_map_has_a_number_and_a_level_for_each_measured_cell(ada, device):
    upload(ada, device, sweeps_json("AB"))

    drawn = {cell.label: cell for cell in results_of(device).map.cells}

    # B carries 1 mA/cm² more than A.
    assert (drawn["A"].mark.level, drawn["B"].mark.level) == (0, 8)
    assert drawn["A"].mark.text
    assert "Power conversion efficiency" in drawn["A"].mark.words


def test_a_rejected_run_leaves_its_cell_empty(ada, device):
    row = upload(ada, device, sweeps_json("AB"))
    run = row.runs.get(cell__label="A")

    analysis_services.decide(
        user=ada, about=run, verdict="rejected", reason="shaded by the clamp"
    )

    results = by_label(results_of(device))
    assert results["A"].best == {}
    assert results["B"].best
    drawn = {cell.label: cell for cell in results_of(device).map.cells}
    assert drawn["A"].mark.level is None


def test_the_page_says_hysteresis_with_its_formula(client, ada, device):
    upload(ada, device, sweeps_json("A", hysteresis=0.1))

    page = client.get(device.get_absolute_url())
    index = by_label(page.context["results"])["A"].hysteresis

    assert index.value == pytest.approx(0.1, abs=0.02)
    assert index.label == "(PCE_rev-PCE_fwd)/PCE_rev"
    assert index.label in page.content.decode()


@pytest.mark.parametrize(
    ("query", "quantity", "which"),
    [
        ("", "jv.pce", "best"),
        ("?quantity=jv.voc&which=latest", "jv.voc", "latest"),
        ("?quantity=nothing&which=worst", "jv.pce", "best"),
    ],
)
def test_what_colours_the_map_is_chosen(client, ada, device, query, quantity, which):
    upload(ada, device, sweeps_json("A"))

    results = client.get(device.get_absolute_url() + query).context["results"]

    assert results.quantity.key == quantity
    assert results.which == which


def test_curves_are_those_of_each_cells_newest_measurement_in_light(ada, device):
    upload(ada, device, sweeps_json("AB"))
    newer = upload(ada, device, sweeps_json("A"))
    upload(ada, device, sweeps_json("B", current=0.001), conditions={"light": "dark"})

    curves = latest_light_curves(device)

    assert [curve.cell.label for curve in curves] == ["A", "A", "B", "B"]
    assert {c.measurement_id for c in curves if c.cell.label == "A"} == {newer.pk}


def test_the_overlay_tells_cell_direction_and_photocurrent(client, ada, device):
    upload(ada, device, sweeps_json("AB"))

    (told,) = client.get(f"/samples/{device.uuid}/curves/").json()["panels"]

    assert [(c["cell"], c["side"]) for c in told["curves"]] == [
        ("A", "reverse"),
        ("A", "forward"),
        ("B", "reverse"),
        ("B", "forward"),
    ]
    first = told["curves"][0]
    assert first["x"][0] > first["x"][-1]
    assert max(first["y"]) == pytest.approx(22, abs=0.1)


def test_stability_stands_with_its_kind(client, ada, device):
    upload(ada, device, sweeps_json("A"))
    upload(ada, device, track_text(1000), "mpp_tracking", name="track.csv", cell="A")

    page = client.get(device.get_absolute_url())
    results = page.context["results"]

    assert results.has_stability
    assert by_label(results)["A"].t80.value == pytest.approx(571.86, rel=0.02)
    assert "T80" in page.content.decode()


def test_a_device_without_curves_shows_none(client, device):
    page = client.get(device.get_absolute_url())

    assert page.context["results"].is_empty
    assert "Latest current-voltage curves" not in page.content.decode()


def test_curves_can_be_put_together_to_a_series_by_those_who_write(
    client, ada, device, project
):
    upload(ada, device, sweeps_json("A"))
    address = f"/samples/{device.uuid}/ageing-series/"
    offered = client.get(device.get_absolute_url()).content.decode()
    viewer = make_user("vera")
    add_member(project, viewer, "viewer")
    client.force_login(viewer)

    page = client.get(device.get_absolute_url()).content.decode()

    assert offered.count(address) == 1
    assert address not in page


def test_questions_do_not_grow_with_the_cells(client, ada, project):
    def asked(labels, code):
        device = make_device(ada, project, code, labels)
        upload(ada, device, sweeps_json(labels))
        client.get(device.get_absolute_url())
        with CaptureQueriesContext(connection) as few:
            results_of(device)
        with CaptureQueriesContext(connection) as curves:
            client.get(f"/samples/{device.uuid}/curves/")
        return len(few), len(curves)

    assert asked("A", "D-2") == asked("ABCDEFGH", "D-3")
