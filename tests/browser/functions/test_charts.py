"""Sizes and places in charts, on the screen and on paper."""

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("millimetres", "pixels"), [(85, 321.26), (180, 680.31)])
def test_print_is_as_wide_as_it_says(call, millimetres, pixels):
    style = call("figures/chart.js", "printStyle", millimetres)

    assert style["width"] == pixels == round(millimetres * 96 / 25.4, 2)
    # 8 and 7 points, as journals ask.
    assert style["size"] == pytest.approx(8 * 96 / 72, abs=0.01)
    assert style["small"] == pytest.approx(7 * 96 / 72, abs=0.01)


def test_the_screen_has_letters_as_the_page_has(call):
    style = call("figures/chart.js", "screenStyle")

    assert (style["size"], style["small"], style["marker"]) == (13, 12, 8)
    assert style["isPrint"] is style["isDark"] is False
    assert not re.search(r"\dpx", style["family"])


STYLE = {
    "small": 10,
    "size": 12,
    "line": 1,
    "text": "#000",
    "width": 321,
    "height": 200,
}


def test_a_legend_stands_over_the_boxes(call):
    legend = call("figures/chart.js", "legendAbove", STYLE, {"above": 10})
    unknown = call("figures/chart.js", "legendAbove", {"small": 10}, {})

    assert legend["y"] == 1 + 10 / 200
    assert unknown["y"] == 1 + 4 / 400
    assert legend["font"]["size"] == 10


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (2, 1), (3, 2), (5, 3)])
def test_on_paper_a_figure_grows_by_its_legend(call, count, rows):
    style = STYLE | {"isPrint": True, "width": 230}
    traces = [{}] * count + [{"showlegend": False}]
    grown = "(() => { f(...given); return given[2].height; })()"

    paper = call(
        "figures/chart.js",
        "growForLegend",
        style,
        traces,
        {"height": 100, "showlegend": True},
        then=grown,
    )
    screen = call(
        "figures/chart.js",
        "growForLegend",
        STYLE,
        traces,
        {"height": 100, "showlegend": True},
        then=grown,
    )

    assert paper == pytest.approx(100 + (rows + 1) * 10 * 1.8)
    assert screen == 100


def test_the_frame_of_a_printed_figure_is_four_to_three(call):
    paper = call("figures/chart.js", "frame", STYLE | {"isPrint": True})
    screen = call("figures/chart.js", "frame", STYLE)

    assert (paper["width"], paper["height"]) == (321, 321 * 0.75)
    assert paper["autosize"] is False
    assert screen["autosize"] is True
    assert "width" not in screen


def test_axes_are_boxed_with_ticks_inside(call):
    narrow = call("figures/chart.js", "boxedAxis", STYLE | {"isPrint": True}, "Energy")
    log = call("figures/chart.js", "boxedAxis", STYLE, "Counts", {"type": "log"})

    assert (narrow["ticks"], narrow["ticklen"], narrow["nticks"]) == ("inside", 4, 6)
    assert (log["ticklen"], log["nticks"], log["minor"]["dtick"]) == (5, 0, "D1")
    assert narrow["title"]["font"]["size"] == 12


def test_a_scale_of_colours_goes_evenly_from_end_to_end(call):
    scale = call("figures/chart.js", "colourScale", STYLE, {"whole": True})

    assert [step for step, _ in scale] == [n / 8 for n in range(9)]
    assert (scale[0][1], scale[-1][1]) == ("rgb(68,1,84)", "rgb(253,231,37)")


def test_a_bar_of_colours_is_thinner_on_paper(call):
    paper = call("figures/chart.js", "colourBar", STYLE | {"isPrint": True}, "T (°C)")
    screen = call("figures/chart.js", "colourBar", STYLE, "T (°C)")

    assert (paper["thickness"], paper["ticklen"], paper["xpad"]) == (9, 3, 6)
    assert (screen["thickness"], screen["ticklen"], screen["xpad"]) == (14, 4, 10)


def test_error_bars_have_the_length_of_the_uncertainty(call):
    bars = call("figures/chart.js", "errorBars", STYLE, [0.5, None, 2], "red")

    # No uncertainty, no bar: a bar of no length is not drawn.
    assert bars["array"] == [0.5, 0, 2]
    assert (bars["thickness"], bars["width"], bars["color"]) == (1, 3, "red")


def test_an_axis_writes_its_ticks_and_leaves_room_for_its_name(call):
    colours = {"font": "12px sans-serif", "text": "#000"}
    told = "(({size, labelSize, values}) => [size, labelSize, values(null, [0, 0.5])])"

    named = call(
        "figures/figure.js", "axis", colours, "V (V)", then=f"{told}(f(...given))"
    )
    plain = call(
        "figures/figure.js",
        "axis",
        colours,
        None,
        {"size": 48},
        then=f"{told}(f(...given))",
    )

    assert named == [28, 20, ["0", "0.5"]]
    assert plain == [48, 0, ["0", "0.5"]]


def test_simulated_figures_are_hatched_within_their_box(call):
    mark = call("kit/export.js", "simulatedMark", {"small": 9, "muted": "#444"})

    lines = mark["shapes"]
    assert len(lines) == 40
    for line in lines:
        ends = [line[key] for key in ("x0", "y0", "x1", "y1")]
        assert all(-1e-9 <= end <= 1 + 1e-9 for end in ends)
        # All at the same slope, which is that of the diagonal.
        assert line["x1"] - line["x0"] == pytest.approx(line["y1"] - line["y0"])
    assert mark["annotations"][0]["text"] == "simulated data"
