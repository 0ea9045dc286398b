"""Titles of columns of voltage sweeps: quantity, unit, pixel, direction, darkness."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labdata.common.text.title import parse_unit, split_title
from measurements.sweeps.curves import said_by, words_of
from measurements.sweeps.headers import (
    COLUMN_NAMES,
    COLUMN_UNITS,
    column_kind,
    fits,
    letters,
)

PARTING = {
    "cell": (
        *("pixel", "cell", "px", "subcell", "pixelname", "cellname", "device"),
        *("channel", "zelle", "samplename", "sample"),
    ),
    "direction": (
        *("direction", "scandirection", "sweepdirection", "scan", "sweep", "richtung"),
    ),
    "light": ("light", "illumination", "lightdark", "mode", "state", "beleuchtung"),
    "cycle": ("cycle", "scannumber", "run", "repeat"),
}
"""Columns whose words part the rows into sweeps."""

FOREIGN = (
    *("time", "zeit", "timestamp", "date", "datetime", "elapsed", "wavelength"),
    *("wellenlänge", "frequency", "energy", "hours"),
)
PHRASES = (
    (re.compile(r"current[\s_-]*densit(?:y|ies)", re.I), "j"),
    (re.compile(r"(?:applied|bias|measured|cell)[\s_-]*voltage", re.I), "voltage"),
    (
        re.compile(r"^([VUJI])(fwd|rev|forward|reverse|for|back|light|dark)\b", re.I),
        r"\1 \2",
    ),
)
_VOLTAGE = re.compile("|".join(COLUMN_NAMES["voltage"]), re.IGNORECASE)
"""In every title of a voltage, its unit included; cheaper to look for than to read."""


@dataclass(frozen=True, slots=True, eq=False)
class Title:
    """A column's title taken apart.

    ``unit`` is its accepted symbol, empty where the title has none that is known.
    ``kind`` is ``voltage``, ``density``, ``current``, ``text`` for words that part
    rows (``parts`` says into what), ``other`` for the rest.
    """

    text: str
    kind: str
    name: str
    unit: str = ""
    rank: int = 0
    cell: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    parts: str = ""

    @property
    def tag(self) -> tuple[str, ...]:
        """What tells the sweeps of one table apart."""
        return (self.cell, *(self.said.get(key, "") for key in ("direction", "light")))


def read_title(text: str) -> Title:
    """Take ``A_rev J (mA/cm²)``, ``V_fwd`` or ``pixel`` apart."""
    name, unit = _unit_of(text)
    plain = letters(name)
    for part, words in PARTING.items():
        if plain in words and not unit:
            return Title(text, "text", name, parts=part)
    for pattern, word in PHRASES:
        name = pattern.sub(word, name)
    found, rest, rank = None, [], 0
    for word in words_of(name):
        ranked = column_kind(word, unit)
        if found is None and ranked is not None:
            found = ranked
        elif word.lower() in ("set", "nominal"):
            rank += 100
        elif word.lower() not in ("meas", "measured", "scan", "sweep"):
            rest.append(word)
    cell, said = said_by(" ".join(rest))
    kind = found[0] if found else _kind_of_unit(unit)
    # A power, an area or a time in the title's place is not a current.
    if kind not in COLUMN_UNITS or (unit and not fits(unit, kind)):
        return Title(text, "other", name, unit or "")
    rank += found[1] if found else 50
    return Title(text, kind, name, unit or "", rank, cell, said)


def _unit_of(text: str) -> tuple[str, str | None]:
    read = split_title(text, _goes_with)
    if read.unit is not None:
        return read.name, read.unit
    # What stands in brackets and is no unit may be the pixel or the direction.
    whole = text.strip().strip("\"'").strip()
    if len(whole) > 1 and (unit := parse_unit(whole)) is not None:
        return "", unit
    return whole, None


def _goes_with(name: str, unit: str) -> bool:
    ranked = column_kind(name)
    return ranked is not None and fits(unit, ranked[0])


def _kind_of_unit(unit: str | None) -> str:
    for kind in COLUMN_UNITS:
        if unit and unit != "1" and fits(unit, kind):
            return kind
    return "other"


def may_hold_titles(line: str) -> bool:
    """Whether a line is worth taking apart in search of titles."""
    return _VOLTAGE.search(line) is not None


def title_row(fields: Sequence[str]) -> list[Title] | None:
    """Return the titles if a row names a voltage and a current, and nothing foreign."""
    if len(fields) < 2 or not all(re.search(r"[^\W\d]|^$", one) for one in fields):
        return None
    likely = (one for one in fields if may_hold_titles(one))
    if not any(read_title(one).kind == "voltage" for one in likely):
        return None
    fields = [*fields]
    while fields and not fields[-1]:
        fields.pop()
    titles = [read_title(one) for one in fields]
    kinds = {one.kind for one in titles}
    names = {re.sub(r"[\W_\d]", "", one.name.lower()) for one in titles}
    if not kinds & {"density", "current"}:
        return None
    return None if names & {*FOREIGN} else titles
