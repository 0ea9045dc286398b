"""What the headers of voltage sweeps say: conditions and the file's own results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from labdata.common.measures import units
from labdata.plugin import UnreadableFile
from measurements.sweeps.curves import REPORTED, meaning_of, words_of
from measurements.text.columns import parse_unit
from measurements.text.tables import parse_number

SPELLINGS = {
    "voc": ("voc", "uoc", "opencircuitvoltage"),
    "jsc": ("jsc", "shortcircuitcurrentdensity"),
    "isc": ("isc", "shortcircuitcurrent"),
    "ff": ("ff", "fillfactor", "füllfaktor"),
    "pce": (
        "pce",
        "efficiency",
        "eff",
        "eta",
        "powerconversionefficiency",
        "wirkungsgrad",
    ),
    "pce_one_sun": ("eff1000", "efficiencyat1sun"),
    "pmax": ("pmpp", "pmax", "pmp"),
    "vmp": ("vmpp", "umpp", "vmp", "vmax"),
    "jmp": ("jmpp", "jmp", "jmax"),
    "rs": ("rs", "rser", "rseries", "seriesresistance", "serienwiderstand"),
    "rsh": ("rsh", "rp", "rpar", "rparallel", "rshunt", "shuntresistance"),
    "active_area": (
        "activearea",
        "area",
        "cellarea",
        "devicearea",
        "pixelarea",
        "fläche",
        "aktivefläche",
    ),
    "mask_area": ("maskarea", "aperture", "aperturearea", "maskenfläche"),
    "irradiance": (
        *("irradiance", "intensity", "lightintensity", "illuminationintensity"),
        *("pin", "incidentpower", "illumination", "bestrahlungsstärke"),
    ),
    "settling_time": ("settlingtime", "settlingtimems", "delay", "delaytime"),
    "scan_rate": ("scanrate", "scanspeed", "sweeprate", "scanvelocity"),
    "temperature": ("temperature", "tmeas", "celltemperature", "temp", "temperatur"),
    "cell_age": ("cellage", "age"),
    "cycle": ("cycle", "cyclenumber"),
}
"""How files spell a number, in lower case, letters and digits only."""

TEXTS = {
    "direction": (
        *("scandirection", "direction", "sweepdirection", "sweepsequence", "scan"),
        "sweep",
    ),
    "light": ("illumination", "illuminationmode", "light", "lightdark", "condition"),
    "lamp": ("lamp", "lightsource", "simulator"),
    "lamp_class": ("lampclass",),
    "lamp_calibrated_on": ("lampcalibratedon", "calibration", "referencecell"),
    "preconditioning": ("preconditioning", "lightsoaking", "lightsoak"),
    "atmosphere": ("atmosphere",),
}
CONDITION_UNITS = {
    "active_area": "cm²",
    "mask_area": "cm²",
    "irradiance": "mW/cm²",
    "settling_time": "ms",
    "scan_rate": "mV/s",
    "temperature": "°C",
    "cell_age": "h",
    "cycle": "1",
}
COLUMN_UNITS = {"voltage": "V", "current": "mA", "density": "mA/cm²"}
COLUMN_NAMES = {
    "voltage": (
        *("vmeas", "vmeasured", "measuredvoltage", "v", "u", "voltage", "voltages"),
        *("bias", "biasvoltage", "appliedvoltage", "potential", "spannung", "tension"),
        *("電圧", "电压", "vset"),
    ),
    "density": (
        *("jmeas", "j", "currentdensity", "currentdensities", "stromdichte"),
        *("densitédecourant", "電流密度", "电流密度"),
    ),
    "current": (
        "imeas",
        "i",
        "current",
        "currents",
        "strom",
        "courant",
        "電流",
        "电流",
    ),
}
"""How columns are titled, in lower case without signs; what was measured goes before
what was set."""

ONE_SUN = 100.0
"""[mW/cm²]"""

MAGNITUDES = frozenset({"jsc", "isc", "jmp", "pmax"})
"""What files print negative where they count photocurrent negative."""

_KEYS = {word: key for key, words in SPELLINGS.items() for word in words}
_RANKS = {
    word: (kind, rank)
    for kind, words in COLUMN_NAMES.items()
    for rank, word in enumerate(words)
}
_TEXT_KEYS = {word: key for key, words in TEXTS.items() for word in words}
_OHM_AREA = re.compile(
    r"^(?:ohm|[\u03a9\u2126])\s*[*·. ]?\s*cm\s*(?:\^|\*\*)?[2²]$", re.I
)
_HEADER = re.compile(r"^(?P<name>[^\[(:\t]+?)\s*(?:[\[(](?P<unit>[^\])]*)[\])])?\s*:?$")
DATE_FORMATS = (
    *("%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"),
    *("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M"),
)


@dataclass(slots=True)
class Said:
    """What was understood of a header."""

    conditions: dict[str, Any] = field(default_factory=dict)
    reported: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def merged(self, other: Said) -> Said:
        return Said(
            {**self.conditions, **other.conditions},
            {**self.reported, **other.reported},
            [*self.notes, *other.notes],
        )


def unit_symbol(text: str) -> str | None:
    """Return the accepted symbol of a unit as instruments of this kind spell it."""
    text = text.strip()
    if _OHM_AREA.match(text):
        return "Ω cm²"
    if text.lower().rstrip(".") in ("pct", "percent"):
        return "%"
    return parse_unit(text) if text else None


def in_unit(values: np.ndarray, unit: str, target: str) -> np.ndarray:
    """Convert a column, or say that its unit measures something else."""
    try:
        return units.convert(values, unit, target)
    except units.UnitError as error:
        raise UnreadableFile(f"A column in {unit} was expected: {error}.") from error


def split_key(text: str) -> tuple[str, str]:
    """Take ``J_sc [mA/cm2]:`` into name and unit text."""
    match = _HEADER.match(text.strip())
    if match is None:
        return text.strip(" :"), ""
    return match["name"].strip(), match["unit"] or ""


def key_of(name: str) -> str | None:
    """Return what a header's number is, by our name of it."""
    return _KEYS.get(re.sub(r"[\W_]", "", name.lower()))


