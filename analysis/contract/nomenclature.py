"""What can be measured, read and computed, in words: taken from the registries.

The pages on techniques and docs/nomenclature.md are both made of this, so that they
say the same and nobody keeps a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from analysis.contract.quantities import quantities
from analysis.contract.registry import analyses
from labdata.common.measures.units import UnitError, find_unit
from labdata.common.registry import own_distribution
from labdata.plugin import (
    Analysis,
    AxisSpec,
    ChannelSpec,
    Condition,
    Quantity,
    Reader,
    Technique,
)
from measurements.registry import readers, techniques

GATHERS = {
    "": "the first dataset of a measurement",
    "dataset": "each dataset of a measurement in a run of its own",
    "cell": "all datasets of a cell together",
}
OWN_ROOMS = ("measurements.", "analysis.")


@dataclass(frozen=True)
class Part:
    """An axis or a channel: its unit, and the titles columns may have for it."""

    kind: str
    is_needed: bool
    name: str
    label: str
    unit: str
    titles: tuple[str, ...]
    remark: str


@dataclass(frozen=True)
class Setting:
    """A condition: what may stand there, and the words of a header it is known by."""

    key: str
    variable: str
    label: str
    unit: str
    allowed: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A parameter of an analysis, with its default in words."""

    name: str
    label: str
    unit: str
    default: str
    help: str


@dataclass(frozen=True)
class AnalysisNotes:
    """An analysis as one technique has it."""

    analysis: Analysis
    is_default: bool
    takes: str
    choices: tuple[Choice, ...]
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True)
class TechniqueNotes:
    """A technique with all that belongs to it.

    ``readers`` are those made for it, ``general_readers`` take any technique.
    """

    technique: Technique
    parts: tuple[Part, ...]
    settings: tuple[Setting, ...]
    readers: tuple[Reader, ...]
    general_readers: tuple[Reader, ...]
    analyses: tuple[AnalysisNotes, ...]

    @property
    def formats(self) -> tuple[Reader, ...]:
        return self.readers + self.general_readers


def describe_techniques() -> tuple[TechniqueNotes, ...]:
    """Every technique, by its label."""
    ordered = sorted(techniques, key=lambda one: one.label.casefold())
    return tuple(describe_technique(one) for one in ordered)


def describe_technique(technique: Technique) -> TechniqueNotes:
    """One technique with its readers and analyses."""
    reading = [one for one in readers if one.serves(technique.key)]
    return TechniqueNotes(
        technique=technique,
        parts=(
            *(_part("axis", one) for one in technique.axes),
            *(_part("channel", one) for one in technique.channels),
        ),
        settings=tuple(_setting(technique, one) for one in technique.conditions),
        readers=tuple(one for one in reading if one.techniques),
        general_readers=tuple(one for one in reading if not one.techniques),
        analyses=tuple(
            _analysis(technique, one) for one in analyses if one.serves(technique.key)
        ),
    )


def quantities_by_family() -> dict[str, list[Quantity]]:
    """Every quantity under its family, both in the order of their keys."""
    families: dict[str, list[Quantity]] = {}
    for quantity in quantities:
        families.setdefault(quantity.family, []).append(quantity)
    return families


def _part(kind: str, spec: AxisSpec | ChannelSpec) -> Part:
    remarks = []
    is_needed = isinstance(spec, AxisSpec) or spec.required
    if not is_needed:
        remarks.append("may be missing")
    if isinstance(spec, AxisSpec):
        if spec.monotonic:
            remarks.append("never turns back")
        if spec.converts_from:
            remarks.append(f"converted from {', '.join(spec.converts_from)}")
    return Part(
        kind=kind,
        is_needed=is_needed,
        name=spec.name,
        label=spec.label,
        unit=_unit(spec.unit),
        titles=tuple(dict.fromkeys((spec.label.lower(), *spec.aliases))),
        remark="; ".join(remarks),
    )


def _unit(unit: str | None) -> str:
    if unit is None:
        return "as the file gives it"
    if unit == "1":
        return ""
    try:
        return find_unit(unit).symbol
    except UnitError:
        return unit


def _setting(technique: Technique, spec: Condition) -> Setting:
    if spec.kind == "number":
        allowed = _range(spec.minimum, spec.maximum) or "any number"
    elif spec.kind == "choice":
        allowed = " or ".join(spec.choices)
    else:
        allowed = "text"
    return Setting(
        key=spec.key,
        variable=f"measurement.{technique.key}.{spec.key}",
        label=spec.label,
        unit=_unit(spec.unit) if spec.unit else "",
        allowed=f"{allowed}, needed" if spec.required else allowed,
        words=tuple(dict.fromkeys((spec.label.lower(), *spec.aliases))),
    )


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    if low is not None:
        return f"at least {_number(low)}"
    return f"at most {_number(high)}" if high is not None else ""


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _analysis(technique: Technique, spec: Analysis) -> AnalysisNotes:
    properties = spec.parameter_schema()["properties"]
    return AnalysisNotes(
        analysis=spec,
        is_default=technique.key in spec.default_for,
        takes=GATHERS[spec.gathers],
        choices=tuple(
            Choice(
                name=name,
                label=entry.get("title", name),
                unit=_unit(entry.get("unit")) if entry.get("unit") else "",
                default=_default(entry.get("default")),
                help=entry.get("description", ""),
            )
            for name, entry in properties.items()
        ),
        quantities=tuple(quantities[key] for key in spec.outputs),
    )


