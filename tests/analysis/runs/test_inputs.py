"""What a run is given: the datasets of a cell, and the conditions as they stood."""

import io
import json

import pytest

from analysis.contract.registry import analyses
from analysis.models import AnalysisRun, PropertyValue
from analysis.runs.inputs import conditions_of, groups_of
from analysis.services import request_runs
from labdata.common.jobs.runner import execute_queued
from measurements.models import Measurement
from measurements.services import create_measurement, update_measurement
from samples import services
from samples.models import Fact
from tests.samples.factories import make_process, make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)

VOLTAGES = [step / 40 for step in range(45)]


def sweeps(*cells, current=20.0):
    """A table of one sweep for each cell, down in voltage."""
    rows = ["pixel,direction,Voltage (V),Current density (mA/cm²)"]
    for number, cell in enumerate(cells):
        rows += [
            f"{cell},reverse,{v:.4f},{current + number - 1e-9 * 10 ** (v * 10):.6f}"
            for v in reversed(VOLTAGES)
        ]
    return "\n".join([*rows, ""]).encode()


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def device(user):
    return services.create_device(
        user=user,
        project=make_project(user),
        code="D-1",
        stack={"cells": [{"label": "A", "active_area": 0.1}, {"label": "B"}]},
    )


def measure(user, device, content=None, **values):
    measurement = create_measurement(
        user=user,
        sample=device,
        technique="jv",
        files=[("sweeps.csv", io.BytesIO(content or sweeps("A", "B")))],
        **values,
    )
    execute_queued()
    return Measurement.objects.get(pk=measurement.pk)


def efficiency(cell):
    return PropertyValue.objects.current().get(
        quantity="jv.pce", label="reverse", run__cell__label=cell
    )


def test_each_cell_has_a_run_of_its_own_and_both_stand(user, device):
    measurement = measure(user, device, conditions={"irradiance": 100})

    runs = AnalysisRun.objects.current().filter(measurement=measurement)
    assert {run.scope: run.cell.label for run in runs} == {"A": "A", "B": "B"}
    assert efficiency("B").value > efficiency("A").value
    assert efficiency("A").subject.cell.label == "A"
    facts = Fact.objects.filter(variable__key="jv.pce", is_default=True)
    assert {fact.subject.cell.label for fact in facts} == {"A", "B"}


def test_a_cell_the_record_lacks_is_added_and_that_is_said(user, device):
    measurement = measure(user, device, sweeps("a", "C"))

    assert list(device.cells.values_list("label", flat=True)) == ["A", "B", "C"]
    assert "had no cell C: it was added" in " ".join(measurement.parsing.notes)
    labels = {row.cell.label for row in measurement.datasets.filter(is_result=False)}
    assert labels == {"A", "C"}


def test_the_cell_a_person_named_goes_before_that_of_a_file_with_one(user, device):
    measurement = measure(user, device, sweeps("7"), cell="B")

    assert measurement.datasets.filter(is_result=False).get().cell.label == "B"
    assert "calls the cell 7" in " ".join(measurement.parsing.notes)
    assert device.cells.count() == 2


def test_a_file_with_several_cells_is_not_put_on_the_one_named(user, device):
    measurement = measure(user, device, cell="B")

    labels = {row.cell.label for row in measurement.datasets.filter(is_result=False)}
    assert labels == {"A", "B"}
    assert "each is kept as its own" in " ".join(measurement.parsing.notes)


def test_the_run_keeps_the_conditions_and_the_area_of_the_cell(user, device):
    measure(user, device, conditions={"irradiance": 80})

    told = {
        run.cell.label: next(iter(run.conditions.values()))
        for run in AnalysisRun.objects.all()
    }

    assert told["A"]["irradiance"] == told["B"]["irradiance"] == 80
    assert told["A"]["active_area"] == told["A"]["cell_active_area"] == 0.1
    assert "active_area" not in told["B"]


def test_the_persons_area_goes_before_that_of_the_cells_record(user, device):
    measure(user, device, conditions={"irradiance": 100, "active_area": 0.2})

    (told,) = AnalysisRun.objects.get(cell__label="A").conditions.values()
    assert (told["active_area"], told["cell_active_area"]) == (0.2, 0.1)


@pytest.mark.parametrize(
    ("person", "of_the_dataset", "of_the_file", "expected"),
    [
        (0.2, 0.3, 0.4, 0.2),
        (None, 0.3, 0.4, 0.3),
        (None, None, 0.4, 0.4),
        (None, None, None, 0.1),
        (0.2, None, None, 0.2),
        (0.2, 0.3, None, 0.2),
        (None, 0.3, None, 0.3),
    ],
)
def test_a_persons_word_the_datasets_the_files_and_the_records_in_this_order(
    user, device, person, of_the_dataset, of_the_file, expected
):
    measurement = measure(user, device)
    spec = analyses["jv_metrics"]
    group = next(one for one in groups_of(spec, measurement) if one.scope == "A")
    (row,) = group.datasets
    row.metadata = {"conditions": {}}
    if of_the_dataset is not None:
        row.metadata["conditions"]["active_area"] = of_the_dataset
    measurement.conditions, measurement.sources = {}, {}
    for said, source in ((of_the_file, "file"), (person, "person")):
        if said is not None:
            measurement.conditions["active_area"] = said
            measurement.sources["active_area"] = source

    told = conditions_of(spec, measurement, group)[str(row.uuid)]

    assert told["active_area"] == expected
    assert told["cell_active_area"] == 0.1


def test_a_condition_that_is_mended_asks_anew_and_the_old_answer_stays(user, device):
    measurement = measure(user, device, conditions={"irradiance": 100})
    before = efficiency("A")

    update_measurement(
        user=user, measurement=measurement, conditions={"irradiance": 50}
    )
    execute_queued()

    after = efficiency("A")
    assert after.value == pytest.approx(2 * before.value)
    assert AnalysisRun.objects.filter(cell__label="A").count() == 2
    assert not PropertyValue.objects.current().filter(pk=before.pk).exists()
    update_measurement(
        user=user, measurement=measurement, conditions={"irradiance": 50}, notes="x"
    )
    assert AnalysisRun.objects.filter(cell__label="A").count() == 2


def test_asking_again_gives_the_runs_there_are(user, device):
    measurement = measure(user, device, conditions={"irradiance": 100})

    runs = request_runs(
        user=user, analysis="jv_metrics", measurements=[measurement.uuid]
    )

    assert {run.pk for run in runs} == set(
        AnalysisRun.objects.values_list("pk", flat=True)
    )
    row = measurement.datasets.get(is_result=False, cell__label="B")
    (one,) = request_runs(user=user, analysis="jv_metrics", datasets=[row.uuid])
    assert one.scope == "B"


def test_values_of_cells_follow_their_measurement_into_another_state(user, device):
    ageing = make_process(
        user,
        device.project,
        "ageing",
        inputs=["D-1"],
        outputs=["D-1"],
        parameters={"temperature": 85},
    )
    measurement = measure(user, device, state="as made")
    made = json.dumps({"process": str(ageing.uuid), "relation": "during"})

    update_measurement(user=user, measurement=measurement, state=json.loads(made))

    facts = Fact.objects.filter(variable__key="jv.pce", is_default=True)
    assert {
        (fact.subject.cell.label, fact.subject.process_id, fact.subject.relation)
        for fact in facts
    } == {("A", ageing.pk, "during"), ("B", ageing.pk, "during")}
