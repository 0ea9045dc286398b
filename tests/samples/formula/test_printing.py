import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.formula import (
    BLOCKS,
    composition_html,
    composition_text,
    parse_composition,
    parse_formula,
    to_html,
    to_text,
    to_unicode,
)
from samples.formula.blocks import ELEMENT_MASSES, MATERIALS

symbols = st.sampled_from([*sorted(ELEMENT_MASSES), *sorted({*BLOCKS} - MATERIALS)])
counts = st.one_of(
    st.just(""),
    st.integers(2, 40).map(str),
    st.integers(1, 999).map(lambda n: f"0.{n:03d}"),
    st.integers(1, 9).map(lambda n: f"{n}.50"),
)
atoms = st.tuples(symbols, counts).map(
    # A block that ends in a number takes its own number in brackets.
    lambda pair: f"({pair[0]}){pair[1]}" if pair[0][-1].isdigit() else "".join(pair)
)


def tidy(pieces):
    """Join pieces with an explicit 1, so that symbols cannot run together."""
    return "".join(re.sub(r"(?<![\d.])$", "1", piece) for piece in pieces)


flat = st.lists(atoms, min_size=1, max_size=4).map(tidy)
formulas = st.one_of(
    flat,
    st.builds("{0}({1}[{2}]){3}".format, flat, flat, flat, counts.filter(bool)),
    st.builds("{0}·2{1}".format, flat, flat),
)


@given(formulas)
def test_printing_what_was_read_is_stable(text):
    formula = parse_formula(text)
    printed = to_text(formula)

    again = parse_formula(printed)

    assert to_text(again) == printed
    assert again.exact_elements == formula.exact_elements


@given(formulas)
def test_html_and_unicode_read_back_as_the_same_formula(text):
    formula = parse_formula(text)

    assert parse_formula(to_html(formula)).exact_elements == formula.exact_elements
    assert parse_formula(to_unicode(formula)).exact_elements == formula.exact_elements


@pytest.mark.parametrize(
    ("text", "printed", "html", "unicode"),
    [
        (
            "Cs0.050FA0.950PbI3.0",
            "Cs0.05FA0.95PbI3",
            "Cs<sub>0.05</sub>FA<sub>0.95</sub>PbI<sub>3</sub>",
            "Cs₀.₀₅FA₀.₉₅PbI₃",
        ),
        (
            "CuSO4.5H2O",
            "CuSO4·5H2O",
            "CuSO<sub>4</sub>·5H<sub>2</sub>O",
            "CuSO₄·5H₂O",
        ),
        ("a_gZIF-62", "agZIF-62", "a<sub>g</sub>ZIF-62", "agZIF-62"),
        (
            "(NH4)2SO4",
            "(NH4)2SO4",
            "(NH<sub>4</sub>)<sub>2</sub>SO<sub>4</sub>",
            "(NH₄)₂SO₄",
        ),
        ("P1EA", "P1EA", "P<sub>1</sub>EA", "P₁EA"),
        ("N1iPr2", "N1iPr2", "N<sub>1</sub>iPr<sub>2</sub>", "N₁iPr₂"),
    ],
)
def test_formulas_print_in_three_ways(text, printed, html, unicode):
    formula = parse_formula(text)

    assert to_text(formula) == printed
    assert to_html(formula) == html
    assert to_unicode(formula) == unicode


@pytest.mark.parametrize(
    ("text", "printed", "html", "unicode"),
    [
        (
            "(CsPbI3)(a_gZIF-62)(25/75)",
            "(CsPbI3)0.25(a_gZIF-62)0.75",
            "(CsPbI<sub>3</sub>)<sub>0.25</sub>(a<sub>g</sub>ZIF-62)<sub>0.75</sub>",
            "(CsPbI₃)₀.₂₅(agZIF-62)₀.₇₅",
        ),
        (
            "25 mol% CsPbI3 / agZIF-62",
            "25 mol% CsPbI3 / 75 mol% agZIF-62",
            "25 mol% CsPbI<sub>3</sub> / 75 mol% a<sub>g</sub>ZIF-62",
            "25 mol% CsPbI₃ / 75 mol% agZIF-62",
        ),
        (
            "CsPbI3 / agZIF-62",
            "(CsPbI3)(agZIF-62)",
            "(CsPbI<sub>3</sub>)(a<sub>g</sub>ZIF-62)",
            "(CsPbI₃)(agZIF-62)",
        ),
        ("CsPbI3", "CsPbI3", "CsPbI<sub>3</sub>", "CsPbI₃"),
    ],
)
def test_compositions_print_in_three_ways(text, printed, html, unicode):
    parsed = parse_composition(text)

    assert to_text(parsed) == printed
    assert to_html(parsed) == html
    assert to_unicode(parsed) == unicode


def test_html_of_a_name_is_escaped():
    html = composition_html([("<img src=x>", 0.5), ("CsPbI3", 0.5)], "wt")

    assert html == (
        "(&lt;img src=x&gt;)<sub>0.5</sub>(CsPbI<sub>3</sub>)<sub>0.5</sub>"
    )


names = st.sampled_from(
    [
        *["CsPbI3", "agZIF-62", "PbI2·DMSO", "MAPbBr3", "TiO2", "(PEA)2PbI4"],
        *["CbzNaph", "my glass", "a/b", "poly(vinyl alcohol)"],
        *["Im", "SO4", "NH4", "C60", "Pb(SCN)2"],
    ]
)


@given(
    chosen=st.lists(names, min_size=2, max_size=5, unique=True),
    weights=st.lists(st.integers(1, 1000), min_size=5, max_size=5),
    basis=st.sampled_from(["wt", "mol", "vol"]),
    known=st.booleans(),
)
def test_a_printed_composition_reads_back(chosen, weights, basis, known):
    total = sum(weights[: len(chosen)])
    amounts = [
        round(weight / total, 6) if known else None for weight in weights[: len(chosen)]
    ]
    components = list(zip(chosen, amounts, strict=True))

    printed = composition_text(components, basis)
    read = parse_composition(printed)

    assert [c.name for c in read.components] == chosen
    assert [c.amount for c in read.components] == [
        amount if amount is None else pytest.approx(amount, abs=1e-9)
        for amount in amounts
    ]
    if known:
        assert read.basis == basis
    assert to_text(read) == printed or not known
