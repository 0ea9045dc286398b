"""Tests start from a copy of the migrated database: it is the one migrations make."""

import sqlite3

import pytest
from django.core.management import call_command
from django.db import connection

from tests import schema


@pytest.mark.django_db
def test_the_copied_database_lacks_no_migration_and_no_table():
    call_command("migrate", check_unapplied=True, verbosity=0)

    tables = set(connection.introspection.table_names())
    assert set(connection.introspection.django_table_names()) <= tables


def test_a_lab_gets_no_table_of_the_tests_own_app(tmp_path):
    schema.place_sqlite(schema.LAB, tmp_path / "labdata.sqlite3")

    found = sqlite3.connect(tmp_path / "labdata.sqlite3")
    tables = {name for (name,) in found.execute("SELECT name FROM sqlite_master")}
    apps = {
        name for (name,) in found.execute("SELECT app_label FROM django_content_type")
    }
    found.close()

    assert "samples_sample" in tables
    assert not [name for name in tables if name.startswith("testapp")]
    assert "samples" in apps
    assert "testapp" not in apps


class OnSQLite:
    """As much of a connection as is asked for when its database is renewed."""

    vendor = "sqlite"

    def __init__(self, path):
        self.settings_dict = {"NAME": str(path)}

    def close(self):
        """Nothing is open."""


def test_a_renewed_database_is_empty_though_another_thread_still_reads(tmp_path):
    path = tmp_path / "labdata.sqlite3"
    schema.place_sqlite(schema.TESTS, path)
    reader = sqlite3.connect(path)
    reader.execute("PRAGMA journal_mode = WAL")
    reader.execute("CREATE TABLE left_behind (id)")
    reader.execute("SELECT * FROM left_behind")

    schema.renew(OnSQLite(path))
    renewed = sqlite3.connect(path)
    mode = renewed.execute("PRAGMA journal_mode = WAL").fetchone()
    tables = {name for (name,) in renewed.execute("SELECT name FROM sqlite_master")}
    renewed.execute("DELETE FROM samples_sample")
    renewed.close()
    reader.close()

    assert mode == ("wal",)
    assert "samples_sample" in tables
    assert "left_behind" not in tables


@pytest.fixture
def app(tmp_path):
    """An app with one migration, which imports a module beside it, and another app."""
    folder = tmp_path / "app"
    (folder / "migrations").mkdir(parents=True)
    (folder / "migrations" / "0001_initial.py").write_text("import uuid\n")
    (folder / "models.py").write_text("A = 1\n")
    return folder


def test_a_changed_migration_is_another_schema(app):
    before = schema.key_of(schema.sources([app]))

    (app / "migrations" / "0001_initial.py").write_text("import uuid\n# changed\n")

    assert schema.key_of(schema.sources([app])) != before


def test_one_migration_more_is_another_schema(app):
    before = schema.key_of(schema.sources([app]))

    (app / "migrations" / "0002_more.py").write_text("")

    assert schema.key_of(schema.sources([app])) != before


def test_what_a_migration_imports_belongs_to_the_schema(app, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "labels_of_an_app.py").write_text("STATES = ['a']\n")
    (app / "migrations" / "0002_more.py").write_text("import labels_of_an_app\n")
    before = schema.key_of(schema.sources([app]))

    (tmp_path / "labels_of_an_app.py").write_text("STATES = ['a', 'b']\n")

    assert schema.key_of(schema.sources([app])) != before


def test_the_models_of_an_app_without_migrations_are_its_schema(app):
    (app / "migrations" / "0001_initial.py").unlink()
    before = schema.key_of(schema.sources([app]))

    (app / "models.py").write_text("A = 2\n")

    assert schema.key_of(schema.sources([app])) != before


def test_another_version_of_django_is_another_schema(app):
    files = schema.sources([app])

    assert schema.key_of(files, "5.2") != schema.key_of(files, "5.3")
