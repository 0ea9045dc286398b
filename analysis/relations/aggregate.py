"""Statistics of y within groups of equal descriptors, or of bins of them."""

import math
from itertools import pairwise

import numpy as np

from analysis.relations import sql
from analysis.relations.bins import centres, cut
from labdata.common.measures.units import convert_uncertainty


def answer_groups(question, *, path=None):
    """One row a group: its descriptors, ``count``, ``bounded``, ``simulated`` and more.

    Notes
    -----
    ``bounded`` counts values that are limits (``>``, ``<``, ``~``) and not numbers
    measured: statistics take them at face value, so a group that has some is no
    better known than its limits. ``simulated`` counts values of which y or a
    descriptor comes from simulated data. ``mean`` comes with its standard error. ``sd``
    has n - 1 in its denominator. ``weighted_mean`` needs an uncertainty of every
    value.
    """
    if question.is_empty:
        return [], 0
    weighted = "weighted_mean" in question.aggregates
    found = sql.all_values(
        question, question.groups, with_uncertainty=weighted, path=path
    ).rows()
    if not found:
        return [], 0
    # In the order of the subjects sums come out alike on every database and path.
    found.sort()
    subjects, values, *others = zip(*found, strict=True)
    errors, groups = (others[0], others[1:]) if weighted else (None, others)
    y = question.y
    values = y.convert(np.array(values, float)) if y.is_number else np.zeros(len(found))
    errors = np.full(len(found), np.nan) if errors is None else _in_unit(y, errors)
    bounded = np.isin(subjects, _subjects(sql.limits(question)))
    simulated = np.isin(subjects, _subjects(sql.simulated(question)))
    binned = {bins.name: bins for bins in question.bins}
    codes, keys = [], []
    for column, group in zip(question.groups, groups, strict=True):
        if column.name in binned:
            code, names = _in_bins(column, group, binned[column.name])
        else:
            code, names = _categories(column, group)
            names = [{column.name: name} for name in names]
        codes.append(code)
        keys.append(names)
    rows = []
    for members in _groups(codes):
        row = {}
        for code, names in zip(codes, keys, strict=True):
            row |= names[code[members[0]]]
        row["count"] = int(members.size)
        row["bounded"] = int(bounded[members].sum())
        row["simulated"] = int(simulated[members].sum())
        row |= _statistics(question.aggregates, values[members], errors[members])
        rows.append(row)
    return rows, len(found)


def column_names(question):
    """Names of a row's entries, in order, the same for every format."""
    names = []
    for column in question.groups:
        names.append(column.name)
        if any(bins.name == column.name for bins in question.bins):
            names += [f"{column.name}_low", f"{column.name}_high"]
    names += ["count", "bounded", "simulated"]
    for function in question.aggregates:
        if function != "count":
            names.append(function)
        if function in ("mean", "weighted_mean"):
            names.append(f"{function}_uncertainty")
    return names


def _in_bins(column, group, bins):
    """Codes of the bins, and what a row says of each; the last is of no value."""
    values = column.convert(np.array(group, float))
    codes, edges = cut(values, bins.number, bins.kind)
    name = column.name
    told = [
        {name: centre, f"{name}_low": float(low), f"{name}_high": float(high)}
        for centre, (low, high) in zip(
            centres(values, codes, edges, bins.kind), pairwise(edges), strict=True
        )
    ]
    return codes, [*told, {name: None, f"{name}_low": None, f"{name}_high": None}]


def _in_unit(column, errors):
    errors = np.array(errors, float)
    if column.unit == column.known.unit:
        return errors
    return convert_uncertainty(errors, column.known.unit, column.unit)


def _subjects(statement):
    return [row[0] for row in statement.rows()]


def _categories(column, group):
    """Codes of equal entries, in the order of their values, and those values."""
    if column.is_number:
        there, codes = np.unique(np.array(group, float), return_inverse=True)
        values = column.convert(there).tolist()
        return codes, [None if math.isnan(value) else value for value in values]
    there = sorted({entry for entry in group if entry})
    code_of = {entry: code for code, entry in enumerate(there)}
    codes = np.array([code_of.get(entry, len(there)) for entry in group])
    return codes, [*there, None]


def _groups(codes):
    """Positions of the rows of each group, groups in the order of their codes."""
    stacked = np.stack(codes)
    order = np.lexsort(stacked[::-1])
    changes = np.any(np.diff(stacked[:, order], axis=1), axis=0)
    return np.split(order, np.flatnonzero(changes) + 1)


def _statistics(functions, values, errors):
    told = {}
    for function in functions:
        if function == "mean":
            told["mean"] = float(values.mean())
            told["mean_uncertainty"] = _spread(values, over=np.sqrt(values.size))
        elif function == "sd":
            told["sd"] = _spread(values)
        elif function == "weighted_mean":
            told |= _weighted(values, errors)
        elif function != "count":
            told[function] = float(getattr(np, function)(values))
    return told


def _spread(values, over=1.0):
    """Standard deviation; of a single value it is not known."""
    if values.size < 2:
        return None
    return float(values.std(ddof=1) / over)


def _weighted(values, errors):
    if not np.all(errors > 0):
        return {"weighted_mean": None, "weighted_mean_uncertainty": None}
    weights = errors**-2
    return {
        "weighted_mean": float(np.average(values, weights=weights)),
        "weighted_mean_uncertainty": float(weights.sum() ** -0.5),
    }
