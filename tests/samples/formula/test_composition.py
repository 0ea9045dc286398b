import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.formula import (
    CompositionError,
    FormulaError,
    check_amounts,
    parse_basis,
    parse_composition,
)

CSPBI3_GLASS = [("CsPbI3", 0.25), ("agZIF-62", 0.75)]


def pairs(parsed):
    return [
        (c.keys[-1], c.amount if c.amount is None else pytest.approx(c.amount))
        for c in parsed.components
    ]


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("(CsPbI3)0.25(agZIF-62)0.75", "groups"),
        ("(CsPbI₃)₀.₂₅(agZIF-62)₀.₇₅", "groups"),
        ("(CsPbI3)0,25(agZIF-62)0,75", "groups"),
        ("(CsPbI3)25(agZIF-62)75", "groups"),
        ("(CsPbI3)25%(agZIF-62)75%", "groups"),
        ("[CsPbI3]0.25 [a-ZIF-62]0.75", "groups"),
        (
            "(CsPbI<sub>3</sub>)<sub>0.25</sub>(a<sub>g</sub>ZIF-62)<sub>0.75</sub>",
            "groups",
        ),
        (r"$(\text{CsPbI}_3)_{0.25}(\text{a}_g\text{ZIF-62})_{0.75}$", "groups"),
        (r"$(\text{CsPbI}_3)(\text{a}_g\text{ZIF-62})(25/75)$", "mixture"),
        ("(CsPbI3)(agZIF-62)(25/75)", "mixture"),
        ("(CsPbI<sub>3</sub>) (a<sub>g</sub>ZIF-62) (25/75)", "mixture"),
        ("(CsPbI3)(agZIF-62)(0.25/0.75)", "mixture"),
        ("(CsPbI3)(agZIF-62)(1:3)", "mixture"),
        ("25 wt% CsPbI3 / agZIF-62", "list"),
        ("25 wt.% CsPbI3 / 75 wt.% agZIF-62", "list"),
        ("CsPbI3 25 wt%, agZIF-62 75 wt%", "list"),
        ("25 wt% CsPbI3 in agZIF-62", "list"),
        ("0.25 CsPbI3 + 0.75 agZIF-62", "list"),
    ],
)
def test_both_notations_of_the_composites_give_weight_fractions(text, style):
    parsed = parse_composition(text)

    assert pairs(parsed) == CSPBI3_GLASS
    assert (parsed.basis, parsed.style, parsed.formula) == ("wt", style, None)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (f"(CsPbI3){x:.2f}(agZIF-62){1 - x:.2f}", x)
        for x in (0, 0.01, 0.05, 0.10, 0.25, 0.40, 0.50, 0.55, 0.70, 0.75, 0.85, 1)
    ],
)
def test_the_whole_series_with_its_end_members_is_read(text, first):
    parsed = parse_composition(text)

    assert [c.amount for c in parsed.components] == pytest.approx([first, 1 - first])


@pytest.mark.parametrize(
    "text", ["(CsPbI3)(agZIF-62)", "CsPbI3 / agZIF-62", "CsPbI3/agZIF-62"]
)
def test_amounts_may_be_unknown(text):
    parsed = parse_composition(text)

    assert pairs(parsed) == [("CsPbI3", None), ("agZIF-62", None)]


def test_groups_of_perovskites_are_an_alloy_by_moles():
    parsed = parse_composition("(FAPbI3)0.95(MAPbBr3)0.05")

    assert (parsed.basis, parsed.style) == ("mol", "alloy")
    assert parsed.formula.sites.A == {"FA": 0.95, "MA": 0.05}
    assert pairs(parsed) == [("FAPbI3", 0.95), ("MAPbBr3", 0.05)]


def test_solvates_mix_by_moles_but_form_no_compound():
    parsed = parse_composition("(PbI2·DMSO)0.5(CsPbI3)0.5")

    assert (parsed.basis, parsed.formula) == ("mol", None)


def test_the_basis_of_groups_can_be_overridden():
    by_weight = parse_composition("(FAPbI3)0.95(MAPbBr3)0.05", basis="wt")
    by_moles = parse_composition("(CsPbI3)0.25(agZIF-62)0.75", basis="mol")

    assert (by_weight.basis, by_weight.formula) == ("wt", None)
    assert by_moles.basis == "mol"


def test_a_basis_in_the_text_wins_over_the_default_and_must_agree_with_the_caller():
    parsed = parse_composition("25 mol% CsPbI3 / agZIF-62")

    assert (parsed.basis, parsed.basis_stated) == ("mol", True)
    with pytest.raises(CompositionError, match="states mol%"):
        parse_composition("25 mol% CsPbI3 / agZIF-62", basis="wt")


@pytest.mark.parametrize(
    "text",
    [
        "Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3",
        "CsPbI2.98Br0.02",
        "(PEA)2PbI4",
        "(PEA)2(PbI4)",
        "(NH4)2(SO4)",
        "(Cs)0.5(FA)0.5",
        "PbI2·DMSO",
        "Zn(Im)1.75(bIm)0.25",
        "Ti(OiPr)4",
    ],
)
def test_a_formula_is_one_component_by_moles(text):
    parsed = parse_composition(text)

    assert (parsed.basis, parsed.style) == ("mol", "formula")
    assert str(parsed.formula) == text
    assert [(c.name, c.amount) for c in parsed.components] == [(text, 1.0)]


def test_a_named_material_is_one_component_by_weight():
    parsed = parse_composition("a-ZIF-62")

    assert (parsed.basis, parsed.style) == ("wt", "material")
    assert parsed.components[0].keys == ("a-ZIF-62", "agZIF-62")


