"""A lab's private package, written against `labdata.plugin` alone, gets all of it."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent / "package"
ROOT = Path(__file__).resolve().parents[2]
KEYS = ("photocurrent_map", "labscope_text", "dark_spots", "lab_maps", "delimited_text")
PER_TECHNIQUE, PER_READER, PER_ANALYSIS = 9, 15, 14
"""At least so many promises each of them keeps."""


def test_it_imports_numpy_and_the_declarations_alone():
    own = {"lab_maps", "numpy", "dataclasses", "labdata.plugin"}

    for path in PACKAGE.glob("lab_maps/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if _is_import(node) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in names:
                assert name in own or name.startswith("lab_maps."), path.name


def _is_import(node):
    return isinstance(node, ast.Import | ast.ImportFrom)


@pytest.mark.slow  # a Python process of its own, with a database of its own
def test_as_installed_it_keeps_every_promise_and_works_from_upload_to_relation():
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LABDATA_", "DJANGO_", "PYTEST_"))
    }
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-n",
                "0",
                "-p",
                "no:cacheprovider",
            ),
            *("-k", " or ".join(KEYS)),
            *("tests/conformance", "tests/plugin/installed"),
        ],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-4000:]
    passed = int(re.search(r"(\d+) passed", done.stdout)[1])
    assert passed >= PER_TECHNIQUE + 2 * PER_READER + PER_ANALYSIS
