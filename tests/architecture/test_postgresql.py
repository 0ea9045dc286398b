"""What runs on the second database is declared in one place, and is really there."""

from pathlib import Path

import pytest

from tests import postgresql

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("place", postgresql.REASONS)
def test_every_place_that_runs_on_postgresql_is_there_and_says_why(place):
    path, _, test = place.partition("::")

    assert (ROOT / path).exists()
    assert (
        f"def {test.partition('[')[0]}(" in (ROOT / path).read_text() if test else True
    )
    assert postgresql.REASONS[place].strip()


@pytest.mark.parametrize(
    ("nodeid", "chosen"),
    [
        ("tests/common/jobs/test_claims.py::test_one", True),
        ("tests/samples/test_where.py::test_one[a]", True),
        ("tests/common/jobs_of_others/test_claims.py::test_one", False),
        ("tests/site/test_query_counts.py::test_one", False),
    ],
)
def test_a_folder_chooses_what_is_in_it_and_a_file_its_tests(nodeid, chosen):
    assert postgresql.is_chosen(nodeid) is chosen
