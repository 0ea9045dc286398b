"""How one person likes the pages: columns, label format, what to be told of."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models


class Preference(models.Model):
    """One choice of one person, as plain JSON under a dotted key."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences"
    )
    key = models.CharField(max_length=80)
    value = models.JSONField()

    class Meta:
        app_label = "common"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="preference_once_per_user"
            )
        ]

    def __str__(self):
        return f"{self.key} of {self.user}"


def preference(user, key, default=None):
    """What a person chose, or the default."""
    kept = Preference.objects.filter(user_id=user.pk, key=key)
    value = kept.values_list("value", flat=True).first()
    return default if value is None else value


def preferences(user, defaults):
    """Several choices of a person with one query; ``defaults`` names them."""
    kept = Preference.objects.filter(user_id=user.pk, key__in=defaults)
    return {**defaults, **dict(kept.values_list("key", "value"))}


def set_preference(*, user: User, key: str, value: Any) -> None:
    """Remember a choice; None forgets it."""
    if value is None:
        Preference.objects.filter(user_id=user.pk, key=key).delete()
        return
    Preference.objects.update_or_create(
        user_id=user.pk, key=key, defaults={"value": value}
    )
