"""One child of the supervisor: its process group, its log, its second chances."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from labdata.common.work.processes import FOLLOWING, SUPERVISOR_VARIABLE

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
SETTLED_AFTER = 30.0
GIVE_UP_AFTER = 4
LOG_LIMIT = 50_000_000
SERIOUS = re.compile(r"(?<!%)\b(WARNING|ERROR|CRITICAL)\b(?! django\.request)")


class Child:
    """A Python module that runs in a session of its own, until it is destroyed.

    The session keeps the terminal's Ctrl-C away from it; its process group lets
    everything it started be killed with it.
    """

    def __init__(
        self, name: str, arguments: tuple[str, ...], *, log: Path, pass_fds=()
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.log = log
        self.pass_fds = pass_fds
        self.process: subprocess.Popen | None = None
        self.failures = 0
        self.started_at = 0.0
        self.start_at = 0.0
        self.read_to = log.stat().st_size if log.exists() else 0

    def start_if_due(self) -> None:
        if self.process is not None or time.monotonic() < self.start_at:
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", FOLLOWING, *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=self.pass_fds,
                start_new_session=True,
                env={**os.environ, SUPERVISOR_VARIABLE: str(os.getpid())},
            )
        self.started_at = time.monotonic()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def has_died(self) -> str:
        """Say how the process ended since the last look, or nothing."""
        if self.process is None or self.is_alive():
            return ""
        status = self.process.returncode
        how = (
            f"was killed by {signal.Signals(-status).name}"
            if status < 0
            else f"ended with status {status}"
        )
        self.destroy()
        now = time.monotonic()
        self.failures = (
            1 if now - self.started_at > SETTLED_AFTER else self.failures + 1
        )
        pause = min(FIRST_PAUSE * 2 ** (self.failures - 1), LONGEST_PAUSE)
        self.start_at = now + pause
        return f"The {self.name} {how} (its log: {self.log})."

    def has_given_up(self) -> bool:
        return self.failures >= GIVE_UP_AFTER

    def send(self, number: signal.Signals) -> None:
        if self.is_alive():
            self.process.send_signal(number)

    def destroy(self) -> None:
        """Kill the process and whatever it has started."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        except PermissionError:
            # macOS answers so for a group that holds only zombies.
            pass
        self.process.wait()
        self.process = None

    def new_warnings(self) -> list[str]:
        """Return what the log has said since the last look that a person should see."""
        if not self.log.exists():
            return []
        size = self.log.stat().st_size
        if size <= self.read_to:
            self.read_to = min(size, self.read_to)
            return []
        with self.log.open("rb") as log:
            log.seek(self.read_to)
            text = log.read(size - self.read_to)
        whole = text[: text.rfind(b"\n") + 1]
        self.read_to += len(whole)
        if self.read_to > LOG_LIMIT:
            # The child appends, so it goes on at the new end.
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)
            self.read_to = 0
        lines = whole.decode(errors="replace").splitlines()
        return [line for line in lines if SERIOUS.search(line[:90])]

    def last_lines(self, count: int = 15) -> str:
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 8000))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-count:])
