"""A real lab in a folder of its own, run by the real supervisor."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests import schema, servers

ROOT = Path(__file__).resolve().parent.parent
ANSWER_WITHIN = 90.0
WORK_WITHIN = 120.0


@dataclass
class Lab:
    """One data folder and, once started, the supervisor that works on it."""

    data_dir: Path
    port: int = field(default_factory=servers.free_port)
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return (self.data_dir.parent / f"{self.data_dir.name}.out").read_text()

    @property
    def environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LABDATA_", "DJANGO_", "PYTEST_"))
        }
        return {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "labdata.settings",
            "LABDATA_DATA_DIR": str(self.data_dir),
            "LABDATA_PORT": str(self.port),
            **self.extra,
        }

    def manage(self, *arguments: str, **environment: str) -> str:
        """Run one management command on this lab's data and give what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {arguments}: {done.stderr}"
        return done.stdout

    def place_schema(self) -> None:
        """Give the lab its empty tables, which its first start would make itself."""
        schema.place_sqlite(schema.LAB, self.data_dir / "labdata.sqlite3")

    def launch(self, *arguments: str) -> subprocess.Popen:
        """Start a supervisor without waiting for its page."""
        with (self.data_dir.parent / f"{self.data_dir.name}.out").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *(arguments or ("serve",))],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self.process

    def start(self, *arguments: str) -> float:
        """Start a supervisor and give the seconds until its page answered."""
        began = time.monotonic()
        self.launch(*arguments)
        while time.monotonic() - began < ANSWER_WITHIN:
            assert self.process.poll() is None, f"it ended: {self.output}"
            if self.status("/health/") == 200:
                return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"no page within {ANSWER_WITHIN} s: {self.output}")

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Send a signal and give the seconds until the supervisor had ended."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=30)
        return time.monotonic() - began

    def status(self, path: str) -> int | None:
        """Return the status a page answers with, or nothing if nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=2) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return None

    def create_user(self, name: str, password: str, *, administrator=False) -> None:
        create = "create_superuser" if administrator else "create_user"
        self.manage(
            "shell",
            "--no-imports",
            "-c",
            "from django.contrib.auth import get_user_model as model; "
            f"model().objects.{create}({name!r}, password={password!r})",
        )

    def token(self, username: str) -> str:
        return self.manage("create_token", username).strip()

    def api(self, path: str, *, token: str, body: object = None) -> tuple[int, object]:
        """Ask the API with JSON and give status and answer."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Token {token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def wait_for_work(self, username: str) -> None:
        """Wait until nothing of what a person may see is read or analysed any more."""
        token = self.token(username)
        ends = time.monotonic() + WORK_WITHIN
        while time.monotonic() < ends:
            unread, unfitted = (
                self.api(f"{path}&page_size=1", token=token)[1]["count"]
                for path in (
                    "measurements/?state=queued&state=parsing",
                    "runs/?state=queued&state=running",
                )
            )
            if not unread and not unfitted:
                return
            time.sleep(0.3)
        raise AssertionError(f"work still open after {WORK_WITHIN} s: {self.output}")

    def upload(self, sample: str, name: str, content: bytes, *, token: str) -> dict:
        """Upload one PL file for a sample and give the measurement's answer."""
        boundary = "----labdata-test"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"'
            f"\r\n\r\n{value}\r\n".encode()
            for field, value in (("sample", sample), ("technique", "pl"))
        ]
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        ).encode()
        request = urllib.request.Request(
            f"{self.url}/api/v1/measurements/",
            data=b"".join([*parts, head, content, f"\r\n--{boundary}--\r\n".encode()]),
            headers={
                "Authorization": f"Token {token}",
                "Content-Type": f"multipart/form-data; boundary={boundary}",
            },
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def kill(self, pid: int) -> None:
        """Kill one process; it may have ended meanwhile."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def processes(self) -> dict[int, str]:
        """Return every living process that works on this lab's data, by its id.

        The data folder in a process's environment marks it as this lab's, whoever
        started it and whatever became of its parents.
        """
        marker = f"LABDATA_DATA_DIR={self.data_dir}".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                environment = (entry / "environ").read_bytes().split(b"\0")
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if marker in environment and state != "Z":
                found[int(entry.name)] = command.decode(errors="replace").strip()
        return found

    def wait_until_gone(self, within: float) -> dict[int, str]:
        """Return the processes that are still there when the time is over."""
        deadline = time.monotonic() + within
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left

    def destroy(self) -> None:
        """Leave no process behind, whatever a test did."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
