"""Who a process is, whether it still lives, and that it ends with its parent."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import socket
import sys
import threading
import time
from functools import lru_cache
from pathlib import Path

PARENT_CHECK_SECONDS = 0.5
SUPERVISOR_VARIABLE = "LABDATA_SUPERVISOR_PID"
FOLLOWING = "labdata.common.work.following"
"""The module that runs another one as a part of the supervisor."""

_PR_SET_PDEATHSIG = 1


class _Fork:
    """What a forked child has to know of the moment it was made."""

    maker = 0
    by_main_thread = True
    parent: int | None = None
    """The maker, in a child that Python forked."""
    root: int | None = None
    """The process whose pool this one belongs to, once it is a member."""


def _before_fork() -> None:
    _Fork.maker = os.getpid()
    _Fork.by_main_thread = threading.current_thread() is threading.main_thread()


def _after_fork_in_child() -> None:
    _Fork.parent, _Fork.root = _Fork.maker, None


os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)


@lru_cache(maxsize=1)
def machine() -> str:
    """Name where process numbers mean the same: a boot of one host or container."""
    marks = [socket.gethostname()]
    for read in (
        lambda: Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"),
        lambda: str(Path("/proc/self/ns/pid").readlink()),
    ):
        try:
            marks.append(read())
        except OSError:
            continue
    digest = hashlib.sha256("|".join(marks).encode()).hexdigest()
    return f"{marks[0][:60]}-{digest[:8]}"


def identity() -> str:
    """``machine:root:self`` of this process, with start times against reused numbers.

    The root is the worker whose pool the process belongs to; every process of one
    worker shares the part before the last colon, which is ``tree_identity()``.
    """
    return f"{tree_identity()}:{_mark(os.getpid())}"


def tree_identity() -> str:
    return f"{machine()}:{_mark(_Fork.root or os.getpid())}"


def _mark(pid: int) -> str:
    return f"{pid}.{_start_time(pid) or 0}"


def _start_time(pid: int) -> str | None:
    """Clock ticks from boot to the start of a process; ``None`` if it is dead."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else fields[18]


def is_alive(mark: str) -> bool:
    """Whether the very process of a ``pid.start`` mark still runs on this machine."""
    pid, _, started = mark.partition(".")
    if Path("/proc/self/stat").exists():
        return _start_time(int(pid)) == started
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def join_pool() -> None:
    """Say that this freshly forked process works for, and dies with, its parent."""
    _Fork.root = _Fork.parent or os.getppid()
    die_with_parent()


def is_pool_child() -> bool:
    return _Fork.root is not None


def follow_supervisor() -> None:
    """End with the supervisor that started this process, if one did.

    It names itself in ``LABDATA_SUPERVISOR_PID`` and must start its processes from
    its main thread: Linux counts the end of the starting thread as the parent's.
    """
    supervisor = os.environ.get(SUPERVISOR_VARIABLE)
    if supervisor:
        _end_with(int(supervisor), kernel=True)


def die_with_parent() -> None:
    """Make sure that this process does not outlive a parent that was killed.

    Call it in a freshly forked child. Linux kills it in the same instant, even in
    compiled code; elsewhere, and where a passing thread forked it, a watching thread
    notices within half a second.
    """
    forked = _Fork.parent is not None
    parent = _Fork.parent if forked else os.getppid()
    _end_with(parent, kernel=_Fork.by_main_thread or not forked)


def _end_with(parent: int, *, kernel: bool) -> None:
    if sys.platform == "linux":
        # Celery asks for the signal in every child, also where it would come early.
        wanted = signal.SIGKILL if kernel else 0
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, wanted)
    threading.Thread(
        target=_watch, args=(parent,), name="parent-watch", daemon=True
    ).start()


def _watch(parent: int) -> None:
    # The first look is for a parent that died before the kernel was asked.
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    kill_self()


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
