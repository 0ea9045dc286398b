import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.formula import (
    CompositionError,
    Constituent,
    convert_basis,
    element_fractions,
    ion_fractions,
    parse_composition,
    parse_formula,
)


def constituents(text, **densities):
    return [
        Constituent(c.name, c.amount, c.formula, density=densities.get(c.key))
        for c in parse_composition(text).components
    ]


COMPOSITE = constituents("(CsPbI3)0.25(agZIF-62)0.75")


def test_weight_becomes_moles_through_molar_masses():
    moles = convert_basis(COMPOSITE, "wt", "mol")

    expected = (0.25 / 720.819) / (0.25 / 720.819 + 0.75 / 212.037)
    assert moles == pytest.approx((expected, 1 - expected), rel=1e-5)


def test_weight_becomes_volume_through_densities():
    dense = [
        Constituent("CsPbI3", 0.25, density=5.38),
        Constituent("agZIF-62", 0.75, density=1.57),
    ]

    volume = convert_basis(dense, "wt", "vol")

    expected = (0.25 / 5.38) / (0.25 / 5.38 + 0.75 / 1.57)
    assert volume == pytest.approx((expected, 1 - expected))


positive = st.floats(0.1, 1000)


@given(
    parts=st.lists(st.tuples(positive, positive, positive), min_size=2, max_size=5),
    start=st.sampled_from(["wt", "mol", "vol"]),
    end=st.sampled_from(["wt", "mol", "vol"]),
)
def test_there_and_back_is_the_same(parts, start, end):
    total = sum(amount for amount, _, _ in parts)
    names = "ABCDE"
    first = [
        Constituent(names[i], amount / total, None, mass, density)
        for i, (amount, mass, density) in enumerate(parts)
    ]

    there = convert_basis(first, start, end)
    second = [
        Constituent(c.name, amount, None, c.molar_mass, c.density)
        for c, amount in zip(first, there, strict=True)
    ]
    back = convert_basis(second, end, start)

    assert sum(there) == pytest.approx(1)
    assert back == pytest.approx([c.amount for c in first])


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("wt", "vol", "density is missing for CsPbI3, glass"),
        ("wt", "mol", "molar mass or formula is missing for glass"),
        ("mol", "wt", "molar mass or formula is missing for glass"),
        ("wt", "area", "basis 'area'"),
    ],
)
def test_missing_data_is_named_with_its_material(start, end, message):
    components = [
        Constituent("CsPbI3", 0.25, parse_formula("CsPbI3")),
        Constituent("glass", 0.75),
    ]

    with pytest.raises(CompositionError, match=message):
        convert_basis(components, start, end)


def test_an_unknown_amount_is_named():
    with pytest.raises(CompositionError, match="amount is missing for CsPbI3"):
        convert_basis([Constituent("CsPbI3", None)], "wt", "mol")


def test_end_members_need_no_data():
    components = [Constituent("CsPbI3", 0.0), Constituent("glass", 1.0)]

    assert convert_basis(components, "wt", "vol") == (0.0, 1.0)


def test_elements_of_a_composite_are_counted_by_atoms():
    fractions = element_fractions(COMPOSITE, "wt")

    perovskite, glass = 0.25 / 720.819, 0.75 / 212.037
    atoms = 5 * perovskite + (1 + 7 + 6.5 + 4) * glass
    assert fractions["Pb"] == pytest.approx(perovskite / atoms, rel=1e-5)
    assert fractions["Zn"] == pytest.approx(glass / atoms, rel=1e-5)
    assert sum(fractions.values()) == pytest.approx(1)


def test_elements_need_a_formula():
    with pytest.raises(CompositionError, match="formula is missing for glass"):
        element_fractions([*COMPOSITE[:1], Constituent("glass", 0.75)], "wt")


def test_atomic_fractions_of_a_formula():
    assert parse_formula("CsPbI3").atomic_fractions == {"Cs": 0.2, "I": 0.6, "Pb": 0.2}


def test_ions_of_one_perovskite_need_no_conversion():
    mixture = [
        Constituent("p", 0.25, parse_formula("CsPbI2.4Br0.6")),
        Constituent("glass", 0.75),
    ]

    assert ion_fractions(mixture, "wt") == {
        "A": {"Cs": 1.0},
        "B": {"Pb": 1.0},
        "X": {"Br": pytest.approx(0.2), "I": pytest.approx(0.8)},
    }


def test_ions_of_several_perovskites_are_weighted_by_moles():
    by_moles = ion_fractions(constituents("(CsPbI3)0.5(CsPbBr3)0.5"), "mol")
    by_weight = ion_fractions(constituents("(CsPbI3)0.5(CsPbBr3)0.5"), "wt")

    iodide = (0.5 / 720.819) / (0.5 / 720.819 + 0.5 / 579.817)
    assert by_moles["X"]["I"] == pytest.approx(0.5)
    assert by_weight["X"]["I"] == pytest.approx(iodide, rel=1e-4)


def test_an_unknown_ratio_of_one_perovskite_still_has_its_ions():
    fractions = ion_fractions(constituents("(CsPbI3)(agZIF-62)"), "wt")

    assert fractions["A"] == {"Cs": 1.0}


def test_an_unknown_ratio_of_two_perovskites_has_none():
    with pytest.raises(CompositionError, match="amount is missing"):
        ion_fractions(constituents("(CsPbI3)(MAPbBr3)"), "mol")


@pytest.mark.parametrize("text", ["agZIF-62", "(CsPbI3)0(agZIF-62)1", "PbI2"])
def test_without_perovskite_there_are_no_ions(text):
    assert ion_fractions(constituents(text), "wt") == {}
