import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.thermal import KEYS, ProgramError, Segment, check_program, curve, summary

SINTERING = [
    {
        "start_temperature": 25,
        "end_temperature": 300,
        "ramp": 20,
        "dwell": 30,
        "atmosphere": "N₂",
        "gas_flow": 20,
        "pressure": 101325,
        "cooling": None,
    },
    {"start_temperature": 300, "end_temperature": 25, "ramp": 10, "dwell": 0},
]


def errors_of(rows):
    with pytest.raises(ProgramError) as caught:
        check_program(rows)
    return caught.value.errors


def test_a_programme_is_read_field_by_field():
    first, second = check_program(SINTERING)

    assert first == Segment(25.0, 300.0, 20.0, 30.0, "N2", 20.0, 101325.0, None)
    assert second == Segment(300.0, 25.0, 10.0, 0.0)


def test_texts_with_units_become_the_declared_units():
    (segment,) = check_program(
        [
            {
                "start_temperature": "298.15 K",
                "end_temperature": "573.15 K",
                "ramp": "0,5 K/s",
                "dwell": "0.5 h",
                "gas_flow": "20 sccm",
                "pressure": "1 atm",
                "atmosphere": " nitrogen ",
                "cooling": "Quench",
            }
        ]
    )

    assert segment == Segment(25.0, 300.0, 30.0, 30.0, "N2", 20.0, 101325.0, "quench")


def test_a_very_low_pressure_is_kept():
    (segment,) = check_program([{"pressure": "1e-11 mbar"}])

    assert segment.pressure == pytest.approx(1e-9)


def test_unknown_stays_unknown():
    (segment,) = check_program([{"end_temperature": 300, "dwell": None, "ramp": ""}])

    assert segment == Segment(end_temperature=300.0)


def test_an_empty_programme_has_no_segments():
    assert check_program([]) == ()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("ramp", -5, "-5 °C/min is negative; cooling is an end temperature below"),
        ("ramp", 0, "0 °C/min never leads from 25 to 300 °C"),
        ("end_temperature", -300, "-300 °C is below absolute zero"),
        ("end_temperature", "-1 K", "below absolute zero"),
        ("end_temperature", 5000, "hotter than any furnace"),
        ("dwell", -1, "-1 min is negative"),
        ("gas_flow", -1, "-1 mL/min is negative"),
        ("pressure", "-1 bar", "-100000 Pa is negative"),
        ("ramp", 1e-9, "slower than 1e-06"),
        ("dwell", 1e300, "beyond 1e+12"),
        ("dwell", "soon", "'soon' is not a number"),
        ("dwell", "5 nm", "measures length, time is wanted"),
        ("dwell", math.nan, "not a finite number"),
        ("dwell", math.inf, "not a finite number"),
        ("dwell", True, "not a number"),
        ("dwell", [5], "not a number"),
        ("dwell", "~30", "without bound"),
        ("cooling", "slow", "'slow' is not one of ramp, quench"),
        ("cooling", 5, "5 is not one of"),
        ("atmosphere", 5, "not the name of a gas"),
        ("atmosphere", "x" * 61, "at most 60 characters, got 61"),
        ("presure", 5, "unknown field; known are start_temperature"),
    ],
)
def test_each_fault_is_told_at_its_segment_and_field(field, value, message):
    rows = [{"end_temperature": 25}, {**SINTERING[0], field: value}]

    errors = errors_of(rows)

    assert list(errors) == [1]
    assert list(errors[1]) == [field]
    assert message in errors[1][field]


def test_all_faults_are_told_at_once():
    errors = errors_of([{"ramp": -1, "dwell": -2}, {"cooling": "slow"}])

    assert {index: set(found) for index, found in errors.items()} == {
        0: {"ramp", "dwell"},
        1: {"cooling"},
    }


def test_the_message_names_segments_as_people_count_them():
    with pytest.raises(ProgramError, match="segment 2, ramp: -1 °C/min is negative"):
        check_program([{"end_temperature": 25}, {"ramp": -1}])


def test_a_jump_between_segments_is_refused():
    rows = [SINTERING[0], {**SINTERING[1], "start_temperature": 350}]

    assert errors_of(rows) == {
        1: {
            "start_temperature": "starts at 350 °C, but segment 1 ends at 300 °C"
            " (only a quench may lie between)"
        }
    }


def test_a_quench_may_lie_between_segments_but_only_downwards():
    quenched = {**SINTERING[0], "cooling": "quench"}

    assert check_program([quenched, {"start_temperature": 25, "end_temperature": 200}])
    assert errors_of([quenched, {"start_temperature": 400, "end_temperature": 200}])


@pytest.mark.parametrize("rows", ["text", {"ramp": 1}, None, 5])
def test_a_programme_is_a_list(rows):
    assert "list" in errors_of(rows)[0]["program"]


@pytest.mark.parametrize("row", [None, 5, [], {}])
def test_a_segment_is_a_mapping_that_says_something(row):
    assert "segment" in errors_of([row])[0]


