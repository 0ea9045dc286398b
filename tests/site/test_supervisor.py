"""Starting, stopping and dying of the whole lab, with real processes and signals."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lab import ROOT, Lab

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.xdist_group("supervisor"),
    pytest.mark.skipif(not Path("/proc").exists(), reason="reads processes in /proc"),
]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A lab whose database is there, so that each test starts as the second time."""
    lab = Lab(tmp_path_factory.mktemp("supervised") / "data")
    lab.manage("migrate", "--verbosity", "0")
    return lab


@pytest.fixture
def own_lab(migrated):
    yield migrated
    migrated.destroy()
    assert not migrated.wait_until_gone(5)


def wait_for_children(lab, count=4):
    """Wait until supervisor, web, worker and scheduler and their children are up."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        names = " ".join(lab.processes().values())
        if all(word in names for word in ("gunicorn", " worker ", " beat ")):
            return
        time.sleep(0.05)
    raise AssertionError(f"never complete: {lab.processes()}")


def pid_of(lab, word):
    """The oldest process whose command holds the word: the child itself."""
    return min(pid for pid, command in lab.processes().items() if word in command)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_within_ten_seconds(own_lab, number):
    own_lab.start()
    wait_for_children(own_lab)

    seconds = own_lab.stop(number)

    assert seconds < 10
    assert own_lab.process.returncode == 0
    assert not own_lab.processes()


def test_stopping_while_it_still_starts_leaves_nothing(own_lab):
    own_lab.launch()
    time.sleep(1.5)

    seconds = own_lab.stop(signal.SIGTERM)

    assert seconds < 10
    assert not own_lab.processes()


@pytest.mark.parametrize("pause", [0.0, 0.5, 3.0])
def test_no_process_outlives_a_supervisor_killed_outright(own_lab, pause):
    own_lab.launch()
    wait_for_children(own_lab)
    time.sleep(pause)

    own_lab.process.kill()
    own_lab.process.wait()

    assert not own_lab.wait_until_gone(4)


def test_a_second_start_is_fast_and_keeps_the_data(own_lab):
    own_lab.create_user("marie", "radium-226")
    own_lab.start()
    own_lab.stop()

    seconds = own_lab.start()

    assert seconds < 20
    names = own_lab.manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.contrib.auth.models import User; "
        "print(*User.objects.values_list('username', flat=True))",
    )
    assert "marie" in names


def test_the_address_is_printed_only_when_the_page_answers(own_lab):
    own_lab.launch()
    while own_lab.url not in own_lab.output:
        assert own_lab.process.poll() is None
        time.sleep(0.02)

    status = own_lab.status("/health/")

    assert status == 200


def test_a_busy_port_is_named_before_anything_starts(own_lab):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", own_lab.port))
        squatter.listen()

        process = own_lab.launch()
        status = process.wait(timeout=20)

    assert status == 1
    assert f"Port {own_lab.port} of 127.0.0.1 is in use" in own_lab.output
    assert not own_lab.processes()


def test_a_second_supervisor_on_the_same_data_is_refused(own_lab):
    own_lab.start()
    second = Lab(own_lab.data_dir)

    done = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=second.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
    assert f"already running on {own_lab.data_dir}" in done.stderr
    assert f"process {own_lab.process.pid}" in done.stderr
    assert own_lab.status("/health/") == 200


def test_a_lab_killed_outright_starts_again_at_once(own_lab):
    own_lab.start()
    own_lab.process.kill()
    own_lab.process.wait()

    own_lab.start()

    assert own_lab.status("/health/") == 200


@pytest.mark.parametrize("word", ["gunicorn", " worker ", " beat "])
def test_a_child_that_dies_is_started_again(own_lab, word):
    own_lab.start()
    wait_for_children(own_lab)
    victim = pid_of(own_lab, word)

    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while victim in own_lab.processes() and time.monotonic() < deadline:
        time.sleep(0.05)
    wait_for_children(own_lab)

    assert pid_of(own_lab, word) != victim
    assert "was killed by SIGKILL" in own_lab.output


def test_a_child_that_cannot_live_ends_the_lab_with_its_reason(tmp_path):
    lab = Lab(tmp_path / "data", extra={"LABDATA_BROKER_URL": "nonsense://nowhere"})
    try:
        process = lab.launch()
        status = process.wait(timeout=90)
    finally:
        lab.destroy()

    assert status == 1
    assert "keeps dying" in lab.output
    assert "nonsense" in lab.output
    assert not lab.processes()


def test_closing_the_terminal_stops_everything(own_lab):
    leader, follower = os.openpty()
    own_lab.process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=own_lab.environment,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(
            0, __import__("termios").TIOCSCTTY, 0
        ),
    )
    os.close(follower)
    while own_lab.status("/health/") != 200:
        assert own_lab.process.poll() is None
        time.sleep(0.1)

    os.close(leader)
    own_lab.process.wait(timeout=10)

    assert not own_lab.processes()
