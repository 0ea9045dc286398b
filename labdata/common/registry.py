"""A closed set of named plug-ins, filled once when the process starts."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, Protocol, TypeVar

logger = logging.getLogger(__name__)


class Keyed(Protocol):
    @property
    def key(self) -> str: ...


Spec = TypeVar("Spec", bound="Keyed")


class Registry(Generic[Spec]):
    """One specification per key; a second claim on a key is an error.

    A broken built-in module stops the process. A broken installed plug-in is kept
    in ``broken`` with its error, so that a system check can name it while the rest
    of the lab goes on working.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.broken: list[tuple[str, Exception]] = []
        self._specs: dict[str, Spec] = {}
        self._loaded: set[str] = set()

    def add(self, spec: Spec) -> Spec:
        if spec.key in self._specs:
            raise ValueError(f"{self.kind} {spec.key!r} is registered twice")
        self._specs[spec.key] = spec
        return spec

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
        """Import every module of ``package``, then installed entry points, once."""
        if package in self._loaded:
            return
        self._loaded.add(package)
        path = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(path, f"{package}."):
            importlib.import_module(module.name)
        for point in entry_points(group=f"labdata.{package}"):
            self._load_installed(point)

    def _load_installed(self, point: EntryPoint) -> None:
        try:
            point.load()
        except Exception as error:
            logger.exception("%s plug-in %s is broken", self.kind, point.name)
            self.broken.append((point.value, error))
