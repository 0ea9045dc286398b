"""What a worker process does beside its tasks: start, lose a child, stop, vanish."""

from __future__ import annotations

import logging
import os
import signal

from billiard import active_children, current_process
from billiard.exceptions import WorkerLostError
from celery import signals
from django.db import DatabaseError

from labdata.common.work import processes

logger = logging.getLogger(__name__)


def connect(app) -> None:
    """Follow the life of the workers of a Celery app."""
    for signal_, handler in (
        (signals.worker_process_init, _begin_child),
        (signals.worker_ready, _ready),
        (signals.task_failure, _lose_child),
    ):
        signal_.connect(handler, weak=False, dispatch_uid=f"labdata{handler.__name__}")


def _begin_child(**kwargs) -> None:
    # A pool without processes announces its one worker as a child too.
    if current_process().name != "MainProcess":
        processes.join_pool()


def _ready(sender, **kwargs) -> None:
    # Celery's own cold stop waits for tasks whose message is acknowledged already.
    signal.signal(signal.SIGQUIT, _stop_at_once)
    _ask_for_reaper(sender.app)


def _lose_child(sender, exception, **kwargs) -> None:
    if isinstance(exception, WorkerLostError):
        _ask_for_reaper(sender.app)


def _ask_for_reaper(app) -> None:
    from labdata.common.jobs.tasks import REAP

    app.send_task(REAP, retry=False)


def _stop_at_once(signum, frame) -> None:
    """Kill what is running, return it to the queue and go."""
    from labdata.common.jobs import services

    for child in active_children():
        os.kill(child.pid, signal.SIGKILL)
    try:
        released = services.release(processes.tree_identity())
        logger.warning("stopped at once, %d jobs returned to the queue", released)
    except DatabaseError as error:
        logger.warning("stopped at once, leases left to the reaper: %s", error)
    finally:
        os._exit(os.EX_OK)
