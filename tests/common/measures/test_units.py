import math
import subprocess
import sys

import numpy as np
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.common.measures.numbers import Measured
from labdata.common.measures.unit_table import OWN_UNITS, PINT_UNITS, SPELLINGS
from labdata.common.measures.units import (
    UNITS,
    UnitError,
    accepted_units,
    convert,
    convert_uncertainty,
    find_unit,
    parse_measured_quantity,
    parse_quantity,
)


@pytest.fixture(scope="module")
def registry():
    return pint.UnitRegistry()


pint_kinds = pytest.mark.parametrize("kind", PINT_UNITS)


@pint_kinds
def test_the_units_of_a_kind_have_one_dimension(kind, registry):
    dimensions = {
        str(registry.parse_units(expression).dimensionality)
        for expression in PINT_UNITS[kind].values()
    }

    assert len(dimensions) == 1


@pint_kinds
def test_every_unit_converts_to_every_other_of_its_kind_and_back(kind):
    for first in PINT_UNITS[kind]:
        for second in PINT_UNITS[kind]:
            there = convert(37.5, first, second)
            assert convert(there, second, first) == pytest.approx(37.5, rel=1e-12)


@pytest.mark.parametrize("symbol", UNITS)
def test_a_printed_symbol_is_read_as_itself(symbol):
    assert find_unit(symbol).symbol == symbol
    assert find_unit(f" {symbol} ").symbol == symbol


@pytest.mark.parametrize(("spelling", "symbol"), SPELLINGS.items())
def test_special_spellings_lead_to_accepted_units(spelling, symbol):
    assert find_unit(spelling).symbol == symbol


@pytest.mark.parametrize(
    ("spelling", "symbol"),
    [
        ("cm² V⁻¹ s⁻¹", "cm²/V/s"),
        ("cm^2/(V s)", "cm²/V/s"),
        ("cm2 V-1 s-1", "cm²/V/s"),
        ("cm**2/V/s", "cm²/V/s"),
        ("mA cm⁻²", "mA/cm²"),
        ("mA/cm^2", "mA/cm²"),
        ("ohm cm2", "Ω cm²"),
        ("Ω·cm²", "Ω cm²"),
        ("°C min⁻¹", "°C/min"),
        ("degC", "°C"),
        ("℃", "°C"),
        ("Hours", "h"),
        ("sec", "s"),
        ("\u03bcm", "µm"),
        ("um", "µm"),
        ("\u212b", "Å"),
        ("1/Å", "Å⁻¹"),
        ("cm-1", "cm⁻¹"),
        ("h^-1", "1/h"),
        ("wt %", "wt%"),
        ("At. %", "at%"),
        ("Arb. units", "a.u."),
        ("2Theta (deg)", "°2θ"),
        ("TORR", "Torr"),
        ("M", "M"),
        ("", "1"),
    ],
)
def test_usual_spellings_are_understood(spelling, symbol):
    assert find_unit(spelling).symbol == symbol


@pytest.mark.parametrize(
    "text", ["foo", "MW", "u", "1 sun", "/", "((", "nm)", "x" * 50]
)
def test_a_unit_outside_the_table_is_refused(text):
    with pytest.raises(UnitError):
        find_unit(text)


def test_the_refusal_offers_the_unit_that_differs_in_case():
    with pytest.raises(UnitError, match="'MW' is not known here; did you mean mW"):
        find_unit("MW")


@pytest.mark.parametrize(
    ("value", "start", "end", "expected"),
    [
        (350.0, "°C", "K", 623.15),
        (0.0, "°C", "K", 273.15),
        (-40.0, "°F", "°C", -40.0),
        (20.0, "K/min", "°C/min", 20.0),
        (1.0, "atm", "Pa", 101325.0),
        (760.0, "Torr", "atm", 1.0),
        (90.0, "min", "h", 1.5),
        (1.01e-5, "cm²/V/s", "m²/V/s", 1.01e-9),
        (25.57, "mA/cm²", "A/m²", 255.7),
        (890.2, "Å³", "nm³", 0.8902),
        (25.0, "wt%", "1", 0.25),
        (0.25, "1", "wt%", 25.0),
        (50.0, "at%", "1", 0.5),
        (50.0, "mol%", "%", 50.0),
        (50.0, "vol%", "1", 0.5),
        (50.0, "% RH", "1", 0.5),
        (1.0, "% per 1000 h", "%/h", 0.001),
        (1.0, "M", "mmol/L", 1000.0),
    ],
)
def test_known_conversions(value, start, end, expected):
    assert convert(value, start, end) == pytest.approx(expected, rel=1e-12)


