"""Current-voltage sweeps under a header of ``key [unit]: value`` lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from labdata.plugin import (
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    UnreadableFile,
)
from measurements.readers.jv import hzb_jv
from measurements.sweeps import curves as sweeps
from measurements.sweeps import headers as sweep_headers
from measurements.sweeps.curves import Sweep
from measurements.sweeps.headers import Said
from measurements.text.encoding import decode
from measurements.text.tables import parse_number, split_lines

KEY_VALUE = re.compile(
    r"^(?P<key>[^:=\t;]{1,60})\s*(?::[\t; ]|[:=\t;])\s*(?P<value>.*)$"
)
FEWEST_KEYS = 3
"""How many of the header's keys must be known before a file is taken as this."""

USUAL_UNITS = {"pce": "%"}
PIXEL = re.compile(
    r"(?:^|[_\s.-])(?:px|pixel|cell)[_\s-]?([A-Za-z]\d?|\d{1,2})(?=[_\s.-]|$)"
)


def sample() -> bytes:
    """A reverse sweep in mixed units, the file's own results above it."""
    voltage = np.round(np.arange(1.2, -0.101, -0.02), 3)
    current = 3.2 - 1.6e-10 * np.expm1(voltage / 0.045)
    lines = [
        "Sample:\tM-25-300_pxB.txt",
        "Timestamp:\t21.11.2024 12:53:50",
        "Active area [cm2]:\t1.600000E-1",
        "Intensity [W/m2]:\t1.000000E+3",
        "Settling time [ms]:\t2.000000E+1",
        "Scan direction:\tReverse",
        "*" * 40,
        "I_sc [A]:\t3.200000E-3",
        "V_oc [V]:\t1.067000E+0",
        "Fill factor [%]:\t8.630000E+1",
        "J_sc [mA/cm2]:\t2.000000E+1",
        "*" * 40,
        "V [V]\tI [mA]\tJ [mA/cm2]",
    ]
    lines += [
        f"{v:.6E}\t{i:.6E}\t{i / 0.16:.6E}"
        for v, i in zip(voltage, current, strict=True)
    ]
    return "\r\n".join([*lines, ""]).encode()


def recognise(sniff: Sniff) -> Recognition | None:
    """Known keys with values stand above columns titled V and I or J."""
    if hzb_jv.recognise(sniff) is not None:
        return None
    lines = split_lines(sniff.text)
    keys: list[str] = []
    for line in lines[:400]:
        if keys and len(keys) >= FEWEST_KEYS and _columns(line) is not None:
            return Recognition(
                0.9, f"{', '.join(keys[:4])} above columns of voltage and current"
            )
        match = KEY_VALUE.match(line.strip())
        name = sweep_headers.split_key(match["key"])[0] if match else ""
        if match and match["value"].strip() and sweep_headers.key_of(name):
            keys.append(name)
    return None


def read(source: Source) -> ReadResult:
    """Read every sweep with the header above it.

    Parameters
    ----------
    source : Source
        The file. A header below a table begins another sweep; what it does not say
        holds from the one before, but for the results.

    Returns
    -------
    ReadResult
        A dataset per sweep. The cell is what follows ``px`` or ``pixel`` in the name
        of the sample, or the header's ``Pixel``. The time has no zone: it is the
        instrument's clock.

    Raises
    ------
    UnreadableFile
        If no table is found, a row does not fit or an area is 0.
    """
    text, encoding = decode(source.data)
    sections = _sections(split_lines(text))
    if not any(section.rows for section in sections):
        raise UnreadableFile(
            "No row of numbers follows the titles of voltage and current: the file is"
            " cut off."
        )
    found, notes, cell = [], [], ""
    header: dict[str, str] = {}
    kept = Said()
    for number, section in enumerate(sections, 1):
        said = Said()
        for key, value in section.pairs:
            sweep_headers.add_line(said, key, value, section.decimal, USUAL_UNITS)
            header.setdefault(key, value)
            if key.lower() in ("pixel", "cell", "px"):
                cell = value
            elif key.lower() == "sample" and (match := PIXEL.search(value)):
                cell = match[1]
        notes += said.notes
        kept = Said({**kept.conditions, **said.conditions}, said.reported)
        if not section.rows:
            continue
        label = f"table {number}" if len(sections) > 1 else "curve"
        found.append(_sweep(section, kept, cell, label))
    datasets, remarks = sweeps.as_datasets(found, {"header": header})
    notes += [*remarks, f"Read as {encoding} text."]
    clock = sweep_headers.clock_of(header.values())
    common = sweep_headers.shared(one.conditions for one in datasets)
    return ReadResult(datasets, common, clock, tuple(dict.fromkeys(notes)))


