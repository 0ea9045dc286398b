import pytest

from samples.formula import parse_formula, site_text


def test_ions_are_sorted_into_sites_alphabetically():
    sites = parse_formula("Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3").sites

    assert list(sites.A.items()) == [
        ("Cs", 0.05),
        ("FA", pytest.approx(0.931)),
        ("MA", pytest.approx(0.019)),
    ]
    assert sites.B == {"Pb": 1}
    assert list(sites.X.items()) == [
        ("Br", pytest.approx(0.06)),
        ("I", pytest.approx(2.94)),
    ]
    assert sites.totals == {"A": 1, "B": 1, "X": 3}
    assert sites.fractions["X"]["I"] == pytest.approx(0.98)


def test_an_alloy_of_formulas_has_the_sites_of_the_compound():
    alloy = parse_formula("(FAPbI3)0.95(MAPbBr3)0.05").sites

    assert alloy == parse_formula("FA0.95MA0.05PbI2.85Br0.15").sites


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("CsPbI3", "ABX3"),
        ("CsPbI2.98Br0.02", "ABX3"),
        ("Cs2AgBiBr6", "ABX3"),
        ("Cs2SnI6", "A2BX6"),
        ("(PEA)2PbI4", "layered"),
        ("BA2MA2Pb3I10", "layered"),
        ("Cs4PbBr6", "other"),
        ("CsPb2Br5", "other"),
        ("FAPbI3·0.5DMF", "ABX3"),
    ],
)
def test_perovskites_are_told_by_stoichiometry(text, structure):
    assert parse_formula(text).sites.structure == structure


@pytest.mark.parametrize(
    "text", ["PbI2", "CsI", "agZIF-62", "TiO2", "SrTiO3", "C60", "PbI2·DMSO", "CuSO4"]
)
def test_what_has_no_three_sites_is_no_halide_perovskite(text):
    assert parse_formula(text).sites is None


@pytest.mark.parametrize(
    ("text", "is_halide_salt", "is_substance", "is_ion"),
    [
        ("CsPbI3", True, True, False),
        ("PbI2", True, True, False),
        ("MAI", True, True, False),
        ("PbI2·DMSO", True, True, False),
        ("TiO2", False, True, False),
        ("agZIF-62", False, True, False),
        ("NH4", False, False, True),
        ("SO4", False, False, True),
        ("PbI4", True, False, True),
        ("C60", False, False, False),
    ],
)
def test_salts_substances_and_ions_are_told_apart(
    text, is_halide_salt, is_substance, is_ion
):
    formula = parse_formula(text)

    assert formula.is_halide_salt is is_halide_salt
    assert formula.is_substance is is_substance
    assert formula.is_ion is is_ion


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("FA0.95Cs0.05PbI3", "Cs0.05FA0.95PbI3"),
        ("CH3NH3PbI3", "MAPbI3"),
        ("(FAPbI3)0.95(MAPbBr3)0.05", "MA0.05FA0.95Pb(I0.95Br0.05)3"),
    ],
)
def test_spellings_of_one_perovskite_agree_by_sites(first, second):
    texts = {site_text(parse_formula(text)) for text in (first, second)}

    assert len(texts) == 1


def test_site_text_reads_back_as_the_same_compound():
    formula = parse_formula("Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3")

    again = parse_formula(site_text(formula))

    assert site_text(formula) == "Cs0.05FA0.931MA0.019PbBr0.06I2.94"
    assert again.sites == formula.sites
    assert site_text(parse_formula("agZIF-62")) is None
