"""Processes know themselves, tell the living from the dead, and end with parents."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from labdata.common.work import processes

ROOT = Path(__file__).parents[3]

FAMILY = """
import ctypes, os, re, threading, time
from labdata.common.work import processes

def make_child():
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, {signal})
        processes.die_with_parent()
        print(os.getpid(), flush=True)
        {work}

if {in_thread}:
    maker = threading.Thread(target=make_child)
    maker.start()
    maker.join()
else:
    make_child()
time.sleep(60)
"""


SLEEP = "time.sleep(60)"
COMPILED_LOOP = "re.match('(a|aa)+$', 'a' * 46 + 'b')"


def start_family(*, in_thread=False, work=SLEEP, signal=0):
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            FAMILY.format(in_thread=in_thread, work=work, signal=signal),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    return parent, int(parent.stdout.readline())


def end_of(pid, seconds=5.0):
    """How long it took a process to end."""
    began = time.monotonic()
    while _exists(pid):
        assert time.monotonic() - began < seconds, "it is still there"
        time.sleep(0.01)
    return time.monotonic() - began


def _exists(pid):
    return processes.is_alive(f"{pid}.{processes._start_time(pid)}")


@pytest.fixture
def family(request):
    parent, child = start_family(**request.param)
    yield parent, child
    parent.kill()
    parent.wait()
    parent.stdout.close()


def test_this_process_is_alive_and_belongs_to_its_own_tree():
    machine, root, own = processes.identity().split(":")

    assert processes.is_alive(own)
    assert (machine, root) == (processes.machine(), own)
    assert processes.tree_identity() == f"{machine}:{root}"


def test_a_process_that_ended_is_dead_even_before_its_parent_looks():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = processes._mark(child.pid)
    alive_before = processes.is_alive(mark)

    child.stdin.close()
    end_of(child.pid)

    assert alive_before
    assert not processes.is_alive(mark)
    child.wait()


def test_a_process_number_used_again_is_another_process():
    pid = processes._mark(os.getpid()).partition(".")[0]

    assert not processes.is_alive(f"{pid}.1")


@pytest.mark.parametrize(
    "family",
    [{}, {"in_thread": True}, {"work": COMPILED_LOOP}],
    ids=["forked", "forked by a thread", "in compiled code"],
    indirect=True,
)
def test_a_child_ends_with_a_parent_that_was_killed(family):
    parent, child = family

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    assert end_of(child) < 2


@pytest.mark.parametrize(
    "family", [{"in_thread": True, "signal": 9}], ids=["as Celery"], indirect=True
)
def test_a_child_forked_by_a_passing_thread_lives_as_long_as_the_process(family):
    parent, child = family

    time.sleep(0.8)

    assert parent.poll() is None
    assert _exists(child)


def test_a_fork_elsewhere_does_not_make_this_process_a_child():
    thread = threading.Thread(target=os.system, args=("true",))
    thread.start()
    thread.join()
    if (child := os.fork()) == 0:
        os._exit(0 if processes._Fork.parent == os.getppid() else 1)

    _, status = os.waitpid(child, 0)

    assert status == 0
    assert not processes.is_pool_child()


def test_a_process_whose_supervisor_is_gone_before_it_looks_does_not_start():
    started = subprocess.run(
        [
            sys.executable,
            "-c",
            "from labdata.common.work import processes; processes.follow_supervisor()",
        ],
        cwd=ROOT,
        env={**os.environ, processes.SUPERVISOR_VARIABLE: "999999999"},
        check=False,
    )

    assert started.returncode == -signal.SIGKILL
