"""Keep a small lab of a version that is about to be tagged: its dump, and what it says.

``python -m tests.upgrades.dump v0.2.0`` writes ``tests/upgrades/v0.2.0/``: the lab's
backup on each database, packed, `telling` as JSON, and the migrations it was made with,
which nobody edits from there on. Made once for a tag.
"""

import hashlib
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests import servers
from tests.lab import ROOT, Lab

HERE = Path(__file__).resolve().parent
DATABASES = ("sqlite", "postgresql")
TOLD = "told.json.xz"
FROZEN = "migrations.json"
MOST_BYTES = 300_000


def migrations() -> dict[str, str]:
    """The SHA-256 of every migration of ours, by its path."""
    return {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for app in ("labdata/common", "samples", "measurements", "analysis")
        for path in sorted(Path(ROOT, app, "migrations").glob("0*.py"))
    }


def run_in(lab: Lab, module: str) -> str:
    """Run one of this folder's programs in the environment of a lab."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.upgrades.{module}"],
        cwd=ROOT,
        env=lab.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{module}: {done.stderr[-4000:]}"
    return done.stdout


def pack(folder: Path, target: Path) -> None:
    with tarfile.open(target, "w:xz") as archive:
        archive.add(folder, arcname="backup")


def unpack(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "backup"


def lab_in(folder: Path, url: str = "") -> Lab:
    """A lab without tables in a folder, on its own database or the one of the URL."""
    production = {"LABDATA_DATABASE_URL": url, "LABDATA_SECRET_KEY": "for tests"}
    lab = Lab(folder / "data", extra=production if url else {})
    lab.data_dir.mkdir(parents=True)
    return lab


def keep(tag: str, database: str, url: str, folder: Path) -> None:
    lab = lab_in(folder, url)
    lab.manage("migrate", "--no-input", "--verbosity", "0")
    run_in(lab, "small_lab")
    told = json.loads(run_in(lab, "telling"))
    assert told["facts"] == told["facts rebuilt"]
    lab.manage("backup", str(folder / "backup"))
    target = HERE / tag / database
    target.mkdir(parents=True)
    pack(folder / "backup", target / "backup.tar.xz")
    text = json.dumps(told, indent=1, sort_keys=True)
    (target / TOLD).write_bytes(lzma.compress(text.encode()))


def main(tag: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        keep(tag, "sqlite", "", Path(name, "sqlite"))
        with servers.postgres() as url:
            keep(tag, "postgresql", url, Path(name, "postgresql"))
    (HERE / tag / FROZEN).write_text(json.dumps(migrations(), indent=1) + "\n")
    size = sum(p.stat().st_size for p in (HERE / tag).rglob("*") if p.is_file())
    sys.stdout.write(f"{tag}: {size:,} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1])
