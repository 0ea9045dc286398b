"""A lab as one folder: the database, every stored byte, and a manifest of hashes."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.db import connection

from labdata.common.models import Project
from measurements.models import Blob
from measurements.store.raw import get_store
from measurements.store.storage import MissingBytes

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
PIECE = 1024 * 1024


@dataclass
class Summary:
    """What a backup holds, and what the store could not give."""

    blobs: int = 0
    bytes: int = 0
    damaged: list[str] = field(default_factory=list)


def write_backup(target: Path) -> Summary:
    """Write the whole lab, which may go on working meanwhile, into a new folder.

    Raises
    ------
    CommandError
        If the folder holds something already, or the database cannot be copied.
    """
    if target.exists() and any(target.iterdir()):
        raise CommandError(f"{target} is not empty; name a new folder.")
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    database = partial / DATABASE[connection.vendor]
    # The database first: rows are written after their bytes and bytes are never
    # removed, so whatever this copy names can be read from the store afterwards.
    if connection.vendor == "sqlite":
        _copy_sqlite(database)
    else:
        _run_postgres("pg_dump", "--format=custom", "--no-owner", f"--file={database}")
    summary = Summary()
    blobs = {}
    for sha256, size in Blob.objects.order_by("pk").values_list("sha256", "size"):
        if _copy_blob(sha256, partial / "store"):
            blobs[sha256] = size
            summary.blobs += 1
            summary.bytes += size
        else:
            summary.damaged.append(sha256)
    manifest = {
        "format": FORMAT,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": {
            "vendor": connection.vendor,
            "file": database.name,
            "sha256": _hash_file(database),
            "size": database.stat().st_size,
        },
        "blobs": blobs,
        "damaged": summary.damaged,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (partial / MANIFEST).write_text(text, encoding="utf-8")
    if target.exists():
        target.rmdir()
    partial.rename(target)
    return summary


def restore_backup(source: Path) -> Summary:
    """Fill an empty lab from a backup, once every byte of it has proved right.

    Raises
    ------
    CommandError
        If the lab holds anything, or the backup is incomplete, damaged or of the
        other database.
    """
    manifest = _read_manifest(source)
    if kept := what_the_lab_holds():
        raise CommandError(
            f"This lab is not empty ({kept}). Restore into a new one: "
            "set LABDATA_DATA_DIR to a new folder or LABDATA_DATABASE_URL to an "
            "empty database."
        )
    database = source / manifest["database"]["file"]
    _verify(source, manifest, database)
    summary = Summary(damaged=manifest["damaged"])
    store = get_store()
    for sha256, size in manifest["blobs"].items():
        store.put_stream(_pieces(_blob_path(source / "store", sha256)), limit=size)
        summary.blobs += 1
        summary.bytes += size
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(database)) as backup:
            connection.ensure_connection()
            backup.backup(connection.connection)
        connection.close()
    else:
        connection.close()
        _run_postgres(
            *("pg_restore", "--clean", "--if-exists", "--no-owner"),
            *("--single-transaction", "--exit-on-error", str(database)),
        )
    return summary


def what_the_lab_holds() -> str:
    """Name the first thing that a restoration would overwrite, or nothing."""
    tables = set(connection.introspection.table_names())
    for model in (get_user_model(), Project, Blob):
        if model._meta.db_table in tables and (count := model.objects.count()):
            return f"{model._meta.verbose_name_plural}: {count}"
    return ""


def _copy_sqlite(target: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
        # The copy stands alone: without this it would need its -wal file beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        # The constraints that the check evaluates use Django's regular expressions.
        copy.create_function("REGEXP", 2, _matches, deterministic=True)
        (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
    if verdict != "ok":
        raise CommandError(f"The database is damaged: {verdict}")


def _matches(pattern: str, text: str | None) -> bool | None:
    return None if text is None else re.search(pattern, str(text)) is not None


def _run_postgres(program: str, *arguments: str) -> None:
    if not shutil.which(program):
        raise CommandError(f"{program} is not installed (Debian: postgresql-client).")
    settings = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": settings["HOST"],
        "PGPORT": str(settings["PORT"] or ""),
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
    }
    done = subprocess.run(
        [program, *arguments, f"--dbname={settings['NAME']}"],
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{program} failed: {done.stderr.strip()}")


def _copy_blob(sha256: str, store: Path) -> bool:
    path = _blob_path(store, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with path.open("wb") as file:
            for piece in get_store().stream(sha256):
                digest.update(piece)
                file.write(piece)
    except MissingBytes:
        path.unlink()
        return False
    if digest.hexdigest() != sha256:
        path.unlink()
        return False
    return True


def _blob_path(store: Path, sha256: str) -> Path:
    return store / sha256[:2] / sha256[2:4] / sha256


def _read_manifest(source: Path) -> dict:
    try:
        manifest = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{source} is no backup: {error}") from error
    if manifest.get("format") != FORMAT:
        raise CommandError(
            f"{source} is a backup of format {manifest.get('format')}; "
            f"this version reads format {FORMAT}."
        )
    vendor = manifest["database"]["vendor"]
    if vendor != connection.vendor:
        raise CommandError(
            f"The backup is of a {vendor} database, this lab uses {connection.vendor}."
        )
    return manifest


def _verify(source: Path, manifest: dict, database: Path) -> None:
    wrong = []
    expected = [(database, manifest["database"]["sha256"])]
    expected += [(_blob_path(source / "store", one), one) for one in manifest["blobs"]]
    for path, sha256 in expected:
        if not path.exists() or _hash_file(path) != sha256:
            wrong.append(str(path.relative_to(source)))
    if wrong:
        raise CommandError(
            f"The backup is damaged, nothing was restored: {len(wrong)} of "
            f"{len(expected)} files are missing or changed, first {wrong[0]}."
        )


def _hash_file(path: Path) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(path):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
