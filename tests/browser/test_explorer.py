"""The explorer in a real browser, over the demo lab's study of one series."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from labdata.demo.extent import SMALL
from tests.browser.desk import sign_in

pytestmark = pytest.mark.browser

X, Y, T = "composition.CsPbI3", "pl.peak_wavelength[I]", "process.sintering.temperature"
SCATTER = f"/explore/?x={X}&y={Y}&color={T}"
MAP = f"/explore/?x={X}&y={T}&color={Y}"
DRAWN = ".chart[data-drawn]"


@pytest.fixture
def explorer(page, demo_lab):
    """A signed-in tab that opens an address and waits for its picture."""
    sign_in(page, demo_lab)

    def show(path):
        page.goto(demo_lab.url + path)
        if "y=" in path:
            page.wait_for_selector(DRAWN)
        return page

    return show


def choose(page, field, words, name):
    """Type into the field of a variable and take the answer of that name."""
    page.click(f"#ask-{field}")
    page.keyboard.type(words)
    page.click(f".combobox-popup:visible [data-value='{name}']")


def plain(text):
    """Words without the invisible characters that keep subscripts in place."""
    return text.replace("\N{ZERO WIDTH SPACE}", "")


def texts(page, selector):
    return page.locator(selector).all_text_contents()


def test_a_question_is_asked_by_typing_and_answered_at_once(explorer):
    page = explorer("/explore/")

    choose(page, "y", "peak wavelength", Y)
    choose(page, "x", "fraction cspbi3", X)
    page.wait_for_selector(DRAWN)

    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["x"], asked["y"]) == ([X], [Y])
    titles = page.locator(".area .xtitle, .area .ytitle").all_text_contents()
    assert [plain(title) for title in titles] == [
        "Fraction of CsPbI3",
        "PL peak wavelength [I] (nm)",
    ]


def test_the_list_of_variables_is_used_with_the_keyboard(explorer):
    page = explorer(f"/explore/?x={X}&y={Y}")

    page.focus("#ask-facet")
    page.keyboard.type("sintering temperature")
    page.wait_for_selector(".combobox-popup:visible [aria-selected=true]")
    told = page.inner_text(".combobox-popup [aria-selected=true] .tail")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("facet="))
    page.wait_for_selector(DRAWN)

    assert re.fullmatch(r"\d+ of \d+", told)
    assert {"275 °C", "300 °C", "350 °C"} <= set(texts(page, ".area .annotation-text"))


def test_a_property_over_two_conditions_is_a_heat_map(explorer):
    page = explorer(MAP)

    assert page.get_attribute(DRAWN, "data-drawn") == "heatmap"
    assert page.locator(".area .heatmaplayer image").count() == 1
    assert "simulated" in " ".join(texts(page, ".area .annotation-text"))
    # What it was fitted from stands in the table, not where the temperature is from.
    # One of them has a published value, which goes before a simulated one.
    assert page.locator("td .origin-reported").count() == 1
    assert page.locator("td .origin-simulated").count() == len(SMALL.composites) - 1


def test_an_address_shows_the_same_picture_again(explorer):
    page = explorer(SCATTER)
    page.check("input[name=drawn-as][value=box]")
    page.check("input[name=log-axis][value=y]")
    page.wait_for_url(re.compile("log=y"))

    again = explorer(page.url.partition("://")[2].partition("/")[2].join(["/", ""]))

    assert again.get_attribute(DRAWN, "data-drawn") == "box"
    assert again.is_checked("input[name=log-axis][value=y]")
    layout = "document.querySelector('.area').layout.yaxis.type"
    assert again.evaluate(layout) == "log"


def test_points_in_a_box_become_ticked_samples(explorer):
    page = explorer(SCATTER)
    page.check("input[name=drag][value=select]")
    box = page.locator(".area .nsewdrag").bounding_box()

    page.mouse.move(box["x"] + box["width"] * 0.72, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(
        box["x"] + box["width"] - 3, box["y"] + box["height"] * 0.6, steps=4
    )
    page.mouse.up()

    page.wait_for_selector("[data-selection-bar]:visible")
    ticked = page.locator("tbody input[name=id]:checked")
    count = ticked.count()
    assert count > 3
    assert page.inner_text("[data-selection-count]") == f"{count} selected"
    codes = {
        label.split()[-1]
        for label in ticked.evaluate_all(
            "all => all.map(one => one.getAttribute('aria-label'))"
        )
    }
    assert all(re.match(r"PA-C(70|75|85)-", code) for code in codes)
    page.click("text=Open as list")
    page.wait_for_url(re.compile("/samples/"))
    assert all(page.locator(f"text={code}").count() for code in codes)


def test_a_point_opens_a_card_by_keyboard_and_not_another_page(explorer):
    page = explorer(SCATTER)

    page.focus(".chart .area")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    card = page.inner_text(".point-card")
    assert "PA-C01-" in card
    assert re.search(r"6\d\d\.\d+ ± 0\.\d+ nm", card)
    assert page.get_attribute(".point-card a", "href").startswith("/samples/")
    assert "/explore/" in page.url


def test_a_figure_for_print_has_its_size_and_the_titles_of_its_axes(explorer, tmp_path):
    page = explorer(SCATTER)

    with page.expect_download() as saved:
        page.click("[data-format=svg][data-width='85']")
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    with page.expect_download() as saved:
        page.click("[data-format=png][data-width='85']")
    picture = tmp_path / saved.value.suggested_filename
    saved.value.save_as(picture)

    drawing = ElementTree.parse(file).getroot()
    words = plain(" ".join("".join(node.itertext()) for node in drawing.iter()))
    assert drawing.get("width") == "85mm"
    assert "PL peak wavelength [I] (nm)" in words
    assert "Fraction of CsPbI3" in words
    assert "simulated" in words
    content = Path(picture).read_bytes()
    # 85 mm at 600 dots an inch, and the file says so.
    assert int.from_bytes(content[16:20], "big") == 2008
    assert b"pHYs" in content[:64]


def test_a_filter_is_added_changed_and_dropped(explorer):
    page = explorer(f"/explore/?x={X}&y={Y}")
    choose(page, "filter_variable", "sintering temperature", T)
    page.select_option("#filter-operator", "ge")
    page.fill("#filter-value", "573.15 K")
    page.keyboard.press("Enter")
    page.wait_for_selector(".chip")
    few = int(page.inner_text(".answer h2 .number"))

    page.click("[data-change-filter]")
    page.fill("#filter-value", "200")
    page.click("text=Add filter")
    page.wait_for_selector(".chip:has-text('≥ 200')")
    many = int(page.inner_text(".answer h2 .number"))
    page.uncheck(".chip input")
    page.wait_for_selector(".chip", state="detached")

    assert few < many
    assert "filter" not in parse_qs(urlsplit(page.url).query)
