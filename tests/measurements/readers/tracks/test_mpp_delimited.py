"""Ageing tracks in delimited text: units, cells, clocks, lamps and bad files."""

import pytest

from labdata.plugin import UnreadableFile
from measurements.readers.tracks.mpp_delimited import MPP_DELIMITED, recognise, sample
from measurements.registry import read, sniff_of
from measurements.tracks.titles import read_title


def result_of(text, technique="mpp_tracking", name="track.csv", **options):
    data = text if isinstance(text, bytes) else text.encode()
    sniff = sniff_of(name, data)
    return read(
        MPP_DELIMITED, sniff, lambda: data, technique=technique, options=options
    )


def only(text, **options):
    (parsed,) = result_of(text, **options).datasets
    return parsed.dataset


def table(titles, rows):
    lines = [titles, *(",".join(map(str, row)) for row in rows)]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("title", "key", "unit", "cell"),
    [
        ("pce_A", "pce", "", "A"),
        ("PCE cell 1 (%)", "pce", "%", "1"),
        ("PCE [%] pixel B", "pce", "%", "B"),
        ("A PCE", "pce", "", "A"),
        ("PCE (A)", "pce", "", "A"),
        ("Elapsed time / min", "time", "min", ""),
        ("Zeit [h]", "time", "h", ""),
        ("time_s", "time", "s", ""),
        ("V_mpp (V)", "voltage", "V", ""),
        ("J (mA/cm²)", "current", "mA/cm²", ""),
        ("MPP power (mW)", "power", "mW", ""),
        ("Irradiance (suns)", "irradiance", "suns", ""),
        ("PCE %", "pce", "%", ""),
        ("PCE (A) (%)", "pce", "%", "A"),
        ("Remarks", "", "", ""),
    ],
)
def test_titles_are_taken_apart(title, key, unit, cell):
    read = read_title(title, 0)

    assert (read.key, read.unit, read.cell) == (key, unit, cell)


@pytest.mark.parametrize(
    ("title", "scale"), [("Time (s)", 3600), ("Time / min", 60), ("t [h]", 1)]
)
def test_time_is_converted_by_its_unit(title, scale):
    dataset = only(table(f"{title},PCE (%)", [(0, 20), (scale, 19), (2 * scale, 18)]))

    assert dataset["time"] == pytest.approx([0, 1, 2])
    assert dataset["pce"].tolist() == [20, 19, 18]


def test_a_time_without_unit_is_a_question_an_option_answers():
    text = table("Time,PCE (%)", [(0, 20), (1, 19)])

    with pytest.raises(UnreadableFile, match="seconds, minutes or hours"):
        only(text)
    assert only(text, time_unit="min")["time"][1] == pytest.approx(1 / 60)


def test_cells_stand_side_by_side():
    text = table("Time (h),pce_A,pce_B", [(0, 20, 18), (1, 19, 17), (2, 18, "")])
    first, second = result_of(text).datasets

    assert (first.cell, second.cell) == ("A", "B")
    assert first.dataset["pce"].tolist() == [20, 19, 18]
    assert second.dataset["pce"].tolist() == [18, 17]


def test_cells_stand_one_below_the_other_in_a_column():
    rows = [(0, "A", 20), (0, "B", 18), (1, "A", 19), (1, "B", 17)]
    first, second = result_of(table("Time (h),Pixel,PCE (%)", rows)).datasets

    assert (first.cell, second.cell) == ("A", "B")
    assert second.dataset["time"].tolist() == [0, 1]
    assert second.dataset["pce"].tolist() == [18, 17]


def test_a_german_spreadsheet_in_cp1252_is_read():
    result = result_of(sample())

    assert [one.cell for one in result.datasets] == ["A", "B"]
    assert result.datasets[0].dataset["pce"][0] == pytest.approx(20)
    assert result.conditions["light_source"] == "weiße LED"


