"""What a program may do in a person's name: a token's scope, projects and use."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from knox.models import AuthToken

from labdata.common.people.access import Project

# Writing down every use would make each reading request write.
USE_NOTED_EVERY = timedelta(minutes=5)


class Scope(models.TextChoices):
    READ = "read", "Read"
    WRITE = "write", "Read and write"


class TokenGrant(models.Model):
    """Beside a token, whose digest the token library keeps: what it is good for.

    ``is_limited`` stands on its own because a project that is deleted would otherwise
    turn the token of that one project into a token of all of them.
    """

    token = models.OneToOneField(
        AuthToken, on_delete=models.CASCADE, related_name="grant"
    )
    name = models.CharField(max_length=60)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.WRITE)
    is_limited = models.BooleanField(default=False)
    projects = models.ManyToManyField(Project, related_name="+", blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "common"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=Scope.values), name="token_scope_known"
            )
        ]

    def __str__(self):
        return self.name


@transaction.atomic
def issue_token(
    *,
    user: User,
    name: str,
    scope: str = Scope.WRITE,
    projects: Iterable[Project] = (),
    days: int | None = None,
) -> tuple[TokenGrant, str]:
    """Make a token.

    Parameters
    ----------
    user : User
        In whose name it works.
    name : str
        What the person calls it, such as the program or the instrument.
    scope : str, optional
        ``read`` or ``write``.
    projects : iterable of Project, optional
        The projects it is limited to; none given, it reaches all of the person's.
    days : int, optional
        How long it works; the lab's setting if not given.

    Returns
    -------
    tuple of TokenGrant and str
        The grant, and the token itself, which is kept nowhere.

    Raises
    ------
    ValidationError
        If the name is missing, or a project is not one of the person's.
    """
    projects = list(projects)
    name = " ".join(name.split())
    longest = settings.REST_KNOX["TOKEN_TTL"].days
    days = longest if days is None else days
    if not 1 <= days <= longest:
        raise ValidationError({"days": f"A token works for 1 to {longest} days."})
    visible = Project.objects.visible_to(user).filter(pk__in=[p.pk for p in projects])
    if visible.count() != len(projects):
        raise ValidationError({"projects": "You are not a member of each of these."})
    token, text = AuthToken.objects.create(user=user, expiry=timedelta(days=days))
    grant = TokenGrant(token=token, name=name, scope=scope, is_limited=bool(projects))
    grant.full_clean()
    grant.save()
    grant.projects.set(projects)
    return grant, text


def note_use(grant):
    """Write down that a token was used, not more often than is worth a write."""
    now = timezone.now()
    if grant.used_at is None or now - grant.used_at > USE_NOTED_EVERY:
        TokenGrant.objects.filter(pk=grant.pk).update(used_at=now)
