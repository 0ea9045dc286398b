"""Sweeps in delimited text: pixels, directions, light and dark together."""

import numpy as np
import pytest

from labdata.plugin import Source, UnreadableFile
from measurements.readers.jv.jv_delimited import sample
from measurements.registry import detect, readers, sniff_of
from tests.measurements.sweep_files import (
    RISING,
    by_name,
    current_density,
    read_jv,
    rows,
)

DENSITY = current_density(RISING)
DARK = current_density(RISING, 0.0)
FALLING = RISING[::-1]


def read_text(text, name="sweeps.csv", encoding="utf-8"):
    key, result = read_jv(text, name, encoding)
    assert key == "jv_delimited"
    return result


def test_rows_are_parted_by_pixel_direction_and_light():
    result = read_text(sample().decode())

    assert list(by_name(result)) == [
        f"{cell} {kind}"
        for cell in "AB"
        for kind in ("reverse", "forward", "forward dark")
    ]
    assert result.conditions == {"active_area": 0.16, "irradiance": 100.0}
    assert {one.cell for one in result.datasets} == {"A", "B"}


def test_a_sweep_up_and_back_in_two_columns_becomes_two():
    trace = np.concatenate([RISING, FALLING])
    text = "Voltage (V),Current density (mA/cm²)\n"

    result = read_text(text + rows(trace, current_density(trace)))

    assert list(by_name(result)) == ["forward", "reverse"]
    assert np.array_equal(by_name(result)["reverse"].dataset["voltage"], FALLING)


def test_columns_are_matched_by_their_labels():
    text = "V_fwd,J_fwd,V_rev,J_rev\n"

    result = read_text(text + rows(RISING, -DENSITY, FALLING, -DENSITY[::-1]))

    names = by_name(result)
    assert list(names) == ["forward", "reverse"]
    assert np.allclose(names["forward"].dataset["current_density"], DENSITY)
    assert np.allclose(names["reverse"].dataset["voltage"], FALLING)
    assert any("no unit" in note for note in result.notes)


def test_one_voltage_serves_many_curves_and_an_empty_one_is_left_out():
    text = "Voltage (V),A fwd (mA/cm²),B fwd (mA/cm²),B dark (mA/cm²),C (mA/cm²)\n"
    body = rows(RISING, DENSITY, 0.9 * DENSITY, DARK).replace("\n", ",\n")

    result = read_text(text + body)

    assert list(by_name(result)) == ["A forward", "B forward", "B forward dark"]
    assert any("holds no number" in note for note in result.notes)


def test_a_line_above_each_table_names_pixel_and_light():
    table = "V [V]\tJ [mA/cm2]\n"
    text = "".join(
        f"Pixel {pixel} {light}\n{table}"
        + rows(RISING, DENSITY if light == "light" else DARK, separator="\t")
        + "\n"
        for pixel in "AB"
        for light in ("light", "dark")
    )

    result = read_text(text, "blocks.txt")

    assert [(one.cell, one.conditions["light"]) for one in result.datasets] == [
        ("A", "light"),
        ("A", "dark"),
        ("B", "light"),
        ("B", "dark"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_german_file_is_read(encoding, end):
    text = (
        "Aktive Fläche [cm²];0,16\nBestrahlungsstärke [W/m²];980\n"
        "Spannung [V];Stromdichte [mA/cm²]\n"
        + rows(RISING, DENSITY, separator=";", decimal=",")
    )

    result = read_text(text.replace("\n", end), "a.csv", encoding)

    assert result.conditions == {"active_area": 0.16, "irradiance": 98.0}
    assert np.allclose(result.datasets[0].dataset["current_density"], DENSITY)


@pytest.mark.parametrize(
    ("titles", "factor"),
    [
        ("Voltage (V),Current (A)", 1.6e-4),
        ("Voltage (V),Current (mA)", 0.16),
        ("Bias / V,I / µA", 160.0),
    ],
)
def test_a_current_is_divided_by_the_area(titles, factor):
    text = "Area (cm²): 0.16\n" + titles + "\n"

    dataset = read_text(text + rows(RISING, factor * DENSITY)).datasets[0].dataset

    assert np.allclose(dataset["current_density"], DENSITY)
    assert np.allclose(dataset["current"], 0.16 * DENSITY)


def test_an_area_may_be_given_beside_the_file():
    text = "Voltage (V),Current (mA)\n" + rows(RISING, 0.1 * DENSITY)
    source = Source("a.csv", text.encode(), "jv", {"area": 0.1})

    (one,) = readers["jv_delimited"].read(source).datasets

    assert np.allclose(one.dataset["current_density"], DENSITY)
    assert one.conditions["active_area"] == 0.1


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("Voltage (V),Current (mA)", "names no active area"),
        ("Area (cm²): 0\nVoltage (V),Current (mA)", "area of 0 cm²"),
        ("Area (cm²): 0.16\nVoltage (V),Current", "carries no unit"),
        ("Current density (mA/cm²),Voltage (V)", "look swapped"),
    ],
)
def test_what_cannot_be_known_is_refused(head, message):
    with pytest.raises(UnreadableFile, match=message):
        read_text(head + "\n" + rows(RISING, DENSITY))


def test_titles_decide_which_column_is_the_voltage():
    text = "Current density (mA/cm²),Voltage (V)\n" + rows(DENSITY, RISING)

    assert np.array_equal(read_text(text).datasets[0].dataset["voltage"], RISING)


