"""Panels as the server tells them, and maps of colours: what is drawn where."""

import pytest

pytestmark = pytest.mark.browser


PANEL = {
    "key": "fit",
    "title": "Fit",
    "x": {"label": "Time", "unit": "ns"},
    "y": {"label": "Counts", "unit": ""},
    "log": ["y"],
    "reversed": [],
    "under": "",
    "range": None,
    "curves": [
        {"name": "Data", "kind": "points", "x": [2, 1, 3], "y": [0, 10, -1]},
        {"name": "Fit", "kind": "line", "x": [1, 3], "y": [9, 1]},
    ],
    "bands": [{"name": "95 %", "x": [1, 3], "low": [8, 0.5], "high": [10, 2]}],
    "pins": [],
    "stretches": [],
    "zero": False,
    "cross": False,
    "equal": False,
}
RESIDUAL = PANEL | {"key": "rest", "under": "fit", "log": [], "zero": True, "bands": []}


def test_cells_end_halfway_to_their_neighbours(call):
    assert call("figures/map.js", "edgesOf", [0, 2, 6]) == [-1, 1, 4, 8]
    assert call("figures/map.js", "edgesOf", [3, 1]) == [4, 2, 0]
    assert call("figures/map.js", "edgesOf", [5]) == [4.5, 5.5]


def test_colours_run_over_what_is_known(call):
    rows = [[None, -2, 8], [4, None, 0]]

    assert call("figures/map.js", "spanOf", rows, False) == [-2, 8]
    assert call("figures/map.js", "spanOf", rows, True) == [4, 8]
    assert call("figures/map.js", "spanOf", [[None]], False) == [0, 1]


@pytest.mark.parametrize(
    ("value", "span", "is_log", "share"),
    [
        (5, [0, 10], False, 0.5),
        (10, [1, 100], True, 0.5),
        (7, [7, 7], False, 0.5),
        (100, [1, 100], True, 1),
    ],
)
def test_a_value_has_its_share_of_the_colours(call, value, span, is_log, share):
    assert call("figures/map.js", "shareOf", value, span, is_log) == pytest.approx(
        share
    )


def test_what_is_not_above_zero_has_no_logarithmic_colour(call):
    told = call(
        "figures/map.js", "shareOf", -1, [1, 10], True, then="Number.isNaN(f(...given))"
    )

    assert told


def test_a_place_lies_in_one_cell_or_in_none(call):
    assert call("figures/map.js", "cellAt", [-1, 1, 4], 2) == 1
    assert call("figures/map.js", "cellAt", [4, 2, 0], 3) == 0
    assert call("figures/map.js", "cellAt", [-1, 1, 4], 9) is None


def test_a_bar_is_written_as_finely_as_it_is_long(call):
    assert call("figures/map.js", "barTexts", [-8.33e-5, 1.03], False) == [
        "1.03",
        "0.515",
        "0",
    ]
    assert call("figures/map.js", "barTexts", [1, 100], True) == ["100", "10", "1"]


def test_one_unit_is_as_long_on_both_axes(call):
    plot = {
        "bbox": {"width": 400, "height": 200},
        "scales": {"x": {"min": 0, "max": 8}},
    }

    assert call("figures/figure.js", "asLong", plot, 1, 2) == [-0.5, 3.5]
    assert call("figures/figure.js", "asLong", plot, 0, 20) == [-1, 21]


def test_curves_of_one_panel_share_a_rising_axis(call):
    top, under = call("figures/panels.js", "specsOf", [PANEL, RESIDUAL], {})

    assert top["x"]["values"] == [1, 2, 3]
    # What is not above zero has no place on a logarithmic axis.
    data, fit, high, low = (one["values"] for one in top["series"])
    assert data == [10, None, None]
    assert fit == [9, None, 1]
    assert (high, low) == ([10, None, 2], [8, None, 0.5])
    assert (top["y"]["log"], top["fills"], top["hideX"]) == (True, [[2, 3]], True)
    assert (under["y"]["log"], under["under"]) == (False, True)
    assert under["series"][0]["values"] == [10, 0, -1]
    assert under["series"][-1]["values"] == [0, 0, 0]


