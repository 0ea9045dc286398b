"""A series by keyboard alone, and a form that survives its tab."""

import contextlib
import re

import pytest

from tests.browser.desk import PASSWORD, WITHIN_MS, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def workplace(lab):
    """A person whose project holds a composite made of a mixture, as paper A does."""
    lab.create_user("noor", PASSWORD)
    lab.manage(
        "shell",
        "--no-imports",
        "-c",
        """
from django.contrib.auth import get_user_model
from labdata.common.people import projects
from samples import services
user = get_user_model().objects.get(username="noor")
project = projects.create_project(user=user, slug="series", name="Series")
told = {"user": user, "project": project}
for name in ("CsPbI3", "agZIF-62"):
    services.create_material(**told, name=name)
for code, kind in (("POWDER", "powder"), ("GLASS", "glass"), ("MIX", "mixture")):
    services.create_sample(**told, code=code, kind=kind)
services.create_process(
    **told, kind="mixing", inputs=["POWDER", "GLASS"], outputs=["MIX"]
)
services.create_sample(
    **told, code="C-25", kind="composite",
    composition="(CsPbI3)0.25(agZIF-62)0.75",
)
services.create_process(
    **told, kind="sintering", inputs=["MIX"], outputs=["C-25"],
    program=[{"start_temperature": 25, "end_temperature": 300, "ramp": 20}],
)
""",
    )
    return lab


def test_twenty_four_samples_are_made_by_keyboard_alone(page, workplace):
    sign_in(page, workplace, "noor")
    page.goto(f"{workplace.url}/samples/series/")
    page.wait_for_function("document.activeElement.id === 'id_variables-0-values'")

    page.keyboard.type("0, 0.05, 0.1 … 0.55")
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type(", 350")
    page.wait_for_selector(".series-count:has-text('24 samples, 12 mixtures')")
    page.keyboard.press("Control+Enter")

    page.wait_for_url(re.compile(r"/samples/\?project=series&batch="))
    assert "24 samples are logged" in page.inner_text("main")
    assert page.locator(".next-steps a", has_text="Print labels").count() == 1


def test_a_form_whose_tab_was_closed_is_there_again(browser, workplace):
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, workplace, "noor")
    address = f"{workplace.url}/samples/series/?blank=1"
    page.goto(address)
    page.fill("#id_composition", "(CsPbI3){x}(agZIF-62){1-x}")
    page.click("summary:has-text('How they are made')")
    if not page.is_visible("#id_program-0-end_temperature"):
        page.click("summary:has-text('How they are made')")
    for row, temperature in enumerate(("300", "300", "25")):
        page.fill(f"#id_program-{row}-end_temperature", temperature)
        page.press(f"#id_program-{row}-end_temperature", "Enter")
    page.check("#id_is_mixed")
    # Closed before the last keystroke was kept: it is sent while the page goes.
    page.fill("#id_program-3-dwell", "30")
    page.goto("about:blank")
    page.close()

    # The request may die with its tab; this browser keeps what was typed as well.
    again = context.new_page()
    again.set_default_timeout(WITHIN_MS)
    again.goto(address)
    again.wait_for_selector("[data-draft-offer]")
    before = again.input_value("#id_composition")
    again.click("[data-draft-offer] button:has-text('Continue')")

    assert before == ""
    assert again.input_value("#id_composition") == "(CsPbI3){x}(agZIF-62){1-x}"
    assert again.is_checked("#id_is_mixed")
    assert [
        again.input_value(f"#id_program-{row}-end_temperature") for row in range(4)
    ] == ["300", "300", "25", ""]
    assert again.input_value("#id_program-3-dwell") == "30"
    context.close()


def offered(context, address, field):
    """What a form holds in a field once its draft was offered and taken."""
    page = context.new_page()
    page.set_default_timeout(WITHIN_MS)
    page.goto(address)
    page.click("[data-draft-offer] button:has-text('Continue')")
    return page.input_value(field)


def test_a_tab_that_is_killed_loses_no_keystroke(browser, workplace):
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, workplace, "noor")
    address = f"{workplace.url}/processes/new/?blank=1"
    page.goto(address)
    page.fill("#id_notes", "milled for an hour")

    # No event tells a page that its process is killed.
    crashed = pytest.importorskip("playwright.sync_api").Error
    with contextlib.suppress(crashed):
        page.goto("chrome://crash")
    page.close()

    assert offered(context, address, "#id_notes") == "milled for an hour"
    context.close()


def test_of_two_drafts_the_one_typed_later_is_offered_not_the_one_that_came_later(
    browser, workplace
):
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, workplace, "noor")
    address = f"{workplace.url}/materials/new/?blank=1"
    page.goto(address)
    page.fill("#id_name", "typed first")
    page.wait_for_selector("[data-draft-state]:has-text('Draft kept')")
    with page.expect_request("**/drafts/**") as late:
        page.press("#id_name", "End")
        page.keyboard.type("!")
    late.value.response()
    context.set_offline(True)
    page.fill("#id_name", "typed last")
    page.wait_for_selector("[data-draft-state]:has-text('in this browser')")
    context.set_offline(False)

    # The way of the first words took longer than the typing of the last ones.
    arrived = context.request.post(
        late.value.url, data=late.value.post_data, headers=late.value.headers
    )

    assert arrived.ok
    assert offered(context, address, "#id_name") == "typed last"
    context.close()


def test_a_draft_made_without_network_is_kept_in_the_browser_until_sign_out(
    browser, workplace
):
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, workplace, "noor")
    page.goto(f"{workplace.url}/samples/new/?blank=1")
    context.set_offline(True)
    page.fill("#id_code", "OFFLINE-1")
    page.wait_for_selector("[data-draft-state]:has-text('in this browser')")
    context.set_offline(False)

    page.goto(f"{workplace.url}/samples/new/?blank=1")
    page.click("[data-draft-offer] button:has-text('Continue')")
    kept = page.input_value("#id_code")
    page.click("button:has-text('Sign out') >> visible=true")
    page.wait_for_url(re.compile("/login/"))

    assert kept == "OFFLINE-1"
    assert page.evaluate("Object.keys(localStorage).join()").count("draft") == 0
    context.close()
