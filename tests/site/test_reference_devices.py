"""Real files of solar cells through API and upload form, with their known answers."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from labdata.common.jobs.runner import execute_queued
from measurements.models import Measurement
from tests.samples.factories import make_project, make_sample, make_user

# The heartbeat of a long reading is another connection, which must see the job.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def device(client):
    user = make_user("ada")
    client.force_login(user)
    return make_sample(user, make_project(user, "cells"), "D-1", kind="device")


def by_api(client, path, technique, **fields):
    answer = client.post(
        "/api/v1/measurements/",
        {
            "sample": "D-1",
            "technique": technique,
            "file": SimpleUploadedFile(path.name, path.read_bytes()),
            **{k: json.dumps(v) for k, v in fields.items()},
        },
    )
    assert answer.status_code == 201, answer.json()
    execute_queued()
    return Measurement.objects.get(uuid=answer.json()["id"])


def by_form(client, path, technique, **fields):
    answer = client.post(
        "/measurements/new/",
        {
            "sample": "D-1",
            "technique": technique,
            "files": SimpleUploadedFile(path.name, path.read_bytes()),
            "analyse": "on",
            **fields,
        },
    )
    assert answer.status_code == 302, answer.context["form"].errors
    execute_queued()
    return Measurement.objects.get()


ways = pytest.mark.parametrize("upload", [by_api, by_form])


def told(client, row):
    answer = client.get(f"/api/v1/measurements/{row.uuid}/").json()
    assert answer["state"] == "ready", answer["message"]
    for run in answer["runs"]:
        assert run["state"] == "done", run["message"]
    return answer


def values_of(client, row, quantity, **query):
    """Values of a quantity by cell and label, from the properties."""
    found = client.get(
        "/api/v1/properties/",
        {
            "measurement": row.uuid,
            "quantity": quantity,
            "current": "true",
            "page_size": 200,
            **query,
        },
    ).json()["results"]
    return {(one["cell"], one["label"]): one for one in found}


def shown(client, row, cell=None):
    """The page of the run of a cell, and what it asks for to draw."""
    runs = row.runs.filter(cell__label=cell) if cell else row.runs
    run = runs.exclude(analysis="jv_single_diode").get()
    page = client.get(run.get_absolute_url())
    curves = client.get(f"{run.get_absolute_url()}curves/").json()["panels"][0]
    return page.content.decode(), curves


def sides_drawn(curves):
    return sorted(one["side"] for one in curves["curves"] if one["kind"] == "sweep")


@ways
def test_both_sweeps_of_three_cells_in_columns(client, device, real_file, upload):
    row = upload(client, real_file("jv/HZB_MiGo*"), "jv")

    answer = told(client, row)
    cells = [dataset["cell"] for dataset in answer["datasets"]]
    assert sorted(cells) == ["b", "b", "c", "c", "f", "f"]
    first = cells[0]
    expected = {"jv.voc": 1.212763, "jv.jsc": 21.990472, "jv.ff": 0.79948537}
    for quantity, value in expected.items():
        found = values_of(client, row, quantity, cell=first)
        assert found[first, "reverse"]["value"] == pytest.approx(value, rel=3e-7)
    flags = [
        flag
        for value in values_of(client, row, "jv.pce").values()
        for flag in value["flags"]
    ]
    # The file says 20.5 % of the fourth, which is what its own 20.518 mW/cm² give.
    assert flags.count("header_contradicts_data") == 5
    page, curves = shown(client, row, first)
    assert "file contradicts data" in page
    # All columns share one falling voltage, those labelled forward too.
    assert sides_drawn(curves) == ["reverse", "reverse"]
    assert "label contradicts order" in page
    assert {pin["text"] for pin in curves["pins"]} == {"Voc", "Jsc", "MPP"}
    whole = client.get(row.get_absolute_url())
    by_cell = whole.context["by_cell"]
    assert [group["label"] for group in by_cell] == ["b", "c", "f"]
    assert [len(group["datasets"]) for group in by_cell] == [2, 2, 2]
    assert "file contradicts data" in whole.content.decode()


@ways
def test_a_reverse_sweep_with_units_of_its_own(client, device, real_file, upload):
    row = upload(client, real_file("jv/HZB_MMX*"), "jv")

    told(client, row)
    ((_, label), pce) = next(iter(values_of(client, row, "jv.pce").items()))
    assert label == "reverse"
    assert pce["value"] == pytest.approx(17.40, abs=0.011)
    (voc,) = values_of(client, row, "jv.voc").values()
    assert voc["value"] == pytest.approx(1.078, abs=5e-4)
    (ff,) = values_of(client, row, "jv.ff").values()
    assert ff["value"] == pytest.approx(0.680, abs=1e-3)


@ways
def test_twelve_curves_each_on_its_own_cell(client, device, real_file, upload):
    row = upload(client, real_file("jv/JM436.jv.json"), "jv")

    answer = told(client, row)
    assert len(answer["datasets"]) == 12
    cells = {dataset["cell"] for dataset in answer["datasets"]}
    assert len(cells) == 6
    assert all(
        sum(dataset["cell"] == cell for dataset in answer["datasets"]) == 2
        for cell in cells
    )
    forward = {
        quantity: values_of(client, row, quantity, cell="A")["A", "forward"]
        for quantity in ("jv.voc", "jv.jsc", "jv.ff", "jv.pce")
    }
    assert forward["jv.voc"]["value"] == pytest.approx(0.888774, abs=2e-3)
    assert forward["jv.jsc"]["value"] == pytest.approx(16.7766, rel=2e-3)
    assert forward["jv.ff"]["value"] == pytest.approx(0.503468, rel=5e-3)
    # At 35980 mW/cm² it would be 0.02 %: that irradiance is flagged, not used.
    assert forward["jv.pce"]["value"] == pytest.approx(7.507, rel=5e-3)
    assert "irradiance_impossible" in forward["jv.pce"]["flags"]
    page, curves = shown(client, row, "A")
    assert "impossible irradiance" in page
    assert "35980" in page
    # Both are stored rising; the one labelled reverse is told to be so labelled.
    assert sides_drawn(curves) == ["forward", "forward"]
    assert [one["labelled"] for one in curves["curves"] if one["kind"] == "sweep"] == [
        "",
        "reverse",
    ]
    assert "label contradicts order" in page
    device_page = client.get(device.get_absolute_url())
    assert len(device_page.context["results"].rows) == 6
    assert "impossible irradiance" in device_page.content.decode()


@ways
def test_two_spectra_of_quantum_efficiency(client, device, real_file, upload):
    row = upload(client, real_file("eqe/25.57.eqe.txt"), "eqe")

    answer = told(client, row)
    assert len(answer["datasets"]) == 2
    assert sorted(run["scope"] for run in answer["runs"]) == sorted(
        dataset["name"] for dataset in answer["datasets"]
    )
    found = client.get(
        "/api/v1/properties/", {"measurement": row.uuid, "quantity": "eqe.jsc"}
    ).json()["results"]
    assert sorted(one["value"] for one in found) == [
        pytest.approx(25.471, rel=1e-3),
        pytest.approx(25.567, rel=1e-3),
    ]
    assert all(one["current"] for one in found)
    run = row.runs.first()
    drawn = client.get(f"{run.get_absolute_url()}curves/").json()["panels"]
    curves, below, slope = drawn
    assert curves["y"]["label"] == "External quantum efficiency"
    assert below["under"] == curves["key"]
    assert below["curves"][0]["name"] == "Integrated current density"
    assert [pin["text"] for pin in curves["pins"]] == ["Eg"]
    assert slope["x"]["label"] == "Photon energy"
    assert not slope["under"]


@ways
def test_a_spectrum_with_little_around_it(client, device, real_file, upload):
    row = upload(client, real_file("eqe/SID1.eqe.txt"), "eqe")

    answer = told(client, row)
    assert len(answer["datasets"]) == 1
    assert len(answer["runs"]) == 1


@ways
def test_a_track_whose_two_efficiencies_disagree(client, device, real_file, upload):
    path = real_file("stability/MPPT_sample_0_pixel_0.mppt.csv")
    row = upload(client, path, "mpp_tracking")

    answer = told(client, row)
    (dataset,) = answer["datasets"]
    assert dataset["shape"] == [1810]
    time = dataset["axes"][0]
    assert time["last"] - time["first"] == pytest.approx(302.6, abs=0.1)
    # Its only cell is added to the device.
    assert dataset["cell"] in (None, "0")
    run = row.runs.get(analysis="stability_lifetimes")
    page = client.get(run.get_absolute_url())
    (initial,) = [
        one["value"]
        for one in page.context["other_values"]
        if one["value"].quantity == "stability.initial_pce"
    ]
    # Neither the first sample, 3.49 %, nor the column that contradicts V and J.
    assert 20 < initial.value <= 21.88
    gaps = [
        length["cell"]
        for told_of in page.context["tables"]
        if told_of["table"].title == "Longer intervals"
        for _, _, length in (*told_of["rows"], *told_of["more"])
        if length["cell"] > 0.25
    ]
    assert len(gaps) == 3
    assert max(gaps) == pytest.approx(0.5, abs=0.02)
    assert page.context["flags"]
    curves = client.get(f"{run.get_absolute_url()}curves/")
    assert len(curves.content) + len(page.content) < 1_000_000