def test_an_uncertainty_has_no_offset():
    assert convert_uncertainty(2.0, "°C", "K") == 2.0
    assert convert_uncertainty(9.0, "°F", "°C") == pytest.approx(5.0)


def test_arrays_convert_and_keep_their_gaps():
    celsius = convert(np.array([273.15, np.nan]), "K", "°C")

    assert celsius[0] == pytest.approx(0.0)
    assert np.isnan(celsius[1])


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("wt%", "mol%"),
        ("at%", "atm"),
        ("nm", "eV"),
        ("suns", "mW/cm²"),
        ("°2θ", "°"),
        ("a.u.", "counts"),
        ("counts", "1"),
        ("Hz", "1/s"),
        ("°C", "°C/min"),
    ],
)
def test_units_of_different_kinds_do_not_convert(start, end):
    with pytest.raises(UnitError, match="does not convert"):
        convert(1.0, start, end)


def test_only_units_of_the_same_kind_are_offered():
    assert accepted_units("min")[0] == "min"
    assert "h" in accepted_units("min")
    assert set(accepted_units("wt%")) == {"wt%", "1", "%", "ppm"}
    assert set(accepted_units("suns")) == {"suns"}
    assert "wt%" in accepted_units("1")


@given(st.sampled_from(sorted(UNITS)))
def test_everything_offered_converts(symbol):
    for other in accepted_units(symbol):
        assert math.isfinite(convert(1.0, other, symbol))


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("573 K", "°C", 299.85),
        ("0.5 h", "min", 30.0),
        ("0,5 h", "min", 30.0),
        ("1 atm", "Pa", 101325.0),
        ("20 sccm", "mL/min", 20.0),
        ("20", "mL/min", 20.0),
        (20, "mL/min", 20.0),
        ("25 %", "wt%", 25.0),
        ("84,89 %", "1", 0.8489),
        ("1.33×10⁻³ cm² V⁻¹ s⁻¹", "cm²/V/s", 1.33e-3),
        ("28.3 °2θ", "°2θ", 28.3),
    ],
)
def test_a_quantity_is_read_in_the_declared_unit(text, unit, expected):
    assert parse_quantity(text, unit=unit) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("5 nm", "K", "'5 nm' measures length, temperature is wanted .*°C"),
        ("25 wt%", "mol%", "measures weight fraction"),
        ("5 foo", "nm", "'foo' is not known here .*nm, pm"),
        ("abc", "nm", "'abc' is not a number"),
        ("", "nm", "not a number"),
        ("> 5 h", "h", "without bound"),
        ("5±1 h", "h", "without bound"),
        (math.nan, "h", "finite"),
        (10**400, "h", "finite"),
        (True, "h", "not a number"),
        (None, "h", "not a number"),
        ("1,500 h", "h", "1500 or 1.500"),
    ],
)
def test_refusals_say_what_was_typed_and_what_is_accepted(text, unit, message):
    with pytest.raises(UnitError, match=message):
        parse_quantity(text, unit=unit)


def test_value_and_uncertainty_convert_together():
    measured = parse_measured_quantity("~350 °C ± 2 °C", unit="K")

    assert measured == Measured(pytest.approx(623.15), 2.0, "~", "K")


def test_a_missing_measured_quantity_is_missing():
    assert parse_measured_quantity("n/a", unit="K") is None


def test_own_units_are_not_pint_units():
    own = {symbol for table in OWN_UNITS.values() for symbol in table}

    assert {"wt%", "mol%", "vol%", "at%", "suns", "°2θ", "a.u.", "counts"} <= own


def test_importing_units_does_not_load_pint_or_django():
    code = (
        "import sys, labdata.common.measures.units;"
        "sys.exit(any(name in sys.modules for name in ('pint', 'django', 'celery')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
