"""The tables of this app, gathered for Django."""

from labdata.common.access import Membership, Project
from labdata.common.history import ChangeSet
from labdata.common.idempotency import IdempotencyRecord

__all__ = ["ChangeSet", "IdempotencyRecord", "Membership", "Project"]
