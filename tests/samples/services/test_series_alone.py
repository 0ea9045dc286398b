"""A series is whole or nothing, and hears nothing of other projects."""

import pytest
from django.core.exceptions import ValidationError

from samples import services
from samples.models import Batch, Material, Process, Sample
from tests.samples.factories import make_materials, make_project, make_sample, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def told(ada):
    return {
        "user": ada,
        "project": make_project(ada),
        "kind": "composite",
        "batch": "B-7",
        "code": "C-{n:02}",
    }


def test_a_material_that_is_refused_leaves_nothing_behind(told):
    name = "Z" * 301

    with pytest.raises(ValidationError):
        services.create_series(
            **told,
            composition=f"(ZIF){{x}}({name}){{1-x}}",
            variables=[{"name": "x", "values": "0.1, 0.2"}],
            create_materials=True,
        )

    for model in (Batch, Material, Sample):
        assert not model.objects.exists()


def test_a_material_of_another_project_reads_like_one_that_is_nowhere(told):
    told |= {
        "composition": "UTSA-16",
        "variables": [{"name": "repeat", "values": "1, 2"}],
    }
    before = services.plan_series(**told)
    other = make_user("other")
    make_materials(other, make_project(other, "elsewhere"), "UTSA-16")

    after = services.plan_series(**told)

    assert after.errors == before.errors
    assert [row.errors for row in after.rows] == [row.errors for row in before.rows]


def test_every_process_is_as_it_was_told_once(told, ada):
    make_sample(ada, told["project"], "POWDER", kind="powder")

    made = services.create_series(
        **told,
        variables=[{"name": "repeat", "values": "1, 2"}],
        process={
            "kind": "sintering",
            "inputs": ["POWDER"],
            "program": [{"start_temperature": 0, "end_temperature": 300, "dwell": 0}],
            "state": "done",
            "started_at": "2026-03-05 10:30",
            "zone": "Europe/Berlin",
            "operator": "grace",
            "notes": "left furnace",
        },
    )

    for sample in made.samples:
        process = Process.objects.get(outputs__sample=sample)
        step = process.program.get()
        assert (process.state, process.operator) == ("done", "grace")
        assert process.notes == "left furnace"
        assert (process.started_precision, process.started_zone) == (
            "minute",
            "Europe/Berlin",
        )
        assert process.started_at.hour == 9
        assert (step.start_temperature, step.dwell) == (0, 0)


def test_rows_that_are_alike_are_left_out_one_by_one(told):
    table = "T\n300\n300\n"
    process = {"kind": "sintering"}
    plan = services.plan_series(**told, table=table, process=process)

    made = services.create_series(
        **told, table=table, process=process, left_out=[plan.rows[0].key]
    )

    assert len(made.samples) == 1


def test_units_told_beside_a_number_are_heeded(told, ada):
    make_sample(ada, told["project"], "POWDER", kind="powder")
    told |= {
        "variables": [
            {"name": "m", "values": "1, 2"},
            {"name": "duration", "values": "1", "unit": "h"},
            {"name": "dose", "values": "3", "unit": "mg"},
        ],
        "process": {
            "kind": "spin_coating",
            "inputs": [{"sample": "POWDER", "amount": "{5m}", "unit": "g"}],
        },
    }

    plan = services.plan_series(**told)
    made = services.create_series(**told)

    process = made.samples[1].made_by.process
    assert plan.rows[0].told["duration"] == "60 min"
    assert process.parameters == {
        "duration": 60.0,
        "dose": {"value": 3.0, "unit": "mg"},
    }
    entry = process.inputs.get()
    assert (entry.amount, entry.unit) == (10.0, "g")


def test_codes_of_others_and_of_mixtures_are_told_apart(told, ada):
    make_materials(ada, told["project"], "A", "B")
    make_sample(ada, told["project"], "POWDER", kind="powder")
    elsewhere = make_project(ada, "elsewhere")
    make_sample(ada, elsewhere, "C-01")
    told |= {
        "composition": "(A){x}(B){1-x}",
        "variables": [{"name": "x", "values": "0.1, 0.2"}],
        "process": {"kind": "sintering"},
        "precursor": {"inputs": ["POWDER"]},
    }

    sound = services.plan_series(**told)
    make_sample(ada, told["project"], "B-7-M02")
    taken = services.plan_series(**told)

    assert sound.is_sound
    assert taken.errors == {
        "precursor_code": ["There is a sample B-7-M02 (composite) already."]
    }
    assert services.create_series(**told | {"batch": "B-8"}).samples[0].code == "C-01"


def test_codes_of_a_pasted_list_stay_at_their_rows_when_one_is_left_out(told):
    told |= {"table": "code\tx\nA-1\t1\nA-2\t2\nA-3\t3\n", "composition": ""}
    told["process"] = {"kind": "sintering", "parameters": {"turns": "{x}"}}
    plan = services.plan_series(**told)

    made = services.create_series(**told, left_out=[plan.rows[0].key])

    assert [sample.code for sample in made.samples] == ["A-2", "A-3"]


def test_basis_protocol_and_extra_fields_reach_every_sample(told, ada):
    project = told["project"]
    make_materials(ada, project, "A", "B")
    services.create_extra_field(
        user=ada,
        project=project,
        target="process",
        key="furnace",
        label="Furnace",
        kind="text",
    )
    protocol = services.create_protocol(
        user=ada, project=project, name="Standard", kind="sintering"
    )
    services.update_protocol(user=ada, protocol=protocol, notes="newer")

    made = services.create_series(
        **told,
        composition="(A){x}(B){1-x}",
        basis="vol",
        variables=[{"name": "x", "values": "0.1, 0.2"}],
        process={
            "kind": "sintering",
            "protocol": "Standard",
            "extra": {"furnace": "left"},
        },
    )

    for sample in made.samples:
        process = sample.made_by.process
        assert sample.composition.basis == "vol"
        assert (process.protocol, process.protocol_version) == (protocol, 2)
        assert process.extra == {"furnace": "left"}