def test_a_panel_is_found_with_those_under_it(call):
    other = PANEL | {"key": "map"}
    told = {"panels": [PANEL, other, RESIDUAL]}

    first = call(
        "figures/panels.js", "panelsOf", told, then="f(...given).map((one) => one.key)"
    )
    asked = call(
        "figures/panels.js",
        "panelsOf",
        told,
        "map",
        then="f(...given).map((o) => o.key)",
    )

    assert (first, asked) == (["fit", "rest"], ["map"])


def _axis(name, values):
    return {"name": name, "label": name, "unit": "1", "values": values}


def test_a_map_is_turned_as_its_technique_says(call):
    image = {
        "axes": [_axis("x", [1, 2, 3]), _axis("y", [5, 6])],
        "channels": [
            _axis("other", [[0, 0]] * 3),
            _axis("z", [[1, 2], [3, 4], [5, 6]]),
        ],
    }
    figure = {"kind": "map", "x": "x", "y": "y", "value": "z"}

    told = call("figures/curves.js", "panelOf", {"image": image}, figure)

    assert told["image"]["across"] == [1, 2, 3]
    assert told["image"]["down"] == [5, 6]
    assert told["image"]["values"] == [[1, 3, 5], [2, 4, 6]]
    assert told["value"]["label"] == "z"


def test_a_series_is_a_curve_a_step(call):
    image = {
        "axes": [_axis("frame", [0, 1]), _axis("energy", [1.5, 1.6, 1.7])],
        "channels": [_axis("counts", [[1, 2, 3], [4, 5, 6]])],
    }
    figure = {"kind": "series", "x": "energy", "y": "counts", "along": "frame"}

    told = call("figures/curves.js", "panelOf", {"image": image}, figure)

    assert [one["y"] for one in told["curves"]] == [[1, 2, 3], [4, 5, 6]]
    assert [one["name"] for one in told["curves"]] == ["frame 0", "frame 1"]


def test_nyquist_draws_one_channel_over_another(call):
    curve = {
        "axes": [_axis("frequency", [10, 1])],
        "channels": [_axis("real", [1, 3]), _axis("imaginary", [2, 4])],
    }
    figure = {"kind": "nyquist", "x": "real", "y": "imaginary"}

    told = call("figures/curves.js", "panelOf", {"curve": curve}, figure)

    (drawn,) = told["curves"]
    assert (drawn["x"], drawn["y"], told["equal"]) == ([1, 3], [2, 4], True)


def test_a_map_is_drawn_read_and_saved(call, tab):
    spec = {
        "isMap": True,
        "across": {"label": "x", "unit": "µm", "values": [0, 1]},
        "down": {"label": "y", "unit": "µm", "values": [0, 1, 2]},
        "value": {"label": "I", "unit": "nA"},
        "rows": [[1, 2], [3, 4], [5, None]],
    }
    colours = call(
        "figures/map.js",
        "drawMap",
        spec,
        then="""await (async () => {
            const box = document.getElementById("figure");
            const plot = f(box.querySelector(".area"), given[0]);
            await new Promise(requestAnimationFrame);
            await new Promise(requestAnimationFrame);
            const { left, top, width, height } = plot.bbox;
            const read = (x, y) => [...plot.ctx.getImageData(
                left + x * width, top + y * height, 1, 1).data.slice(0, 3)];
            return [read(0.25, 0.16), read(0.25, 0.84), read(0.75, 0.84)];
        })()""",
    )
    text = call("kit/export.js", "figureSvg", [spec], 85)

    # The lowest is dark, the highest light, what is not known left empty.
    assert colours[0] == [0, 32, 77]
    assert colours[1] == [255, 233, 69]
    assert colours[2] not in (colours[0], colours[1])
    assert 'width="85mm"' in text
