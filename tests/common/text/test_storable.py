"""Half characters are found wherever they stand in nested data, and nothing else is."""

import json

import pytest

from labdata.common.text.storable import half_characters

HALF = json.loads('"\\ud800"')


@pytest.mark.parametrize(
    ("value", "places"),
    [
        (f"a{HALF}b", [()]),
        ({"code": HALF}, [("code",)]),
        ({"layers": [{}, {"notes": HALF}]}, [("layers", "1", "notes")]),
        ({"extra": {f"k{HALF}": 1}}, [("extra", "k\\ud800")]),
        ({f"k{HALF}": {"inner": HALF}}, [("k\\ud800",)]),
        ([{"a": 1}, {"a": ("x", HALF)}], [("1", "a", "1")]),
        ({"n": 10**400, "t": HALF}, [("t",)]),
        ({"first": HALF, "then": [HALF]}, [("first",), ("then", "0")]),
        ([HALF] * 100, [(str(index),) for index in range(10)]),
    ],
)
def test_each_place_is_named(value, places):
    assert half_characters(value) == dict.fromkeys(places, "\\ud800")


@pytest.mark.parametrize(
    "value",
    [
        "Å µ γ 😀 \u0000 \uffff",
        {"a": [1, 2.5, None, True, 10**400], "😀": {"b": "plain"}},
        json.loads('"\\ud83d\\ude00"'),
        {},
        [],
        None,
    ],
)
def test_whole_characters_are_left_alone(value):
    assert half_characters(value) == {}


def test_data_nested_deeper_than_any_recursion_are_searched_to_the_end():
    value = HALF
    for _ in range(3000):
        value = [value]

    assert list(half_characters(value).values()) == ["\\ud800"]
