"""Ageing tracks in delimited text: a time beside efficiencies of one or more cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc

from labdata.common.measures import units
from labdata.common.text.number import parse_number, split_number
from labdata.common.text.separator import in_words, split_lines
from labdata.common.text.title import split_title
from labdata.plugin import (
    ParsedDataset,
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    UnreadableFile,
)
from measurements.readers.tables.delimited_text import HEADER_ENTRIES, header_conditions
from measurements.readers.tracks import mppt_csv
from measurements.registry import techniques
from measurements.text.columns import plain
from measurements.text.pairs import header_pairs
from measurements.text.rows import in_unit
from measurements.tracks import tracks
from measurements.tracks.table import Columns, head_of, utf8
from measurements.tracks.titles import QUANTITIES, Header, Title, find_header

TARGETS = {quantity.key: quantity.unit for quantity in QUANTITIES}
PLAIN = ("voltage", "irradiance", "temperature", "voc", "jsc", "ff", "rs", "rsh")
RELATIVE = re.compile(r"normali[sz]|\brel(?:ative)?\b|\bnorm\b|\bnormiert", re.I)


def sample() -> bytes:
    """Two cells side by side, elapsed hours, as a German spreadsheet saves them."""
    lines = [
        "Lichtquelle: weiße LED",
        "Laufzeit (h);PCE Zelle A (%);PCE Zelle B (%)",
    ]
    for hour in range(0, 400, 4):
        first = 20 * np.exp(-hour / 3000)
        second = 18 * (0.1 * np.exp(-hour / 15) + 0.9 * np.exp(-hour / 2500))
        lines.append(f"{hour},0;{first:.4f};{second:.4f}".replace(".", ","))
    return "\r\n".join([*lines, ""]).encode("cp1252")


def recognise(sniff: Sniff) -> Recognition | None:
    """Titles of a time and of an efficiency, a power, or voltage and current."""
    if not sniff.text or mppt_csv.recognise(sniff):
        return None
    header = find_header("\n".join(split_lines(sniff.text)))
    if header is None:
        return None
    named = [repr(one.text) for one in header.titles if one.key][:4]
    return Recognition(0.85, f"a track with columns {', '.join(named)}")


def read(source: Source) -> ReadResult:
    """Read a track per cell; titles say which column is what and of which cell.

    Parameters
    ----------
    source : Source
        Options: ``decimal`` overrules the mark found; ``time_unit`` stands in for a
        unit the time lacks; ``area`` [cm²] where the file holds currents and none.

    Returns
    -------
    ReadResult
        A dataset per cell, from the start of the test. An efficiency the file lacks
        is reckoned from power, or voltage and current, and the irradiance.

    Raises
    ------
    UnreadableFile
        If a column, unit, area or row cannot be understood, time runs backwards or
        two lamps are in the file; with the line.
    """
    data = utf8(source.data)
    header = find_header(head_of(data))
    if header is None:
        raise UnreadableFile(
            "No row of titles with a time and an efficiency or power was found. Title"
            " the columns, such as Time (h), PCE (%)."
        )
    technique = techniques[source.technique]
    pairs = header_pairs(header.above, header.separator)
    _refuse_relative(header)
    _refuse_contradictory_lamps(header)
    conditions, doubts = header_conditions(pairs, technique)
    log = tracks.open_log(
        data,
        header,
        decimal=source.options.get("decimal"),
        time_unit=source.options.get("time_unit"),
    )
    columns, clock = log.columns, log.clock
    notes = [*doubts, *log.notes]
    area = _area(pairs, log.decimal, conditions, source.options.get("area"))
    metadata = {"header": dict([*pairs.items()][:HEADER_ENTRIES])}
    parsed: list[ParsedDataset] = []
    told = conditions.get("intensity")
    intensity = None if isinstance(told, str) else told
    for cell, chosen, mine in _cells(header, columns):
        channels = _channels(columns, mine, chosen, area, intensity, notes)
        label = f"cell {cell}" if cell else "track"
        if "irradiance" in channels:
            light = next(one for one in mine if one.key == "irradiance")
            tracks.refuse_two_levels(
                channels["irradiance"], chosen, columns, light.text
            )
        parsed.append(
            tracks.build(
                label,
                cell,
                technique,
                clock,
                chosen,
                channels,
                columns,
                notes,
                metadata=metadata,
                conditions=conditions,
            )
        )
    notes.append(f"Read as {in_words(header.separator, log.decimal)}.")
    left = [one.text for one in header.titles if not one.key and one.text]
    if left:
        notes.append(f"Not read: {', '.join(left[:10])}.")
    return ReadResult(
        tuple(parsed), conditions, log.measured_at, tuple(dict.fromkeys(notes))
    )


def _refuse_relative(header: Header) -> None:
    """A normalised efficiency is of unknown size; 0.98 would pass for 0.98 %."""
    for title in header.of("pce") + header.of("power"):
        if RELATIVE.search(title.text):
            raise UnreadableFile(
                f"Column {title.text!r} is relative to a beginning that the file does"
                " not tell. Give efficiencies in %, multiplied by the initial one."
            )


def _refuse_contradictory_lamps(header: Header) -> None:
    """Two lines of a header that name different lamps are two tests in one file."""
    names = {"lamp", "light source", "lichtquelle", "simulator"}
    seen: dict[str, str] = {}
    for line in header.above:
        for key, value in header_pairs([line], header.separator).items():
            if plain(split_title(key).name) in names:
                seen.setdefault(value.strip().casefold(), line.strip())
    if len(seen) > 1:
        first, second, *_ = seen.values()
        raise UnreadableFile(
            f"Two lamps are in one file: {first!r} and {second!r}. Split the file, or"
            " correct its header."
        )


def _area(
    pairs: dict[str, str],
    decimal: str,
    conditions: dict[str, Any],
    given: float | None,
) -> float | None:
    """Return the area current and power are divided by; one of zero is refused."""
    for key, value in pairs.items():
        if "area" in key.casefold() or "fläche" in key.casefold():
            number = parse_number(split_number(value)[0], decimal)
            if number is not None and not np.isnan(number):
                tracks.refuse_no_area(number, f"The header line {key!r}")
    if given is not None:
        tracks.refuse_no_area(float(given), "The option area")
        return float(given)
    return conditions.get("mask_area") or conditions.get("active_area")


def _cells(
    header: Header, columns: Columns
) -> Iterator[tuple[str, np.ndarray, list[Title]]]:
    """Part the file into cells: by a column that names them, or by the titles."""
    everything = np.arange(columns.size)
    if by_column := header.of("cell"):
        words = columns.words(by_column[0])
        for name in pc.unique(words).to_pylist():
            if name is None or not name.strip():
                continue
            mask = pc.fill_null(pc.equal(words, name), False).to_numpy()
            yield name.strip(), everything[mask], list(header.titles)
        return
    measured = [one for one in header.titles if one.key in ("pce", "power", "current")]
    names = list(dict.fromkeys(one.cell for one in measured))
    if "" in names and len(names) > 1:
        # A mean over the cells, or their common current, is of no cell.
        names.remove("")
    for name in names:
        own = [one for one in header.titles if one.cell == name]
        keys = {one.key for one in own}
        common = [one for one in header.titles if not one.cell and one.key not in keys]
        yield name, everything, [*own, *common]


def _channels(
    columns: Columns,
    titles: Sequence[Title],
    rows: np.ndarray,
    area: float | None,
    intensity: float | None,
    notes: list[str],
) -> dict[str, np.ndarray]:
    """Return a cell's channels in the technique's units, the efficiency among them."""
    found: dict[str, np.ndarray] = {}
    everything = rows.size == columns.size
    first: dict[str, Title] = {}
    for title in titles:
        if title.key in first and title.key in (*PLAIN, "pce", "power", "current"):
            other = first[title.key]
            raise UnreadableFile(
                f"Two columns are {title.key}: {other.text!r} and {title.text!r}. Name"
                " the cell in each title, such as PCE A (%), PCE B (%)."
            )
        first.setdefault(title.key, title)
    for key, title in first.items():
        if key in (*PLAIN, "pce"):
            values = columns.numbers(title)
            unit = title.unit
            if key == "irradiance" and unit == "suns":
                values, unit = values * tracks.SUN, TARGETS[key]
            values = in_unit(
                values, unit or TARGETS[key], TARGETS[key], f"Column {title.text}"
            )
            found[key] = values if everything else values[rows]
            if not unit:
                notes.append(f"{title.text} has no unit: read in {TARGETS[key]}.")
    power = _per_area(columns, first.get("power"), "mW", area, rows, notes)
    density = _per_area(columns, first.get("current"), "mA", area, rows, notes)
    if power is not None:
        found["power_density"] = power
    if density is not None:
        found["current_density"] = density
    _turn(found, notes)
    if "power_density" not in found and {"voltage", "current_density"} <= found.keys():
        found["power_density"] = found["voltage"] * found["current_density"]
    if "pce" not in found:
        found["pce"] = _efficiency(found, intensity, notes)
    return found


def _per_area(
    columns: Columns,
    title: Title | None,
    absolute: str,
    area: float | None,
    rows: np.ndarray,
    notes: list[str],
) -> np.ndarray | None:
    """Return a density; an absolute power or current is divided by the area."""
    if title is None:
        return None
    target = TARGETS[title.key]
    named = f"Column {title.text}"
    values = columns.numbers(title)[rows]
    if not title.unit:
        notes.append(f"{title.text} has no unit: read in {target}.")
        return values
    if units.find_unit(title.unit).kind not in ("power", "current"):
        return in_unit(values, title.unit, target, named)
    if area is None:
        notes.append(f"{title.text} was not read: no area is known to divide it by.")
        return None
    notes.append(f"{title.text} was divided by {area:g} cm².")
    return in_unit(values, title.unit, absolute, named) / area


def _turn(found: dict[str, np.ndarray], notes: list[str]) -> None:
    """Make voltage and current of a working cell positive."""
    for key in ("voltage", "current_density"):
        values = found.get(key)
        if values is None or not np.isfinite(values).any():
            continue
        if np.nanmedian(values) < 0:
            found[key] = -values
            notes.append(f"The sign of {key.replace('_', ' ')} was turned.")


def _efficiency(
    found: dict[str, np.ndarray], intensity: float | None, notes: list[str]
) -> np.ndarray:
    power = found.get("power_density")
    if power is None:
        raise UnreadableFile(
            "No column holds an efficiency, and none can be reckoned: that takes a"
            " power density, or voltage and current density, or an area besides."
        )
    if "irradiance" in found:
        light = np.where(found["irradiance"] > 0, found["irradiance"], np.nan)
        notes.append("The efficiency is power over irradiance.")
        return 100 * power / light
    if intensity:
        notes.append(f"The efficiency is power over the stated {intensity:g} mW/cm².")
        return 100 * power / intensity
    raise UnreadableFile(
        "The file holds power but neither an efficiency nor the irradiance: add a line"
        " such as Intensity (mW/cm²): 100 above the titles, or a column."
    )


MPP_DELIMITED = Reader(
    key="mpp_delimited",
    version=1,
    label="Ageing track in delimited text",
    techniques=("mpp_tracking", "ageing"),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="ageing.csv",
    limits=(
        "A row of titles names a time (elapsed, or date and time) and an"
        " efficiency, a power, or voltage and current; cells stand in the titles or"
        " in a column. Tab, semicolon or comma. One lamp in a file; time runs"
        " forward, but where the stopwatch restarts beside times of day."
    ),
    extensions=("csv", "txt", "tsv", "dat"),
)
