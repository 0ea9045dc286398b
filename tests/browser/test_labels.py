"""Labels in a real browser: they print in true size, and the printed codes read."""

import io
import re

import pytest
import zxingcpp
from PIL import Image

from tests.browser.desk import PASSWORD

pytestmark = pytest.mark.browser

POINTS_PER_MM = 72 / 25.4
COUNT = 66


@pytest.fixture(scope="module")
def samples(lab):
    lab.create_user("labeller", PASSWORD)
    token = lab.token("labeller")
    lab.api("projects/", token=token, body={"slug": "labels", "name": "Labels"})
    _, made = lab.api(
        "samples/",
        token=token,
        body=[
            {"project": "labels", "code": f"L-{n:02}", "kind": "film", "batch": "L"}
            for n in range(COUNT)
        ],
    )
    return made


@pytest.fixture
def sheet(page, lab, samples):
    page.goto(f"{lab.url}/login/?next=/labels/%3Fbatch=L")
    page.fill("#id_username", "labeller")
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_selector(".sheet")
    return page


def pages_in_millimetres(pdf):
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [tuple(round(float(n) / POINTS_PER_MM) for n in box) for box in boxes]


@pytest.mark.parametrize(
    ("key", "paper", "count"),
    [("a4-65", (210, 297), 2), ("62x29", (62, 29), COUNT), ("a4-189", (210, 297), 1)],
)
def test_labels_print_on_their_own_paper(sheet, key, paper, count):
    sheet.select_option("#id_format", key)
    sheet.wait_for_selector(f".format-{key}")

    pdf = sheet.pdf(prefer_css_page_size=True)

    assert pages_in_millimetres(pdf) == [paper] * count


def test_what_is_seen_reads_as_the_address_of_the_sample(sheet, lab, samples):
    sheet.select_option("#id_format", "a4-24")
    sheet.wait_for_selector(".format-a4-24")
    label = sheet.locator(".label").first
    size = label.evaluate("label => label.getBoundingClientRect().width / 96 * 25.4")

    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(label.screenshot())))

    assert size == pytest.approx(70, abs=0.1)
    sheet.goto(found[0].text)
    assert sheet.url == f"{lab.url}/samples/{samples[0]['id']}/"


def test_a_click_on_a_place_begins_there(sheet):
    sheet.select_option("#id_format", "a4-65")
    sheet.wait_for_selector(".format-a4-65")

    sheet.click(".sheet:first-child > .label:nth-child(9)")
    sheet.wait_for_selector(".label.used")

    assert sheet.locator(".label.used").count() == 8
