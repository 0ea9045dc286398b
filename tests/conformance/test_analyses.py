"""Every analysis that is registered, now or later, keeps the same promises."""

import json
from dataclasses import replace

import numpy as np
import pint
import pytest

import analysis.contract.registry
import measurements.registry
from analysis.contract.flags import find_flag
from analysis.contract.quantities import quantities
from analysis.contract.registry import analyses
from labdata.plugin import AnalysisError, ParameterError, Result, problems_of
from measurements.registry import techniques

analysis.contract.registry.load_builtin()
measurements.registry.load_builtin()

every_analysis = pytest.mark.parametrize("spec", [*analyses], ids=lambda spec: spec.key)


@pytest.fixture
def example(spec):
    """The example of the first technique the analysis serves."""
    return techniques[spec.techniques[0]].example()


def with_values(dataset, name, values):
    channels = tuple(
        replace(channel, values=values) if channel.name == name else channel
        for channel in dataset.channels
    )
    return replace(dataset, channels=channels)


def channels_read(spec, dataset):
    return [
        one
        for one in dataset.channels
        if one.name in spec.channels or not spec.channels
    ]


@every_analysis
def test_serves_techniques_that_exist_and_are_analysed_so_by_default(spec):
    assert spec.techniques
    for key in spec.techniques:
        is_default = spec.key in techniques[key].default_analyses
        assert is_default == (key in spec.default_for)


@every_analysis
def test_is_described_for_people(spec):
    assert spec.label
    assert spec.description.endswith(".")
    assert spec.version >= 1
    for name, entry in spec.parameter_schema()["properties"].items():
        assert entry["title"], name


def told(spec, result):
    """Everything a result says, as JSON."""
    kept = result.to_json(quantities=quantities, flags=spec.flags)
    numbers = [one.describe(quantities) for one in result.estimates]
    return json.dumps([kept, numbers], allow_nan=False)


@every_analysis
def test_result_is_json_and_repeatable(spec, example):
    first, second = (told(spec, spec.apply(example)) for _ in "ab")

    assert first == second


@every_analysis
def test_result_holds_what_is_declared_for_every_technique_it_serves(spec):
    for key in spec.techniques:
        result = spec.apply(techniques[key].example())

        assert problems_of(spec, result, quantities) == []
        assert result.drawings


@every_analysis
def test_result_comes_back_from_storage(spec, example):
    result = spec.apply(example)

    stored = json.loads(json.dumps(result.to_json(quantities=quantities)))
    again = Result.from_json(stored)

    assert again == replace(result, estimates=(), datasets={})
    assert again.unread == ()


@every_analysis
def test_frozen_and_writable_arrays_give_the_same(spec, example):
    def copied(part):
        return replace(part, values=part.values.copy())

    copy = replace(example, channels=tuple(map(copied, example.channels)))

    assert told(spec, spec.apply(copy)) == told(spec, spec.apply(example))


@every_analysis
def test_flags_are_told_in_words(spec):
    for flag in spec.flags:
        assert len(flag.word) <= 30
        assert flag.sentence[0].isupper()
        assert find_flag(flag.key, analysis=spec.key) == flag


@every_analysis
def test_every_estimate_is_a_declared_quantity_with_a_unit(spec, example):
    units = pint.UnitRegistry()

    result = spec.apply(example)

    for key in spec.outputs:
        assert key in quantities
    for item in (one.describe(quantities) for one in result.estimates):
        quantity = quantities[item["quantity"]]
        assert item["unit"] == quantity.unit
        assert bool(item["label"]) == bool(quantity.labels), item["quantity"]
        units.parse_units("" if item["unit"] == "1" else item["unit"])


@every_analysis
def test_the_dataset_is_left_as_it_was(spec, example):
    before = [channel.values.copy() for channel in example.channels]

    spec.apply(example)

    for channel, values in zip(example.channels, before, strict=True):
        assert np.array_equal(channel.values, values)


@every_analysis
def test_a_gap_in_any_channel_is_refused(spec, example):
    for channel in channels_read(spec, example):
        holed = channel.values.copy()
        holed.flat[3] = np.nan

        with pytest.raises(AnalysisError, match=channel.name):
            spec.apply(with_values(example, channel.name, holed))


@every_analysis
def test_a_curve_without_signal_is_refused(spec, example):
    for channel in channels_read(spec, example):
        flat = with_values(example, channel.name, np.zeros(example.shape))

        with pytest.raises(AnalysisError):
            spec.apply(flat)


@every_analysis
def test_default_parameters_survive_json(spec):
    defaults = spec.clean_parameters({})

    there_and_back = json.loads(json.dumps(spec.parameters_json(defaults)))

    assert spec.clean_parameters(there_and_back) == defaults
    assert set(there_and_back) == set(spec.parameter_schema()["properties"])


@every_analysis
def test_an_unknown_parameter_is_refused_by_name(spec):
    with pytest.raises(ParameterError) as raised:
        spec.clean_parameters({"no_such_parameter": 1})

    assert list(raised.value.errors) == ["no_such_parameter"]


@every_analysis
def test_progress_can_stop_the_analysis(spec, example):
    def stop(fraction, message):
        assert 0 <= fraction <= 1
        assert message
        raise InterruptedError

    with pytest.raises(InterruptedError):
        spec.apply(example, progress=stop)
