"""Runs by API: asked for, watched, cancelled, judged, compared."""

import json

import pytest

from analysis.models import AnalysisRun
from labdata.common.people.access import Role
from measurements.services import create_region
from tests.analysis.conftest import (
    add_dataset,
    add_map,
    client_of,
    done_run,
    execute,
    gathering,
    installed,
    make_measurement,
)
from tests.samples import factories

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/runs/"


@pytest.fixture
def measurement(user, sample):
    return make_measurement(user, sample)


def ask(client, *measurements, **values):
    body = {"analysis": "toy_peaks", "measurements": [m.uuid for m in measurements]}
    text = json.dumps(body | values, default=str)
    return client.post(RUNS, text, content_type="application/json")


def test_a_run_is_accepted_and_can_be_watched(client, measurement):
    asked = ask(client, measurement, parameters={"peaks": 1})

    assert asked.status_code == 202
    (made,) = asked.json()
    told = client.get(f"{RUNS}{made['id']}/").json()
    assert told["state"] == "queued"
    assert told["parameters"] == {"scale": 1.0, "peaks": 1, "fail": ""}
    assert told["inputs"][0]["sha256"] == measurement.datasets.get().sha256
    assert (told["sample"], told["measurement"]) == ("S-1", str(measurement.uuid))


def test_a_done_run_tells_values_curves_and_versions(client, user, measurement):
    run = done_run(user, measurement)

    told = client.get(f"{RUNS}{run.uuid}/").json()

    assert told["state"] == "done"
    assert told["current"] is True
    first = told["properties"][0]
    assert (first["quantity"], first["label"]) == ("pl.peak_wavelength", "I")
    assert (first["unit"], first["bound"], first["flags"]) == ("nm", "=", ["toy"])
    assert [d["role"] for d in told["datasets"]] == ["fit"]
    assert told["environment"]["numpy"]
    assert told["result"]["details"][0]["value"] == pytest.approx(700.0)


def test_several_measurements_answer_with_a_list(client, user, sample, measurement):
    other = make_measurement(user, sample, level=1.0)

    answer = ask(client, measurement, other)

    assert answer.status_code == 202
    assert [run["measurement"] for run in answer.json()] == [
        str(measurement.uuid),
        str(other.uuid),
    ]


def test_a_form_names_several_measurements_too(client, user, sample, measurement):
    ids = [str(measurement.uuid), str(make_measurement(user, sample, level=1.0).uuid)]

    answer = client.post(RUNS, {"analysis": "toy_peaks", "measurements": ids})

    assert answer.status_code == 202, answer.content
    assert [run["measurement"] for run in answer.json()] == ids


def test_a_dataset_may_be_named_instead(client, measurement):
    dataset = measurement.datasets.get()

    answer = client.post(
        RUNS, {"analysis": "toy_peaks", "datasets": [dataset.uuid]}, format="json"
    )

    assert answer.status_code == 202
    (told,) = answer.json()
    assert told["inputs"][0]["dataset"] == str(dataset.uuid)


def name_dataset(client, dataset, analysis="toy_peaks"):
    body = {"analysis": analysis, "datasets": [dataset.uuid]}
    return client.post(RUNS, body, format="json")


@pytest.mark.parametrize("analysis", ["toy_peaks", "toy_dataset", "toy_cell"])
def test_a_result_is_refused_by_name_and_nothing_analysed_in_its_place(
    client, user, measurement, analysis
):
    (fit,) = (one.dataset for one in done_run(user, measurement).results.all())
    runs = AnalysisRun.objects.count()

    with gathering("dataset"), gathering("cell"):
        answer = name_dataset(client, fit, analysis)

    assert answer.status_code == 400
    (message,) = answer.json()["errors"]["datasets"]
    assert message.startswith("fit is the result of an analysis")
    assert AnalysisRun.objects.count() == runs


def test_the_spectrum_of_a_region_is_refused_by_name(client, user, measurement):
    _, mean = create_region(
        user=user,
        dataset=add_map(measurement),
        kind="point",
        label="corner",
        bounds={"x": 0.0},
    )

    answer = name_dataset(client, mean)

    assert answer.status_code == 400
    (message,) = answer.json()["errors"]["datasets"]
    assert message.startswith("corner is the mean over a region")
    assert not AnalysisRun.objects.exists()


@pytest.mark.parametrize("analysis", ["toy_peaks", "toy_dataset"])
def test_the_dataset_that_is_named_is_the_one_that_is_analysed(
    client, measurement, analysis
):
    add_dataset(measurement, 1.0)
    named = add_dataset(measurement, 2.0)

    with gathering("dataset"):
        (told,) = name_dataset(client, named, analysis).json()

    assert [one["dataset"] for one in told["inputs"]] == [str(named.uuid)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "analysis"),
        ({"analysis": "toy_peaks"}, "measurements"),
        ({"analysis": "toy_peaks", "measurements": []}, "measurements"),
        ({"analysis": "toy_peaks", "measurements": ["x"]}, "measurements"),
        ({"analysis": "toy_peaks", "measurements": [1e99]}, "measurements"),
        ({"analysis": "toy_peaks", "measurements": {"a": 1}}, "measurements"),
        ({"analysis": "toy_peaks", "measurement": "x"}, "measurement"),
        ({"analysis": "none", "measurements": ["x"]}, "analysis"),
        ([], "non_field_errors"),
    ],
)
def test_a_malformed_request_is_told_its_field(client, body, field):
    answer = client.post(RUNS, body, format="json")

    assert answer.status_code == 400
    assert field in answer.json()["errors"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"peaks": 9}, "peaks"),
        ({"peaks": "NaN"}, "peaks"),
        ({"scale": "Infinity"}, "scale"),
        ({"scale": [1]}, "scale"),
        ({"unknown": 1}, "unknown"),
        ({"peaks": "\ud800"}, "peaks"),
        ([1], "parameters"),
        ("text", "parameters"),
    ],
)
def test_wrong_parameters_are_told_field_by_field(
    client, measurement, parameters, field
):
    answer = ask(client, measurement, parameters=parameters)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]["parameters"]


