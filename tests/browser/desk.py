"""What every browser test does first and looks at last."""

from pathlib import Path

AXE = Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")
WITHIN_MS = 60_000
PASSWORD = "a-long-enough-phrase"


def sign_in(page, lab, name="demo", password=None):
    """Sign a person in, as they would; the demo lab's own unless another is named."""
    page.set_default_timeout(WITHIN_MS)
    page.goto(f"{lab.url}/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", password or ("demo" if name == "demo" else PASSWORD))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{lab.url}/")
    return page


def faults_of(page, *, only=("minor", "moderate", "serious", "critical")):
    """What keeps a page from fitting its window, or somebody from using it.

    The checker injects itself, which the pages' own content policy forbids: the tab
    has to be one that bypasses it.
    """
    found = []
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("wider than the window")
    page.evaluate(AXE)
    told = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return found + [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in told["violations"]
        if one["impact"] in only
    ]
