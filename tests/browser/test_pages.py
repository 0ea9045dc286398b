"""The main job in a real browser, from sign-in to the first relation."""

import re
import time

import pytest

from tests.browser.desk import PASSWORD, WITHIN_MS, sign_in
from tests.site.worlds.spectra import spectrum

pytestmark = pytest.mark.browser

RUN_LINK = "main table a[href^='/runs/']"


@pytest.fixture(scope="module")
def person(lab):
    lab.create_user("robin", PASSWORD)
    return "robin"


@pytest.fixture
def signed_in(page, lab, person):
    return sign_in(page, lab, person)


@pytest.fixture(scope="module")
def fitted(lab, person, browser, tmp_path_factory):
    """Addresses of a sample and a run, made by hand through the pages."""
    file = tmp_path_factory.mktemp("files") / "C-25_PL.csv"
    file.write_bytes(spectrum())
    context = browser.new_context()
    page = sign_in(context.new_page(), lab, person)
    page.click("a:has-text('Start a project')")
    page.fill("#id_slug", "glasses")
    page.fill("#id_name", "Glasses")
    page.click("text=Start it")
    page.goto(f"{lab.url}/samples/new/")
    page.fill("#id_code", "C-25")
    page.select_option("#id_kind", "composite")
    page.fill("#id_composition", "(CsPbI3)0.25(agZIF-62)0.75")
    page.wait_for_selector(".understood sub")
    understood = page.inner_text(".understood")
    page.check("#id_create_materials")
    page.click("text=Save >> nth=0")
    page.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    sample = page.url
    page.click("text=Add a measurement >> nth=0")
    page.click("text=One measurement, by form")
    page.set_input_files("#id_files", str(file))
    # Somebody's first measurement: nothing is taken for what nobody said.
    assert page.input_value("#id_technique") == ""
    page.select_option("#id_technique", "pl")
    page.fill("#id_condition_temperature", "298 K")
    page.click("button:has-text('Upload')")
    page.wait_for_url(re.compile(r"/measurements/[0-9a-f-]{36}/"))
    measurement = page.url
    # Nobody reloads: the page follows the reading by itself.
    page.wait_for_selector(".state-ready")
    began = time.monotonic()
    while not page.locator(RUN_LINK).count():
        assert time.monotonic() - began < WITHIN_MS / 1000
        page.reload()
    page.click(RUN_LINK)
    page.wait_for_selector(".state-done")
    run = page.url
    context.close()
    return {
        "understood": understood,
        "sample": sample,
        "measurement": measurement,
        "run": run,
    }


def painted(page, selector):
    """How many different colours a plot's canvas shows."""
    return page.eval_on_selector(
        f"{selector} canvas",
        """canvas => {
          const {data} = canvas.getContext("2d")
            .getImageData(0, 0, canvas.width, canvas.height);
          const seen = new Set();
          for (let at = 0; at < data.length; at += 4)
            if (data[at + 3]) seen.add(data.slice(at, at + 3).join());
          return seen.size;
        }""",
    )


def test_the_form_says_what_it_understood_while_one_types(fitted):
    assert "CsPbI3" in fitted["understood"]
    assert "25 %" in fitted["understood"]
    assert "Not known as materials yet" in fitted["understood"]


def test_a_run_shows_data_fit_components_and_residuals(signed_in, fitted):
    signed_in.goto(fitted["run"])
    signed_in.wait_for_selector(".area.residuals canvas")

    legend = signed_in.locator(".legend li").all_inner_texts()
    assert legend == ["Data", "Peak I", "Peak II", "Offset", "Fit"]
    assert painted(signed_in, ".area.curves") > 4
    assert painted(signed_in, ".area.residuals") > 2


def test_arrow_keys_read_the_points_of_a_plot(signed_in, fitted):
    signed_in.goto(fitted["run"])
    signed_in.wait_for_selector(".area.curves canvas")

    signed_in.focus(".area.curves")
    signed_in.keyboard.press("ArrowRight")

    signed_in.wait_for_selector(".readout:has-text('nm · Data')")


def test_values_of_the_fit_stand_on_the_sample(signed_in, fitted):
    signed_in.goto(fitted["sample"])

    row = signed_in.locator("tr", has_text="PL peak wavelength [I]")

    value, error = re.match(
        r"([\d.]+) ± ([\d.]+)", " ".join(row.locator("td").all_inner_texts()[:2])
    ).groups()
    assert abs(float(value) - 680) < 5 * float(error)


def test_the_first_relation_is_asked_with_the_mouse(signed_in, lab, fitted):
    signed_in.goto(f"{lab.url}/explore/")

    choose_variable(signed_in, "y", "peak wavelength", "pl.peak_wavelength[I]")
    choose_variable(signed_in, "x", "fraction", "composition.CsPbI3")
    signed_in.wait_for_selector(".chart[data-drawn]")
    choose_variable(
        signed_in, "filter_variable", "temperature", "measurement.pl.temperature"
    )
    signed_in.select_option("#filter-operator", "lt")
    signed_in.fill("#filter-value", "300 K")
    signed_in.click("button:has-text('Add filter')")
    signed_in.wait_for_selector(".chip")
    signed_in.wait_for_selector(".chart[data-drawn]")

    assert "filter=measurement.pl.temperature%3Alt%3A300" in signed_in.url
    signed_in.focus(".chart .area")
    signed_in.keyboard.press("ArrowRight")
    signed_in.keyboard.press("Enter")
    assert "C-25" in signed_in.inner_text(".point-card")


def choose_variable(page, field, words, name):
    page.click(f"#ask-{field}")
    page.keyboard.type(words)
    page.click(f".combobox-popup:visible [data-value='{name}']")


def test_cells_copied_from_a_spreadsheet_fill_the_programme(signed_in, lab, fitted):
    signed_in.goto(f"{lab.url}/processes/new/")

    signed_in.eval_on_selector(
        "#id_program-0-start_temperature",
        """cell => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "25\\t300\\t20\\n300\\t300\\t\\t30\\n");
          cell.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData, bubbles: true}));
        }""",
    )

    assert signed_in.input_value("#id_program-0-ramp") == "20"
    assert signed_in.input_value("#id_program-1-dwell") == "30"
    assert signed_in.input_value("[name=program-total]") == "2"


def test_the_slash_key_goes_to_the_search_box(signed_in):
    signed_in.keyboard.press("/")

    assert signed_in.evaluate("document.activeElement.id") == "find"
