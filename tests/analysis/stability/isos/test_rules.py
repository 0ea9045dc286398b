"""The rules are the printed table, whole and cited."""

import inspect

import pytest

from analysis.stability.isos.checks import CHECKS
from analysis.stability.isos.codes import FAMILIES
from analysis.stability.isos.rules import REQUIREMENTS, TABLE, clauses, protocols

ANY = "maximum power point, open circuit or fixed voltage"
BIAS = "bias at VMPP, Voc or -Voc, or at JSC or -JMPP"
CYCLES = "light and dark in cycles of 2, 8 or 24 h, 1:1 or 1:2"
SUN = "solar simulator, 800-1000 W/m²"

EXPECTED = {
    # family: light, temperature, humidity, load of the levels 1 to 3, as printed.
    "D": (
        ("dark", "23 ± 4 °C", "ambient", "open circuit"),
        ("dark", "65 or 85 °C", "ambient", "open circuit"),
        ("dark", "65 or 85 °C", "85 %", "open circuit"),
    ),
    "V": (
        ("dark", "23 ± 4 °C", "ambient", BIAS),
        ("dark", "65 or 85 °C", "ambient", BIAS),
        ("dark", "65 or 85 °C", "85 %", BIAS),
    ),
    "O": (
        ("sunlight", "ambient", "ambient", ANY),
        ("sunlight", "ambient", "ambient", ANY),
        ("sunlight", "ambient", "ambient", "maximum power point, in situ"),
    ),
    "LC": (
        (CYCLES, "23 ± 4 °C", "ambient", ANY),
        (CYCLES, "65 or 85 °C", "ambient", ANY),
        (CYCLES, "65 or 85 °C", "at most 50 %", "maximum power point"),
    ),
    "L": (
        (SUN, "23 ± 4 °C", "ambient", ANY),
        (SUN, "65 or 85 °C", "ambient", ANY),
        (SUN, "65 or 85 °C", "about 50 %", "maximum power point"),
    ),
    "T": (
        (
            "dark",
            "cycles from room temperature to 65 or 85 °C",
            "ambient",
            "open circuit",
        ),
        ("dark", "cycles from -40 to 85 °C", "below 55 %", "open circuit"),
        ("dark", "cycles from -40 to 85 °C", "below 55 %", "open circuit"),
    ),
    "LT": (
        ("solar simulator", "cycles from room temperature to 65 °C", "monitored", ANY),
        ("solar simulator", "cycles from 5 to 65 °C", "50 % above 40 °C", ANY),
        (
            "solar simulator",
            "cycles from -25 to 65 °C",
            "50 % above 40 °C",
            "maximum power point",
        ),
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_clauses_say_what_is_printed(family):
    for level, row in enumerate(EXPECTED[family], start=1):
        found = tuple(one.requirement.words for one in clauses(family, level, False))

        assert found == row


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