@pytest.mark.parametrize(
    "stamps",
    [
        ("2025-03-01 10:00:00", "2025-03-01 11:30:00"),
        ("2025-03-01T10:00", "2025-03-01T11:30"),
        ("01.03.2025 10:00:00", "01.03.2025 11:30:00"),
        ("25/03/2025 10:00:00", "25/03/2025 11:30:00"),
        ("03/25/2025 10:00:00", "03/25/2025 11:30:00"),
    ],
)
def test_times_of_day_in_many_forms(stamps):
    dataset = only(table("Timestamp,PCE (%)", zip(stamps, (20, 19), strict=True)))

    assert dataset["time"] == pytest.approx([0, 1.5])


def test_a_date_that_may_be_either_is_a_question():
    text = table(
        "Timestamp,PCE (%)", [("03/04/2025 10:00:00", 20), ("04/04/2025 10:00:00", 19)]
    )

    with pytest.raises(UnreadableFile, match="day first or month first"):
        only(text)


def test_date_and_time_of_day_in_two_columns():
    rows = [("01.03.2025", "23:30:00", 20), ("02.03.2025", "00:30:00", 19)]

    assert only(table("Date,Time,PCE (%)", rows))["time"] == pytest.approx([0, 1])


def test_elapsed_days_as_text():
    rows = [("0 days 00:00:00", 20), ("1 days 12:30:00.5", 19), ("302:15:00", 18)]

    found = only(table("Duration,PCE (%)", rows))["time"]

    assert found == pytest.approx([0, 36.5 + 0.5 / 3600, 302.25])


def test_efficiency_is_power_over_irradiance():
    rows = [(0, 8.0, 50), (1, 6.0, 40)]
    text = table("Time (h),Power density (mW/cm²),Irradiance (mW/cm²)", rows)

    assert only(text)["pce"] == pytest.approx([16, 15])


def test_current_is_divided_by_the_area_of_the_header():
    text = "Area (cm²): 0.5\nIntensity (mW/cm²): 100\n" + table(
        "Time (h),Voltage (V),Current (mA)", [(0, 1.0, -10), (1, 1.0, -9)]
    )
    dataset = only(text)

    assert dataset["current_density"] == pytest.approx([20, 18])
    assert dataset["pce"] == pytest.approx([20, 18])


def test_an_area_of_zero_is_refused():
    text = "Area (cm²): 0\nIntensity (mW/cm²): 100\n" + table(
        "Time (h),Voltage (V),Current (mA)", [(0, 1.0, 10), (1, 1.0, 9)]
    )

    with pytest.raises(UnreadableFile, match="area of 0 cm²"):
        only(text)


def test_power_without_irradiance_is_never_taken_at_one_sun():
    text = table("Time (h),Power density (mW/cm²)", [(0, 20), (1, 19)])

    with pytest.raises(UnreadableFile, match="irradiance"):
        only(text)


@pytest.mark.parametrize(
    "title", ["normalized PCE", "PCE (normalised)", "Norm PCE", "relative efficiency"]
)
def test_a_relative_efficiency_is_not_taken_for_percent(title):
    with pytest.raises(UnreadableFile, match="is relative to a beginning"):
        only(table(f"time (h),{title}", [(0, 1), (7, 0.98), (14, 0.72)]))


def test_a_fraction_in_the_header_is_converted():
    assert only(table("Time (h),PCE (1)", [(0, 0.2), (1, 0.1)]))["pce"].tolist() == [
        20,
        10,
    ]


def test_time_running_backwards_names_line_and_both_times():
    text = table("Time (h),PCE (%)", [(0, 20), (5, 19), (4, 18), (6, 17)])

    with pytest.raises(UnreadableFile, match=r"line 4: .* is 4 h after 5 h"):
        only(text)


def test_a_restarted_stopwatch_without_a_clock_says_what_to_do():
    text = table("Time (h),PCE (%)", [(0, 20), (500, 19), (0, 19), (5, 18)])

    with pytest.raises(UnreadableFile, match=r"line 4.*restarted.*Split the file"):
        only(text)


