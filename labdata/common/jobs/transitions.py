"""The ends of an attempt: each writes only while the attempt still owns the job."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models.functions import Now

from labdata.common.jobs.endings import tell_ending
from labdata.common.jobs.limits import describe_seconds
from labdata.common.jobs.models import Job, State
from labdata.common.jobs.registry import JobKind

LONGEST_HISTORY = 25
"""Claims after which even a job that never was to blame is given up."""


def complete(kind: JobKind, job: Job, outcome: Any) -> bool:
    """Write the result and ``done`` as one; ``False`` if it is not ours to write."""
    with transaction.atomic():
        held = kind.get_model().objects.held(pk=job.pk, attempt=job.attempt)
        won = held.filter(cancel_requested=False).update(
            state=State.DONE, finished_at=Now(), lease_until=None, message=""
        )
        if won:
            job.refresh_from_db()
            kind.finish(job, outcome)
            tell_ending(job)
    return bool(won)


def close(
    kind: JobKind,
    job: Job,
    state: State,
    message: str,
    *,
    traceback: str = "",
    error: Exception | None = None,
) -> bool:
    """End a held attempt without a result."""
    held = kind.get_model().objects.held(pk=job.pk, attempt=job.attempt)
    return close_where(kind, held, state, message, traceback=traceback, error=error)


def close_where(
    kind: JobKind,
    condition: models.QuerySet,
    state: State,
    message: str,
    *,
    traceback: str = "",
    error: Exception | None = None,
    **changes: Any,
) -> bool:
    """End the one job that ``condition`` names, if it still holds."""
    with transaction.atomic():
        pk = condition.values_list("pk", flat=True).first()
        won = pk is not None and condition.update(
            state=state,
            message=message,
            traceback=traceback,
            finished_at=Now(),
            lease_until=None,
            **changes,
        )
        if won:
            job = kind.get_model().objects.get(pk=pk)
            if error is not None and kind.fail is not None:
                kind.fail(job, error)
            if kind.closed is not None:
                kind.closed(job)
            tell_ending(job)
    return bool(won)


def cancel_running(kind: JobKind, job: Job) -> bool:
    return close(kind, job, State.CANCELLED, "Cancelled while it was running.")


def time_out(kind: JobKind, job: Job) -> bool:
    limit = describe_seconds(kind.time_limit_seconds)
    message = f"Took longer than {limit} and was stopped."
    return close(kind, job, State.FAILED, message)


def give_back(
    kind: JobKind, job: Job, *, died: bool, reason: str, lapsed: bool = False
) -> bool:
    """Return a job to the queue, or give it up when it has had its attempts.

    ``died`` says that the attempt is to blame for the end of its process, as opposed
    to a stop, a power cut or a database that went away.
    """
    held = kind.get_model().objects.held(pk=job.pk, attempt=job.attempt)
    if lapsed:  # the worker may have been heard of in between
        held = held.lapsed()
    deaths = job.deaths + died
    if job.cancel_requested:
        message = "Cancelled while it was running."
        return close_where(kind, held, State.CANCELLED, message)
    if deaths >= kind.max_attempts:
        times = "once" if deaths == 1 else f"{_in_words(deaths)} times"
        message = f"The program died {times} while {kind.activity}."
        return close_where(kind, held, State.ERRORED, message, deaths=deaths)
    if job.attempt >= LONGEST_HISTORY:
        message = f"Was started {job.attempt} times and never came to an end."
        return close_where(kind, held, State.ERRORED, message)
    return bool(
        held.filter(cancel_requested=False).update(
            state=State.QUEUED,
            lease_until=None,
            dispatched_at=None,
            dispatches=0,
            deaths=deaths,
            message=reason,
            progress={},
        )
    )


def _in_words(count: int) -> str:
    words = {2: "two", 3: "three", 4: "four", 5: "five"}
    return words.get(count, str(count))
