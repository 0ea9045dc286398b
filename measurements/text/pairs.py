"""Lines of a header that say ``key: value``, ``key = value`` or ``key<tab>value``."""

from __future__ import annotations

from collections.abc import Iterable

MARKS = (":", "=")
COMMENT_SIGNS = "#%;!* "


def split_pair(line: str, separator: str | None) -> tuple[str, str] | None:
    """Part a line at the first mark that stands behind a key.

    Parameters
    ----------
    line : str
    separator : str or None
        What parts the columns of the file; it may part key and value too. None is
        white space, of which a tab alone does.

    Returns
    -------
    key, value : str
        The value may be empty; None where there is no mark or no key before it.
    """
    parting = separator or "\t"
    line = line.lstrip(COMMENT_SIGNS)
    places = [(at, mark) for mark in (parting, *MARKS) if (at := line.find(mark)) > 0]
    if not places:
        return None
    at, mark = min(places)
    around = f' "{parting}'
    key = line[:at].strip(around)
    value = line[at + len(mark) :].lstrip(f"{around}{''.join(MARKS)}").rstrip(around)
    return (key, value) if key else None


def header_pairs(lines: Iterable[str], separator: str | None) -> dict[str, str]:
    """Collect the pairs that have a value, first mention first."""
    pairs: dict[str, str] = {}
    for line in lines:
        key, value = split_pair(line, separator) or ("", "")
        if key and value:
            pairs.setdefault(key, value)
    return pairs
