"""Which reader a file belongs to is certain, or asked."""

import tracemalloc
from dataclasses import replace

import pytest

from labdata.common.registry import Registry
from labdata.plugin import (
    Condition,
    ParsedDataset,
    ReadResult,
    Recognition,
    UnreadableFile,
)
from measurements import choices, registry
from measurements.registry import detect, read, readers, sniff_of, techniques

TABLE = b"Wavelength (nm),Counts\n" + b"".join(
    b"%d,%d\n" % (450 + row, 100 + row) for row in range(50)
)


@pytest.fixture
def with_reader(monkeypatch):
    """A registry that holds one more reader."""

    def add(**changes):
        more = Registry("reader")
        for reader in readers:
            more.add(reader)
        base = readers["edinburgh_csv"]
        more.add(replace(base, **changes))
        monkeypatch.setattr(registry, "readers", more)

    return add


def always(score):
    return lambda sniff: Recognition(score, "it says so")


def test_a_table_belongs_to_the_generic_reader_and_says_why():
    detection = detect(sniff_of("a.csv", TABLE), "pl")

    assert detection.winner.key == "delimited_text"
    assert "2 columns of numbers (comma separated, decimal point)" in detection.reason
    assert "No specific format" in detection.reason


def broken(sniff):
    raise KeyError("not a table of mine")


@pytest.mark.parametrize(
    ("techniques", "winner"), [(("pl",), None), (("jv",), "delimited_text")]
)
def test_a_broken_reader_is_a_question_where_it_serves_and_nowhere_else(
    with_reader, techniques, winner
):
    with_reader(key="toy", label="Toy", recognise=broken, techniques=techniques)

    detection = detect(sniff_of("a.csv", TABLE), "pl")

    assert getattr(detection.winner, "key", None) == winner
    assert ("is broken here" in detection.reason) is (winner is None)
    assert [one.key for one, _ in detection.candidates] == ["delimited_text"]


def test_a_specific_format_goes_before_the_generic_one_and_says_so():
    detection = detect(sniff_of("a.csv", readers["edinburgh_csv"].sample()), "pl")

    assert detection.winner.key == "edinburgh_csv"
    assert "goes before Delimited text" in detection.reason
    assert [reader.key for reader, _ in detection.candidates] == [
        "edinburgh_csv",
        "delimited_text",
    ]


def test_two_specific_formats_are_a_question_whatever_their_scores(with_reader):
    with_reader(key="other", label="Other", recognise=always(0.2))

    detection = detect(sniff_of("a.csv", readers["edinburgh_csv"].sample()), "pl")

    assert detection.winner is None
    assert {reader.key for reader, _ in detection.candidates} == {
        "edinburgh_csv",
        "other",
    }


def test_two_generic_readers_are_a_question(with_reader):
    with_reader(key="other", label="Other", recognise=always(0.2), generic=True)

    assert detect(sniff_of("a.csv", TABLE), "pl").winner is None


def test_a_format_of_another_technique_is_a_question():
    detection = detect(sniff_of("a.csv", readers["edinburgh_csv"].sample()), "curve")

    assert detection.winner is None
    assert "Edinburgh" in detection.reason
    assert "filed under curve" in detection.reason
    assert [reader.key for reader, _ in detection.candidates] == ["delimited_text"]


def test_a_file_only_another_technique_reads_is_refused_with_its_name(with_reader):
    with_reader(key="other", label="Other", techniques=("xps",), recognise=always(0.9))

    with pytest.raises(UnreadableFile, match=r"This is Other .* for xps, not for pl"):
        detect(sniff_of("a.txt", b"words only"), "pl")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.csv", b"", r"empty \(0 bytes\)"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(99), "a PNG image, whatever its name"),
        ("a.csv", b"\x01\x02\x03\x00", "binary, in a format no reader knows"),
        ("a.csv", b" \r\n", "nothing but blank space"),
        ("a.csv", b"some words\n", r"begins with 'some words'.*Looked for: Absolute"),
    ],
)
def test_files_nobody_reads_say_what_they_look_like(name, data, reason):
    with pytest.raises(UnreadableFile, match=reason):
        detect(sniff_of(name, data), "pl")


