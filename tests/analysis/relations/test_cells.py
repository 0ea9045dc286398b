"""Cells in relations: each its own point, named beside its sample."""

import numpy as np
import pytest

from analysis.relations import answer
from analysis.relations.points import collect_points
from labdata.plugin import Dataset
from measurements.arrays.rows import save_dataset
from measurements.models import Measurement
from samples.facts import replace_facts, subject_for
from samples.models import Cell, Fact
from tests.samples import factories


@pytest.fixture
def device(user, project):
    sample = factories.make_sample(user, project, "D-1", kind="device")
    for label, area in (("A", 0.1), ("B", 0.2)):
        Cell.objects.create(sample=sample, label=label, active_area=area)
    replace_facts(sample_ids=[sample.pk])
    return sample


def measure(user, sample, datasets, *, conditions=None, sources=None, cell=None):
    """A JV measurement with one dataset for each (cell, its own conditions)."""
    measurement = Measurement.objects.create(
        project=sample.project,
        sample=sample,
        subject=subject_for(sample=sample, cell=cell),
        technique="jv",
        conditions=conditions or {},
        sources=sources or {},
        created_by=user,
    )
    for number, (of, own) in enumerate(datasets):
        curve = Dataset.curve(
            ("voltage", "V", np.linspace(0, 1, 5)),
            current_density=("mA/cm**2", np.linspace(20, 0, 5)),
        ).with_metadata(conditions=own)
        stored = save_dataset(
            curve,
            measurement=measurement,
            name=f"curve {number}",
            identity=f"{measurement.pk:032d}{number:032d}",
        )
        stored.cell = of
        stored.save()
    replace_facts(sample_ids=[sample.pk])


def told(sample, variable):
    facts = Fact.objects.filter(sample=sample, variable__key=variable)
    return {
        fact.subject.cell.label if fact.subject.cell else None: fact.value
        if fact.value is not None
        else fact.text
        for fact in facts.select_related("subject__cell")
    }


def test_each_cell_is_a_point_with_its_name(ask, device):
    question = ask(x="cell.label", y="cell.active_area")

    rows, count, _ = answer.answer_page(question, limit=10)

    assert count == 2
    assert [(row["sample"], row["cell"], row["y"]) for row in rows] == [
        ("D-1", "A", 0.1),
        ("D-1", "B", 0.2),
    ]
    assert answer.column_names(question)[:4] == [
        "sample",
        "sample_id",
        "cell",
        "project",
    ]
    assert collect_points(question)["points"]["cell"] == ["A", "B"]


def test_a_device_is_one_point_of_what_its_cells_inherit(ask, device):
    inherited, _, _ = answer.answer_page(
        ask(x="sample.code", y="sample.kind"), limit=10
    )
    of_cells, _, _ = answer.answer_page(
        ask(x="sample.code", y="sample.kind", filter="cell.active_area:gt:0.05"),
        limit=10,
    )

    assert [row["cell"] for row in inherited] == [None]
    assert [row["cell"] for row in of_cells] == ["A", "B"]


def test_points_of_samples_without_cells_say_nothing_of_cells(ask, user, project):
    factories.make_sample(user, project, "F-1")

    points = collect_points(ask(x="sample.code", y="sample.kind"))["points"]

    assert "cell" not in points


def test_conditions_belong_to_the_cells_that_were_measured(user, device):
    first, second = device.cells.all()
    measure(
        user,
        device,
        [(first, {"irradiance": 100.0}), (second, {"irradiance": 80.0})],
        conditions={"scan_rate": 50.0},
    )

    assert told(device, "measurement.jv.irradiance") == {"A": 100, "B": 80}
    assert told(device, "measurement.jv.scan_rate") == {"A": 50, "B": 50}
    assert told(device, "measurement.jv.count") == {"A": 1, "B": 1}


def test_a_persons_word_goes_before_that_of_the_file(user, device):
    first = device.cells.first()
    measure(
        user,
        device,
        [(first, {"irradiance": 100.0, "scan_rate": 20.0})],
        conditions={"irradiance": 95.0, "scan_rate": 50.0},
        sources={"irradiance": "person", "scan_rate": "file"},
    )

    assert told(device, "measurement.jv.irradiance") == {"A": 95}
    assert told(device, "measurement.jv.scan_rate") == {"A": 20}


def test_what_the_sweeps_of_a_cell_disagree_on_is_no_fact(user, device):
    first = device.cells.first()
    measure(
        user,
        device,
        [
            (first, {"direction": "reverse", "irradiance": 100.0}),
            (first, {"direction": "forward", "irradiance": 100.0}),
        ],
    )

    assert told(device, "measurement.jv.direction") == {}
    assert told(device, "measurement.jv.irradiance") == {"A": 100}


def test_impossible_conditions_of_a_file_are_no_facts(user, device):
    first = device.cells.first()
    measure(user, device, [(first, {"irradiance": -5.0, "scan_rate": 50.0})])

    assert told(device, "measurement.jv.scan_rate") == {"A": 50}
    assert told(device, "measurement.jv.irradiance") == {}


def test_a_measurement_without_cells_is_of_the_sample(user, device):
    measure(user, device, [(None, {"irradiance": 100.0})])

    assert told(device, "measurement.jv.irradiance") == {None: 100}


def test_when_and_by_whom_a_sample_was_made_are_variables(user, project):
    made = factories.make_sample(user, project, "M-1")
    logged = factories.make_sample(user, project, "M-2")
    factories.make_process(
        user,
        project,
        "spin_coating",
        outputs=[made.code],
        started_at="2026-03",
        operator="Mei",
    )

    assert told(made, "sample.made_on") == {None: "2026-03"}
    assert told(made, "sample.operator") == {None: "Mei"}
    assert told(logged, "sample.operator") == {None: user.get_username()}
    assert len(told(logged, "sample.made_on")[None]) == 10


def test_the_state_is_a_variable_too(user, project):
    film = factories.make_sample(user, project, "F-1", kind="film")
    factories.make_process(
        user, project, "ageing", inputs=[film.code], outputs=[film.code]
    )

    states = Fact.objects.filter(sample=film, variable__key="sample.state")

    assert sorted(states.values_list("text", flat=True)) == ["after Ageing", "as made"]
