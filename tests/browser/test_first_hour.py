"""A student's first hour, from sign-in to a table of peak positions.

Every click and key is counted; docs/first-hour.md tells the counts, and this test
holds the page to them.
"""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from labdata.demo.spectra import spectrum_file
from tests.browser.desk import PASSWORD, WITHIN_MS

pytestmark = pytest.mark.browser

DOCUMENT = Path(__file__).parents[2] / "docs" / "first-hour.md"
COMPOSITIONS = [round(0.05 * n, 2) for n in range(1, 13)]
TEMPERATURES = (275, 300)
LONGEST_TEST_SECONDS = 240
# What the group had logged before the student came: the chain of one composite.
BEFORE = (
    ("materials/", [{"name": "CsPbI3"}, {"name": "agZIF-62"}]),
    (
        "samples/",
        [
            {"code": "CsPbI3-7", "kind": "powder", "composition": "CsPbI3"},
            {"code": "GLASS-3", "kind": "glass", "composition": "agZIF-62"},
            {
                "code": "M-1",
                "kind": "mixture",
                "composition": "(CsPbI3)0.5(agZIF-62)0.5",
            },
            {
                "code": "K-1",
                "kind": "composite",
                "composition": "(CsPbI3)0.5(agZIF-62)0.5",
            },
        ],
    ),
    (
        "processes/",
        [
            {"kind": "mixing", "inputs": ["CsPbI3-7", "GLASS-3"], "outputs": ["M-1"]},
            {
                "kind": "sintering",
                "inputs": ["M-1"],
                "outputs": ["K-1"],
                "program": [
                    {
                        "start_temperature": 25,
                        "end_temperature": 300,
                        "ramp": 20,
                        "dwell": 30,
                        "atmosphere": "N2",
                    }
                ],
            },
        ],
    ),
)


@dataclass
class Hand:
    """A person at the page: what they do is done, and counted by step."""

    page: object
    steps: dict = field(default_factory=dict)
    step: str = ""

    def begins(self, step):
        self.step = step
        self.steps[step] = [0, 0]

    def click(self, target):
        self.steps[self.step][0] += 1
        self.page.click(target)

    def types(self, text):
        self.steps[self.step][1] += len(text)
        self.page.keyboard.type(text)

    def presses(self, *keys):
        for key in keys:
            self.steps[self.step][1] += 1
            self.page.keyboard.press(key)

    def drops(self, paths):
        """One drag of many files counts as one click."""
        self.steps[self.step][0] += 1
        self.page.set_input_files("#drop-files", paths)


@pytest.fixture(scope="module")
def group(lab):
    """A project with one composite and its making, and a student just added to it."""
    lab.create_user("supervisor", PASSWORD)
    lab.create_user("student", PASSWORD)
    token = lab.token("supervisor")

    def post(path, body):
        status, answer = lab.api(path, token=token, body=body)
        assert status in (200, 201), answer

    post("projects/", {"slug": "first-hour", "name": "First hour"})
    for path, rows in BEFORE:
        post(path, [{**row, "project": "first-hour"} for row in rows])
    member = {"user": "student", "role": "contributor"}
    post("projects/first-hour/members/", member)
    return lab


def documented():
    """The counts the docs tell, by step."""
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \|$", DOCUMENT.read_text(), re.M)
    return {step: [int(clicks), int(keys)] for step, clicks, keys in rows}


@pytest.mark.timeout(LONGEST_TEST_SECONDS)
def test_from_sign_in_to_the_table_in_as_few_acts_as_the_docs_say(
    page, group, tmp_path, picture
):
    page.set_default_timeout(WITHIN_MS)
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto(f"{group.url}/login/")
    hand = Hand(page)

    hand.begins("Sign in")
    hand.types("student")
    hand.presses("Tab")
    hand.types(PASSWORD)
    hand.presses("Enter")
    page.wait_for_url(f"{group.url}/")

    hand.begins("Create 24 samples, each with its sintering")
    hand.click("main >> text=Series")
    page.wait_for_url(re.compile("/samples/series/"))
    hand.types("0.05:0.6:0.05")
    hand.presses("Tab", "Tab", "Tab")
    hand.types("275, 300")
    page.wait_for_selector("button:has-text('Create 24 samples')")
    picture(page, "first-hour-series", full_page=True)
    hand.presses("Control+Enter")
    page.wait_for_url(re.compile(r"/samples/\?.*batch="))
    codes = page.locator("tbody .code").all_inner_texts()
    codes = [code for code in codes if re.fullmatch(r"[\w-]+-\d\d", code)]
    assert len(codes) >= 24

    hand.begins("Print their labels")
    hand.click("text=Print labels")
    page.wait_for_url(re.compile("/labels/"))
    page.wait_for_selector("svg")
    picture(page, "first-hour-labels")
    page.evaluate("window.print = () => { window.isPrinted = true; }")
    hand.click("button:has-text('Print')")
    assert page.evaluate("window.isPrinted")
    page.go_back()

    hand.begins("Upload 24 spectra")
    hand.click("text=Drop files")
    page.wait_for_url(re.compile("/measurements/drop/"))
    hand.drops(files_of(group, tmp_path))
    page.wait_for_selector("button:has-text('Upload 24 measurements')")
    picture(page, "first-hour-files")
    hand.click("button:has-text('Upload 24 measurements')")

    hand.begins("Read and accept the fits")
    page.wait_for_selector("#progress-title:has-text('All 24 are in')")
    picture(page, "first-hour-fits")
    hand.click("button:has-text('good fits')")
    page.wait_for_selector(".tally:has-text('accepted')")

    hand.begins("Plot peak position against composition at two temperatures")
    hand.click("text=Plot these")
    page.wait_for_url(re.compile("/explore/"))
    assert "composition.CsPbI3" in page.url
    assert "pl.peak_wavelength" in page.url
    assert "temperature" in page.url
    page.wait_for_selector(".js-plotly-plot .points path.point, .js-plotly-plot .point")

    page.wait_for_load_state("networkidle")
    picture(page, "first-hour-plot")

    hand.begins("Download the table")
    with page.expect_download() as download:
        hand.click("text=CSV")
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))

    assert len(rows) == 24
    assert {float(row["color"]) for row in rows} == set(map(float, TEMPERATURES))
    assert {float(row["x"]) for row in rows} == set(COMPOSITIONS)
    assert hand.steps == documented(), hand.steps


def files_of(lab, folder):
    """The spectra the student brings from the instrument, named by sample."""
    token = lab.token("student")
    _, answer = lab.api(
        "samples/?project=first-hour&kind=composite&page_size=100", token=token
    )
    paths = []
    for one in answer["results"]:
        if one["code"] == "K-1":
            continue
        fraction = one["composition"]["components"][0]["amount"]
        temperature = TEMPERATURES[len(paths) % 2]
        path = folder / f"{one['code']}_PL.csv"
        path.write_bytes(spectrum_file(fraction, temperature))
        paths.append(str(path))
    return paths
