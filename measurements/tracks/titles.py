"""Titles of the columns of an ageing track: quantity, unit and cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from labdata.common.measures import units
from labdata.common.text.number import is_number
from labdata.common.text.separator import OF_TITLES, split_fields
from labdata.common.text.title import is_unit_row, parse_unit, split_title

HEADER_LINES = 200


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a column may hold: its words, unit and the kinds of unit that convert."""

    key: str
    unit: str
    words: tuple[str, ...]
    kinds: tuple[str, ...]


QUANTITIES = (
    Quantity(
        "clock",
        "",
        (
            *("timestamp", "time stamp", "date time", "datetime", "date", "datum"),
            *("zeitstempel", "date/time", "clock", "measured at"),
        ),
        (),
    ),
    Quantity(
        "time",
        "h",
        (
            *("time", "elapsed", "elapsed time", "duration", "t", "test time", "age"),
            *("ageing time", "aging time", "zeit", "laufzeit", "hours", "dauer"),
            *("alterungszeit", "temps", "durée", "時間", "时间", "runtime", "run time"),
        ),
        ("time",),
    ),
    Quantity(
        "pce",
        "%",
        (
            *("pce", "efficiency", "eff", "eta", "η", "power conversion efficiency"),
            *("wirkungsgrad", "rendement", "変換効率", "效率", "pce mpp", "mpp pce"),
        ),
        ("ratio",),
    ),
    Quantity(
        "power",
        "mW/cm²",
        (
            *("power density", "power", "p", "pmpp", "pmax", "p mpp", "mpp power"),
            *("output power", "leistungsdichte", "leistung"),
        ),
        ("irradiance", "power"),
    ),
    Quantity(
        "voltage",
        "V",
        ("voltage", "v", "u", "vmpp", "v mpp", "mpp voltage", "spannung", "tension"),
        ("potential",),
    ),
    Quantity(
        "current",
        "mA/cm²",
        (
            *("current density", "j", "jmpp", "j mpp", "stromdichte", "current", "i"),
            *("impp", "i mpp", "strom"),
        ),
        ("current density", "current"),
    ),
    Quantity(
        "irradiance",
        "mW/cm²",
        (
            *("irradiance", "radiation", "light intensity", "intensity", "sun"),
            *("illumination intensity", "bestrahlungsstärke", "einstrahlung", "suns"),
        ),
        ("irradiance", "light intensity relative to one sun"),
    ),
    Quantity(
        "temperature",
        "°C",
        ("temperature", "temp", "cell temperature", "stage temperature", "temperatur"),
        ("temperature",),
    ),
    Quantity(
        "cell",
        "",
        (
            *("cell", "pixel", "px", "device", "channel", "zelle", "subcell"),
            *("cell name", "pixel name", "sample"),
        ),
        (),
    ),
    Quantity(
        "lamp",
        "",
        ("lamp", "light source", "light", "lichtquelle", "simulator", "lampe"),
        (),
    ),
    Quantity("voc", "V", ("voc", "v oc", "open circuit voltage"), ("potential",)),
    Quantity(
        "jsc",
        "mA/cm²",
        ("jsc", "j sc", "short circuit current density"),
        ("current density",),
    ),
    Quantity("ff", "1", ("ff", "fill factor", "füllfaktor"), ("ratio",)),
    Quantity("rs", "Ω cm²", ("rs", "r s", "series resistance"), ("area resistance",)),
    Quantity("rsh", "Ω cm²", ("rsh", "r sh", "shunt resistance"), ("area resistance",)),
)

_WORDS = re.compile(r"[^\W\d_eE]")
"""A letter that is no exponent: rows of numbers are passed over."""

_CELL_WORD = re.compile(r"^(?:cell|pixel|px|device|zelle|ch|channel)[\s_-]*", re.I)
_IGNORED = re.compile(r"^(?:mppt?|mpp tracking|stabili[sz]ed|mean|measured)\s+", re.I)


@dataclass(frozen=True, slots=True)
class Title:
    """A column's title taken apart; ``key`` is empty where it is of no use.

    ``unit`` is the accepted symbol, empty where the title has none.
    """

    at: int
    text: str
    key: str
    unit: str = ""
    cell: str = ""


