"""Photographs of samples and processes: kept, shown small, described, seen large."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from measurements.models import File, Thumbnail
from tests.samples.factories import make_process, make_user


def photo(size=(400, 300), colour="red"):
    data = BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG")
    return data.getvalue()


def add(client, record, name="IMG_1.JPG", data=None, field="photo"):
    content = photo() if data is None else data
    address = f"{record.get_absolute_url()}files/"
    upload = SimpleUploadedFile(name, content, "image/jpeg")
    return client.post(address, {field: upload}, follow=True)


@pytest.fixture
def picture(client, sample):
    add(client, sample)
    return File.objects.get()


def test_a_photograph_stands_on_the_page_of_its_sample(client, sample):
    html = add(client, sample).content.decode()

    row = File.objects.get()
    assert "Kept 1 photograph." in html
    assert f"/files/{row.uuid}/thumbnail/" in html
    assert row.sample == sample


def test_several_files_are_kept_at_once(client, sample):
    files = [
        SimpleUploadedFile("a.jpg", photo(colour="red")),
        SimpleUploadedFile("sheet.pdf", b"%PDF-1.4"),
    ]

    html = client.post(
        f"{sample.get_absolute_url()}files/", {"files": files}, follow=True
    ).content.decode()

    assert "Kept 2 files." in html
    assert "sheet.pdf" in html


def test_a_process_has_photographs_too(client, ada, project, sample):
    process = make_process(ada, project, outputs=[sample.code])

    html = add(client, process).content.decode()

    assert f"/files/{File.objects.get().uuid}/thumbnail/" in html


def test_a_thumbnail_is_small_kept_and_known_by_its_tag(client, picture):
    address = f"/files/{picture.uuid}/thumbnail/"

    first = client.get(address)
    second = client.get(address)
    unchanged = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])

    assert first["Content-Type"] == "image/jpeg"
    assert max(Image.open(BytesIO(first.content)).size) == 320
    assert first["Cache-Control"].startswith("private")
    assert second.content == first.content
    assert Thumbnail.objects.count() == 1
    assert unchanged.status_code == 304


def test_the_small_picture_is_not_taken_for_the_large_one(client, sample):
    add(client, sample, data=photo((800, 600)))
    address = f"/files/{File.objects.get().uuid}/thumbnail/"

    small, large = client.get(address), client.get(f"{address}?size=large")

    sizes = [Image.open(BytesIO(one.content)).width for one in (small, large)]
    assert sizes == [320, 800]
    assert small["ETag"] != large["ETag"]


def test_the_page_of_a_photograph_shows_it_large(client, picture):
    html = client.get(f"/files/{picture.uuid}/").content.decode()
    large = client.get(f"/files/{picture.uuid}/thumbnail/?size=large")

    assert "size=large" in html
    assert "/api/v1/files/" in html
    assert Image.open(BytesIO(large.content)).size == (400, 300)


def test_a_photograph_that_cannot_be_shown_is_kept_with_a_clear_word(client, sample):
    add(client, sample, "IMG_2.HEIC", b"\x00\x00\x00\x18ftypheic" + bytes(100))
    row = File.objects.get()

    html = client.get(f"/files/{row.uuid}/").content.decode()
    drawn = client.get(f"/files/{row.uuid}/thumbnail/")

    assert "no preview can be made of its format" in html
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"HEIC" in drawn.content


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("broken.jpg", b"\xff\xd8\xff\xe0 not really"),
        ("script.png", b"<svg onload='alert(1)'/>"),
        ('"><script>.csv', b"1,2\n"),
        ("none", b"bytes"),
    ],
)
def test_what_is_no_picture_is_a_frame_and_harmless(client, sample, name, data):
    add(client, sample, name, data)

    drawn = client.get(f"/files/{File.objects.get().uuid}/thumbnail/")

    assert drawn.status_code == 200
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"<script" not in drawn.content
    assert b"onload" not in drawn.content


def test_the_description_is_edited_where_the_photograph_is_seen(client, picture):
    client.post(f"/files/{picture.uuid}/describe/", {"description": "Crack at the rim"})

    picture.refresh_from_db()
    assert picture.description == "Crack at the rim"
    html = client.get(picture.sample.get_absolute_url()).content.decode()
    assert 'alt="Crack at the rim"' in html


def test_photographs_of_a_sample_are_leafed_through(client, sample, picture):
    add(client, sample, "IMG_2.JPG", photo(colour="blue"))
    second = File.objects.get(name="IMG_2.JPG")

    first_page = client.get(f"/files/{picture.uuid}/").content.decode()
    second_page = client.get(f"/files/{second.uuid}/").content.decode()

    assert f'href="/files/{second.uuid}/" rel="next"' in first_page
    assert f'href="/files/{picture.uuid}/" rel="prev"' in second_page
    assert "2 of 2" in second_page


def test_a_photograph_is_seen_by_members_and_described_by_writers(
    client, picture, viewer
):
    addresses = [f"/files/{picture.uuid}/", f"/files/{picture.uuid}/thumbnail/"]

    client.force_login(viewer)
    assert [client.get(one).status_code for one in addresses] == [200, 200]
    refused = client.post(f"{addresses[0]}describe/", {"description": "Mine"})
    sent = add(client, picture.sample, "mine.jpg")
    client.force_login(make_user("eve"))
    hidden = [client.get(one).status_code for one in addresses]

    assert refused.status_code == sent.status_code == 403
    assert hidden == [404, 404]
    assert File.objects.count() == 1


def test_an_empty_photograph_is_refused_in_words(client, sample):
    html = add(client, sample, data=b"").content.decode()

    assert "IMG_1.JPG is empty" in html
