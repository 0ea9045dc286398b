"""One attempt at a job, in this process: how each kind of work ends."""

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from labdata.common import jobs
from labdata.common.jobs import runner
from labdata.common.jobs.control import Control, TimedOut
from tests.common.jobs.testapp.models import Errand
from tests.common.jobs.testapp.work import ERRAND

pytestmark = pytest.mark.django_db(transaction=True)


def run(action, seconds=0.0, **limits):
    errand = Errand.objects.create(action=action, seconds=seconds)
    execute(errand, **limits)
    return errand


def execute(errand, **limits):
    kind = replace(ERRAND, **limits)
    claimed = Errand.objects.claim(
        pk=errand.pk, worker="here:1.1:1.1", lease_seconds=kind.get_lease_seconds()
    )
    runner._attempt(kind, claimed)
    errand.refresh_from_db()


def meanwhile(action):
    """Run something in a thread that leaves no connection behind."""

    def act():
        try:
            action()
        finally:
            connections.close_all()

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_work_that_returns_is_done_with_its_result():
    errand = run("sleep")

    assert (errand.state, errand.attempt, errand.lease_until) == ("done", 1, None)
    assert errand.finished_at >= errand.started_at
    assert [result.attempt for result in errand.results.all()] == [1]


def test_a_message_that_comes_twice_does_the_job_once():
    errand = Errand.objects.create()

    runner.execute("errand", errand.pk)
    runner.execute("errand", errand.pk)

    assert errand.results.count() == 1


def test_a_message_for_a_job_that_is_gone_does_nothing():
    runner.execute("errand", 404)

    assert not Errand.objects.exists()


def test_all_queued_work_can_be_done_without_a_worker():
    Errand.objects.bulk_create(Errand() for _ in range(3))

    executed = runner.execute_queued()

    assert executed == 3
    assert not Errand.objects.open().exists()


def test_the_fault_of_the_data_is_failed_in_its_own_words():
    errand = run("bad_data")

    assert (errand.state, errand.message) == (
        "failed",
        "only 5 points after the peak",
    )
    assert errand.traceback == ""
    assert errand.notes == ["fail: only 5 points after the peak", "closed: failed"]


def test_a_bug_is_errored_with_its_traceback_and_without_blaming_the_data():
    errand = run("bug")

    assert errand.state == "errored"
    assert "KeyError" in errand.message
    assert "not the data's fault" in errand.message
    assert "no such channel" in errand.traceback
    assert errand.notes == ["closed: errored"]


def test_work_that_asks_its_process_to_end_is_a_bug_too():
    errand = run("leave")

    assert errand.state == "errored"
    assert "SystemExit" in errand.message
    assert "no licence" in errand.traceback


def test_a_result_that_cannot_be_written_leaves_nothing_of_itself():
    errand = run("break_in_finish")

    assert (errand.state, errand.results.count()) == ("errored", 0)


def test_a_database_that_was_away_sends_the_job_back_to_the_queue():
    errand = run("database_away")

    assert (errand.state, errand.deaths) == ("queued", 0)
    assert "database did not answer" in errand.message


def test_too_much_memory_is_failed_with_the_limit_and_the_process_goes_on():
    errand = run("allocate", seconds=400)

    assert (errand.state, errand.message) == (
        "failed",
        "Needs more than 200 MB of memory.",
    )
    assert run("allocate", seconds=100).state == "done"
    assert len(bytearray(400 * 1024**2)) == 400 * 1024**2


def test_a_loop_that_never_listens_is_stopped_at_its_time_limit():
    began = time.monotonic()

    errand = run("loop_without_checkpoints", seconds=20, time_limit_seconds=0.5)

    assert (errand.state, errand.message) == (
        "failed",
        "Took longer than 0.5 seconds and was stopped.",
    )
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("action", ["sleep", "loop_without_checkpoints"])
def test_running_work_can_be_cancelled(action):
    errand = Errand.objects.create(action=action, seconds=20)
    thread = meanwhile(lambda: execute(errand))
    while not Errand.objects.filter(pk=errand.pk, state="running").exists():
        time.sleep(0.02)

    jobs.cancel(Errand.objects.get(pk=errand.pk))
    thread.join(timeout=5)

    assert not thread.is_alive()
    assert errand.state == "cancelled"
    assert errand.notes == ["closed: cancelled"]
    assert not errand.results.exists()


def test_a_cancel_that_comes_with_the_last_step_still_holds():
    errand = Errand.objects.create()
    claimed = Errand.objects.claim(pk=errand.pk, worker="w:1.1:1.1", lease_seconds=9)
    jobs.cancel(errand)

    runner._attempt(ERRAND, claimed)

    errand.refresh_from_db()
    assert (errand.state, errand.results.count()) == ("cancelled", 0)


def test_the_lease_is_extended_while_the_work_lasts():
    lease = timedelta(seconds=0.5)
    errand = Errand.objects.create(seconds=1.5)
    thread = meanwhile(lambda: execute(errand, lease_seconds=lease.total_seconds()))
    seen = []
    while thread.is_alive():
        seen += Errand.objects.filter(state="running").values_list(
            "lease_until", flat=True
        )
        assert not Errand.objects.lapsed().exists()
        time.sleep(0.05)

    assert max(seen) - min(seen) > lease
    assert errand.state == "done"


def test_work_that_lost_its_lease_stops_and_writes_nothing():
    errand = Errand.objects.create(action="loop_without_checkpoints", seconds=20)
    thread = meanwhile(lambda: execute(errand))
    while not Errand.objects.filter(pk=errand.pk, state="running").exists():
        time.sleep(0.02)

    Errand.objects.filter(pk=errand.pk).update(attempt=2, worker="there:2.2:2.2")
    thread.join(timeout=5)

    assert not thread.is_alive()
    assert (errand.state, errand.attempt, errand.results.count()) == ("running", 2, 0)


def test_progress_is_seen_while_the_work_lasts():
    errand = Errand.objects.create(seconds=2)
    thread = meanwhile(lambda: execute(errand))
    seen = set()
    while thread.is_alive():
        progress = Errand.objects.values_list("progress", flat=True).get()
        seen.add((progress.get("fraction"), progress.get("message")))
        time.sleep(0.05)

    fractions = sorted(fraction for fraction, message in seen if message == "sleeping")
    assert len(fractions) >= 3
    assert fractions[0] < 0.5 < fractions[-1]


def test_progress_in_every_turn_of_a_loop_costs_next_to_nothing():
    errand = Errand.objects.create()
    control = Control(ERRAND, errand)

    began = time.perf_counter()
    for step in range(10_000):
        control.progress(step / 10_000, "fitting")

    assert time.perf_counter() - began < 0.5


def test_no_interruption_outlives_the_work():
    errand = Errand.objects.create()
    control = Control(ERRAND, errand)

    with control.working():
        pass
    control._strike(TimedOut)

    control.checkpoint()


def test_a_claim_leaves_no_trace_of_the_last_attempt():
    errand = Errand.objects.create(progress={"fraction": 0.9})

    claimed = Errand.objects.claim(pk=errand.pk, worker="w:1.1:1.1", lease_seconds=9)

    assert claimed.progress == {}
    assert claimed.started_at > timezone.now() - timedelta(seconds=10)
