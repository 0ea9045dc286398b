"""A first look at a file: what its name and its beginning give away."""

import pytest

from measurements.reading import inspection
from measurements.reading.inspection import inspect, technique_named
from measurements.registry import sniff_of
from tests.measurements.factories import pl_text


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


def test_a_file_larger_than_a_look_takes_is_recognised_but_not_read(monkeypatch):
    monkeypatch.setattr(inspection, "MOST_BYTES", 10)
    data = pl_text()
    sniff = sniff_of("C-1.csv", data, len(data))

    told = inspect(sniff, lambda: pytest.fail("it was read"), technique="pl")

    assert told.detection["reader"]
    assert told.preview == {}
