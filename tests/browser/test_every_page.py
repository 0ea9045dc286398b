"""Every page a person can reach by links: it fits, it is accessible, it says no error.

The pages are found by following links from the first one, so a page that is linked
tomorrow is looked at tomorrow.
"""

import re
from urllib.parse import urlsplit

import pytest

from tests.browser.desk import faults_of, sign_in

pytestmark = pytest.mark.browser

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Files, and the API's own pages, which other people wrote.
NOT_PAGES = re.compile(
    r"^/(api|admin|static|logout|readers)(/|$)|/(download|thumbnail)/|\.csv$|/data/$"
)
# Links of a drawing hold their address in an object.
LINKS = "all => all.map(a => new URL(a.getAttribute('href'), document.baseURI).href)"
SERIOUS = ("serious", "critical")
FEWEST_PAGES = 25


def pattern(address):
    """What tells one page from another of its kind: the path without ids."""
    path = ID.sub("<id>", urlsplit(address).path)
    path = re.sub(r"^/(help|techniques)/[^/]+/", r"/\1/<name>/", path)
    return re.sub(r"^/projects/(?!new/)[^/]+/", "/projects/<slug>/", path)


@pytest.fixture(scope="module")
def addresses(browser, demo_lab):
    """One address of each kind of page, found by following links."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, demo_lab)
    waiting, found = [f"{demo_lab.url}/"], {}
    while waiting:
        address = waiting.pop(0)
        kind = pattern(address)
        if kind in found:
            continue
        found[kind] = address
        page.goto(address)
        for link in page.eval_on_selector_all("a[href]", LINKS):
            path = urlsplit(link).path
            inside = link.startswith(demo_lab.url) and not NOT_PAGES.search(path)
            if inside and pattern(link) not in found:
                waiting.append(link.partition("#")[0])
    context.close()
    return found


def test_links_lead_to_every_kind_of_page(addresses):
    assert len(addresses) > FEWEST_PAGES, sorted(addresses)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_every_page_fits_its_width_and_is_accessible(
    browser, demo_lab, addresses, width, scheme
):
    # The checker injects itself, which the pages' own content policy forbids.
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    sign_in(page, demo_lab)
    wrong = []
    page.on("pageerror", lambda error: wrong.append((page.url, str(error))))

    for kind, address in addresses.items():
        status = page.goto(address).status
        if status != 200:
            wrong.append((kind, f"answered {status}"))
        page.wait_for_load_state("load")
        wrong += [(kind, fault) for fault in faults_of(page, only=SERIOUS)]

    context.close()
    assert wrong == []
