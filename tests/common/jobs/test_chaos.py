"""Worker trees killed in the middle of the work, again and again: nothing is lost."""

import contextlib
import os
import random
import signal
import time

import pytest

from labdata.common import jobs
from tests.common.jobs.testapp.models import Errand, Result
from tests.common.jobs.workers import WorkerTree, child_of, has_ended

# Jobs that take their time and kills between them take 10 s on each broker.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.chaos,
    pytest.mark.django_db(transaction=True),
]


def all_done_within(kills: int) -> float:
    return 60.0 + 25.0 * kills


@pytest.mark.parametrize(
    "broker", ["local", pytest.param("redis", marks=pytest.mark.proof)]
)
def test_every_job_ends_done_once_however_often_the_workers_are_killed(
    broker, request, tmp_path, draws
):
    kills = draws(3, 24)
    count = 8 * kills
    url = "local://" if broker == "local" else request.getfixturevalue("redis_url")
    chance = random.Random(20240817)
    deadline = time.monotonic() + all_done_within(kills)
    tree = WorkerTree(tmp_path, url)
    with tree.sending():
        for _ in range(count):
            jobs.submit(Errand.objects.create(seconds=chance.uniform(0.1, 0.8)))

    with tree:
        for _ in range(kills):
            tree.start(concurrency=3, scheduler=True)
            _wait_until_at_work(deadline)
            time.sleep(chance.uniform(0.2, 1.5))
            _kill_one_child()
            time.sleep(chance.uniform(0.0, 1.5))
            tree.kill()
        assert _unfinished().exists(), "the kills came too late to show anything"
        tree.start(concurrency=3, scheduler=True)
        while _unfinished().exists():
            # A death that the tree did not outlive was told by nobody.
            if not Errand.objects.filter(deaths__gt=0).exists():
                _kill_one_child()
            assert time.monotonic() < deadline, list(_unfinished().values())
            time.sleep(0.05)

    done = Errand.objects.filter(state="done").values_list("pk", flat=True)
    results = Result.objects.values_list("errand_id", flat=True)
    assert len(done) == count
    assert sorted(results) == sorted(done)
    assert Errand.objects.filter(attempt__gt=1).count() >= kills
    assert Errand.objects.filter(deaths__gt=0).exists()


def _unfinished():
    return Errand.objects.exclude(state="done")


def _children_at_work():
    running = Errand.objects.filter(state="running")
    return [pid for pid in map(child_of, running) if not has_ended(pid)]


def _wait_until_at_work(deadline):
    while not _children_at_work():
        assert time.monotonic() < deadline, list(_unfinished().values())
        time.sleep(0.02)


def _kill_one_child():
    for pid in _children_at_work()[:1]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
