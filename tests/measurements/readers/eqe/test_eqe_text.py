"""EQE files: the unit comes from the file, never from the size of the numbers."""

from datetime import datetime

import numpy as np
import pytest

from labdata.plugin import Source, UnreadableFile
from measurements.readers.eqe.eqe_text import recognise, sample
from measurements.registry import detect, read, readers, sniff_of


def read_text(text, encoding="utf-8", **options):
    source = Source("a.txt", text.encode(encoding), "eqe", options)
    return readers["eqe_text"].read(source)


def only(text, **options):
    (parsed,) = read_text(text, **options).datasets
    return parsed.dataset


@pytest.fixture
def read_reference(real_file):
    def read_it(name):
        data = real_file(f"eqe/{name}").read_bytes()
        sniff = sniff_of(name, data)
        detection = detect(sniff, "eqe")
        assert detection.winner.key == "eqe_text"
        return read(detection.winner, sniff, lambda: data, technique="eqe")

    return read_it


def test_the_real_file_of_two_spectra_gives_both_with_their_own_currents(
    read_reference,
):
    result = read_reference("25.57.eqe.txt")

    first, second = (parsed.dataset for parsed in result.datasets)
    currents = [
        dataset.metadata["reported"]["integrated_current_density"]["value"]
        for dataset in (first, second)
    ]
    assert currents == [25.577925, 25.481234]
    assert [parsed.name for parsed in result.datasets] == ["spectrum 1", "spectrum 2"]
    assert first.shape == second.shape == (121,)
    assert first["wavelength"][[0, -1]].tolist() == [300.0, 900.0]
    assert first["eqe"][0] == pytest.approx(0.03904253)
    assert second["eqe"][-1] != first["eqe"][-1]
    assert first.metadata["header"]["Date/Time"] == "05-14_13-05-22"
    assert second.metadata["header"]["Date/Time"] == "05-14_13-08-26"
    assert result.measured_at is None


def test_the_real_file_with_named_columns_gives_the_calculated_efficiency(
    read_reference,
):
    result = read_reference("SID1.eqe.txt")

    (parsed,) = result.datasets
    assert parsed.dataset.shape == (56,)
    assert parsed.dataset["wavelength"][0] == 300.016
    assert parsed.dataset["eqe"][0] == pytest.approx(0.07650308)
    assert parsed.dataset["eqe"].max() == pytest.approx(0.9413957)
    assert result.measured_at == datetime(2019, 11, 15, 16, 46, 45)
    assert any("Not read: Y" in note for note in result.notes)


def test_spectra_below_each_other_keep_their_own_settings():
    result = read_text(sample().decode())

    assert [parsed.conditions for parsed in result.datasets] == [
        {"bias_voltage": 0.0},
        {"bias_voltage": -0.5},
    ]
    assert result.datasets[0].dataset["eqe"][0] == pytest.approx(0.9)
    assert result.datasets[1].dataset["eqe"][0] == pytest.approx(0.91)


@pytest.mark.parametrize(
    ("title", "numbers", "expected"),
    [
        ("EQE (%)", ("0.5", "0.7"), [0.005, 0.007]),
        ("EQE [%]", ("50", "70"), [0.5, 0.7]),
        ("EQE %", ("50", "70"), [0.5, 0.7]),
        ("IPCE / %", ("50", "70"), [0.5, 0.7]),
        ("EQE (1)", ("0.5", "0.7"), [0.5, 0.7]),
        ("EQE [-]", ("0.5", "0.7"), [0.5, 0.7]),
        ("External Quantum Efficiency (fraction)", ("0.5", "0.7"), [0.5, 0.7]),
    ],
)
def test_the_title_s_unit_decides_whatever_the_size_of_the_numbers(
    title, numbers, expected
):
    text = f"Wavelength (nm)\t{title}\n300\t{numbers[0]}\n310\t{numbers[1]}\n"

    assert only(text)["eqe"] == pytest.approx(expected)


@pytest.mark.parametrize("line", ["EQE unit: %", "Y Units = percent"])
def test_without_a_unit_in_the_title_the_header_decides(line):
    text = f"{line}\nWavelength (nm);EQE\n300;0.5\n310;0.7\n"

    assert only(text)["eqe"] == pytest.approx([0.005, 0.007])


def test_without_any_unit_the_file_is_a_question_that_an_option_answers():
    text = "Wavelength (nm),EQE\n300,0.5\n310,0.7\n"

    with pytest.raises(UnreadableFile, match=r"has no unit.*EQE \(%\) or EQE \(1\)"):
        read_text(text)
    assert only(text, eqe_unit="%")["eqe"] == pytest.approx([0.005, 0.007])
    assert only(text, eqe_unit="1")["eqe"] == pytest.approx([0.5, 0.7])


def test_arbitrary_units_are_no_quantum_efficiency():
    with pytest.raises(UnreadableFile, match=r"in 'a\.u\.'.*% or 1"):
        read_text("Wavelength (nm)\tEQE (a.u.)\n300\t0.5\n310\t0.7\n")


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_decimal_commas_are_read(separator):
    rows = ["Wellenlänge (nm)|EQE (%)", "300,0|10,25", "302,5|11,5"]
    text = "\r\n".join(rows).replace("|", separator)

    dataset = only(text)

    assert dataset["wavelength"].tolist() == [300.0, 302.5]
    assert dataset["eqe"] == pytest.approx([0.1025, 0.115])


def test_an_undecidable_decimal_mark_is_refused():
    with pytest.raises(UnreadableFile, match="decimal mark"):
        read_text("Wavelength (nm)\tEQE (%)\n300,000\t10,250\n302,500\t11,500\n")


