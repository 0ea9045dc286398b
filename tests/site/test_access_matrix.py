"""Every route of the system × every role: who is let in, and what leaks to nobody.

The matrix is generated from the URL map: a route added tomorrow is walked tomorrow,
and one whose parameters this file does not know fails here until it does.
"""

import itertools
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import URLPattern, get_resolver

from labdata.site.lab.labels import short_of
from tests.site.worlds.world import ROLES, user_of

pytestmark = pytest.mark.django_db

# Django's own administration is for administrators and tested by Django.
NOT_OURS = ("admin/",)
# Anyone may ask whether the lab is up, sign in, and read how the API works.
OPEN = {
    "/health/",
    "/login/",
    "/logout/",
    "/api/schema/",
    "/api/docs/",
    # The documents tell how labdata works, and nothing of any lab.
    "/help/",
    "/help/measuring/",
}
# Things without an owner, the same for everyone signed in.
REGISTRIES = re.compile(r"^/(api/v1/)?(techniques|readers|analyses|quantities)/")
REGISTRY_KEYS = {
    "technique": "pl",
    "reader": "delimited_text",
    "analysis": "pl_gaussians",
    "quantity": "pl.fwhm",
}
API_BASENAMES = {
    "projects": "project",
    "materials": "material",
    "lots": "lot",
    "samples": "sample",
    "batches": "batch",
    "devices": "sample",
    "saved-stacks": "saved-stack",
    "processes": "process",
    "protocols": "protocol",
    "extra-fields": "extra-field",
    "instruments": "instrument",
    "measurements": "measurement",
    "files": "file",
    "datasets": "dataset",
    "runs": "run",
    "properties": "property",
    "values": "property",
    "variables": "variable",
    "views": "view",
    "fields": "extra-field",
    "notices": "notice",
    # An import is named by its act; of one that made nothing, nothing is put away.
    "cell-tables": "sample",
    "techniques": "technique",
    "readers": "reader",
    "analyses": "analysis",
    "quantities": "quantity",
}


def every_route(patterns=None, prefix=""):
    """All routes of the URL map, as text with <converter:name> parts."""
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + _readable(pattern)
        if route.startswith(NOT_OURS):
            continue
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from every_route(pattern.url_patterns, route)


def _readable(pattern):
    text = str(pattern.pattern)
    text = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", text)
    return text.lstrip("^").replace("\\Z", "").rstrip("$").replace("\\", "")


ROUTES = sorted(dict(every_route()).items())


def address(route, world):
    """The address of the secret project's record that a route is about."""
    path = "/" + route
    parts = re.findall(r"<(?:\w+:)?(\w+)>", path)
    resource = path.removeprefix("/api/v1").split("/")[1]
    for part in parts:
        path = re.sub(rf"<(?:\w+:)?{part}>", _value(part, path, resource, world), path)
    return path


def _value(part, path, resource, world):
    if part == "key" and API_BASENAMES.get(resource) in REGISTRY_KEYS:
        return REGISTRY_KEYS[API_BASENAMES[resource]]
    if path.startswith("/help/"):
        return "measuring"
    if part == "analysis":
        return REGISTRY_KEYS["analysis"]
    if part in ("key", "username"):
        return "manager"
    if part == "short":
        return short_of(world.records["sample"].uuid)
    if part == "code":
        return world.records["sample"].code
    if part == "slug":
        return world.records["project"].slug
    if part == "file":
        return str(world.records["intake-file"].uuid)
    if path.startswith("/measurements/drop/"):
        return str(world.records["intake"].uuid)
    if part in ("pk", "uuid"):
        singular = API_BASENAMES.get(resource)
        if path.startswith("/api/"):
            if singular in REGISTRY_KEYS:
                return REGISTRY_KEYS[singular]
            if singular == "variable":
                return "sample.code"
        if singular in world.records:
            return str(world.records[singular].uuid)
    raise AssertionError(f"no record known for {part!r} of {path}: add one here")


# No package adds anything here, so no address of one is anybody's.
NONE_INSTALLED = re.compile(r"^/api/v1/plugins/\w+/$")


def ask(client, method, path):
    if method == "GET":
        return client.get(path)
    data = {} if path.startswith("/api/") else {"any": "thing"}
    kind = {"content_type": "application/json"} if path.startswith("/api/") else {}
    return getattr(client, method.lower())(path, data, **kind)


def body(response):
    if response.streaming:
        return b"".join(response.streaming_content).decode(errors="replace")
    return response.content.decode(errors="replace")


def sign_in(client, user):
    if user is None or isinstance(user, AnonymousUser):
        client.logout()
    else:
        client.force_login(user)


def test_the_map_is_not_empty():
    assert len(ROUTES) > 60


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_in_whom_it_should(client, world, role):
    sign_in(client, user_of(world, role))
    wrong = []
    for route, _ in ROUTES:
        path = address(route, world)
        response = ask(client, "GET", path)
        expected = _expected(path, role)
        if response.status_code not in expected:
            wrong.append((path, response.status_code, expected))
        if role in ("anonymous", "outsider") and path not in OPEN:
            text = body(response)
            told = [s for s in world.secrets() if s in text.replace(path, "")]
            if told:
                wrong.append((path, "tells", told))
    assert wrong == []