def test_300_megabytes_of_zeros_are_refused_without_being_loaded():
    sniff = sniff_of("zeros.csv", bytes(100_000), 300_000_000)

    def load():
        raise AssertionError("the file must not be loaded")

    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="300 MB"):
        detect(sniff, "pl")
    with pytest.raises(UnreadableFile, match="300 MB"):
        read(readers["delimited_text"], sniff, load, technique="pl")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 2_000_000


def test_a_file_beyond_a_reader_s_limit_is_refused_without_being_loaded():
    sniff = sniff_of("large.csv", TABLE, 2_000_000_000)

    with pytest.raises(UnreadableFile, match="has 2 GB; Delimited text reads at most"):
        read(readers["delimited_text"], sniff, lambda: 1 / 0, technique="pl")


def test_a_png_read_by_an_insisting_user_is_refused():
    data = b"\x89PNG\r\n\x1a\n" + b"x" * 200

    with pytest.raises(UnreadableFile, match="a PNG image, whatever its name says"):
        read(
            readers["delimited_text"],
            sniff_of("a.csv", data),
            lambda: data,
            technique="pl",
        )


@pytest.mark.parametrize("technique", ["curve", "table"])
def test_a_result_that_is_no_dataset_of_the_technique_is_refused(technique):
    example = techniques[technique].example()
    parsed = ParsedDataset("wrong", example)
    reader = replace(
        readers["delimited_text"], read=lambda source: ReadResult((parsed,))
    )

    with pytest.raises(UnreadableFile, match="no Photoluminescence dataset: no axis"):
        read(reader, sniff_of("a.csv", TABLE), lambda: TABLE, technique="pl")


def test_a_reader_that_finds_nothing_is_no_success():
    reader = replace(readers["delimited_text"], read=lambda source: ReadResult(()))

    with pytest.raises(UnreadableFile, match="found no data"):
        read(reader, sniff_of("a.csv", TABLE), lambda: TABLE, technique="pl")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (300, None),
        (-300.0, "Temperature is -300 °C, below -273.15."),
        (float("nan"), "Temperature must be finite, got nan."),
        (10**400, f"Temperature must be finite, got {10**400}."),
        ("hot", "Temperature is a number in °C, got 'hot'."),
        (True, "Temperature is a number in °C, got True."),
    ],
)
def test_numbers_out_of_range_are_refused_as_conditions(value, problem):
    errors = techniques["pl"].condition_problems({"temperature": value})

    assert errors == ({"temperature": [problem]} if problem else {})


def test_conditions_of_other_kinds_are_checked():
    technique = replace(
        techniques["pl"],
        conditions=(
            Condition("gas", "Gas", kind="choice", choices=("N2", "Ar"), required=True),
            Condition("remark", "Remark", kind="text"),
            Condition("bias", "Bias", "V", maximum=10.0),
        ),
    )

    errors = technique.condition_problems({"remark": 5, "bias": 11.0, "colour": "red"})

    assert errors == {
        "gas": ["Gas is needed."],
        "remark": ["Remark is text, got 5."],
        "bias": ["Bias is 11 V, above 10."],
        "colour": [
            "Photoluminescence has no condition 'colour' (known: gas, remark, bias)."
        ],
    }
    assert "one of N2, Ar" in technique.condition_problems({"gas": "He"})["gas"][0]


def test_a_dataset_in_the_wrong_unit_is_a_problem():
    example = techniques["pl"].example()
    wrong = replace(example, axes=(replace(example.axes[0], unit="µm"),))

    assert techniques["pl"].problems(wrong) == ["axis wavelength is in µm, needs nm"]


def test_choices_follow_the_registry():
    assert ("pl", "Photoluminescence") in choices.technique_choices()
