"""Ageing series asked for through the API, by each way of telling the time."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import measurements.services
from labdata.common.jobs.runner import execute_queued
from measurements.arrays.rows import load_dataset
from measurements.models import Measurement
from tests.samples.factories import make_process, make_sample

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def device(user, project):
    return make_sample(user, project, "D-1", kind="device")


def log(user, device, scale, **values):
    """Log a reverse sweep whose current is scaled."""
    voltage = np.linspace(1.2, -0.1, 66)
    current = scale * 22 * (1 - np.expm1(voltage / 0.05) / np.expm1(1.1 / 0.05))
    rows = [f"{v:.4f},{j:.5f}" for v, j in zip(voltage, current, strict=True)]
    text = "\n".join(["Voltage (V),Current density (mA/cm2)", *rows, ""])
    conditions = {"irradiance": 100, "active_area": 0.1}
    measurements.services.create_measurement(
        user=user,
        sample=device,
        technique="jv",
        files=[("jv.csv", io.BytesIO(text.encode()))],
        conditions=conditions | values.pop("conditions", {}),
        **values,
    )


def ask(client, **values):
    return client.post("/api/v1/devices/D-1/ageing-series/", values, format="json")


def series(answer):
    assert answer.status_code == 201, answer.json()
    (told,) = answer.json()
    execute_queued()
    made = Measurement.objects.get(uuid=told["id"])
    dataset = load_dataset(made.datasets.current().get(is_result=False))
    return dataset["time"].tolist(), (dataset["pce"] / dataset["pce"][0]).tolist()


def test_time_is_when_each_curve_was_measured(client, user, device):
    for hours, scale in ((0, 1.0), (50, 0.9), (120, 0.7)):
        moment = START + timedelta(hours=hours)
        log(user, device, scale, measured_at=moment.isoformat())
    execute_queued()

    time, kept = series(ask(client))

    assert time == pytest.approx([0, 50, 120])
    assert kept == pytest.approx([1, 0.9, 0.7], abs=0.01)


def test_time_is_the_age_of_the_cell(client, user, device):
    for age, scale in ((24, 1.0), (500, 0.8)):
        log(user, device, scale, conditions={"cell_age": age})
    execute_queued()

    time, kept = series(ask(client, along="cell_age"))

    assert time == pytest.approx([24, 500])
    assert kept == pytest.approx([1, 0.8], abs=0.01)


def test_time_is_the_duration_of_ageing_between_states(client, user, project, device):
    log(user, device, 1.0)
    execute_queued()
    process = make_process(
        user,
        project,
        "ageing",
        inputs=["D-1"],
        outputs=["D-1"],
        parameters={"duration": "100 h"},
    )
    log(user, device, 0.85, state={"process": str(process.uuid), "relation": "after"})
    execute_queued()

    time, kept = series(ask(client, along="states"))

    assert time == pytest.approx([0, 100])
    assert kept == pytest.approx([1, 0.85], abs=0.01)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"along": "moon"}, "along"), ({"direction": "up"}, "direction"), ({}, "along")],
)
def test_what_gives_no_series_is_told_by_field(client, device, values, field):
    answer = ask(client, **values)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Measurement.objects.exists()