def _expected(path, role):
    fine = {200, 302, 405, 400}
    if path in OPEN:
        return {200, 302, 405}
    if role == "anonymous":
        return {401, 405} if path.startswith("/api/") else {302, 405}
    if REGISTRIES.match(path):
        return {200}
    if NONE_INSTALLED.match(path):
        return {404}
    if path.startswith("/drafts/"):
        # Everyone has drafts of their own, and nobody else's.
        return {200}
    is_detail = bool(re.search(r"[0-9a-f]{8}-|^/[sS]/|/p-xq7zz/|/manager/", path))
    if is_detail and path.startswith("/notices/"):
        # Told to the manager alone.
        return {302} if role == "manager" else {404}
    if is_detail and role == "outsider":
        return {404, 405}
    if "/variables/" in path and role == "outsider":
        # Nothing this project knows makes a variable known to another.
        return {200, 404}
    # A form one may not send is not shown either.
    return fine | {403} if role == "viewer" and "/edit/" in path else fine


@pytest.mark.parametrize("role", ["anonymous", "outsider", "viewer"])
def test_nobody_writes_who_may_not(client, world, role):
    sign_in(client, user_of(world, role))
    wrong = []
    paths = [address(route, world) for route, _ in ROUTES]
    for method, path in itertools.product(("POST", "PATCH", "PUT", "DELETE"), paths):
        if path in OPEN or path.startswith("/account/"):
            continue
        response = ask(client, method, path)
        refused = {400, 401, 403, 404, 405, 409, 415}
        if not path.startswith("/api/"):
            # A form shown again, or the way to the sign-in page.
            refused |= {200, 302}
        if response.status_code not in refused:
            wrong.append((method, path, response.status_code))
    for record in world.records.values():
        before = record.__class__.objects.get(pk=record.pk)
        assert getattr(before, "version", 1) == getattr(record, "version", 1)
        assert getattr(before, "archived_at", None) is None
    assert wrong == []


ACTIONS = [
    ("PATCH", "/api/v1/samples/{sample}/", {"location": "elsewhere"}),
    ("POST", "/api/v1/samples/{sample}/archive/", {}),
    ("DELETE", "/api/v1/samples/{sample}/", {}),
    ("PATCH", "/api/v1/processes/{process}/", {"notes": "changed"}),
    ("POST", "/api/v1/processes/{process}/archive/", {}),
    ("PATCH", "/api/v1/protocols/{protocol}/", {"notes": "changed"}),
    ("POST", "/api/v1/protocols/{protocol}/archive/", {}),
    ("PATCH", "/api/v1/materials/{material}/", {"notes": "changed"}),
    ("POST", "/api/v1/materials/{material}/archive/", {}),
    ("PATCH", "/api/v1/lots/{lot}/", {"purity": "99 %"}),
    ("PATCH", "/api/v1/measurements/{measurement}/", {"notes": "changed"}),
    ("POST", "/api/v1/measurements/{measurement}/archive/", {}),
    ("POST", "/api/v1/measurements/{measurement}/reparse/", {}),
    (
        "POST",
        "/api/v1/measurements/{measurement}/append/",
        {"columns": {"time": [1], "pce": [1]}},
    ),
    ("POST", "/api/v1/devices/{sample}/ageing-series/", {}),
    ("POST", "/api/v1/runs/{run}/decide/", {"verdict": "accepted"}),
    ("POST", "/api/v1/runs/{run}/rerun/", {}),
    ("POST", "/api/v1/runs/{run}/cancel/", {}),
    ("POST", "/api/v1/properties/{property}/decide/", {"verdict": "accepted"}),
    ("PATCH", "/api/v1/projects/{project}/", {"name": "Mine now"}),
    (
        "POST",
        "/api/v1/projects/{project}/members/",
        {"user": "outsider", "role": "manager"},
    ),
    ("DELETE", "/api/v1/projects/{project}/members/manager/", {}),
]


def test_valid_writes_are_refused_by_role_not_by_luck(client, world):
    ids = {name: str(record.uuid) for name, record in world.records.items()}
    answers = {}
    for method, template, data in ACTIONS:
        path = template.format(**ids)
        for role in ("outsider", "viewer"):
            sign_in(client, user_of(world, role))
            response = getattr(client, method.lower())(
                path, data, content_type="application/json"
            )
            answers[method, template, role] = response.status_code

    expected = {"outsider": 404, "viewer": 403}
    assert {k: code for k, code in answers.items() if code != expected[k[2]]} == {}


@pytest.mark.parametrize("role", ["outsider", "viewer"])
def test_nothing_is_made_in_a_project_one_may_not_write_to(client, world, role):
    sign_in(client, user_of(world, role))
    project, sample = world.records["project"], world.records["sample"]
    asked = {
        "samples": {"project": project.slug, "code": "N", "kind": "film"},
        "samples/series": {
            "project": project.slug,
            "kind": "film",
            "batch": "N",
            "code": "N",
        },
        "materials": {"project": project.slug, "name": "New"},
        "processes": {
            "project": project.slug,
            "kind": "general",
            "inputs": [sample.code],
            "outputs": [sample.code],
        },
        "protocols": {"project": project.slug, "name": "New", "kind": "general"},
        "properties": {
            "sample": str(sample.uuid),
            "quantity": "pl.fwhm",
            "value": 1,
            "origin": "manual",
        },
        "runs": {
            "analysis": "pl_gaussians",
            "measurements": [str(world.records["measurement"].uuid)],
        },
    }

    answers = {
        resource: client.post(
            f"/api/v1/{resource}/", data, content_type="application/json"
        )
        for resource, data in asked.items()
    }

    codes = {resource: answer.status_code for resource, answer in answers.items()}
    allowed = {400, 404} if role == "outsider" else {403}
    assert set(codes.values()) <= allowed, codes
