"""Headers say things in pairs, parted by the first mark behind a key."""

import pytest

from measurements.text.pairs import header_pairs, split_pair
from measurements.text.tables import read_document


@pytest.mark.parametrize(
    ("line", "separator", "pair"),
    [
        ("Integration time (s): 0.5", None, ("Integration time (s)", "0.5")),
        ("# Laser = 405 nm", ",", ("Laser", "405 nm")),
        ("Lamp,Xe,", ",", ("Lamp", "Xe")),
        ("Area (cm²): 0,16", ",", ("Area (cm²)", "0,16")),
        ("Comment,a: b", ",", ("Comment", "a: b")),
        ("Cell ID: \tACD3_1", "\t", ("Cell ID", "ACD3_1")),
        ("Timestamp:\t21.11.2024 12:53", "\t", ("Timestamp", "21.11.2024 12:53")),
        ('"Sample";"M 25"', ";", ("Sample", "M 25")),
        ("Comments:\t", "\t", ("Comments", "")),
        ("just words", ";", None),
        (": 5", None, None),
        ("", None, None),
    ],
)
def test_a_line_is_parted_at_its_first_mark(line, separator, pair):
    assert split_pair(line, separator) == pair


def test_the_first_mention_counts_and_an_empty_one_does_not():
    lines = ["Lamp:", "Lamp: Xe", "Lamp: LED"]

    assert header_pairs(lines, None) == {"Lamp": "Xe"}


def test_header_pairs_are_collected():
    document = read_document(
        b"Integration time (s): 0.5\n# Laser = 405 nm\nLamp,Xe,\n"
        b"lambda,counts,\n450,1,\n451,2,\n"
    )

    assert document.pairs["Integration time (s)"] == "0.5"
    assert document.pairs["Laser"] == "405 nm"
    assert document.pairs["Lamp"] == "Xe"
