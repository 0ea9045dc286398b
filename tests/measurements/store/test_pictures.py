"""Photographs made small: upright, harmless, and refused where they would not fit."""

import zlib
from io import BytesIO

import pytest
from PIL import Image

from measurements.store import pictures
from measurements.store.pictures import (
    NoPicture,
    has_preview,
    is_photograph,
    make_small,
)


def photo(size=(400, 200), kind="JPEG", mode="RGB", colour="red", **options):
    data = BytesIO()
    Image.new(mode, size, colour).save(data, kind, **options)
    return data.getvalue()


def opened(data):
    return Image.open(BytesIO(data))


def test_the_longest_side_is_the_one_asked_for():
    assert opened(make_small(photo(), 100)).size == (100, 50)


def test_a_small_picture_is_not_enlarged():
    assert opened(make_small(photo((40, 20)), 100)).size == (40, 20)


def test_a_picture_taken_upright_is_shown_upright():
    exif = Image.Exif()
    exif[0x0112] = 6

    small = opened(make_small(photo(exif=exif), 100))

    assert small.size == (50, 100)


def test_what_a_photograph_tells_of_its_place_is_left_out():
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"

    small = opened(make_small(photo(exif=exif), 100))

    assert dict(small.getexif()) == {}
    assert b"A camera" not in make_small(photo(exif=exif), 100)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_other_formats_become_jpeg(kind):
    assert opened(make_small(photo(kind=kind), 100)).format == "JPEG"


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "CMYK", "1", "I;16"])
def test_any_way_of_keeping_colour_is_shown(mode):
    data = BytesIO()
    kind = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (40, 20)).save(data, kind)

    assert opened(make_small(data.getvalue(), 20)).mode == "RGB"


def test_what_is_transparent_is_white():
    small = opened(make_small(photo(mode="RGBA", kind="PNG", colour="#ff000000"), 100))

    assert small.getpixel((50, 25)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"\xff\xd8\xff\xe0" + bytes(100),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"GIF89a" + bytes(50),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        photo()[:-150],
    ],
)
def test_what_is_no_whole_picture_is_refused(data):
    with pytest.raises(NoPicture):
        make_small(data, 100)


def test_a_picture_of_a_format_not_shown_here_is_refused():
    with pytest.raises(NoPicture):
        make_small(photo(kind="PPM"), 100)


def test_a_picture_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 10_000)

    with pytest.raises(NoPicture, match="pixels"):
        make_small(photo(kind="PNG"), 100)


def test_a_bomb_of_pixels_is_refused_before_it_unpacks():
    # A PNG whose header claims 60,000 × 60,000 pixels.
    data = bytearray(photo((1, 1), "PNG"))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    crc = zlib.crc32(bytes(data[12:29]))
    data[29:33] = crc.to_bytes(4, "big")

    with pytest.raises(NoPicture):
        make_small(bytes(data), 100)


def test_a_large_file_is_refused_unread(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)

    with pytest.raises(NoPicture, match="bytes"):
        make_small(photo(), 100)


def test_names_tell_photographs_and_which_of_them_can_be_shown():
    assert is_photograph("IMG_1.HEIC")
    assert not has_preview("IMG_1.HEIC")
    assert has_preview("IMG_1.JPG")
    assert not is_photograph("spectrum.csv")
