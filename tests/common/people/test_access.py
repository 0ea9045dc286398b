"""Who may change what: a role counts in its own project alone."""

import pytest
from django.core.exceptions import PermissionDenied

from labdata.common.people.access import Membership, Project, Role, require_write
from tests.samples.factories import add_member, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def vera():
    return make_user("vera")


@pytest.fixture
def looked_at(vera):
    """A project vera may look at, while she manages another."""
    make_project(vera, "her-own")
    project = make_project(make_user("ada"), "glasses")
    add_member(project, vera, Role.VIEWER)
    return project


def test_who_manages_one_project_changes_nothing_where_they_only_look(vera, looked_at):
    with pytest.raises(PermissionDenied, match="in glasses"):
        require_write(vera, looked_at)

    assert [row.slug for row in Project.objects.writable_by(vera)] == ["her-own"]


def test_members_of_other_projects_are_not_visible(vera, looked_at):
    make_project(make_user("mallory"), "elsewhere")

    seen = Membership.objects.visible_to(vera).values_list("user__username", flat=True)

    assert sorted(seen) == ["ada", "vera", "vera"]
