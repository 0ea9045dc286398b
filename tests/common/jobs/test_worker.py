"""Real worker processes: what they survive, how they stop, what they leave."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from labdata.common import jobs
from labdata.common.work import processes
from tests.common.jobs.testapp.models import Errand
from tests.common.jobs.workers import (
    WorkerTree,
    child_of,
    has_ended,
    wait_for,
    wait_for_state,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc"),
]


@pytest.fixture
def tree(tmp_path):
    with WorkerTree(tmp_path, LABDATA_JOB_LEASE_SECONDS="2") as tree:
        yield tree


def ask(action, seconds=0.0):
    """Queue an errand that the reaper of the next worker sends at its start."""
    return Errand.objects.create(action=action, seconds=seconds, attempt=1)


def test_a_submitted_job_is_done_by_a_worker(tree):
    errand = Errand.objects.create()
    with tree.sending():
        jobs.submit(errand)

    tree.start(concurrency=1)

    assert wait_for_state(errand, "done").results.count() == 1
    assert errand.dispatches == 1


def test_work_that_kills_its_process_takes_nothing_else_with_it(tree):
    deadly, beside = ask("die"), ask("sleep", 2)
    tree.start(concurrency=2)

    wait_for_state(deadly, "errored", seconds=20)

    assert deadly.message == "The program died three times while running this errand."
    assert deadly.attempt == 4
    assert wait_for_state(beside, "done").deaths == 0
    assert tree.worker.poll() is None


def test_compiled_code_that_never_returns_is_stopped_when_cancelled(tree):
    errand = ask("blocked_call", 60)
    tree.start(concurrency=1)
    wait_for_state(errand, "running")
    child = child_of(errand)

    jobs.cancel(errand)
    wait_for_state(errand, "cancelled", seconds=8)

    wait_for(lambda: has_ended(child))


def test_compiled_code_that_holds_the_interpreter_ends_with_its_lease(tree):
    errand = ask("compiled_loop")
    tree.start(concurrency=1)
    wait_for_state(errand, "running")
    child = child_of(errand)

    wait_for(lambda: has_ended(child), seconds=8)

    assert "Timeout" in tree.log.read_text()


@pytest.mark.parametrize("replaced", [False, True], ids=["first", "replaced"])
def test_a_warm_stop_lets_running_work_finish(tree, replaced):
    errand = ask("die_once" if replaced else "sleep", 1)
    if replaced:  # the pool's next process is forked by a thread that ends first
        Errand.objects.update(attempt=0)
    tree.start(concurrency=1, scheduler=True)
    wait_for(lambda: Errand.objects.filter(attempt=2, state="running"))

    tree.worker.send_signal(signal.SIGTERM)

    assert tree.worker.wait(timeout=10) == 0
    errand.refresh_from_db()
    assert (errand.state, errand.attempt) == ("done", 2)


@pytest.mark.parametrize("warned", [False, True], ids=["at once", "after SIGTERM"])
def test_a_cold_stop_returns_running_work_to_the_queue_and_leaves_nobody(tree, warned):
    errand = ask("blocked_call", 60)
    tree.start()
    wait_for_state(errand, "running")
    family = tree.children()
    if warned:
        tree.worker.send_signal(signal.SIGTERM)
        time.sleep(0.5)

    began = time.monotonic()
    tree.worker.send_signal(signal.SIGQUIT)

    assert tree.worker.wait(timeout=5) == 0
    assert time.monotonic() - began < 3
    errand.refresh_from_db()
    assert (errand.state, errand.deaths, errand.dispatches) == ("queued", 0, 0)
    wait_for(lambda: all(has_ended(pid) for pid in family))


def test_no_child_outlives_a_worker_that_was_killed(tree):
    errand = ask("compiled_loop")
    tree.start()
    wait_for_state(errand, "running")
    family = tree.children()

    os.kill(tree.worker.pid, signal.SIGKILL)

    assert family
    wait_for(lambda: all(has_ended(pid) for pid in family), seconds=2)


def test_a_restart_goes_on_at_once_with_what_a_killed_worker_left(tmp_path):
    errand = ask("blocked_call", 60)
    with WorkerTree(tmp_path, LABDATA_JOB_LEASE_SECONDS="60") as tree:
        tree.start()
        wait_for_state(errand, "running")
        tree.kill()
        Errand.objects.update(action="sleep", seconds=0)

        tree.start()
        wait_for_state(errand, "done", seconds=8)

    assert (errand.deaths, errand.results.count()) == (0, 1)


def test_a_worker_ends_with_the_supervisor_that_was_killed(tmp_path):
    supervisor = os.fork()
    if supervisor == 0:
        environment = {processes.SUPERVISOR_VARIABLE: str(os.getpid())}
        tree = WorkerTree(tmp_path, **environment)
        tree.start()
        (tmp_path / "pid").write_text(str(tree.worker.pid))
        signal.pause()
    worker = int(wait_for(lambda: _read(tmp_path / "pid")))
    listing = Path(f"/proc/{worker}/task/{worker}/children")
    family = wait_for(lambda: len(listing.read_text().split()) >= 2 and listing)
    family = [worker, *map(int, family.read_text().split())]

    os.kill(supervisor, signal.SIGKILL)
    os.waitpid(supervisor, 0)

    try:
        wait_for(lambda: all(has_ended(pid) for pid in family), seconds=3)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker, signal.SIGKILL)


def _read(path):
    return path.read_text() if path.exists() else ""
