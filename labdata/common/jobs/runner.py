"""One attempt at one job, from the claim to its end."""

from __future__ import annotations

import logging
import traceback

from django.db import InterfaceError, OperationalError

from labdata.common.jobs import limits, transitions
from labdata.common.jobs.control import Cancelled, Control, Superseded, TimedOut
from labdata.common.jobs.models import Job, State
from labdata.common.jobs.registry import JobKind, kinds
from labdata.common.work import processes

logger = logging.getLogger(__name__)


def execute(key: str, pk: int) -> None:
    """Do a queued job; one that is claimed, ended or gone is left alone."""
    kind = kinds[key]
    job = kind.get_model().objects.claim(
        pk=pk, worker=processes.identity(), lease_seconds=kind.get_lease_seconds()
    )
    if job is not None:
        _attempt(kind, job)


def execute_queued() -> int:
    """Do all queued work in this process, for commands and tests without a worker."""
    executed = 0
    while waiting := [
        (kind.key, pk)
        for kind in kinds
        for pk in kind.get_model()
        .objects.filter(state=State.QUEUED)
        .order_by("pk")
        .values_list("pk", flat=True)
    ]:
        for key, pk in waiting:
            execute(key, pk)
        executed += len(waiting)
    return executed


def _attempt(kind: JobKind, job: Job) -> None:
    control = Control(kind, job)
    try:
        with control.working(), limits.memory(kind.memory_limit_bytes):
            outcome = kind.work(job, control)
        if not transitions.complete(kind, job, outcome):
            transitions.cancel_running(kind, job)
    except Cancelled:
        transitions.cancel_running(kind, job)
    except Superseded:
        logger.warning("%s lost its lease; attempt %s is dropped", job, job.attempt)
    except TimedOut:
        transitions.time_out(kind, job)
    except MemoryError:
        most = limits.describe_bytes(kind.memory_limit_bytes or 0)
        message = f"Needs more than {most} of memory."
        transitions.close(kind, job, State.FAILED, message)
    except kind.data_errors as error:
        transitions.close(kind, job, State.FAILED, str(error), error=error)
    except (OperationalError, InterfaceError) as error:
        # The database was away or busy, which says nothing about the job.
        logger.warning("%s goes back to the queue: %s", job, error)
        reason = "Begins again: the database did not answer."
        transitions.give_back(kind, job, died=False, reason=reason)
    # Work that asks its process to end is broken work, of which the traceback tells.
    except (Exception, SystemExit) as error:
        logger.exception("%s broke", job)
        message = (
            f"The program failed while {kind.activity} ({type(error).__name__}). "
            "This is not the data's fault; the details were kept."
        )
        transitions.close(
            kind, job, State.ERRORED, message, traceback=traceback.format_exc()
        )
