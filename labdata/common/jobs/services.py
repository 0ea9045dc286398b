"""Ask for work, and take it back."""

from __future__ import annotations

import logging
from functools import partial

from celery import current_app
from django.db import models, transaction
from django.db.models.functions import Now
from kombu.exceptions import KombuError, OperationalError

from labdata.common.jobs import transitions
from labdata.common.jobs.models import Job, State
from labdata.common.jobs.registry import JobKind, kind_of, kinds

logger = logging.getLogger(__name__)

RUN_JOB = "labdata.common.jobs.run_job"


def submit(job: Job) -> None:
    """Send a saved, queued job to the workers as soon as its transaction holds."""
    dispatch(kind_of(job), type(job).objects.filter(pk=job.pk, state=State.QUEUED))


def dispatch(kind: JobKind, condition: models.QuerySet) -> int:
    """Send every job for which ``condition`` still holds; say how many that were."""
    sent = 0
    for pk in list(condition.values_list("pk", flat=True)):
        with transaction.atomic():
            if condition.filter(pk=pk).update(
                dispatched_at=Now(), dispatches=models.F("dispatches") + 1
            ):
                transaction.on_commit(partial(_send, kind.key, pk))
                sent += 1
    return sent


def _send(key: str, pk: int) -> None:
    try:
        current_app.send_task(RUN_JOB, args=[key, pk], retry=False)
    except (KombuError, OperationalError, OSError) as error:
        # The row is the truth: it stays queued and the reaper sends it again.
        logger.warning("broker is away, %s %s waits for the reaper: %s", key, pk, error)


def cancel(job: Job) -> None:
    """Stop a job: at once if nobody has begun it, else as soon as its worker hears."""
    kind, objects = kind_of(job), type(job).objects
    with transaction.atomic():
        waiting = objects.filter(pk=job.pk, state=State.QUEUED)
        message = "Cancelled before it began."
        if not transitions.close_where(kind, waiting, State.CANCELLED, message):
            objects.filter(pk=job.pk, state=State.RUNNING).update(cancel_requested=True)
    job.refresh_from_db()


def release(worker: str) -> int:
    """Return to the queue what the processes of one worker were doing when stopped."""
    released = 0
    for kind in kinds:
        running = kind.get_model().objects.open().filter(state=State.RUNNING)
        for job in running.filter(worker__startswith=f"{worker}:"):
            reason = "Begins again: the worker was stopped."
            released += transitions.give_back(kind, job, died=False, reason=reason)
    return released
