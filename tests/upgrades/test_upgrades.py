"""The dump of every tagged version comes up in this one with all it said."""

import json
import lzma
from pathlib import Path

import pytest

from tests.upgrades.dump import (
    DATABASES,
    FROZEN,
    MOST_BYTES,
    TOLD,
    lab_in,
    migrations,
    run_in,
    unpack,
)

HERE = Path(__file__).resolve().parent
KEPT = sorted(HERE.glob("v*/*/backup.tar.xz"))
FROZEN_LISTS = sorted(HERE.glob(f"v*/{FROZEN}"))

pytestmark = pytest.mark.chaos


def lost(before, after, where="") -> list[str]:
    """What the earlier telling says and the later one does not; more may be said."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            line
            for key, value in before.items()
            for line in (
                lost(value, after[key], f"{where}/{key}")
                if key in after
                else [f"{where}/{key} is gone"]
            )
        ]
    if isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            return [f"{where} has {len(after)} entries instead of {len(before)}"]
        return [
            line
            for number, (one, other) in enumerate(zip(before, after, strict=True))
            for line in lost(one, other, f"{where}/{number}")
        ]
    return [] if before == after else [f"{where}: {after!r} instead of {before!r}"]


@pytest.mark.parametrize("archive", KEPT, ids=lambda path: "-".join(path.parts[-3:-1]))
def test_a_tagged_dump_upgrades(archive, tmp_path, request):
    url = ""
    if archive.parent.name == "postgresql":
        url = request.getfixturevalue("postgres_url")
    lab = lab_in(tmp_path, url)
    before = json.loads(lzma.decompress((archive.parent / TOLD).read_bytes()))

    lab.manage("restore", str(unpack(archive, tmp_path)))
    after = json.loads(run_in(lab, "telling"))

    assert lost(before, after) == []
    assert after["facts"] == after["facts rebuilt"]


def test_every_tag_keeps_a_small_dump_of_both_databases():
    tags = {path.parts[-3] for path in KEPT}

    if not tags:
        pytest.skip("no version is tagged yet")
    for tag in tags:
        files = [path for path in (HERE / tag).rglob("*") if path.is_file()]
        assert {one.name for one in (HERE / tag).iterdir()} == {*DATABASES, FROZEN}
        assert sum(path.stat().st_size for path in files) < MOST_BYTES


@pytest.mark.parametrize("frozen", FROZEN_LISTS, ids=lambda path: path.parent.name)
def test_no_migration_of_a_tagged_version_is_edited(frozen):
    assert json.loads(frozen.read_text()).items() <= migrations().items()


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({"a": [1, {"b": 2}], "new": 3}, []),
        ({"a": [1, {"b": 4}]}, ["/a/1/b: 4 instead of 2"]),
        ({"a": [1]}, ["/a has 1 entries instead of 2"]),
        ({}, ["/a is gone"]),
    ],
)
def test_what_is_lost_is_named(after, told):
    assert lost({"a": [1, {"b": 2}]}, after) == told
