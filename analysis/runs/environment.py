"""The versions of everything that had a part in a number."""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("numpy", "scipy", "lmfit", "numba", "pvlib")
PROJECT_FILE = Path(__file__).resolve().parents[2] / "pyproject.toml"


@cache
def describe_environment():
    """Name the versions of labdata, Python and the numerical packages."""
    found = {"labdata": _labdata_version(), "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def _labdata_version():
    """The installed version, or that of the working copy it runs from."""
    try:
        return version("labdata")
    except PackageNotFoundError:
        pass
    import tomllib

    return tomllib.loads(PROJECT_FILE.read_text(encoding="utf-8"))["project"]["version"]
