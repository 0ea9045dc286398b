"""The rules are the printed table, whole and cited."""

import inspect

import pytest

from analysis.isos.checks import CHECKS
from analysis.isos.rules import REQUIREMENTS, TABLE, clauses, protocols

EXPECTED = {
    # family: light, temperature, humidity, load of the levels 1 to 3, as printed.
    "D": (
        ("dark", "23 ± 4 °C", "ambient", "open circuit"),
        ("dark", "65 or 85 °C", "ambient", "open circuit"),
        ("dark", "65 or 85 °C", "85 %", "open circuit"),
    ),
    "L": (
        ("solar simulator, 800-1000 W/m²", "23 ± 4 °C", "ambient", "point, open"),
        ("solar simulator, 800-1000 W/m²", "65 or 85 °C", "ambient", "point, open"),
        ("solar simulator, 800-1000 W/m²", "65 or 85 °C", "about 50 %", "power point"),
    ),
    "T": (
        ("dark", "room temperature to 65 or 85", "ambient", "open circuit"),
        ("dark", "-40 to 85 °C", "below 55 %", "open circuit"),
        ("dark", "-40 to 85 °C", "below 55 %", "open circuit"),
    ),
    "LT": (
        ("solar simulator", "room temperature to 65", "monitored", "point, open"),
        ("solar simulator", "5 to 65 °C", "50 % above 40 °C", "point, open"),
        ("solar simulator", "-25 to 65 °C", "50 % above 40 °C", "power point"),
    ),
}


@pytest.mark.parametrize("family", EXPECTED)
def test_the_clauses_say_what_is_printed(family):
    for level, row in enumerate(EXPECTED[family], start=1):
        found = [clause.requirement.words for clause in clauses(family, level, False)]

        assert all(words in said for words, said in zip(row, found, strict=True)), found


def test_every_protocol_has_its_four_clauses_each_with_a_citation():
    assert len(protocols()) == len(TABLE) == 21
    for family, level in protocols():
        for inert in (False, True):
            found = clauses(family, level, inert)
            names = [clause.name for clause in found]

            third = "atmosphere" if inert else "humidity"
            assert names == ["light", "temperature", third, "load"]
            for clause in found:
                assert "doi:10.1038/s41560-019-0529-5" in clause.citation
                assert f"ISOS-{family}-{level}" in clause.citation


@pytest.mark.parametrize("key", REQUIREMENTS)
def test_every_requirement_can_be_checked_and_is_used(key):
    requirement = REQUIREMENTS[key]
    inspect.signature(CHECKS[requirement.check]).bind({}, **requirement.limits)

    used = {"inert"} | {name for row in TABLE.values() for name in row}
    assert key in used
    outcome, recorded, reason = CHECKS[requirement.check]({}, **requirement.limits)
    assert outcome == "undecidable"
    assert recorded == "not stated"
    assert reason.endswith(".")
