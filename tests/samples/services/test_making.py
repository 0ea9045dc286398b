"""A sample and its making are logged in one act, refused in one answer."""

import pytest

from labdata.common.api.errors import Conflict, NestedValidationError
from samples import services
from samples.models import Process, Sample
from tests.samples.factories import (
    facts_of,
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

BLEND = "(CsPbI3)0.25(agZIF-62)0.75"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def project(ada):
    project = make_project(ada)
    make_materials(ada, project)
    return project


@pytest.fixture
def mixture(ada, project):
    return make_sample(ada, project, "M-25", kind="mixture", composition=BLEND)


def test_a_sample_is_logged_with_the_process_that_made_it(ada, project, mixture):
    made = services.log_sample(
        user=ada,
        project=project,
        sample={"code": "C-25", "kind": "composite", "composition": BLEND},
        process={
            "kind": "sintering",
            "inputs": [{"sample": "M-25", "amount": "25 mg"}],
            "program": [{"start_temperature": 25, "end_temperature": "573 K"}],
        },
    )

    process = made.made_by.process
    assert process.inputs.get().sample == mixture
    assert (process.inputs.get().amount, process.inputs.get().unit) == (25.0, "mg")
    assert facts_of(made)["process.sintering.temperature"] == 299.85


def test_errors_of_sample_and_process_come_together_and_nothing_is_saved(
    ada, project, mixture
):
    with pytest.raises(NestedValidationError) as refused:
        services.log_sample(
            user=ada,
            project=project,
            sample={
                "code": "M-25",
                "kind": "composite",
                "composition": "(CsPbI3)0.65(agZIF-62)0.65",
            },
            process={
                "kind": "sintering",
                "inputs": ["NOWHERE"],
                "started_at": "soon",
                "program": [{"end_temperature": 300, "ramp": -5}],
                "parameters": {"duration": "5 nm"},
            },
        )

    nested = refused.value.nested
    assert set(nested["sample"]) == {"code", "composition"}
    assert set(nested["process"]) == {"inputs", "started_at", "program", "parameters"}
    assert Sample.objects.get() == mixture
    assert not Process.objects.exists()


def test_a_sound_sample_is_not_saved_beside_a_wrong_process(ada, project):
    with pytest.raises(NestedValidationError) as refused:
        services.log_sample(
            user=ada,
            project=project,
            sample={"code": "C-25", "kind": "composite"},
            process={"kind": "sintering", "program": [{"ramp": -5}]},
        )

    assert set(refused.value.nested) == {"process"}
    assert not Sample.objects.exists()


def test_an_act_without_inputs_may_make_a_sample(ada, project):
    made = services.log_sample(
        user=ada,
        project=project,
        sample={"code": "C-25", "kind": "composite"},
        process={"kind": "synthesis"},
    )

    assert made.made_by.process.kind == "synthesis"


def test_pieces_inherit_what_they_are_of_and_what_they_took_is_known(
    ada, project, mixture
):
    pieces = services.split_sample(
        user=ada, sample=mixture, codes=["M-25-1", "M-25-2"], amount="5 mg"
    )

    assert [piece.code for piece in pieces] == ["M-25-1", "M-25-2"]
    process = Process.objects.get()
    assert process.kind == "splitting"
    assert (process.inputs.get().amount, process.inputs.get().unit) == (10.0, "mg")
    for piece in pieces:
        assert piece.composition is None
        assert facts_of(piece)["composition.CsPbI3"] == 0.25
        assert mixture in Sample.objects.ancestors_of(piece)
    mixture.refresh_from_db()
    assert mixture.archived_at is None


def test_a_piece_with_a_taken_code_is_refused_by_its_number(ada, project, mixture):
    make_sample(ada, project, "M-25-2")

    with pytest.raises(NestedValidationError) as refused:
        services.split_sample(user=ada, sample=mixture, codes=["M-25-1", "M-25-2"])

    assert list(refused.value.nested["codes"]) == [1]
    assert not Sample.objects.filter(code="M-25-1").exists()


def test_a_planned_act_is_done_now_and_planned_again(ada, project, mixture):
    make_sample(ada, project, "C-25")
    process = make_process(
        ada,
        project,
        inputs=["M-25"],
        outputs=["C-25"],
        state="planned",
        program=[{"end_temperature": 300}],
    )
    product = Sample.objects.get(code="C-25")
    assert "process.sintering.temperature" not in facts_of(product)

    done = services.mark_done(user=ada, process=process)
    assert (done.state, done.started_precision) == ("done", "minute")
    assert facts_of(product)["process.sintering.temperature"] == 300

    again = services.take_back_done(user=ada, process=done)
    assert (again.state, again.started_at) == ("planned", None)
    assert "process.sintering.temperature" not in facts_of(product)


def test_a_start_that_was_planned_is_kept(ada, project, mixture):
    process = make_process(
        ada,
        project,
        inputs=["M-25"],
        outputs=["M-25"],
        state="planned",
        started_at="2026-03-05",
    )

    done = services.mark_done(user=ada, process=process)

    assert (done.started_precision, done.started_at.year) == ("day", 2026)


def test_what_was_changed_since_is_not_taken_back(ada, project, mixture):
    process = make_process(
        ada, project, inputs=["M-25"], outputs=["M-25"], state="planned"
    )
    done = services.mark_done(user=ada, process=process)
    done = services.update_process(user=ada, process=done, notes="warm")

    with pytest.raises(Conflict, match="changed since"):
        services.take_back_done(user=ada, process=done)
