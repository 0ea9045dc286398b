"""Tokens: made with a scope, named, limited, noted when used, and revoked."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from knox.models import AuthToken

from labdata.common.people.access import Project
from labdata.common.people.tokens import Scope, TokenGrant, issue_token, note_use
from tests.samples.factories import make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def project(ada):
    return make_project(ada, "glasses")


def test_a_token_is_kept_as_a_digest_only(ada):
    grant, text = issue_token(user=ada, name="notebook")

    assert text not in str(vars(grant.token))
    assert text.startswith(grant.token.token_key)


def test_a_token_needs_a_name(ada):
    with pytest.raises(ValidationError, match="name"):
        issue_token(user=ada, name="  ")

    assert not AuthToken.objects.exists()


def test_a_token_is_limited_to_projects_one_is_in(ada):
    secret = make_project(make_user("other"), "secret")

    with pytest.raises(ValidationError, match="not a member"):
        issue_token(user=ada, name="spy", projects=[secret])


@pytest.mark.parametrize("days", [0, 366])
def test_a_token_works_no_longer_than_the_lab_allows(ada, days):
    with pytest.raises(ValidationError, match="1 to 365 days"):
        issue_token(user=ada, name="notebook", days=days)


def test_a_token_of_a_project_that_is_gone_does_not_reach_the_others(ada, project):
    grant, _ = issue_token(user=ada, name="glovebox", projects=[project])
    Project.objects.filter(pk=project.pk).delete()

    grant.refresh_from_db()
    assert (grant.is_limited, grant.projects.count()) == (True, 0)


def test_every_use_is_not_a_write(ada, django_assert_num_queries):
    grant, _ = issue_token(user=ada, name="notebook")
    note_use(grant)
    grant.refresh_from_db()

    with django_assert_num_queries(0):
        note_use(grant)


def test_a_use_long_after_the_last_is_noted(ada):
    grant, _ = issue_token(user=ada, name="notebook")
    TokenGrant.objects.update(used_at=timezone.now() - timedelta(hours=1))
    grant.refresh_from_db()

    note_use(grant)

    grant.refresh_from_db()
    assert timezone.now() - grant.used_at < timedelta(minutes=1)


def test_the_command_line_makes_a_token_that_reads_and_writes(ada, capsys):
    call_command("create_token", "ada")

    grant = TokenGrant.objects.get()
    assert capsys.readouterr().out.strip().startswith(grant.token.token_key)
    assert (grant.name, grant.scope) == ("command line", Scope.WRITE)
    assert not grant.is_limited


def test_revoking_a_token_takes_its_grant_along(ada):
    grant, _ = issue_token(user=ada, name="notebook")

    grant.token.delete()

    assert not TokenGrant.objects.exists()
