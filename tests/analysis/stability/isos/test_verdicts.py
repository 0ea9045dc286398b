"""Verdicts clause by clause: what is recorded decides, what is not stays open."""

import json

import pytest

from analysis.stability.isos import (
    RULES_VERSION,
    best_fitting,
    claimed_verdict,
    verdict,
)
from analysis.stability.isos.checks import CHECKS
from analysis.stability.isos.rules import REQUIREMENTS

# The three ageing tests of DOMAIN section 6, as published.
RESISTOR_RUN = {
    "light_source": "solar simulator, AM1.5G",
    "intensity": 100.0,
    "load": "fixed_resistor",
    "load_detail": "resistor near the maximum power point",
}
ULTRAVIOLET_RUN = {"isos_protocol": "ISOS‑L‑2", "light_source": "UV LED"}
HOT_DARK_RUN = {
    "isos_protocol": "ISOS-D-2",
    "light_source": "dark",
    "temperature": 85.0,
}


def outcomes(found):
    return {clause.name: clause.outcome for clause in found.clauses}


def check(key, **conditions):
    requirement = REQUIREMENTS[key]
    return CHECKS[requirement.check](conditions, **requirement.limits)[0]


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_resistor_is_no_load_of_light_soaking(level):
    found = verdict(f"L-{level}", RESISTOR_RUN)

    assert claimed_verdict(RESISTOR_RUN) is None
    assert outcomes(found) == {
        "light": "conforms",
        "temperature": "undecidable",
        "humidity": "undecidable",
        "load": "fails",
    }
    assert found.outcome == "fails"
    assert found["load"].reason == "The load was a fixed resistor."
    assert "near the maximum power point" in found["load"].recorded


def test_an_ultraviolet_lamp_fails_the_claim_and_the_rest_stays_open():
    found = claimed_verdict(ULTRAVIOLET_RUN)

    assert found.protocol == "ISOS-L-2"
    assert outcomes(found) == {
        "light": "fails",
        "temperature": "undecidable",
        "humidity": "undecidable",
        "load": "undecidable",
    }
    assert found.outcome == "fails"
    assert "ultraviolet" in found["light"].reason


def test_hot_dark_storage_conforms_where_it_is_stated():
    found = claimed_verdict(HOT_DARK_RUN)

    assert outcomes(found) == {
        "light": "conforms",
        "temperature": "conforms",
        "humidity": "undecidable",
        "load": "undecidable",
    }
    assert found.outcome == "undecidable"
    assert found.summary == (
        "ISOS-D-2 undecidable: humidity undecidable, load undecidable."
    )


def test_a_test_stated_in_full_conforms():
    found = verdict(
        "D-2", {**HOT_DARK_RUN, "relative_humidity": 35.0, "load": "open_circuit"}
    )

    assert found.outcome == "conforms"
    assert found.summary == "ISOS-D-2 conforms."
    assert found.rules_version == RULES_VERSION


def test_a_verdict_is_json_with_requirement_record_reason_and_citation():
    found = json.loads(json.dumps(verdict("D-2", HOT_DARK_RUN).to_json()))

    clause = found["clauses"][1]
    assert clause["name"] == "temperature"
    assert clause["required"] == "65 or 85 °C"
    assert clause["recorded"] == "85 °C"
    assert clause["reason"] == "85 °C is within 4 °C of 85 °C."
    assert "doi:10.1038" in clause["citation"]
    assert found["rules_version"] == RULES_VERSION
    with pytest.raises(LookupError, match="no clause 'lamp'"):
        verdict("D-2", {})["lamp"]


@pytest.mark.parametrize(
    ("conditions", "outcome"),
    [
        ({"relative_humidity": "ambient"}, "conforms"),
        ({"relative_humidity": 35}, "conforms"),
        ({"relative_humidity": "35 %"}, "conforms"),
        ({"atmosphere": "ambient air"}, "conforms"),
        ({"atmosphere": "air"}, "conforms"),
        ({"atmosphere": "dry air"}, "undecidable"),
        ({"relative_humidity": 85}, "fails"),
        ({"relative_humidity": 1}, "fails"),
        ({"atmosphere": "N2 glovebox"}, "fails"),
        ({"atmosphere": "nitrogen", "relative_humidity": 35}, "fails"),
        ({}, "undecidable"),
    ],
)
def test_ambient_humidity_may_be_a_word_or_a_number(conditions, outcome):
    assert check("ambient", **conditions) == outcome


