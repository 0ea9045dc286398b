"""Patterns in the making of a series: their names, and the numbers they count."""

from decimal import Decimal

from samples import series
from samples.series import SeriesError, Value


def series_names(pattern):
    """The names in a pattern, none where it cannot be read."""
    try:
        return series.names_in(pattern or "")
    except SeriesError:
        return []


def counted(plan, number):
    """The number and batch that codes may hold, as values of a pattern."""
    return {"n": Value(str(number), Decimal(number)), "batch": Value(plan.batch)}
