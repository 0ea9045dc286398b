"""A device built, put in order and planned by keyboard; drafts and narrow windows."""

import re

import pytest

from tests.browser.desk import PASSWORD, WITHIN_MS, faults_of, sign_in

pytestmark = pytest.mark.browser

SERIOUS = ("serious", "critical")
LAYERS = (
    ("glass", "1.1 mm"),
    ("ITO", "150"),
    ("CbzNaph", "2"),
    ("perovskite", "0.55 µm"),
    ("C60", "25"),
    ("BCP", "7"),
    ("Ag", "100"),
)
SUBSTANCES = "[data-layers] [data-substance]"


@pytest.fixture(scope="module")
def workplace(lab):
    """A person with a project and one device to start from."""
    lab.create_user("mira", PASSWORD)
    lab.manage(
        "shell",
        "--no-imports",
        "-c",
        """
from django.contrib.auth import get_user_model
from labdata.common.people import projects
from samples import services
user = get_user_model().objects.get(username="mira")
project = projects.create_project(user=user, slug="cells", name="Cells")
services.create_device(
    user=user, project=project, code="M-1", create_materials=True,
    stack={
        "architecture": "pin",
        "layers": [
            {"role": "electrode", "material": "ITO", "thickness": 150},
            {"role": "interlayer", "material": "CTOC", "thickness": 2},
        ],
        "cells": [
            {"label": "A", "active_area": 0.1, "x": 2, "y": 3},
        ],
    },
)
""",
    )
    return lab


def substances(page):
    return page.eval_on_selector_all(SUBSTANCES, "all => all.map(one => one.value)")


def test_a_device_is_built_and_put_in_order_by_keyboard_alone(page, workplace):
    sign_in(page, workplace, "mira")
    page.goto(f"{workplace.url}/devices/new/")
    page.focus("#id_code")
    page.keyboard.press("Control+a")
    page.keyboard.type("M-KEYS")

    page.focus("#id_layer0_substance")
    for place, (name, thickness) in enumerate(LAYERS):
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(thickness)
        if place < len(LAYERS) - 1:
            # From one thickness on to the next layer.
            page.keyboard.press("Enter")
    page.wait_for_selector("#stack-preview .layer:nth-of-type(7)")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    moved = substances(page)
    focused = page.evaluate("document.activeElement.name")
    said = page.inner_text("[data-layers-said]")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")

    page.focus("[data-layer]:nth-of-type(6) [data-move='-1']")
    page.keyboard.press("Enter")
    by_button = substances(page)
    page.focus("[data-layer]:nth-of-type(5) [data-move='1']")
    page.keyboard.press("Enter")
    page.check("#id_create_materials")
    page.keyboard.press("Control+Enter")

    page.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    names = [name for name, _ in LAYERS]
    assert moved == [*names[:4], "Ag", *names[4:6]]
    assert focused == "layer4_thickness"
    assert said == "Ag is layer 5 of 7"
    assert by_button == [*names[:4], "BCP", "C60", "Ag"]
    drawn = page.eval_on_selector_all(
        ".cross-section .name", "all => all.map(one => one.textContent)"
    )
    assert drawn == names[::-1]
    assert "0.55" not in page.inner_text(".cross-section")
    assert "550 nm" in page.text_content(".cross-section")


def test_enter_beyond_the_last_layer_adds_one_and_it_can_be_removed(page, workplace):
    sign_in(page, workplace, "mira")
    page.goto(f"{workplace.url}/devices/new/")
    page.focus("#id_layer6_substance")
    page.keyboard.press("Enter")
    page.wait_for_selector("#id_layer7_substance:focus")
    page.keyboard.type("LiF")

    page.click("[data-layer]:nth-of-type(1) [data-remove-layer]")

    assert page.input_value("#id_layer6_substance") == "LiF"
    assert page.locator("[data-layer]").count() == 7
    assert page.input_value("[data-layers-total]") == "7"


def test_what_a_layer_is_of_is_chosen_from_what_is_known(page, workplace):
    sign_in(page, workplace, "mira")
    page.goto(f"{workplace.url}/devices/new/")
    page.focus("#id_layer3_substance")
    page.keyboard.type("cto")
    page.wait_for_selector("[role=option][aria-selected=true]:has-text('CTOC')")
    page.keyboard.press("Enter")

    assert page.input_value("#id_layer3_substance") == "CTOC"
    page.wait_for_selector("#stack-preview .layer:has-text('CTOC')")


def test_cells_are_spread_and_drawn(page, workplace):
    sign_in(page, workplace, "mira")
    page.goto(f"{workplace.url}/devices/new/")

    page.click("button:has-text('Spread evenly')")

    page.wait_for_selector("#stack-preview .cell:nth-of-type(6)")
    assert page.input_value("#id_cells-5-label") == "F"


def test_layers_beyond_those_proposed_come_back_with_a_draft(browser, workplace):
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, workplace, "mira")
    page.goto(f"{workplace.url}/devices/new/")
    page.focus("#id_layer6_substance")
    page.keyboard.press("Enter")
    page.keyboard.type("MgF2")
    page.wait_for_selector("[data-draft-state]:has-text('Draft kept')")
    page.close()

    again = context.new_page()
    again.set_default_timeout(WITHIN_MS)
    again.goto(f"{workplace.url}/devices/new/")
    again.click("[data-draft-offer] button:has-text('Continue')")

    again.wait_for_function(
        "document.querySelector('#id_layer7_substance')?.value === 'MgF2'"
    )
    context.close()


def test_a_batch_is_planned_by_keyboard_and_leads_to_labels(page, workplace):
    sign_in(page, workplace, "mira")
    page.goto(f"{workplace.url}/devices/?q=M-1")
    page.check("table.list tbody input[type=checkbox]")
    page.click("button:has-text('Plan a batch like it')")
    page.select_option("#id_variations-0-path", label="Interlayer CTOC: thickness [nm]")
    page.focus("#id_variations-0-values")
    page.keyboard.type("1, 2, 3")
    page.wait_for_selector("#plan-preview strong:has-text('12 devices')")

    page.keyboard.press("Control+Enter")

    page.wait_for_url(re.compile(r"/samples/\?project=cells&batch="))
    assert "12 devices are planned" in page.inner_text("main")
    assert page.locator(".next-steps a", has_text="Print labels").count() == 1


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_pages_of_devices_fit_and_are_accessible(browser, workplace, width, scheme):
    # The checker injects itself, which the pages' own content policy forbids.
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    sign_in(page, workplace, "mira")
    page.goto(f"{workplace.url}/devices/?q=M-1")
    device = page.get_attribute("table.list tbody th a", "href")
    uuid = device.strip("/").split("/")[-1]
    wrong = []
    for address in (
        "/devices/",
        "/devices/new/",
        f"/devices/{uuid}/stack/",
        "/devices/plan/",
        f"/devices/plan/?from={uuid}",
        device,
    ):
        assert page.goto(f"{workplace.url}{address}").status == 200
        for summary in page.locator("form summary").all():
            if summary.is_visible():
                summary.click()
        wrong += [(address, fault) for fault in faults_of(page, only=SERIOUS)]

    context.close()
    assert wrong == []
