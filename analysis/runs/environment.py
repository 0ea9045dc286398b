"""The versions of everything that had a part in a number."""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from labdata.common.registry import Distribution, own_distribution

PACKAGES = ("numpy", "scipy", "lmfit", "numba", "pvlib")


def describe_environment(origin: Distribution | None = None) -> dict[str, str | None]:
    """Name the versions of labdata, Python and the numerical packages.

    With the package an analysis came from, where that is not labdata itself.
    """
    own = own_distribution()
    other = {} if origin in (None, own) else {origin.name: origin.version}
    return {own.name: own.version, **other, **_packages()}


@cache
def _packages() -> dict[str, str | None]:
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found
