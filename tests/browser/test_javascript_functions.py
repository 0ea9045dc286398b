"""Exported functions of js/kit and js/figures that give numbers, each by itself.

They are imported in a real browser, from the files as they are served and under the
lab's content policy, without a lab. A function that is exported tomorrow and neither
asked here nor listed as giving no number fails.
"""

import ast
import contextlib
import functools
import http.server
import re
import threading
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.browser

ROOT = Path(settings.BASE_DIR)
FOLDERS = ("kit", "figures")
POLICY = "; ".join(
    f"{name} {' '.join(sources)}"
    for name, sources in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)
PAGE = """<!doctype html><html lang="en"><title>functions</title>
<link rel="stylesheet" href="/static/css/base/labdata.css">
<link rel="stylesheet" href="/static/css/base/figures.css">
<link rel="stylesheet" href="/static/vendor/uplot/uPlot.min.css">
<div class="figure" id="figure"><div class="area" tabindex="0"></div>
<output class="readout"></output></div>
<script src="/static/vendor/uplot/uPlot.iife.min.js"></script></html>"""

NO_NUMBER = {
    "kit/combobox.js": {"combobox": "wires a field with a list"},
    "kit/export.js": {
        "exportFigure": "saves what figureSvg gives",
        "save": "saves a file",
        "wireExport": "wires buttons",
    },
    "kit/faults.js": {
        "say": "shows words",
        "takeBack": "takes them away",
        "explain": "words of an answer",
        "signedOut": "shows words",
    },
    "kit/numbers.js": {"axisLabel": "a name with its unit"},
    "kit/rows.js": {"addRow": "a row of a table"},
    "kit/seen.js": {"whenSeen": "waits for boxes to be seen"},
    "figures/adjust.js": {"adjust": "wires a panel; its numbers go into the form"},
    "figures/chart.js": {
        "loadPlotly": "the library",
        "plain": "text without markup",
        "title": "a name with its unit",
        "drawChart": "draws; what is drawn is built by others",
    },
    "figures/figure.js": {
        "theme": "colours and a font",
        "onThemeChange": "waits for a change",
        "drawBox": "paints",
        "drawSimulated": "paints",
        "load": "what the server answers",
        "complain": "shows words",
    },
}

CASES = [
    ("kit/numbers.js", "write", [1.5], "1.5"),
    ("kit/numbers.js", "write", [-0.25], "−0.25"),
    ("kit/numbers.js", "write", [0], "0"),
    ("kit/numbers.js", "write", [None], "—"),
    ("kit/numbers.js", "write", [123456.7], "123457"),
    ("kit/numbers.js", "write", [123.456789, 4], "123.5"),
    ("kit/numbers.js", "write", [1e6], "1×10⁶"),
    ("kit/numbers.js", "write", [-1234567], "−1.235×10⁶"),
    ("kit/numbers.js", "write", [0.0001], "0.0001"),
    ("kit/numbers.js", "write", [0.00001234], "1.234×10⁻⁵"),
    ("kit/numbers.js", "tickTexts", [[0, 50, 100]], ["0", "50", "100"]),
    ("kit/numbers.js", "tickTexts", [[-1, -0.5, 0, 0.5]], ["−1.0", "−0.5", "0", "0.5"]),
    ("kit/numbers.js", "tickTexts", [[15, 17.5, 20]], ["15.0", "17.5", "20.0"]),
    (
        "kit/numbers.js",
        "tickTexts",
        [[0.1, 0.125, 0.15]],
        ["0.100", "0.125", "0.150"],
    ),
    (
        "kit/numbers.js",
        "tickTexts",
        [[0, 100000, 200000]],
        ["0", "1×10⁵", "2×10⁵"],
    ),
    ("kit/numbers.js", "tickTexts", [[0, 2e-5, 4e-5]], ["0", "2×10⁻⁵", "4×10⁻⁵"]),
    # Neighbours that differ in the fifth digit are written with it.
    (
        "kit/numbers.js",
        "tickTexts",
        [[123400, 123410, 123420]],
        ["1.2340×10⁵", "1.2341×10⁵", "1.2342×10⁵"],
    ),
    (
        "kit/numbers.js",
        "tickTexts",
        [[2.5e-5, 2.505e-5, 2.51e-5]],
        ["2.500×10⁻⁵", "2.505×10⁻⁵", "2.510×10⁻⁵"],
    ),
    ("kit/numbers.js", "tickTexts", [[999000, 1e6]], ["9.99×10⁵", "1.000×10⁶"]),
    # Of a logarithmic axis only powers of ten are written, each as it is.
    (
        "kit/numbers.js",
        "tickTexts",
        [[0.01, None, None, 0.1, None, 1, 10, 100]],
        ["0.01", "", "", "0.1", "", "1", "10", "100"],
    ),
    (
        "kit/numbers.js",
        "tickTexts",
        [[None, 0.001, None, 10, None, 1000, 100000]],
        ["", "0.001", "", "10", "", "1000", "1×10⁵"],
    ),
    ("kit/numbers.js", "tickTexts", [[]], []),
    ("figures/colours.js", "colourAt", [0], [0, 32, 77]),
    ("figures/colours.js", "colourAt", [1], [255, 233, 69]),
    ("figures/colours.js", "colourAt", [-3], [0, 32, 77]),
    ("figures/colours.js", "colourAt", [7], [255, 233, 69]),
    # Halfway between the fifth and the sixth of ten colours.
    ("figures/colours.js", "colourAt", [0.5], [125, 124, 118]),
    ("figures/colours.js", "chartColourAt", [0, {"whole": True}], "rgb(68,1,84)"),
    ("figures/colours.js", "chartColourAt", [1, {"whole": True}], "rgb(253,231,37)"),
    ("figures/colours.js", "chartColourAt", [1, {"isDark": True}], "rgb(253,231,37)"),
    ("figures/colours.js", "chartColourAt", [0], "rgb(68,1,84)"),
    # The light end would sink into a light page: 0.86 of the whole.
    ("figures/colours.js", "chartColourAt", [1], "rgb(163,218,55)"),
    ("figures/colours.js", "cssColourAt", [0, False], "rgb(0 32 77)"),
    ("figures/colours.js", "cssColourAt", [1, True], "rgb(255 233 69)"),
    ("figures/colours.js", "cssColourAt", [1, False], "rgb(206 189 97)"),
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves static/, and an empty page for everything else, with the lab's policy."""

    def do_GET(self):
        if self.path.startswith("/static/"):
            super().do_GET()
            return
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    handler = functools.partial(Quiet, directory=ROOT)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def tab(browser, address):
    """One page for all functions; a script error in any of them fails the last test."""
    complaints = []
    with contextlib.closing(browser.new_context(color_scheme="light")) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: said.type == "error" and complaints.append(said.text),
        )
        page.goto(address)
        yield page
    # A favicon is all that this page may miss.
    assert [one for one in complaints if "404" not in one] == []


