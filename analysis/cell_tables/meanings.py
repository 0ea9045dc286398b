"""What a column of a table of cells can be, and what its title lets one guess."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analysis.cell_tables.reading import CellTable
from labdata.common.measures.quantities import quantities

AS_MADE, AGED = "as_made", "aged"
STATES = {AS_MADE: "as made", AGED: "after ageing"}
FIELDS = {
    "code": "Code of the device",
    "cell": "Cell",
    "batch": "Batch",
    "cell.active_area": "Active area",
    "cell.mask_area": "Mask area",
    "sample.made_on": "Day it was made",
    "sample.operator": "Operator",
}
ROLES = {
    "substrate": "Substrate",
    "electrode": "Transparent electrode",
    "hole_transport": "Hole transport",
    "absorber": "Absorber",
    "interlayer": "Interlayer",
    "passivation": "Passivation",
    "electron_transport": "Electron transport",
    "buffer": "Buffer",
    "contact": "Metal contact",
}
LAYERS = {
    f"layer.{role}.{part}": f"{label}: {words}"
    for role, label in ROLES.items()
    for part, words in (("material", "material"), ("thickness", "thickness"))
}
CONDITIONS = {
    "process.ageing.temperature": "Ageing: temperature",
    "process.ageing.humidity": "Ageing: relative humidity",
    "process.ageing.atmosphere": "Ageing: atmosphere",
    "process.ageing.load": "Ageing: load",
    "process.ageing.light_source": "Ageing: light source",
}
TARGETS = {**FIELDS, **LAYERS, **CONDITIONS}
UNITS = {"cell.active_area": "cm**2", "cell.mask_area": "cm**2"} | {
    key: "nm" for key in LAYERS if key.endswith("thickness")
}
# Families of quantities that cells have; the others are of materials.
FAMILIES = ("jv", "stability", "eqe")
_WORDS = {
    "jv.pce": ("pce", "efficiency", "eff", "eta", "η"),
    "jv.voc": ("voc", "uoc"),
    "jv.jsc": ("jsc",),
    "jv.ff": ("ff", "fill factor"),
    "jv.rs": ("rs", "rser", "series resistance"),
    "jv.rsh": ("rsh", "rshunt", "shunt resistance"),
    "jv.hysteresis_index": ("hi", "hysteresis index"),
    "stability.t80": ("t80",),
    "stability.t95": ("t95",),
    "stability.ts80": ("ts80",),
    "stability.retention": ("retention", "pce retention", "retained efficiency"),
    "stability.loss": ("loss", "pce loss", "pce delta", "delta pce", "pce drop"),
    "code": ("code", "sample", "sample id", "device", "device id", "substrate id"),
    "cell": ("cell", "pixel", "px", "cell id"),
    "batch": ("batch",),
    "cell.active_area": ("area", "active area", "cell area"),
    "cell.mask_area": ("mask area", "aperture area"),
    "sample.made_on": ("date", "made on", "day"),
    "sample.operator": ("operator", "made by", "user"),
    "process.ageing.temperature": ("ageing temperature", "aging temperature"),
    "process.ageing.humidity": ("relative humidity", "humidity", "rh"),
    "process.ageing.atmosphere": ("ageing atmosphere", "aging atmosphere"),
}
_STATES = {
    AS_MADE: ("before", "initial", "fresh", "as made", "t0", "0 h"),
    AGED: ("after", "aged", "final"),
}
_SCANS = {"reverse": ("reverse", "rev", "rs"), "forward": ("forward", "fwd", "fw")}


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """What one column of a table means.

    ``to`` is a key of `TARGETS` or a quantity; ``label`` and ``unit`` where they are
    not the usual ones, ``state`` of quantities.
    """

    column: int
    to: str
    state: str = AS_MADE
    label: str = ""
    unit: str = ""

    @property
    def is_quantity(self):
        return self.to not in TARGETS


def offered_quantities():
    """The quantities a column may be, by key."""
    return {
        spec.key: f"{spec.label} ({spec.symbol})" if spec.symbol else spec.label
        for spec in quantities
        if spec.family in FAMILIES
    }


def guess(table: CellTable) -> list[ColumnUse]:
    """What the titles say of themselves; a title with a word too many says nothing.

    An efficiency before ageing is taken for the initial one of the test as well, so
    that loss and initial efficiency stand beside each other.
    """
    uses, taken = [], set()
    for index, title in enumerate(table.titles):
        use = _guess(index, title)
        if use is None or (use.to, use.state, use.label) in taken:
            continue
        taken.add((use.to, use.state, use.label))
        uses.append(use)
    is_aged = any(use.state == AGED for use in uses)
    before = next(
        (use for use in uses if use.to == "jv.pce" and use.state == AS_MADE), None
    )
    if is_aged and before is not None:
        uses.append(
            ColumnUse(before.column, "stability.initial_pce", AGED, "", before.unit)
        )
    return sorted(uses, key=lambda use: use.column)


def _guess(index, title):
    words = _plain(title.name)
    state, words = _without(words, _STATES)
    for key, names in _WORDS.items():
        for label, rest in ((None, words), _without(words, _SCANS)):
            if rest not in names:
                continue
            if key in TARGETS:
                return ColumnUse(
                    index, key, unit=title.unit_text if key in UNITS else ""
                )
            family = quantities[key].family
            if family == "stability":
                state = AGED
            label = label if family == "jv" and key != "jv.hysteresis_index" else None
            return ColumnUse(index, key, state or AS_MADE, label or "", title.unit_text)
    role = next((r for r, label in ROLES.items() if words == label.casefold()), None)
    return ColumnUse(index, f"layer.{role}.material") if role else None


def _plain(name):
    return re.sub(r"[\s_\-.]+", " ", name).strip().casefold()


def _without(words, kinds):
    """Which of the kinds a title names, and the title without that word."""
    for kind, names in kinds.items():
        for name in names:
            if words.endswith(f" {name}"):
                return kind, words.removesuffix(name).strip()
            if words.startswith(f"{name} "):
                return kind, words.removeprefix(name).strip()
    return None, words
