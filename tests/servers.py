"""Throw-away PostgreSQL and Redis servers for the tests, gone when the tests are."""

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import redis

from labdata.common.work.processes import die_with_parent

START_WITHIN = 30.0


class NoServer(Exception):
    """Why there is no server to test against."""


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _postgres_binaries() -> Path:
    versions = sorted(
        (
            *Path("/usr/lib/postgresql").glob("*/bin"),
            *Path("/opt/homebrew/opt").glob("postgresql*/bin"),
            *Path("/usr/local/opt").glob("postgresql*/bin"),
        ),
        key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))],
    )
    for folder in reversed(versions):
        if (folder / "initdb").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).parent
    raise NoServer("PostgreSQL is not installed and LABDATA_TEST_POSTGRES_URL not set")


def postgres_tools(version: int) -> Path | None:
    """The folder of ``pg_dump`` and ``pg_restore``, if they are of that version."""
    try:
        folder = _postgres_binaries()
        told = subprocess.run(
            [folder / "pg_restore", "--version"], capture_output=True, text=True
        ).stdout
    except (NoServer, FileNotFoundError):
        return None
    return folder if re.search(rf"\) {version}\b", told) else None


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server on a free port and give its database URL."""
    if given := os.environ.get("LABDATA_TEST_POSTGRES_URL"):
        yield given
        return
    binaries = _postgres_binaries()
    # The server refuses to run as root, and its user must reach its folder.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        try:
            owner = pwd.getpwnam(user)
        except KeyError:
            raise NoServer("root needs a user 'postgres' to run PostgreSQL") from None
    with tempfile.TemporaryDirectory(prefix="labdata-postgres-") as parent:
        Path(parent).chmod(0o711)
        cluster = Path(parent) / "cluster"
        cluster.mkdir(mode=0o700)
        if user:
            os.chown(cluster, owner.pw_uid, owner.pw_gid)
        identity = {"user": user, "group": owner.pw_gid, "extra_groups": []}
        as_owner = identity if user else {}
        subprocess.run(
            [
                *(binaries / "initdb", "--pgdata", cluster, "--username", "labdata"),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C"),
                "--no-sync",
            ],
            check=True,
            cwd=parent,
            stdout=subprocess.DEVNULL,
            **as_owner,
        )
        port = free_port()
        # Nothing here has to survive a power cut.
        careless = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
        with (cluster / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *(binaries / "postgres", "-D", cluster, "-p", str(port)),
                    *("-c", "listen_addresses=127.0.0.1"),
                    *("-c", "unix_socket_directories="),
                    *(part for setting in careless for part in ("-c", setting)),
                ],
                cwd=parent,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
                **as_owner,
            )
        url = f"postgres://labdata@127.0.0.1:{port}/postgres"
        try:
            _wait_for(server, cluster / "log", lambda: psycopg2.connect(url).close())
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=20)


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis server on a free port and give its URL."""
    if given := os.environ.get("LABDATA_TEST_REDIS_URL"):
        yield given
        return
    binary = shutil.which("redis-server")
    if not binary:
        raise NoServer("Redis is not installed and LABDATA_TEST_REDIS_URL not set")
    with tempfile.TemporaryDirectory(prefix="labdata-redis-") as folder:
        port = free_port()
        log_path = Path(folder) / "log"
        with log_path.open("wb") as log:
            server = subprocess.Popen(
                [
                    *(binary, "--port", str(port), "--bind", "127.0.0.1"),
                    *("--save", "", "--appendonly", "no", "--dir", folder),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        url = f"redis://127.0.0.1:{port}/0"
        try:
            _wait_for(server, log_path, lambda: redis.Redis.from_url(url).ping())
            yield url
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(server, log: Path, ask) -> None:
    deadline = time.monotonic() + START_WITHIN
    while True:
        try:
            ask()
        except (psycopg2.OperationalError, redis.RedisError):
            if server.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-500:]
                raise NoServer(f"the server did not start: {tail}") from None
            time.sleep(0.05)
        else:
            return
