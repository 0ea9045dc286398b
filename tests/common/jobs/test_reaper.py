"""What the reaper brings back, and when it gives up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from labdata.common.jobs import reaper
from labdata.common.jobs.transitions import LONGEST_HISTORY
from labdata.common.work import processes
from tests.common.jobs.testapp.models import Errand

pytestmark = pytest.mark.django_db

GONE = "999999999.1"


def running(worker="elsewhere:1.1:1.1", lapsed=False, **fields):
    errand = Errand.objects.create(**fields)
    Errand.objects.claim(pk=errand.pk, worker=worker, lease_seconds=60)
    if lapsed:
        Errand.objects.filter(pk=errand.pk).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
    errand.refresh_from_db()
    return errand


def here(root, worker):
    return f"{processes.machine()}:{root}:{worker}"


def living():
    return processes.identity().rpartition(":")[2]


def reap(errand):
    reaper.reap()
    errand.refresh_from_db()
    return errand


def test_a_lapsed_lease_returns_the_job_to_the_queue_and_sends_it():
    errand = reap(running(lapsed=True))

    assert (errand.state, errand.lease_until) == ("queued", None)
    assert (errand.deaths, errand.dispatches) == (1, 1)


def test_a_job_with_a_living_lease_on_another_machine_is_left_alone():
    errand = reap(running())

    assert (errand.state, errand.deaths) == ("running", 0)


def test_a_job_of_a_living_process_here_is_left_alone():
    errand = reap(running(worker=here(living(), living())))

    assert errand.state == "running"


def test_a_job_of_a_dead_child_comes_back_at_once_and_counts_as_a_death():
    errand = reap(running(worker=here(living(), GONE)))

    assert (errand.state, errand.deaths) == ("queued", 1)
    assert "died while running this errand" in errand.message


def test_a_job_of_a_dead_worker_comes_back_at_once_and_is_not_to_blame():
    errand = reap(running(worker=here(GONE, GONE)))

    assert (errand.state, errand.deaths) == ("queued", 0)


def test_a_process_number_used_again_is_not_taken_for_the_dead_one():
    reused = living().partition(".")[0] + ".1"

    errand = reap(running(worker=here(reused, reused)))

    assert errand.state == "queued"


def test_work_that_killed_its_process_three_times_is_given_up_in_plain_words():
    errand = reap(running(lapsed=True, deaths=2))

    assert (errand.state, errand.deaths) == ("errored", 3)
    assert errand.message == "The program died three times while running this errand."
    assert errand.finished_at is not None
    assert errand.notes == ["closed: errored"]


def test_work_that_never_comes_to_an_end_is_given_up_whoever_is_to_blame():
    errand = reap(running(worker=here(GONE, GONE), attempt=LONGEST_HISTORY - 1))

    assert errand.state == "errored"
    assert f"started {LONGEST_HISTORY} times" in errand.message


def test_a_job_that_was_to_be_cancelled_is_not_begun_again():
    errand = running(lapsed=True)
    Errand.objects.update(cancel_requested=True)

    assert reap(errand).state == "cancelled"


def test_a_worker_heard_of_in_between_keeps_its_job():
    from labdata.common.jobs import kinds, transitions

    errand = running()

    returned = transitions.give_back(
        kinds["errand"], errand, died=True, reason="", lapsed=True
    )

    errand.refresh_from_db()
    assert (returned, errand.state) == (False, "running")