@dataclass(slots=True)
class Section:
    """A header, the titles below it and their rows."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)

    @property
    def decimal(self) -> str:
        fields = [text for _, row in self.rows for text in row]
        commas = any("," in text for text in fields)
        return "," if commas and not any("." in text for text in fields) else "."


def _sections(lines: Sequence[str]) -> list[Section]:
    sections = [Section()]
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        current = sections[-1]
        if not line or hzb_jv.RULE.match(line):
            continue
        columns = _columns(line)
        fields = _fields(line)
        if columns is not None:
            if current.columns:
                current = Section()
                sections.append(current)
            current.columns = columns
        elif current.columns and _starts_with_number(fields[0]):
            current.rows.append((number, fields))
        elif match := KEY_VALUE.match(line):
            if current.columns:
                current = Section()
                sections.append(current)
            current.pairs.append((match["key"].strip(), match["value"].strip()))
        elif current.columns:
            raise UnreadableFile(
                f"Line {number}: {line[:40]!r} is not a row of numbers."
            )
    return sections


def _starts_with_number(field: str) -> bool:
    return any(parse_number(field, mark) is not None for mark in ".,")


def _fields(line: str) -> list[str]:
    mark = "\t" if "\t" in line else ";" if ";" in line else None
    return [field.strip() for field in line.split(mark)]


def _columns(line: str) -> list[tuple[str, str]] | None:
    """Return names and units of columns if a line is their titles."""
    fields = [field for field in _fields(line.strip()) if field]
    if "\t" not in line and ";" not in line:
        fields = re.findall(r"[^\s\[(]+\s*[\[(][^\])]*[\])]", line)
    titles = [sweep_headers.split_key(field) for field in fields]
    kinds = {_kind(name, unit) for name, unit in titles if unit}
    both = "voltage" in kinds and kinds & {"current", "density"}
    return titles if both else None


def _kind(name: str, unit_text: str) -> str:
    unit = sweep_headers.unit_symbol(unit_text)
    found = sweep_headers.column_kind(name, unit)
    return found[0] if found else ""


def _sweep(section: Section, said: Said, cell: str, label: str) -> Sweep:
    width = len(section.columns)
    table = np.empty((len(section.rows), width))
    last = section.rows[-1][0]
    for at, (number, fields) in enumerate(section.rows):
        if len(fields) != width:
            cut = " and is the last: the file is cut off" if number == last else ""
            raise UnreadableFile(
                f"Line {number} has {len(fields)} of {width} columns{cut}."
            )
        row = [parse_number(field, section.decimal) for field in fields]
        if None in row:
            wrong = fields[row.index(None)]
            raise UnreadableFile(f"Line {number}: {wrong[:40]!r} is not a number.")
        table[at] = row
    values: dict[str, np.ndarray] = {}
    for (name, unit_text), column in zip(section.columns, table.T, strict=True):
        kind, unit = _kind(name, unit_text), sweep_headers.unit_symbol(unit_text)
        target = sweep_headers.COLUMN_UNITS.get(kind)
        if target is None or kind in values:
            continue
        if unit is None:
            raise UnreadableFile(
                f"The unit of {name} is {unit_text!r}, which is unknown."
            )
        values[kind] = sweep_headers.in_unit(column, unit, target)
    area = said.conditions.get("active_area")
    sweeps.refuse_area(area)
    if "density" not in values:
        if area is None:
            raise UnreadableFile(
                "The file holds a current and no active area: without it there is no"
                " current density."
            )
        values["density"] = values["current"] / area
    if np.isnan(values["voltage"]).any():
        gap = section.rows[int(np.isnan(values["voltage"]).argmax())][0]
        raise UnreadableFile(f"Line {gap} has no voltage.")
    return Sweep(
        values["voltage"],
        values["density"],
        values.get("current"),
        cell,
        dict(said.conditions),
        dict(said.reported),
        label,
    )


JV_KEY_VALUE = Reader(
    key="jv_key_value",
    version=1,
    label="Current-voltage sweep under a key and value header",
    techniques=("jv",),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="sweep.jv.txt",
    limits=(
        "Each sweep has its own columns with units in their titles. A current"
        " without current density needs the active area in the header. What the"
        " file reports is kept beside the data, not believed."
    ),
    extensions=("txt", "dat", "csv"),
)
