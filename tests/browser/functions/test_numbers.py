"""Numbers as text and as colours."""

import pytest

pytestmark = pytest.mark.browser

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


@pytest.mark.parametrize(("module", "name", "arguments", "expected"), CASES)
def test_functions_give(call, module, name, arguments, expected):
    assert call(module, name, *arguments) == expected


def test_infinite_numbers_are_written_as_such(call):
    both = call("kit/numbers.js", "write", then="[f(Infinity), f(-Infinity), f(NaN)]")

    assert both == ["∞", "−∞", "—"]
