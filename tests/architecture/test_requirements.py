"""What the lab is built from: pinned, hashed, explained, and kept by a rebuild."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements.txt", "requirements.lock", "requirements-dev.txt")
PINNED = re.compile(r"([\w.-]+(?:\[[\w,-]+\])?)==([\w.+]+)")


def lines_of(name):
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def direct_requirements():
    return [line for line in lines_of("requirements.txt") if line[:1] not in ("", "#")]


def locked_requirements():
    """Entries of the lock, each with its hashes."""
    entries = {}
    for line in lines_of("requirements.lock"):
        if match := PINNED.match(line):
            hashes = entries.setdefault(match.groups(), [])
        elif digest := re.search(r"--hash=sha256:([0-9a-f]{64})\b", line):
            hashes.append(digest[1])
    return entries


@pytest.mark.parametrize("line", direct_requirements())
def test_a_direct_requirement_is_pinned_and_says_what_it_is_for(line):
    pinned, _, what_for = line.partition("  # ")

    assert PINNED.fullmatch(pinned)
    assert what_for.strip()


def test_the_lock_is_of_these_requirements():
    direct = {PINNED.match(line).groups() for line in direct_requirements()}

    # Behind an entry's hashes stands what asked for it.
    named, entry = set(), None
    for line in lines_of("requirements.lock"):
        if match := PINNED.match(line):
            entry = match.groups()
        elif "# via" in line and "-r requirements.txt" in line:
            named.add(entry)
    assert named == direct, "run: make lock"


def test_every_file_of_every_locked_package_is_known_by_hash():
    entries = locked_requirements()

    assert len(entries) > len(direct_requirements())
    assert [entry for entry, hashes in entries.items() if not hashes] == []


def test_the_lock_names_no_place_to_fetch_from():
    text = "\n".join(lines_of("requirements.lock"))

    assert not re.search(r"://|--(?:extra-)?index|--find-links|--trusted-host", text)


@pytest.fixture
def tree(tmp_path):
    """A tree whose .venv only notes what pip is asked for."""
    for name in (*FILES, "deploy/build-venv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\n[ "$3" != install ] || echo "$@" >>asked\n')
    python.chmod(0o755)
    return tmp_path


def build(tree, *arguments):
    return subprocess.run(
        ["./deploy/build-venv", *arguments],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


def asked(tree):
    return (tree / "asked").read_text(encoding="utf-8").splitlines()


def stamps(tree):
    return {kind: build(tree, "stamp", kind).stdout for kind in ("runtime", "develop")}


def test_the_runtime_is_installed_by_hash_alone(tree):
    build(tree, "runtime")

    (only,) = asked(tree)
    assert only.endswith("--require-hashes -r requirements.lock")


def test_development_comes_on_top_of_what_the_lock_pins(tree):
    build(tree, "develop")

    assert asked(tree)[-1].endswith("-c .venv/constraints.txt -r requirements-dev.txt")
    pins = (tree / ".venv/constraints.txt").read_text(encoding="utf-8").splitlines()
    assert "numpy==2.4.6" in pins
    assert any(pin.startswith("django-axes==") for pin in pins)
    assert len(pins) == len(locked_requirements())


@pytest.mark.parametrize("kind", ["runtime", "develop"])
def test_a_rebuild_keeps_what_the_lab_added(tree, kind):
    (tree / "requirements-local.txt").write_text("our-lab-plugins==1.2\n")

    build(tree, kind)

    last = asked(tree)[-1]
    assert last.endswith("-c .venv/constraints.txt -r requirements-local.txt")


def test_what_stands_is_not_built_again_and_what_changed_is(tree):
    first = stamps(tree)
    build(tree, "develop")
    assert all((tree / stamp.strip()).exists() for stamp in first.values())

    (tree / "requirements-local.txt").write_text("our-lab-plugins==1.2\n")
    with_plugins = stamps(tree)
    with (tree / "requirements.lock").open("a", encoding="utf-8") as lock:
        lock.write("# renewed\n")
    renewed = stamps(tree)

    for kind in ("runtime", "develop"):
        seen = {first[kind], with_plugins[kind], renewed[kind]}
        assert len(seen) == 3
        assert not (tree / renewed[kind].strip()).exists()


def test_a_build_that_stops_half_way_leaves_no_stamp(tree):
    build(tree, "runtime")
    (tree / "requirements-local.txt").write_text("numpy<2\n")
    python = tree / ".venv/bin/python"
    python.write_text('#!/bin/sh\ncase "$*" in *local*) exit 1 ;; esac\n')

    done = build(tree, "runtime")

    assert done.returncode == 1
    assert "requirements-local.txt could not be installed" in done.stderr
    assert not list((tree / ".venv").glob("runtime-*"))
