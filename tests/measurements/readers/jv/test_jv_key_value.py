"""Sweeps under a header of keys and values."""

from datetime import datetime

import numpy as np
import pytest

from labdata.plugin import UnreadableFile
from measurements.readers.jv.jv_key_value import sample
from tests.measurements.sweep_files import read_jv, reported


def read_text(text, encoding="utf-8"):
    key, result = read_jv(text, "sweep.jv.txt", encoding)
    assert key == "jv_key_value"
    return result


def test_the_real_file_is_read_in_our_units(real_file):
    path = real_file("jv/HZB_MMX*.jv.txt")

    key, result = read_jv(path.read_bytes(), path.name)

    (parsed,) = result.datasets
    assert key == "jv_key_value"
    assert parsed.cell == "A"
    assert parsed.dataset.size == 161
    assert result.measured_at == datetime(2024, 11, 21, 12, 53, 50)
    assert result.conditions == {
        "active_area": 0.16,
        "irradiance": 100.0,
        "settling_time": 0.02,
        "direction": "reverse",
    }
    assert reported(parsed)["ff"] == pytest.approx(0.6800677)
    assert reported(parsed)["pmax"] == pytest.approx(17.38846)
    assert parsed.dataset["current"][0] == -5.000598


def test_watts_per_square_metre_become_milliwatts_per_square_centimetre():
    text = sample().decode().replace("1.000000E+3", "5.000000E+2")

    assert read_text(text).conditions["irradiance"] == pytest.approx(50.0)


def test_a_current_alone_is_divided_by_the_area():
    lines = sample().decode().split("\r\n")
    cut = [line.rsplit("\t", 1)[0] if line.count("\t") == 2 else line for line in lines]

    alone = read_text("\n".join(cut)).datasets[0].dataset
    whole = read_text("\n".join(lines)).datasets[0].dataset

    assert np.allclose(alone["current_density"], whole["current_density"], rtol=1e-5)


def test_a_current_without_area_is_a_question():
    lines = sample().decode().split("\r\n")
    cut = [line.rsplit("\t", 1)[0] if line.count("\t") == 2 else line for line in lines]
    text = "\n".join(line for line in cut if not line.startswith("Active"))

    with pytest.raises(UnreadableFile, match="no active area"):
        read_text(text)


def test_a_second_header_begins_another_sweep():
    text = sample().decode()
    second = text.replace("Reverse", "Forward").replace("6.7E+0", "1.1E+0")

    result = read_text(text + second)

    assert [one.conditions["direction"] for one in result.datasets] == [
        "reverse",
        "forward",
    ]


def test_decimal_commas_in_utf_16_change_nothing():
    german = sample().decode().replace(".", ",").replace("21,11,", "21.11.")

    before, after = read_text(sample().decode()), read_text(german, "utf-16")

    assert np.array_equal(
        before.datasets[0].dataset["current_density"],
        after.datasets[0].dataset["current_density"],
    )
    assert before.conditions == after.conditions


def test_a_word_among_the_numbers_is_named_with_its_line():
    lines = sample().decode().split("\r\n")
    lines[20] = lines[20].rsplit("\t", 1)[0] + "\toverload"

    with pytest.raises(UnreadableFile, match=r"Line 21, J \[mA/cm2\]: 'overload'"):
        read_text("\n".join(lines))
