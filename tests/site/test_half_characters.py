"""Half characters (lone surrogates) are refused at their field, however they come."""

import json

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient
from rest_framework.views import APIView

from analysis.relations.answer import write_cursor
from labdata.common.api import parsers
from samples.models import Protocol, Sample
from tests.samples.factories import make_project, make_sample, make_user

pytestmark = pytest.mark.django_db

HALF = "\\ud800"
# As UTF-7 writes it: the one way to put it into a query or a field of a form.
IN_UTF_7 = "+2AA-"
BOUNDARY = "limit"


@pytest.mark.parametrize(
    "address",
    ["/samples/a%00/", "/api/v1/samples/a%00/", "/api/v1/projects/p/members/a%00/"],
)
def test_no_address_holds_a_sign_that_no_database_can(client, ada, address):
    assert client.get(address).status_code == 404
    assert client.delete(address).status_code == 404


@pytest.fixture
def ada(client):
    user = make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def project(ada):
    return make_project(ada)


@pytest.fixture
def api(ada):
    client = APIClient()
    client.force_authenticate(ada)
    return client


def form(*parts):
    """A form with files, as bytes: pairs of what stands in a head and the content."""
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
        + content.encode()
        + b"\r\n"
        for head, content in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode()


def at(errors, place):
    for name in place:
        errors = errors[name]
    return errors


BODIES = [
    ("samples", {"code": "S" + HALF}, ["code"]),
    ("samples", {"composition": {"components": [{"material": HALF}]}}, None),
    ("samples", {"extra": {"k" + HALF: 1}}, ["extra", "k" + HALF]),
    ("samples", {"tags": ["whole", HALF]}, ["tags", "1"]),
    ("samples", {"no such field" + HALF: 1}, ["no such field" + HALF]),
    ("materials", {"aliases": [HALF]}, ["aliases", "0"]),
    ("protocols", {"program": [{"atmosphere": HALF}]}, ["program", "0", "atmosphere"]),
    ("protocols", {"parameters": {"a": HALF}}, ["parameters", "a"]),
    ("saved-stacks", {"layers": [{"notes": HALF}]}, ["layers", "0", "notes"]),
    ("devices", {"layers": [{"steps": [{"antisolvent": HALF}]}]}, None),
    ("properties", {"value": HALF}, ["value"]),
    ("runs", {"parameters": {"window": [HALF]}}, ["parameters", "window", "0"]),
    ("cell-tables", {"table": HALF}, ["table"]),
    ("projects", {"name": HALF}, ["name"]),
]


@pytest.mark.parametrize(("resource", "body", "place"), BODIES)
def test_json_is_refused_at_the_field(api, project, resource, body, place):
    text = json.dumps({"project": "glasses", **body}).replace("\\\\u", "\\u")

    answer = api.post(f"/api/v1/{resource}/", text, content_type="application/json")

    assert answer.status_code == 400, answer.content
    errors = answer.json()["errors"]
    assert HALF in str(at(errors, place or [next(iter(body))]))
    assert not Protocol.objects.exists()


def test_of_a_list_the_row_is_named(api, project):
    text = '[{"code": "S-1"}, {"code": "\\ud800"}]'

    answer = api.post("/api/v1/samples/", text, content_type="application/json")

    assert HALF in answer.json()["errors"]["1"]["code"][0]


