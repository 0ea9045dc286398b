"""A list asks the database the same questions whatever the number of rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labdata.common.people.access import Project
from tests.site.test_access_matrix import ROUTES
from tests.site.worlds.crowd import multiply

pytestmark = pytest.mark.django_db

FEW = 10
# Forms, and pages about one thing, list nothing.
NOT_LISTS = (
    "new/",
    "health/",
    "login/",
    "logout/",
    "account/",
    "composition/",
    "docs/",
)
# Lists that need to be told of what.
QUESTIONS = [
    "/api/v1/relations/?x=sample.code&y=pl.fwhm[I]",
    "/explore/?x=sample.code&y=pl.fwhm[I]&facet=sample.kind",
    "/explore/points/?x=sample.code&y=pl.fwhm[I]&facet=sample.kind",
    "/explore/?x=sample.kind&y=pl.fwhm[I]&aggregate=mean",
    "/explore/variables/?q=full+width&with=sample.code",
    "/populations/?y=pl.fwhm[I]&by=sample.kind",
    "/populations/points/?y=pl.fwhm[I]&by=sample.kind",
    "/api/v1/populations/?y=pl.fwhm[I]&by=sample.kind",
    "/search/?q=N-&all=1",
    "/search/?q=Secretium&all=1",
    "/search/offered/?q=csv",
    "/devices/?layer=Secretium&ordering=-pce",
    "/devices/substances/?q=Secretium",
    "/devices/starts/?q=N-",
]


def lists():
    return [
        f"/{route}"
        for route, _ in ROUTES
        if "<" not in route and not route.endswith(NOT_LISTS)
    ]


def count_queries(client, address):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        # Acts answer 405, lists of named things 302 or 400, live parts at rest 286.
        known = (200, 286, 302, 400, 405)
        assert response.status_code in known, (address, response.status_code)
    return len(queries)


def test_every_list_asks_a_fixed_number_of_questions(client, world_with_rows, draws):
    addresses = lists()
    addresses += QUESTIONS

    few = {a: count_queries(client, a) for a in addresses}
    # More than the longest page, so that one is full; in proof, of many.
    world_with_rows(draws(220, 1000) - FEW)
    many = {a: count_queries(client, a) for a in addresses}

    assert len(addresses) > 20
    grown = {a: (few[a], many[a]) for a in few if many[a] > few[a]}
    assert grown == {}


@pytest.fixture
def world_with_rows(client, world):
    multiply(world, FEW - 1, start=0)
    client.force_login(world.users["manager"])
    # The session and the caches of content types are warm before anything is counted.
    client.get("/api/v1/projects/")
    return lambda count: multiply(world, count, start=FEW)


def test_the_rows_are_there(client, world_with_rows, draws):
    many = draws(220, 1000)
    world_with_rows(many - FEW)

    answer = client.get("/api/v1/samples/?page_size=200").json()

    assert answer["count"] == many
    assert len(answer["results"]) == 200
    assert Project.objects.count() > many
