"""Current-voltage curves side by side: tab text in blocks parted by asterisks."""

from __future__ import annotations

import re

import numpy as np

from labdata.common.text import decimal_mark
from labdata.common.text.separator import split_fields, split_lines
from labdata.common.text.title import parse_unit
from labdata.plugin import (
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    UnreadableFile,
)
from measurements.sweeps import curves, headers
from measurements.sweeps.curves import Sweep
from measurements.sweeps.headers import Said
from measurements.text.encoding import decode
from measurements.text.rows import in_unit, not_a_number, read_row

RULE = re.compile(r"^\*{8,}$")
USUAL_UNITS = {"pce": "%"}
"""The format prints an efficiency in percent and no unit with it."""


def sample() -> bytes:
    """Two curves of one pixel, photocurrent negative, with the results in a block."""
    voltage = np.arange(1.2, -0.11, -0.05)
    density = -20 + 1e-9 * np.expm1(voltage / 0.045)
    lines = [
        "active area [cm2]:\t0.160000",
        "intensity [mW/cm2]:\t100.000000",
        "settling time [ms]:\t40.000000",
        "*" * 40,
        "Parameter\tb_rev\tb_for\t",
        "J_sc [mA/cm2]:\t-20.000000\t-19.500000",
        "V_oc [V]:\t1.067000\t1.066000",
        "Fill factor [pct.]:\t86.3\t86.2",
        "Efficiency :\t18.4\t17.9",
        "*" * 40,
        "Voltage\tb_rev\tb_for\t",
        "[V]\t[mA/cm2]\t[mA/cm2]",
    ]
    lines += [
        f"{v:.6E}\t{j:.6E}\t{0.975 * j:.6E}"
        for v, j in zip(voltage, density, strict=True)
    ]
    return "\n".join([*lines, ""]).encode()


def recognise(sniff: Sniff) -> Recognition | None:
    """A block of results headed ``Parameter`` between two rules of asterisks."""
    lines = [line.strip() for line in split_lines(sniff.text)]
    rules = [at for at, line in enumerate(lines) if RULE.match(line)]
    for at in rules:
        if at + 1 < len(lines) and lines[at + 1].startswith("Parameter\t"):
            return Recognition(0.95, "a block of parameters per curve after asterisks")
    return None


def read(source: Source) -> ReadResult:
    """Read every curve with the results its column of the parameter block reports.

    Returns
    -------
    ReadResult
        A dataset per curve; ``b_rev`` is the reverse sweep of cell b. What the file
        reports stays beside it in ``metadata["reported"]``.

    Raises
    ------
    UnreadableFile
        If a block is missing, a row does not fit or an area is 0.
    """
    text, encoding = decode(source.data)
    lines = split_lines(text)
    rules = [at for at, line in enumerate(lines) if RULE.match(line.strip())]
    if len(rules) < 2:
        raise UnreadableFile(
            f"{len(rules)} of 2 rows of asterisks were found: a block of parameters"
            " and one of data are missing, the file is cut off."
        )
    head, block, body = (
        [(at + 1, line) for at, line in enumerate(lines) if low < at < high]
        for low, high in zip(
            [-1, *rules[-2:]], [rules[-2], rules[-1], len(lines)], strict=True
        )
    )
    decimal = decimal_mark.decide(
        field for _, line in body[2:] for field in _fields(line)
    )
    names = _fields(block[0][1])[1:] if block else []
    if not names:
        raise UnreadableFile(f"Line {rules[-2] + 2} names no curve.")
    voltage, currents, titles = _data(body, decimal)
    if titles != names:
        raise UnreadableFile(
            f"The parameters are for {', '.join(names)}, the data for"
            f" {', '.join(titles)}."
        )
    cells = [curves.said_by(name)[0] for name in names]
    per_curve = [Said() for _ in names]
    notes: list[str] = []
    header = {}
    for _, line in head:
        key, *values = _fields(line)
        header[key.strip(": ")] = " | ".join(values)
        for said, value in zip(per_curve, _spread(values, cells), strict=True):
            headers.add_line(said, key, value, decimal)
    for _, line in block[1:]:
        key, *values = _fields(line)
        for said, value in zip(per_curve, values, strict=False):
            headers.add_line(said, key, value, decimal, USUAL_UNITS)
    found = []
    for name, cell, said, density in zip(
        names, cells, per_curve, currents.T, strict=True
    ):
        conditions = {**said.conditions, **curves.said_by(name)[1]}
        found.append(
            Sweep(voltage, density, None, cell, conditions, said.reported, name)
        )
    if len({part.conditions.get("direction") for part in found}) > 1:
        notes.append(
            "All curves share one column of voltages: the order of its rows need not be"
            " the order in which each curve was measured."
        )
    notes += [note for said in per_curve for note in said.notes]
    return curves.as_result(found, notes, header, f"{encoding} text")


def _fields(line: str) -> list[str]:
    fields = split_fields(line, "\t")
    while len(fields) > 1 and not fields[-1]:
        fields.pop()
    return fields


def _spread(values: list[str], cells: list[str]) -> list[str]:
    """Give each curve its value: one for all, one per curve or one per cell."""
    different = [*dict.fromkeys(cells)]
    if len(values) == len(cells):
        return values
    if len(values) == len(different):
        return [values[different.index(cell)] for cell in cells]
    return [values[0] if len(set(values)) == 1 else ""] * len(cells)


def _data(
    body: list[tuple[int, str]], decimal: str
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return voltages [V], current densities [mA/cm²] and the curves' names."""
    filled = [(number, line) for number, line in body if line.strip()]
    if len(filled) < 3:
        raise UnreadableFile("No data follow the last row of asterisks.")
    (first, titles), (second, unit_row), *rows = filled
    first_title, *names = _fields(titles)
    unit_texts = _fields(unit_row)
    symbols = [parse_unit(unit) for unit in unit_texts]
    found_units = [symbol for symbol in symbols if symbol is not None]
    if not first_title.lower().startswith(("voltage", "u", "v")):
        raise UnreadableFile(
            f"Line {first}: the first column is {first_title}, not a voltage."
        )
    if not len(symbols) == len(found_units) == len(names) + 1:
        raise UnreadableFile(
            f"Line {second} does not give {len(names) + 1} units: {unit_row!r}."
        )
    values = []
    for number, line in rows:
        fields = _fields(line)
        row = read_row(
            number,
            fields,
            [first_title, *names],
            decimal,
            is_last=number == rows[-1][0],
        )
        if np.isnan(row[0]):
            raise not_a_number(number, fields[0], title=first_title)
        values.append(row)
    table = np.array(values, dtype=float)
    for at, (unit, target) in enumerate(
        zip(found_units, ["V", *["mA/cm²"] * len(names)], strict=True)
    ):
        table[:, at] = in_unit(table[:, at], unit, target, f"Column {at + 1}")
    return table[:, 0], table[:, 1:], names


HZB_JV = Reader(
    key="hzb_jv",
    version=1,
    label="Current-voltage curves in asterisk blocks",
    techniques=("jv",),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="cells.jv.txt",
    limits=(
        "Curves that share one column of voltages; the name of a curve gives cell"
        " and direction, such as b_rev. What the file reports is kept beside the"
        " data, not believed."
    ),
    extensions=("txt",),
)