def column_kind(name: str, unit: str | None = None) -> tuple[str, int] | None:
    """Return ``voltage``, ``density`` or ``current`` and its rank among such, or None.

    A current in a unit of current density is a current density.
    """
    found = _RANKS.get(re.sub(r"[\W_]", "", name.lower()))
    if found and found[0] == "current" and unit is not None:
        kind = units.find_unit(unit).kind
        if kind == units.find_unit("mA/cm²").kind:
            return "density", found[1]
    return found


def fits(unit: str, kind: str) -> bool:
    """Whether a column of this kind may be in this unit."""
    target = units.find_unit(COLUMN_UNITS[kind]).kind
    return units.find_unit(unit).kind == target


def add_number(
    said: Said,
    name: str,
    unit_text: str,
    number: float | None,
    usual: Mapping[str, str] | None = None,
) -> None:
    """Put a header's number where it belongs; what means nothing to us is passed over.

    Parameters
    ----------
    said : Said
        Added to.
    name, unit_text : str
        As the file writes them.
    number : float or None
        None or NaN is passed over.
    usual : mapping, optional
        Units a format has where it writes none, by our name of the number.
    """
    key = key_of(name)
    if key is None or number is None or not np.isfinite(number):
        return
    target = REPORTED[key][0] if key in REPORTED else CONDITION_UNITS.get(key, "mA")
    unit = unit_symbol(unit_text) or (usual or {}).get(key)
    # Neither a fraction nor percent can be above 100: to be flagged either way.
    if unit is None and (key == "cycle" or (key == "ff" and abs(number) > 100)):
        unit = "1"
    if unit is None:
        if key not in said.conditions and key not in said.reported:
            said.notes.append(
                f"{name} is {number:g} without a unit that is known: not used."
            )
        return
    try:
        value = float(units.convert(number, unit, target))
    except units.UnitError:
        # The same name stands for a power and a power density, for a share of a lamp's
        # power and an irradiance: the unit says which.
        return
    if key in MAGNITUDES:
        value = abs(value)
    if key in CONDITION_UNITS:
        said.conditions.setdefault(key, value)
    else:
        said.reported.setdefault(key, value)


def add_text(said: Said, name: str, text: str) -> None:
    """Put a header's word where it belongs."""
    key = _TEXT_KEYS.get(re.sub(r"[\W_]", "", name.lower()))
    if key is None or not text.strip():
        return
    if key in ("direction", "light"):
        meanings = [meaning_of(word) for word in words_of(text)]
        found = {one[1] for one in meanings if one is not None and one[0] == key}
        # Words for both, such as "Forward/Back", label no single sweep.
        if len(found) == 1:
            said.conditions.setdefault(key, found.pop())
        return
    said.conditions.setdefault(key, " ".join(text.split()))


def add_line(
    said: Said,
    key: str,
    value: str,
    decimal: str,
    usual: Mapping[str, str] | None = None,
) -> None:
    """Understand ``key [unit]`` and its value, which may carry the unit itself."""
    name, unit = split_key(key)
    number = parse_number(value, decimal)
    suns = re.match(r"^\s*([\d.,]+)\s*suns?\s*$", value, re.I)
    if suns and key_of(name) == "irradiance":
        number, unit = parse_number(suns[1], decimal), "mW/cm²"
        number = None if number is None else number * ONE_SUN
    if number is None:
        mark = re.match(r"^\s*([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*(\D\S*)\s*$", value)
        if mark and unit_symbol(mark[2]):
            number, unit = parse_number(mark[1], decimal), mark[2]
    if number is None:
        add_text(said, name, value)
    else:
        add_number(said, name, unit, number, usual)


def clock_of(texts: Iterable[str]) -> datetime | None:
    """Return the first text that is a time of a known form."""
    for text in texts:
        for form in DATE_FORMATS:
            try:
                return datetime.strptime(text.strip(), form)
            except ValueError:
                continue
    return None


def shared(all_conditions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the conditions on which all datasets of a file agree."""
    rows = list(all_conditions)
    return {
        key: value
        for key, value in (rows[0] if rows else {}).items()
        if all(key in row and row[key] == value for row in rows)
    }
