"""Numbers in bins: of equal width, or quantiles, which hold equally many values.

The edges of q quantile bins are the quantiles 0, 1/q … 1 of all values asked about, by
linear interpolation between the sorted values (type 7 of Hyndman and Fan, the default
of numpy, pandas and R). A value on an edge belongs to the bin below it, so that equal
values are never parted; where many are equal, bins that would be empty are left out
and the others hold more. `pandas.qcut` makes the same bins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

MOST_BINS = 1000
KINDS = ("quantile", "width")
_WRITTEN = re.compile(r"(?:(?P<name>.+?):)?(?P<number>[0-9]+)(?::(?P<kind>[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Bins:
    """How many bins of which grouping column, and of which kind."""

    name: str
    number: int
    kind: str

    def __str__(self) -> str:
        return f"{self.name}:{self.number}:{self.kind}"


def read_bins(text: str) -> Bins:
    """Read ``x:5``, five quantiles of x, ``x:5:width``, or ``20``, equal widths of x.

    Raises
    ------
    ValueError
        With what is wrong.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not NUMBER, NAME:NUMBER or NAME:NUMBER:width")
    number = int(match["number"][:6])
    if not 1 <= number <= MOST_BINS:
        raise ValueError(
            f"{match['number']} is not a whole number from 1 to {MOST_BINS}"
        )
    kind = match["kind"] or ("quantile" if match["name"] else "width")
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not one of {', '.join(KINDS)}")
    return Bins(match["name"] or "x", number, kind)


def cut(values: np.ndarray, number: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Put numbers in bins.

    Parameters
    ----------
    values : ndarray, shape (n,)
        At least one; NaN belongs to no bin.
    number : int
    kind : {"quantile", "width"}

    Returns
    -------
    codes : ndarray of int, shape (n,)
        The bin of each value, from 0; after the last one for NaN.
    edges : ndarray
        One more than there are bins, growing.
    """
    known = values[~np.isnan(values)]
    if not known.size:
        return np.zeros(values.size, int), np.array([np.nan])
    if kind == "quantile":
        edges = np.unique(np.quantile(known, np.linspace(0, 1, number + 1)))
        if edges.size == 1:
            edges = np.repeat(edges, 2)
        codes = np.searchsorted(edges[1:-1], values, "left")
    else:
        low, high = float(known.min()), float(known.max())
        if low == high:
            low, high = low - 0.5, high + 0.5
        edges = np.linspace(low, high, number + 1)
        codes = np.clip(np.searchsorted(edges, values, "right") - 1, 0, number - 1)
    return np.where(np.isnan(values), edges.size - 1, codes), edges


def centres(
    values: np.ndarray, codes: np.ndarray, edges: np.ndarray, kind: str
) -> list[float]:
    """Where each bin is drawn: the median of a quantile, the middle of a width."""
    middles = ((edges[:-1] + edges[1:]) / 2).tolist()
    if kind == "width":
        return middles
    members = [values[codes == code] for code in range(len(middles))]
    return [
        float(np.median(own)) if own.size else middle
        for own, middle in zip(members, middles, strict=True)
    ]
