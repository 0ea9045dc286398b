"""Whatever technique is registered keeps the promises of all techniques."""

import re

import pytest

import analysis.contract.registry
from analysis.contract.quantities import quantities
from analysis.contract.registry import analyses
from labdata.common.measures import units
from measurements import registry
from measurements.arrays import container
from measurements.registry import techniques

registry.load_builtin()
analysis.contract.registry.load_builtin()
every_technique = pytest.mark.parametrize(
    "technique", [*techniques], ids=lambda technique: technique.key
)


@every_technique
def test_its_example_is_one_of_it(technique):
    assert technique.problems(technique.example()) == []


@every_technique
def test_its_example_is_repeatable_and_marked_simulated(technique):
    first, second = technique.example(), technique.example()

    assert first.equals(second)
    assert first.metadata["origin"] == "simulated"


@every_technique
def test_its_example_survives_storage(technique):
    example = technique.example()
    data = container.pack(example)

    assert container.unpack(data, container.digest(data)).equals(example)


@every_technique
def test_every_unit_is_an_accepted_unit(technique):
    example = technique.example()
    parts = [*technique.axes, *technique.channels, *technique.conditions]

    for part in [*parts, *example.axes, *example.channels]:
        if part.unit is not None:
            assert units.find_unit(part.unit).symbol == part.unit


@every_technique
def test_keys_and_names_are_identifiers(technique):
    names = [spec.name for spec in (*technique.axes, *technique.channels)]
    keys = [condition.key for condition in technique.conditions]

    for name in [technique.key, *names, *keys]:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)


@every_technique
def test_aliases_are_spelled_as_titles_are_compared(technique):
    for spec in (*technique.axes, *technique.channels):
        for alias in spec.aliases:
            assert alias == alias.strip().lower()


@every_technique
def test_what_it_names_is_declared(technique):
    for key in technique.key_quantities:
        assert key in quantities
    for key in technique.default_analyses:
        assert analyses[key].serves(technique.key)
