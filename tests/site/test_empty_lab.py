"""A database with nothing in it but one person: every page answers all the same."""

import pytest

from tests.samples.factories import make_user
from tests.site.test_query_counts import QUESTIONS, lists

pytestmark = pytest.mark.django_db

FORMS = ["/samples/new/", "/processes/new/", "/materials/new/", "/projects/new/"]


@pytest.fixture
def newcomer(client):
    client.force_login(make_user("newcomer"))
    return client


@pytest.mark.parametrize("path", [*lists(), *QUESTIONS, *FORMS])
def test_every_page_answers_in_an_empty_lab(newcomer, path):
    response = newcomer.get(path)

    # An act answers 405 to a look; what must be told of something 302 or 400.
    assert response.status_code in (200, 286, 302, 400, 405)


@pytest.mark.parametrize("path", ["/samples/", "/measurements/", "/materials/"])
def test_empty_lists_offer_the_first_step(newcomer, path):
    page = newcomer.get(path).content.decode()

    assert 'class="empty"' in page
