"""What a result declares, arranged for the templates of its kinds of parts.

Nothing here knows an analysis: each function takes what `labdata.plugin.Result` holds
and gives what ``templates/runs/parts`` writes.
"""

from labdata.common.measures.quantities import quantities
from labdata.plugin import Number
from labdata.site.kit.results.curve_figures import caption_of, drawings_of
from labdata.site.kit.results.flag_words import doubts_of, notes_of
from measurements.registry import techniques

MINUS = "\N{MINUS SIGN}"
STRONG = 0.9
MOST_ROWS = 12
"""Rows of a table that are seen at once; the rest is unfolded."""


def figures_of(run):
    """The drawings of a run, each with what stands below it on the same x.

    Returns
    -------
    list of dict
        ``drawing``, ``caption`` and ``below``, the drawings under it.
    """
    figure = techniques[run.measurement.technique].figure
    drawings = drawings_of(run)
    return [
        {
            "drawing": one,
            "caption": caption_of(figure, one),
            "below": [other for other in drawings if other.under == one.key],
            "is_map": any(layer.kind == "image" for layer in one.layers)
            or (figure.value and any(layer.kind == "data" for layer in one.layers)),
        }
        for one in drawings
        if not one.under
    ]


def values_of(values, run):
    """Values of sides beside each other, and those that belong to none.

    Parameters
    ----------
    values : list of PropertyValue
        As `run_rows.name_value` names them.
    run : AnalysisRun

    Returns
    -------
    sides : dict or None
        ``labels`` and ``rows``, each with ``name``, ``symbol``, ``unit`` and ``cells``:
        a value, or the reason why there is none. None without such values.
    others : list of dict
        ``value``, its ``notes`` (how it is known), ``doubts`` and ``definition``.
    """
    parts = run.parts
    beside = [one for one in values if _side(one.quantity, one.label)]
    others = [one for one in values if not _side(one.quantity, one.label)]
    return _sides(beside, parts) if beside else None, [
        {
            "value": value,
            "notes": notes_of(value),
            "doubts": doubts_of(value),
            "definition": parts.definition(value.quantity),
        }
        for value in others
    ]


def missing_of(parts, sides):
    """Values that should be there and are not, but for those a table of sides tells."""
    told = []
    for one in parts.missing:
        if sides and _side(one.quantity, one.label):
            continue
        spec = quantities.get(one.quantity)
        name = spec.label if spec else one.quantity
        told.append({"name": name, "label": one.label, "reason": one.reason})
    return told


def _side(quantity, label):
    spec = quantities.get(quantity)
    return spec.side(label) if spec else None


def _sides(values, parts):
    reasons = {
        (one.quantity, one.label): one.reason
        for one in parts.missing
        if _side(one.quantity, one.label)
    }
    known = {(one.quantity, one.label): one for one in values}
    places = {label: _place(quantity, label) for quantity, label in (*known, *reasons)}
    labels = sorted(places, key=places.get)
    named = dict.fromkeys(key for key, _ in (*known, *reasons))
    rows = [
        {
            "name": spec.label,
            "symbol": spec.symbol,
            "unit": spec.unit,
            "definition": parts.definition(key),
            "cells": [
                {
                    "value": known.get((key, label)),
                    "reason": reasons.get((key, label), "not known"),
                }
                for label in labels
            ],
        }
        for key, spec in ((key, quantities[key]) for key in named)
    ]
    return {"labels": labels, "rows": rows}


def _place(quantity, label):
    """Both sides of one pair beside each other."""
    side, number = _side(quantity, label)
    return number, quantities[quantity].sides.index(side)


def fits_of(parts):
    """The fits of a result, each with what its parameters need of columns.

    Returns
    -------
    list of dict
        ``fit``; ``points`` where no statistic tells them; ``columns``, those of
        ``start``, ``limits`` and ``held`` that any parameter has; ``correlation``,
        ``strong`` and ``covariance`` by parameter.
    """
    return [
        {
            "fit": one,
            "columns": _columns(one),
            "points": None if one.statistic("points") == one.points else one.points,
            "correlation": _heat(one.names, one.correlation),
            "strong": _strong(one.names, one.correlation),
            "covariance": _matrix(one.names, one.covariance),
        }
        for one in parts.fits
    ]


def _columns(fit):
    told = fit.parameters
    return {
        "start": any(one.start is not None for one in told),
        "limits": any(one.lower is not None or one.upper is not None for one in told),
        "held": any(one.fixed or one.at_bound for one in told),
    }


def _matrix(names, rows):
    return list(zip(names, rows, strict=True)) if names and rows else []


def _heat(names, rows):
    """The lower triangle of a correlation matrix, each number with its shade."""
    return [
        (
            name,
            [
                _shaded(number, is_strong=index != place and _is_strong(number))
                for index, number in enumerate(row[: place + 1])
            ],
        )
        for place, (name, row) in enumerate(_matrix(names, rows))
    ]


def _shaded(number, *, is_strong):
    if number is None:
        return {"text": "\N{EM DASH}", "shade": "none", "is_strong": False}
    shade = f"{'n' if number < 0 else 'p'}{round(10 * abs(number))}"
    return {"text": _two_decimals(number), "shade": shade, "is_strong": is_strong}


def _is_strong(number):
    return number is not None and abs(number) >= STRONG


def _strong(names, rows):
    """Pairs of parameters the data hardly tell apart."""
    return [
        (names[index], name, _two_decimals(row[index]))
        for place, (name, row) in enumerate(_matrix(names, rows))
        for index in range(place)
        if _is_strong(row[index])
    ]


def _two_decimals(number):
    return f"{number:.2f}".replace("-", MINUS)


def comparisons_of(parts):
    """Models held against each other, each with how far it is from the best.

    Returns
    -------
    list of dict
        ``comparison`` and ``rows``: ``candidate`` and ``distance``.
    """
    return [
        {
            "comparison": one,
            "rows": [
                {"candidate": each, "distance": one.distance(each)}
                for each in one.candidates
            ],
            "has_parameters": any(each.parameters for each in one.candidates),
        }
        for one in parts.comparisons
    ]


def tables_of(parts):
    """Tables without the columns in which nothing stands, long ones in two pieces.

    Returns
    -------
    list of dict
        ``table``, ``columns`` (with ``is_number``), ``rows`` and ``more``, those that
        are unfolded, and how many rows there are in ``total``.
    """
    told = []
    for one in parts.tables:
        kept = [
            place
            for place in range(len(one.columns))
            if any(row[place] not in (None, "") for row in one.rows)
        ]
        columns = [
            {
                "column": one.columns[place],
                "is_number": all(
                    row[place] is None or _is_number(row[place]) for row in one.rows
                ),
            }
            for place in kept
        ]
        rows = [
            [
                {"cell": row[place], **column}
                for place, column in zip(kept, columns, strict=True)
            ]
            for row in one.rows
        ]
        told.append(
            {
                "table": one,
                "columns": columns,
                "rows": rows[:MOST_ROWS],
                "more": rows[MOST_ROWS:],
                "total": one.total if one.total is not None else len(rows),
                "shown": len(rows),
            }
        )
    return told


def _is_number(cell):
    return isinstance(cell, int | float | Number) and not isinstance(cell, bool)


def details_of(parts):
    """How the result was found, fact by fact, under what each is about."""
    about = {}
    for one in parts.details:
        about.setdefault(one.about, []).append(one)
    return list(about.items())
