"""Logs of maximum power point trackers with columns named ``MPPT_…``."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from labdata.common.text.decimal_mark import is_foreign, not_used
from labdata.common.text.number import parse_number, split_number
from labdata.common.text.separator import OF_TITLES, split_fields, split_lines
from labdata.common.text.title import parse_unit, split_title
from labdata.plugin import (
    Channel,
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    UnreadableFile,
)
from measurements.registry import techniques
from measurements.text.pairs import header_pairs
from measurements.text.rows import in_unit
from measurements.tracks import tracks
from measurements.tracks.flags import COLUMNS_CONTRADICT
from measurements.tracks.table import Columns, head_of, utf8
from measurements.tracks.titles import Header, Title

AGREEMENT = 0.005
"""Relative difference up to which a column is what the others give."""

LEAST_NAMED = 2
FIRST_LINES = 60
MEDIAN_POINTS = 4000
PREFIX = re.compile(r"^MPPT[_ ]", re.IGNORECASE)

NUMERIC = (
    *("current", "voltage", "density", "eff", "pce"),
    *("irradiance", "temperature"),
)

ROLES = {
    "timestamp": ("clock", ""),
    "duration_h": ("time", "h"),
    "duration_s": ("time", "s"),
    "duration": ("time", ""),
    "mppt_i": ("current", "mA"),
    "mppt_v": ("voltage", "V"),
    "mppt_p": ("power", "mW"),
    "mppt_j": ("density", "mA/cm²"),
    "mppt_eff": ("eff", "%"),
    "mppt_pce": ("pce", "%"),
    "radiation": ("irradiance", "W/m²"),
    "irradiance": ("irradiance", "W/m²"),
    "temperature": ("temperature", "°C"),
    "temp": ("temperature", "°C"),
    "lamp": ("lamp", ""),
    "lightsource": ("lamp", ""),
    "light_source": ("lamp", ""),
}
"""What a title means and the unit the format has where the title gives none."""


def sample() -> bytes:
    """A tracker's log whose two efficiencies disagree, with an interval left out."""
    lines = [
        "Timestamp,MPPT_I,MPPT_V,MPPT_P,MPPT_PCE,radiation,TriggerSource,MPPT_J,"
        "MPPT_EFF,Duration_h"
    ]
    area, radiation = 0.25, 1000.0
    for row in range(60):
        minutes = 10 * row + (30 if row > 40 else 0)
        density, voltage = 21.0 * np.exp(-row / 400), -0.95
        efficiency = abs(voltage) * density * 1000 / radiation
        day, left = divmod(minutes, 1440)
        lines.append(
            f"2025-03-{1 + day:02} {left // 60:02}:{left % 60:02}:00.500,"
            f"{-density * area:.6f},{voltage:.4f},{abs(voltage) * density * area:.2f},"
            f"{1.05 * efficiency:.6f},{radiation:.1f},0,{density:.9f},"
            f"{efficiency:.9f},{minutes / 60:.9f}"
        )
    return "\n".join([*lines, ""]).encode()


def find_titles(text: str) -> Header | None:
    """Find the row of titles, at least two of which begin with ``MPPT_``."""
    place = 0
    above: list[str] = []
    for number, line in enumerate(text.split("\n")[:FIRST_LINES], 1):
        following = place + len(line) + 1
        for separator in OF_TITLES:
            if separator not in line or line.count('"') % 2:
                continue
            fields = split_fields(line.strip().lstrip("#\ufeff "), separator)
            if sum(bool(PREFIX.match(one)) for one in fields) >= LEAST_NAMED:
                titles = tuple(_title(one, at) for at, one in enumerate(fields))
                return Header(titles, separator, tuple(above), following, number + 1)
        above.append(line.strip())
        place = following
    return None


def _title(text: str, at: int) -> Title:
    title = split_title(text, lambda name, unit: name_of(name) in ROLES)
    key, unit = ROLES.get(name_of(title.name), ("", ""))
    if key and title.unit_text:
        if title.unit is None:
            raise UnreadableFile(
                f"Column {text}: unit {title.unit_text!r} is not known here."
            )
        unit = title.unit
    return Title(at, text, key, unit)


def name_of(title: str) -> str:
    """Spell a name as `ROLES` does."""
    return re.sub(r"[\s_]+", "_", title.strip().lower())


def recognise(sniff: Sniff) -> Recognition | None:
    """Two titles that begin with ``MPPT_`` are the sign."""
    try:
        header = find_titles("\n".join(split_lines(sniff.text)))
    except UnreadableFile:
        return Recognition(0.8, "columns titled MPPT_…, one in a unit nobody knows")
    if header is None:
        return None
    named = [one.text for one in header.titles if PREFIX.match(one.text)][:3]
    return Recognition(0.95, f"columns titled {', '.join(named)}")