@pytest.fixture
def call(tab):
    """Call an exported function, or what an expression of ``f`` says to do with it."""

    def ask(module, name, *arguments, then="f(...given)"):
        return tab.evaluate(
            f"""async ([module, name, given]) => {{
                const f = (await import(`/static/js/${{module}}`))[name];
                return {then};
            }}""",
            [module, name, list(arguments)],
        )

    return ask


@pytest.mark.parametrize(("module", "name", "arguments", "expected"), CASES)
def test_functions_give(call, module, name, arguments, expected):
    assert call(module, name, *arguments) == expected


def test_infinite_numbers_are_written_as_such(call):
    both = call("kit/numbers.js", "write", then="[f(Infinity), f(-Infinity), f(NaN)]")

    assert both == ["∞", "−∞", "—"]


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


def test_files_that_scripts_ask_for_are_there():
    lost = []
    scripts = list((ROOT / "static/js").rglob("*.js"))
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        asked_for = re.findall(r'(?:from|import\(?|new URL\()\s*"(\.[^"]+)"', text)
        lost += [
            (path.name, one) for one in asked_for if not (path.parent / one).is_file()
        ]

    assert len(scripts) > 30
    assert lost == []


def exported():
    """Module and name of every exported function of both folders."""
    found = set()
    for folder in FOLDERS:
        for path in sorted((ROOT / "static/js" / folder).glob("*.js")):
            text = path.read_text(encoding="utf-8")
            names = re.findall(r"^export (?:async )?function\*? (\w+)", text, re.M)
            names += re.findall(
                r"^export (?:const|let) (\w+) =\s*(?:async\s*)?(?:\(|function|\w+ =>)",
                text,
                re.M,
            )
            values = re.findall(r"^export (?:const|let) (\w+)", text, re.M)
            assert len(re.findall(r"^\s*export\b", text, re.M)) == len(
                {*names, *values}
            ), f"{path.name} exports in a way that is not read here"
            found |= {(f"{folder}/{path.name}", name) for name in names}
    return found


def asked():
    """Every function that a case or a test of this file calls."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    calls = {
        tuple(one.value for one in node.args[:2])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "call"
        and all(isinstance(one, ast.Constant) for one in node.args[:2])
    }
    return calls | {(module, name) for module, name, *_ in CASES}


def test_every_function_that_gives_a_number_is_asked():
    silent = {(module, name) for module, names in NO_NUMBER.items() for name in names}

    assert len(exported()) > 30
    assert exported() - asked() - silent == set()
    assert (asked() | silent) - exported() == set()
    assert asked() & silent == set()
