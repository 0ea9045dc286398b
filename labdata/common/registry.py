"""A closed set of named plug-ins, filled once when the process starts."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Generic, Protocol, TypeVar

PROJECT_FILE = Path(__file__).resolve().parents[2] / "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Distribution:
    """The installed package something came from."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@cache
def own_distribution() -> Distribution:
    """Return labdata itself: as installed, or as the working copy it runs from."""
    try:
        return Distribution("labdata", version("labdata"))
    except PackageNotFoundError:
        pass
    import tomllib

    project = tomllib.loads(PROJECT_FILE.read_text(encoding="utf-8"))["project"]
    return Distribution("labdata", project["version"])


class Keyed(Protocol):
    @property
    def key(self) -> str: ...


Spec = TypeVar("Spec", bound="Keyed")


class Registry(Generic[Spec]):
    """One specification per key; a second claim on a key is an error.

    ``of`` is the type of its specifications: with it `load` finds them by themselves.
    """

    def __init__(self, kind: str, of: type[Spec] | None = None) -> None:
        self.kind = kind
        self.of = of
        self._specs: dict[str, Spec] = {}
        self._origins: dict[str, Distribution] = {}
        self._loaded: set[str] = set()

    def add(self, spec: Spec, origin: Distribution | None = None) -> Spec:
        """Register a specification, by default as one of labdata's own."""
        if spec.key in self._specs:
            raise ValueError(f"{self.kind} {spec.key!r} is registered twice")
        self._specs[spec.key] = spec
        if origin is not None:
            self._origins[spec.key] = origin
        return spec

    def origin(self, key: str) -> Distribution:
        """Return the package a specification came from."""
        return self._origins.get(key) or own_distribution()

    def get(self, key: str) -> Spec | None:
        return self._specs.get(key)

    def keys(self) -> list[str]:
        return sorted(self._specs)

    def __getitem__(self, key: str) -> Spec:
        try:
            return self._specs[key]
        except KeyError:
            known = ", ".join(self.keys()) or "none"
            raise LookupError(f"no {self.kind} {key!r} (known: {known})") from None

    def __contains__(self, key: object) -> bool:
        return key in self._specs

    def __iter__(self) -> Iterator[Spec]:
        return iter(sorted(self._specs.values(), key=lambda spec: spec.key))

    def __len__(self) -> int:
        return len(self._specs)

    def load(self, package: str) -> None:
        """Add what the modules of ``package`` declare, once.

        A module declares the specifications that are its own values; one it imports
        from another module is the same and is not counted again.
        """
        if package in self._loaded:
            return
        if self.of is None:
            raise TypeError(f"nothing tells a {self.kind} from other values")
        self._loaded.add(package)
        path = importlib.import_module(package).__path__
        for found in pkgutil.walk_packages(path, f"{package}."):
            for value in vars(importlib.import_module(found.name)).values():
                if isinstance(value, self.of) and self.get(value.key) is not value:
                    self.add(value)
