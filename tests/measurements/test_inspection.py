"""A first look at a file: what its name and its beginning give away."""

import pytest

from measurements.inspection import technique_named


@pytest.mark.parametrize(
    ("name", "technique"),
    [
        ("C-25_PL.csv", "pl"),
        ("pl C-25 298K.txt", "pl"),
        ("C-25 photoluminescence.csv", "pl"),
        ("SAMPLE-1.csv", ""),
        ("C-25_table.csv", ""),
        ("", ""),
    ],
)
def test_a_technique_is_found_as_a_word_of_the_file_name(name, technique):
    assert technique_named(name) == technique
