"""One process that starts, watches and stops web server, worker and scheduler."""

import contextlib
import errno
import fcntl
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from labdata.celery import SCHEDULER_ARGUMENTS, WORKER_ARGUMENTS
from labdata.common.jobs import reaper
from labdata.common.jobs.models import State
from labdata.common.jobs.registry import kinds
from labdata.common.work import processes
from labdata.running.children import Child

ANSWER_WITHIN = 120.0
QUIT_AFTER = 5.0
KILL_AFTER = 9.0
IMPATIENT_AFTER = 1.0
SAID_AT_ONCE = 256


class CannotStart(CommandError):
    """Why the lab does not start, in words for the person at the terminal."""


def serve(
    *,
    port: int | None = None,
    host: str = "127.0.0.1",
    banner: str = "",
    prepare: Callable[[], None] | None = None,
) -> int:
    """Run the whole lab until it is told to stop; answer the exit status.

    ``prepare`` runs after the migrations and before the first child, when no other
    supervisor can be at work on the same data.
    """
    port = settings.LABDATA_PORT if port is None else port
    data_dir = Path(settings.LABDATA_DATA_DIR)
    with sole_supervisor(data_dir), _listener(host, port) as listener:
        call_command("migrate", interactive=False, verbosity=0)
        if prepare is not None:
            prepare()
        connections.close_all()
        return Supervisor(listener, data_dir, banner).run()


