"""Starting, stopping and dying of the whole lab, with real processes and signals."""

import contextlib
import fcntl
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from labdata.running.supervisor import KILL_AFTER
from tests import schema
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
    lab.place_schema()
    lab.create_user("marie", "radium-226")
    return lab


@pytest.fixture
def own_lab(migrated):
    yield migrated
    migrated.destroy()
    assert not migrated.wait_until_gone(5)


def wait_for_children(lab):
    """Wait until web, worker and scheduler are there."""
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


def wait_for_another(lab, word, victim):
    """Wait for a child of the supervisor in place of the one that died."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        children = {
            pid
            for pid, command in lab.processes().items()
            if word in command and parent_of(pid) == lab.process.pid
        }
        if children - {victim}:
            return True
        time.sleep(0.05)
    return False


def parent_of(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(status.rpartition(")")[2].split()[1])


@pytest.mark.proof
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


@pytest.mark.parametrize(
    "pause",
    [
        pytest.param(0.0, marks=pytest.mark.proof),
        0.5,
        pytest.param(3.0, marks=pytest.mark.proof),
    ],
)
def test_no_process_outlives_a_supervisor_killed_outright(own_lab, pause):
    own_lab.launch()
    wait_for_children(own_lab)
    time.sleep(pause)

    own_lab.process.kill()
    own_lab.process.wait()

    assert not own_lab.wait_until_gone(4)


def test_a_second_start_is_fast_and_keeps_the_data(own_lab):
    own_lab.start()
    wait_for_children(own_lab)
    stopped_after = own_lab.stop(signal.SIGTERM)
    status, left = own_lab.process.returncode, own_lab.processes()

    seconds = own_lab.start()

    assert stopped_after < 10
    assert (status, left) == (0, {})
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
    deadline = time.monotonic() + 60
    while own_lab.url not in own_lab.output:
        assert time.monotonic() < deadline
        assert own_lab.process.poll() is None
        time.sleep(0.02)

    status = own_lab.status("/health/")

    assert status == 200


def test_a_busy_port_is_named_before_anything_starts(own_lab):
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("gunicorn", marks=pytest.mark.proof),
        " worker ",
        pytest.param(" beat ", marks=pytest.mark.proof),
    ],
)
def test_a_child_that_dies_is_started_again(own_lab, word):
    own_lab.start()
    wait_for_children(own_lab)
    victim = pid_of(own_lab, word)

    os.kill(victim, signal.SIGKILL)

    # What the dead child had started goes a moment later than it, so a name that is
    # seen once may be theirs: another child must be there and stay.
    assert wait_for_another(own_lab, word, victim)
    wait_for_children(own_lab)
    assert "was killed by SIGKILL" in own_lab.output


@pytest.fixture(scope="module")
def busy_lab(tmp_path_factory):
    """A lab whose work is errands that last as long as they are told to."""
    lab = Lab(
        tmp_path_factory.mktemp("busy") / "data",
        extra={
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "LABDATA_BROKER_URL": "local://",
        },
    )
    schema.place_sqlite(schema.TESTS, lab.data_dir / "labdata.sqlite3")
    yield lab
    lab.destroy()


def submit_errand(lab, action, seconds) -> int:
    printed = lab.manage(
        "shell",
        "--no-imports",
        "-c",
        "from labdata.common.jobs import services; "
        "from tests.common.jobs.testapp.models import Errand; "
        f"errand = Errand.objects.create(action={action!r}, seconds={seconds}); "
        "services.submit(errand); print(errand.pk)",
    )
    return int(printed)


def errand(lab, pk) -> tuple[str, int, int]:
    """State, attempts and results of an errand, read beside the running lab."""
    with contextlib.closing(sqlite3.connect(lab.data_dir / "labdata.sqlite3")) as rows:
        state, attempt = rows.execute(
            "SELECT state, attempt FROM testapp_errand WHERE id = ?", [pk]
        ).fetchone()
        (results,) = rows.execute(
            "SELECT count(*) FROM testapp_result WHERE errand_id = ?", [pk]
        ).fetchone()
    return state, attempt, results


def wait_for_errand(lab, pk, state, within=30.0):
    deadline = time.monotonic() + within
    while errand(lab, pk)[0] != state:
        assert time.monotonic() < deadline, f"still {errand(lab, pk)}: {lab.output}"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("action", "number"),
    [
        ("compiled_loop", signal.SIGTERM),
        pytest.param("compiled_loop", signal.SIGINT, marks=pytest.mark.proof),
        pytest.param("blocked_call", signal.SIGTERM, marks=pytest.mark.proof),
        pytest.param("blocked_call", signal.SIGINT, marks=pytest.mark.proof),
    ],
)
def test_stopping_amid_long_work_takes_ten_seconds_and_returns_it(
    busy_lab, action, number
):
    busy_lab.start()
    pk = submit_errand(busy_lab, action, 600)
    wait_for_errand(busy_lab, pk, "running")

    seconds = busy_lab.stop(number)

    assert seconds < 10
    assert not busy_lab.processes()
    assert errand(busy_lab, pk) == ("queued", 1, 0)
    with contextlib.closing(
        sqlite3.connect(busy_lab.data_dir / "labdata.sqlite3")
    ) as rows:
        rows.execute("DELETE FROM testapp_errand")
        rows.commit()


def test_stopping_lets_short_work_finish(busy_lab):
    busy_lab.start()
    pk = submit_errand(busy_lab, "blocked_call", 3)
    wait_for_errand(busy_lab, pk, "running")

    seconds = busy_lab.stop(signal.SIGTERM)

    # What does not end by itself is killed after this time.
    assert seconds < KILL_AFTER
    assert errand(busy_lab, pk) == ("done", 1, 1)


def test_work_cut_off_by_a_kill_is_done_once_after_the_next_start(busy_lab):
    busy_lab.start()
    pk = submit_errand(busy_lab, "blocked_call", 4)
    wait_for_errand(busy_lab, pk, "running")
    busy_lab.process.kill()
    busy_lab.process.wait()
    left = busy_lab.wait_until_gone(4)

    busy_lab.start()
    wait_for_errand(busy_lab, pk, "done", within=60)
    busy_lab.stop()

    assert not left
    assert errand(busy_lab, pk) == ("done", 2, 1)


def test_a_child_that_cannot_live_ends_the_lab_with_its_reason(tmp_path):
    lab = Lab(tmp_path / "data", extra={"LABDATA_BROKER_URL": "nonsense://nowhere"})
    try:
        lab.place_schema()
        process = lab.launch()
        status = process.wait(timeout=90)
    finally:
        lab.destroy()

    assert status == 1
    assert "keeps dying" in lab.output
    assert "nonsense" in lab.output
    assert not lab.processes()


@pytest.fixture
def terminal():
    """The two ends of a terminal: what a person holds, and what a program sees."""
    held, seen = os.openpty()
    yield {"held": held, "seen": seen, "unread": ""}
    for end in (held, seen):
        with contextlib.suppress(OSError):
            os.close(end)


def launch_in(terminal, lab, *arguments):
    lab.process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=lab.environment,
        stdin=terminal["seen"],
        stdout=terminal["seen"],
        stderr=terminal["seen"],
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(terminal["seen"])


def read_until(terminal, words, within=60.0):
    """Give what the terminal showed, up to and with the words."""
    # What came with the last words, all at once, is not lost.
    shown, deadline = terminal["unread"], time.monotonic() + within
    while words not in shown:
        ready, _, _ = select.select([terminal["held"]], [], [], 1.0)
        if ready:
            shown += os.read(terminal["held"], 4096).decode()
        assert time.monotonic() < deadline, f"no {words!r} in {shown!r}"
    before, found, terminal["unread"] = shown.partition(words)
    return before + found


def test_closing_the_terminal_stops_everything(own_lab, terminal):
    launch_in(terminal, own_lab, "serve")
    read_until(terminal, own_lab.url)

    os.close(terminal["held"])
    own_lab.process.wait(timeout=10)

    assert not own_lab.processes()


def test_control_c_in_the_terminal_stops_everything(own_lab, terminal):
    launch_in(terminal, own_lab, "serve")
    read_until(terminal, own_lab.url)

    os.write(terminal["held"], b"\x03")
    read_until(terminal, "Stopped after", within=10)
    own_lab.process.wait(timeout=10)

    assert own_lab.process.returncode == 0
    assert not own_lab.processes()


def test_an_empty_lab_asks_for_its_first_user(tmp_path, terminal):
    lab = Lab(tmp_path / "data")
    try:
        launch_in(terminal, lab, "serve")
        for question, answer in (
            ("Who is the first user?", ""),
            ("Username", "marie"),
            ("Email", "marie@example.org"),
            ("Password:", "radium-226-curie"),
            ("Password (again):", "radium-226-curie"),
        ):
            read_until(terminal, question)
            if answer:
                os.write(terminal["held"], f"{answer}\n".encode())
        read_until(terminal, lab.url)
        token = lab.token("marie")
        status, _ = lab.api("projects/", token=token)
    finally:
        lab.destroy()

    assert status == 200


def test_an_empty_lab_without_a_terminal_says_how_to_make_a_user(tmp_path):
    lab = Lab(tmp_path / "data")
    try:
        lab.place_schema()
        lab.start()
        output = lab.output
    finally:
        lab.destroy()

    assert "manage.py createsuperuser" in output
