"""Rows and columns as numbers, or what is wrong with them, in one way of saying it."""

from __future__ import annotations

from collections.abc import Sequence

from labdata.common.measures import units
from labdata.common.measures.units import Number
from labdata.common.text.number import parse_number
from labdata.plugin import UnreadableFile

LONGEST_QUOTE = 40


def wrong_width(
    line: int, found: int, wanted: int, *, is_last: bool = False
) -> UnreadableFile:
    """A row with too few or too many columns; too few in the last one: cut off."""
    cut = " and is the last: the file is cut off" if is_last and found < wanted else ""
    return UnreadableFile(f"Line {line} has {found} of {wanted} columns{cut}.")


def not_a_number(
    line: int, text: str, *, column: int | None = None, title: str = ""
) -> UnreadableFile:
    """A field that is no number, named by the column's number, its title or both."""
    named = f"column {column}" if column is not None else title
    if column is not None and title:
        named += f" ({title})"
    where = f", {named}" if named else ""
    return UnreadableFile(
        f"Line {line}{where}: {text[:LONGEST_QUOTE]!r} is not a number."
    )


def read_row(
    line: int,
    fields: Sequence[str],
    titles: Sequence[str],
    decimal: str,
    *,
    is_last: bool = False,
) -> list[float]:
    """Read a row whose every field is a number or missing.

    Parameters
    ----------
    line : int
        Its number in the file.
    fields, titles : sequence of str
        Of one width.
    decimal : {".", ","}
    is_last : bool
        Whether no other row follows.

    Returns
    -------
    list of float
        NaN where nothing stands.

    Raises
    ------
    UnreadableFile
        If a field is missing or no number, with the line.
    """
    if len(fields) != len(titles):
        raise wrong_width(line, len(fields), len(titles), is_last=is_last)
    row = []
    for field, title in zip(fields, titles, strict=True):
        number = parse_number(field, decimal)
        if number is None:
            raise not_a_number(line, field, title=title)
        row.append(number)
    return row


def in_unit(values: Number, unit: str, target: str, named: str) -> Number:
    """Convert a column or one number.

    Parameters
    ----------
    values : float or ndarray
        [``unit``]
    unit, target : str
        Accepted symbols.
    named : str
        What it is called in the file, such as ``Column J (mA)``.

    Raises
    ------
    UnreadableFile
        If the units measure different things.
    """
    if unit == target and unit in units.UNITS:
        return values
    try:
        return units.convert(values, unit, target)
    except units.UnitError as error:
        raise UnreadableFile(f"{named}: {error}.") from error
