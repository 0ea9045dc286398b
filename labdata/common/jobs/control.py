"""What a piece of work may say and hear while it runs: progress, lease, stop."""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import threading
import time
from contextlib import contextmanager

from django.db import DatabaseError, connections
from django.db.models.functions import Now

from labdata.common.jobs import transitions
from labdata.common.jobs.models import Job, seconds_from_now
from labdata.common.jobs.registry import JobKind
from labdata.common.work import processes

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5
STOP_GRACE_SECONDS = 3.0


class Interrupted(BaseException):
    """Not an ``Exception``, so that no broad handler inside the work swallows it."""


class Cancelled(Interrupted):
    """A person asked for the work to stop."""


class Superseded(Interrupted):
    """The lease was lost; another attempt owns the job now."""


class TimedOut(Interrupted):
    """The work used up its time."""


class Control:
    """Handed to ``work``; a thread beside it keeps the lease and listens."""

    def __init__(self, kind: JobKind, job: Job) -> None:
        self.kind = kind
        self.job = job
        self._progress: dict | None = None
        self._interrupt: type[Interrupted] | None = None
        self._interrupted_at = 0.0
        self._lock = threading.Lock()
        self._working_thread: int | None = None
        self._ended = threading.Event()
        self._started = time.monotonic()

    def progress(self, fraction: float, message: str = "") -> None:
        """Say how far the work is; cheap enough for every turn of a loop."""
        fraction = round(min(max(float(fraction), 0.0), 1.0), 3)
        self._progress = {"fraction": fraction, "message": message}
        self.checkpoint()

    def checkpoint(self) -> None:
        """Stop here if the work was cancelled, ran out of time or lost its lease."""
        if self._interrupt is not None:
            raise self._interrupt

    @contextmanager
    def working(self):
        """Keep the lease, and let interruptions strike, for as long as this lasts."""
        self._working_thread = threading.get_ident()
        beat = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        try:
            beat.start()
            yield
        finally:
            try:  # an interruption may still strike until it is locked out
                with self._lock:
                    _clear_pending(self._working_thread)
                    self._working_thread = None
            finally:
                self._ended.set()
                beat.join()
                if processes.is_pool_child():
                    faulthandler.cancel_dump_traceback_later()

    def _beat(self) -> None:
        lease = self.kind.get_lease_seconds()
        extended = time.monotonic()
        written = None
        self._arm(lease)
        try:
            while not self._ended.wait(min(TICK_SECONDS, lease / 4)):
                now = time.monotonic()
                self._arm(lease)
                if now - self._started > self.kind.time_limit_seconds:
                    self._strike(TimedOut)
                progress = self._progress
                try:
                    if now - extended > lease / 4 or progress != written:
                        self._extend(lease, progress)
                        extended, written = now, progress
                    else:
                        self._listen()
                except (DatabaseError, MemoryError) as error:
                    # The job's own name might ask the database that just failed.
                    name = f"{self.kind.key} {self.job.pk}"
                    logger.warning("heartbeat of %s missed: %s", name, error)
                self._insist(now)
        finally:
            connections.close_all()

    def _held(self):
        objects = self.kind.get_model().objects
        return objects.held(pk=self.job.pk, attempt=self.job.attempt)

    def _extend(self, lease: float, progress: dict | None) -> None:
        changes = {} if progress is None else {"progress": progress}
        self._held().update(
            lease_until=seconds_from_now(lease), heartbeat_at=Now(), **changes
        )
        self._listen()

    def _listen(self) -> None:
        cancel = self._held().values_list("cancel_requested", flat=True).first()
        if cancel is None:
            self._strike(Superseded)
        elif cancel:
            self._strike(Cancelled)

    def _strike(self, interrupt: type[Interrupted]) -> None:
        """Raise inside the work, even if it never comes to a checkpoint."""
        with self._lock:
            if self._interrupt is None and self._working_thread is not None:
                self._interrupt = interrupt
                self._interrupted_at = time.monotonic()
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._working_thread), ctypes.py_object(interrupt)
                )

    def _insist(self, now: float) -> None:
        """End the process if compiled code has not come back to hear of the stop."""
        if self._interrupt is None or not processes.is_pool_child():
            return
        if now - self._interrupted_at < STOP_GRACE_SECONDS:
            return
        if self._interrupt is Cancelled:
            transitions.cancel_running(self.kind, self.job)
        elif self._interrupt is TimedOut:
            transitions.time_out(self.kind, self.job)
        processes.kill_self()

    def _arm(self, lease: float) -> None:
        """End the process if code that keeps the interpreter lets the lease lapse."""
        if processes.is_pool_child():
            faulthandler.dump_traceback_later(lease, exit=True, file=2)


def _clear_pending(thread: int | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None)