def test_whole_characters_written_in_halves_are_kept(api, project):
    text = (
        '{"project": "glasses", "code": "S-1", "kind": "film", '
        '"notes": "\\ud83d\\ude00", "name": "literally \\\\ud800"}'
    )

    answer = api.post("/api/v1/samples/", text, content_type="application/json")

    assert answer.status_code == 201
    assert Sample.objects.get().notes == "😀"
    assert Sample.objects.get().name == HALF.join(["literally ", ""])


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ([('name="notes"', f"a{IN_UTF_7}")], ["notes"]),
        ([(f'name="no{IN_UTF_7}"', "a")], None),
        ([(f'name="fi{IN_UTF_7}"; filename="a.csv"', "a")], None),
        ([('name="conditions"', '{"atmosphere": "\\ud800"}')], ["conditions"]),
        ([('name="extra"', '{"shelf": ["\\ud800"]}')], ["extra"]),
        ([('name="state"', '{"process": "\\ud800"}')], ["state"]),
    ],
    ids=["field", "name", "name of a file", "conditions", "extra", "state"],
)
def test_forms_with_files_are_refused_at_the_field(api, ada, project, parts, place):
    make_sample(ada, project, "S-1")
    rest = [('name="sample"', "S-1"), ('name="technique"', "pl")]
    rest.append(('name="file"; filename="a.csv"', "1,2"))

    answer = api.post(
        "/api/v1/measurements/",
        form(*parts, *rest),
        content_type=f"multipart/form-data; boundary={BOUNDARY}; charset=utf-7",
    )

    assert answer.status_code == 400, answer.content
    errors = answer.json()["errors"]
    assert HALF in str(at(errors, place) if place else errors)


def test_a_plain_form_of_another_encoding_is_refused(api, project):
    kind = "application/x-www-form-urlencoded; charset=utf-7"

    answer = api.post("/api/v1/samples/", "name=%2B2AA-", content_type=kind)

    assert answer.status_code == 400
    assert "name" in answer.json()["errors"]


@pytest.mark.parametrize("page", ["/api/v1/samples/", "/samples/", "/search/"])
def test_a_query_of_another_encoding_is_refused(client, project, page):
    answer = client.get(
        page,
        QUERY_STRING="q=%2B2AA-",
        CONTENT_TYPE="x/y; charset=utf-7",
    )

    assert answer.status_code == 400
    told = answer.content.decode().replace("\\\\", "\\")
    assert f"q: This holds half of a character ({HALF})" in told


def test_the_form_of_a_page_is_refused_by_its_field(client, project):
    answer = client.generic(
        "POST",
        "/projects/glasses/edit/",
        form(('name="name"', f"Glasses {IN_UTF_7}"), ('name="version"', "1")),
        content_type=f"multipart/form-data; boundary={BOUNDARY}; charset=utf-7",
    )

    assert answer.status_code == 400
    assert f"name: This holds half of a character ({HALF})" in answer.content.decode()


def test_a_draft_with_half_a_character_is_not_kept(client, ada):
    answer = client.post(
        "/drafts/form/",
        '{"fields": [["a", "\\ud800"]]}',
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert HALF in answer.json()["errors"][0]


def test_a_place_in_a_relation_cannot_be_half_a_character(client, ada, project):
    make_sample(ada, project, "S-1")
    cursor = write_cursor((json.loads(f'"{HALF}"'), 1))
    question = {"x": "sample.code", "y": "sample.kind", "sort": "x", "cursor": cursor}

    answer = client.get("/api/v1/relations/", question)

    assert answer.status_code == 400
    assert "another question" in answer.json()["errors"]["cursor"][0]


def test_json_deeper_than_anybody_nests_is_refused(api, project):
    text = '{"composition": ' + "[" * 100_000 + "]" * 100_000 + "}"

    answer = api.post("/api/v1/samples/", text, content_type="application/json")

    assert answer.status_code == 400
    assert "nested too deeply" in answer.json()["detail"]


def views_of(patterns=None):
    for pattern in patterns or get_resolver().url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from views_of(pattern.url_patterns)
        elif issubclass(view := getattr(pattern.callback, "cls", type), APIView):
            yield view


def test_every_endpoint_reads_bodies_with_parsers_that_refuse_them():
    views = set(views_of())

    assert len(views) > 20
    assert {
        parser
        for view in views
        for parser in view.parser_classes
        if parser.__module__ != parsers.__name__
    } == set()
