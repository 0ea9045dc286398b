"""Every route of the API × tokens that may only read, or only reach one project."""

import pytest
from knox.models import AuthToken
from rest_framework.test import APIClient

from labdata.common.people.access import Project
from labdata.common.people.tokens import Scope, issue_token
from samples.models import Material, Sample
from tests.samples.factories import make_project, make_sample
from tests.site.test_access_matrix import (
    ACTIONS,
    OPEN,
    REGISTRIES,
    ROUTES,
    address,
    body,
)
from tests.site.worlds.world import SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(world):
    return world.users["manager"]


@pytest.fixture
def other(manager):
    """A second project of the manager of the first."""
    return make_project(manager, "other-work")


def client_of(token):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


@pytest.fixture
def limited(manager, other):
    """The manager's program, let into the other project alone."""
    return client_of(issue_token(user=manager, name="glovebox", projects=[other])[1])


@pytest.fixture
def reader(manager):
    return client_of(issue_token(user=manager, name="plots", scope=Scope.READ)[1])


def api_paths(world):
    paths = [address(route, world) for route, _ in ROUTES]
    return [path for path in paths if path.startswith("/api/") and path not in OPEN]


def test_a_token_limited_to_another_project_is_told_nothing_of_this_one(world, limited):
    wrong = []
    for path in api_paths(world):
        response = limited.get(path)
        text = body(response).replace(path, "")
        told = [secret for secret in world.secrets() if secret in text]
        names_a_record = any(
            f"/{name}" in path
            for name in (*(str(r.uuid) for r in world.records.values()), "p-xq7zz")
        )
        if told or (names_a_record and response.status_code not in (404, 405)):
            wrong.append((path, response.status_code, told))
    assert wrong == []


def test_a_token_limited_to_another_project_changes_nothing_of_this_one(world, limited):
    ids = {name: str(record.uuid) for name, record in world.records.items()}

    answers = {
        (method, path): getattr(limited, method.lower())(
            path.format(**ids), data, format="json"
        ).status_code
        for method, path, data in ACTIONS
    }

    assert set(answers.values()) == {404}, answers


def test_a_token_whose_project_is_gone_reaches_no_other(limited, other):
    Project.objects.filter(pk=other.pk).delete()

    assert limited.get("/api/v1/projects/").json()["results"] == []
    assert limited.get("/api/v1/samples/").json()["results"] == []


def test_a_token_that_says_not_what_it_may_do_may_do_nothing(manager):
    bare = client_of(AuthToken.objects.create(user=manager)[1])

    response = bare.get("/api/v1/samples/")

    assert response.status_code == 403
    assert "make another" in response.json()["detail"]


def test_a_limited_token_works_in_its_own_project(limited, manager, other):
    make_sample(manager, other, "O-1")

    made = limited.post(
        "/api/v1/samples/", {"project": "other-work", "code": "O-2", "kind": "film"}
    )
    listed = limited.get("/api/v1/samples/").json()

    assert made.status_code == 201
    assert [row["code"] for row in listed["results"]] == ["O-1", "O-2"]


def test_a_limited_token_makes_nothing_in_the_projects_it_is_kept_from(limited):
    response = limited.post(
        "/api/v1/samples/",
        {"project": f"p-{SECRET.lower()}", "code": "N", "kind": "film"},
    )

    assert response.status_code == 400
    assert not Sample.objects.filter(code="N").exists()


@pytest.mark.parametrize(
    ("resource", "data"),
    [
        ("projects", {"slug": "mine", "name": "Mine"}),
        ("materials", {"name": "Shared"}),
        ("instruments", {"name": "Shared"}),
    ],
)
def test_a_limited_token_adds_nothing_to_the_whole_lab(limited, resource, data):
    response = limited.post(f"/api/v1/{resource}/", data)

    assert response.status_code == 403
    assert "limited to projects" in response.json()["detail"]
    assert not Material.objects.filter(name="Shared").exists()


def test_a_limited_token_is_not_replayed_what_a_wider_one_was_told(manager, limited):
    wide = client_of(issue_token(user=manager, name="all")[1])
    asked = {"project": f"p-{SECRET.lower()}", "code": "N", "kind": "film"}
    headers = {"Idempotency-Key": "same"}
    wide.post("/api/v1/samples/", asked, headers=headers)

    response = limited.post("/api/v1/samples/", asked, headers=headers)

    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["errors"]


def test_a_reading_token_reads_all_that_its_owner_sees(world, reader):
    answers = {
        path: reader.get(path).status_code
        for path in api_paths(world)
        if not REGISTRIES.match(path)
    }

    assert {
        path: c for path, c in answers.items() if c not in (200, 400, 404, 405)
    } == {}
    assert answers[f"/api/v1/samples/{world.records['sample'].uuid}/"] == 200


def test_a_reading_token_writes_nowhere_and_says_why(world, reader):
    wrong = []
    for path in api_paths(world):
        for method in ("post", "patch", "put", "delete"):
            response = getattr(reader, method)(path, {}, format="json")
            if response.status_code != 403:
                wrong.append((method, path, response.status_code))

    assert wrong == []
    assert response["Content-Type"] == "application/problem+json"
    assert "“plots” may only read" in response.json()["detail"]
