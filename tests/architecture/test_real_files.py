"""Files of instruments in the tree: each told on the page beside them, none large."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from tests import real_files

LARGEST = 300_000
LARGEST_TOGETHER = 4_000_000
FREE = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC-BY-4.0",
    "CC0-1.0",
    "MIT",
    "public domain",
}
WITHOUT_TEXT = {"CC-BY-4.0", "CC0-1.0", "public domain"}
CLAIM = re.compile(rb"all rights reserved|copyright", re.IGNORECASE)


def tables(page: str) -> dict[str, list[list[str]]]:
    """Rows of the tables of a page by the heading above, without their titles."""
    found: dict[str, list[list[str]]] = {}
    for line in page.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").partition(":")[0]
        elif line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            found.setdefault(heading, []).append(cells)
    return {heading: rows[2:] for heading, rows in found.items()}


def complaints(folder: Path) -> list[str]:
    """What is wrong with a folder of real files and the page that lists them."""
    families = tables((folder / "README.md").read_text())
    licences = {}
    found = []
    for name, where, licence, holder in families.pop("Sources"):
        licences[name] = licence
        if licence not in FREE:
            found.append(f"{name}: {licence} is no licence that allows copying")
        if not (where and holder):
            found.append(f"{name}: where it is from, or whose, is not said")
        text = folder / "licences" / f"{licence}.txt"
        if licence not in WITHOUT_TEXT and not text.is_file():
            found.append(f"{name}: the text of {licence} is not in licences/")
    listed = {}
    for family, rows in families.items():
        for title, size, digest, source, line in rows:
            name = f"{family}/{title.strip('`')}"
            listed[name] = (size, digest.strip("`"))
            if source not in licences:
                found.append(f"{name}: its source {source!r} is not told")
            if not line:
                found.append(f"{name}: what it is is not said")
    present = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent != folder and path.parent.name != "licences"
    }
    found += [f"{name}: not in the README" for name in present.keys() - listed.keys()]
    found += [f"{name}: not in the folder" for name in listed.keys() - present.keys()]
    for name in present.keys() & listed.keys():
        content = present[name]
        told = (str(len(content)), hashlib.sha256(content).hexdigest()[:16])
        if listed[name] != told:
            found.append(f"{name}: {told} here, {listed[name]} in the README")
        if len(content) > LARGEST:
            found.append(f"{name}: {len(content)} bytes are too many")
        if CLAIM.search(content):
            found.append(f"{name}: says itself that its rights are reserved")
    together = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if together > LARGEST_TOGETHER:
        found.append(f"{together} bytes together are too many")
    return sorted(found)


def test_every_real_file_is_told_free_small_and_unchanged():
    assert complaints(real_files.DATA) == []


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(real_files.DATA, tmp_path / "data"))


def test_a_file_without_a_line_a_line_without_a_file_and_other_bytes_are_told(copy):
    (copy / "jv" / "new.txt").write_text("V,J\n")
    (copy / "pl" / "PLexample_CIGS_interference.dat").unlink()
    changed = copy / "trpl" / "grapa_522.dat"
    changed.write_bytes(changed.read_bytes().replace(b"\r\n", b"\n") + b"\n")

    first, second, third = complaints(copy)

    assert first == "jv/new.txt: not in the README"
    assert second == "pl/PLexample_CIGS_interference.dat: not in the folder"
    assert third.startswith("trpl/grapa_522.dat: ('")


def test_a_licence_that_forbids_copying_and_a_source_not_told_are_refused(copy):
    page = copy / "README.md"
    text = page.read_text().replace("| BSD-2-Clause |", "| GPL-3.0 |", 1)
    page.write_text(text.replace("| NIST StRD | NIST Stat", "| NIST | NIST Stat"))
    (copy / "licences" / "Apache-2.0.txt").unlink()

    found = complaints(copy)

    assert "PvkSOM: GPL-3.0 is no licence that allows copying" in found
    assert "nist_strd/Gauss1.dat: its source 'NIST StRD' is not told" in found
    assert "hysprint: the text of Apache-2.0 is not in licences/" in found


def test_a_file_that_reserves_its_rights_or_is_too_large_is_refused(copy):
    large = copy / "jv" / "large.txt"
    large.write_bytes(b"Collection (C) 2009 copyright\n" + bytes(LARGEST_TOGETHER))
    digest = hashlib.sha256(large.read_bytes()).hexdigest()[:16]
    row = f"| `large.txt` | {large.stat().st_size} | `{digest}` | own | too much |\n"
    page = copy / "README.md"
    page.write_text(page.read_text().replace("| `testt_205", f"{row}| `testt_205"))

    found = complaints(copy)

    assert len(found) == 3
    assert "bytes together are too many" in found[0]
    assert found[1:] == [
        f"jv/large.txt: {large.stat().st_size} bytes are too many",
        "jv/large.txt: says itself that its rights are reserved",
    ]


def test_a_file_that_is_nowhere_is_skipped_and_one_a_named_folder_lacks_fails(
    tmp_path, monkeypatch
):
    monkeypatch.delenv(real_files.VARIABLE, raising=False)
    with pytest.raises(
        pytest.skip.Exception, match=r"nowhere\.dat is not in tests/data"
    ):
        real_files.find("jv/nowhere.dat")

    monkeypatch.setenv(real_files.VARIABLE, str(tmp_path))
    with pytest.raises(LookupError, match="found: none"):
        real_files.find("jv/nowhere.dat")

    (tmp_path / "jv").mkdir()
    (tmp_path / "jv" / "nowhere.dat").write_text("V\n")
    assert real_files.find("jv/now*.dat") == tmp_path / "jv" / "nowhere.dat"
    with pytest.raises(LookupError, match=r"found: UserGiven.*fwd.*, UserGiven.*rev"):
        real_files.find("jv/UserGivenName_pX1_*.jv.txt")
