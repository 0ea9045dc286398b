"""What was planned of a batch is done at once, and nothing else is touched."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from labdata.common.people.access import Role
from samples import services
from samples.services.series import planned_of
from tests.samples.factories import (
    add_member,
    facts_of,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

PROGRAM = [{"start_temperature": 25, "end_temperature": 300}]


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def project(ada):
    return make_project(ada)


@pytest.fixture
def sample(ada, project):
    return make_sample(ada, project, "C-1", batch="B-7")


@pytest.fixture
def batch(sample):
    return sample.batch


def plan(ada, project, **values):
    return make_process(ada, project, state="planned", program=PROGRAM, **values)


def test_a_start_that_was_planned_stays_and_the_version_counts(
    ada, project, sample, batch
):
    act = plan(ada, project, outputs=["C-1"], started_at="2026-03-05 10:30", zone="UTC")
    before = act.version

    services.finish_batch(user=ada, batch=batch)

    act.refresh_from_db()
    assert (act.state, act.version) == ("done", before + 1)
    assert (act.started_at.day, act.started_precision) == (5, "minute")


def test_an_act_of_the_batch_with_several_of_its_samples_is_one(
    ada, project, sample, batch
):
    make_sample(ada, project, "C-2", batch="B-7")
    plan(ada, project, batch="B-7", outputs=["C-1", "C-2"])

    assert services.finish_batch(user=ada, batch=batch) == 1


def test_an_act_that_is_of_no_batch_belongs_to_that_of_its_samples(
    ada, project, sample, batch
):
    act = plan(ada, project, outputs=["C-1"])

    assert list(planned_of(batch)) == [act]


def test_what_is_done_archived_or_of_another_batch_is_left(ada, project, batch):
    make_sample(ada, project, "C-9", batch="B-8")
    make_process(ada, project, batch="B-7", outputs=["C-1"])
    away = plan(ada, project, batch="B-7", inputs=["C-9"], outputs=["C-9"])
    services.set_archived(user=ada, record=away, archived=True)
    plan(ada, project, batch="B-8", outputs=["C-9"])

    with pytest.raises(ValidationError, match="Nothing of B-7 is planned"):
        services.finish_batch(user=ada, batch=batch)


def test_what_was_changed_in_place_is_known_of_the_sample_and_its_parts(
    ada, project, sample, batch
):
    plan(ada, project, batch="B-7", inputs=["C-1"], outputs=["C-1"])
    (piece,) = services.split_sample(user=ada, sample=sample, codes=["C-1a"])

    services.finish_batch(user=ada, batch=batch)

    state = sample.subjects.exclude(process=None).get()
    assert facts_of(sample, process=state.process)["process.sintering.temperature"]
    assert facts_of(piece)["process.sintering.temperature"] == 300


def test_a_viewer_finishes_nothing(ada, project, sample, batch):
    act = plan(ada, project, outputs=["C-1"])
    viewer = make_user("viewer")
    add_member(project, viewer, Role.VIEWER)

    with pytest.raises(PermissionDenied):
        services.finish_batch(user=viewer, batch=batch)

    act.refresh_from_db()
    assert act.state == "planned"
