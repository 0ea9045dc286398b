"""Bring back what a crash, a lost message or a dead broker left lying."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings

from labdata.common.jobs import services, transitions
from labdata.common.jobs.models import State
from labdata.common.jobs.registry import JobKind, kinds
from labdata.common.work import processes

logger = logging.getLogger(__name__)


def reap() -> dict[str, int]:
    """Return abandoned jobs to the queue and send what waits too long for a worker."""
    returned = sent = 0
    first_grace = timedelta(seconds=settings.LABDATA_JOB_GRACE_SECONDS)
    for kind in kinds:
        returned += _return_orphans(kind) + _return_lapsed(kind)
        overdue = kind.get_model().objects.overdue(first_grace)
        sent += services.dispatch(kind, overdue)
    if returned or sent:
        logger.info("reaper returned %d jobs to the queue, sent %d", returned, sent)
    return {"returned": returned, "sent": sent}


def _return_orphans(kind: JobKind) -> int:
    """Jobs whose process on this machine is gone need not wait for their lease."""
    returned = 0
    running = kind.get_model().objects.open().filter(state=State.RUNNING)
    for job in running.filter(worker__startswith=f"{processes.machine()}:"):
        _, root, worker = job.worker.split(":")
        if not processes.is_alive(root):
            # The whole worker went: a power cut or a kill, not the work's doing.
            reason = "Begins again: the worker went away."
            returned += transitions.give_back(kind, job, died=False, reason=reason)
        elif not processes.is_alive(worker):
            reason = f"Begins again: the program died while {kind.activity}."
            returned += transitions.give_back(kind, job, died=True, reason=reason)
    return returned


def _return_lapsed(kind: JobKind) -> int:
    reason = "Begins again: nothing was heard of the worker."
    return sum(
        transitions.give_back(kind, job, died=True, reason=reason, lapsed=True)
        for job in kind.get_model().objects.lapsed()
    )
