"""A lab written into a folder, lost, and brought back; and what is refused."""

import hashlib
import json
import subprocess
import sys

import pytest

from tests.lab import ROOT, Lab

pytestmark = pytest.mark.chaos

BYTES = {
    hashlib.sha256(data).hexdigest(): data for data in (b"counts\n" * 9, b"\0" * 70_000)
}
FILL = """
from pathlib import Path
from django.contrib.auth import get_user_model
from measurements.models import Blob
from measurements.store.raw import get_store
get_user_model().objects.create_user("marie", password="radium-226")
for data in (b"counts\\n" * 9, b"\\0" * 70_000):
    sha256, size = get_store().put_stream([data], limit=10**6)
    Blob.objects.create(sha256=sha256, size=size)
"""
SHOW = """
from django.contrib.auth import get_user_model
from measurements.models import Blob
from measurements.store.raw import read_bytes
print(*get_user_model().objects.values_list("username", flat=True))
for blob in Blob.objects.order_by("size"):
    print(blob.size, len(read_bytes(blob.sha256)))
"""


def shell(lab, program):
    return lab.manage("shell", "--no-imports", "-c", program)


def attempt(lab, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=lab.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A lab with a user and two stored files, and its backup."""
    folder = tmp_path_factory.mktemp("backup")
    lab = Lab(folder / "data")
    lab.place_schema()
    shell(lab, FILL)
    lab.manage("backup", str(folder / "copy"))
    return lab, folder / "copy"


def copied(folder, target):
    """A second copy of a backup, to be damaged."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place = target / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    return target


def test_manifest_names_every_file_by_its_hash(written):
    _, folder = written

    manifest = json.loads((folder / "manifest.json").read_text())

    assert manifest["blobs"] == {sha256: len(data) for sha256, data in BYTES.items()}
    database = (folder / manifest["database"]["file"]).read_bytes()
    assert manifest["database"]["sha256"] == hashlib.sha256(database).hexdigest()
    for sha256, data in BYTES.items():
        assert (
            folder / "store" / sha256[:2] / sha256[2:4] / sha256
        ).read_bytes() == data


def test_a_restored_lab_holds_what_was_written(written, tmp_path):
    _, folder = written
    empty = Lab(tmp_path / "data")

    empty.manage("restore", str(folder))

    assert shell(empty, SHOW).splitlines() == ["marie", "63 63", "70000 70000"]
    assert "Checked 2 stored files" in empty.manage("check_store")


def test_a_lab_on_postgresql_is_written_and_restored(postgres_url, tmp_path):
    lab = Lab(
        tmp_path / "data",
        extra={"LABDATA_DATABASE_URL": postgres_url, "LABDATA_SECRET_KEY": "tests"},
    )
    shell(lab, FILL)
    before = shell(lab, SHOW)
    lab.manage("backup", str(tmp_path / "copy"))
    lab.manage("flush", "--no-input")
    lab.data_dir = tmp_path / "other"

    lab.manage("restore", str(tmp_path / "copy"))

    assert shell(lab, SHOW) == before


def test_a_lab_that_holds_anything_is_not_overwritten(written):
    lab, folder = written

    refused = attempt(lab, "restore", str(folder))

    assert refused.returncode == 1
    assert "not empty (users: 1)" in refused.stderr


@pytest.mark.parametrize("victim", ["database.sqlite3", "store/*/*/*"])
def test_a_damaged_backup_restores_nothing(written, tmp_path, victim):
    _, folder = written
    damaged = copied(folder, tmp_path / "copy")
    path = next(damaged.glob(victim))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    empty = Lab(tmp_path / "data")

    refused = attempt(empty, "restore", str(damaged))

    assert refused.returncode == 1
    assert "nothing was restored: 1 of 3 files" in refused.stderr
    assert not list(empty.data_dir.glob("store/??/??/*"))


def test_a_folder_in_use_is_not_written_over(written, tmp_path):
    lab, _ = written
    (tmp_path / "notes.txt").write_text("mine")

    refused = attempt(lab, "backup", str(tmp_path))

    assert refused.returncode == 1
    assert "is not empty" in refused.stderr


def test_bytes_the_disk_changed_or_lost_are_named(written, tmp_path):
    _, folder = written
    lab = Lab(tmp_path / "data")
    lab.manage("restore", str(folder))
    changed, lost = sorted(lab.data_dir.glob("store/??/??/*"))
    changed.chmod(0o644)
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    lost.unlink()

    checked = attempt(lab, "check_store")
    saved = attempt(lab, "backup", str(tmp_path / "copy"))

    assert checked.returncode == 1
    assert f"{changed.name}: its bytes have changed" in checked.stdout
    assert f"{lost.name}: is missing" in checked.stdout
    assert saved.returncode == 1
    assert changed.name in saved.stderr
    assert lost.name in saved.stderr
