"""Edinburgh Instruments' exports carry their settings above the scan."""

import numpy as np
import pytest

from labdata.plugin import Source, UnreadableFile
from measurements.readers.pl.edinburgh_csv import recognise, sample
from measurements.registry import detect, read, readers, sniff_of


def read_text(text, **options):
    source = Source("scan.csv", text.encode(), "pl", options)
    return readers["edinburgh_csv"].read(source)


def several(labels, rows, **settings):
    settings = {
        "Labels": labels,
        "Type": ["Emission Scan"] * len(labels),
        "Start": ["500"] * len(labels),
        "Stop": ["502"] * len(labels),
        "Step": ["1"] * len(labels),
        "Fixed/Offset": ["405"] * len(labels),
        "Xaxis": ["Wavelength"],
        "Yaxis": ["Counts"],
        **settings,
    }
    header = [f"{key},{','.join(values)}," for key, values in settings.items()]
    return "\n".join([*header, "", *(f"{row}," for row in rows), ""])


def test_settings_become_conditions_in_our_units():
    result = read_text(sample().decode())

    assert result.conditions == {
        "excitation_wavelength": 405.0,
        "integration_time": 0.2,
        "temperature": 25.0,
    }
    dataset = result.datasets[0].dataset
    assert result.datasets[0].name == "example film"
    assert dataset.shape == (101,)
    assert dataset["wavelength"][dataset["counts"].argmax()] == 700.0
    assert dataset.metadata["header"]["Scan Slit"] == "2.0"


def test_the_real_file_has_its_maximum_at_773_nm(real_file):
    path = real_file("pl/*.pl.csv")
    data = path.read_bytes()
    sniff = sniff_of(path.name, data)

    detection = detect(sniff, "pl")
    result = read(detection.winner, sniff, lambda: data, technique="pl")

    dataset = result.datasets[0].dataset
    assert detection.winner.key == "edinburgh_csv"
    assert dataset.shape == (451,)
    assert dataset["wavelength"][dataset["counts"].argmax()] == 773.0
    assert result.conditions == {
        "excitation_wavelength": 367.0,
        "integration_time": 0.5,
        "temperature": pytest.approx(22.71),
    }


def test_scans_that_share_their_wavelengths_are_told_apart():
    text = several(["A", "B"], ["500,1,4", "501,2,5", "502,3,6"], Temp=["300", "320"])

    first, second = read_text(text).datasets

    assert (first.name, second.name) == ("A", "B")
    assert second.dataset["counts"].tolist() == [4.0, 5.0, 6.0]
    assert first.conditions["temperature"] == pytest.approx(26.85)
    assert second.conditions["temperature"] == pytest.approx(46.85)


def test_only_conditions_all_scans_share_hold_for_the_file():
    text = several(["A", "B"], ["500,1,4", "501,2,5", "502,3,6"], Temp=["300", "320"])

    assert read_text(text).conditions == {"excitation_wavelength": 405.0}


def test_scans_may_each_bring_their_wavelengths_and_length():
    text = several(
        ["A", "B"],
        ["500,1,500,4", "501,2,501,5", ",,502,6"],
        Stop=["501", "502"],
    )

    first, second = read_text(text).datasets

    assert first.dataset["counts"].tolist() == [1.0, 2.0]
    assert second.dataset["wavelength"].tolist() == [500.0, 501.0, 502.0]


def test_a_scan_that_ends_early_is_refused_unless_accepted():
    text = "\r\n".join(sample().decode().splitlines()[:-30]) + "\r\n"

    with pytest.raises(
        UnreadableFile, match=r"announces 101 points .* has 71 and ends"
    ):
        read_text(text)

    result = read_text(text, accept_incomplete=True)
    assert result.datasets[0].dataset.shape == (71,)
    assert "announces 101 points" in result.notes[-1]


def test_a_file_cut_inside_a_row_is_refused():
    with pytest.raises(UnreadableFile, match="cut off"):
        read_text(sample().decode()[:-12])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Emission Scan", "Excitation Scan", "Excitation Scan, not an emission scan"),
        ("Xaxis,Wavelength", "Xaxis,Time", "x axis is Time"),
        ("Labels,example film", "Labels,a,b,c", "names 3 scans but has 2 columns"),
        ("Xaxis,Wavelength,", "", "setting xaxis is not in its header"),
        ("700.00,5.1", "700.00,x", "Line 68, column 2: 'x"),
    ],
)
def test_what_it_cannot_read_is_refused_with_the_reason(old, new, reason):
    with pytest.raises(UnreadableFile, match=reason):
        read_text(sample().decode().replace(old, new))


def test_unusual_settings_are_noted():
    text = (
        sample()
        .decode()
        .replace("Yaxis,Counts", "Yaxis,Volts")
        .replace("Step,1.00", "Step,")
        .replace("Repeats,1", "Repeats,3")
    )

    notes = read_text(text).notes

    assert [note.split()[0] for note in notes] == ["The", "Start,", "3"]


def test_a_second_block_of_numbers_is_refused():
    with pytest.raises(UnreadableFile, match=r"second block .* line 122"):
        read_text(sample().decode() + "\r\nLabels,again,\r\n\r\n1,2,\r\n2,3,\r\n")


@pytest.mark.parametrize(
    ("text", "score"),
    [
        (sample().decode(), 0.95),
        ("Labels,a,\nType,Emission Scan,\n", 0.5),
        ("Labels a\n450,1\n", None),
        ("Wavelength,Counts\n450,1\n", None),
    ],
)
def test_the_block_of_settings_is_what_is_recognised(text, score):
    found = recognise(sniff_of("x.csv", text.encode()))

    assert (found and found.score) == score


def test_numbers_are_exact():
    dataset = read_text(several(["A"], ["500,1.5E2", "501,2", "502,-3.25"])).datasets[0]

    assert np.array_equal(dataset.dataset["counts"], [150.0, 2.0, -3.25])


def test_settings_have_the_decimal_comma_of_the_rows():
    german = sample().decode().replace(",", ";").replace(".", ",")

    result = read_text(german)

    assert result.conditions == read_text(sample().decode()).conditions
    assert result.notes == ()


def test_a_setting_written_otherwise_than_the_rows_is_told():
    text = sample().decode().replace("Fixed/Offset,405.00", 'Fixed/Offset,"405,00"')

    result = read_text(text)

    assert "excitation_wavelength" not in result.conditions
    assert "405,00, no number with a decimal point: not used." in result.notes[0]