def test_a_number_that_is_none_is_no_server_error(client, measurement):
    body = json.dumps(
        {
            "analysis": "toy_peaks",
            "measurements": [str(measurement.uuid)],
            "parameters": {"scale": float("nan")},
        }
    )

    answer = client.post(RUNS, body, content_type="application/json")

    assert answer.status_code == 400


def test_a_queued_run_is_cancelled_and_an_ended_one_refuses(client, user, measurement):
    (asked,) = ask(client, measurement).json()

    first = client.post(f"{RUNS}{asked['id']}/cancel/")
    second = client.post(f"{RUNS}{asked['id']}/cancel/")

    assert (first.status_code, first.json()["state"]) == (202, "cancelled")
    assert second.status_code == 400


def test_a_failed_run_tells_the_person_why(client, user, measurement):
    run = done_run(user, measurement, fail="data")

    told = client.get(f"{RUNS}{run.uuid}/").json()

    assert (told["state"], told["properties"]) == ("failed", [])
    assert told["message"] == "only 3 points after the peak"


def test_rejecting_needs_a_reason_and_drops_the_run(client, user, measurement):
    run = done_run(user, measurement)
    address = f"{RUNS}{run.uuid}/decide/"

    refused = client.post(address, {"verdict": "rejected"}, format="json")
    decided = client.post(
        address, {"verdict": "rejected", "reason": "wrong lamp"}, format="json"
    )

    assert "reason" in refused.json()["errors"]
    told = decided.json()
    assert (told["current"], told["decision"]["reason"]) == (False, "wrong lamp")
    assert not any(value["current"] for value in told["properties"])


def test_a_rerun_after_new_code_supersedes_and_compares(client, user, measurement):
    old = done_run(user, measurement)
    with installed(version=2):
        asked = client.post(f"{RUNS}{old.uuid}/rerun/")
        new = execute(type(old).objects.get(uuid=asked.json()["id"]))

        told = client.get(f"{RUNS}{new.uuid}/").json()
        before = client.get(f"{RUNS}{old.uuid}/").json()
        compared = client.get(f"{RUNS}{new.uuid}/compare/").json()

    assert asked.status_code == 202
    assert (told["current"], told["supersedes"]) == (True, str(old.uuid))
    assert (before["current"], before["superseded_by"]) == (False, str(new.uuid))
    assert compared["changes"] == {"version": [1, 2]}
    assert {v["difference"] for v in compared["values"]} == {0.0}


def test_a_first_run_has_nothing_to_compare_with(client, user, measurement):
    run = done_run(user, measurement)

    answer = client.get(f"{RUNS}{run.uuid}/compare/")

    assert (answer.status_code, "with" in answer.json()["errors"]) == (400, True)


def test_runs_of_other_projects_are_not_there(user, measurement):
    run = done_run(user, measurement)
    stranger = client_of(factories.make_user("eve"))

    statuses = {
        stranger.get(f"{RUNS}{run.uuid}/").status_code,
        stranger.post(f"{RUNS}{run.uuid}/cancel/").status_code,
        stranger.post(f"{RUNS}{run.uuid}/rerun/").status_code,
        stranger.get(f"{RUNS}{run.uuid}/compare/").status_code,
        stranger.post(
            f"{RUNS}{run.uuid}/decide/", {"verdict": "accepted"}, format="json"
        ).status_code,
    }

    assert statuses == {404}
    assert stranger.get(RUNS).json()["count"] == 0


def test_a_viewer_looks_and_does_not_touch(user, project, measurement):
    run = done_run(user, measurement)
    viewer = factories.make_user("grace")
    factories.add_member(project, viewer, Role.VIEWER)
    client = client_of(viewer)

    assert client.get(f"{RUNS}{run.uuid}/").status_code == 200
    assert ask(client, measurement).status_code == 403
    assert client.post(f"{RUNS}{run.uuid}/rerun/").status_code == 403
    verdict = {"verdict": "accepted"}
    decided = client.post(f"{RUNS}{run.uuid}/decide/", verdict, format="json")
    assert decided.status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=done", 2),
        ("state=queued", 0),
        ("current=true", 1),
        ("current=false", 1),
        ("sample=S-1", 2),
        ("sample=S-2", 0),
        ("analysis=toy_peaks", 2),
        ("project=glasses", 2),
        ("project=other", 0),
        ("verdict=none", 2),
        ("verdict=accepted", 0),
        ("outdated=false", 2),
        ("mine=true", 2),
        ("mine=false", 0),
        ("q=s-", 2),
        ("technique=pl", 2),
    ],
)
def test_runs_are_filtered(client, user, measurement, query, count):
    for scale in (1.0, 2.0):
        done_run(user, measurement, scale=scale)

    assert client.get(f"{RUNS}?{query}").json()["count"] == count


@pytest.mark.parametrize("query", ["measurement=x", "current=maybe", "state=odd"])
def test_a_filter_that_makes_no_sense_is_refused(client, db, query):
    answer = client.get(f"{RUNS}?{query}")

    assert answer.status_code in (200, 400)
    assert query.startswith("current") or answer.status_code == 400
