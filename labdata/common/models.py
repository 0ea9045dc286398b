"""The tables of this app, gathered for Django."""

from labdata.common.people.access import Membership, Project
from labdata.common.people.drafts import Draft
from labdata.common.people.notices import Notice
from labdata.common.people.preferences import Preference
from labdata.common.people.saved_views import SavedView
from labdata.common.people.tokens import TokenGrant
from labdata.common.record.history import ChangeSet
from labdata.common.record.idempotency import IdempotencyRecord

__all__ = [
    "ChangeSet",
    "Draft",
    "IdempotencyRecord",
    "Membership",
    "Notice",
    "Preference",
    "Project",
    "SavedView",
    "TokenGrant",
]
