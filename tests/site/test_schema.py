"""The OpenAPI description is whole, and its page needs nothing from outside."""

import json
import re

import pytest
from django.core.management import call_command

from tests.samples.factories import make_user

pytestmark = pytest.mark.django_db


def test_the_description_is_valid_and_without_guesses(tmp_path):
    call_command(
        "spectacular",
        "--validate",
        "--fail-on-warn",
        "--file",
        str(tmp_path / "schema.yml"),
    )

    text = (tmp_path / "schema.yml").read_text()
    for resource in ("samples", "processes", "measurements", "runs", "relations"):
        assert f"/api/v1/{resource}/:" in text


def test_the_documentation_is_served_without_internet(client):
    client.force_login(make_user())

    page = client.get("/api/docs/")

    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert page.status_code == 200
    assert addresses
    assert all(a.startswith(("/", "?", "data:")) for a in addresses), addresses


def test_every_operation_says_what_it_may_refuse(client):
    client.force_login(make_user())

    kind = "application/vnd.oai.openapi+json"
    schema = json.loads(client.get("/api/schema/", headers={"accept": kind}).content)

    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert {"400", "401"} <= set(operation["responses"]), (path, method)
            assert operation.get("description"), (path, method)
