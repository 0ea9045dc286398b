"""Stacks drawn: order, heights, words; cells where they are on the substrate."""

import itertools

import pytest

from labdata.site.drawings.stack import (
    CellMark,
    cell_label,
    draw_cross_section,
    draw_substrate,
    grid_of_cells,
    layer_sequence,
    level_of,
    thickness_words,
)
from labdata.site.drawings.stack_words import layer_conditions

STACK = [
    {"role": "substrate", "material": "glass", "thickness": 1.1e6},
    {"role": "electrode", "material": "ITO", "thickness": 150},
    {"role": "absorber", "composition": "CsPbI3", "thickness": 550},
    {"role": "interlayer", "material": "CTOCPh-5F", "thickness": 2},
    {"role": "contact"},
]


def test_the_last_layer_is_on_top_and_none_overlaps():
    drawn = draw_cross_section(STACK).layers

    assert [one.name for one in drawn] == [
        "metal contact",
        "CTOCPh-5F",
        "CsPbI3",
        "ITO",
        "glass",
    ]
    for upper, lower in itertools.pairwise(drawn):
        assert lower.y == pytest.approx(upper.y + upper.height, abs=0.2)


def test_thicker_layers_are_higher_and_the_thinnest_still_holds_its_name():
    heights = {one.name: one.height for one in draw_cross_section(STACK).layers}

    assert heights["CTOCPh-5F"] < heights["ITO"] < heights["CsPbI3"] < heights["glass"]
    assert min(heights.values()) >= 20


def test_an_unknown_thickness_is_said_and_not_zero():
    section = draw_cross_section(STACK)

    assert section.is_partial
    assert section.layers[0].thickness == ""
    assert "metal contact (metal contact, thickness not known)" in section.words


def test_nothing_is_drawn_of_no_layers():
    assert draw_cross_section([]) is None


def test_the_sequence_leaves_out_the_glass():
    assert layer_sequence(STACK) == "ITO / CsPbI3 / CTOCPh-5F / metal contact"
    assert layer_sequence(STACK[:1]) == "glass"


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({"thickness": 2}, "2 nm"),
        ({"thickness": 2, "thickness_uncertainty": 0.5}, "(2.00 ± 0.50) nm"),
        ({"thickness": 12_000}, "12 µm"),
        ({"thickness": 1.1e6}, "1.1 mm"),
        ({}, ""),
    ],
)
def test_a_thickness_is_said_in_the_unit_people_use(layer, words):
    assert thickness_words(layer) == words


def test_cells_are_drawn_to_scale_with_the_origin_at_the_lower_left():
    stack = {
        "substrate_width": 25,
        "substrate_height": 25,
        "cells": [
            {"label": "A", "x": 0, "y": 0, "width": 5, "height": 2.5},
            {"label": "B", "x": 20, "y": 22.5, "width": 5, "height": 2.5},
        ],
    }

    drawn = draw_substrate(stack)

    low, high = drawn.cells
    assert low.x == drawn.x
    assert low.y + low.height == pytest.approx(drawn.y + drawn.height)
    assert high.y == pytest.approx(drawn.y)
    assert high.x + high.width == pytest.approx(drawn.x + drawn.width)
    assert low.width == pytest.approx(2 * low.height)


def test_a_cell_without_extent_is_a_square_of_its_area():
    drawn = draw_substrate(
        {"cells": [{"label": "A", "x": 1, "y": 1, "active_area": 0.09}]}
    )

    cell = drawn.cells[0]
    assert cell.width == cell.height
    assert not drawn.is_size_known
    assert drawn.size_words == ""


def test_cells_without_a_place_are_named_not_drawn():
    stack = {"cells": [{"label": "A", "x": 1, "y": 1, "width": 2, "height": 2}]}
    stack["cells"].append({"label": "B", "active_area": 0.1})

    assert draw_substrate(stack).unplaced == ["B"]
    assert draw_substrate({"cells": stack["cells"][1:]}) is None


