"""What samples inherit, what edits of their ancestors change, and what is ambiguous."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samples import services
from samples.facts import default_subject, replace_facts, subject_for
from samples.models import Ancestry
from samples.recorded import in_place_acts
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


@pytest.fixture
def aged_twice(user, project):
    """A film and its acts: the later one was recorded first, one has no time."""
    film = make_sample(user, project, "F", kind="film")
    acts = {
        name: make_process(
            user,
            project,
            "ageing",
            inputs=["F"],
            outputs=["F"],
            parameters={"temperature": temperature},
            **({"started_at": f"{when} 10:00", "zone": "UTC"} if when else {}),
        )
        for name, when, temperature in (
            ("second", "2024-05-01", 85),
            ("first", "2024-02-01", 65),
            ("undated", "", 45),
        )
    }
    return film, acts


@pytest.mark.parametrize(
    ("put_away", "measured_at", "expected"),
    [
        ([], None, "undated"),
        (["undated"], None, "second"),
        (["undated"], datetime(2024, 6, 1, tzinfo=UTC), "second"),
        (["undated"], datetime(2024, 5, 1, 10, tzinfo=UTC), "second"),
        (["undated"], datetime(2024, 5, 1, 9, 59, tzinfo=UTC), "first"),
        (["undated"], datetime(2024, 1, 1, tzinfo=UTC), None),
        ([], datetime(2024, 1, 1, tzinfo=UTC), "undated"),
    ],
)
def test_the_state_assumed_is_that_after_the_latest_act_until_then(
    user, aged_twice, put_away, measured_at, expected
):
    film, acts = aged_twice
    for name in put_away:
        services.set_archived(user=user, record=acts[name], archived=True)

    subject = default_subject(sample=film, measured_at=measured_at)

    assert subject.process == (acts[expected] if expected else None)
    assert subject.relation == ("after" if expected else "as_made")


def test_acts_on_a_sample_follow_each_other_as_they_happened(user, aged_twice):
    film, acts = aged_twice

    assert in_place_acts([film.pk])[film.pk] == [
        acts["first"],
        acts["second"],
        acts["undated"],
    ]
    for name, expected in (("first", 65), ("second", 85), ("undated", 45)):
        told = facts_of(film, process=acts[name])
        assert told["process.ageing.temperature"] == expected, name


def test_a_state_before_and_during_an_act_has_behind_it_what_was_done_until_then(
    user, aged_twice
):
    film, acts = aged_twice

    states = {
        relation: subject_for(sample=film, process=acts["second"], relation=relation)
        for relation in ("before", "during", "after")
    }
    replace_facts(sample_ids=[film.pk])

    told = {
        relation: subject.facts.get(
            variable__key="process.ageing.temperature", is_default=True
        ).value
        for relation, subject in states.items()
    }
    assert told == {"before": 65, "during": 85, "after": 85}


@pytest.fixture
def diamond(user, project):
    """D is mixed of A itself and of C, which was made from A by way of B."""
    samples = {"RAW": make_sample(user, project, "RAW")}
    for inputs, output, temperature in (
        (["RAW"], "A", 200),
        (["A"], "B", 300),
        (["B"], "C", 350),
    ):
        samples[output] = make_sample(user, project, output)
        make_process(
            user,
            project,
            inputs=inputs,
            outputs=[output],
            program=sintered(temperature),
        )
    samples["D"] = make_sample(user, project, "D")
    make_process(user, project, "mixing", inputs=["A", "C"], outputs=["D"])
    return samples


def test_an_ancestor_on_two_ways_is_as_far_as_the_shorter(diamond):
    depths = Ancestry.objects.filter(descendant=diamond["D"])

    assert dict(depths.values_list("ancestor__code", "depth")) == {
        "D": 0,
        "A": 1,
        "C": 1,
        "B": 2,
        "RAW": 2,
    }


def test_the_shorter_way_decides_whether_a_condition_has_one_answer(diamond):
    told = diamond["D"].facts.filter(variable__key="process.sintering.temperature")

    # A, fired at 200 °C, is as near as C, fired at 350 °C: neither speaks for D.
    assert sorted(told.values_list("value", flat=True)) == [200, 300, 350]
    assert not told.filter(is_default=True).exists()


@pytest.mark.parametrize("codes", ["ABCD", "DCBA"])
@pytest.mark.parametrize("long_way_first", [True, False])
def test_the_depth_is_the_same_whichever_way_was_recorded_first(
    user, project, codes, long_way_first
):
    for code in codes:
        make_sample(user, project, code)
    ways = [(["A"], "B"), (["B"], "C"), (["A", "C"], "D")]
    for inputs, output in ways if long_way_first else reversed(ways):
        make_process(user, project, "mixing", inputs=inputs, outputs=[output])

    depth = Ancestry.objects.get(ancestor__code="A", descendant__code="D").depth
    assert depth == 1


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


def questions_of(*samples):
    with CaptureQueriesContext(connection) as queries:
        replace_facts(sample_ids=[sample.pk for sample in samples])
    return [query["sql"] for query in queries]


def test_many_samples_ask_as_many_questions_as_one(user, project):
    make_sample(user, project, "WHOLE", composition=QUARTER)
    pieces = [make_sample(user, project, f"P-{number}") for number in range(6)]
    for piece in pieces:
        for kind, outputs in (("splitting", [piece.code]), ("ageing", [])):
            make_process(
                user,
                project,
                kind,
                inputs=["WHOLE"] if outputs else [piece.code],
                outputs=outputs or [piece.code],
            )

    assert len(questions_of(*pieces)) == len(questions_of(pieces[0]))


def test_each_table_is_asked_once_and_none_where_nothing_can_be(user, project):
    sample = make_sample(user, project, "A", composition=QUARTER)

    questions = questions_of(sample)

    asked = [sql.split(" FROM ")[1].split()[0] for sql in questions if " FROM " in sql]
    # The sample is held first, and told of once its ancestry is known.
    asked.remove('"samples_sample"')
    assert len(asked) == len(set(asked)), asked
    nothing = ("dataset", "decision", "analysisrun", "layer", "segment", "extrafield")
    assert not [table for table in asked if table.strip('"').endswith(nothing)]
