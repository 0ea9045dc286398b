"""Parameters from JSON: what is accepted, what is said about the rest."""

from dataclasses import dataclass
from typing import Literal

import pytest

from labdata.plugin import ParameterError, parameter
from labdata.plugin.parameters import clean, schema_of, to_json


@dataclass(frozen=True)
class Inner:
    centre: float = parameter(label="Centre", unit="nm")
    area: float | None = parameter(None, label="Area", minimum=0)


@dataclass(frozen=True)
class Outer:
    count: int = parameter(label="Count", minimum=0, maximum=9)
    kind: Literal[1, "auto"] = parameter("auto", label="Kind", help="Which.")
    window: tuple[float, float] | None = parameter(None, label="Window")
    inner: tuple[Inner, ...] = parameter((), label="Inner")
    name: str = parameter("x", label="Name")
    quick: bool = parameter(False, label="Quick")

    def problems(self):
        return {"name": ["Taken."]} if self.name == "taken" else {}


def errors_of(values):
    with pytest.raises(ParameterError) as raised:
        clean(Outer, values)
    return raised.value.errors


def test_absent_fields_take_their_defaults():
    assert clean(Outer, {"count": 3}) == Outer(count=3)


def test_json_becomes_typed_values():
    given = {"count": 3, "window": [1, 2.5], "inner": [{"centre": 4}], "kind": 1}

    parameters = clean(Outer, given)

    assert parameters.window == (1.0, 2.5)
    assert isinstance(parameters.window[0], float)
    assert parameters.inner == (Inner(4.0),)
    assert clean(Outer, to_json(parameters)) == parameters


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({}, {"count": ["Needed."]}),
        (
            {"count": 1.5},
            {"count": ["Must be a whole number, got 1.5."]},
        ),
        ({"count": True}, {"count": ["Must be a whole number, got True."]}),
        ({"count": 10}, {"count": ["Must be at most 9, got 10."]}),
        ({"count": -1}, {"count": ["Must be at least 0, got -1."]}),
        (
            {"count": 1, "kind": "1"},
            {"kind": ["Must be one of 1, 'auto', got '1'."]},
        ),
        (
            {"count": 1, "kind": True},
            {"kind": ["Must be one of 1, 'auto', got True."]},
        ),
        (
            {"count": 1, "window": [1, float("nan")]},
            {"window": ["Item 2: Must be finite, got nan."]},
        ),
        (
            {"count": 1, "window": [1, 10**400]},
            {"window": [f"Item 2: Must be finite, got {10**400}."]},
        ),
        ({"count": 1, "window": 5}, {"window": ["Must be a list, got 5."]}),
        (
            {"count": 1, "inner": [{"centre": 1}, {"area": 2}]},
            {"inner": ["Item 2: centre: Needed."]},
        ),
        (
            {"count": 1, "inner": [{"centre": 1, "area": -2}]},
            {"inner": ["Item 1: area: Must be at least 0, got -2."]},
        ),
        ({"count": 1, "name": None}, {"name": ["Must be text, got None."]}),
        ({"count": 1, "quick": 1}, {"quick": ["Must be true or false, got 1."]}),
        ({"count": 1, "name": "taken"}, {"name": ["Taken."]}),
        (
            {"count": 1, "colour": 1},
            {
                "colour": [
                    "Unknown; the parameters are count, kind, window, inner, name,"
                    " quick."
                ]
            },
        ),
        ([1], {"parameters": ["Must be an object, got [1]."]}),
    ],
)
def test_every_wrong_field_is_named_with_its_reason(values, errors):
    assert errors_of(values) == errors


def test_all_errors_are_reported_at_once():
    assert set(errors_of({"kind": 2, "name": 3})) == {"kind", "name", "count"}


def test_the_schema_describes_what_is_accepted():
    schema = schema_of(Outer)

    assert schema["required"] == ["count"]
    assert schema["additionalProperties"] is False
    properties = schema["properties"]
    assert properties["count"] == {
        "type": "integer",
        "title": "Count",
        "minimum": 0,
        "maximum": 9,
    }
    assert properties["kind"] == {
        "enum": [1, "auto"],
        "title": "Kind",
        "description": "Which.",
        "default": "auto",
    }
    assert properties["window"]["anyOf"][1] == {"type": "null"}
    assert properties["window"]["default"] is None
    inner = properties["inner"]["items"]["properties"]
    assert inner["centre"] == {"type": "number", "title": "Centre", "unit": "nm"}


def test_what_a_parameter_is_to_a_plot_stands_in_its_schema():
    @dataclass
    class Placed:
        low: float = parameter(0.0, label="Low", role="window")
        other: float = parameter(0.0, label="Other")

    properties = schema_of(Placed)["properties"]

    assert properties["low"]["role"] == "window"
    assert "role" not in properties["other"]


def test_a_type_without_schema_is_a_mistake_of_the_programmer():
    @dataclass
    class Strange:
        thing: complex = parameter(1j, label="Thing")

    with pytest.raises(TypeError, match="no JSON schema"):
        schema_of(Strange)