def read_title(text: str, at: int) -> Title:
    """Take ``pce_A``, ``PCE cell 1 (%)`` or ``Elapsed time / min`` apart."""
    text = text.strip().strip("\"'").lstrip("#\ufeff").strip()
    read = split_title(text, _goes_with)
    quantity, cell = _quantity_of(read.name)
    if quantity is None:
        return Title(at, text, "")
    is_bracketed = any(sign in text for sign in "([{")
    if read.unit is None and read.unit_text and quantity.unit:
        # What stands in the brackets may be the cell: "PCE (A)".
        return Title(at, text, quantity.key, "", cell or read.unit_text)
    if read.unit and quantity.kinds and not _fits(read.unit, quantity):
        if quantity.key == "pce" and not cell and is_bracketed:
            return Title(at, text, quantity.key, "", read.unit_text)
        return Title(at, text, "")
    return Title(at, text, quantity.key, read.unit or "", cell)


def _goes_with(name: str, unit: str) -> bool:
    quantity, _ = _quantity_of(name)
    return quantity is not None and _fits(unit, quantity)


def _fits(unit: str, quantity: Quantity) -> bool:
    return units.find_unit(unit).kind in quantity.kinds


@lru_cache(maxsize=4096)
def _quantity_of(name: str) -> tuple[Quantity | None, str]:
    """Find the quantity whose words begin or end a name; the rest names the cell."""
    original = re.sub(r"[\s_()\[\]{}]+", " ", name).strip(" :.-")
    words = original.lower()
    if match := _IGNORED.match(words):
        words, original = words[match.end() :], original[match.end() :]
    best: tuple[int, Quantity, str] | None = None
    for quantity in QUANTITIES:
        for spelling in quantity.words:
            if words == spelling:
                return quantity, ""
            if len(spelling) < 2 and not _CELL_WORD.search(words):
                rest = _beside(words, original, spelling, short=True)
            else:
                rest = _beside(words, original, spelling, short=False)
            if rest is not None and (best is None or len(spelling) > best[0]):
                best = len(spelling), quantity, rest
    if best is None or best[1].key in ("clock", "time", "cell", "lamp", "temperature"):
        return None, ""
    return best[1], _CELL_WORD.sub("", best[2]).strip() or best[2]


def _beside(words: str, original: str, spelling: str, *, short: bool) -> str | None:
    """Return what stands beside a spelling, if it may name a cell."""
    if words.startswith(f"{spelling} "):
        rest = original[len(spelling) :].strip()
    elif words.endswith(f" {spelling}"):
        rest = original[: -len(spelling)].strip()
    else:
        return None
    plain = _CELL_WORD.sub("", rest).strip() or rest
    most = 3 if short else 12
    return rest if plain and len(plain) <= most and " " not in plain else None


@dataclass(frozen=True, slots=True)
class Header:
    """Where the titles of a track stand and what they say.

    ``begin`` is the offset of the first row of numbers in the text; ``line`` the
    number, from 1, of that row.
    """

    titles: tuple[Title, ...]
    separator: str
    above: tuple[str, ...]
    begin: int
    line: int

    def of(self, key: str) -> list[Title]:
        return [title for title in self.titles if title.key == key]


def find_header(text: str) -> Header | None:
    """Find the row of titles of a track: a time beside what was measured."""
    place = 0
    above: list[str] = []
    for number, line in enumerate(text.split("\n")[:HEADER_LINES], 1):
        following = place + len(line) + 1
        for separator in OF_TITLES if _WORDS.search(line) else ():
            if separator not in line or line.count('"') % 2:
                continue
            fields = split_fields(line, separator)
            titles = tuple(read_title(field, at) for at, field in enumerate(fields))
            if _is_track(titles):
                return _with_units(
                    text,
                    Header(titles, separator, tuple(above), following, number + 1),
                )
        if line.strip():
            above.append(line.strip())
        place = following
    return None


def _is_track(titles: Sequence[Title]) -> bool:
    keys = {title.key for title in titles}
    if not keys & {"clock", "time"}:
        return False
    return bool(keys & {"pce", "power"}) or {"voltage", "current"} <= keys


def _with_units(text: str, header: Header) -> Header:
    """Take a row of units under the titles into them."""
    end = text.find("\n", header.begin)
    line = text[header.begin : end if end >= 0 else len(text)]
    fields = split_fields(line, header.separator)
    # A row of ones is a row of numbers, though 1 is a unit too.
    if end < 0 or not is_unit_row(fields) or any(map(is_number, fields)):
        return header
    titles = tuple(
        Title(one.at, one.text, one.key, parse_unit(unit) or "", one.cell)
        if unit and not one.unit
        else one
        for one, unit in zip(
            header.titles, [*fields, *[""] * len(header.titles)], strict=False
        )
    )
    return Header(titles, header.separator, header.above, end + 1, header.line + 1)
