"""Codes in file names: found where they are meant, asked about where they may be."""

import unicodedata

import pytest

from measurements.reading.matching import CodeFinder, Match

CODES = ["C-1", "C-10", "C-1-b", "PSK-0412-B3", "PSK-0412", "film_7", "25", "S4"]


def find(name, codes=CODES):
    return CodeFinder(codes).find(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("C-1.csv", "C-1"),
        ("C-10.csv", "C-10"),
        ("PL_C-1_298K.csv", "C-1"),
        ("2026-03-05 C-10 300C.txt", "C-10"),
        ("(C-1).csv", "C-1"),
        ("C-1", "C-1"),
        ("C-1.pl.csv", "C-1"),
        ("C-1–after annealing.csv", "C-1"),
        ("film_7_PL.dat", "film_7"),
        ("S4.asc", "S4"),
    ],
)
def test_a_code_between_separators_is_found(name, code):
    assert find(name).code == code


@pytest.mark.parametrize(
    "name",
    [
        "C-100.csv",
        "C-1a.csv",
        "XC-1.csv",
        "C1.csv",
        "C-1α.csv",
        "PSK-04123.csv",
        "S44.csv",
        "spectrum.csv",
        "",
        "....",
    ],
)
def test_part_of_a_longer_word_is_no_code(name):
    assert find(name) == Match()


@pytest.mark.parametrize(
    "name", ["c-1.csv", "C_1.csv", "C 1.csv", "pl c-1.CSV", "Ｃ-１.csv", "c.1.csv"]
)
def test_capitals_and_separators_may_differ(name):
    assert find(name).code == "C-1"


def test_the_name_keeps_how_the_code_was_written():
    assert find("PL c_1 298K.csv").written == "c_1"


def test_the_longest_code_is_meant():
    assert find("C-1-b.csv").code == "C-1-b"
    assert find("PSK-0412-B3_rev.csv").code == "PSK-0412-B3"
    assert find("PSK-0412_B4.csv").code == "PSK-0412"


def test_two_codes_side_by_side_are_a_choice_longest_first():
    match = find("C-1 on PSK-0412-B3.csv")

    assert match.code is None
    assert match.codes == ("PSK-0412-B3", "C-1")


def test_a_code_named_twice_is_one():
    assert find("C-1/C-1_scan2.csv").code == "C-1"


def test_codes_that_overlap_are_a_choice():
    match = find("A-B-C.csv", ["A-B", "B-C"])

    assert match.code is None
    assert set(match.codes) == {"A-B", "B-C"}


def test_a_number_within_a_decimal_number_is_no_certain_code():
    match = find("spectrum x = 0.25.csv")

    assert match.code is None
    assert match.codes == ("25",)
    assert not match.is_certain


def test_a_code_that_ends_at_a_decimal_point_is_asked_about():
    match = find("C-1.2.csv")

    assert match.code is None
    assert match.codes == ("C-1",)


def test_a_decimal_number_does_not_unsettle_a_certain_code():
    assert find("C-10 0.25 W.csv").code == "C-10"


def test_a_point_between_letters_and_digits_parts_words():
    assert find("C-1.csv").code == "C-1"
    assert find("v2.S4.csv").code == "S4"


def test_spelling_decides_between_codes_that_differ_only_by_it():
    codes = ["C-1", "c-1", "C_1"]

    assert find("C-1.csv", codes).code == "C-1"
    assert find("c-1.csv", codes).code == "c-1"
    assert find("C_1.csv", codes).code == "C_1"
    assert find("c_1.csv", codes).code == "C_1"


def test_codes_that_differ_only_by_spelling_are_a_choice_where_neither_is_written():
    match = find("C 1.csv", ["C-1", "C_1"])

    assert match.code is None
    assert match.codes == ("C-1", "C_1")


def test_a_code_of_sixty_characters_is_found():
    code = "PSK-" + "x" * 51 + "-B_01"
    assert len(code) == 60

    assert find(f"PL {code} 298 K.csv", [code, "PSK", "B_01"]).code == code


def test_a_name_in_decomposed_unicode_is_the_same_name():
    name = unicodedata.normalize("NFD", "Prüfung é C-1 Müller.csv")

    assert find(name).code == "C-1"


def test_letters_with_accents_do_not_part_words():
    name = unicodedata.normalize("NFD", "éS4.csv")

    assert find(name) == Match()


def test_codes_without_letters_or_digits_are_never_found():
    assert find("a - b _ c.csv", ["-", "_", "--"]) == Match()


def test_no_codes_match_nothing():
    assert CodeFinder([]).find("C-1.csv") == Match()


def test_ten_thousand_codes_are_searched_in_time():
    codes = [f"PSK-{number:05d}-B{number % 7}" for number in range(10_000)]
    finder = CodeFinder(codes)

    found = [finder.find(f"PL_{code}_298K_{'x ' * 50}.csv").code for code in codes[:50]]

    assert found == codes[:50]
