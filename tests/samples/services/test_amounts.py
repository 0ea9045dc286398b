"""Amounts and parameters are what was meant, in the unit they are kept in."""

import pytest

from labdata.common.api.errors import NestedValidationError
from samples.services.amounts import read_amount
from samples.services.parameters import check_parameters


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [("25 mg", "", (25.0, "mg")), ("25", "g", (25.0, "g")), ("3", "", (3.0, ""))],
)
def test_an_amount_has_its_unit_in_the_text_or_beside_it(text, unit, expected):
    assert read_amount(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("0 mg", "", "An amount is positive, not 0"),
        ("-2", "mg", "An amount is positive, not -2"),
        ("25 mg", "g", "is in mg, and the unit says g"),
        (">25 mg", "", "must be one number"),
        ("25±1 mg", "", "must be one number"),
        ("some", "mg", "some"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_was_typed(text, unit, message):
    with pytest.raises(ValueError, match=message):
        read_amount(text, unit)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"duration": "1 h"}, {"duration": 60.0}),
        ({"duration": {"value": "1", "unit": "h"}}, {"duration": 60.0}),
        ({"temperature": {"value": 300, "unit": "°C"}}, {"temperature": 300.0}),
        ({"duration": {"value": 5}}, {"duration": 5.0}),
        ({"duration": 5}, {"duration": 5.0}),
        (
            {"flow": {"value": 5, "unit": "mg"}},
            {"flow": {"value": 5.0, "unit": "mg"}},
        ),
        ({"stirred": True, "antisolvent": " toluene "}, None),
        ({"speed": "", "duration": None}, {}),
    ],
)
def test_known_parameters_are_converted_and_others_keep_their_unit(given, kept):
    expected = {"stirred": "yes", "antisolvent": "toluene"} if kept is None else kept

    assert check_parameters(given) == expected


def test_a_parameter_in_a_unit_of_something_else_is_refused_by_its_name():
    with pytest.raises(NestedValidationError) as refused:
        check_parameters({"duration": {"value": "5", "unit": "nm"}, "speed": "300"})

    assert list(refused.value.nested["parameters"]) == ["duration"]
