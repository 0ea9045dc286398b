"""Tracker logs: two efficiencies that disagree, signs, area, time and lamps."""

import numpy as np
import pytest

from labdata.plugin import UnreadableFile
from measurements.readers.tracks.mppt_csv import MPPT_CSV, sample
from measurements.registry import read, sniff_of

TITLES = "Timestamp,MPPT_I,MPPT_V,MPPT_J,MPPT_EFF,MPPT_PCE,radiation"


def track(data, name="pixel.mppt.csv"):
    if isinstance(data, str):
        data = data.encode()
    sniff = sniff_of(name, data)
    return read(MPPT_CSV, sniff, lambda: data, technique="mpp_tracking")


def log(rows=30, *, eff_by=1.0, pce_by=1.0, **changed):
    """A log whose efficiencies are factors times what V and J give."""
    lines = [TITLES]
    for row in range(rows):
        density = 20 - 0.01 * row
        values = {
            "stamp": f"2025-01-15 {10 + row // 6:02}:{row % 6 * 10:02}:00.250",
            "current": -0.2 * density,
            "voltage": -1.0,
            "density": density,
            "eff": eff_by * density,
            "pce": pce_by * density,
            "radiation": 1000.0,
        }
        for key, change in changed.items():
            values[key] = change(row, values[key])
        lines.append(",".join(str(one) for one in values.values()))
    return "\n".join([*lines, ""])


def test_the_consistent_efficiency_is_used_and_the_other_one_kept_and_told():
    result = track(log(pce_by=1.043))
    dataset = result.datasets[0].dataset

    assert np.allclose(dataset["pce"], 20 - 0.01 * np.arange(30))
    assert np.allclose(dataset["mppt_pce_of_file"], 1.043 * dataset["pce"])
    (told,) = dataset.metadata["contradictions"]
    assert told["flag"] == "columns_contradict"
    assert "+4.3 %" in told["message"]
    assert "20.86" in told["message"]


def test_the_columns_swap_when_the_other_one_is_consistent():
    dataset = track(log(eff_by=1.2, pce_by=1.0)).datasets[0].dataset

    assert np.allclose(dataset["pce"], 20 - 0.01 * np.arange(30))
    assert "mppt_eff_of_file" in dataset


def test_where_no_column_agrees_the_efficiency_is_reckoned():
    dataset = track(log(eff_by=1.2, pce_by=1.3)).datasets[0].dataset

    assert np.allclose(dataset["pce"], 20 - 0.01 * np.arange(30))
    assert len(dataset.metadata["contradictions"]) == 2


def test_agreeing_columns_contradict_nothing():
    dataset = track(log()).datasets[0].dataset

    assert "contradictions" not in dataset.metadata


def test_signs_are_turned_and_the_area_follows_from_current_and_density():
    result = track(log())
    dataset = result.datasets[0].dataset

    assert result.conditions["active_area"] == pytest.approx(0.2)
    assert (dataset["voltage"] > 0).all()
    assert (dataset["current_density"] > 0).all()
    assert dataset["irradiance"] == pytest.approx(100.0)
    assert dataset.metadata["format_signs"]["voltage"] == "negative"


def test_time_counts_from_the_first_row_which_is_when_it_was_measured():
    result = track(log())
    dataset = result.datasets[0].dataset

    assert dataset["time"][:3] == pytest.approx([0, 1 / 6, 1 / 3])
    assert result.measured_at.isoformat() == "2025-01-15T10:00:00.250000"
    assert dataset.metadata["began_at"] == "2025-01-15T10:00:00.250000"


def test_columns_are_found_by_title_and_units_by_bracket():
    lines = log(5).splitlines()
    swapped = [",".join(reversed(line.split(","))) for line in lines]
    swapped[0] = swapped[0].replace("radiation", "radiation (mW/cm²)")
    swapped[1:] = [row.replace("1000.0,", "100.0,", 1) for row in swapped[1:]]

    dataset = track("\n".join(swapped)).datasets[0].dataset

    assert np.allclose(dataset["pce"], 20 - 0.01 * np.arange(5))
    assert dataset["irradiance"] == pytest.approx(100.0)