def test_a_mark_fills_its_cell_and_says_so():
    stack = {"cells": [{"label": "A", "x": 1, "y": 1, "width": 2, "height": 2}]}

    cell = draw_substrate(stack, {"A": CellMark("25.6", 8, "PCE 25.6 %")}).cells[0]

    assert cell.style == "cell level-8"
    assert cell.words == "A 25.6, PCE 25.6 %"
    assert draw_substrate(stack).cells[0].style == "cell"


@pytest.mark.parametrize(
    ("value", "level"),
    [(10, 0), (20, 8), (15, 4), (9, 0), (21, 8), (None, None), (float("nan"), None)],
)
def test_levels_run_from_the_lowest_to_the_highest(value, level):
    assert level_of(value, 10, 20) == level


def test_levels_of_one_value_alone_are_in_the_middle():
    assert level_of(7, 7, 7) == 4


@pytest.mark.parametrize("count", [1, 2, 4, 6, 7, 8, 16])
def test_spread_cells_lie_on_the_substrate_and_apart(count):
    cells = grid_of_cells(count, 25, 25, 0.1, 0.08)

    assert [cell["label"] for cell in cells] == [cell_label(n) for n in range(count)]
    for cell in cells:
        assert 0 <= cell["x"] <= 25 - cell["width"] + 0.01
        assert 0 <= cell["y"] <= 25 - cell["height"] + 0.01
        assert cell["width"] * cell["height"] == pytest.approx(10, rel=0.01)
        assert cell["mask_area"] == 0.08
    for one in cells:
        for other in cells:
            apart_x = abs(one["x"] - other["x"]) >= one["width"]
            apart_y = abs(one["y"] - other["y"]) >= one["height"]
            assert one is other or apart_x or apart_y


def test_cells_that_do_not_fit_are_refused_with_the_numbers():
    with pytest.raises(ValueError, match=r"2 × 3 cells of 2 cm²"):
        grid_of_cells(6, 25, 25, 2)


def test_labels_go_on_after_the_alphabet():
    assert [cell_label(place) for place in (0, 25, 26, 52)] == ["A", "Z", "A2", "A3"]


def test_the_making_of_a_layer_reads_like_a_methods_section():
    layer = {
        "solution": {
            "solutes": [{"name": "PbI2", "concentration": 1.4, "unit": "mol/L"}],
            "solvents": [
                {"name": "DMF", "fraction": 4},
                {"name": "DMSO", "fraction": 1},
            ],
            "volume": 50,
        },
        "steps": [
            {"speed": 1000, "duration": 10},
            {
                "speed": 4000,
                "acceleration": 1000,
                "duration": 30,
                "antisolvent": "chlorobenzene",
                "antisolvent_volume": 200,
                "antisolvent_time": 5,
            },
        ],
        "rate": 0.5,
        "program": [{"end_temperature": 100, "dwell": 10, "atmosphere": "N2"}],
        "notes": "in the glove box",
    }

    assert layer_conditions(layer) == [
        "1.4 mol/L PbI2 in DMF:DMSO (4:1), 50 µL",
        "1000 rpm for 10 s",
        "4000 rpm for 30 s at 1000 rpm/s, 200 µL chlorobenzene after 5 s",
        "at 0.5 Å/s",
        "100 °C for 10 min in N2",
        "in the glove box",
    ]


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({}, []),
        ({"solution": {"solvents": [{"name": "IPA"}]}}, ["from IPA"]),
        (
            {"solution": {"solutes": [{"name": "A"}, {"name": "B"}]}},
            ["A and B"],
        ),
        ({"steps": [{"antisolvent_time": 5}]}, ["antisolvent after 5 s"]),
        ({"program": [{"dwell": 5}]}, ["5 min"]),
    ],
)
def test_what_is_not_known_is_left_out(layer, words):
    assert layer_conditions(layer) == words
