"""What somebody typed into a form and has not saved yet."""

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction

from labdata.common.text.storable import explain, half_characters

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

    ``data`` is what the browser sent: ``{"address": …, "fields": [[name, value], …],
    "tab": …, "typed": milliseconds}``. It is given back to that browser as it came;
    only its tab and time are read, to know which of two requests was typed later.
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
def save_draft(*, user: User, key: str, data: dict[str, Any]) -> Draft:
    """Keep what was typed, in place of what this form's draft held before.

    Of two requests of one tab the one typed later stays, whichever arrives last.

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
    for half in half_characters(data).values():
        raise ValidationError({"data": explain(half)})
    size = len(text)
    if size > MAX_CHARACTERS:
        raise ValidationError(
            {
                "data": f"This draft has {size} characters; at most {MAX_CHARACTERS} "
                "are kept."
            }
        )
    draft = Draft.objects.select_for_update().filter(user=user, key=key).first()
    draft = draft or Draft(user=user, key=key)
    if _is_overtaken(data, by=draft.data):
        return draft
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


def _is_overtaken(data, *, by) -> bool:
    """Whether the same tab typed on before this arrived: requests may pass another."""
    if not isinstance(by, dict) or data.get("tab") is None:
        return False
    typed, later = data.get("typed"), by.get("typed")
    return (
        data["tab"] == by.get("tab")
        and isinstance(typed, int | float)
        and isinstance(later, int | float)
        and typed < later
    )


def drop(*, user: User, key: str) -> None:
    """Forget a draft: its form was saved, or its writer wants it no longer."""
    Draft.objects.filter(user=user, key=key).delete()