def test_time_running_backwards_names_the_line_and_both_times():
    text = log(stamp=lambda row, old: "2025-01-14 09:00:00" if row == 20 else old)

    with pytest.raises(
        UnreadableFile, match=r"line 22.*2025-01-14 09:00:00 after 2025-01-15 13:10"
    ):
        track(text)


def test_two_levels_of_light_are_refused_with_the_line():
    text = log(radiation=lambda row, old: old if row < 12 else 650.0)

    with pytest.raises(UnreadableFile, match=r"Two lamps.*100.*line 14.*65"):
        track(text)


def test_darkness_and_drifting_light_are_no_second_lamp():
    dark = log(radiation=lambda row, old: 0.5 if row % 5 == 0 else old)
    drifting = log(radiation=lambda row, old: old - 15 * row)

    assert track(dark).datasets[0].dataset.size == 30
    assert track(drifting).datasets[0].dataset.size == 30


def test_an_area_of_zero_is_refused():
    with pytest.raises(UnreadableFile, match="area of 0 cm²"):
        track("Area (cm²): 0\n" + log())

    with pytest.raises(UnreadableFile, match="area of 0 cm²"):
        track(log(current=lambda row, old: 0.0))


def test_rows_without_an_efficiency_are_left_out_and_counted():
    text = log(
        density=lambda row, old: "" if row in (3, 4) else old,
        eff=lambda row, old: "nan" if row in (3, 4) else old,
        pce=lambda row, old: "" if row in (3, 4) else old,
    )
    result = track(text)

    assert result.datasets[0].dataset.size == 28
    assert any("2 rows" in note and "line 5" in note for note in result.notes)


def test_a_file_without_any_number_is_refused():
    empty = {key: (lambda row, old: "nan") for key in ("density", "eff", "pce")}

    with pytest.raises(UnreadableFile, match="no number in any of 30 rows"):
        track(log(**empty))


def test_a_line_cut_off_at_the_end_is_left_out_and_told():
    result = track(log()[:-25])

    assert result.datasets[0].dataset.size == 29
    assert any("cut off" in note for note in result.notes)


def test_a_spoilt_line_inside_is_named():
    lines = log().splitlines()
    lines[7] = lines[7][:20]

    with pytest.raises(UnreadableFile, match="Line 8 has"):
        track("\n".join(lines))


def test_the_sample_holds_its_interval():
    dataset = track(sample()).datasets[0].dataset

    assert np.diff(dataset["time"]).max() == pytest.approx(40 / 60)


def test_the_published_log_is_read_as_it_is(real_file):
    data = real_file("stability/MPPT_sample_0_pixel_0.mppt.csv").read_bytes()
    result = track(data)
    dataset = result.datasets[0].dataset
    steps = 60 * np.diff(dataset["time"])

    assert dataset.size == 1810
    assert result.conditions["active_area"] == pytest.approx(0.18)
    assert dataset["pce"].max() == pytest.approx(21.88, abs=0.005)
    assert dataset["pce"][-1] == pytest.approx(11.21, abs=0.005)
    assert dataset["mppt_pce_of_file"].max() == pytest.approx(24.62, abs=0.005)
    assert dataset["time"][-1] == pytest.approx(302.6, abs=0.05)
    assert np.count_nonzero(steps > 15) == 3
    assert steps.max() == pytest.approx(30.2, abs=0.1)
    (told,) = dataset.metadata["contradictions"]
    assert "+4.3 %" in told["message"]


@pytest.mark.parametrize(
    ("line", "area"),
    [("Area (mm²): 20", 0.2), ("Active area: 0.2 cm²", 0.2), ("Area / cm²: 0.2", 0.2)],
)
def test_the_area_of_the_header_has_its_unit(line, area):
    text = f"{line}\n" + log(density=lambda row, old: "")

    assert track(text).conditions["active_area"] == pytest.approx(area)


@pytest.mark.parametrize("line", ["Area: 0.3", "Area (cm²): 0,3"])
def test_an_area_that_cannot_be_told_is_reckoned_instead_and_that_is_said(line):
    result = track(f"{line}\n" + log())

    assert result.conditions["active_area"] == pytest.approx(0.2)
    assert any("not used" in note for note in result.notes)


def test_a_lone_carriage_return_keeps_no_file_from_being_recognised():
    data = ("a,b\rc,d\n" * 3).encode()

    assert MPPT_CSV.recognise(sniff_of("x.csv", data)) is None
