"""A lab's private package, written against `labdata.plugin` alone, gets all of it."""

import ast
from pathlib import Path

import pytest

from tests.installed_package import (
    PER_ANALYSIS,
    PER_READER,
    PER_TECHNIQUE,
    run_conformance,
)

PACKAGE = Path(__file__).parent / "package"
KEYS = ("photocurrent_map", "labscope_text", "dark_spots", "lab_maps", "delimited_text")


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
    keys = " or ".join(KEYS)

    passed = run_conformance(PACKAGE, keys, "tests/plugin/installed")

    assert passed >= PER_TECHNIQUE + 2 * PER_READER + PER_ANALYSIS
