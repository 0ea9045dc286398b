"""Columns this lab wrote itself come back as they were, to the last digit."""

import json

import numpy as np
import pytest

from labdata.plugin import Source, UnreadableFile
from measurements.readers.tables.labdata_columns import check_columns, read, write
from measurements.registry import techniques


def read_back(data, technique="ageing"):
    return read(Source("made.csv", data, technique))


def test_numbers_come_back_exactly_and_missing_ones_as_missing():
    time = [0.0, 0.1, 1 / 3]
    data = write(
        {"time": time, "pce": [20.1, float("nan"), 1e-7]},
        units_of={"time": "h", "pce": "%"},
    )

    dataset = read_back(data).datasets[0].dataset

    assert dataset["time"].tolist() == time
    assert dataset["pce"].tolist() == pytest.approx([20.1, np.nan, 1e-7], nan_ok=True)


def test_other_units_are_converted():
    data = write(
        {"time": [0, 7200], "pce": [0.2, 0.1], "voc": [1100, 1000]},
        units_of={"time": "s", "pce": "1", "voc": "mV"},
    )

    dataset = read_back(data).datasets[0].dataset

    assert dataset["time"].tolist() == pytest.approx([0, 2])
    assert dataset["pce"].tolist() == pytest.approx([20, 10])
    assert dataset["voc"].tolist() == pytest.approx([1.1, 1.0])


def test_what_is_told_beside_the_numbers_is_kept():
    data = write(
        {"time": [0, 1], "pce": [20, 19]},
        units_of={"time": "h", "pce": "%"},
        about={
            "name": "reverse JV over time",
            "cell": "A",
            "conditions": {"temperature": 85.0},
            "measured_at": "2026-01-02T03:04:05+00:00",
            "sources": ["one"],
        },
    )

    result = read_back(data)

    parsed = result.datasets[0]
    assert (parsed.name, parsed.cell) == ("reverse JV over time", "A")
    assert result.conditions == {"temperature": 85.0}
    assert result.measured_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert parsed.dataset.metadata["about"]["sources"] == ["one"]


def damaged(titles, rows, **about):
    """A file with these titles and rows, whatever they are."""
    told = json.dumps({"columns": titles, **about})
    return f"# labdata columns 1\n# {told}\n{rows}".encode()


GOOD = ["time [h]", "pce [%]"]
DAMAGED = {
    "no axis": (damaged(["pce [%]"], "20\n"), "no column time"),
    "a foreign channel": (
        damaged(["time [h]", "counts [1]"], "0,1\n"),
        "no channel counts",
    ),
    "no channel": (damaged(["time [h]"], "0\n1\n"), "no column beside the axis"),
    "a word": (damaged(GOOD, "0,high\n1,20\n"), "pce is no number"),
    "no rows": (damaged(GOOD, ""), "no rows"),
    "twice": (damaged([*GOOD, "pce [%]"], "0,1,1\n"), "there twice"),
    "ragged": (damaged(GOOD, "0\n1,2,3\n"), "damaged"),
    "a hole in time": (damaged(GOOD, "0,20\n,19\n"), "1 values of time"),
    "a wrong unit": (damaged(["time [kg]", "pce [%]"], "0,20\n1,19\n"), "time:"),
    "no titles": (damaged(None, "0,20\n"), "does not name the columns"),
    "no JSON": (b"# labdata columns 1\n# {\n0,20\n", "not JSON"),
    "a list": (b"# labdata columns 1\n# []\n0,20\n", "says nothing"),
    "no time": (damaged(GOOD, "0,20\n1,19\n", measured_at="now"), "'now' is no time"),
}


@pytest.mark.parametrize(("data", "said"), DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_is_refused_and_named(data, said):
    with pytest.raises(UnreadableFile, match=said):
        read_back(data)


def test_titles_are_checked_before_anything_is_written():
    technique = techniques["ageing"]

    assert check_columns(technique, ["time [s]", "pce"]) == {
        "time [s]": "s",
        "pce": "%",
    }
    with pytest.raises(UnreadableFile, match="no column 'counts'"):
        check_columns(technique, ["time", "counts"])
    with pytest.raises(UnreadableFile, match="pce"):
        check_columns(technique, ["pce [nm]"])
