"""Telling a person that something they waited for has happened."""

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import models, transaction
from django.utils import timezone

from labdata.common.people.preferences import preference

# What a person can be told of, and the words for the preference.
KINDS = {
    "intake": "Files dropped are read and fitted",
    "runs": "Runs started together have ended",
    "project": "My part in a project changes",
}


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(user_id=user.pk)

    def unread(self):
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One sentence for one person, with the address it is about."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=20, choices=list(KINDS.items()))
    text = models.CharField(max_length=400)
    address = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        app_label = "common"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["user", "read_at"], name="notice_unread"),
            models.Index(fields=["user", "-created_at"], name="notice_newest"),
        ]

    def __str__(self):
        return self.text


def notify(*, user: User, text: str, kind: str, address: str = "") -> Notice | None:
    """Tell a person, unless they said they need not be told of this kind.

    Parameters
    ----------
    user : User
    text : str
        One sentence in the lab's words.
    kind : str
        A key of ``KINDS``.
    address : str, optional
        Path of the page it is about, within this site.

    Returns
    -------
    Notice or None
        None where the person does not want it.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of notice {kind!r} (known: {', '.join(KINDS)})")
    if preference(user, f"notices.{kind}", True) is False:
        return None
    notice = Notice.objects.create(
        user_id=user.pk, text=text[:400], kind=kind, address=address
    )
    if settings.LABDATA_SENDS_EMAIL and user.email and _wants_email(user):
        transaction.on_commit(lambda: _send(user, notice), robust=True)
    return notice


def _wants_email(user):
    return preference(user, "notices.email", False) is True


def _send(user, notice):
    base = settings.LABDATA_PUBLIC_URL.rstrip("/")
    lines = [notice.text, *([f"{base}{notice.address}"] if base else [])]
    send_mail(
        f"{settings.LABDATA_SITE_NAME}: {notice.text[:80]}",
        "\n\n".join(lines),
        None,
        [user.email],
    )


def mark_read(*, user: User, notices: Sequence[Notice] | None = None) -> int:
    """Mark some of a person's notices, or all of them, as read."""
    rows = Notice.objects.visible_to(user).unread()
    if notices is not None:
        rows = rows.filter(pk__in=[one.pk for one in notices])
    return rows.update(read_at=timezone.now())
