"""Titles give their unit, however it is put there."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.common.measures.units import UNITS
from labdata.common.text.title import (
    is_unit_row,
    parse_unit,
    split_brackets,
    split_title,
)


@pytest.mark.parametrize(
    ("title", "name", "unit"),
    [
        ("Wavelength (nm)", "Wavelength", "nm"),
        ("λ [nm]", "λ", "nm"),
        ("Energy / eV", "Energy", "eV"),
        ("wavelength_nm", "wavelength", "nm"),
        ('"Wavelength, nm"', "Wavelength", "nm"),
        ("# Wavelength in nm", "Wavelength", "nm"),
        ("Flux (photons/(s cm² nm))", "Flux", "photons/(s cm² nm)"),
        ("Sample A", "Sample A", ""),
        ("PL intensity", "PL intensity", ""),
        ("spot_2", "spot_2", ""),
        ("J_1", "J_1", ""),
        ("cell_A1", "cell_A1", ""),
        ("dose (total) [mg]", "dose (total)", "mg"),
        ("PCE [%] pixel B", "PCE pixel B", "%"),
        ("PCE (A) (%)", "PCE (A) (%)", ""),
        ("U [V]/Exposure [h]", "U [V]/Exposure [h]", ""),
        ("J (mA/cm2) (1)", "J (1)", "mA/cm2"),
        ("J / mA cm-2", "J", "mA cm-2"),
        ("J_light_mA_per_cm2", "J_light", "mA_per_cm2"),
        ("EQE %", "EQE", "%"),
        ("J_sc [mA/cm2]:", "J_sc", "mA/cm2"),
        ("Sample (old)", "Sample", "old"),
        ("empty []", "empty", ""),
        ("ratio [", "ratio [", ""),
        ("step ]", "step ]", ""),
        ("", "", ""),
    ],
)
def test_titles_are_taken_apart(title, name, unit):
    read = split_title(title)

    assert (read.text, read.name, read.unit_text) == (title, name, unit)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("nm", "nm"),
        ("NM", "nm"),
        ("[µm]", "µm"),
        ("um", "µm"),
        ("cm-1", "cm⁻¹"),
        ("counts", "1"),
        ("Arb. units", "1"),
        ("photons/(s cm² nm)", "1/s/cm²/nm"),
        ("pct.", "%"),
        ("Ωcm2", "Ω cm²"),
        ("mA_per_cm2", "mA/cm²"),
        ("mA_cm2", "mA/cm²"),
        ("furlong", None),
        ("A1", None),
        ("", None),
    ],
)
def test_units_are_accepted_as_instruments_write_them(text, unit):
    assert parse_unit(text) == unit


@given(
    st.text("abcdefghijklmnop qrs", min_size=2, max_size=20)
    .map(str.strip)
    .filter(lambda name: len(name) > 1 and parse_unit(name.split()[-1]) is None),
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(["{} ({})", "{} [{}]", "{}({})", "{} / {}", "{} in {}", "{}, {}"]),
)
def test_any_unit_comes_back_however_it_is_put(name, unit, style):
    read = split_title(style.format(name, unit))

    assert (read.name, read.unit) == (name, parse_unit(unit))


def test_a_unit_that_does_not_go_with_the_name_is_a_label():
    def is_ratio(name, unit):
        return unit == "%"

    assert split_title("pce_A", is_ratio).name == "pce_A"
    assert split_title("pce_A").unit == "A"
    # A slash announces a unit, be it the wrong one.
    assert split_title("pce / A", is_ratio).unit == "A"
    assert split_title("x_% (A)", is_ratio).unit == "A"
    assert split_title("PCE (A) (%)", is_ratio).name == "PCE (A)"


@pytest.mark.parametrize(
    ("text", "name", "inside"),
    [
        ("time [s]", "time", "s"),
        ("flow(mL/min)", "flow", "mL/min"),
        ("dose (total) [mg]", "dose (total)", "mg"),
        ("flux [1/(s cm²)]", "flux", "1/(s cm²)"),
        ("PCE [%] B", "PCE [%] B", ""),
        ("x", "x", ""),
    ],
)
def test_brackets_at_the_end_hold_whatever_they_hold(text, name, inside):
    assert split_brackets(text) == (name, inside)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["nm", "a.u."], True),
        (["[V]", "", "[mA/cm²]"], True),
        (["V", "1"], True),
        (["Wavelength", "nm"], False),
        (["", ""], False),
    ],
)
def test_a_row_of_units_holds_units_alone(fields, expected):
    assert is_unit_row(fields) is expected


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "()" * 50_000, "_" * 100_000, " " * 100_000 + "x", "a_" * 5_000],
)
def test_a_title_as_long_as_a_file_is_read_at_once(text):
    began = time.process_time()

    split_title(text)
    split_brackets(text)

    assert time.process_time() - began < 1
