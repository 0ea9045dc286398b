"""The scalar technique takes whatever names and units a file has."""

from measurements.registry import techniques


def test_any_dataset_is_one():
    technique = techniques["scalar"]

    assert technique.problems(techniques["pl"].example()) == []
    assert technique.problems(technique.example()) == []
