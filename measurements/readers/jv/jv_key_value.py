"""Current-voltage sweeps under a header of ``key [unit]: value`` lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from labdata.common.text.clock import first_clock
from labdata.common.text.number import is_numeric
from labdata.common.text.separator import (
    first_in,
    split_fields,
    split_lines,
    split_titles,
)
from labdata.common.text.title import split_title
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
from measurements.sweeps.tables import Section, SweepTable, decimal_of
from measurements.sweeps.titles import Title, read_title
from measurements.text.encoding import decode
from measurements.text.pairs import split_pair
from measurements.text.rows import wrong_width

FEWEST_KEYS = 3
"""How many of the header's keys must be known before a file is taken as this."""

USUAL_UNITS = {"pce": "%"}
MARKS = "\t;"
"""What may part the columns, where it is not white space."""

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
        if keys and len(keys) >= FEWEST_KEYS and _titles(line) is not None:
            return Recognition(
                0.9, f"{', '.join(keys[:4])} above columns of voltage and current"
            )
        key, value = split_pair(line, first_in(line, MARKS)) or ("", "")
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
    found: list[Sweep] = []
    notes: list[str] = []
    cell = ""
    decimal = decimal_of(sections)
    header: dict[str, str] = {}
    kept = Said()
    for section in sections:
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
        if section.rows:
            table = SweepTable.of(section, decimal)
            _refuse_gaps(table)
            found += table.sweeps(kept, cell, notes)
    clock = first_clock(header.values(), notes)
    return curves.as_result(found, notes, header, f"{encoding} text", clock)


def _sections(lines: Sequence[str]) -> list[Section]:
    sections = [Section()]
    last = max((at for at, line in enumerate(lines, 1) if line.strip()), default=0)
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        current = sections[-1]
        if not line or hzb_jv.RULE.match(line):
            continue
        titles = _titles(line)
        fields = split_fields(line, first_in(line, MARKS))
        if titles is not None:
            if current.titles:
                current = Section()
                sections.append(current)
            _refuse_unknown_units(titles)
            current.titles = titles
        elif current.titles and is_numeric(fields[0]):
            if len(fields) != len(current.titles):
                width = len(current.titles)
                raise wrong_width(number, len(fields), width, is_last=number == last)
            current.rows.append((number, fields))
        elif (pair := split_pair(line, first_in(line, MARKS))) is not None:
            if current.titles:
                current = Section()
                sections.append(current)
            current.pairs.append(pair)
        elif current.titles:
            raise UnreadableFile(
                f"Line {number}: {line[:40]!r} is not a row of numbers."
            )
    return sections


def _titles(line: str) -> list[Title] | None:
    """Return the titles if a line names a voltage and a current with their units."""
    for fields in split_titles(line, first_in(line, MARKS)):
        named = [field for field in fields if field]
        united = [one for one in map(split_title, named) if one.unit_text]
        ranked = [headers.column_kind(one.name, one.unit) for one in united]
        kinds = {one[0] for one in ranked if one is not None}
        if "voltage" in kinds and kinds & {"current", "density"}:
            return [read_title(field) for field in named]
    return None


def _refuse_unknown_units(titles: Sequence[Title]) -> None:
    for title in titles:
        read = split_title(title.text)
        if title.kind in COLUMN_UNITS and read.unit_text and read.unit is None:
            raise UnreadableFile(
                f"The unit of {read.name} is {read.unit_text!r}, which is unknown."
            )


def _refuse_gaps(table: SweepTable) -> None:
    at = [at for at, title in enumerate(table.titles) if title.kind == "voltage"]
    gaps = np.isnan(table.values[:, at]).any(axis=1)
    if gaps.any():
        raise UnreadableFile(f"Line {table.lines[int(gaps.argmax())]} has no voltage.")


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
