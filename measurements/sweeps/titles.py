"""Titles of columns of voltage sweeps: quantity, unit, pixel, direction, darkness."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from measurements.sweeps import curves as sweeps
from measurements.sweeps import headers as sweep_headers
from measurements.sweeps.headers import COLUMN_NAMES, COLUMN_UNITS

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

_BRACKET = re.compile(r"[\[(]([^\])]*)[\])]")
_SLASHED = re.compile(r"\s+(?:/|in)\s+(\S+(?: cm.?.?2)?)$")


@dataclass(frozen=True, slots=True, eq=False)
class Title:
    """A column's title taken apart.

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
    name, unit_text = _unit_of(text.strip().strip("\"'").strip())
    plain = re.sub(r"[\W_]", "", name.lower())
    for part, words in PARTING.items():
        if plain in words and not unit_text:
            return Title(text, "text", name, parts=part)
    for pattern, word in PHRASES:
        name = pattern.sub(word, name)
    unit = sweep_headers.unit_symbol(unit_text)
    found, rest, rank = None, [], 0
    for word in sweeps.words_of(name):
        ranked = sweep_headers.column_kind(word, unit)
        if found is None and ranked is not None:
            found = ranked
        elif word.lower() in ("set", "nominal"):
            rank += 100
        elif word.lower() not in ("meas", "measured", "scan", "sweep"):
            rest.append(word)
    cell, said = sweeps.said_by(" ".join(rest))
    kind = found[0] if found else _kind_of_unit(unit)
    # A power, an area or a time in the title's place is not a current.
    if kind not in COLUMN_UNITS or (unit and not sweep_headers.fits(unit, kind)):
        return Title(text, "other", name, unit_text)
    rank += found[1] if found else 50
    return Title(text, kind, name, unit_text, rank, cell, said)


def _unit_of(text: str) -> tuple[str, str]:
    for held in _BRACKET.finditer(text):
        if sweep_headers.unit_symbol(held[1]):
            return (text[: held.start()] + " " + text[held.end() :]).strip(), held[1]
    if (match := _SLASHED.search(text)) and sweep_headers.unit_symbol(match[1]):
        return text[: match.start()].strip(), match[1]
    words = text.split("_")
    for first in range(1, len(words)):
        tail = "/".join(word for word in words[first:] if word != "per")
        kind = sweep_headers.column_kind("_".join(words[:first]))
        unit = sweep_headers.unit_symbol(tail)
        if kind and unit and sweep_headers.fits(unit, kind[0]):
            return "_".join(words[:first]), tail
    if sweep_headers.unit_symbol(text) and len(text) > 1:
        return "", text
    return text, ""


def _kind_of_unit(unit: str | None) -> str:
    for kind in COLUMN_UNITS:
        if unit and unit != "1" and sweep_headers.fits(unit, kind):
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
