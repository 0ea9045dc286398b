"""Background work that survives crashes: rows with leases, the broker a hint.

An app declares a model derived from ``Job``, adds a ``JobKind`` to ``kinds`` when it
is ready, and calls ``jobs.submit(job)``.
"""

from labdata.common.jobs.models import Job, JobQuerySet
from labdata.common.jobs.registry import JobKind, kinds
from labdata.common.jobs.services import cancel, dispatch, release, submit

__all__ = [
    "Job",
    "JobKind",
    "JobQuerySet",
    "cancel",
    "dispatch",
    "kinds",
    "release",
    "submit",
]
