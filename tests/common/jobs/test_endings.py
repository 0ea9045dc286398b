"""Who waits for work hears of its end, whatever the end, and cannot harm it."""

import pytest

from labdata.common import jobs
from labdata.common.jobs import endings
from tests.common.jobs.test_runner import run
from tests.common.jobs.testapp.models import Errand

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard(monkeypatch):
    """The states of jobs as listeners found them in the database."""
    states = []
    monkeypatch.setattr(endings, "_listeners", [])
    endings.register_ending(
        lambda job: states.append(Errand.objects.get(pk=job.pk).state)
    )
    return states


@pytest.mark.parametrize(
    ("action", "state"), [("sleep", "done"), ("bad_data", "failed"), ("bug", "errored")]
)
def test_every_end_is_told_once_it_is_written(heard, action, state):
    run(action)

    assert heard == [state]


def test_a_job_cancelled_before_it_began_is_told_too(heard):
    errand = Errand.objects.create()

    jobs.cancel(errand)

    assert heard == ["cancelled"]


def test_a_listener_that_fails_leaves_the_result_and_the_other_listeners(heard):
    def broken(job):
        raise RuntimeError("not today")

    endings._listeners.insert(0, broken)

    errand = run("sleep")

    assert errand.state == "done"
    assert heard == ["done"]


def test_a_listener_is_registered_once(heard):
    def listener(job):
        return None

    endings.register_ending(listener)

    with pytest.raises(ValueError, match="twice"):
        endings.register_ending(listener)