@pytest.mark.parametrize("columns", [(RISING, DENSITY), (DENSITY, RISING)])
def test_without_titles_the_evenly_stepped_column_is_the_voltage(columns):
    result = read_text(rows(*columns, separator=" "), "device.jv.txt")

    assert np.array_equal(result.datasets[0].dataset["voltage"], RISING)


def test_numbers_without_titles_are_no_sweep_unless_the_name_says_so():
    data = rows(RISING, DENSITY).encode()

    assert detect(sniff_of("scan.csv", data), "jv").winner.key == "delimited_text"


def test_a_track_over_time_is_not_taken_for_a_sweep():
    text = "Time (h),Voltage (V),Current density (mA/cm²)\n"
    data = (text + rows(RISING, RISING, DENSITY)).encode()

    assert readers["jv_delimited"].recognise(sniff_of("mpp.csv", data)) is None


@pytest.mark.parametrize("cut", ["1.2", "1.2,over"])
def test_a_row_gone_wrong_is_named_with_its_line(cut):
    text = "Voltage (V),Current density (mA/cm²)\n" + rows(RISING, DENSITY) + cut

    with pytest.raises(UnreadableFile, match=f"Line {RISING.size + 2}"):
        read_text(text)


def test_light_and_dark_columns_over_a_row_of_units():
    text = "V\tJ_light\tJ_dark\n[V]\t[A/m²]\t[A/m²]\n"
    body = rows(RISING, 10 * DENSITY, 10 * DARK, separator="\t")

    light, dark = read_text(text + body, "a.txt").datasets

    assert light.conditions["light"] == "light"
    assert dark.conditions["light"] == "dark"
    assert np.allclose(light.dataset["current_density"], DENSITY)
    assert np.allclose(dark.dataset["current_density"], DARK)


def test_pixels_named_above_pairs_of_columns_under_the_same_titles():
    text = "A,,B,\nV (V),J (mA/cm²),V (V),J (mA/cm²)\n"

    first, second = read_text(
        text + rows(RISING, DENSITY, FALLING, 0.5 * DENSITY[::-1])
    ).datasets

    assert (first.cell, second.cell) == ("A", "B")
    assert np.array_equal(second.dataset["voltage"], FALLING)
    assert np.allclose(second.dataset["current_density"], 0.5 * DENSITY[::-1])


def test_irradiance_in_suns_and_the_pixel_in_the_header():
    text = "Pixel: 2\nIrradiance: 0.5 suns\nVoltage (V),Current density (mA/cm²)\n"

    (one,) = read_text(text + rows(RISING, DENSITY)).datasets

    assert one.cell == "2"
    assert one.conditions["irradiance"] == 50.0


def test_a_fill_factor_that_is_none_in_any_unit_is_kept_to_be_flagged():
    text = "FF: 1e7\nVoltage (V),Current density (mA/cm²)\n"

    (one,) = read_text(text + rows(RISING, DENSITY)).datasets

    assert one.dataset.metadata["reported"]["ff"]["value"] == 1e7


def test_prose_with_a_table_of_words_is_no_sweep():
    text = "| name | V (V) | J (mA/cm2) |\n| a | b | c |\n"

    assert readers["jv_delimited"].recognise(sniff_of("r.md", text.encode())) is None


def test_curves_numbered_in_brackets_beside_their_unit_are_all_read():
    text = "Voltage [V],Current density [1] [mA/cm^2],Current density [2] [mA/cm^2]\n"

    first, second = read_text(text + rows(RISING, DENSITY, 0.5 * DENSITY)).datasets

    assert (first.cell, second.cell) == ("1", "2")
    assert np.allclose(first.dataset["current_density"], DENSITY)


@pytest.mark.parametrize("separator", ["\t", "  "])
def test_a_comma_that_may_be_either_is_a_question_an_option_answers(separator):
    lines = ["Voltage (V)|Current density (mA/cm²)"]
    lines += [f"{at},{250 * at:03}|{20 - at},500" for at in range(1, 4)]
    text = "\n".join(lines).replace("|", separator)

    with pytest.raises(UnreadableFile, match=r"'1,250' may mean 1250 or 1\.250"):
        read_text(text)

    source = Source("a.txt", text.encode(), "jv", {"decimal": ","})
    (one,) = readers["jv_delimited"].read(source).datasets
    assert one.dataset["voltage"].tolist() == [1.25, 2.5, 3.75]


def test_a_first_row_of_ones_is_no_row_of_units():
    text = "Voltage,Current density\n1,1\n0.5,2\n0,3\n"

    assert read_text(text).datasets[0].dataset["voltage"].tolist() == [1, 0.5, 0]


def test_signs_that_touch_the_column_before_part_no_row():
    lines = ["Voltage (V)  Current density (mA/cm²)"]
    lines += [f"{v:6.2f}  {j:8.3f}" for v, j in zip(RISING, DENSITY, strict=True)]
    text = "\n".join(lines).replace("  -", " -")

    dataset = read_text(text, "a.txt").datasets[0].dataset

    assert np.allclose(dataset["voltage"], RISING)


def test_a_header_written_otherwise_than_the_rows_is_told():
    text = "Area (cm²): 0,16\nVoltage (V),Current density (mA/cm²)\n"

    result = read_text(text + rows(RISING, DENSITY))

    assert "active_area" not in result.conditions
    assert any("0,16, no number with a decimal point" in note for note in result.notes)
