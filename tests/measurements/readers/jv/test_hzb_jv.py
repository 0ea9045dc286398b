"""Curves side by side in asterisk blocks."""

import numpy as np
import pytest

from labdata.plugin import UnreadableFile
from measurements.readers.jv.hzb_jv import sample
from tests.measurements.sweep_files import by_name, read_jv, reported


def read_text(text, encoding="utf-8"):
    key, result = read_jv(text, "cells.jv.txt", encoding)
    assert key == "hzb_jv"
    return result


def test_the_real_file_gives_six_curves_of_three_cells(real_file):
    path = real_file("jv/HZB_MiGo*.jv.txt")

    key, result = read_jv(path.read_bytes(), path.name)

    assert key == "hzb_jv"
    names = by_name(result)
    assert list(names) == [
        f"{cell} {direction}" for cell in "bcf" for direction in ("reverse", "forward")
    ]
    first = names["b reverse"]
    assert first.cell == "b"
    assert first.dataset.size == 73
    assert first.dataset["voltage"][0] == 1.25
    assert first.dataset["current_density"][0] == -10.2589
    assert reported(first) == pytest.approx(
        {
            "voc": 1.212763,
            "jsc": 21.990472,
            "ff": 0.79948537,
            "pce": 20.2,
            "pmax": 21.321657,
            "vmp": 1.03,
            "jmp": 20.700637,
            "rs": 0.003881,
            "rsh": 7.713772,
        }
    )
    assert result.conditions == {
        "active_area": 0.16,
        "irradiance": 100.0,
        "settling_time": 40.0,
    }


def test_photocurrent_is_turned_positive_and_it_is_said():
    result = read_text(sample().decode())

    dataset = result.datasets[0].dataset
    assert dataset["current_density"][-1] == pytest.approx(20)
    assert dataset.metadata["photocurrent_in_file"] == "negative"
    assert any("sign was turned" in note for note in result.notes)


def test_one_area_per_pixel_goes_to_both_of_its_curves():
    text = sample().decode()
    text = text.replace("b_rev\tb_for", "b_rev\tb_for\tc_rev\tc_for")
    text = text.replace("cm2]:\t0.160000", "cm2]:\t0.160000\t0.080000")
    lines = []
    for line in text.split("\n"):
        fields = line.split("\t")
        repeats = sum(map(bool, fields)) >= 3 and "_rev" not in line
        lines.append("\t".join([*fields, *fields[1:3]]) if repeats else line)
    lines = [
        "active area [cm2]:\t0.16\t0.08" if line.startswith("active") else line
        for line in lines
    ]

    result = read_text("\n".join(lines))

    areas = [one.conditions["active_area"] for one in result.datasets]
    assert areas == [0.16, 0.16, 0.08, 0.08]
    assert "active_area" not in result.conditions


@pytest.mark.parametrize(
    ("encoding", "end"), [("utf-8", "\r\n"), ("utf-16", "\n"), ("cp1252", "\r\n")]
)
def test_encodings_line_ends_and_decimal_commas_change_nothing(encoding, end):
    plain = sample().decode()
    german = plain.replace(".", ",").replace("\n", end).replace("pct,", "pct.")

    before, after = read_text(plain), read_text(german, encoding)

    assert before.conditions == after.conditions
    for one, other in zip(before.datasets, after.datasets, strict=True):
        assert reported(one) == reported(other)
        assert np.array_equal(
            one.dataset["current_density"], other.dataset["current_density"]
        )


def test_a_row_cut_off_is_named():
    text = sample().decode().rstrip()

    with pytest.raises(UnreadableFile, match="the file is cut off"):
        read_text(text[: text.rindex("\t")])


def test_an_area_of_zero_is_refused():
    with pytest.raises(UnreadableFile, match="area of 0 cm²"):
        read_text(sample().decode().replace("0.160000", "0.000000"))


def test_an_unknown_unit_is_refused():
    with pytest.raises(UnreadableFile, match="units"):
        read_text(sample().decode().replace("[V]\t[mA/cm2]", "[V]\t[furlong]"))


def test_voltages_and_currents_in_whole_numbers_leave_the_header_its_points():
    text = sample().decode()
    head, body = text.rsplit("[mA/cm2]\n", 1)
    whole = "".join(f"{v}\t-{20 - v}\t-{20 - v}\n" for v in range(5, -2, -1))

    result = read_text(f"{head}[mA/cm2]\n{whole}")

    assert body
    assert result.conditions["active_area"] == 0.16
