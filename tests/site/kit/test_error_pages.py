"""Errors say what happened, what is safe and what to do: to people and to programs."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.test import Client, override_settings

from labdata.site.kit import errors
from labdata.site.lab.views import home
from tests.samples.factories import make_user


def words_of(response):
    return response.content.decode()


@pytest.fixture
def broken(monkeypatch):
    """A home page that breaks as told."""

    def breaking(error):
        def view(*args, **kwargs):
            raise error

        monkeypatch.setattr(home, "under_way", view)

    return breaking


def test_an_unknown_address_offers_to_search_what_stands_in_it(client, ada):
    response = client.get("/samples/PA-C25-300/")

    assert response.status_code == 404
    assert 'value="PA-C25-300"' in words_of(response)


def test_ids_are_not_offered_as_a_search(client, ada):
    response = client.get("/samples/00000000-0000-0000-0000-000000000000/")

    assert 'name="q" value=""' in words_of(response)


def test_strangers_get_the_page_without_the_search(client, db):
    page = words_of(client.get("/nowhere/"))

    assert "There is nothing here" in page
    assert "looked-for" not in page


def test_a_damaged_request_is_told_from_a_broken_server(client, ada, broken):
    broken(SuspiciousOperation("odd"))

    response = client.get("/")

    assert response.status_code == 400
    assert "Nothing was changed" in words_of(response)


def test_a_broken_page_says_what_is_safe(client, ada, broken):
    broken(RuntimeError("odd"))
    client.raise_request_exception = False

    response = client.get("/")

    assert response.status_code == 500
    assert "What was saved before is safe" in words_of(response)
    assert "odd" not in words_of(response)


def test_the_page_of_a_broken_server_needs_neither_request_nor_database():
    for request in (None, HttpRequest()):
        assert errors.server_error(request).status_code == 500


def test_what_may_not_be_done_says_whom_to_ask(client, project, viewer):
    client.force_login(viewer)

    response = client.post("/samples/new/", {"code": "X"})

    assert response.status_code == 403
    assert "A manager of the project" in words_of(response)


def test_coming_back_to_an_act_after_signing_in_says_it_was_not_done(client, run):
    address = f"/runs/{run.uuid}/cancel/"
    client.logout()
    asked = client.post(address)

    client.force_login(make_user("grace"))
    response = client.get(address)

    assert asked.url.endswith(f"?next={address}")
    assert response.status_code == 405
    assert "was not done" in words_of(response)
    assert response["Allow"] == "POST"


def test_signing_in_too_often_says_when_it_opens_again(client, db):
    make_user("ada")

    for _ in range(10):
        response = client.post("/login/", {"username": "ada", "password": "guess"})

    assert response.status_code == 429
    assert "safe" in words_of(response)


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/nothing/"])
def test_programs_are_told_problems_at_unknown_addresses(client, ada, path):
    response = client.get(path)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"]


def test_programs_are_told_of_a_broken_server_as_a_problem():
    request = HttpRequest()
    request.path = "/api/v1/samples/"

    response = errors.server_error(request)

    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"


def test_programs_are_told_of_a_missing_token_as_a_problem(ada):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    response = client.post("/api/v1/samples/", {}, content_type="application/json")

    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"


@override_settings(LABDATA_MAX_UPLOAD=1000)
def test_programs_are_told_of_too_large_an_upload_as_a_problem(client, ada):
    body = b"0" * (4 * 1024**2)

    response = client.post("/api/v1/measurements/", body, content_type="text/csv")

    assert response.status_code == 413
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/search/?q=x"])
def test_every_page_has_the_place_where_faults_are_said(client, ada, path):
    page = words_of(client.get(path))

    assert 'id="faults" aria-label="Problems" data-sign-in="/login/"' in page
    assert "js/kit/faults.js" in page