@pytest.mark.parametrize(
    ("key", "value", "outcome"),
    [
        ("damp", 85, "conforms"),
        ("damp", 60, "fails"),
        ("damp", "ambient", "undecidable"),
        ("about_50", 55, "conforms"),
        ("about_50", 65, "fails"),
        ("below_55", 54, "conforms"),
        ("below_55", 55, "fails"),
        ("at_most_50", 50, "conforms"),
        ("at_most_50", 51, "fails"),
        ("monitored", 30, "conforms"),
        ("monitored", "ambient", "undecidable"),
        ("monitored", "monitored, 20-40 %", "conforms"),
        ("50_when_hot", 50, "conforms"),
    ],
)
def test_humidities_are_held_against_their_limits(key, value, outcome):
    assert check(key, relative_humidity=value) == outcome


def test_dry_gas_cannot_be_damp():
    assert check("damp", atmosphere="argon") == "fails"


@pytest.mark.parametrize(
    ("conditions", "outcome"),
    [
        ({"light_source": "AAA solar simulator", "intensity": 100}, "conforms"),
        ({"light_source": "solar simulator", "intensity": 80}, "conforms"),
        ({"light_source": "simulated sunlight", "intensity": 101.0}, "conforms"),
        ({"light_spectrum": "AM 1.5G with UV filter", "intensity": 100}, "conforms"),
        (
            {"light_source": "LED", "light_spectrum": "AM1.5G", "intensity": 90},
            "conforms",
        ),
        ({"light_source": "solar simulator", "intensity": 70}, "fails"),
        ({"light_source": "solar simulator", "intensity": 110}, "fails"),
        ({"intensity": 10}, "fails"),
        ({"light_source": "solar simulator"}, "undecidable"),
        ({"light_source": "white LED, 1 sun", "intensity": 100}, "undecidable"),
        ({"intensity": 100}, "undecidable"),
        ({"light_source": "sunlight", "intensity": 100}, "fails"),
        ({"light_source": "dark"}, "fails"),
        ({"light_source": "LED", "uv": "only"}, "fails"),
        ({"light_source": "LED", "light_spectrum": "UV (365 nm)"}, "fails"),
        ({"light_source": "UV-filtered white LED", "intensity": 100}, "undecidable"),
        ({"uv": "included"}, "undecidable"),
    ],
)
def test_a_simulator_is_told_from_other_light(conditions, outcome):
    assert check("simulator_one_sun", **conditions) == outcome


def test_light_and_thermal_cycling_asks_for_no_intensity():
    assert check("simulator", light_source="solar simulator") == "conforms"


@pytest.mark.parametrize(
    ("conditions", "outcome"),
    [
        ({"light_source": "none"}, "conforms"),
        ({"intensity": 0.0}, "conforms"),
        ({"light_cycle": "dark"}, "conforms"),
        ({"intensity": 100.0}, "fails"),
        ({"light_source": "white LED"}, "fails"),
        ({"uv": "only"}, "fails"),
        ({"light_source": "solar simulator", "light_spectrum": "none given"}, "fails"),
        ({"uv": "none"}, "undecidable"),
    ],
)
def test_darkness_is_stated_or_open(conditions, outcome):
    assert check("dark", **conditions) == outcome


@pytest.mark.parametrize(
    ("conditions", "outcome"),
    [
        ({"light_source": "natural sunlight"}, "conforms"),
        ({"light_source": "outdoor"}, "conforms"),
        ({"light_source": "simulated sunlight"}, "fails"),
        ({"light_source": "white LED"}, "fails"),
        ({"intensity": 0}, "fails"),
        ({"intensity": 90}, "undecidable"),
    ],
)
def test_sunlight_is_that_of_the_sun(conditions, outcome):
    assert check("sunlight", **conditions) == outcome


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("12 h light / 12 h dark", "conforms"),
        ("8 h light, 16 h dark", "conforms"),
        ("16 h dark, 8 h light", "conforms"),
        ("12:12 h", "conforms"),
        ("60 min on, 60 min off", "conforms"),
        ("24 h period, 1:1", "conforms"),
        ("2 h cycle, light:dark 1:2", "conforms"),
        ("16 h light / 8 h dark", "fails"),
        ("6 h light / 6 h dark", "fails"),
        ("continuous", "fails"),
        ("cycled", "undecidable"),
        ("1:1", "undecidable"),
        ("0:12 h", "undecidable"),
    ],
)
def test_light_cycles_are_read(words, outcome):
    assert check("light_cycle", light_cycle=words) == outcome


def test_light_cycles_need_light():
    assert check("light_cycle", light_source="dark") == "fails"
    assert check("light_cycle", light_cycle="12:12 h", uv="only") == "fails"


