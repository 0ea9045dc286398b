import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.formula import (
    BLOCKS,
    CompositionError,
    FormulaError,
    block_formula,
    parse_formula,
)
from samples.formula.blocks import ELEMENT_MASSES, SPELLINGS

GROUPS = {"Ti": 32, "O": 128, "C": 176, "H": 352}


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("CsPbI3", {"Cs": 1, "Pb": 1, "I": 3}),
        (
            "Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3",
            {
                "Cs": 0.05,
                "C": 0.95,
                "H": 0.931 * 5 + 0.019 * 6,
                "N": 0.931 * 2 + 0.019,
                "Pb": 1,
                "I": 2.94,
                "Br": 0.06,
            },
        ),
        ("CsPbI2.98Br0.02", {"Cs": 1, "Pb": 1, "I": 2.98, "Br": 0.02}),
        (
            "Cs₀.₀₅FA₀.₉₅PbI₃",
            {"Cs": 0.05, "C": 0.95, "H": 4.75, "N": 1.9, "Pb": 1, "I": 3},
        ),
        ("[Ti32O16(OC2H4O)32(C4H9CO2)16(C2H5O)16]", GROUPS),
        ("CTOC", GROUPS),
        (
            "Ti32O16(OC2H4O)32(C4H9CO2)8(PhCO2)8(C2H5O)16",
            {"Ti": 32, "O": 128, "C": 192, "H": 320},
        ),
        (
            "Ti32O16(OC2H4O)32(C4H9CO2)8(p-FPhCO2)8(C2H5O)16",
            {"Ti": 32, "O": 128, "C": 192, "H": 312, "F": 8},
        ),
        (
            "Ti32O16(OC2H4O)32(C4H9CO2)8(C6F5CO2)8(C2H5O)16",
            {"Ti": 32, "O": 128, "C": 192, "H": 280, "F": 40},
        ),
        ("CuSO4.5H2O", {"Cu": 1, "S": 1, "O": 9, "H": 10}),
        ("CuSO4*5H2O", {"Cu": 1, "S": 1, "O": 9, "H": 10}),
        ("CuSO4·5H2O", {"Cu": 1, "S": 1, "O": 9, "H": 10}),
        ("CaSO4.0.5H2O", {"Ca": 1, "S": 1, "O": 4.5, "H": 1}),
        ("PbI2·DMSO", {"Pb": 1, "I": 2, "C": 2, "H": 6, "O": 1, "S": 1}),
        ("PbI2.DMSO", {"Pb": 1, "I": 2, "C": 2, "H": 6, "O": 1, "S": 1}),
        ("agZIF-62", {"Zn": 1, "C": 7, "H": 6.5, "N": 4}),
        ("a_gZIF-62", {"Zn": 1, "C": 7, "H": 6.5, "N": 4}),
        ("a<sub>g</sub>ZIF-62", {"Zn": 1, "C": 7, "H": 6.5, "N": 4}),
        ("a-ZIF-62", {"Zn": 1, "C": 7, "H": 6.5, "N": 4}),
        ("Zn(Im)1.75(bIm)0.25", {"Zn": 1, "C": 7, "H": 6.5, "N": 4}),
        ("Ti(OiPr)4", {"Ti": 1, "O": 4, "C": 12, "H": 28}),
        ("Et3N", {"C": 6, "H": 15, "N": 1}),
        ("CH3NH3PbI3", {"C": 1, "N": 1, "H": 6, "Pb": 1, "I": 3}),
        ("(PEA)2PbI4", {"C": 16, "H": 24, "N": 2, "Pb": 1, "I": 4}),
        (
            "BA2MA2Pb3I10",
            {"C": 10, "H": 36, "N": 4, "Pb": 3, "I": 10},
        ),
        ("Cs.05FA.95PbI3", {"Cs": 0.05, "C": 0.95, "H": 4.75, "N": 1.9}),
        ("Cs0,05Rb0,95PbI3", {"Cs": 0.05, "Rb": 0.95, "Pb": 1, "I": 3}),
        (r"$\text{CsPbI}_{3}$", {"Cs": 1, "Pb": 1, "I": 3}),
        ("CsPb I3", {"Cs": 1, "Pb": 1, "I": 3}),
        ("CsPbI3Br0", {"Cs": 1, "Pb": 1, "I": 3}),
        ("{[Cs(Pb)]I3}2", {"Cs": 2, "Pb": 2, "I": 6}),
        ("C60", {"C": 60}),
    ],
)
def test_formulas_of_the_field_are_read(text, elements):
    found = parse_formula(text).elements

    for element, count in elements.items():
        assert found[element] == pytest.approx(count, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "grams_per_mole"),
    [
        ("CsPbI3", 720.82),
        ("MAPbI3", 619.98),
        ("FAPbI3", 632.98),
        ("PbI2", 461.01),
        ("CsI", 259.81),
        ("MAI", 158.97),
        ("FAI", 171.97),
        ("CuSO4·5H2O", 249.69),
        ("DMSO", 78.13),
        ("DMF", 73.09),
        ("Et3N", 101.19),
        ("Ti(OiPr)4", 284.22),
        ("C60", 720.66),
        ("ZIF-8", 227.58),
        ("C6F5CO2H", 212.07),
        ("PEAI", 249.09),
        ("BAI", 201.05),
        ("GUAI", 186.98),
        ("LiTFSI", 287.09),
        ("Pb(SCN)2", 323.36),
        ("NH4Cl", 53.49),
        ("Ti(acac)2(OiPr)2", 364.26),
    ],
)
def test_molar_masses_agree_with_the_bottle(text, grams_per_mole):
    assert parse_formula(text).molar_mass == pytest.approx(grams_per_mole, abs=0.03)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("Q", "unknown symbol 'Q' at position 1"),
        ("CsPbQ3", "unknown symbol 'Q' at position 5 of 'CsPbQ3'"),
        ("CsPbBR3", r"unknown symbol 'R' .*at position 6"),
        ("FAM", r"unknown symbol 'M' .*at position 3"),
        ("agzif-62", r"unknown symbol 'agzif' \(did you mean agZIF-62\?\)"),
        ("AgZIF-62", "ZIF-62 is a material: it stands alone"),
        ("CsPbI3agZIF-62", "agZIF-62 is a material"),
        ("(CsPbI3)0.25(agZIF-62)0.75", "agZIF-62 is a material"),
        ("CsxPbI3", "amount 'x' is not a number"),
        ("Cs1-xFAxPbI3", "amount '1-x' is not a number.* at position 3"),
        ("CsPbI3-xBrx", "amount '3-x' is not a number.* at position 6"),
        ("CsPbI3-δ", "amount '3-δ' is not a number"),
        ("CsPbIδ", "amount 'δ' is not a number"),
        ("(CsPbI3", "'\\(' is not closed at position 1"),
        ("CsPbI3)", "closes nothing at position 7"),
        ("Cs(Pb]I3", "is not closed at position 3"),
        ("Cs()", "brackets are empty"),
        ("Pb²⁺", "charges and isotopes"),
        ("Pb<sup>2+</sup>", "charges and isotopes"),
        ("Pb$^{2+}$", "charges and isotopes"),
        ("2PbI2", "does not begin with a number"),
        ("PbI2·0DMSO", "amount zero"),
        ("Cs0", "zero"),
        ("CsPbI3·", "ends where an element is expected at position 8"),
        ("Cs-PbI3", "unexpected '-' at position 3"),
        ("Cs<script>", "unexpected '<'"),
        ("Cs\\", "unexpected"),
        ("CsPbI99999999", "too large"),
        ("(" * 20 + "Cs" + ")" * 20, "nested deeper"),
        ("agZIF-622", "unknown symbol 'ag'"),
        ("CsPbI3" * 100, "at most 500 characters"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text, message):
    with pytest.raises(CompositionError, match=message):
        parse_formula(text)


