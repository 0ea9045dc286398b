"""Thermal programmes as drawings and tables."""

from types import SimpleNamespace

from labdata.site.drawings.programme import draw_program, tabulate_program
from samples import thermal


def rows(*given):
    """Segments as the database holds them: texts that are not known are empty."""
    texts = {"atmosphere": "", "cooling": ""}
    return [
        SimpleNamespace(**dict.fromkeys(thermal.KEYS) | texts | one) for one in given
    ]


RAMP = {
    "start_temperature": 25.0,
    "end_temperature": 300.0,
    "ramp": 20.0,
    "dwell": 0.0,
}
DWELL = {"start_temperature": 300.0, "end_temperature": 300.0, "dwell": 60.0}


def test_a_line_joins_every_pair_of_points():
    drawing = draw_program(rows(RAMP, DWELL))

    assert not any(line["is_assumed"] for line in drawing.lines)
    assert len(drawing.lines) == 2
    assert not drawing.is_partial


def test_what_took_an_unknown_time_is_dashed_and_said():
    drawing = draw_program(rows(RAMP | {"ramp": None}, DWELL))

    assert drawing.lines[0]["is_assumed"]
    assert "not known" in drawing.remark


def test_long_programmes_are_drawn_in_hours():
    drawing = draw_program(rows(RAMP, DWELL | {"dwell": 1440.0}))

    assert drawing.x_label == "Time (h)"
    assert drawing.x_ticks[-1]["text"] == "20"


def test_nothing_is_drawn_of_a_programme_without_temperatures():
    assert draw_program(rows({"atmosphere": "N2"})) is None


def test_ticks_are_round_and_inside_the_box():
    drawing = draw_program(rows(RAMP, DWELL))

    values = [float(tick["text"]) for tick in drawing.y_ticks]
    assert values == [100.0, 200.0, 300.0]
    places = [tick["at"] for tick in drawing.y_ticks]
    assert all(drawing.top <= place <= drawing.bottom for place in places)


def test_the_table_leaves_out_what_nobody_knows():
    table = tabulate_program(rows(RAMP, DWELL | {"atmosphere": "N2"}))

    assert table["head"][-1] == "Atmosphere"
    assert "Pressure [Pa]" not in table["head"]
    assert table["rows"][0] == [25.0, 300.0, 20.0, 0.0, None]
