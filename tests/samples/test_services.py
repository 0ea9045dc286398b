"""Logging samples and processes: what is kept, what follows, what is refused."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from labdata.common.people.access import Role
from labdata.common.record.history import ChangeSet, recording
from samples import services
from samples.models import Ancestry, Sample, Segment
from tests.samples.factories import (
    add_member,
    facts_of,
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

SINTERING = {
    "start_temperature": 25,
    "end_temperature": 300,
    "ramp": 20,
    "dwell": 30,
    "atmosphere": "N2",
    "cooling": "quench",
}


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def project(user):
    project = make_project(user)
    make_materials(user, project)
    return project


def errors_of(error):
    return getattr(error.value, "nested", None) or error.value.message_dict


def test_a_composite_is_logged_with_its_fractions_on_the_weight_basis(user, project):
    sample = make_sample(user, project, composition="(CsPbI3)0.25(agZIF-62)0.75")

    components = sample.composition.components.values_list("material__name", "amount")
    assert sample.composition.basis == "wt"
    assert list(components) == [("CsPbI3", 0.25), ("agZIF-62", 0.75)]
    assert facts_of(sample)["composition.CsPbI3"] == 0.25


def test_a_perovskite_formula_gives_ions_and_elements(user, project):
    text = "Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3"

    facts = facts_of(make_sample(user, project, composition=text))

    assert facts["ion.A.FA"] == pytest.approx(0.931)
    assert facts["ion.X.Br"] == pytest.approx(0.02)
    assert 0 < facts["element.Pb"] < 1


def test_unknown_materials_are_named_and_made_only_on_request(user, project):
    text = "(CsPbI3)0.5(Mystery-1)0.5"

    with pytest.raises(ValidationError, match="Mystery-1"):
        make_sample(user, project, composition=text)
    sample = make_sample(user, project, composition=text, create_materials=True)

    made = sample.composition.components.get(position=1).material
    assert (made.name, made.project) == ("Mystery-1", project)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(CsPbI3)0.65(agZIF-62)0.65", "1.30"),
        ("Cs0.05(Qq0.95Pb(I3", "position"),
    ],
)
def test_a_wrong_composition_is_refused_at_its_field(user, project, text, says):
    with pytest.raises(ValidationError) as error:
        make_sample(user, project, composition=text)

    assert says in str(errors_of(error)["composition"])
    assert not Sample.objects.exists()


def test_a_code_is_taken_once_per_project(user, project):
    make_sample(user, project, "S-1")

    with pytest.raises(ValidationError) as error:
        make_sample(user, project, "S-1")
    elsewhere = make_sample(user, make_project(user, "other"), "S-1")

    assert "S-1" in errors_of(error)["code"][0]
    assert elsewhere.code == "S-1"


def test_a_taken_code_and_a_wrong_composition_are_told_together(user, project):
    make_sample(user, project, "S-1")

    with pytest.raises(ValidationError) as error:
        make_sample(user, project, "S-1", composition="(CsPbI3)0.65(agZIF-62)0.65")

    assert set(errors_of(error)) == {"code", "composition"}


def test_the_database_itself_refuses_what_the_services_refuse(user, project):
    sample = make_sample(user, project)
    process = make_process(user, project, inputs=["S-1"], outputs=["S-1"])
    wrong = [
        lambda: Sample(project=project, code="S-1", kind="film").save(),
        lambda: Sample(project=project, code="no space", kind="film").save(),
        lambda: Segment(process=process, position=0, ramp=-5).save(),
        lambda: Segment(process=process, position=0, end_temperature=-300).save(),
        lambda: Ancestry(ancestor=sample, descendant=sample, depth=2).save(),
    ]

    for write in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_conditions_reach_the_descendants(user, project):
    make_sample(user, project, "MIX", composition="(CsPbI3)0.25(agZIF-62)0.75")
    make_sample(user, project, "SINTERED")
    piece = make_sample(user, project, "PIECE", kind="lamella")
    make_process(
        user, project, inputs=["MIX"], outputs=["SINTERED"], program=[SINTERING]
    )
    make_process(user, project, "splitting", inputs=["SINTERED"], outputs=["PIECE"])

    facts = facts_of(piece)

    assert facts["process.sintering.temperature"] == 300
    assert facts["process.sintering.cooling"] == "quench"
    assert facts["composition.CsPbI3"] == 0.25


def test_a_planned_process_tells_nothing_until_it_is_done(user, project):
    make_sample(user, project, "A")
    made = make_sample(user, project, "B")
    plan = make_process(
        user,
        project,
        inputs=["A"],
        outputs=["B"],
        program=[SINTERING],
        state="planned",
    )

    before = facts_of(made)
    services.update_process(user=user, process=plan, state="done")

    assert "process.sintering.temperature" not in before
    assert facts_of(made)["process.sintering.temperature"] == 300


def test_an_act_in_place_makes_a_state_beside_the_sample_as_made(user, project):
    film = make_sample(user, project, "F", kind="film")

    ageing = make_process(
        user,
        project,
        "ageing",
        inputs=["F"],
        outputs=["F"],
        parameters={"temperature": "85 °C", "duration": "2 h"},
    )

    assert ageing.in_place
    assert "process.ageing.duration" not in facts_of(film)
    assert facts_of(film, process=ageing)["process.ageing.duration"] == 120


def test_a_sample_cannot_descend_from_itself(user, project):
    for code in "ABC":
        make_sample(user, project, code)
    make_process(user, project, "general", inputs=["A"], outputs=["B"])
    make_process(user, project, "general", inputs=["B"], outputs=["C"])

    with pytest.raises(ValidationError, match="cannot descend from itself"):
        make_process(user, project, "general", inputs=["C"], outputs=["A"])


def test_the_closure_follows_an_edit_of_the_graph(user, project):
    for code in "ABCD":
        make_sample(user, project, code)
    first = make_process(user, project, "general", inputs=["A"], outputs=["B"])
    make_process(user, project, "general", inputs=["B"], outputs=["C"])

    services.update_process(user=user, process=first, inputs=["D"])

    ancestors = Sample.objects.ancestors_of(Sample.objects.get(code="C"))
    assert set(ancestors.values_list("code", flat=True)) == {"B", "C", "D"}


def test_a_negative_ramp_is_refused_at_its_row_and_field(user, project):
    make_sample(user, project, "A")

    with pytest.raises(ValidationError) as error:
        make_process(
            user,
            project,
            inputs=["A"],
            outputs=["A"],
            program=[SINTERING, {**SINTERING, "start_temperature": 300, "ramp": -5}],
        )

    assert "-5" in str(errors_of(error)["program"][1]["ramp"])


def test_a_viewer_may_not_write(user, project):
    guest = make_user("guest")
    add_member(project, guest, Role.VIEWER)

    with pytest.raises(PermissionDenied):
        make_sample(guest, project)


def test_an_alias_finds_the_material_and_means_one(user, project):
    glass = services.resolve_material(project, "agZIF-62")
    services.update_material(user=user, material=glass, aliases=["a-ZIF-62"])

    assert services.resolve_material(project, "a_gZIF-62") == glass
    assert services.resolve_material(project, "a-ZIF-62") == glass
    with pytest.raises(ValidationError, match="already means"):
        services.create_material(user=user, project=project, name="a-ZIF-62")


def test_renaming_a_material_renames_its_variable(user, project):
    sample = make_sample(user, project, composition="(CsPbI3)0.25(agZIF-62)0.75")
    glass = services.resolve_material(project, "agZIF-62")

    services.update_material(user=user, material=glass, name="Glass", aliases=[])

    facts = facts_of(sample)
    assert facts["composition.Glass"] == 0.75
    assert "composition.agZIF-62" not in facts


def test_every_change_belongs_to_an_act_with_its_reason(user, project):
    with recording(user=user, request="PATCH /x/", reason="wrong label"):
        sample = make_sample(user, project)
        services.update_sample(user=user, sample=sample, location="Box 3")

    newest = sample.history.first()
    assert newest.change_set.reason == "wrong label"
    assert newest.change_set.user == user
    assert ChangeSet.objects.filter(reason="wrong label").count() == 1


def test_a_rolled_back_act_leaves_no_change_set_that_later_rows_point_to(user, project):
    with recording(user=user, request="POST /x/"):
        with pytest.raises(ValidationError), transaction.atomic():
            make_sample(user, project, "LOST")
            make_sample(user, project, "LOST")
        sample = make_sample(user, project, "KEPT")

    change_sets = ChangeSet.objects.filter(request="POST /x/")
    assert list(change_sets) == [sample.history.first().change_set]
    assert change_sets.get().user == user


def test_an_archived_sample_has_no_facts_and_gets_them_back(user, project):
    sample = make_sample(user, project, composition="(CsPbI3)0.25(agZIF-62)0.75")

    services.set_archived(user=user, record=sample, archived=True)
    while_archived = sample.facts.count()
    services.set_archived(user=user, record=sample, archived=False)

    assert while_archived == 0
    assert facts_of(sample)["composition.CsPbI3"] == 0.25


@pytest.mark.parametrize(
    ("told", "precision", "printed"),
    [
        ("2026", "year", "2026"),
        ("2026-03", "month", "2026-03"),
        ("2026-03-05", "day", "2026-03-05"),
        ("2026-03-05T10:20+01:00", "minute", "2026-03-05T09:20Z"),
    ],
)
def test_a_time_keeps_the_precision_it_was_told_in(told, precision, printed):
    time = services.parse_time(told, field="started_at")

    assert time.precision == precision
    assert services.print_time(*time) == printed


def test_a_number_is_converted_to_the_unit_its_variable_has(user, project):
    for code in "AB":
        make_sample(user, project, code)
    for code, spin in (("A", "2 s"), ("B", "3 min")):
        value, unit = spin.split()
        make_process(
            user,
            project,
            "general",
            inputs=[code],
            outputs=[code],
            parameters={"soak": {"value": value, "unit": unit}},
        )

    told = [
        sample.facts.get(variable__key="process.general.soak")
        for sample in Sample.objects.order_by("code")
    ]
    assert [(f.value, f.variable.unit) for f in told] == [(2, "s"), (180, "s")]


def test_a_misspelt_amount_of_a_component_is_refused(user, project):
    rows = [{"material": "CsPbI3", "amont": 0.2}, {"material": "agZIF-62"}]

    with pytest.raises(ValidationError, match="no amont"):
        make_sample(user, project, "C-1", composition={"components": rows})
