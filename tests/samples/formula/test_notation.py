import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.formula import normalise_name, plain_text


@pytest.mark.parametrize(
    "text",
    [
        "agZIF-62",
        "a_gZIF-62",
        "a_g ZIF-62",
        "a<sub>g</sub>ZIF-62",
        "ag ZIF\u201162",
        "agZIF\u221262",
        "agZIF–62",
        "agZIF-₆₂",
        r"$\text{a}_g\text{ZIF-62}$",
        "ag\u200bZIF-62",
    ],
)
def test_spellings_of_one_name_have_one_key(text):
    assert normalise_name(text) == "agZIF-62"


def test_case_carries_meaning():
    assert normalise_name("AgZIF-62") != normalise_name("agZIF-62")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("(CsPbI<sub>3</sub>)<sub>0.40</sub>", "(CsPbI3)0.40"),
        (r"$(\text{CsPbI}_3)_{0.25}$", "(CsPbI3)0.25"),
        (r"(\mathrm{CsPbI}_{3})_{x}", "(CsPbI3)x"),
        ("Cs₀.₀₅", "Cs0.05"),
        ("PbI2\u2022DMSO", "PbI2·DMSO"),
        (r"PbI_2 \cdot DMSO", "PbI2 ·DMSO"),
        ("Pb<sup>2+</sup>", "Pb²⁺"),
        ("Pb$^{2+}$", "Pb²⁺"),
        ("  a   b ", "a b"),
        ("sample_1", "sample_1"),
    ],
)
def test_typesetting_is_taken_away_and_charges_stay_visible(text, plain):
    assert plain_text(text) == plain


@given(st.text(st.characters(blacklist_characters="<>&\\$^{}_"), max_size=40))
def test_a_key_is_its_own_key(text):
    assert normalise_name(normalise_name(text)) == normalise_name(text)