@contextlib.contextmanager
def sole_supervisor(data_dir: Path) -> Iterator[None]:
    """Hold a lock that the kernel takes back however this process ends."""
    descriptor = os.open(data_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode().strip() or "unknown"
            raise CannotStart(
                f"labdata is already running on {data_dir} (process {holder}). "
                f"Stop that one first (Ctrl-C in its window, or: kill {holder}), "
                "or choose other data with LABDATA_DATA_DIR."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _listener(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port now, so that a busy one is known before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotStart(
                    f"Cannot listen on {host}, port {port}: {error.strerror}."
                ) from error
            raise CannotStart(
                f"Port {port} of {host} is in use by another program. Stop it, or "
                f"choose another port: LABDATA_PORT={port + 1}"
            ) from error
        listener.listen(128)
        yield listener


class Supervisor:
    """Keep the children alive until a signal, then leave no process behind."""

    def __init__(self, listener: socket.socket, data_dir: Path, banner: str) -> None:
        self.listener = listener
        self.banner = banner
        self.data_dir = data_dir
        self.logs = data_dir / "logs"
        self.logs.mkdir(exist_ok=True)
        self.web, self.worker, self.scheduler = self.children = self._children()
        self.probe: Probe | None = None
        self.answered = False
        self.failure = ""
        self.asked_to_stop_at: float | None = None
        self.impatient = False

    def _children(self) -> tuple[Child, Child, Child]:
        listening = self.listener.fileno()
        return (
            Child(
                "web",
                (
                    *("gunicorn", "-c", "python:labdata.running.webserver"),
                    *("--bind", f"fd://{listening}"),
                ),
                log=self.logs / "web.log",
                pass_fds=(listening,),
            ),
            Child(
                "worker",
                ("celery", *WORKER_ARGUMENTS),
                log=self.logs / "worker.log",
            ),
            Child(
                "scheduler",
                ("celery", *SCHEDULER_ARGUMENTS),
                log=self.logs / "scheduler.log",
            ),
        )

    def run(self) -> int:
        """Start everything and return when everything has stopped."""
        sys.stdout.flush()
        with self._signals():
            deadline = time.monotonic() + ANSWER_WITHIN
            try:
                while self.asked_to_stop_at is None and not self.failure:
                    self._look_after_children()
                    if not self.answered:
                        self._ask_for_the_page(deadline)
                    self._pass_on_warnings()
                    self._sleep(1.0 if self.answered else 0.1)
            finally:
                self._stop()
        if self.failure:
            raise CannotStart(self.failure)
        return 0

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Let any signal end the sleep; a handler that raised could hit anywhere."""
        self.wake, waker = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(waker, False)
        handlers = {
            signal.SIGINT: self._on_stop,
            signal.SIGTERM: self._on_stop,
            signal.SIGCHLD: lambda *_: None,
        }
        # Under nohup the closing of the terminal is to be survived.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            handlers[signal.SIGHUP] = self._on_stop
        before = {
            number: signal.signal(number, how) for number, how in handlers.items()
        }
        woken_before = signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(woken_before)
            for one, how in before.items():
                signal.signal(one, how)
            os.close(self.wake)
            os.close(waker)

    def _on_stop(self, number: int, frame: object) -> None:
        now = time.monotonic()
        if self.asked_to_stop_at is None:
            self.asked_to_stop_at = now
        elif number == signal.SIGINT and now - self.asked_to_stop_at > IMPATIENT_AFTER:
            self.impatient = True

    def _sleep(self, seconds: float) -> None:
        waiting = [self.wake, *([self.probe] if self.probe else [])]
        ready, _, _ = select.select(waiting, [], [], seconds)
        if self.wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self.wake, 4096)

    def _look_after_children(self) -> None:
        for child in self.children:
            died = child.has_died()
            if died:
                self._say(f"{died} It is started again.")
                if child is self.worker:
                    self._release_work()
            if child.has_given_up():
                self.failure = (
                    f"The {child.name} keeps dying, so labdata stops. "
                    f"The end of {child.log}:\n{child.last_lines()}"
                )
                return
            child.start_if_due()

    def _ask_for_the_page(self, deadline: float) -> None:
        if self.probe is None:
            self.probe = Probe(self.listener.getsockname())
        elif self.probe.is_ready():
            status = self.probe.status()
            self.probe = None
            if status == 200:
                self.answered = True
                self._announce()
            elif status is not None:
                self.failure = (
                    f"The page answers with status {status}. "
                    f"The end of {self.web.log}:\n{self.web.last_lines()}"
                )
        if not self.answered and time.monotonic() > deadline:
            self.failure = (
                f"The page did not answer within {ANSWER_WITHIN:.0f} s. "
                f"The end of {self.web.log}:\n{self.web.last_lines()}"
            )

    def _announce(self) -> None:
        host, port = self.listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        self._say(f"\nlabdata is running at http://{shown}:{port}")
        if self.banner:
            self._say(self.banner)
        self._say(f"Data and logs are in {self.data_dir}. Ctrl-C stops everything.")

    def _pass_on_warnings(self) -> None:
        for child in self.children:
            for line in child.new_warnings():
                self._say(f"{child.name}: {line}")

    def _stop(self) -> None:
        """Ask, then insist, then kill: ten seconds at most, whatever the work."""
        began = time.monotonic()
        if self.answered:
            self._say("Stopping ...")
        self.listener.close()
        if self.probe is not None:
            self.probe.close()
            self.probe = None
        for child in self.children:
            child.send(signal.SIGTERM)
        insisted = False
        while any(child.is_alive() for child in self.children):
            elapsed = time.monotonic() - began
            if elapsed > KILL_AFTER or self.impatient:
                break
            # Celery takes seconds to notice that it has nothing left to do.
            if not insisted and (elapsed > QUIT_AFTER or not self._is_working()):
                self.worker.send(signal.SIGQUIT)
                insisted = True
            self._sleep(0.1)
        for child in self.children:
            child.destroy()
        self._release_work()
        if self.answered:
            self._say(f"Stopped after {time.monotonic() - began:.1f} s.")

    def _is_working(self) -> bool:
        """Whether a worker on this machine is in the middle of something."""
        here = f"{processes.machine()}:"
        try:
            return any(
                kind.get_model()
                .objects.open()
                .filter(state=State.RUNNING, worker__startswith=here)
                .exists()
                for kind in kinds
            )
        except DatabaseError:
            return True

    def _release_work(self) -> None:
        """Return to the queue what the dead worker had not finished."""
        try:
            reaper.reap()
        except DatabaseError as error:
            self._say(f"Unfinished work waits for the next start: {error}")
        finally:
            connections.close_all()

    def _say(self, text: str) -> None:
        """Write to the terminal unless it is gone or held up, say by Ctrl-S."""
        message = f"{text}\n".encode(errors="replace")
        with contextlib.suppress(OSError):
            terminal = sys.stdout.fileno()
            for start in range(0, len(message), SAID_AT_ONCE):
                _, writable, _ = select.select([], [terminal], [], 0.2)
                if not writable:
                    return
                os.write(terminal, message[start : start + SAID_AT_ONCE])


class Probe:
    """One request for the health page, which the supervisor need not wait for."""

    def __init__(self, address: tuple) -> None:
        host, port = address[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        names = [name for name in settings.ALLOWED_HOSTS if name[:1] not in ".*"]
        self.socket = socket.create_connection((host, port), timeout=1)
        self.socket.sendall(
            f"GET /health/ HTTP/1.0\r\nHost: {names[0] if names else host}\r\n"
            "X-Forwarded-Proto: https\r\n\r\n".encode()
        )

    def fileno(self) -> int:
        return self.socket.fileno()

    def is_ready(self) -> bool:
        ready, _, _ = select.select([self], [], [], 0)
        return bool(ready)

    def status(self) -> int | None:
        """Return the HTTP status, or nothing where the connection broke."""
        with self.socket, contextlib.suppress(OSError, ValueError, IndexError):
            return int(self.socket.recv(64).split()[1])
        return None

    def close(self) -> None:
        self.socket.close()
