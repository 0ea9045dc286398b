"""Populations in a real browser: an import, its boxes, a point left out."""

import re

import pytest

from tests.browser.desk import PASSWORD, faults_of, sign_in

pytestmark = pytest.mark.browser

DRAWN = ".chart[data-drawn]"
POINTS = "document.querySelector('.area').data"
TABLE = "\n".join(
    ["sample,pixel,PCE (%),batch"]
    + [
        f"POP-{number},{pixel},{15 + number + place / 10},POP-B{number % 2}"
        for number in range(1, 7)
        for place, pixel in enumerate("ABC")
    ]
    + ["POP-7,A,1.5,POP-B1"]
)
QUESTION = "/populations/?y=jv.pce&by=sample.batch"


@pytest.fixture(scope="module")
def workplace(browser, lab):
    """A person whose project has nineteen cells, imported by the page."""
    lab.create_user("pia", PASSWORD)
    lab.manage(
        "shell",
        "--no-imports",
        "-c",
        """
from django.contrib.auth import get_user_model
from labdata.common.people import projects
user = get_user_model().objects.get(username="pia")
projects.create_project(user=user, slug="populations", name="Populations")
""",
    )
    context = browser.new_context()
    page = sign_in(context.new_page(), lab, "pia")
    page.goto(f"{lab.url}/cells/import/")
    page.fill("[name=table]", TABLE)
    page.click("button:has-text('Read the table')")
    page.wait_for_selector(".mapping")
    told = page.inner_text(".preview")
    page.click("button[name=import]")
    page.wait_for_selector(".message.success:has-text('19 cells of 7 devices')")
    context.close()
    assert "19 cells of 7 devices, with 19 values" in told
    return lab


@pytest.fixture
def show(page, workplace):
    """A signed-in tab that opens a population and waits for its picture."""
    sign_in(page, workplace, "pia")

    def opened(path=QUESTION):
        page.goto(workplace.url + path)
        page.wait_for_selector(DRAWN)
        return page

    return opened


def test_every_point_is_drawn_in_its_group(show):
    page = show()

    markers = page.evaluate(
        f"{POINTS}.filter((t) => t.type === 'scatter').map((t) => t.y.length)"
    )
    boxes = page.evaluate(f"{POINTS}.filter((t) => t.type === 'box').length")
    ticks = page.locator(".area .xtick").all_text_contents()
    assert (sum(markers), boxes) == (19, 2)
    assert [tick.replace("\n", "") for tick in ticks if tick] == [
        "POP-B0n = 9",
        "POP-B1n = 10",
    ]


def test_a_point_is_left_out_with_a_reason_and_counted_again(show):
    page = show()
    worst = page.evaluate(
        f"{POINTS}.findIndex((t) => t.type === 'scatter' && t.y.includes(1.5))"
    )
    assert page.evaluate(f"{POINTS}[{worst}].marker.symbol") == ["star"]

    page.fill("[aria-label='Reason to leave out POP-7 / A']", "shorted")
    page.click("tr:has-text('POP-7') button:has-text('Leave out')")
    page.wait_for_selector(".message.success:has-text('shorted')")
    page.wait_for_selector(DRAWN)

    assert "1 left out" in page.inner_text(".answer h2")
    ring = page.evaluate(
        f"{POINTS}.find((t) => t.type === 'scatter' && t.y.includes(1.5))"
    )
    assert ring["marker"]["symbol"] == ["circle-x-open"]
    page.click("button:has-text('Count it again')")
    page.wait_for_selector(".message.success:has-text('counts again')")
    assert "left out" not in page.inner_text(".answer h2")


def test_points_are_read_with_the_keyboard(show):
    page = show()

    page.focus(".area")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector(".point-card:visible")

    card = page.inner_text(".point-card")
    assert re.search(r"POP-2 / B", card)
    assert "17.1" in card
    assert "Leave out" in card
    page.keyboard.press("Escape")
    assert page.is_hidden(".point-card")


def test_another_grouping_is_chosen_by_typing(show):
    page = show()

    page.click("#ask-by")
    page.keyboard.type("cell")
    page.click(".combobox-popup:visible [data-value='cell.label']")
    page.wait_for_url(re.compile(r"by=cell\.label"))
    page.wait_for_selector(DRAWN)

    assert page.evaluate(f"{POINTS}.filter((t) => t.type === 'box').length") == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", [QUESTION, "/populations/", "/cells/import/"])
def test_the_pages_fit_and_can_be_used_by_everyone(
    browser, workplace, path, width, scheme
):
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    page = sign_in(context.new_page(), workplace, "pia")
    page.goto(workplace.url + path)
    if "y=" in path:
        page.wait_for_selector(DRAWN)

    faults = faults_of(page)

    context.close()
    assert faults == []


def test_the_columns_of_a_table_can_be_mapped_on_a_phone(browser, workplace):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, bypass_csp=True
    )
    page = sign_in(context.new_page(), workplace, "pia")
    page.goto(f"{workplace.url}/cells/import/")
    page.fill("[name=table]", "sample,PCE before,PCE after\nN-1,20,18\n")
    page.click("button:has-text('Read the table')")
    page.wait_for_selector(".mapping")

    faults = faults_of(page)

    context.close()
    assert faults == []