@pytest.mark.parametrize(
    ("key", "words", "outcome"),
    [
        ("room_to_elevated", "RT to 85 °C", "conforms"),
        ("room_to_elevated", "25–65 °C", "conforms"),
        ("room_to_elevated", "25 °C - 50 °C", "fails"),
        ("minus_40_to_85", "-40 to 85 °C", "conforms"),
        ("minus_40_to_85", "−40 °C … +85 °C".replace("+", ""), "conforms"),
        ("minus_40_to_85", "–40–85 °C", "conforms"),
        ("minus_40_to_85", "85 °C to -40 °C, 30 min each", "conforms"),
        ("minus_40_to_85", "40 to 85 °C", "fails"),
        ("room_to_65", "room temperature to 65 °C", "conforms"),
        ("5_to_65", "5/65 °C", "conforms"),
        ("minus_25_to_65", "-25 to 65 °C", "conforms"),
        ("minus_25_to_65", "constant", "fails"),
        ("minus_25_to_65", "hotplate", "undecidable"),
    ],
)
def test_temperature_cycles_are_read(key, words, outcome):
    assert check(key, temperature_control=words) == outcome


@pytest.mark.parametrize(
    ("key", "value", "outcome"),
    [
        ("room", 19, "conforms"),
        ("room", 27, "conforms"),
        ("room", 28, "fails"),
        ("room", "RT", "undecidable"),
        ("elevated", 65, "conforms"),
        ("elevated", 85, "conforms"),
        ("elevated", 75, "fails"),
        ("elevated", None, "undecidable"),
        ("outdoor_temperature", "ambient", "conforms"),
        ("outdoor_temperature", 25, "undecidable"),
    ],
)
def test_temperatures_are_held_against_their_limits(key, value, outcome):
    assert check(key, temperature=value) == outcome


def test_a_thermostat_is_not_outdoors():
    assert check("outdoor_temperature", temperature_control="hot plate") == "fails"


@pytest.mark.parametrize(
    ("key", "conditions", "outcome"),
    [
        ("open_circuit", {"load": "open_circuit"}, "conforms"),
        ("open_circuit", {"load": "none"}, "conforms"),
        ("open_circuit", {"load": "mpp_tracking"}, "fails"),
        ("any_load", {"load": "fixed_voltage"}, "conforms"),
        ("any_load", {"load": "short_circuit"}, "fails"),
        ("any_load", {"load": "something"}, "undecidable"),
        ("mpp", {"load": "mpp_tracking"}, "conforms"),
        ("mpp", {"load": "open_circuit"}, "fails"),
        ("bias", {"load": "fixed_voltage", "load_detail": "at VMPP"}, "conforms"),
        ("bias", {"load": "fixed_voltage", "load_detail": "-Voc"}, "conforms"),
        ("bias", {"load": "fixed_voltage"}, "undecidable"),
        ("bias", {"load": "open_circuit"}, "fails"),
        ("bias", {}, "undecidable"),
    ],
)
def test_loads_are_those_allowed(key, conditions, outcome):
    assert check(key, **conditions) == outcome


@pytest.mark.parametrize(
    ("atmosphere", "outcome"),
    [
        ("N₂", "conforms"),
        ("argon glove box", "conforms"),
        ("ambient air", "fails"),
        ("sealed", "undecidable"),
        (None, "undecidable"),
    ],
)
def test_the_suffix_asks_for_inert_gas_instead_of_humidity(atmosphere, outcome):
    found = verdict("ISOS-L-3I", {"atmosphere": atmosphere})

    assert found["atmosphere"].outcome == outcome
    assert "humidity" not in outcomes(found)


def test_the_best_fitting_protocol_of_a_full_record_is_the_right_one():
    record = {
        "light_source": "solar simulator AM1.5G",
        "intensity": 100.0,
        "temperature": 65.0,
        "relative_humidity": 50.0,
        "load": "mpp_tracking",
    }

    found = best_fitting(record)

    assert [one.protocol for one in found if one.outcome == "conforms"] == [
        "ISOS-L-3",
        "ISOS-L-2",
    ]
    assert found[0].protocol == "ISOS-L-3"
    inert = best_fitting({**record, "relative_humidity": None, "atmosphere": "N2"})
    assert inert[0].protocol == "ISOS-L-3I"
    assert all(one.protocol.endswith("I") for one in inert)


def test_nothing_recorded_fits_nothing_and_a_resistor_no_light_test():
    assert best_fitting({}) == ()
    assert not any(
        one.protocol.startswith(("ISOS-L", "ISOS-O"))
        for one in best_fitting(RESISTOR_RUN)
    )


def test_hot_dark_storage_fits_d_2_without_contradiction():
    found = [one.protocol for one in best_fitting(HOT_DARK_RUN)]

    assert "ISOS-D-2" in found
    assert "ISOS-D-1" not in found
    assert not any(code.startswith("ISOS-L") for code in found)


def test_an_empty_claim_is_none_and_a_wrong_one_is_refused():
    assert claimed_verdict({"isos_protocol": " "}) is None
    with pytest.raises(ValueError, match="no ISOS protocol"):
        claimed_verdict({"isos_protocol": "in-house"})
