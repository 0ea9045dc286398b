"""JV curves of a cell over time become one ageing measurement."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.core.exceptions import ValidationError

import measurements.services
from analysis.services import create_ageing_series
from labdata.common.jobs.runner import execute_queued
from measurements.arrays.rows import load_dataset
from tests.samples.factories import make_project, make_sample, make_user

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def sweep(scale):
    """A reverse sweep whose current is scaled."""
    voltage = np.linspace(1.2, -0.1, 66)
    current = scale * 22 * (1 - np.expm1(voltage / 0.05) / np.expm1(1.1 / 0.05))
    rows = [f"{v:.4f},{j:.5f}" for v, j in zip(voltage, current, strict=True)]
    return "\n".join(["Voltage (V),Current density (mA/cm2)", *rows, ""]).encode()


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def device(ada):
    sample = make_sample(ada, make_project(ada), "D-1", kind="device")
    for hours, scale in ((0, 1.0), (100, 0.9), (200, 0.7)):
        measurements.services.create_measurement(
            user=ada,
            sample=sample,
            technique="jv",
            files=[(f"{hours}.csv", io.BytesIO(sweep(scale)))],
            measured_at=(START + timedelta(hours=hours)).isoformat(),
            conditions={"irradiance": 100, "active_area": 0.1},
        )
    execute_queued()
    return sample


def test_efficiencies_stand_at_their_times(ada, device):
    (made,) = create_ageing_series(user=ada, sample=device)
    execute_queued()

    row = made.datasets.current().get(is_result=False)
    dataset = load_dataset(row)
    pce = dataset["pce"]
    assert dataset["time"].tolist() == pytest.approx([0, 100, 200])
    assert pce[1:] / pce[0] == pytest.approx([0.9, 0.7], abs=0.01)
    assert len(row.metadata["about"]["sources"]) == 3
    t80 = made.runs.get().values.get(quantity="stability.t80")
    assert (t80.low, t80.high) == (100, 200)
    assert "interval_censored" in t80.flags


def test_the_same_curves_give_the_same_series(ada, device):
    (first,) = create_ageing_series(user=ada, sample=device)
    (again,) = create_ageing_series(user=ada, sample=device)

    assert again.pk == first.pk


def test_without_two_curves_it_is_said_how_many_there_are(ada, device):
    with pytest.raises(ValidationError, match=r"two forward curves .* none found"):
        create_ageing_series(user=ada, sample=device, direction="forward")
