"""The documents as pages: all of them there, every link sound, found by words."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import resolve

from labdata.site.kit.tags.navigation import CHAPTERS, ENTRIES
from labdata.site.lab import documents

ROOT = Path(settings.BASE_DIR)
USED = re.compile(r"{% help_address [\"']([^\"']+)[\"'] %}")
ADDRESS = re.compile(r'<(?:a|img)[^>]*? (?:href|src)="([^"]+)"')


def places():
    """Every place the documents have, as `help_address` takes them."""
    return {
        f"{document.name}#{section.anchor}" if section.anchor else document.name
        for document in documents.documents()
        for section in document.sections
    }


def all_pages():
    return (documents.index(), *documents.documents())


def test_every_document_stands_in_the_index():
    listed = {document.path for document in documents.documents()}
    there = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}

    assert there - listed == {documents.INDEX}
    assert len(listed) > 10


def test_every_link_leads_somewhere():
    addresses = {page.address: page for page in all_pages()}
    lost = []
    for page in all_pages():
        for link in ADDRESS.findall(page.body):
            path, _, anchor = link.partition("#")
            if re.match("https?:", link):
                continue
            if path.startswith("/static/"):
                found = finders.find(path.removeprefix("/static/"))
            elif path in addresses or not path:
                target = addresses[path] if path else page
                found = not anchor or f'id="{anchor}"' in target.body
            else:
                found = resolve(path)
            if not found:
                lost.append((page.path, link))

    assert lost == []


def test_links_to_files_that_are_no_pages_name_files_that_are_there():
    lost = []
    for page in all_pages():
        text = (ROOT / page.path).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if not re.match(r"[a-z]+:|/|#", link):
                target = ROOT / documents.resolved(page.path, link)[0]
                if not target.is_file():
                    lost.append((page.path, link))

    assert lost == []


def test_every_place_the_pages_point_to_is_there():
    templates = (ROOT / "templates").rglob("*.html")
    used = {
        place for path in templates for place in USED.findall(path.read_text("utf-8"))
    }
    asked = used | set(CHAPTERS.values()) | {entry.help for entry in ENTRIES}

    assert len(used) >= 10
    assert asked - places() == set()


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("The project's page", "the-projects-page"),
        ("Is the difference significant?", "is-the-difference-significant"),
        ("Devices, cells, curves", "devices-cells-curves"),
        ("Voc · Jsc", "voc--jsc"),
    ],
)
def test_anchors_are_those_of_code_hosts(heading, anchor):
    assert documents.anchor_of(heading) == anchor


def test_anyone_reads_the_help(client):
    front = client.get("/help/").content.decode()

    assert [client.get(page.address).status_code for page in all_pages()] == (
        [200] * len(all_pages())
    )
    assert 'href="/help/first-hour/"' in front


def test_a_page_shows_its_contents_its_pictures_and_the_way_on(client):
    text = client.get("/help/measuring/").content.decode()

    assert '<a href="#reading-a-fit">Reading a fit</a>' in text
    assert '<h2 id="reading-a-fit">' in text
    assert re.search(r'<img src="/static/help/run.png" alt="[^"]+" width="\d+"', text)
    assert 'rel="prev" href="/help/logging/"' in text
    assert 'rel="next" href="/help/nomenclature/"' in text


def test_no_page_needs_what_the_content_policy_forbids(client):
    for page in all_pages():
        assert not re.search(r"<script>|<style| style=| on\w+=", page.body)
    policy = client.get("/help/measuring/")["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_what_is_no_document_is_not_served(client):
    assert client.get("/help/settings/").status_code == 404
    assert client.get("/help/readme/").status_code == 404


def test_markup_within_a_document_is_shown_not_obeyed(tmp_path, settings):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "README.md").write_text("# Help\n\n* [One](one.md) [Two](two.md)\n")
    (folder / "one.md").write_text(
        "# One\n\n<script>alert(1)</script> [go](javascript:alert(1))"
        " [file](../secrets.txt) [two](two.md#part)\n\n```\n<b>\n```\n"
    )
    (folder / "two.md").write_text("# Two\n\n## Part\n\n## Part\n\n<b>x</b>\n")
    settings.BASE_DIR = tmp_path

    one, two = documents.documents()

    assert "<script" not in one.body
    assert 'href="javascript' not in one.body
    assert "secrets.txt" not in one.body
    assert " file " in one.body
    assert '<a href="/help/two/#part">two</a>' in one.body
    assert "&lt;b&gt;" in one.body
    assert [section.anchor for section in two.headings] == ["part", "part-1"]


def test_tables_keep_their_columns_and_can_be_scrolled_by_keys(tmp_path, settings):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/README.md").write_text("# Help\n\n[One](one.md)\n")
    (tmp_path / "docs/one.md").write_text("# One\n\n| | n |\n|---|--:|\n| a | 1 |\n")
    settings.BASE_DIR = tmp_path

    (one,) = documents.documents()

    assert 'tabindex="0" role="group" aria-label="Table"' in one.body
    assert "<td></td>" in one.body
    assert '<th class="right">n</th>' in one.body
    assert '<td class="right">1</td>' in one.body


def test_headings_are_found_before_text(client):
    found = documents.find_sections("survival")
    headings = [one for one in found if "survival" in one.section.title.lower()]

    assert headings
    assert found[: len(headings)] == headings
    assert documents.find_sections("urvival") == []
    assert len(found) > len(headings)


def test_sections_are_found_by_all_of_their_words_and_open_at_their_place(client):
    text = client.get("/help/?q=ISOS+VERDICT").content.decode()

    assert 'href="/help/stability/#isos-verdict"' in text
    assert "No section holds" in client.get("/help/?q=isos+xyzzy").content.decode()


def test_the_bar_opens_the_chapter_on_the_page_one_is_on(client, project):
    def chapter(address):
        page = client.get(address).content.decode()
        return re.search(r'class="wide-only" href="(/help/[^"]*)"', page)[1]

    assert chapter("/populations/") == "/help/populations/"
    assert chapter("/samples/series/") == "/help/logging/#a-series"
    assert chapter("/notices/") == "/help/"
