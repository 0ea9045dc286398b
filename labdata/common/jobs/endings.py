"""Who wants to hear that work has ended, once its result is there for all to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

if TYPE_CHECKING:
    from labdata.common.jobs.models import Job

Listener = Callable[["Job"], object]
_listeners: list[Listener] = []


def register_ending(listener: Listener) -> None:
    """Add what is called after a job of any kind has ended, however it did."""
    if listener in _listeners:
        raise ValueError(f"listener {listener!r} is registered twice")
    _listeners.append(listener)


def tell_ending(job: Job) -> None:
    """Call the listeners when the transaction that ends the job is through.

    What a listener does, or fails to do, changes nothing about the job.
    """
    for listener in _listeners:
        # Django names what failed by its name, which a partial has not.
        transaction.on_commit(_Call(listener, job).tell, robust=True)


@dataclass(frozen=True, slots=True)
class _Call:
    listener: Listener
    job: Job

    def tell(self) -> None:
        self.listener(self.job)
