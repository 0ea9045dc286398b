"""A fit judged and mended in a real browser: by dragging, and by keys alone."""

import re
import time

import pytest

from tests.browser.desk import PASSWORD, WITHIN_MS, faults_of, sign_in
from tests.site.worlds.spectra import spectrum

pytestmark = pytest.mark.browser

SAMPLES = ("F-1", "F-2")


@pytest.fixture(scope="module")
def fits(lab):
    """Two fitted spectra of somebody; the addresses of their runs, newest first."""
    lab.create_user("fitter", PASSWORD)
    token = lab.token("fitter")
    lab.api("projects/", token=token, body={"slug": "fits", "name": "Fits"})
    for code in SAMPLES:
        body = {"project": "fits", "code": code, "kind": "film"}
        lab.api("samples/", token=token, body=body)
        lab.upload(code, f"{code}.csv", spectrum(), token=token)
    ends = time.monotonic() + WITHIN_MS / 1000
    while lab.api("runs/?state=done", token=token)[1]["count"] < len(SAMPLES):
        assert time.monotonic() < ends, lab.output
        time.sleep(0.2)
    rows = lab.api("runs/", token=token)[1]["results"]
    return {row["sample"]: f"{lab.url}/runs/{row['id']}/" for row in rows}


@pytest.fixture
def fitter(page, lab, fits):
    return sign_in(page, lab, "fitter")


def drag(page, selector, right, down=0):
    handle = page.locator(selector)
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2)
    page.mouse.move(x + right, y + down)
    page.mouse.up()


def start_values(page):
    """Centre, width and height of every peak, as the fields tell them."""
    rows = page.locator("#again table tbody tr")
    told = []
    for row in rows.all():
        cells = [cell.input_value() for cell in row.locator("input").all()[:3]]
        if cells[0]:
            told.append([float(cell) for cell in cells])
    return told


def test_window_and_start_values_are_dragged_and_the_fit_is_run_again(fitter, fits):
    fitter.goto(fits["F-1"])
    fitter.click(".adjust > summary")
    fitter.wait_for_selector(".handle-peak >> nth=1")
    assert fitter.input_value("#id_parameter_window") == ""

    drag(fitter, ".handle-low", right=60)
    low, high = map(float, fitter.input_value("#id_parameter_window").split())
    drag(fitter, ".handle-peak >> nth=0", right=-15, down=10)
    before = start_values(fitter)
    fitter.click("text=Add a peak")
    added = start_values(fitter)
    fitter.keyboard.press("Shift+ArrowRight")
    moved = start_values(fitter)
    fitter.keyboard.press("Delete")

    assert low > 570
    assert high > low + 50
    assert (len(before), len(added)) == (2, 3)
    assert moved[2][0] > added[2][0]
    assert start_values(fitter) == before
    assert fitter.input_value("#id_parameter_peaks") == "2"
    old = fitter.url
    fitter.click(".adjust-acts .primary")
    fitter.wait_for_url(lambda address: "with=" in address)
    fitter.wait_for_selector("h2:has-text('What changed')")
    assert fitter.url.partition("?")[0] != old
    fitter.click("text=Asked with, data hash and versions")
    asked = fitter.inner_text("details:has-text('Asked with') .facts")
    assert f"{low:g} to {high:g}" in asked
    fitter.click("text=Side by side")
    fitter.wait_for_selector(".run-picture:nth-child(2) .residuals canvas")
    assert "Window differs" in fitter.inner_text("tr.differs >> nth=0")


def test_fits_are_judged_one_after_the_other_by_keys(fitter, lab, fits):
    fitter.goto(f"{lab.url}/runs/?project=fits")
    fitter.click("text=Judge these one by one")
    fitter.wait_for_selector(".area.residuals canvas")
    first = fitter.url

    fitter.keyboard.press("a")
    fitter.wait_for_selector(".undo:has-text('Accepted')")
    second = fitter.url
    fitter.keyboard.press("u")
    fitter.wait_for_selector("text=Taken back")
    assert fitter.url == first
    fitter.keyboard.press("a")
    fitter.wait_for_url(second)
    fitter.keyboard.press("r")
    fitter.keyboard.press("2")

    fitter.wait_for_selector(".undo:has-text('Rejected')")
    assert "every fit has its verdict" in fitter.inner_text("main")


def test_the_line_below_a_figure_says_how_it_is_used(fitter, fits):
    fitter.goto(fits["F-1"])
    fitter.wait_for_selector(".area.residuals canvas")

    told = fitter.locator(".run-figure .readout").first.text_content()

    assert told.startswith("Drag to zoom")
    assert told.endswith("Below: residual.")


def test_a_figure_is_zoomed_and_read_by_keys(fitter, fits):
    fitter.goto(fits["F-2"])
    fitter.wait_for_selector(".area.residuals canvas")
    fitter.focus(".area.curves")

    for _ in range(40):
        fitter.keyboard.press("ArrowRight")
    fitter.keyboard.press("+")
    fitter.keyboard.press("ArrowRight")

    assert re.search(r"nm · Data .* · Fit ", fitter.inner_text(".readout"))


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        ([-2.5, 0, 2.5, 17.5], ["−2.5", "0", "2.5", "17.5"]),
        ([0, 0.25, 0.5], ["0", "0.25", "0.50"]),
        ([0.1, 0.2, 0.3], ["0.1", "0.2", "0.3"]),
        ([0, 200, 400], ["0", "200", "400"]),
    ],
)
def test_ticks_are_written_as_what_they_are(fitter, fits, ticks, texts):
    fitter.goto(fits["F-2"])
    fitter.wait_for_selector(".area.residuals canvas")

    written = fitter.evaluate(
        """async (ticks) => {
          const loaded = performance.getEntriesByType("resource");
          const module = loaded.find((one) => one.name.includes("/js/kit/numbers"));
          return (await import(module.name)).tickTexts(ticks);
        }""",
        ticks,
    )

    assert written == texts


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_pages_of_runs_fit_their_width_and_are_accessible(
    browser, lab, fits, width, scheme
):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = sign_in(context.new_page(), lab, "fitter")
    run = fits["F-2"]
    ids = "&".join(f"id={one.rstrip('/').rpartition('/')[2]}" for one in fits.values())
    wrong = []

    for address in (
        f"{run}?queue=",
        f"{lab.url}/runs/?show=pictures",
        f"{lab.url}/runs/compare/?{ids}",
        f"{lab.url}/runs/again/?{ids}",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for opener in page.locator("details:not([open]) > summary").all():
            if opener.is_visible():
                opener.click()
        page.wait_for_timeout(200)
        wrong += [(address, fault) for fault in faults_of(page)]

    context.close()
    assert wrong == []
