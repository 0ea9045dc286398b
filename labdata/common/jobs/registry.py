"""The kinds of work there are: who does it, under which limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings

from labdata.common.registry import Registry

if TYPE_CHECKING:
    from labdata.common.jobs.control import Control
    from labdata.common.jobs.models import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """How one model of jobs is worked off.

    ``work`` runs outside any transaction and may take long; what it returns goes to
    ``finish``, which writes the result in the transaction that makes the job done.
    ``fail`` may add to the job in the transaction that makes it failed, and ``closed``
    is told in the same transaction of every end without a result.
    """

    key: str
    model: str
    """``app_label.ModelName``."""
    work: Callable[[Job, Control], Any]
    finish: Callable[[Job, Any], None]
    fail: Callable[[Job, Exception], None] | None = None
    closed: Callable[[Job], None] | None = None
    data_errors: tuple[type[Exception], ...] = ()
    """What the data may be guilty of; the message is for the person at the bench."""
    activity: str = "working on it"
    """Ends the sentence "The program died three times while …"."""
    time_limit_seconds: float = 600.0
    memory_limit_bytes: int | None = 2 * 1024**3
    lease_seconds: float | None = None
    max_attempts: int = 3
    """How often the process doing the work may die of it."""

    def get_model(self) -> type[Job]:
        return apps.get_model(self.model)

    def get_lease_seconds(self) -> float:
        return self.lease_seconds or settings.LABDATA_JOB_LEASE_SECONDS


kinds: Registry[JobKind] = Registry("kind of job")


def kind_of(job: Job) -> JobKind:
    label = job._meta.label_lower
    for kind in kinds:
        if kind.model.lower() == label:
            return kind
    raise LookupError(f"no kind of job works off {job._meta.label}")
