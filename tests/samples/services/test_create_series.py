"""Many samples at once: what a series makes, and that half a series makes nothing."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from labdata.common.people.access import Role
from labdata.common.record.history import recording
from samples import services
from samples.facts import compute_facts
from samples.models import Ancestry, Batch, Composition, Fact, Material, Process, Sample
from tests.samples.factories import (
    add_member,
    facts_of,
    make_materials,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

PROGRAM = [
    {"start_temperature": 25, "end_temperature": 300, "ramp": 20, "dwell": 30},
    {"start_temperature": 300, "end_temperature": 25, "cooling": "quench"},
]
PATTERN = "(CsPbI3){x}(agZIF-62){1-x}"


@pytest.fixture
def user():
    return make_user("ada")


@pytest.fixture
def project(user):
    project = make_project(user)
    make_materials(user, project)
    make_sample(user, project, "PEROVSKITE", kind="powder")
    make_sample(user, project, "GLASS", kind="glass")
    return project


@pytest.fixture
def told(user, project):
    """Twelve compositions, two temperatures, each composition mixed once."""
    return {
        "user": user,
        "project": project,
        "kind": "composite",
        "batch": "B-7",
        "composition": PATTERN,
        "variables": [
            {"name": "x", "values": "0, 0.05, 0.1 … 0.55"},
            {"name": "temperature", "values": "300, 350", "unit": "°C"},
        ],
        "code": "C-{n:02}",
        "process": {"kind": "sintering", "program": PROGRAM, "state": "done"},
        "precursor": {
            "inputs": [
                {"sample": "PEROVSKITE", "amount": "{200x} mg"},
                {"sample": "GLASS", "amount": "{200(1-x)} mg"},
            ],
        },
    }


def refusal(**told):
    with pytest.raises(ValidationError) as refused:
        services.create_series(**told)
    error = refused.value
    return getattr(error, "nested", None) or error.message_dict


def test_a_grid_makes_samples_mixtures_and_processes(told):
    made = services.create_series(**told)

    assert [sample.code for sample in made.samples][:3] == ["C-01", "C-02", "C-03"]
    assert len(made.samples) == 24
    assert len(made.precursors) == 12
    assert Process.objects.filter(kind="sintering").count() == 24
    assert Process.objects.filter(kind="mixing").count() == 12
    assert {sample.batch.code for sample in made.samples} == {"B-7"}


def test_what_is_known_of_a_sample_is_as_if_it_was_logged_alone(told):
    made = services.create_series(**told)

    facts = facts_of(made.samples[3])

    assert facts["composition.CsPbI3"] == pytest.approx(0.05)
    assert facts["composition.agZIF-62"] == pytest.approx(0.95)
    assert facts["process.sintering.temperature"] == 350
    assert facts["process.sintering.dwell"] == 30


def test_facts_equal_their_recomputation(told):
    made = services.create_series(**told)
    ids = [sample.pk for sample in (*made.samples, *made.precursors)]

    rows = compute_facts(ids)

    kept = Fact.objects.filter(sample_id__in=ids).select_related("variable")
    assert {(r.subject_id, r.variable.key, r.label, r.value, r.text) for r in rows} == {
        (f.subject_id, f.variable.key, f.label, f.value, f.text) for f in kept
    }


def test_the_steps_that_continue_from_the_temperature_follow_it(told):
    made = services.create_series(**told)

    steps = made.samples[1].made_by.process.program.all()

    assert [(step.start_temperature, step.end_temperature) for step in steps] == [
        (25, 350),
        (350, 25),
    ]


def test_lineage_leads_through_the_mixture_to_the_powders(told):
    made = services.create_series(**told)

    above = Ancestry.objects.filter(descendant=made.samples[4])

    assert {row.ancestor.code: row.depth for row in above} == {
        "C-05": 0,
        "B-7-M03": 1,
        "PEROVSKITE": 2,
        "GLASS": 2,
    }


def test_masses_follow_the_composition_and_nothing_is_weighed_of_nothing(told):
    made = services.create_series(**told)

    amounts = [
        {
            entry.sample.code: (entry.amount, entry.unit)
            for entry in mixture.made_by.process.inputs.all()
        }
        for mixture in made.precursors[:2]
    ]

    assert amounts == [
        {"GLASS": (200, "mg")},
        {"PEROVSKITE": (10, "mg"), "GLASS": (190, "mg")},
    ]


def test_samples_of_one_composition_share_it(told):
    made = services.create_series(**told)

    assert made.samples[0].composition_id == made.samples[1].composition_id
    assert Composition.objects.count() == 12


def test_everything_is_in_the_history_of_one_act(told):
    with recording(user=told["user"], request="POST /samples/series/"):
        made = services.create_series(**told)

    sample, process = made.samples[0], made.processes[-1]
    acts = {
        row.history.get().change_set_id
        for row in (sample, process, *process.program.all(), *process.outputs.all())
    }
    assert len(acts) == 1


def test_two_hundred_samples_take_fewer_queries_than_samples(
    told, django_assert_max_num_queries
):
    told["variables"] = [
        {"name": "x", "values": "0.001:0.1:0.001"},
        {"name": "temperature", "values": "300, 350", "unit": "°C"},
    ]

    with (
        recording(user=told["user"]),
        django_assert_max_num_queries(190),
    ):
        made = services.create_series(**told)

    assert len(made.samples) == 200


def test_samples_can_be_made_of_samples_and_lots_directly(told):
    services.create_lot(
        user=told["user"],
        project=told["project"],
        material=Material.objects.get(name="CsPbI3"),
        code="L1",
    )
    told["precursor"] = None
    told["process"]["inputs"] = [{"lot": "L1", "amount": "{50x} mg"}, "GLASS"]

    made = services.create_series(**told)

    entries = made.samples[2].made_by.process.inputs.all()
    assert [(str(e.lot or e.sample), e.amount) for e in entries] == [
        ("L1", 2.5),
        ("GLASS", None),
    ]


def test_conditions_are_converted_to_their_units(told):
    told["variables"] = [
        {"name": "sintering temperature", "values": "573.15, 623.15 K"},
        {"name": "dwell", "values": "0.5", "unit": "h"},
        {"name": "x", "values": "0.25"},
    ]

    made = services.create_series(**told)

    facts = facts_of(made.samples[1])
    assert facts["process.sintering.temperature"] == pytest.approx(350)
    assert facts["process.sintering.dwell"] == pytest.approx(30)


def test_other_conditions_become_parameters(told):
    told["process"] = {"kind": "spin_coating"}
    told["precursor"] = None
    told["variables"] = [
        {"name": "speed", "values": "2000, 4000"},
        {"name": "duration", "values": "1 min"},
        {"name": "antisolvent", "values": "toluene"},
        {"name": "x", "values": "0.5"},
    ]

    made = services.create_series(**told)

    assert made.samples[1].made_by.process.parameters == {
        "speed": 4000.0,
        "duration": 1.0,
        "antisolvent": "toluene",
    }


def test_cells_of_the_programme_may_hold_placeholders(told):
    told["process"]["program"] = [{"end_temperature": "{T}", "dwell": "{60/k} min"}]
    told["variables"] = [
        {"name": "T", "values": "573.15", "unit": "K"},
        {"name": "k", "values": "1, 2"},
        {"name": "x", "values": "0.5"},
    ]

    made = services.create_series(**told)

    steps = [sample.made_by.process.program.get() for sample in made.samples]
    assert [(step.end_temperature, step.dwell) for step in steps] == [
        (pytest.approx(300), 60),
        (pytest.approx(300), 30),
    ]


def test_a_series_without_process_is_samples_alone(told):
    del told["process"], told["precursor"]
    told["variables"] = [{"name": "x", "values": "0.1, 0.2"}]

    made = services.create_series(**told)

    assert len(made.samples) == 2
    assert not Process.objects.exists()


def test_repeats_make_the_same_again(told):
    told["variables"] = [
        {"name": "x", "values": "0.1"},
        {"name": "repeat", "values": "1:3:1"},
    ]
    told["code"] = "R{repeat}"

    made = services.create_series(**told)

    assert [sample.code for sample in made.samples] == ["R1", "R2", "R3"]
    assert made.samples[0].made_by.process.parameters == {}


def test_a_pasted_list_is_a_series(told):
    told |= {"variables": [], "precursor": None}
    told["table"] = (
        "Code\tComposition\tT [K]\tatmosphere\n"
        "A-1\tCsPbI3\t573.15\tN2\n"
        "A-2\t(CsPbI3)0.5(agZIF-62)0.5\t623.15\t\n"
    )

    made = services.create_series(**told)

    assert [sample.code for sample in made.samples] == ["A-1", "A-2"]
    assert made.samples[0].composition.formula == "CsPbI3"
    facts = facts_of(made.samples[1])
    assert facts["process.sintering.temperature"] == pytest.approx(350)
    assert "process.sintering.atmosphere" not in facts


def test_rows_left_out_are_not_made_and_not_counted(told):
    plan = services.plan_series(**told)
    told["left_out"] = [row.key for row in plan.rows[:20]]

    made = services.create_series(**told)

    assert [sample.code for sample in made.samples] == ["C-01", "C-02", "C-03", "C-04"]
    assert len(made.precursors) == 2


def test_the_code_of_a_single_row_can_be_chosen(told):
    plan = services.plan_series(**told)
    told["codes"] = {plan.rows[1].key: "SPECIAL"}

    made = services.create_series(**told)

    assert [sample.code for sample in made.samples][:3] == ["C-01", "SPECIAL", "C-03"]


def test_codes_that_are_taken_are_told_row_by_row_and_nothing_is_made(told):
    make_sample(told["user"], told["project"], "C-02")
    before = Sample.objects.count()

    errors = refusal(**told)

    assert list(errors["rows"]) == [1]
    assert "There is a sample C-02 (composite) already" in errors["rows"][1]["code"][0]
    assert Sample.objects.count() == before
    assert not Batch.objects.exists()
    assert not Process.objects.exists()


def test_a_plan_says_from_which_number_codes_are_free(told):
    make_sample(told["user"], told["project"], "C-02")
    make_sample(told["user"], told["project"], "C-20")

    plan = services.plan_series(**told)

    assert plan.next_number == 21


def test_codes_that_come_twice_name_the_other_row(told):
    told["code"] = "C-{100x}"

    errors = refusal(**told)

    assert errors["rows"][1]["code"] == ["C-0 is also the code of row 1."]


def test_a_composition_that_does_not_add_up_is_told_at_its_rows(told):
    told["composition"] = "(CsPbI3){x}(agZIF-62){1.3-x}"

    errors = refusal(**told)

    assert "fractions sum to 1.30, not 1" in errors["rows"][0]["composition"][0]


def test_a_temperature_out_of_reach_is_told_at_its_row(told):
    told["variables"][1]["values"] = "300, 9000"

    errors = refusal(**told)

    assert set(errors["rows"]) == set(range(1, 24, 2))
    assert "hotter than any furnace" in errors["rows"][1]["temperature"][0]


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        ({"kind": "brick"}, "kind", "no kind of sample"),
        ({"batch": ""}, "batch", "Name the batch"),
        ({"batch": "B 7"}, "batch", "A code is made of"),
        ({"code": ""}, "code", "Write a pattern"),
        ({"code": "C {n}"}, None, "A code is made of"),
        ({"code": "C-{q}"}, "code", "'q' is not known"),
        ({"code": "C-{n"}, "code", "without its"),
        ({"code": "C{n:02}", "first_number": "x"}, "first_number", "no whole number"),
        ({"composition": "(CsPbI3){y}(agZIF-62){1-y}"}, "composition", "'y' has no"),
        ({"composition": "(A){x}(B){1-x}"}, "composition", "Not known as materials"),
        ({"pairwise": True}, "pairwise", "x has 12, temperature has 2"),
        ({"table": "x\n"}, "table", "Paste a header"),
        ({"process": {"kind": "baking"}}, "process_kind", "baking"),
    ],
)
def test_what_is_wrong_with_the_whole_is_told_at_its_field(
    told, change, where, message
):
    errors = refusal(**told | change)

    said = errors["rows"][0]["code"] if where is None else errors[where]
    assert message in str(said)
    assert not Batch.objects.exists()


def test_values_that_cannot_be_read_are_told_at_their_row(told):
    told["variables"][0]["values"] = "0.1..0.9"

    errors = refusal(**told)

    assert "needs its step" in errors["variables"][0]["values"][0]


def test_a_fraction_beyond_one_is_told_by_what_it_leaves(told):
    told["variables"][0]["values"] = "0.1, 1.4"

    errors = refusal(**told)

    (said,) = {str(row["composition"][0]) for row in errors["rows"].values()}
    assert said == "-0.4 is negative: no fraction can be"


def test_a_value_given_twice_is_no_silent_repeat(told):
    told["variables"][1]["values"] = "300, 350, 300"

    errors = refusal(**told)

    assert "300 °C stands there twice" in errors["variables"][1]["values"][0]


def test_a_variable_that_is_used_nowhere_is_told(told):
    told["variables"].append({"name": "y", "values": "1"})

    errors = refusal(**told)

    assert "'y' stands nowhere" in errors["variables"][2]["name"][0]


def test_new_materials_are_made_where_that_is_asked_for(told):
    told |= {"composition": "(CsPbBr3){x}(agZIF-62){1-x}", "create_materials": True}

    made = services.create_series(**told)

    assert Material.objects.get(name="CsPbBr3").formula == "CsPbBr3"
    assert facts_of(made.samples[3])["composition.CsPbBr3"] == pytest.approx(0.05)


def test_planned_series_know_nothing_of_conditions_yet(told):
    told["process"]["state"] = "planned"

    made = services.create_series(**told)

    assert {process.state for process in made.processes} == {"planned"}
    assert "process.sintering.temperature" not in facts_of(made.samples[0])


def test_a_plan_changes_nothing(told):
    told |= {"composition": "(CsPbBr3){x}(agZIF-62){1-x}", "create_materials": True}
    before = Sample.objects.count(), Material.objects.count()

    plan = services.plan_series(**told)

    assert plan.is_sound
    assert (Sample.objects.count(), Material.objects.count()) == before
    assert not Batch.objects.exists()


def test_who_may_only_look_makes_nothing(told):
    viewer = make_user("viewer")
    add_member(told["project"], viewer, Role.VIEWER)

    with pytest.raises(PermissionDenied):
        services.create_series(**told | {"user": viewer})
