"""The bar in a real browser: finding by keys, the narrow menu, what went wrong."""

import re

import pytest

from tests.browser.desk import faults_of, sign_in

pytestmark = pytest.mark.browser

CODE = "PA-C25-300"


@pytest.fixture
def home(page, demo_lab):
    return sign_in(page, demo_lab)


def test_a_sample_is_found_and_opened_by_keys_alone(home):
    home.keyboard.press("/")
    home.keyboard.type("C25")
    home.wait_for_selector("#find-list [role=option]")

    home.keyboard.press("ArrowDown")
    active = home.get_attribute("#find", "aria-activedescendant")
    chosen = home.inner_text(f"#{active} .name")
    home.keyboard.press("Enter")

    home.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    assert chosen in home.inner_text("h1")


def test_the_whole_code_and_enter_open_the_sample(home):
    home.keyboard.press("/")
    home.keyboard.type(CODE)
    home.keyboard.press("Enter")

    home.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    assert CODE in home.inner_text("h1")


def test_the_list_is_told_to_screen_readers_and_goes_away(home):
    home.keyboard.press("/")
    home.keyboard.type("C25")
    home.wait_for_selector("#find[aria-expanded=true]")
    home.wait_for_selector("#find-count:has-text('offered')", state="attached")

    home.keyboard.press("Escape")
    hidden = home.get_attribute("#find", "aria-expanded")
    home.keyboard.press("ArrowDown")
    shown = home.get_attribute("#find", "aria-expanded")
    home.mouse.click(400, 700)

    assert (hidden, shown) == ("false", "true")
    home.wait_for_selector("#find[aria-expanded=false]")


def test_the_keys_are_listed_by_a_key(home):
    home.keyboard.press("?")

    home.wait_for_selector("dialog#keys[open]")
    home.keyboard.press("Escape")
    home.wait_for_selector("dialog#keys", state="hidden")


def ask_in_the_background(page):
    """What a live part of any page does, without waiting for its turn."""
    page.evaluate(
        "htmx.ajax('GET', '/running/', {source: '#needs', target: '#needs'})"
        ".catch(() => null)"
    )


def test_a_fault_behind_the_page_is_said_and_taken_back_when_it_works_again(home):
    before = home.inner_text("main")
    home.route("**/running/", lambda route: route.fulfill(status=502, body="gone"))
    ask_in_the_background(home)
    home.wait_for_selector("#faults [role=alert]:has-text('Something broke')")
    kept = home.inner_text("main")

    home.unroute("**/running/")
    ask_in_the_background(home)

    assert kept == before
    home.wait_for_selector("#faults [role=alert]", state="detached")


def test_a_refusal_is_said_in_the_words_of_the_lab(home):
    home.evaluate(
        "htmx.ajax('GET', '/samples/NOT-THERE/', {source: '#needs', swap: 'none'})"
        ".catch(() => null)"
    )

    home.wait_for_selector("#faults :text('nothing you may see')")


def test_no_connection_is_said(home):
    home.context.set_offline(True)
    ask_in_the_background(home)

    home.wait_for_selector("#faults :text('cannot be reached')")


def test_a_session_that_ended_is_said_and_signing_in_elsewhere_mends_it(home, demo_lab):
    context = home.context
    home.goto(f"{demo_lab.url}/projects/new/")
    home.fill("#id_slug", "kept-while-away")
    context.clear_cookies()
    home.evaluate("htmx.ajax('GET', '/running/', {swap: 'none'}).catch(() => null)")
    home.wait_for_selector("#faults :text('signed out')")

    with context.expect_page() as opened:
        home.click("#faults a:text('Sign in')")
    other = opened.value
    other.fill("#id_username", "demo")
    other.fill("#id_password", "demo")
    other.keyboard.press("Enter")
    other.wait_for_url(f"{demo_lab.url}/projects/new/")
    other.close()
    # The token in this page is that of the old session; the form is sent all the same.
    home.click("main button:text('Start it')")

    home.wait_for_selector("[aria-invalid=true], .errorlist")
    assert home.input_value("#id_slug") == "kept-while-away"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_open_list_and_menu_fit_and_are_accessible(
    browser, demo_lab, width, scheme
):
    # The checker injects itself, which the pages' own content policy forbids.
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    page = sign_in(context.new_page(), demo_lab)
    wrong = []

    def look(what):
        wrong.extend((what, fault) for fault in faults_of(page))

    page.keyboard.press("/")
    page.keyboard.type("C25")
    page.wait_for_selector("#find-list [role=option]")
    page.keyboard.press("ArrowDown")
    look("list")
    page.keyboard.press("Escape")
    if width < 800:
        page.click(".more-pages summary")
        page.wait_for_selector(".more-pages a:text('Materials')")
        look("menu")
    page.goto(f"{demo_lab.url}/search/?q=CsPbI3")
    look("results")
    page.goto(f"{demo_lab.url}/nowhere/")
    look("not found")

    context.close()
    assert wrong == []
