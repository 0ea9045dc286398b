"""Samples in a real browser: ticked by keys, compared, columns found, edited by two."""

import re

import pytest

pytestmark = pytest.mark.browser

WITHIN_MS = 60_000
PASSWORD = "a-long-enough-phrase"
CODES = [f"SEL-{number}" for number in range(1, 7)]


@pytest.fixture(scope="module")
def group(lab):
    """Six samples in a project of two people."""
    for name in ("kim", "lou"):
        lab.create_user(name, PASSWORD)
    token = lab.token("kim")
    bodies = [("projects/", {"slug": "selection", "name": "Selection"})]
    bodies.append(
        ("projects/selection/members/", {"user": "lou", "role": "contributor"})
    )
    bodies += [
        (
            "samples/",
            {
                "project": "selection",
                "code": code,
                "kind": "composite",
                "composition": f"(CsPbI3)0.{n}(agZIF-62)0.{10 - n}",
                "create_materials": True,
            },
        )
        for n, code in enumerate(CODES, start=1)
    ]
    for path, body in bodies:
        status, answer = lab.api(path, token=token, body=body)
        assert status in (200, 201), answer
    return lab


def sign_in(page, lab, name):
    page.set_default_timeout(WITHIN_MS)
    page.goto(f"{lab.url}/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{lab.url}/")
    return page


def row(page, code):
    return page.locator("table.list tbody tr", has_text=code)


def ticked(page):
    return page.locator("tbody input[name=id]:checked").count()


def test_rows_are_ticked_by_click_range_and_key_and_compared(page, group):
    sign_in(page, group, "kim").goto(f"{group.url}/samples/?project=selection")
    bar = page.locator("[data-selection-bar]")
    assert not bar.is_visible()

    row(page, "SEL-2").locator("input").click()
    row(page, "SEL-5").locator("input").click(modifiers=["Shift"])
    assert ticked(page) == 4
    row(page, "SEL-3").locator("a").focus()
    page.keyboard.press("x")

    assert ticked(page) == 3
    assert "3 selected" in bar.inner_text()
    page.keyboard.press("Escape")
    assert ticked(page) == 0
    row(page, "SEL-1").locator("input").click()
    assert page.get_by_role("button", name="Compare").is_disabled()
    row(page, "SEL-6").locator("input").click()
    page.get_by_role("button", name="Compare").click()

    page.wait_for_selector("table.compare")
    assert page.locator("table.compare thead a.code").all_inner_texts() == [
        "SEL-1",
        "SEL-6",
    ]
    # No token may stand in an address that people pass on.
    assert "csrf" not in page.url


def test_a_variable_found_by_typing_becomes_a_column_that_is_remembered(page, group):
    sign_in(page, group, "kim").goto(f"{group.url}/samples/?project=selection")
    page.click("text=Columns")

    page.get_by_label("Add a variable").press_sequentially("CsPbI3")
    page.locator(".combobox-popup [role=option]").first.click()
    page.click("text=Show these")

    page.wait_for_url(re.compile("columns="))
    page.goto(f"{group.url}/samples/?project=selection")
    assert page.locator("thead", has_text="CsPbI3").count() == 1
    page.click("thead a:has-text('CsPbI3')")
    page.wait_for_selector("th[aria-sort=ascending]:has-text('CsPbI3')")


def test_two_people_edit_one_sample_and_neither_loses_a_word(page, browser, group):
    sign_in(page, group, "kim").goto(f"{group.url}/samples/?q=SEL-4&project=selection")
    address = page.url
    other = sign_in(browser.new_page(), group, "lou")
    for person in (page, other):
        person.goto(f"{address}edit/")
    other.fill("#id_location", "glovebox 2")
    other.fill("#id_notes", "it cracked")
    other.click("button.primary")
    other.wait_for_url(address)

    page.fill("#id_name", "the good one")
    page.fill("#id_notes", "it is clear")
    page.click("button.primary")

    page.wait_for_selector("text=lou changed this")
    assert page.input_value("#id_location") == "glovebox 2"
    assert page.input_value("#id_name") == "the good one"
    assert page.input_value("#id_notes") == "it is clear"
    page.click("button.primary")
    assert page.evaluate("document.activeElement.name") == "keep-notes"
    page.get_by_label("both, theirs first").check()
    assert page.input_value("#id_notes") == "it cracked\n\nit is clear"
    page.click("button.primary")
    page.wait_for_url(address)
    facts = page.locator("dl.facts").inner_text()
    for words in ("glovebox 2", "it cracked", "it is clear"):
        assert words in facts
    assert "the good one" in page.locator("h1").inner_text()
    other.close()
