"""Where tests find files that instruments wrote: in this tree, else in a named folder.

Small ones with a free licence stand in ``tests/data``, listed in its README. The
others are looked for, under the same family names, in the folder that
``LABDATA_REFERENCE_DATA`` names; where it is unset, the test is skipped and says so.
"""

import os
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parent / "data"
VARIABLE = "LABDATA_REFERENCE_DATA"


def find(pattern: str) -> Path:
    """Return the one file of a family, such as ``jv/HZB_MiGo*.jv.txt``.

    Raises
    ------
    LookupError
        If several files match, or the named folder has none: a folder that is named
        and lacks the file hides a test.
    """
    if here := sorted(DATA.glob(pattern)):
        return _only(here, pattern)
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"{pattern} is not in tests/data and {VARIABLE} names no folder")
    return _only(sorted(Path(named).glob(pattern)), f"{pattern} in {named}")


def _only(found: list[Path], wanted: str) -> Path:
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise LookupError(f"one file is wanted for {wanted}, found: {names}")
    return found[0]
