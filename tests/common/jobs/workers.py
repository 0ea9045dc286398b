"""Real worker processes on the database and broker of one test."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from celery import Celery
from django.conf import settings

from labdata.celery import (
    SCHEDULER_ARGUMENTS,
    WORK_QUEUE,
    WORKER_ARGUMENTS,
    app,
    transport_options,
)
from labdata.common.work.processes import FOLLOWING
from tests.common.jobs.testapp.models import Errand

ROOT = Path(__file__).resolve().parents[3]


class WorkerTree:
    """A worker with its pool, and a scheduler if asked for, as one process group."""

    def __init__(self, folder: Path, broker_url: str = "local://", **environment):
        self.folder = folder
        self.broker_url = broker_url
        self.log = folder / "worker.log"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
            "LABDATA_DATA_DIR": str(folder),
            "LABDATA_BROKER_URL": broker_url,
            "LABDATA_TEST_DATABASE": str(settings.DATABASES["default"]["NAME"]),
            "LABDATA_REAP_SECONDS": "1",
            "LABDATA_JOB_GRACE_SECONDS": "1",
            **environment,
        }
        self.processes: list[subprocess.Popen] = []

    def start(self, concurrency: int = 2, scheduler: bool = False) -> None:
        self._popen(*WORKER_ARGUMENTS, f"--concurrency={concurrency}")
        if scheduler:
            self._popen(*SCHEDULER_ARGUMENTS)

    def _popen(self, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", FOLLOWING, "celery", *arguments],
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    @contextlib.contextmanager
    def sending(self):
        """Let what this process submits go through the broker of these workers."""
        Celery(
            broker=self.broker_url,
            broker_transport_options=transport_options(self.broker_url, self.folder),
            task_default_queue=WORK_QUEUE,
            set_as_current=True,
        )
        yield
        app.set_current()

    @property
    def worker(self) -> subprocess.Popen:
        return self.processes[0]

    def children(self) -> list[int]:
        listing = Path(f"/proc/{self.worker.pid}/task/{self.worker.pid}/children")
        return [int(pid) for pid in listing.read_text().split()]

    def kill(self) -> None:
        """Kill the whole tree at once, as a power cut or ``docker kill`` does."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.kill()


def wait_for(condition, seconds: float = 15.0):
    """Return what the condition gives as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)
    return found


def wait_for_state(errand, *states, seconds: float = 15.0) -> Errand:
    def reached():
        errand.refresh_from_db()
        return errand.state in states

    wait_for(reached, seconds)
    return errand


def child_of(errand: Errand) -> int:
    """The process in which a running errand runs."""
    return int(errand.worker.rpartition(":")[2].partition(".")[0])


def has_ended(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        )
    except OSError:
        return True