def read(source: Source) -> ReadResult:
    """Read the track; of two efficiencies, the one its own voltage and current give.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    ReadResult
        One dataset from the start of the test. Current and voltage are given
        positive; an efficiency that contradicts the others stays as a channel of its
        own, and ``metadata["contradictions"]`` says so.

    Raises
    ------
    UnreadableFile
        If columns are missing, a row cannot be read, time runs backwards, the area is
        zero or two lamps are in the file; with the line.
    """
    data = utf8(source.data)
    header = find_titles(head_of(data))
    if header is None:
        raise UnreadableFile("No row of titles has two that begin with MPPT_.")
    log = tracks.open_log(data, header, unused=("power",))
    columns, clock, notes = log.columns, log.clock, log.notes
    found = {
        key: _column(columns, title) for key in NUMERIC for title in header.of(key)[:1]
    }
    place = np.arange(columns.size)
    conditions = _area(found, header, log.decimal, notes)
    density = _density(found, conditions)
    channels = _channels(found, density, notes)
    metadata: dict[str, Any] = {"format_signs": _signs(found)}
    if "irradiance" in channels:
        tracks.refuse_two_levels(
            channels["irradiance"], place, columns, header.of("irradiance")[0].text
        )
    extra, contradictions = _efficiencies(found, channels, notes)
    if contradictions:
        metadata["contradictions"] = contradictions
    technique = techniques[source.technique]
    parsed = tracks.build(
        "track",
        "",
        technique,
        clock,
        place,
        channels,
        columns,
        notes,
        metadata=metadata,
        conditions=conditions,
        extra=extra,
    )
    return ReadResult(
        (parsed,), conditions, log.measured_at, tuple(dict.fromkeys(notes))
    )


def _column(columns: Columns, title: Title) -> np.ndarray:
    """Return a column in the unit its role is reckoned in."""
    targets = {"irradiance": "mW/cm²", "density": "mA/cm²", "current": "mA"}
    targets |= {"voltage": "V", "power": "mW", "temperature": "°C"}
    target = targets.get(title.key, "%")
    return in_unit(columns.numbers(title), title.unit, target, f"Column {title.text}")


def _area(
    found: dict[str, np.ndarray], header: Header, decimal: str, notes: list[str]
) -> dict[str, float]:
    """Return the active area: the header's, or what current over density gives."""
    for key, value in header_pairs(header.above, header.separator).items():
        title = split_title(key)
        if not re.fullmatch(r"(?:active |cell )?area", title.name, re.IGNORECASE):
            continue
        written, rest = split_number(value)
        number = parse_number(written, decimal)
        unit = parse_unit(rest) or title.unit
        if is_foreign(written, decimal):
            notes.append(f"{key} is {not_used(written, decimal)}")
        elif number is None or np.isnan(number):
            continue
        elif unit is None:
            notes.append(f"{key} in the header is {value} without a unit: not used.")
        else:
            area = in_unit(number, unit, "cm²", f"The header line {key!r}")
            tracks.refuse_no_area(area, f"The header line {key!r}")
            return {"active_area": area}
    if "current" not in found or "density" not in found:
        return {}
    current, density = _some(found["current"]), _some(found["density"])
    known = np.abs(density) > 0
    if not known.any():
        return {}
    ratio = np.abs(current[known] / density[known])
    ratio = ratio[np.isfinite(ratio)]
    if not ratio.size:
        return {}
    area = float(np.median(ratio))
    tracks.refuse_no_area(area, "Current over current density")
    if float(np.quantile(np.abs(ratio / area - 1), 0.9)) > AGREEMENT:
        notes.append("Current over current density is no constant: no area follows.")
        return {}
    notes.append(f"Area {area:.4g} cm²: current over current density.")
    return {"active_area": float(f"{area:.6g}")}


def _density(
    found: dict[str, np.ndarray], conditions: dict[str, float]
) -> np.ndarray | None:
    if "density" in found:
        return found["density"]
    if "current" in found and "active_area" in conditions:
        return found["current"] / conditions["active_area"]
    return None


def _signs(found: dict[str, np.ndarray]) -> dict[str, str]:
    return {
        key: "negative" if _is_negative(found[key]) else "positive"
        for key in ("current", "voltage", "density")
        if key in found and np.isfinite(found[key]).any()
    }


