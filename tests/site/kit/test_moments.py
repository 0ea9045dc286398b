"""Times as people type them become the ISO texts that services take."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from labdata.site.kit.acts.moments import as_written, told_time

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-03-05 12:00"),
        ("Today", "2026-03-05"),
        ("yesterday", "2026-03-04"),
        ("yesterday 9:05", "2026-03-04 09:05"),
        ("14:30", "2026-03-05 14:30"),
        ("5.3.2026", "2026-03-05"),
        ("05.03.2026 14:30", "2026-03-05 14:30"),
        ("5 Mar 2026", "2026-03-05"),
        ("March 5, 2026", "2026-03-05"),
        ("2026-03", "2026-03"),
        ("3/5/2026", "3/5/2026"),
        ("", ""),
    ],
)
def test_words_and_dates_of_the_bench_are_understood(settings, text, expected):
    settings.TIME_ZONE = "UTC"

    assert as_written(text, now=NOW) == expected


def test_only_what_is_known_is_told():
    assert told_time("2026-03") == "March 2026, to the month"
    assert told_time("") == ""


def test_what_can_be_read_in_two_ways_is_refused():
    with pytest.raises(ValidationError, match="not a date"):
        told_time("3/5/2026")