def test_columns_parted_by_spaces_are_read():
    text = "# lab 3\nWavelength (nm)  EQE (%)\n300.0  10.0\n310.0  20.0\n"

    assert only(text)["eqe"] == pytest.approx([0.1, 0.2])


def test_a_descending_axis_is_kept_in_the_order_of_the_file():
    dataset = only("EQE (%)\tWavelength (nm)\n1\t900\n50\t800\n90\t700\n")

    assert dataset["wavelength"].tolist() == [900.0, 800.0, 700.0]
    assert dataset["eqe"] == pytest.approx([0.01, 0.5, 0.9])


def test_photon_energies_become_wavelengths():
    dataset = only("Photon energy (eV),EQE (1)\n1.5,0.1\n2.0,0.8\n")

    assert dataset["wavelength"] == pytest.approx([826.561, 619.921], abs=1e-3)


def test_an_energy_without_unit_is_refused():
    with pytest.raises(UnreadableFile, match="Energy has no unit"):
        read_text("Energy,EQE (1)\n1.5,0.1\n2.0,0.8\n")


def test_a_wavelength_without_unit_is_nm_and_that_is_said():
    result = read_text("Wavelength,EQE (1)\n500,0.1\n510,0.8\n")

    assert result.datasets[0].dataset.unit("wavelength") == "nm"
    assert any("taken to be in nm" in note for note in result.notes)


def test_several_efficiencies_side_by_side_become_several_spectra():
    text = (
        "Wavelength (nm)\tEQE A1 (%)\tEQE A1 error (%)\tEQE B2 (%)\n"
        "300\t10\t1\t20\n310\t30\t1\t40\n"
    )

    result = read_text(text)

    assert [parsed.name for parsed in result.datasets] == ["EQE A1 (%)", "EQE B2 (%)"]
    assert result.datasets[1].dataset["eqe"] == pytest.approx([0.2, 0.4])
    assert any("EQE A1 error" in note for note in result.notes)


def test_other_encodings_are_read():
    text = "Gerät: QE-µ\nλ (nm)\tEQE (%)\n300\t10\n310\t20\n"

    result = read_text(text, "utf-16")

    assert result.datasets[0].dataset["eqe"] == pytest.approx([0.1, 0.2])
    assert result.datasets[0].dataset.metadata["header"] == {"Gerät": "QE-µ"}


def test_a_current_density_without_any_unit_is_not_taken_as_reported():
    text = "Jsc\t25.0\nWavelength (nm)\tEQE (%)\n300\t10\n310\t20\n"

    assert "reported" not in only(text).metadata
    reported = only(text.replace("Jsc\t", "Jsc (mA/cm2)\t")).metadata["reported"]
    assert reported["integrated_current_density"]["value"] == 25.0


def test_a_missing_efficiency_stays_missing():
    result = read_text("Wavelength (nm)\tEQE (%)\n300\t10\n310\tNaN\n320\t20\n")

    assert np.isnan(result.datasets[0].dataset["eqe"][1])
    assert any("missing at 1 of 3" in note for note in result.notes)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("300\t10\n31O\t20\n320\t30\n", r"Line 3, column 1 .*'31O' is not a number"),
        ("300\t10\n310\tbad\n320\t30\n", r"Line 3, column 2 .*'bad' is not a number"),
        ("300\t10\n310\n320\t30\n", "Line 3 has 1 of 2 columns"),
        ("300\t10\n310\t20\n320\n", "is the last: the file is cut off"),
        ("300\t10\n310\t20\n305\t30\n", "turns back or repeats at line 4"),
        ("300\t10\n310\t20\n310\t30\n", "turns back or repeats at line 4"),
        ("300\t10\n", "No table"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(body, reason):
    with pytest.raises(UnreadableFile, match=reason):
        read_text("Wavelength (nm)\tEQE (%)\n" + body)


def test_an_unknown_unit_of_the_axis_is_refused():
    with pytest.raises(UnreadableFile, match="'furlong'"):
        read_text("Wavelength (furlong)\tEQE (%)\n300\t10\n310\t20\n")


def test_titles_are_what_is_recognised():
    internal = b"Wavelength (nm)\tIQE (%)\n300\t2\n310\t3\n"
    empty = b"Wavelength (nm)\tEQE (%)\nno numbers\n"

    assert recognise(sniff_of("a.txt", sample())).score > 0.8
    assert recognise(sniff_of("a.txt", internal)) is None
    assert recognise(sniff_of("a.txt", empty)) is None


def test_titles_of_several_words_between_spaces_are_read():
    dataset = only("Photon energy (eV)  EQE (%)\n1.5  10\n2.0  80\n")

    assert dataset["eqe"] == pytest.approx([0.1, 0.8])


@pytest.mark.parametrize("value", ["25,123", "25,5"])
def test_a_reported_current_density_that_may_be_two_is_told(value):
    text = f"Jsc (mA/cm2)\t{value}\nWavelength (nm)\tEQE (%)\n300.5\t10\n310.5\t20\n"

    result = read_text(text)

    assert "reported" not in result.datasets[0].dataset.metadata
    assert any(value in note for note in result.notes)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("1/31/2025 2:05:00 PM", datetime(2025, 1, 31, 14, 5)),
        ("3/4/2025 2:05:00 PM", None),
    ],
)
def test_a_date_of_two_meanings_is_told(stamp, expected):
    text = f"Date\t{stamp}\nWavelength (nm)\tEQE (%)\n300\t10\n310\t20\n"

    result = read_text(text)

    assert result.measured_at == expected
    assert (expected is None) == any("day first" in note for note in result.notes)
