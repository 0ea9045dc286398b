"""The things an errand may do, good and bad."""

import contextlib
import os
import re
import signal
import sys
import time

from django.db import OperationalError

from labdata.common.jobs import JobKind
from tests.common.jobs.testapp.models import Errand, Result


class BadData(Exception):
    """The data, not the program, is why there is no result."""


def work(errand: Errand, control):
    return ACTIONS[errand.action](errand, control)


def finish(errand: Errand, outcome) -> None:
    Result.objects.create(errand=errand, attempt=errand.attempt)
    if outcome == "break in finish":
        raise ValueError("finish broke")


def fail(errand: Errand, error: Exception) -> None:
    errand.notes = [*errand.notes, f"fail: {error}"]
    errand.save(update_fields=["notes"])


def closed(errand: Errand) -> None:
    errand.notes = [*errand.notes, f"closed: {errand.state}"]
    errand.save(update_fields=["notes"])


def sleep(errand, control):
    until = time.monotonic() + errand.seconds
    while (left := until - time.monotonic()) > 0:
        control.progress(1 - left / max(errand.seconds, left), "sleeping")
        time.sleep(min(left, 0.02))


def loop_without_checkpoints(errand, control):
    until = time.monotonic() + errand.seconds
    while time.monotonic() < until:
        with contextlib.suppress(Exception):  # as careless as somebody's plug-in
            sum(range(1000))


def compiled_loop(errand, control):
    """Stay in one C call that hears nothing and lets no other thread run."""
    re.match(r"(a|aa)+$", "a" * 46 + "b")


def blocked_call(errand, control):
    """Stay in one C call that lets other threads run."""
    time.sleep(errand.seconds)


def allocate(errand, control):
    return len(bytearray(int(errand.seconds * 1024**2)))


def bad_data(errand, control):
    raise BadData("only 5 points after the peak")


def bug(errand, control):
    raise KeyError("no such channel")


def leave(errand, control):
    sys.exit("no licence")


def die(errand, control):
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(errand, control):
    if errand.attempt == 1:
        die(errand, control)
    sleep(errand, control)


def database_away(errand, control):
    if errand.attempt == 1:
        raise OperationalError("server closed the connection")


def break_in_finish(errand, control):
    return "break in finish"


ACTIONS = {
    action.__name__: action
    for action in (
        sleep,
        loop_without_checkpoints,
        compiled_loop,
        blocked_call,
        allocate,
        bad_data,
        bug,
        leave,
        die,
        die_once,
        database_away,
        break_in_finish,
    )
}

ERRAND = JobKind(
    key="errand",
    model="testapp.Errand",
    work=work,
    finish=finish,
    fail=fail,
    closed=closed,
    data_errors=(BadData,),
    activity="running this errand",
    time_limit_seconds=float(os.environ.get("TESTAPP_TIME_LIMIT", "600")),
    memory_limit_bytes=200 * 1024**2,
)
