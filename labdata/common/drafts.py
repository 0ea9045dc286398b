"""What somebody typed into a form and has not saved yet."""

import json

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction

MAX_CHARACTERS = 400_000
"""A pasted list of five hundred samples is a tenth of this."""

MAX_DRAFTS = 100
"""Per person; beyond it, the draft untouched for longest goes."""


class DraftQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A draft is seen by nobody but the person who types it."""
        return self.filter(user_id=user.pk)


class Draft(models.Model):
    """The unsaved content of one form of one person.

    ``data`` is what the browser sent: ``{"address": …, "fields": [[name, value], …]}``.
    It is given back to that browser as it came and read by nothing else.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    key = models.CharField(
        max_length=100, validators=[RegexValidator(r"^[A-Za-z0-9_.-]+$")]
    )
    data = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        app_label = "common"
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="draft_once_per_form")
        ]

    def __str__(self):
        return self.key


@transaction.atomic
def save_draft(*, user, key, data):
    """Keep what was typed, in place of what this form's draft held before.

    Raises
    ------
    ValidationError
        If it is no object, or larger than any form is.
    """
    if not isinstance(data, dict):
        raise ValidationError({"data": "A draft is a JSON object."})
    text = json.dumps(data)
    if "\\u0000" in text:
        raise ValidationError({"data": "A draft holds text, not NUL characters."})
    size = len(text)
    if size > MAX_CHARACTERS:
        raise ValidationError(
            {
                "data": f"This draft has {size} characters; at most {MAX_CHARACTERS} "
                "are kept."
            }
        )
    draft = Draft.objects.filter(user=user, key=key).first() or Draft(
        user=user, key=key
    )
    draft.data = data
    draft.full_clean(
        exclude={"data"}, validate_unique=False, validate_constraints=False
    )
    draft.save()
    oldest = Draft.objects.filter(user=user).order_by("-updated_at", "-pk")
    Draft.objects.filter(
        pk__in=list(oldest.values_list("pk", flat=True)[MAX_DRAFTS:])
    ).delete()
    return draft


def drop(*, user, key):
    """Forget a draft: its form was saved, or its writer wants it no longer."""
    Draft.objects.filter(user=user, key=key).delete()
