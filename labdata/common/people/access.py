"""Projects, their members, and who may see and change what."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from labdata.common.record.history import ChangeSetLink
from labdata.common.record.records import Record, RecordQuerySet


class Role(models.TextChoices):
    VIEWER = "viewer", "Viewer"
    CONTRIBUTOR = "contributor", "Contributor"
    MANAGER = "manager", "Manager"


WRITING_ROLES = (Role.CONTRIBUTOR, Role.MANAGER)


class ProjectQuerySet(RecordQuerySet):
    def visible_to(self, user):
        """The projects a person is a member of, in any role."""
        return self.filter(pk__in=visible_project_ids(user))

    def writable_by(self, user):
        return self.filter(
            pk__in=memberships_of(user)
            .filter(role__in=WRITING_ROLES)
            .values("project_id")
        )


class Project(Record):
    """Who works together: samples, materials and measurements belong to one."""

    slug = models.CharField(
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]*$")],
        help_text="Short name in addresses: a-z 0-9 _ -",
    )
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    history = HistoricalRecords(app="common", bases=[ChangeSetLink])

    objects = ProjectQuerySet.as_manager()

    class Meta:
        app_label = "common"
        ordering = ["slug"]

    def __str__(self):
        return self.slug

    def get_absolute_url(self):
        return reverse("site:project", args=[self.slug])


class MembershipQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(project_id__in=visible_project_ids(user))


class Membership(models.Model):
    """A person's role in a project."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role)
    history = HistoricalRecords(app="common", bases=[ChangeSetLink])

    objects = MembershipQuerySet.as_manager()

    class Meta:
        app_label = "common"
        ordering = ["project", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"], name="membership_once_per_project"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        ]

    def __str__(self):
        return f"{self.user} in {self.project}: {self.role}"


def memberships_of(user):
    """A person's memberships, or those a limited token leaves of them.

    A request that came with such a token has the ids of its projects on the user, as
    ``token_projects``; everything that asks who sees or changes what goes through
    here, so nothing has to know about tokens but this.
    """
    memberships = Membership.objects.filter(user_id=user.pk)
    limits = token_limits(user)
    return memberships if limits is None else memberships.filter(project__in=limits)


def token_limits(user):
    """The ids of the projects a request's token is limited to; None if it is not."""
    return getattr(user, "token_projects", None)


def visible_project_ids(user):
    """The ids of the projects whose records a person may see, as a subquery."""
    return memberships_of(user).values("project_id")


def require_unlimited(user):
    """Refuse a token limited to projects what concerns the whole lab.

    Raises
    ------
    PermissionDenied
        If the request came with such a token.
    """
    if token_limits(user) is not None:
        raise PermissionDenied(
            "This token is limited to projects; this concerns the whole lab."
        )


def require_role(user, project, *roles):
    """Refuse with 403 a member whose role does not allow the act.

    Raises
    ------
    PermissionDenied
        If the person holds none of ``roles`` in the project.
    """
    held = memberships_of(user).filter(project=project, role__in=roles)
    if not held.exists():
        wanted = " or ".join(Role(role).label.lower() for role in roles)
        raise PermissionDenied(f"You need to be {wanted} in {project.slug} for this.")


def require_write(user, project):
    """Refuse a person who may look at a project but not change it."""
    require_role(user, project, *WRITING_ROLES)


class ProjectScoped(Record):
    """A record that belongs to one project, and is seen by its members alone."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class ProjectScopedQuerySet(RecordQuerySet):
    def visible_to(self, user):
        return self.filter(project_id__in=visible_project_ids(user))
