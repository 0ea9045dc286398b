"""Absolute PL files carry quantum yield and QFLS above the spectrum."""

from datetime import datetime

import pytest

from labdata.plugin import Source, UnreadableFile
from measurements.readers.pl.absolute_pl_text import recognise, sample
from measurements.registry import detect, read, readers, sniff_of


def read_text(text, encoding="utf-8"):
    source = Source("a.txt", text.encode(encoding), "pl")
    return readers["absolute_pl_text"].read(source)


def test_the_real_file_gives_what_its_header_reports(real_file):
    path = real_file("pl/*.abspl.txt")
    data = path.read_bytes()
    sniff = sniff_of(path.name, data)

    detection = detect(sniff, "pl")
    result = read(detection.winner, sniff, lambda: data, technique="pl")

    dataset = result.datasets[0].dataset
    reported = dataset.metadata["reported"]
    assert detection.winner.key == "absolute_pl_text"
    assert reported["quasi_fermi_level_splitting"] == {
        "value": 1.094,
        "unit": "eV",
        "label": "QFLS",
    }
    assert reported["band_gap"]["value"] == 1.424
    assert reported["short_circuit_current_density"]["value"] == 26.46
    assert reported["luminescence_quantum_yield"]["value"] == 0.9693
    assert dataset.shape == (1510,)
    assert dataset["wavelength"][0] == 550.1383
    assert dataset["dark_counts"][0] == 2853.795
    assert dataset["counts"][0] == -2.805374
    assert dataset.unit("luminescence_flux") == "1/s/cm²/nm"
    assert result.conditions == {"integration_time": 0.014}
    assert result.measured_at == datetime(2025, 1, 20, 21, 46, 9)
    assert result.notes == ()


def test_milliseconds_become_seconds():
    assert read_text(sample().decode()).conditions == {"integration_time": 0.02}


def test_the_order_of_columns_does_not_matter():
    lines = sample().decode().split("\r\n")
    turned = ["\t".join(reversed(line.split("\t"))) for line in lines[7:]]

    dataset = read_text("\n".join([*lines[:7], *turned])).datasets[0].dataset

    assert dataset.equals(read_text(sample().decode()).datasets[0].dataset)


def test_latin_1_files_are_read():
    result = read_text(sample().decode(), "latin-1")

    assert result.datasets[0].dataset.unit("luminescence_flux") == "1/s/cm²/nm"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Raw spectrum (counts)", "Something (counts)", "no column raw spectrum"),
        ("photons/(s cm² nm)", "W/m²", "Luminescence flux density .* is in W/m²"),
        ("7.000000E+02\t", "\t", "Wavelength is missing in line 9"),
        ("7.020000E+02", "seven", r"Line 10, column 1 .*: 'seven'"),
    ],
)
def test_what_does_not_fit_is_refused(old, new, reason):
    with pytest.raises(UnreadableFile, match=reason):
        read_text(sample().decode().replace(old, new))


def test_header_entries_in_foreign_units_and_unknown_columns_are_noted():
    text = sample().decode().replace("QFLS (eV)", "QFLS (furlong)")
    text = text.replace("Dark spectrum (counts)", "Ghosts (counts)")

    result = read_text(text)

    assert (
        "quasi_fermi_level_splitting"
        not in result.datasets[0].dataset.metadata["reported"]
    )
    assert any("Ghosts" in note for note in result.notes)
    assert any("furlong" in note for note in result.notes)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2025-01-20 21:46:09", datetime(2025, 1, 20, 21, 46, 9)),
        ("20.01.2025 21:46:09", datetime(2025, 1, 20, 21, 46, 9)),
        ("99/99/2025 9:46:09 PM", None),
        ("no date", None),
    ],
)
def test_the_instrument_s_clock_is_read_or_left_unknown(first, expected):
    text = sample().decode().replace("1/20/2025 9:46:09 PM", first)

    assert read_text(text).measured_at == expected


def test_the_quantities_of_the_header_are_what_is_recognised():
    assert recognise(sniff_of("a.txt", sample())).score > 0.9
    assert recognise(sniff_of("a.txt", b"LuQY (%)\t1\n450\t1\n451\t2\n")) is None
