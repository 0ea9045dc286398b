"""Who changed what, when and why: one ChangeSet per request or command.

Row histories are kept by django-simple-history. Each historical row points to the
ChangeSet in force, which is made when the first row needs it: a request that changes
nothing leaves none behind.
"""

import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.conf import settings
from django.db import models, transaction

from labdata.common.choices import change_set_in_force

REASON_HEADER = "X-Change-Reason"


class ChangeSet(models.Model):
    """One act of one person: everything it changed is found from here."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="change_sets",
    )
    time = models.DateTimeField(auto_now_add=True, db_index=True)
    request = models.CharField(
        max_length=200, blank=True, help_text="Method and path, or the command."
    )
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        app_label = "common"
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.user or 'system'}: {self.request}"


@dataclass
class _Act:
    """The act in progress and, once something changed, its ChangeSet."""

    user: object = None
    request: str = ""
    reason: str = ""
    change_set_id: int | None = None
    committed: bool = False
    hook: object = field(default=None, repr=False)

    def still_stands(self):
        """Whether the row made earlier survived: rolled-back work takes it along."""
        if self.change_set_id is None:
            return False
        if self.committed:
            return True
        hooks = transaction.get_connection().run_on_commit
        return any(entry[1] is self.hook for entry in hooks)

    def mark_committed(self):
        self.committed = True


_act: ContextVar[_Act | None] = ContextVar("labdata_act", default=None)


@contextmanager
def recording(*, user=None, request="", reason=""):
    """Attribute the changes made inside to a person, a request and a reason."""
    token = _act.set(_Act(user=user, request=request[:200], reason=reason[:400]))
    try:
        yield
    finally:
        _act.reset(token)


def current_change_set_id():
    """The id of the ChangeSet in force, made on first need."""
    act = _act.get()
    if act is None:
        return ChangeSet.objects.create(request="shell").pk
    if not act.still_stands():
        user = act.user() if callable(act.user) else act.user
        if user is not None and not user.is_authenticated:
            user = None
        change_set = ChangeSet.objects.create(
            user=user, request=act.request, reason=act.reason
        )
        act.change_set_id = change_set.pk
        act.committed = False
        act.hook = act.mark_committed
        transaction.on_commit(act.hook)
    return act.change_set_id


class ChangeSetLink(models.Model):
    """What a historical row carries beside the fields it copies."""

    change_set = models.ForeignKey(
        ChangeSet,
        on_delete=models.PROTECT,
        default=change_set_in_force,
        related_name="+",
    )

    class Meta:
        abstract = True


class ChangeSetMiddleware:
    """Opens an act around each request that may change something."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        # Token users are known only once the API view has authenticated them.
        with recording(
            user=lambda: request.user,
            request=f"{request.method} {request.path}",
            reason=request.headers.get(REASON_HEADER, ""),
        ):
            return self.get_response(request)
