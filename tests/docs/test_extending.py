"""The example of the document on plug-ins is executed as a lab would install it."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from labdata.plugin import CONTRACT
from tests.installed_package import (
    PER_ANALYSIS,
    PER_READER,
    PER_TECHNIQUE,
    ROOT,
    run_conformance,
)

TEXT = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"`((?:\w+/)?\w+\.py)`:\n\n```python\n(.*?)```", TEXT, re.S))
SKELETONS = ("photocurrent_decay.py", "recorder_text.py", "photocurrent_lifetime.py")
MOST_LINES = 60
MAY_IMPORT = {"numpy", "scipy.optimize", "dataclasses", "labdata.plugin"}


@pytest.mark.parametrize("name", SKELETONS)
def test_a_skeleton_is_short_and_needs_the_declarations_alone(name):
    code = FILES[name]
    imported = {
        one
        for node in ast.walk(ast.parse(code))
        for one in (
            [node.module]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in getattr(node, "names", [])]
            if isinstance(node, ast.Import)
            else []
        )
    }

    assert len(code.splitlines()) <= MOST_LINES
    assert max(map(len, code.splitlines())) <= 88
    assert "labdata.plugin" in imported
    assert imported <= MAY_IMPORT


def test_the_example_names_the_contract_of_today():
    assert f"contract={CONTRACT}," in FILES["our_lab/__init__.py"]


def installed(folder: Path) -> Path:
    """The package of the document as pip would leave it, and its own test."""
    package = folder / "our_lab"
    package.mkdir()
    for name in SKELETONS:
        (package / name).write_text(FILES[name], encoding="utf-8")
    (package / "__init__.py").write_text(FILES["our_lab/__init__.py"], encoding="utf-8")
    told = folder / "our_lab-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: our-lab\nVersion: 1.0\n"
    )
    project = tomllib.loads(re.search(r"```toml\n(.*?)```", TEXT, re.S)[1])
    ((group, points),) = project["project"]["entry-points"].items()
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (told / "entry_points.txt").write_text("\n".join(lines) + "\n")
    test = folder / "test_photocurrent_lifetime.py"
    test.write_text(FILES[test.name], encoding="utf-8")
    return test


@pytest.mark.slow  # a Python process of its own
def test_the_example_keeps_every_promise_as_a_package_of_a_lab(tmp_path):
    test = installed(tmp_path)
    # The keys, and the name of its own test, as the document's command has them.
    keys = re.search(r'-k "([^"]+)"', TEXT)[1]

    passed = run_conformance(tmp_path, keys, str(test))

    assert passed >= PER_TECHNIQUE + PER_READER + PER_ANALYSIS + 1
