"""Importing a table of cells by page: read, mended, previewed, imported, taken back."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from analysis.models import PropertyValue
from samples.models import Process, Sample
from tests.samples import factories

PAGE = "/cells/import/"
TABLE = "PCE_before;PCE_after;PCE_delta;remark\n20,0;18,0;10,0;x\n10,0;5,0;50,0;y\n"


@pytest.fixture
def user(db):
    return factories.make_user()


@pytest.fixture
def project(client, user):
    client.force_login(user)
    return factories.make_project(user)


def read(client, data=TABLE, name="cells 150 h.csv"):
    file = SimpleUploadedFile(name, data.encode("cp1252"))
    answer = client.post(PAGE, {"project": "glasses", "file": file})
    assert answer.status_code == 200
    return answer.content.decode()


def fields_of(page):
    """What a browser would send of the form on the page."""
    page = page.replace("&quot;", '"')
    sent = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page))
    sent |= dict(re.findall(r'<input name="([^"]+)" value="([^"]*)"', page))
    for name, options in re.findall(
        r'<select name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        first = re.search(r'value="([^"]*)"', options)
        sent[name] = (chosen or first)[1]
    text = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    sent["table"] = text[1] if text else ""
    sent.pop("file", None)
    return sent | {"project": "glasses", "origin": "manual"}


def test_the_page_guesses_and_asks_for_what_it_cannot_know(client, project):
    page = read(client)

    assert 'value="jv.pce" selected' in page
    assert 'value="stability.loss" selected' in page
    assert "duration, such as 150 h" in page
    assert "Nothing can be imported yet" in page
    assert 'value="cells-150-h"' in page
    assert not Sample.objects.exists()


def test_what_will_be_imported_is_shown_before(client, project):
    sent = fields_of(read(client)) | {"duration": "150 h"}

    page = client.post(PAGE, sent).content.decode()

    assert "What will be imported" in page
    assert "cells-150-h-0002" in page
    assert "The loss follows from the efficiencies in 2 rows." in page
    assert "Import 2 cells" in page
    assert not Sample.objects.exists()


def test_cells_are_imported_and_put_away_again(client, project):
    sent = fields_of(read(client)) | {"duration": "150 h", "import": "yes"}

    answer = client.post(PAGE, sent, follow=True)

    page = answer.content.decode()
    assert "2 cells of 2 devices imported, with 8 values." in page
    assert "x=stability.initial_pce&amp;y=stability.loss%5B150+h%5D" in page
    assert PropertyValue.objects.get(quantity="stability.loss", value=50)
    assert Process.objects.get().parameters == {"duration": 9000}
    act = re.search(r'name="act" value="([^"]+)"', page)[1]

    client.post("/cells/import/undo/", {"act": act})

    assert not Sample.objects.current().exists()
    assert "Put these devices away" not in client.get(PAGE).content.decode()


def test_a_column_is_what_is_chosen(client, project):
    sent = fields_of(read(client)) | {
        "use-3": "cell",
        "use-2": "",
        "duration": "150 h",
        "import": "yes",
    }

    client.post(PAGE, sent)

    labels = Sample.objects.values_list("cells__label", flat=True)
    assert sorted(labels) == ["x", "y"]
    assert not PropertyValue.objects.filter(quantity="stability.loss").exists()


def test_wrong_rows_are_shown_by_line_and_nothing_is_saved(client, project):
    sent = fields_of(read(client, TABLE.replace("18,0", "many"))) | {
        "duration": "150 h",
        "import": "yes",
    }

    page = client.post(PAGE, sent).content.decode()

    assert "1 row cannot be imported" in page
    assert re.search(r'<td class="right number">2</td>', page)
    assert "many" in page
    assert not Sample.objects.exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "Choose a file, or paste a table."),
        ({"table": "nonsense"}, "No columns were found"),
        ({"table": "sample;PCE\nA;1,234\nB;2,345"}, "state the decimal mark"),
    ],
)
def test_what_is_no_table_is_told_at_its_field(client, project, more, words):
    answer = client.post(PAGE, {"project": "glasses"} | more)

    assert words in answer.content.decode()


def test_an_office_file_is_named(client, project):
    file = SimpleUploadedFile("cells.xlsx", b"PK\x03\x04" + bytes(60))

    page = client.post(PAGE, {"project": "glasses", "file": file}).content.decode()

    assert "ZIP archive or an Office document" in page


def test_only_writers_come_here(client, project, user):
    viewer = factories.make_user("eve")
    factories.add_member(project, viewer, "viewer")
    client.force_login(viewer)

    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE, {"project": "glasses"}).status_code == 403


def test_a_decimal_mark_that_may_be_either_is_asked_for_and_answered(client, project):
    page = read(client, "sample;PCE (%)\nA;1,234\nB;2,345\n")
    assert "may mean 1234 or 1.234" in page.replace("&#x27;", "'")

    answered = client.post(PAGE, fields_of(page) | {"decimal": ","}).content.decode()

    assert "may mean" not in answered
    assert 'value="jv.pce" selected' in answered
