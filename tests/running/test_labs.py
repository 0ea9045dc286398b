"""Which lab a command means: the demo and one's own lie side by side."""

import fcntl

import pytest

from manage import choose_lab


@pytest.fixture
def var(tmp_path):
    return tmp_path


def make_lab(var, name):
    (var / name).mkdir()
    (var / name / "labdata.sqlite3").touch()
    (var / name / "supervisor.lock").touch()
    return var / name


def test_the_demo_never_touches_a_lab_of_ones_own(var):
    assert choose_lab("demo", var) != choose_lab("serve", var)


def test_a_command_means_the_lab_that_is_there(var):
    demo = make_lab(var, "demo")

    assert choose_lab("create_token", var) == demo


def test_of_two_labs_a_command_means_ones_own(var):
    make_lab(var, "demo")
    own = make_lab(var, "lab")

    assert choose_lab("create_token", var) == own


def test_of_two_labs_a_command_means_the_one_that_runs(var):
    make_lab(var, "lab")
    demo = make_lab(var, "demo")

    with (demo / "supervisor.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        meant = choose_lab("create_token", var)

    assert meant == demo


def test_without_any_lab_a_command_begins_ones_own(var):
    assert choose_lab("migrate", var).name == "lab"
