"""Creating projects and deciding who works in them."""

from typing import TypedDict, Unpack

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from labdata.common.people.access import (
    Membership,
    Project,
    Role,
    require_role,
    require_unlimited,
)
from labdata.common.people.notices import notify
from labdata.common.record.edits import hold, save_edit
from labdata.common.record.names import refuses_unknown_names


class ProjectChanges(TypedDict, total=False):
    """What may change of a project; its slug is named only to be refused."""

    name: str
    description: str
    slug: str


@transaction.atomic
def create_project(
    *, user: User, slug: str, name: str, description: str = ""
) -> Project:
    """Start a project; whoever starts it manages it."""
    require_unlimited(user)
    project = Project(slug=slug, name=name, description=description, created_by=user)
    if Project.objects.filter(slug=slug).exists():
        raise ValidationError({"slug": f"The name {slug!r} is taken: choose another."})
    project.full_clean()
    project.save()
    Membership(project=project, user=user, role=Role.MANAGER).save()
    return project


@refuses_unknown_names
@transaction.atomic
def update_project(
    *, user: User, project: Project, **values: Unpack[ProjectChanges]
) -> Project:
    """Change what a project is called; its slug stands in addresses and stays."""
    hold(project)
    require_role(user, project, Role.MANAGER)
    if values.get("slug", project.slug) != project.slug:
        raise ValidationError({"slug": "The slug stands in addresses: it stays."})
    for field in ("name", "description"):
        if field in values:
            setattr(project, field, values[field])
    project.full_clean()
    save_edit(project)
    return project


@transaction.atomic
def archive_project(*, user: User, project: Project, archived: bool) -> Project:
    """Put a project away, or bring it back."""
    hold(project)
    require_role(user, project, Role.MANAGER)
    project.archived_at = timezone.now() if archived else None
    save_edit(project)
    return project


@transaction.atomic
def set_member(*, user: User, project: Project, username: str, role: str) -> Membership:
    """Add a member, or change a member's role.

    Raises
    ------
    ValidationError
        If there is no such person, or nobody would be left to manage the project.
    """
    # Of two changes at once the second must see who is left to manage the project.
    hold(project)
    require_role(user, project, Role.MANAGER)
    person = get_user_model().objects.filter(username=username).first()
    if person is None:
        raise ValidationError({"user": f"There is no user {username!r}."})
    if role not in Role.values:
        known = ", ".join(Role.values)
        raise ValidationError({"role": f"{role!r} is no role (there are: {known})."})
    membership = Membership.objects.filter(project=project, user=person).first()
    if membership is None:
        membership = Membership(project=project, user=person)
    is_changed = membership.role != role
    membership.role = role
    membership.save()
    _require_manager(project)
    if is_changed and person.pk != user.pk:
        notify(
            user=person,
            kind="project",
            text=f"{user} made you {Role(role).label.lower()} in {project.slug}.",
            address=project.get_absolute_url(),
        )
    return membership


@transaction.atomic
def remove_member(*, user: User, project: Project, username: str) -> None:
    """End a membership; members may leave by themselves."""
    hold(project)
    if username != user.get_username():
        require_role(user, project, Role.MANAGER)
    membership = Membership.objects.filter(
        project=project, user__username=username
    ).first()
    if membership is None:
        raise ValidationError({"user": f"{username!r} is no member."})
    person = membership.user
    membership.delete()
    _require_manager(project)
    if person.pk != user.pk:
        notify(
            user=person,
            kind="project",
            text=f"{user} ended your membership in {project.slug}.",
        )


def _require_manager(project):
    if not project.memberships.filter(role=Role.MANAGER).exists():
        raise ValidationError({"role": "A project keeps at least one manager."})
