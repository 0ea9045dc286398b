"""What samples inherit, what edits of their ancestors change, and what is ambiguous."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from samples import services
from tests.samples.factories import (
    facts_of,
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

QUARTER = "(CsPbI3)0.25(agZIF-62)0.75"
HALF = "(CsPbI3)0.5(agZIF-62)0.5"


def sintered(temperature):
    return [{"start_temperature": 25, "end_temperature": temperature, "ramp": 20}]


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def project(user):
    project = make_project(user)
    make_materials(user, project)
    return project


@pytest.fixture
def piece(user, project):
    """A piece split from a sintered sample, which was made of nothing logged."""
    make_sample(user, project, "WHOLE", composition=QUARTER)
    piece = make_sample(user, project, "PIECE", kind="lamella")
    make_process(user, project, "splitting", inputs=["WHOLE"], outputs=["PIECE"])
    return piece


def test_an_edit_of_the_ancestor_reaches_its_pieces(user, project, piece):
    whole = services.resolve_sample(user, "WHOLE")

    services.update_sample(user=user, sample=whole, composition=HALF)

    assert facts_of(piece)["composition.CsPbI3"] == 0.5


def test_a_process_put_away_tells_nothing_and_tells_again(user, project):
    make_sample(user, project, "A")
    made = make_sample(user, project, "B")
    process = make_process(
        user, project, inputs=["A"], outputs=["B"], program=sintered(300)
    )

    services.set_archived(user=user, record=process, archived=True)
    put_away = facts_of(made)
    services.set_archived(user=user, record=process, archived=False)

    assert "process.sintering.temperature" not in put_away
    assert facts_of(made)["process.sintering.temperature"] == 300


def test_an_act_in_place_put_away_leaves_its_state_bare(user, project):
    film = make_sample(user, project, "F", kind="film")
    ageing = make_process(
        user,
        project,
        "ageing",
        inputs=["F"],
        outputs=["F"],
        parameters={"temperature": 85},
    )

    services.set_archived(user=user, record=ageing, archived=True)

    assert "process.ageing.temperature" not in facts_of(film, process=ageing)


def test_two_parents_that_disagree_give_no_default(user, project):
    for code, temperature in (("A", 200), ("B", 300)):
        make_sample(user, project, f"{code}0")
        make_sample(user, project, code)
        make_process(
            user,
            project,
            inputs=[f"{code}0"],
            outputs=[code],
            program=sintered(temperature),
        )
    mixed = make_sample(user, project, "MIXED")
    make_process(user, project, "mixing", inputs=["A", "B"], outputs=["MIXED"])

    told = mixed.facts.filter(variable__key="process.sintering.temperature")

    assert sorted(told.values_list("value", flat=True)) == [200, 300]
    assert not told.filter(is_default=True).exists()


def test_the_nearest_act_of_a_kind_answers(user, project):
    for code in "ABC":
        sample = make_sample(user, project, code)
    for before, after, temperature in (("A", "B", 200), ("B", "C", 300)):
        make_process(
            user,
            project,
            inputs=[before],
            outputs=[after],
            program=sintered(temperature),
        )

    told = sample.facts.filter(variable__key="process.sintering.temperature")

    assert facts_of(sample)["process.sintering.temperature"] == 300
    assert dict(told.values_list("label", "value")) == {"1": 200, "2": 300}


def test_parents_of_different_composition_leave_it_open(user, project):
    make_sample(user, project, "A", composition=QUARTER)
    make_sample(user, project, "B", composition=HALF)
    joined = make_sample(user, project, "JOINED")

    make_process(user, project, "general", inputs=["A", "B"], outputs=["JOINED"])

    assert "composition.CsPbI3" not in facts_of(joined)


def test_a_process_that_changes_the_composition_passes_none_on(user, project):
    make_sample(user, project, "A", composition=QUARTER)
    product = make_sample(user, project, "PRODUCT")

    make_process(user, project, "synthesis", inputs=["A"], outputs=["PRODUCT"])

    assert "composition.CsPbI3" not in facts_of(product)


def test_extra_fields_are_the_projects_own_and_are_variables(user, project):
    services.create_extra_field(
        user=user,
        project=project,
        target="sample",
        key="mass",
        label="Mass",
        kind="number",
        unit="mg",
    )

    sample = make_sample(user, project, "S", extra={"mass": "0.5 g"})

    assert facts_of(sample)["sample.mass"] == pytest.approx(500)
    with pytest.raises(ValidationError, match="no field 'colour'"):
        make_sample(user, project, "T", extra={"colour": "red"})


def test_a_shared_material_is_changed_by_who_added_it_or_by_staff(user, project):
    shared = services.create_material(user=user, project=None, name="PbI2")
    other, staff = make_user("other"), make_user("staff", is_staff=True)

    services.update_material(user=user, material=shared, notes="mine")
    services.update_material(user=staff, material=shared, notes="staff")

    with pytest.raises(PermissionDenied):
        services.update_material(user=other, material=shared, notes="not mine")
