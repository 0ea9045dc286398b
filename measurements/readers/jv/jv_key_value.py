"""Current-voltage sweeps under a header of ``key [unit]: value`` lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from labdata.common.text import decimal_mark
from labdata.common.text.clock import first_clock
from labdata.common.text.number import is_numeric
from labdata.common.text.separator import (
    first_in,
    split_fields,
    split_lines,
    split_titles,
)
from labdata.common.text.title import Title, split_title
from labdata.plugin import (
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    UnreadableFile,
)
from measurements.readers.jv import hzb_jv
from measurements.sweeps import curves, headers
from measurements.sweeps.curves import Sweep
from measurements.sweeps.headers import COLUMN_UNITS, Said
from measurements.text.encoding import decode
from measurements.text.pairs import split_pair
from measurements.text.rows import in_unit, read_row

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
        key, value = _pair(line) or ("", "")
        name = headers.split_key(key).name
        if value and headers.key_of(name):
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
    decimal = _decimal(sections)
    header: dict[str, str] = {}
    kept = Said()
    for number, section in enumerate(sections, 1):
        said = Said()
        for key, value in section.pairs:
            headers.add_line(said, key, value, decimal, USUAL_UNITS)
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
        found.append(_sweep(section, decimal, kept, cell, label))
    clock = first_clock(header.values(), notes)
    return curves.as_result(found, notes, header, f"{encoding} text", clock)


@dataclass(slots=True)
class Section:
    """A header, the titles below it and their rows."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    columns: list[Title] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def _decimal(sections: Sequence[Section]) -> str:
    return decimal_mark.decide(
        text for section in sections for _, row in section.rows for text in row
    )


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
        elif current.columns and is_numeric(fields[0]):
            current.rows.append((number, fields))
        elif (pair := _pair(line)) is not None:
            if current.columns:
                current = Section()
                sections.append(current)
            current.pairs.append(pair)
        elif current.columns:
            raise UnreadableFile(
                f"Line {number}: {line[:40]!r} is not a row of numbers."
            )
    return sections


def _pair(line: str) -> tuple[str, str] | None:
    return split_pair(line, first_in(line, "\t;"))


def _fields(line: str) -> list[str]:
    return split_fields(line, first_in(line, "\t;"))


def _columns(line: str) -> list[Title] | None:
    """Return the titles if a line names a voltage and a current with their units."""
    for fields in split_titles(line, first_in(line, "\t;")):
        titles = [split_title(field) for field in fields if field]
        kinds = {_kind(title) for title in titles if title.unit_text}
        if "voltage" in kinds and kinds & {"current", "density"}:
            return titles
    return None


def _kind(title: Title) -> str:
    found = headers.column_kind(title.name, title.unit)
    return found[0] if found else ""


def _sweep(section: Section, decimal: str, said: Said, cell: str, label: str) -> Sweep:
    last = section.rows[-1][0]
    names = [title.text for title in section.columns]
    table = np.array(
        [
            read_row(line, fields, names, decimal, is_last=line == last)
            for line, fields in section.rows
        ]
    )
    values: dict[str, np.ndarray] = {}
    for title, column in zip(section.columns, table.T, strict=True):
        kind = _kind(title)
        target = COLUMN_UNITS.get(kind)
        if target is None or kind in values:
            continue
        if title.unit is None:
            raise UnreadableFile(
                f"The unit of {title.name} is {title.unit_text!r}, which is unknown."
            )
        values[kind] = in_unit(column, title.unit, target, f"Column {title.text}")
    if "density" not in values:
        values["density"] = curves.density_of(
            values["current"],
            said.conditions.get("active_area"),
            named="The column of the current",
            remedy="Add a line such as 'Active area [cm2]: 0.16' above the titles.",
        )
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
