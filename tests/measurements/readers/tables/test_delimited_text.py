"""Any table of numbers becomes a spectrum if its titles or values allow."""

import numpy as np
import pytest

from labdata.plugin import UnreadableFile
from measurements.readers.tables.delimited_text import recognise, sample
from measurements.registry import read, readers, sniff_of

WAVELENGTH = np.arange(650.0, 750.0)
COUNTS = 80 + 900 * np.exp(-(((WAVELENGTH - 700) / 12) ** 2))


def lines(*columns, separator=","):
    return [
        separator.join(f"{value:.6f}" for value in row)
        for row in np.column_stack(columns)
    ]


def read_text(text, technique="pl", encoding="utf-8", **options):
    data = text.encode(encoding)
    return read(
        readers["delimited_text"],
        sniff_of("file.txt", data),
        lambda: data,
        technique=technique,
        options=options,
    )


def test_reads_its_sample_from_a_german_spreadsheet():
    data = sample()

    result = read(
        readers["delimited_text"], sniff_of("a.csv", data), lambda: data, technique="pl"
    )

    spectrum = result.datasets[0].dataset
    assert spectrum.shape == (101,)
    assert spectrum["wavelength"][spectrum["counts"].argmax()] == 700.0
    assert result.notes == ("Read as semicolon separated, decimal comma, cp1252.",)
    assert spectrum.metadata["header"] == {"Probe": "M-25-300"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_do_not_matter(encoding):
    text = "\n".join(["Wavelength (nm),Intensität", *lines(WAVELENGTH, COUNTS)])

    result = read_text(text, encoding=encoding)

    assert np.allclose(result.datasets[0].dataset["counts"], COUNTS)


def test_conditions_in_the_header_are_found_with_their_units():
    header = [
        "Excitation wavelength: 405 nm",
        "Exposure time (ms): 250",
        "Temperature [K]: 300",
        "Atmosphere: N2",
        "Laser power: strong",
        "Dwell time: 3",
        "Operator: Ada",
        "Wavelength (nm),Counts",
    ]

    result = read_text("\n".join([*header, *lines(WAVELENGTH, COUNTS)]))

    assert result.conditions == {
        "excitation_wavelength": 405.0,
        "integration_time": 0.25,
        "temperature": pytest.approx(26.85),
        "atmosphere": "N2",
    }
    assert any(note.startswith("Laser power in the header") for note in result.notes)
    assert "Dwell time in the header is 3 without a unit: not used." in result.notes
    assert result.datasets[0].dataset.metadata["header"]["Operator"] == "Ada"


def test_columns_side_by_side_become_datasets_named_by_title():
    titles = "Wavelength (nm),M-1,M-2"
    text = "\n".join([titles, *lines(WAVELENGTH, COUNTS, 2 * COUNTS)])

    result = read_text(text)

    assert [parsed.name for parsed in result.datasets] == ["M-1", "M-2"]
    assert np.allclose(result.datasets[1].dataset["counts"], 2 * COUNTS)


def test_tables_one_below_the_other_become_numbered_datasets():
    block = ["Wavelength (nm),Counts", *lines(WAVELENGTH, COUNTS), ""]

    result = read_text("\n".join([*block, *block, "done"]))

    assert [parsed.name for parsed in result.datasets] == [
        "table 1",
        "table 2",
    ]
    assert any("'done'" in note for note in result.notes)


def test_swapped_columns_are_read_right_by_title_and_refused_without():
    titled = ["Counts,Wavelength (nm)", *lines(COUNTS, WAVELENGTH)]

    dataset = read_text("\n".join(titled)).datasets[0].dataset

    assert np.array_equal(dataset["wavelength"], WAVELENGTH)
    with pytest.raises(UnreadableFile, match=r"column 1, .* and column 2, 650 to"):
        read_text("\n".join(titled[1:]))


def test_text_in_a_column_is_named_with_its_line():
    rows = lines(WAVELENGTH, COUNTS)
    rows[10] = "660.0,overflow"

    with pytest.raises(UnreadableFile, match=r"Line 12, .* 'overflow'"):
        read_text("\n".join(["Wavelength (nm),Counts", *rows]))


def test_text_in_the_first_row_is_named_with_its_line():
    rows = lines(WAVELENGTH, COUNTS)
    rows[0] = "broken,80.0"

    with pytest.raises(UnreadableFile, match=r"Line 2, column 1 .*: 'broken' is not"):
        read_text("\n".join(["Wavelength (nm),Counts", *rows]))


def test_nan_in_the_counts_is_kept_as_missing_and_told():
    rows = lines(WAVELENGTH, COUNTS)
    rows[10] = "660.0,NaN"

    result = read_text("\n".join(["Wavelength (nm),Counts", *rows]))

    assert np.isnan(result.datasets[0].dataset["counts"][10])
    assert "missing at 1 of 100 points, first in line 12" in result.notes[-1]


def test_a_curve_keeps_the_names_of_the_file():
    text = "Field (mT)\tMoment\n" + "\n".join(
        lines([1, 2, 1], [4, 5, 6], separator="\t")
    )

    curve = read_text(text, "curve").datasets[0].dataset

    assert curve.names == ["field", "moment"]
    assert curve.unit("field") == "mT"
    assert curve["field"].tolist() == [1.0, 2.0, 1.0]


def test_a_curve_needs_a_second_column_and_a_whole_axis():
    with pytest.raises(UnreadableFile, match="line 3 has no value"):
        read_text("a,b\n1,2\n,3\n2,3\n3,4\n", "curve")


def test_a_table_is_read_by_row_number():
    text = "Film;Thickness (nm)\n1;30,5\n1;31\n2;\n2;29,5\n"

    table = read_text(text, "table").datasets[0].dataset

    assert table["row"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert table["film"].tolist() == [1.0, 1.0, 2.0, 2.0]
    assert np.isnan(table["thickness"][2])


def test_what_the_user_states_overrules():
    text = "Wavelength (nm)\tCounts\n450\t1,234\n451\t1,300\n452\t1,400\n"

    result = read_text(text, decimal=",")

    assert result.datasets[0].dataset["counts"].tolist() == [1.234, 1.3, 1.4]


@pytest.mark.parametrize(
    ("data", "recognised"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", False),
        (b"just words\nand more\n", False),
        (b"450,1\n451,2\n", True),
        (b"450\t1,234\n451\t1,300\n", True),
    ],
)
def test_only_tables_of_numbers_are_recognised(data, recognised):
    assert (recognise(sniff_of("x.csv", data)) is not None) == recognised


@pytest.mark.parametrize(
    ("name", "points", "first", "last"),
    [
        ("xrd/round_robin/corundum.prn", 7251, 5.0, 150.0),
        ("uvvis/KTF-D.Probe.Raw.asc", 1001, 1200.0, 200.0),
        ("uvvis/1908047U1_0000.Raw8.TXT", 1921, 128.909, 1160.368),
    ],
)
def test_real_tables_of_other_techniques_are_read(real_file, name, points, first, last):
    data = real_file(name).read_bytes()

    result = read(
        readers["delimited_text"],
        sniff_of(name, data),
        lambda: data,
        technique="curve",
    )

    curve = result.datasets[0].dataset
    assert curve.shape == (points,)
    assert curve.axes[0].values[[0, -1]].tolist() == [first, last]