def _channels(
    found: dict[str, np.ndarray], density: np.ndarray | None, notes: list[str]
) -> dict[str, np.ndarray]:
    """Return voltage, current and power density so that a working cell is positive."""
    channels: dict[str, np.ndarray] = {
        key: found[key] for key in ("irradiance", "temperature") if key in found
    }
    flipped = []
    if "voltage" in found:
        flip = _is_negative(found["voltage"])
        channels["voltage"] = -found["voltage"] if flip else found["voltage"]
        flipped += ["voltage"] * flip
    if density is not None:
        flip = _is_negative(density)
        channels["current_density"] = -density if flip else density
        flipped += ["current density"] * flip
    if flipped:
        notes.append(f"The sign of {' and '.join(flipped)} was turned.")
    return channels


def _efficiencies(
    found: dict[str, np.ndarray], channels: dict[str, np.ndarray], notes: list[str]
) -> tuple[list[Channel], list[dict[str, str]]]:
    """Choose the efficiency voltage, current and light give, and compare the others.

    Fills ``channels["pce"]``; what disagrees is returned as channels and in words.
    """
    named: dict[str, np.ndarray]
    named = {key: found[key] for key in ("eff", "pce") if key in found}
    titles = {"eff": "MPPT_EFF", "pce": "MPPT_PCE"}
    own, power = None, None
    if {"voltage", "current_density"} <= channels.keys():
        power = channels["voltage"] * channels["current_density"]
    if power is not None and "irradiance" in channels:
        light = channels["irradiance"]
        lit = np.where(light > 0, light, np.nan)
        own = 100 * power / lit
    if own is None:
        if not named:
            raise UnreadableFile(
                "Neither MPPT_EFF nor MPPT_PCE is there, nor voltage, current density"
                " and radiation to reckon the efficiency from."
            )
        key = next(iter(named))
        channels["pce"] = named[key]
        others = {one: values for one, values in named.items() if one != key}
        return _compared(channels["pce"], titles[key], others, titles, power, notes)
    off = {key: _difference(values, own) for key, values in named.items()}
    fitting = [key for key, one in off.items() if abs(one) <= AGREEMENT]
    if fitting:
        channels["pce"] = named[fitting[0]]
        told = titles[fitting[0]]
        notes.append(f"The efficiency is {told}, which is V·J over radiation.")
    else:
        channels["pce"], told = own, "V·J over radiation"
        notes.append(f"The efficiency is {told}: no column of the file agrees with it.")
    others = {key: values for key, values in named.items() if key not in fitting}
    return _compared(channels["pce"], told, others, titles, power, notes)


def _is_negative(values: np.ndarray) -> bool:
    """Whether most of the values are negative; of none known, no."""
    some = _some(values)
    some = some[np.isfinite(some)]
    return bool(some.size) and float(np.median(some)) < 0


def _some(values: np.ndarray) -> np.ndarray:
    """Return evenly picked points, enough for a median."""
    return values[:: max(1, values.size // MEDIAN_POINTS)]


def _difference(values: np.ndarray, other: np.ndarray) -> float:
    values, other = _some(values), _some(other)
    known = np.isfinite(values) & np.isfinite(other) & (np.abs(other) > 0)
    return float(np.median(values[known] / other[known])) - 1 if known.any() else 0.0


def _compared(
    chosen: np.ndarray,
    told: str,
    others: dict[str, np.ndarray],
    titles: dict[str, str],
    power: np.ndarray | None,
    notes: list[str],
) -> tuple[list[Channel], list[dict[str, str]]]:
    extra, contradictions = [], []
    for key, values in others.items():
        off = _difference(values, chosen)
        if abs(off) <= AGREEMENT or not np.isfinite(chosen).any():
            continue
        name = f"{titles[key].lower()}_of_file"
        beside = ""
        if power is not None:
            sun = 100 * _difference(values, 100 * power / tracks.SUN)
            beside = f", {sun:+.1f} % from its own V·J at {tracks.SUN:g} mW/cm²"
        extra.append(Channel(name, "%", f"{titles[key]} of the file", values))
        message = (
            f"{titles[key]} contradicts {told}: it is {100 * off:+.1f} % from it"
            f"{beside}, at most {np.nanmax(values):.2f} and at the end"
            f" {values[-1]:.2f} %, against {np.nanmax(chosen):.2f} and"
            f" {chosen[-1]:.2f} %. {told} was used."
        )
        doubt = {"flag": COLUMNS_CONTRADICT.key, "message": message}
        contradictions.append(doubt)
        notes.append(message)
    return extra, contradictions


MPPT_CSV = Reader(
    key="mppt_csv",
    version=1,
    label="Maximum power point tracker log",
    techniques=("mpp_tracking",),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="pixel.mppt.csv",
    limits=(
        "Columns are found by their titles MPPT_I, MPPT_V, MPPT_J, MPPT_EFF,"
        " MPPT_PCE, radiation, Timestamp, Duration; without units in them they are"
        " in mA, V, mA/cm², %, W/m². One cell and one lamp in a file."
    ),
    extensions=("csv", "txt"),
)
