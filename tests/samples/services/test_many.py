"""Of many samples changed at once, those that change nothing are left."""

import pytest

from samples import services
from tests.samples.factories import make_project, make_sample, make_user

pytestmark = pytest.mark.django_db


def test_samples_that_are_so_already_are_not_written():
    ada = make_user("ada")
    project = make_project(ada)
    there = make_sample(ada, project, "S-1", location="shelf 3", tags=["april"])
    elsewhere = make_sample(ada, project, "S-2", tags=["april"])

    count = services.change_samples(
        user=ada,
        samples=[there, elsewhere],
        location="shelf 3",
        archived=False,
        add_tags=["april"],
        remove_tags=["old"],
    )

    there.refresh_from_db()
    elsewhere.refresh_from_db()
    assert count == 1
    assert (there.version, elsewhere.version) == (1, 2)
