"""What every record carries: identity, time, author, edit version, archive."""

import uuid

from django.conf import settings
from django.db import models


class Record(models.Model):
    """A row people see: a random public UUID outside, a bigint inside.

    ``version`` grows with each edit and is the ETag of the API and the hidden field
    of the forms. Records with dependants are archived, never deleted.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class RecordQuerySet(models.QuerySet):
    """Vocabulary shared by the querysets of all records."""

    def current(self):
        return self.filter(archived_at__isnull=True)
