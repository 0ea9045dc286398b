"""Whatever a result of the demo lab draws has something in its box, whole and small."""

import pytest

from tests.browser.desk import sign_in

pytestmark = pytest.mark.browser

INK = """(area) => {
  const canvas = area.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(
    0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length; at += 4) {
    colours.add(`${data[at]},${data[at + 1]},${data[at + 2]},${data[at + 3]}`);
  }
  return colours.size;
}"""
AN_EMPTY_BOX = 40
"""More shades than a frame with its smoothed letters has, without anything in it."""


@pytest.fixture(scope="module")
def newest(demo_lab):
    """A finished run of each analysis the demo lab has."""
    token = demo_lab.token("demo")
    told = demo_lab.api("analyses/?page_size=100", token=token)[1]
    keys = [one["key"] for one in told.get("results", told)]
    found = {}
    for key in keys:
        asked = f"runs/?state=done&analysis={key}&page_size=1"
        for row in demo_lab.api(asked, token=token)[1]["results"]:
            found[key] = demo_lab.api(f"runs/{row['id']}/", token=token)[1]
    assert len(found) >= 4
    return found


def test_every_drawing_of_every_analysis_is_drawn(page, demo_lab, newest):
    sign_in(page, demo_lab)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    for key, row in newest.items():
        page.goto(f"{demo_lab.url}/runs/{row['id']}/")
        page.wait_for_load_state("networkidle")
        areas = page.locator(".run-figure .area:not(.adjusting)").all()
        assert len(areas) == len(row["result"]["drawings"]), key
        for area in areas:
            area.locator("canvas").wait_for()
            page.wait_for_timeout(100)
            assert area.evaluate(INK) > AN_EMPTY_BOX, key

    assert faults == []
