"""What one person chose says nothing about another."""

import pytest

from labdata.common.people.preferences import preference, preferences, set_preference
from tests.samples.factories import make_user

pytestmark = pytest.mark.django_db

KEY = "labels.format"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def grace(ada):
    """Somebody who chose before."""
    user = make_user("grace")
    set_preference(user=user, key=KEY, value="62x29")
    return user


def test_what_another_chose_is_not_ones_own(ada, grace):
    assert preference(ada, KEY, "plain") == "plain"
    assert preferences(ada, {KEY: "plain"}) == {KEY: "plain"}


def test_the_last_choice_holds(ada, grace):
    set_preference(user=ada, key=KEY, value="a4")
    set_preference(user=ada, key=KEY, value="a5")

    assert preference(ada, KEY) == "a5"
    assert preferences(grace, {KEY: "plain"}) == {KEY: "62x29"}


def test_forgetting_a_choice_leaves_those_of_others(ada, grace):
    set_preference(user=ada, key=KEY, value=None)

    assert preference(grace, KEY) == "62x29"
