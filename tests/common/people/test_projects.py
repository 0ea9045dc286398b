"""Who manages a project: always somebody, also when two decide at the same moment."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from rest_framework.test import APIClient

from labdata.common.people import projects
from labdata.common.people.access import Role
from tests.samples.factories import add_member, make_project, make_user
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def grace():
    return make_user("grace")


@pytest.fixture
def project(ada, grace):
    project = make_project(ada)
    add_member(project, grace, Role.MANAGER)
    return project


def managers(project):
    return project.memberships.filter(role=Role.MANAGER).count()


def leave_by_api(project, user):
    client = APIClient()
    client.force_authenticate(user)
    return client.delete(f"/api/v1/projects/{project.slug}/members/{user}/").status_code


def leave_by_page(project, user):
    client = Client()
    client.force_login(user)
    address = f"{project.get_absolute_url()}members/"
    return client.post(address, {"remove": user.get_username()}).status_code


def test_the_last_manager_cannot_leave_twice_by_the_api(ada, grace, project):
    answers = at_once(
        project,
        [lambda user=user: leave_by_api(project, user) for user in (ada, grace)],
    )

    assert sorted(answers) == [204, 400]
    assert managers(project) == 1


def test_the_last_manager_cannot_leave_twice_by_the_page(ada, grace, project):
    at_once(
        project,
        [lambda user=user: leave_by_page(project, user) for user in (ada, grace)],
    )

    assert managers(project) == 1


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, None])
def test_two_managers_cannot_depose_each_other(ada, grace, project, role):
    def depose(user, other):
        name = other.get_username()
        if role is None:
            return projects.remove_member(user=user, project=project, username=name)
        return projects.set_member(user=user, project=project, username=name, role=role)

    answers = at_once(project, [lambda: depose(ada, grace), lambda: depose(grace, ada)])

    refused = [one for one in answers if isinstance(one, Exception)]
    assert len(refused) == 1
    # The slower one is no manager any more by then.
    assert isinstance(refused[0], PermissionDenied | ValidationError)
    assert managers(project) == 1
