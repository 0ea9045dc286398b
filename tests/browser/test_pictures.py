"""The pictures of the README and the docs, taken of the demo lab by the browser.

``make pictures`` takes them anew; here they are taken and looked at for emptiness.
"""

import re

import pytest
from PIL import Image

from tests.browser.desk import sign_in

pytestmark = pytest.mark.browser

FEWEST_COLOURS = 60
HEAT_MAP = (
    "/explore/?x=composition.CsPbI3&y=process.sintering.temperature"
    "&color=pl.peak_wavelength[I]&chart=heatmap"
)


@pytest.fixture(scope="module")
def desk(browser, demo_lab):
    """A signed-in tab of the demo lab."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 1000}, device_scale_factor=1
    )
    page = sign_in(context.new_page(), demo_lab)
    yield page
    context.close()


def is_drawn(path):
    with Image.open(path) as image:
        colours = image.convert("RGB").getcolors(maxcolors=1 << 24)
    return len(colours) > FEWEST_COLOURS


def test_the_log_form_shows_what_it_understood(desk, demo_lab, picture):
    desk.goto(f"{demo_lab.url}/samples/new/")
    desk.fill("#id_code", "PA-C30-300")
    desk.fill("#id_composition", "(CsPbI3)0.3(agZIF-62)0.7")
    desk.wait_for_selector("sub")
    desk.wait_for_load_state("networkidle")

    assert is_drawn(picture(desk, "log-form", full_page=True))


def test_the_sample_page_shows_how_it_was_made(desk, demo_lab, picture):
    desk.goto(f"{demo_lab.url}/samples/?q=PA-C25-300")
    desk.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    desk.locator("[data-preview]").first.scroll_into_view_if_needed()
    desk.wait_for_selector(".figure canvas")
    desk.evaluate("scrollTo(0, 0)")

    assert is_drawn(picture(desk, "sample", full_page=True))


def test_a_technique_shows_what_it_expects_and_reads(desk, demo_lab, picture):
    desk.goto(f"{demo_lab.url}/techniques/pl/")
    desk.wait_for_selector(".figure canvas")
    desk.wait_for_load_state("networkidle")

    assert is_drawn(picture(desk, "technique"))


def test_the_run_page_shows_data_fit_and_residuals(desk, demo_lab, picture):
    desk.goto(f"{demo_lab.url}/samples/?q=PA-C25-300")
    desk.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    link = desk.locator("main a[href*='/runs/']").first
    # Without the place on the page that the link leads to.
    desk.goto(link.evaluate("link => link.href").partition("#")[0])
    desk.wait_for_selector(".area.residuals canvas")

    assert is_drawn(picture(desk, "run"))


def test_the_explorer_draws_the_heat_map_of_the_published_study(
    desk, demo_lab, picture
):
    desk.goto(demo_lab.url + HEAT_MAP)
    desk.wait_for_selector(".js-plotly-plot .heatmaplayer image")

    assert is_drawn(picture(desk, "heat-map"))


def test_spectra_of_a_series_stand_on_one_another(desk, demo_lab, picture):
    desk.goto(f"{demo_lab.url}/overlay/?kind=composite&code=-300&normalise=maximum")
    desk.wait_for_selector(
        ".overlay-trend .js-plotly-plot, .overlay-trend .plot-container"
    )
    desk.wait_for_load_state("networkidle")

    assert is_drawn(picture(desk, "overlay"))


def test_a_device_shows_its_layers_cells_and_curves(desk, demo_lab, picture):
    desk.goto(f"{demo_lab.url}/samples/?q=PB-F5-2")
    desk.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    desk.locator(".figure[data-curves]").first.scroll_into_view_if_needed()
    desk.wait_for_selector(".figure[data-curves] canvas")
    desk.evaluate("scrollTo(0, 0)")

    assert is_drawn(picture(desk, "device", full_page=True))


def test_populations_are_compared_as_in_the_published_figure(desk, demo_lab, picture):
    desk.goto(
        f"{demo_lab.url}/populations/?y=jv.pce&by=layer.interlayer.material"
        "&filter=sample.project:eq:cluster-interlayers"
    )
    desk.wait_for_selector(".js-plotly-plot .boxlayer path")

    assert is_drawn(picture(desk, "populations"))


def test_the_board_shows_what_is_ageing(desk, demo_lab, picture):
    desk.goto(f"{demo_lab.url}/stability/")

    assert is_drawn(picture(desk, "stability"))


def test_survival_is_drawn_with_its_band(desk, demo_lab, picture):
    desk.goto(
        f"{demo_lab.url}/stability/survival/?y=stability.t80"
        "&by=layer.interlayer.material"
    )
    desk.wait_for_selector(".js-plotly-plot .main-svg")

    assert is_drawn(picture(desk, "survival"))
