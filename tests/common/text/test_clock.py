"""Times are read in the forms instruments have, and two meanings are a question."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.common.text.clock import (
    AmbiguousDate,
    first_clock,
    form_of,
    is_elapsed,
    parse_clock,
)

EVENING = datetime(2025, 1, 31, 21, 46, 9)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2025-01-31 21:46:09", EVENING),
        ("2025-01-31T21:46:09.5", EVENING.replace(microsecond=500_000)),
        ("2025-01-31 21:46:09,25", EVENING.replace(microsecond=250_000)),
        ("2025-01-31T21:46", EVENING.replace(second=0)),
        ("2025-01-31T21:46:09Z", EVENING.replace(tzinfo=UTC)),
        ("31.01.2025 21:46:09", EVENING),
        ("31.1.2025 21:46:09.5", EVENING.replace(microsecond=500_000)),
        ("31.01.2025 21:46", EVENING.replace(second=0)),
        ("2025/1/31 21:46:09", EVENING),
        ("31/01/2025 21:46:09", EVENING),
        ("1/31/2025 21:46", EVENING.replace(second=0)),
        ("1/31/2025 9:46:09 PM", EVENING),
        (" 31/1/2025 9:46:09 pm ", EVENING),
        ("2025-13-31 21:46:09", None),
        ("31/31/2025 21:46:09", None),
        ("31.01.2025", None),
        ("21:46:09", None),
        ("no date", None),
        ("", None),
    ],
)
def test_times_are_read_in_many_forms(text, clock):
    assert parse_clock(text) == clock


@pytest.mark.parametrize("text", ["3/4/2025 10:00:00", "3/4/2025 9:46:09 AM"])
def test_a_date_that_may_be_two_is_a_question(text):
    with pytest.raises(AmbiguousDate, match="day first or month first"):
        parse_clock(text)


def test_a_format_known_to_be_american_is_none():
    assert parse_clock("3/4/2025 9:46:09 AM", is_american=True) == datetime(
        2025, 3, 4, 9, 46, 9
    )
    with pytest.raises(AmbiguousDate):
        parse_clock("3/4/2025 10:00:00", is_american=True)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),
    st.sampled_from(
        ["%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f", "%d.%m.%Y %H:%M:%S.%f"]
    ),
)
def test_a_time_written_in_any_form_comes_back(clock, form):
    assert parse_clock(clock.strftime(form)) == clock


def test_the_first_time_counts_and_a_doubtful_one_is_told():
    notes = []

    found = first_clock(["Xe", "3/4/2025 10:00:00", "2025-01-31 21:46:09"], notes)

    assert found == EVENING
    assert notes == [
        "'3/4/2025 10:00:00' may be day first or month first: it was not taken as the"
        " time of the measurement."
    ]
    assert first_clock([], notes) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12 days 14:34:30.4", True), ("302:34:30", True), ("0,5", False), ("12", False)],
)
def test_lengths_of_time_have_colons(text, expected):
    assert is_elapsed(text) is expected
    assert form_of(text) is None