def _default(value: Any) -> str:
    if value is None or value == []:
        return "none given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_default, value))
    return _number(value) if isinstance(value, float) else str(value)


def comes_with_labdata(spec: Technique | Reader | Analysis) -> bool:
    """Whether a declaration is one of these rooms, not of a package beside them."""
    for name in ("example", "read", "run"):
        if function := getattr(spec, name, None):
            return function.__module__.startswith(OWN_ROOMS)
    return False


def is_own(quantity: Quantity) -> bool:
    """Whether a quantity comes with labdata, not with a package beside it."""
    return quantities.origin(quantity.key) == own_distribution()


def to_markdown() -> str:
    """Everything that comes with labdata as one document."""
    known = [one for one in describe_techniques() if comes_with_labdata(one.technique)]
    lines = [
        "# Nomenclature",
        "",
        "Every technique, column title, condition, reader, analysis and quantity that"
        " comes with labdata, written by `manage.py nomenclature` from the"
        " declarations themselves. The page *Techniques* of a lab shows the same with"
        " figures, example files to download, and whatever the lab added itself.",
        "",
        "Column titles are compared without regard to case and may carry their unit in"
        " any usual way: `Wavelength (nm)`, `wavelength [nm]`, `WAVELENGTH / nm`.",
        "",
        "## Techniques",
    ]
    for notes in known:
        lines += ["", *_technique_lines(notes)]
    lines += ["", "## Readers of any technique", ""]
    general = {one.key: one for notes in known for one in notes.general_readers}
    for reader in filter(comes_with_labdata, general.values()):
        lines += _reader_lines(reader)
    lines += ["", "## Quantities"]
    for family, every in quantities_by_family().items():
        members = [one for one in every if is_own(one)]
        if not members:
            continue
        lines += ["", f"### {family}", "", *_quantity_table(members)]
    return "\n".join(lines) + "\n"


def _technique_lines(notes: TechniqueNotes) -> Iterator[str]:
    technique = notes.technique
    yield from (f"### {technique.label}", "", f"Key `{technique.key}`.")
    if technique.named_by_file:
        yield ""
        yield "Columns keep the names and units that the file gives them."
    else:
        yield ""
        yield from _table(
            ("part", "name", "unit", "column titles", "is"),
            (
                (
                    one.label,
                    f"`{one.name}`",
                    one.unit or "—",
                    ", ".join(one.titles),
                    f"{one.kind}, {one.remark}" if one.remark else one.kind,
                )
                for one in notes.parts
            ),
        )
    if notes.settings:
        yield ""
        yield from _table(
            ("condition", "variable", "unit", "allowed", "known in headers as"),
            (
                (
                    one.label,
                    f"`{one.variable}`",
                    one.unit or "—",
                    one.allowed,
                    ", ".join(one.words),
                )
                for one in notes.settings
            ),
        )
    if notes.readers:
        yield ""
        for reader in filter(comes_with_labdata, notes.readers):
            yield from _reader_lines(reader)
    for one in notes.analyses:
        if comes_with_labdata(one.analysis):
            yield ""
            yield from _analysis_lines(one)


def _reader_lines(reader: Reader) -> Iterator[str]:
    endings = ", ".join(f"`.{one}`" for one in reader.extensions) or "any ending"
    yield (
        f"* **{reader.label}** (`{reader.key}`, version {reader.version}; {endings})."
        f" {reader.limits}"
    )


def _analysis_lines(notes: AnalysisNotes) -> Iterator[str]:
    spec = notes.analysis
    starts = "starts by itself" if notes.is_default else "on request"
    yield (
        f"**{spec.label}** (`{spec.key}`, version {spec.version}, {starts};"
        f" takes {notes.takes}). {spec.description}"
    )
    yield ""
    yield from _quantity_table(notes.quantities)


def _quantity_table(rows: Iterable[Quantity]) -> Iterator[str]:
    yield from _table(
        ("quantity", "key", "symbol", "unit", "labels", "without a label"),
        (
            (
                one.label,
                f"`{one.key}`",
                one.symbol or "—",
                _unit(one.unit) or "—",
                one.labels or "—",
                one.default_pick or "—",
            )
            for one in rows
        ),
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_cell(one) for one in row)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
