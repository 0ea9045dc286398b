"""A composite with its sintering programme, by keyboard alone, wide and on a phone."""

import re

import pytest

from tests.browser.desk import PASSWORD, sign_in

pytestmark = pytest.mark.browser

MIXTURE = "(CsPbI3)0.25(agZIF-62)0.75"
# The most keys a composite like the last one may cost, its composition included.
MOST_KEYS = 45


@pytest.fixture(scope="module")
def group(lab):
    """A person whose project knows two materials and a mixture of them."""
    lab.create_user("mika", PASSWORD)
    token = lab.token("mika")
    for path, body in (
        ("projects/", {"slug": "logging", "name": "Logging"}),
        ("materials/", {"project": "logging", "name": "CsPbI3"}),
        ("materials/", {"project": "logging", "name": "agZIF-62"}),
        (
            "samples/",
            {
                "project": "logging",
                "code": "MIX-25",
                "kind": "mixture",
                "composition": MIXTURE,
            },
        ),
    ):
        status, answer = lab.api(path, token=token, body=body)
        assert status == 201, answer
    return lab


class Keyboard:
    """Types on a page and counts what was pressed."""

    def __init__(self, page):
        self.page = page
        self.count = 0

    def press(self, key, times=1):
        for _ in range(times):
            self.page.keyboard.press(key)
        self.count += times

    def type(self, text):
        self.page.keyboard.type(text)
        self.count += len(text)

    def tab_to(self, name):
        """Go on with Tab until the field of that name is reached."""
        for _ in range(40):
            if self.page.evaluate("document.activeElement.name") == name:
                return
            self.press("Tab")
        raise AssertionError(f"Tab never led to {name}")


@pytest.fixture
def signed_in(group, browser):
    contexts = []

    def open_page(width):
        context = browser.new_context(viewport={"width": width, "height": 844})
        contexts.append(context)
        page = sign_in(context.new_page(), group, "mika")
        page.goto(f"{group.url}/samples/new/")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "code"), [(1440, "W-1"), (390, "P-1")])
def test_a_composite_with_its_programme_is_logged_by_keyboard_alone(
    signed_in, group, width, code
):
    page = signed_in(width)
    page.goto(f"{group.url}/samples/new/?blank=1")
    keys = Keyboard(page)

    keys.tab_to("code")
    keys.type(code)
    keys.tab_to("kind")
    keys.type("Comp")
    keys.tab_to("composition")
    keys.type(MIXTURE)
    page.wait_for_selector("#composition-understood sub")
    keys.tab_to("made-kind")
    keys.type("Sint")
    keys.tab_to("inputs-0-code")
    keys.type("MIX-25")
    keys.tab_to("inputs-0-amount")
    keys.type("25 mg")
    keys.tab_to("program-0-start_temperature")
    for cell in ("25", "573.15 K", "20", "0.5 h", "N2"):
        keys.type(cell)
        keys.press("Tab")
    keys.press("Shift+Tab")
    keys.press("Enter")
    assert page.evaluate("document.activeElement.name") == "program-1-atmosphere"
    page.wait_for_selector("#program-preview svg")
    page.wait_for_selector("#read_program-0-end_temperature:has-text('= 300 °C')")
    assert page.inner_text("#read_program-0-dwell") == "= 30 min"
    assert "43.8 min in total" in page.inner_text("#program-preview")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    keys.press("Control+Enter")

    page.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    assert code in page.inner_text("main")
    assert "MIX-25" in page.inner_text("main")


def test_the_next_one_alike_costs_few_keys(signed_in, group):
    page = signed_in(1440)
    keys = Keyboard(page)
    assert page.input_value("#id_code")
    assert page.evaluate("document.activeElement.name") == "composition"

    keys.type("(CsPbI3)0.40(agZIF-62)0.60")
    keys.tab_to("inputs-0-code")
    page.keyboard.press("Control+a")
    keys.type("MIX-25")
    keys.tab_to("inputs-0-amount")
    keys.type("30 mg")
    keys.press("Control+Enter")

    page.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    assert "300 °C" in page.inner_text("main")
    assert keys.count <= MOST_KEYS


def test_a_protocol_fills_the_form_in_and_a_row_is_taken_out(signed_in, group):
    token = group.token("mika")
    status, protocol = group.api(
        "protocols/",
        token=token,
        body={
            "project": "logging",
            "name": "Two steps",
            "kind": "annealing",
            "program": [
                {"start_temperature": 25, "end_temperature": 100, "ramp": 10},
                {"end_temperature": 150, "ramp": 5, "dwell": 10},
            ],
        },
    )
    assert status == 201, protocol
    page = signed_in(1440)

    page.select_option("#id_made-protocol", protocol["id"])

    page.wait_for_selector("#id_program-1-dwell")
    assert page.input_value("#id_made-kind") == "annealing"
    assert page.input_value("#id_program-1-end_temperature") == "150"
    page.click("table[data-total=program-total] [data-remove-row] >> nth=0")
    assert page.input_value("[name=program-total]") == "1"
    assert page.input_value("#id_program-0-end_temperature") == "150"
