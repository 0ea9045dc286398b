"""The tables of this app, gathered for Django."""

from labdata.common.access import Membership, Project
from labdata.common.drafts import Draft
from labdata.common.history import ChangeSet
from labdata.common.idempotency import IdempotencyRecord
from labdata.common.notices import Notice
from labdata.common.preferences import Preference
from labdata.common.saved_views import SavedView
from labdata.common.tokens import TokenGrant

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
