"""Doing the work that is queued, and nothing else: no pages, no schedule."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from labdata.celery import WORKER_ARGUMENTS
from labdata.common.jobs import kinds, reaper
from labdata.running.children import Child
from labdata.running.supervisor import QUIT_AFTER, sole_supervisor

REAP_EVERY = 5.0


def work_off(
    *, prepare: Callable[[], None], say: Callable[[str], None] = lambda text: None
) -> None:
    """Migrate, prepare, and let a worker run until no job is open.

    Raises
    ------
    CommandError
        If the worker keeps dying.
    """
    data_dir = Path(settings.LABDATA_DATA_DIR)
    (data_dir / "logs").mkdir(exist_ok=True)
    with sole_supervisor(data_dir):
        call_command("migrate", interactive=False, verbosity=0)
        prepare()
        worker = Child(
            "worker",
            ("celery", *WORKER_ARGUMENTS),
            log=data_dir / "logs" / "worker.log",
        )
        try:
            _wait(worker, say)
        finally:
            _stop(worker)


def _wait(worker, say):
    reap_at, told = 0.0, None
    while left := _open_jobs():
        if left != told:
            say(f"{left} jobs left …")
            told = left
        if died := worker.has_died():
            say(died)
        if worker.has_given_up():
            raise CommandError(f"The worker keeps dying:\n{worker.last_lines()}")
        worker.start_if_due()
        if time.monotonic() > reap_at:
            reaper.reap()
            reap_at = time.monotonic() + REAP_EVERY
        connections.close_all()
        time.sleep(0.5)


def _open_jobs():
    return sum(kind.get_model().objects.open().count() for kind in kinds)


def _stop(worker):
    worker.send(signal.SIGTERM)
    deadline = time.monotonic() + QUIT_AFTER
    while worker.is_alive() and time.monotonic() < deadline:
        time.sleep(0.1)
    worker.destroy()
    reaper.reap()
