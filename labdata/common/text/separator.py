"""What parts a line into fields: tab, semicolon, comma, colon or white space."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from labdata.common.text.decimal_mark import IN_WORDS

SEPARATORS = ("\t", ";", None, ",", ":")
"""In the order ties are decided; None is any run of white space."""

OF_TITLES = ("\t", ";", ",")
"""What stands between titles, in the order in which it is looked for."""

NAMES = {
    "\t": "tab",
    ";": "semicolon",
    None: "white space",
    ",": "comma",
    ":": "colon",
}

SAMPLED_LINES = 200

# From titles that may hold single spaces, such as "Wavelength (nm)", to words.
_WIDE, _BEFORE_NO_BRACKET = re.compile(r"\s{2,}|\t"), re.compile(r"\s+(?![(\[/])")


def in_words(separator: str | None, decimal: str) -> str:
    """Say how a table is written: ``semicolon separated, decimal comma``."""
    return f"{NAMES[separator]} separated, {IN_WORDS[decimal]}"


def split_lines(text: str) -> list[str]:
    """Split at line ends only; ``str.splitlines`` also splits at form feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def split_fields(
    line: str, separator: str | None, width: int | None = None
) -> list[str]:
    """Part a line into fields; what stands in quotes is one field.

    Parameters
    ----------
    line : str
    separator : str or None
        None is any run of white space.
    width : int, optional
        How many fields are expected: white space then parts titles such as
        ``Wavelength (nm)`` where that gives so many.
    """
    if separator is None:
        fields = line.split()
        if width not in (None, len(fields)):
            fields = next((f for f in split_titles(line) if len(f) == width), fields)
        return fields
    quotes = line.count('"')
    if quotes and quotes % 2 == 0:
        try:
            row = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
        except (csv.Error, StopIteration):
            # Longer than any field of a table, or a line end inside: no table's row.
            return [line.strip()]
        return [field.strip() for field in row]
    return [field.strip().strip('"').strip() for field in line.split(separator)]


def split_titles(line: str, separator: str | None = None) -> Iterator[list[str]]:
    """Yield the ways in which a line may be titles, the one of fewest titles first.

    Only white space leaves a choice: titles may hold single spaces.
    """
    if separator is not None:
        yield split_fields(line, separator)
        return
    line = line.strip()
    ways = (_WIDE.split(line), _BEFORE_NO_BRACKET.split(line), line.split())
    yield from (way for at, way in enumerate(ways) if way not in ways[:at])


def first_in(line: str, separators: Sequence[str] = OF_TITLES) -> str | None:
    """Return the first of the separators that stands in a line, or None."""
    return next((mark for mark in separators if mark in line), None)


def find_separator(lines: Sequence[str]) -> str | None:
    """Find the mark by which rows have as many entries as the titles above them.

    Parameters
    ----------
    lines : sequence of str
        The titles first.

    Returns
    -------
    str or None
        None if no mark parts the titles.
    """
    sampled = [line for line in lines if line.strip()][:SAMPLED_LINES]
    best: tuple[int, str] | None = None
    for mark in OF_TITLES:
        widths = _widths(sampled, mark)
        if not widths or widths[0] < 2:
            continue
        alike = Counter(widths)[widths[0]]
        if best is None or alike > best[0]:
            best = alike, mark
    return best[1] if best else None


def _widths(lines: Sequence[str], mark: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader(lines, delimiter=mark)]
    except csv.Error:
        # A field longer than any of a table, or a line end inside one.
        return []
