"""Figures that are read, zoomed, set by handles and saved."""

import re

import pytest

pytestmark = pytest.mark.browser

FIGURE = {
    "x": {"label": "Voltage (V)", "values": [0, 0.5, 1]},
    "y": {"label": "Current (mA)", "unit": "mA"},
    "series": [{"label": "a", "kind": "line", "values": [3, 2, 1]}],
}


def test_a_figure_is_saved_in_the_width_of_a_column(call):
    text = call("kit/export.js", "figureSvg", FIGURE, 85)
    with_residuals = call("kit/export.js", "figureSvg", [FIGURE, FIGURE], 180)

    root = re.match(r"<svg[^>]*>", text)[0]
    assert 'width="85mm"' in root
    assert 'height="63.75mm"' in root
    assert 'viewBox="0 0 321.26 240.94"' in root
    assert f'height="{180 * 0.92:.2f}mm"' in re.match(r"<svg[^>]*>", with_residuals)[0]


def test_handles_stand_where_they_are_put(call):
    where = call(
        "figures/handles.js",
        "handleOf",
        {"kind": "peak", "name": "Peak 2", "index": 1},
        then="""(() => {
            const over = document.createElement("div");
            const handle = f(over, given[0], {});
            handle.put(12.5, 40, 7);
            handle.tell("2 at 1.5 eV", { min: 1, max: 3, now: 1.5 });
            const { style, dataset } = over.firstChild;
            const told = ["min", "max", "now", "text"].map((one) =>
                over.firstChild.getAttribute(`aria-value${one}`));
            return [style.left, style.top, style.getPropertyValue("--reach"),
                dataset.number, ...told];
        })()""",
    )

    assert where == [
        "12.5px", "40px", "7px", "2", "1", "3", "1.5", "2 at 1.5 eV"
    ]  # fmt: skip


def test_shades_cover_what_is_left_out(call):
    style = call(
        "figures/handles.js",
        "place",
        {"left": 3, "width": 10.25},
        then="""(() => {
            const element = document.createElement("div");
            f(element, given[0]);
            return [element.style.left, element.style.width];
        })()""",
    )

    assert style == ["3px", "10.25px"]


DRAWN = """await (async () => {
    window.figure ??= document.getElementById("figure");
    window.plot = f(window.figure, given[0]);
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    await frame();
    return window.plot.data[0];
})()"""


def press(tab, key):
    tab.focus("#figure .area")
    tab.keyboard.press(key)
    tab.wait_for_timeout(50)
    return tab.evaluate(
        "({x: [plot.scales.x.min, plot.scales.x.max], at: plot.cursor.idx ?? null,"
        " told: document.querySelector('.readout').textContent})"
    )


def test_a_figure_is_read_point_by_point_and_looked_at_closer(call, tab):
    call("figures/figure.js", "drawFigure", FIGURE, then=DRAWN)

    first = press(tab, "ArrowRight")
    second = press(tab, "ArrowRight")
    closer = press(tab, "+")
    whole = press(tab, "0")

    assert (first["at"], first["told"]) == (0, "0 · a 3 mA")
    assert (second["at"], second["told"]) == (1, "0.5 · a 2 mA")
    assert closer["x"] == [0.25, 0.75]
    assert whole["x"] == [0, 1]


def test_a_figure_drawn_anew_is_the_only_one_that_hears_keys(call, tab):
    first = "document.getElementById('figure').querySelectorAll('.uplot').length"
    longer = FIGURE | {
        "x": {"label": "t", "values": [5, 6]},
        "series": [{"label": "b", "kind": "line", "values": [8, 9]}],
    }
    call("figures/figure.js", "drawFigure", FIGURE, then=DRAWN)
    tab.evaluate("window.before = window.plot")
    call("figures/figure.js", "drawFigure", longer, then=DRAWN)

    read = press(tab, "ArrowRight")

    assert tab.evaluate(first) == 1
    assert read["told"] == "5 · b 8 mA"
    assert tab.evaluate("before.cursor.idx ?? null") is None


def test_a_reversed_axis_is_read_from_left_to_right(call, tab):
    spec = FIGURE | {"x": FIGURE["x"] | {"reversed": True, "unit": "ppm"}}
    call("figures/figure.js", "drawFigure", spec, then=DRAWN)
    places = tab.evaluate("[plot.valToPos(0, 'x'), plot.valToPos(1, 'x')]")

    right = press(tab, "ArrowRight")

    assert places[0] > places[1]
    assert (right["at"], right["told"]) == (2, "1 ppm · a 1 mA")
