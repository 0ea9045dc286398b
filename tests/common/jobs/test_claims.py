"""Who owns a job: claims, fences, leases and grace, each one conditional UPDATE."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from labdata.common.jobs import kinds, transitions
from labdata.common.jobs.models import LONGEST_GRACE, State
from tests.common.jobs.testapp.models import Errand

pytestmark = pytest.mark.django_db

FIRST_GRACE = timedelta(seconds=15)


def claim(errand, worker="here:1.1:1.1"):
    return Errand.objects.claim(pk=errand.pk, worker=worker, lease_seconds=60)


def waiting(dispatches, since):
    return Errand.objects.create(
        dispatches=dispatches, dispatched_at=timezone.now() - since
    )


def is_overdue(errand):
    return Errand.objects.overdue(FIRST_GRACE).filter(pk=errand.pk).exists()


def test_only_the_first_of_two_claims_gets_the_job():
    errand = Errand.objects.create()

    first, second = claim(errand), claim(errand, worker="there:2.2:2.2")

    assert (first.state, first.attempt, first.worker) == ("running", 1, "here:1.1:1.1")
    assert second is None


def test_a_claim_holds_for_its_lease():
    now = timezone.now()

    lease = claim(Errand.objects.create()).lease_until - now

    assert timedelta(seconds=59) < lease < timedelta(seconds=61)


@pytest.mark.parametrize("state", ["done", "failed", "errored", "cancelled"])
def test_an_ended_job_cannot_be_claimed(state):
    errand = Errand.objects.create(state=state, finished_at=timezone.now())

    assert claim(errand) is None


def test_an_attempt_that_lost_the_job_cannot_write_a_result():
    kind = kinds["errand"]
    superseded = claim(Errand.objects.create())
    transitions.give_back(kind, superseded, died=False, reason="")
    current = claim(superseded)

    late = transitions.complete(kind, superseded, None)
    in_time = transitions.complete(kind, current, None)

    assert (late, in_time) == (False, True)
    assert [result.attempt for result in current.results.all()] == [2]


def test_an_attempt_that_lost_the_job_cannot_fail_it():
    kind = kinds["errand"]
    superseded = claim(Errand.objects.create())
    transitions.give_back(kind, superseded, died=False, reason="")

    assert not transitions.close(kind, superseded, State.FAILED, "too few points")
    superseded.refresh_from_db()
    assert superseded.state == "queued"


def test_the_result_and_done_are_one_transaction():
    errand = claim(Errand.objects.create(action="break_in_finish"))

    with pytest.raises(ValueError, match="finish broke"):
        transitions.complete(kinds["errand"], errand, "break in finish")

    errand.refresh_from_db()
    assert errand.state == "running"
    assert not errand.results.exists()


def test_a_lease_lapses_when_its_time_is_over():
    held, lapsed = claim(Errand.objects.create()), claim(Errand.objects.create())
    Errand.objects.filter(pk=lapsed.pk).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )

    assert list(Errand.objects.lapsed()) == [lapsed]
    assert held.state == "running"


@pytest.mark.parametrize(
    ("dispatches", "grace"), [(1, 15), (2, 30), (3, 60), (6, 480), (7, 900), (90, 900)]
)
def test_patience_doubles_with_each_dispatch_up_to_a_quarter_of_an_hour(
    dispatches, grace
):
    patient = waiting(dispatches, timedelta(seconds=grace - 2))
    overdue = waiting(dispatches, timedelta(seconds=grace + 2))

    assert not is_overdue(patient)
    assert is_overdue(overdue)
    assert timedelta(minutes=15) == LONGEST_GRACE


def test_a_job_whose_dispatch_never_happened_is_overdue_after_the_first_grace():
    fresh = Errand.objects.create()
    forgotten = Errand.objects.create(created_at=timezone.now() - 2 * FIRST_GRACE)

    assert not is_overdue(fresh)
    assert is_overdue(forgotten)


def test_a_job_given_back_waits_for_no_grace():
    errand = claim(waiting(1, timedelta(0)))

    transitions.give_back(kinds["errand"], errand, died=False, reason="")

    assert is_overdue(errand)


@pytest.mark.parametrize(
    "lie",
    [
        {"state": "running"},
        {"state": "running", "attempt": 1},
        {"state": "done"},
        {"state": "queued", "lease_until": timezone.now()},
        {"state": "queued", "finished_at": timezone.now()},
        {"state": "pending"},
    ],
)
def test_the_database_refuses_a_state_that_contradicts_the_rest_of_the_row(lie):
    with pytest.raises(IntegrityError), transaction.atomic():
        Errand.objects.create(**lie)