def test_the_error_carries_the_position():
    with pytest.raises(FormulaError) as caught:
        parse_formula("CsPbQ3")

    assert (caught.value.position, caught.value.text) == (5, "CsPbQ3")


def test_formamidinium_is_not_fluorine():
    assert "F" not in parse_formula("FAPbI3").elements
    assert "F" in parse_formula("CsPbF3").elements


def test_fluorine_replaces_a_hydrogen_of_phenyl():
    assert parse_formula("FPhCO2H").elements == {"C": 7, "F": 1, "H": 5, "O": 2}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=lambda block: block.symbol)
def test_every_block_has_the_mass_of_its_formula(block):
    inside = block_formula(block.symbol)

    assert inside.molar_mass > 10
    for spelling in (block.symbol, *block.spellings):
        assert parse_formula(spelling).elements == inside.elements


@pytest.mark.parametrize(
    ("spelling", "written_apart"),
    [
        ("CH3NH3", "C1H3N1H3"),
        ("HC(NH2)2", "H1C1(N1H2)2"),
        ("C(NH2)3", "C1(N1H2)3"),
        ("(CH3)2NH2", "(C1H3)2N1H2"),
        ("C4H9NH3", "C4H9N1H3"),
        ("CH3(CH2)3NH3", "C1H3(C1H2)3N1H3"),
        ("C6H5C2H4NH3", "C6H5C2H4N1H3"),
        ("C6H5CH2NH3", "C6H5C1H2N1H3"),
        ("CH3COO", "C1H3C1O1O1"),
        ("HCOO", "H1C1O1O1"),
        ("NH4", "N1H4"),
        ("SCN", "S1C1N1"),
        ("BF4", "B1F4"),
        ("PF6", "P1F6"),
        ("p-FPh", "C6H4F1"),
        ("acac", "C1H3C1O1C1H1C1O1C1H3"),
    ],
)
def test_ions_hold_the_atoms_they_spell(spelling, written_apart):
    assert spelling in SPELLINGS

    elements = parse_formula(spelling).elements

    assert elements == parse_formula(written_apart).elements


def test_materials_state_where_an_assumed_ratio_comes_from():
    assert "doi" in BLOCKS["agZIF-62"].source
    assert "CCDC 2312102" in BLOCKS["CTOCPh-5F"].source


@given(st.text(max_size=30))
def test_any_text_is_a_formula_or_a_clear_refusal(text):
    try:
        formula = parse_formula(text)
    except CompositionError as error:
        assert str(error)
    else:
        assert formula.molar_mass > 0


@given(st.lists(st.sampled_from(sorted(ELEMENT_MASSES)), min_size=1, max_size=6))
def test_elements_with_numbers_are_never_confused(symbols):
    formula = parse_formula("".join(f"{symbol}2" for symbol in symbols))

    assert sum(formula.elements.values()) == 2 * len(symbols)
    assert set(formula.elements) == set(symbols)