def test_a_restarted_stopwatch_beside_a_clock_is_a_restart():
    rows = [
        ("2025-03-01 10:00:00", 0, 20),
        ("2025-03-03 10:00:00", 48, 19),
        ("2025-03-03 12:00:00", 0, 19),
        ("2025-03-03 14:00:00", 2, 18),
    ]
    result = result_of(table("Timestamp,Time (h),PCE (%)", rows))
    dataset = result.datasets[0].dataset

    assert dataset["time"] == pytest.approx([0, 48, 50, 52])
    assert dataset.metadata["restarts_h"] == pytest.approx([50])
    assert any("line 4" in note for note in result.notes)


def test_a_lamp_column_that_changes_is_refused_with_the_line():
    rows = [(0, 20, "LED"), (1, 19, "LED"), (2, 18, "xenon"), (3, 18, "xenon")]

    with pytest.raises(UnreadableFile, match=r"'LED' and, from line 4 on, 'xenon'"):
        only(table("Time (h),PCE (%),Lamp", rows))


def test_two_lamps_in_the_header_are_refused():
    text = "Lamp: LED\nLight source: xenon\n" + table(
        "Time (h),PCE (%)", [(0, 20), (1, 19)]
    )

    with pytest.raises(UnreadableFile, match="Two lamps"):
        only(text)


def test_two_columns_of_one_quantity_need_the_cell_in_their_titles():
    with pytest.raises(UnreadableFile, match="Two columns are pce"):
        only(table("Time (h),PCE (%),Efficiency (%)", [(0, 20, 19), (1, 19, 18)]))


def test_a_word_among_numbers_is_named_with_line_and_column():
    text = table("Time (h),PCE (%)", [(0, 20), (1, "error"), (2, 18)])

    with pytest.raises(UnreadableFile, match=r"Line 3, PCE \(%\): 'error'"):
        only(text)


def test_all_rows_missing_is_refused():
    with pytest.raises(UnreadableFile, match="no number in any of 3 rows"):
        only(table("Time (h),PCE (%)", [(0, "nan"), (1, ""), (2, "NaN")]))


def test_it_serves_ageing_series_too():
    text = table(
        "Time (h),PCE (%),Voc (V),FF (%)", [(0, 20, 1.1, 80), (500, 18, 1, 75)]
    )
    dataset = result_of(text, technique="ageing").datasets[0].dataset

    assert dataset["ff"] == pytest.approx([0.80, 0.75])
    assert dataset["voc"] == pytest.approx([1.1, 1.0])


def test_a_voltage_sweep_is_no_track():
    sweep = table("Voltage (V),Current density (mA/cm²)", [(0, 20), (1, 10)])

    assert recognise(sniff_of("a.csv", sweep.encode())) is None


def test_a_comma_that_may_be_either_is_a_question_an_option_answers():
    text = "Time (h)\tPCE (%)\n1\t20,125\n2\t19,250\n"

    with pytest.raises(UnreadableFile, match=r"'20,125' may mean 20125 or 20\.125"):
        only(text)
    assert only(text, decimal=",")["pce"].tolist() == [20.125, 19.25]


def test_a_first_row_of_ones_is_no_row_of_units():
    assert only(table("Time (h),PCE (%)", [(1, 1), (2, 0.9)]))["pce"].tolist() == [
        1,
        0.9,
    ]


def test_times_with_am_and_pm_are_told_apart_by_the_day():
    stamps = ("1/31/2025 11:00:00 AM", "1/31/2025 1:30:00 PM")
    text = table("Timestamp,PCE (%)", zip(stamps, (20, 19), strict=True))

    assert only(text)["time"] == pytest.approx([0, 2.5])


def test_a_spoilt_time_of_day_in_two_columns_is_refused():
    rows = [("2025-03-01", "23:30:00", 20), ("nonsense", "00:30:00", 19)]

    with pytest.raises(UnreadableFile, match="date and time like"):
        only(table("Date,Time,PCE (%)", rows))


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_any_end_of_line_is_one(end):
    text = table("Time (h),PCE (%)", [(0, 20), (1, 19)]).replace("\n", end)

    assert only(text)["pce"].tolist() == [20, 19]
    assert only(text + "2,18\n")["pce"].tolist() == [20, 19, 18]
