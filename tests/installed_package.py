"""Tests of a private package as a lab installs it, in a process that has it."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PER_TECHNIQUE, PER_READER, PER_ANALYSIS = 7, 15, 14
"""At least so many promises of the conformance tests each of them keeps."""


def run_conformance(package: Path, keys: str, *tests: str) -> int:
    """Run the conformance tests of ``keys``, and more tests, with a package installed.

    Returns how many passed; a test that does not pass fails the caller's.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LABDATA_", "DJANGO_", "PYTEST_"))
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "0"),
            *("-p", "no:cacheprovider", "-k", keys),
            *("tests/conformance", *tests),
        ],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return int(re.search(r"(\d+) passed", done.stdout)[1])
