"""Labels: short addresses, codes that read back, lines that fit, sheets half used."""

import re
from uuid import UUID, uuid4

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from labdata.site.lab.labels import (
    FORMATS,
    QUIET_ZONE,
    SHORT_LENGTH,
    code_lines,
    pages_of,
    qr_path,
    scan_address,
    short_of,
    uuids_of,
)

SHEET = FORMATS["a4-65"]
HIGHEST = UUID(int=2**128 - 1)


def drawn(width, path, scale=4):
    """The picture a printer makes of the path."""
    image = Image.new("L", (width * scale, width * scale), 255)
    draw = ImageDraw.Draw(image)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        left, top = int(x) * scale, int(y) * scale
        right = left + int(length) * scale - 1
        draw.rectangle([left, top, right, top + scale - 1], fill=0)
    return image


@pytest.mark.parametrize("uuid", [UUID(int=0), HIGHEST, uuid4()])
def test_a_short_form_leads_back_to_its_id(uuid):
    short = short_of(uuid)

    first, last = uuids_of(short)
    assert len(short) == SHORT_LENGTH
    assert first <= uuid <= last
    assert last.int - first.int == 2**68 - 1


def test_ids_next_to_each_other_do_not_share_a_short_form():
    first, last = uuids_of("0123456789AB")

    assert short_of(first) == short_of(last) == "0123456789AB"
    assert short_of(UUID(int=last.int + 1)) == "0123456789AC"


def test_a_short_form_may_be_typed_by_hand():
    assert uuids_of("oil0123456xy") == uuids_of("0110123456XY")


@pytest.mark.parametrize(
    "text", ["", "0123", "0123456789ABC", "0123456789A!", "U" * 12]
)
def test_what_is_no_short_form_means_nothing(text):
    assert uuids_of(text) is None


def test_an_address_is_in_capitals_where_that_means_the_same():
    assert scan_address("http://lab.uni.edu:8000/", "ABC") == (
        "HTTP://LAB.UNI.EDU:8000/S/ABC"
    )
    assert scan_address("https://uni.edu/lab/", "ABC") == "https://uni.edu/lab/S/ABC"


@pytest.mark.parametrize(
    "base", ["http://lab.uni.edu:8000", "https://uni.edu/lab", "http://[fd00::1]:8000"]
)
def test_a_printed_code_reads_as_its_address(base):
    address = scan_address(base, short_of(uuid4()))

    found = zxingcpp.read_barcodes(drawn(*qr_path(address)))

    assert [one.text for one in found] == [address]


def test_a_code_has_its_quiet_zone_and_is_no_larger_than_needed():
    width, path = qr_path("HTTP://LAB.UNI.EDU:8000/S/0123456789AB")

    xs = [int(x) for x in re.findall(r"M(\d+) ", path)]
    assert width == 25 + 2 * QUIET_ZONE
    assert min(xs) == QUIET_ZONE


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("C25-300", ["C25-300"]),
        ("PSK-0412-B3-ANNEALED", ["PSK-0412-", "B3-ANNEALED"]),
        ("A" * 60, ["A" * 20] * 3),
        ("A", ["A"]),
    ],
)
def test_a_code_is_broken_where_it_prints_largest(code, lines):
    found = code_lines(code, SHEET.text_width, SHEET.text_height)

    assert found == lines


def test_a_half_used_sheet_begins_where_it_is_free():
    pages = pages_of(["a", "b"], SHEET, start=65, copies=1)

    assert [len(page) for page in pages] == [65, 1]
    assert pages[0][:64] == [None] * 64
    assert (pages[0][64], pages[1][0]) == ("a", "b")


def test_copies_stand_together():
    assert pages_of(["a", "b"], SHEET, copies=2) == [["a", "a", "b", "b"]]


def test_a_label_printer_takes_one_label_a_page():
    assert pages_of(["a", "b"], FORMATS["62x29"]) == [["a"], ["b"]]
