"""What the headers of voltage sweeps say: conditions and the file's own results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labdata.common.measures import units
from labdata.common.text.decimal_mark import is_foreign, not_used
from labdata.common.text.number import parse_number, split_number
from labdata.common.text.title import Title, parse_unit, split_title
from measurements.sweeps.curves import REPORTED, meaning_of, words_of

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
    "settling_time": ("settlingtime", "delay", "delaytime"),
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


def split_key(text: str) -> Title:
    """Take ``J_sc [mA/cm2]:`` or ``settling_time_ms`` apart."""
    return split_title(text, lambda name, unit: key_of(name) is not None)


def letters(name: str) -> str:
    """Lower case, letters and digits alone: how names are compared."""
    return re.sub(r"[\W_]", "", name.lower())


def key_of(name: str) -> str | None:
    """Return what a header's number is, by our name of it."""
    return _KEYS.get(letters(name))


def column_kind(name: str, unit: str | None = None) -> tuple[str, int] | None:
    """Return ``voltage``, ``density`` or ``current`` and its rank among such, or None.

    A current in a unit of current density is a current density.
    """
    found = _RANKS.get(letters(name))
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
    unit: str | None,
    number: float | None,
    usual: Mapping[str, str] | None = None,
) -> None:
    """Put a header's number where it belongs; what means nothing to us is passed over.

    Parameters
    ----------
    said : Said
        Added to.
    name : str
        As the file writes it.
    unit : str or None
        Its accepted symbol; None where the file writes none that is known.
    number : float or None
        None or NaN is passed over.
    usual : mapping, optional
        Units a format has where it writes none, by our name of the number.
    """
    key = key_of(name)
    if key is None or number is None or not np.isfinite(number):
        return
    target = REPORTED[key][0] if key in REPORTED else CONDITION_UNITS.get(key, "mA")
    unit = unit or (usual or {}).get(key)
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
    key = _TEXT_KEYS.get(letters(name))
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
    add_value(said, split_key(key), value, decimal, usual)


def add_value(
    said: Said,
    title: Title,
    value: str,
    decimal: str,
    usual: Mapping[str, str] | None = None,
) -> None:
    """Understand a value under its title: a number, one with its unit, or a word."""
    name, unit = title.name, title.unit
    written, rest = split_number(value)
    is_of_suns = rest.lower() in ("sun", "suns") and key_of(name) == "irradiance"
    behind = "mW/cm²" if is_of_suns else parse_unit(rest)
    if rest and behind is None:
        add_text(said, name, value)
    elif is_foreign(written, decimal) and key_of(name) is not None:
        said.notes.append(f"{name} is {not_used(value, decimal)}")
    elif (number := parse_number(written or value, decimal)) is not None:
        number *= ONE_SUN if is_of_suns else 1.0
        add_number(said, name, behind or unit, number, usual)
    else:
        add_text(said, name, value)
