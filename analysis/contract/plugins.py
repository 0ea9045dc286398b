"""What installed packages add: taken whole, or refused by name."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points

from analysis.contract.quantities import quantities
from analysis.contract.registry import analyses
from labdata.common.measures.units import known_unit
from labdata.common.registry import Distribution, Registry
from labdata.common.text.storable import half_characters
from labdata.plugin import (
    CONTRACT,
    Analysis,
    Plugin,
    Quantity,
    Reader,
    Technique,
)
from labdata.plugin.package import ENTRY_POINTS
from measurements.registry import readers, techniques

logger = logging.getLogger(__name__)

REGISTRIES: dict[str, Registry] = {
    "quantities": quantities,
    "techniques": techniques,
    "readers": readers,
    "analyses": analyses,
}
# What the columns that hold such a key have room for.
LONGEST_KEYS = {"quantities": 80, "techniques": 40, "readers": 60, "analyses": 60}
KEY = re.compile(r"[a-z][a-z0-9_]*")
THIS_CONTRACT = f"This lab has contract {CONTRACT}"


@dataclasses.dataclass(frozen=True, slots=True)
class Installed:
    """A plug-in that was found: what it adds, or why nothing of it is taken."""

    name: str
    distribution: Distribution
    contract: int | None = None
    reason: str = ""
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_broken(self) -> bool:
        return bool(self.reason)

    def adds(self, kind: str) -> tuple[str, ...]:
        """Return the keys of its quantities, techniques, readers or analyses."""
        return dict(self.keys).get(kind, ())

    def __str__(self) -> str:
        return f"{self.name} ({self.distribution})"


_installed: list[Installed] = []
_loaded: list[bool] = []


def installed() -> tuple[Installed, ...]:
    """Return the plug-ins that were found, those that are not taken among them."""
    return tuple(_installed)


def load_plugins() -> None:
    """Take what installed packages add, once; built-ins must be registered before."""
    if _loaded:
        return
    _loaded.append(True)
    _installed.extend(take(entry_points(group=ENTRY_POINTS)))


def take(points: Iterable[EntryPoint]) -> list[Installed]:
    """Register what entry points name; a broken one is left out whole.

    Its fault is told in `installed`, to a system check, the status page and the API,
    and the rest of the lab goes on working.
    """
    return [_take(point) for point in sorted(points, key=lambda one: one.name)]


def _take(point: EntryPoint) -> Installed:
    package = getattr(point, "dist", None)
    distribution = Distribution(
        package.name if package else "unknown package",
        package.version if package else "",
    )
    contract = None
    try:
        plugin = point.load()
        if not isinstance(plugin, Plugin):
            raise TypeError(f"{point.value} is no labdata.plugin.Plugin")
        contract = plugin.contract
        if problems := [*_problems(plugin)]:
            raise ValueError("; ".join(problems))
    # Whatever a foreign module does when it is imported, the lab has to start.
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        logger.exception("plug-in %s of %s is broken", point.name, distribution)
        reason = str(error) or type(error).__name__
        if isinstance(error, ImportError) and (error.name or "").startswith("labdata."):
            reason += f". {THIS_CONTRACT}; was it written for another?"
        return Installed(point.name, distribution, contract, reason)
    for kind, registry in REGISTRIES.items():
        for spec in getattr(plugin, kind):
            registry.add(spec, distribution)
    keys = tuple(
        (kind, tuple(spec.key for spec in getattr(plugin, kind))) for kind in REGISTRIES
    )
    return Installed(point.name, distribution, contract, keys=keys)


def _problems(plugin: Plugin) -> Iterator[str]:
    """What keeps a plug-in from being taken."""
    if plugin.contract != CONTRACT:
        yield (
            f"it was written for contract {plugin.contract} of labdata.plugin. "
            f"{THIS_CONTRACT}"
        )
        return
    known = {}
    for kind, registry in REGISTRIES.items():
        keys = [spec.key for spec in getattr(plugin, kind)]
        known[kind] = {*registry.keys(), *keys}
        for key in keys:
            if len(key) > LONGEST_KEYS[kind]:
                yield (
                    f"the key {key[:30]!r}… of a {registry.kind} has {len(key)} "
                    f"characters; there is room for {LONGEST_KEYS[kind]}"
                )
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield f"{registry.kind} {key!r} is in it twice"
        for key in keys:
            if key in registry:
                origin = registry.origin(key)
                yield f"{registry.kind} {key!r} is there already, of {origin}"
    for quantity in plugin.quantities:
        yield from _unknown_units(quantity.key, [quantity.unit])
    for kind, registry in REGISTRIES.items():
        for spec in getattr(plugin, kind):
            if kind != "quantities" and not KEY.fullmatch(spec.key):
                yield (
                    f"the key {spec.key!r} of a {registry.kind} is not of small"
                    " letters, digits and underscores"
                )
            if half_characters(_texts_of(spec)):
                yield f"{spec.key} names itself with half of a character"
    for technique in plugin.techniques:
        parts = (*technique.specs, *technique.conditions)
        yield from _unknown_units(technique.key, [part.unit for part in parts])
        for problem in technique.problems(technique.example()):
            yield f"the example of {technique.key} is none: {problem}"
        yield from _unknown(
            technique.key, "quantity", technique.key_quantities, known["quantities"]
        )
        yield from _unknown(
            technique.key, "analysis", technique.default_analyses, known["analyses"]
        )
        for analysis in (*analyses, *plugin.analyses):
            is_default = analysis.key in technique.default_analyses
            if is_default and not analysis.serves(technique.key):
                yield f"{technique.key} names {analysis.key}, which does not serve it"
    for reader in plugin.readers:
        if not isinstance(reader.sample(), bytes):
            yield f"the sample of {reader.key} is no bytes"
        yield from _unknown(
            reader.key, "technique", reader.techniques, known["techniques"]
        )
    served = {one.key: one for one in (*techniques, *plugin.techniques)}
    for analysis in plugin.analyses:
        analysis.parameter_schema()
        of_its = [served[key] for key in analysis.techniques if key in served]
        if not any(one.named_by_file for one in of_its):
            channels = {channel.name for one in of_its for channel in one.channels}
            yield from _unknown(analysis.key, "channel", analysis.channels, channels)
        yield from _unknown(
            analysis.key,
            "condition",
            analysis.conditions,
            {condition.key for one in of_its for condition in one.conditions},
        )
        yield from _unknown(
            analysis.key, "technique", analysis.techniques, known["techniques"]
        )
        yield from _unknown(
            analysis.key, "quantity", analysis.outputs, known["quantities"]
        )


def _unknown(
    owner: str, kind: str, named: Iterable[str], known: set[str]
) -> Iterator[str]:
    for key in named:
        if key not in known:
            yield f"{owner} names the {kind} {key!r}, which there is none of"


def _texts_of(spec: Quantity | Technique | Reader | Analysis) -> list[str]:
    """The words a declaration itself holds, as pages and the API show them."""
    values = (getattr(spec, field.name) for field in dataclasses.fields(spec))
    return [value for value in values if isinstance(value, str)]


def _unknown_units(owner: str, units: Iterable[str | None]) -> Iterator[str]:
    for unit in units:
        if unit is not None and known_unit(unit) is None:
            yield f"{owner} has the unit {unit!r}, which is not known here"
