"""The tests' empty databases, copied from one that was migrated once.

Migrating takes half a minute of computing. It is done once for each state of the
migrations; each test process, and each lab that a test starts, gets a copy.
``make test`` migrates anew in a folder of its own, so that it never trusts what an
earlier run left. A test file run by hand takes what it finds in the temporary folder.
"""

import ast
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg2
from django.apps import apps
from django.conf import settings
from psycopg2 import sql

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "LABDATA_TEST_SCHEMAS"
# Templates of other states of the migrations that are kept in the temporary folder.
KEPT = 12
# An advisory lock's number on a PostgreSQL server: any that nobody else uses.
MAKING = 727_231

# The lab's own apps, and the same with the app that only tests have.
LAB, TESTS = "lab", "tests"
COMMANDS = {
    LAB: ("labdata.settings", ("migrate", "--no-input", "--verbosity", "0")),
    TESTS: (
        "tests.settings",
        ("migrate", "--run-syncdb", "--no-input", "--verbosity", "0"),
    ),
}


def _module_file(name: str) -> Path | None:
    """The file of a module that may shape a migration; not Django's own."""
    if name.partition(".")[0] == "django":
        return None
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.has_location:
        return None
    return Path(spec.origin)


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def sources(folders: list[Path]) -> list[Path]:
    """Return every file that decides what the apps in the folders migrate to."""
    found = set()
    for folder in folders:
        migrations = sorted(folder.glob("migrations/*.py"))
        # An app without migrations gets its tables from its models.
        found |= set(migrations or folder.glob("models.py"))
        for path in migrations:
            found |= {file for name in _imported(path) if (file := _module_file(name))}
    return sorted(found)


def key_of(files: list[Path], *words: str) -> str:
    digest = hashlib.sha256("\0".join(words).encode())
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def key() -> str:
    """Name the present state of the migrations of every installed app."""
    folders = [Path(config.path) for config in apps.get_app_configs()]
    labels = [config.label for config in apps.get_app_configs()]
    return key_of(sources(folders), django.get_version(), *labels)


@cache
def folder() -> Path:
    """Where the templates lie: of the pass, else the person's in the temporary one."""
    given = os.environ.get(FOLDER)
    chosen = (
        Path(given)
        if given
        else Path(tempfile.gettempdir(), f"labdata-schemas-{os.getuid()}")
    )
    chosen.mkdir(mode=0o700, parents=True, exist_ok=True)
    if chosen.stat().st_uid != os.getuid():
        raise RuntimeError(f"{chosen} belongs to somebody else; set {FOLDER}")
    return chosen


