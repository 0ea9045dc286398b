"""Whatever reader is registered keeps the promises of all readers."""

import json
import time
from functools import partial

import numpy as np
import pytest

from labdata.common.measures import units
from labdata.plugin import UnreadableFile
from measurements import registry
from measurements.registry import detect, read, readers, sniff_of, techniques

registry.load_builtin()
every_reader = pytest.mark.parametrize(
    "reader", [*readers], ids=lambda reader: reader.key
)


def technique_of(reader):
    return reader.techniques[0] if reader.techniques else "pl"


def read_sample(reader):
    data = reader.sample()
    sniff = sniff_of(reader.sample_name, data)
    return read(reader, sniff, lambda: data, technique=technique_of(reader))


@every_reader
def test_its_sample_is_its_own_alone(reader):
    sniff = sniff_of(reader.sample_name, reader.sample())

    detection = detect(sniff, technique_of(reader))
    specific = [
        other.key
        for other in readers
        if not other.generic and other.recognise(sniff) is not None
    ]

    assert detection.winner is reader
    assert specific == ([] if reader.generic else [reader.key])
    assert detection.reason.endswith(".")


@every_reader
def test_what_it_reads_satisfies_every_technique_it_serves(reader):
    for key in reader.techniques or techniques.keys():
        is_own = reader.techniques or techniques[key].named_by_file
        data = reader.sample() if is_own else written(techniques[key])
        sniff = sniff_of(reader.sample_name, data)

        try:
            result = read(reader, sniff, partial(bytes, data), technique=key)
        except UnreadableFile as error:
            # A table of rows is no map: a generic reader says so and gives no other.
            assert not is_own
            assert techniques[key].example().ndim > 1
            assert len(str(error)) > 10
            continue

        for parsed in result.datasets:
            assert techniques[key].problems(parsed.dataset) == []


def written(technique):
    """The example of a technique as a table of text with titles and units.

    A row for each point, with a column for each of its axes.
    """
    example = technique.example()
    places = np.meshgrid(*(axis.values for axis in example.axes), indexing="ij")
    columns = [*places, *(channel.values for channel in example.channels)]
    rows = zip(*(values.ravel() for values in columns), strict=True)
    parts = [*example.axes, *example.channels]
    lines = [",".join(f"{part.label} [{part.unit}]" for part in parts)]
    lines += [",".join(f"{value:.9g}" for value in row) for row in rows]
    return "\n".join(lines).encode()


@every_reader
def test_conditions_it_finds_are_conditions_of_the_technique(reader):
    result = read_sample(reader)
    technique = techniques[technique_of(reader)]

    for found in (result.conditions, *(one.conditions for one in result.datasets)):
        assert technique.condition_problems(found) == {}
        json.dumps(dict(found), allow_nan=False)


@every_reader
def test_every_unit_is_an_accepted_unit(reader):
    for parsed in read_sample(reader).datasets:
        for part in (*parsed.dataset.axes, *parsed.dataset.channels):
            assert units.find_unit(part.unit).symbol == part.unit


@every_reader
def test_reading_twice_gives_the_same(reader):
    first, second = read_sample(reader), read_sample(reader)

    assert first.conditions == second.conditions
    assert all(
        one.dataset.equals(other.dataset)
        for one, other in zip(first.datasets, second.datasets, strict=True)
    )


@every_reader
def test_names_of_its_datasets_differ(reader):
    names = [parsed.name for parsed in read_sample(reader).datasets]

    assert all(names)
    assert len(set(names)) == len(names)


@every_reader
def test_a_file_cut_anywhere_is_read_or_refused_but_never_breaks(reader):
    data = reader.sample()

    for length in range(1, len(data), max(1, len(data) // 60)):
        part = data[:length]
        try:
            read(
                reader,
                sniff_of(reader.sample_name, part),
                lambda part=part: part,
                technique=technique_of(reader),
            )
        except UnreadableFile as error:
            assert len(str(error)) > 10


@every_reader
@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + b"x" * 100,
        bytes(1000),
        b"\xff" * 1000,
        b"\n\n\n",
        b"a",
        b",,,\n,,,\n",
        b"1,2\n",
        b"\xff\xfe1\x00",
    ],
)
def test_nonsense_is_refused_with_a_reason(reader, data):
    with pytest.raises(UnreadableFile):
        read(
            reader,
            sniff_of("nonsense.csv", data),
            lambda: data,
            technique=technique_of(reader),
        )


@every_reader
@pytest.mark.parametrize("line", ["1" * 15_000 + "x", "1,x" * 5_000, '"(' * 7_500])
def test_lines_without_end_are_read_or_refused_at_once(reader, line):
    data = "\n".join([line] * 6).encode()
    sniff = sniff_of("x.csv", data)
    began = time.process_time()

    reader.recognise(sniff)
    try:
        read(reader, sniff, lambda: data, technique=technique_of(reader))
    except UnreadableFile as error:
        assert len(str(error)) < 2_000

    assert time.process_time() - began < 3


@every_reader
def test_it_states_its_limits_and_version(reader):
    assert len(reader.limits) > 20
    assert reader.version >= 1
    assert reader.max_bytes > 0
    assert reader.sample_name.rsplit(".", 1)[-1] in reader.extensions