def test_the_curve_of_a_known_programme():
    minutes, celsius, known = curve(check_program(SINTERING))

    assert minutes.tolist() == [0, 13.75, 43.75, 71.25]
    assert celsius.tolist() == [25, 300, 300, 25]
    assert known.all()


def test_an_unknown_dwell_is_drawn_and_marked():
    rows = [{**SINTERING[0], "dwell": None}, SINTERING[1]]

    minutes, celsius, known = curve(check_program(rows))

    assert known.tolist() == [True, True, False, True]
    assert minutes[2] - minutes[1] == pytest.approx((13.75 + 27.5) / 10)
    assert celsius.tolist() == [25, 300, 300, 25]


def test_an_unknown_ramp_is_drawn_and_marked():
    minutes, celsius, known = curve(
        check_program([{"start_temperature": 25, "end_temperature": 300, "dwell": 0}])
    )

    assert (minutes.tolist(), celsius.tolist()) == ([0, 1], [25, 300])
    assert known.tolist() == [True, False]


def test_an_unknown_temperature_is_a_gap():
    _, celsius, known = curve([Segment(dwell=5.0, atmosphere="N2")])

    assert np.isnan(celsius).all()
    assert not known.any()


def test_a_quench_is_drawn_as_a_jump():
    rows = [
        {**SINTERING[0], "cooling": "quench"},
        {"start_temperature": 25, "end_temperature": 25, "dwell": 10},
    ]

    minutes, celsius, _ = curve(check_program(rows))

    assert celsius.tolist() == [25, 300, 300, 25, 25, 25]
    assert minutes[2] == minutes[3]


def test_a_curve_of_nothing_is_empty():
    assert [column.size for column in curve(())] == [0, 0, 0]


def test_the_summary_of_a_known_programme():
    found = summary(
        check_program([*SINTERING[:1], {**SINTERING[1], "cooling": "ramp"}])
    )

    assert found.maximum_temperature == 300
    assert (found.dwell, found.ramp, found.duration) == (30, 20, 71.25)
    assert (found.atmospheres, found.gas_flow, found.pressure) == (("N2",), 20, 101325)
    assert found.cooling == "ramp"


def test_a_missing_dwell_is_not_zero():
    found = summary(check_program([{**SINTERING[0], "dwell": None}, SINTERING[1]]))

    assert (found.maximum_temperature, found.dwell, found.duration) == (300, None, None)


def test_dwells_at_the_maximum_add_up_and_other_dwells_do_not():
    found = summary(
        check_program(
            [
                {
                    "start_temperature": 25,
                    "end_temperature": 200,
                    "ramp": 5,
                    "dwell": 9,
                },
                {"end_temperature": 300, "ramp": 20, "dwell": 10},
                {"end_temperature": 300, "dwell": 20},
            ]
        )
    )

    assert (found.dwell, found.ramp) == (30, 20)
    assert found.duration == pytest.approx(35 + 9 + 5 + 10 + 20)


def test_the_maximum_is_as_it_was_reached_first_and_cooling_as_it_was_last():
    found = summary(
        check_program(
            [
                {
                    "start_temperature": 25,
                    "end_temperature": 300,
                    "ramp": 20,
                    "gas_flow": 50,
                    "cooling": "quench",
                },
                {"start_temperature": 25, "end_temperature": 300, "ramp": 5},
                {"end_temperature": 25, "ramp": 2, "cooling": "ramp"},
            ]
        )
    )

    assert (found.maximum_temperature, found.ramp, found.gas_flow) == (300, 20, 50)
    assert found.cooling == "ramp"


def test_a_programme_that_only_cools_was_never_ramped_up():
    found = summary(check_program(SINTERING[1:]))

    assert (found.maximum_temperature, found.dwell, found.ramp) == (300, None, None)


def test_the_duration_of_an_unpaced_quench_is_unknown():
    rows = [
        SINTERING[0],
        {"start_temperature": 300, "end_temperature": 25, "dwell": 0}
        | {"cooling": "quench"},
    ]

    found = summary(check_program(rows))

    assert (found.duration, found.cooling) == (None, "quench")


def test_a_summary_of_nothing_knows_nothing():
    found = summary(())

    assert (found.maximum_temperature, found.duration, found.atmospheres) == (
        None,
        None,
        (),
    )


numbers = st.none() | st.floats(-300, 2000) | st.text(max_size=8) | st.booleans()


@given(
    st.lists(
        st.dictionaries(st.sampled_from(KEYS), numbers, max_size=len(KEYS)), max_size=4
    )
)
def test_any_programme_is_read_or_refused_by_index_and_field(rows):
    try:
        segments = check_program(rows)
    except ProgramError as error:
        assert error.errors
        assert set(error.errors) <= set(range(len(rows)))
        return
    assert check_program([segment.as_dict() for segment in segments]) == segments
    minutes, celsius, known = curve(segments)
    assert minutes.size == celsius.size == known.size
    assert (np.diff(minutes) >= 0).all()
    summary(segments)