@contextlib.contextmanager
def _made_by_one(name: str) -> Iterator[Path]:
    """Let one process make the file of this name; the others wait for it."""
    path = folder() / name
    with (folder() / f"{name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path
    if path.exists():
        os.utime(path)
    by_age = sorted(
        (file for file in folder().iterdir() if file.suffix in (".sqlite3", ".dump")),
        key=lambda file: file.stat().st_mtime,
    )
    for old in by_age[:-KEPT]:
        old.unlink(missing_ok=True)


def _migrate(kind: str, **environment: str) -> None:
    """Run the migrations in a process of its own, as a lab does when it starts."""
    settings, command = COMMANDS[kind]
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LABDATA_", "DJANGO_", "PYTEST_"))
    }
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={
            **inherited,
            "DJANGO_SETTINGS_MODULE": settings,
            "LABDATA_SECRET_KEY": "for tests",
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the migrations failed:\n{done.stderr}")


def sqlite_template(kind: str) -> Path:
    """Return the migrated SQLite file, which is only ever copied."""
    with _made_by_one(f"{key()}-{kind}.sqlite3") as template:
        if template.exists():
            return template
        # The tests' schema is the lab's and one app more: no need to begin anew.
        before = None if kind == LAB else sqlite_template(LAB)
        with tempfile.TemporaryDirectory(dir=folder()) as work:
            made = Path(work, "labdata.sqlite3")
            if before:
                shutil.copyfile(before, made)
            _migrate(kind, LABDATA_DATA_DIR=work)
            # The last connection to close writes what the log held into the file.
            assert not Path(work, "labdata.sqlite3-wal").exists()
            made.replace(template)
        return template


def place_sqlite(kind: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sqlite_template(kind), target)


@contextlib.contextmanager
def _sqlite_copy(kind: str, path: Path) -> Iterator[Path]:
    place_sqlite(kind, path)
    try:
        yield path
    finally:
        _remove_sqlite(path)


def _remove_sqlite(path: str | Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def _in_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _copy_postgres(server, name: str, template: str) -> None:
    with server.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def _drop_postgres(server, name: str) -> None:
    with server.cursor() as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
        )


def _postgres_template(server, url: str, kind: str) -> str:
    """Return the migrated database of a server, which is only ever copied.

    A server that was started for one run knows none: a dump of the last one is put
    back where PostgreSQL's programs of the same version are there to do it.
    """
    name = f"labdata_{key()}_{kind}"
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return name
    making = f"{name}_making"
    _drop_postgres(server, making)
    version = server.server_version // 10_000
    with _made_by_one(f"{key()}-{kind}-{version}.dump") as dump:
        tools = servers.postgres_tools(version)
        here = _in_database(url, making)
        if tools and dump.exists():
            _copy_postgres(server, making, "template0")
            _run(tools / "pg_restore", "--no-owner", "--dbname", here, dump)
        else:
            before = (
                "template0" if kind == LAB else _postgres_template(server, url, LAB)
            )
            _copy_postgres(server, making, before)
            with tempfile.TemporaryDirectory(dir=folder()) as work:
                _migrate(kind, LABDATA_DATA_DIR=work, LABDATA_DATABASE_URL=here)
            if tools:
                unfinished = dump.with_suffix(".unfinished")
                _run(tools / "pg_dump", "-Fc", "--file", unfinished, here)
                unfinished.replace(dump)
    with server.cursor() as cursor:
        cursor.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(making), sql.Identifier(name)
            )
        )
    return name


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def _alone_on(url: str) -> Iterator:
    """Connect to a server; nobody else makes or copies a template meanwhile."""
    with contextlib.closing(psycopg2.connect(url)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING])
        yield server


@contextlib.contextmanager
def postgres_copy(url: str, kind: str, name: str) -> Iterator[str]:
    """Make a migrated database of this name, give its URL, and drop it at the end."""
    with _alone_on(url) as server:
        _drop_postgres(server, name)
        _copy_postgres(server, name, _postgres_template(server, url, kind))
    try:
        yield _in_database(url, name)
    finally:
        with _alone_on(url) as server:
            _drop_postgres(server, name)


def _turn_to(connection, name: str) -> None:
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = name
    connection.settings_dict["NAME"] = name


def renew(connection) -> None:
    """Give a test's connection an empty database again, whatever was committed."""
    name = connection.settings_dict["NAME"]
    connection.close()
    if connection.vendor == "sqlite":
        # A new file: a thread that still has the old one open would share its locks
        # and its log with this one.
        _remove_sqlite(name)
        place_sqlite(TESTS, Path(name))
        return
    url = os.environ["LABDATA_DATABASE_URL"]
    with _alone_on(url) as server:
        _drop_postgres(server, name)
        _copy_postgres(server, name, _postgres_template(server, url, TESTS))


@contextlib.contextmanager
def copied_for(connection) -> Iterator[None]:
    """Turn Django's connection to a copy of the migrated database, gone at the end."""
    usual = settings.DATABASES[connection.alias]["NAME"]
    name = connection.creation._get_test_db_name()
    if connection.vendor == "sqlite":
        copy = _sqlite_copy(TESTS, Path(name))
    else:
        copy = postgres_copy(os.environ["LABDATA_DATABASE_URL"], TESTS, name)
    with copy:
        _turn_to(connection, name)
        try:
            yield
        finally:
            _turn_to(connection, usual)