def test_a_name_that_is_no_formula_is_accepted_when_the_lab_knows_it():
    with pytest.raises(FormulaError, match="'Cbz'"):
        parse_composition("CbzNaph")

    parsed = parse_composition("CbzNaph", known_materials={"CbzNaph"})

    assert (parsed.style, parsed.components[0].name) == ("material", "CbzNaph")


def test_names_in_groups_are_handed_through_as_written():
    parsed = parse_composition("(CsPbI3)0.25(my new_glass)0.75")

    unknown = parsed.components[1]
    assert (unknown.name, unknown.key, unknown.formula) == (
        "my new_glass",
        "mynewglass",
        None,
    )


def test_nested_brackets_belong_to_the_component():
    parsed = parse_composition("(Cs0.05(FA0.98MA0.02)0.95PbI3)0.25(agZIF-62)0.75")

    assert parsed.components[0].name == "Cs0.05(FA0.98MA0.02)0.95PbI3"
    assert parsed.basis == "wt"


def test_a_perovskite_goes_by_all_its_spellings():
    component = parse_composition("(CH3NH3PbI3)0.5(agZIF-62)0.5").components[0]

    assert component.keys == ("CH3NH3PbI3", "MAPbI3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(CsPbI3)0.55(agZIF-62)0.75", "fractions sum to 1.30, not 1"),
        ("(CsPbI3)0.244(agZIF-62)0.75", "fractions sum to 0.9940, not 1"),
        ("(CsPbI3)65(agZIF-62)65", "percentages sum to 130, not 100"),
        ("(CsPbI3)(agZIF-62)(25/85)", "percentages sum to 110, not 100"),
        ("(CsPbI3)(agZIF-62)(1/3)", "fractions sum to 4.00"),
        ("(CsPbI3)x(agZIF-62)1-x", "amount 'x' of CsPbI3 is not a number"),
        ("(CsPbI3)X(agZIF-62)Y", "amount 'X' of CsPbI3"),
        ("(CsPbI3)0.25(agZIF-62)1-x", "amount '1-x' of agZIF-62"),
        (r"$(\text{CsPbI}_3)_x(\text{agZIF-62})_{1-x}$", "amount 'x' of CsPbI3"),
        ("(CsPbI3)(agZIF-62)(X/Y)", "amounts 'X/Y' are not numbers"),
        ("(CsPbI3)(agZIF-62)(25/70/5)", "2 materials .* but 3 amounts"),
        ("(CsPbI3)0.25(agZIF-62)", "agZIF-62 has no amount"),
        ("(CsPbI3)0.5(CsPbI3)0.5", "named twice"),
        ("()0.5(CsPbI3)0.5", "no name"),
        ("120 wt% CsPbI3 / agZIF-62", "sum to 1.20 before the rest"),
        ("25 wt% CsPbI3", "one material only"),
        ("25 wt% CsPbI3 / 75 mol% agZIF-62", "mixes mol and wt"),
        ("25 wt% CsPbI3 / 0.75 agZIF-62", "mixes percentages and fractions"),
        ("25 xx% CsPbI3 / agZIF-62", "basis 'xx'"),
        ("25 wt% CsPbI3 //", "empty place"),
        ("", "empty"),
        ("(CsPbI3)-0.3(agZIF-62)1.3", "unexpected '-'"),
        ("CsPbI3)0.01(agZIF-62)0.99", "closes nothing"),
        ("(CsPbI3)0.25(agZIF-62", "agZIF-62 is a material|not closed"),
        ("CsPbQ3", "unknown symbol 'Q' at position 5"),
    ],
)
def test_what_is_wrong_is_said(text, message):
    with pytest.raises(CompositionError, match=message):
        parse_composition(text)


def test_a_sum_within_the_tolerance_is_kept_as_written():
    parsed = parse_composition("(CsPbI3)0.333(CsPbBr3)0.333(CsPbCl3)0.333")

    assert [c.amount for c in parsed.components] == [0.333] * 3


@pytest.mark.parametrize(
    ("amounts", "message"),
    [
        ([0.5, -0.5], "amount of B is -0.5"),
        ([0.5, float("nan")], "amount of B is nan"),
        ([0.5, float("inf")], "amount of B is inf"),
        ([0.5, 10**400], "amount of B is 1000000"),
        ([0.5, None], "B has no amount"),
        ([0.65, 0.65], "fractions sum to 1.30, not 1"),
        ([0.0, 0.0], "fractions sum to 0.00, not 1"),
    ],
)
def test_amounts_given_as_numbers_are_checked_alike(amounts, message):
    with pytest.raises(CompositionError, match=message):
        check_amounts(["A", "B"], amounts)


def test_a_composition_needs_components():
    with pytest.raises(CompositionError, match="at least one"):
        check_amounts([], [])


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("wt%", "wt"),
        ("Weight", "wt"),
        ("mol", "mol"),
        ("vol.%", "vol"),
        ("mole", "mol"),
    ],
)
def test_a_basis_has_several_names(text, basis):
    assert parse_basis(text) == basis


@given(st.text(alphabet="()[]CsPbI3.x/%wt 0125-+:agZIF", max_size=40))
def test_any_text_is_a_composition_or_a_clear_refusal(text):
    try:
        parsed = parse_composition(text)
    except CompositionError as error:
        assert str(error)
        return
    amounts = [c.amount for c in parsed.components]
    assert None in amounts or sum(amounts) == pytest.approx(1, abs=0.0051)
