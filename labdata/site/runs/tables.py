"""Tables on the page of a run: sweeps side by side, windows, lifetimes, models.

Adapters of a typed result to the templates of sweeps and of ageing tracks.
"""

from labdata.common.measures.quantities import quantities
from labdata.plugin import Interval
from labdata.site.kit.results.flag_words import doubts_of, notes_of

MOST_INTERVALS = 12


def _side(quantity, label):
    spec = quantities.get(quantity)
    return spec.side(label) if spec else None


def sides_of(values, parts):
    """Values of several sweeps side by side, and those that belong to none.

    Parameters
    ----------
    values : list of PropertyValue
        As `run_rows.name_value` names them.
    parts : Result
        Of the run; ``missing`` says why a sweep has no value of a quantity.

    Returns
    -------
    sides : dict or None
        ``labels`` and ``rows``, each with ``name``, ``symbol``, ``unit`` and ``cells``:
        a value, or the reason why there is none. None without such values.
    others : list of PropertyValue
    """
    of_sweeps = [one for one in values if _side(one.quantity, one.label)]
    others = [one for one in values if not _side(one.quantity, one.label)]
    reasons = {
        (one.quantity, one.label): one.reason
        for one in parts.missing
        if _side(one.quantity, one.label)
    }
    if not of_sweeps:
        return None, values
    places = {(one.quantity, one.label) for one in of_sweeps} | set(reasons)
    labels = {label: _place(quantity, label) for quantity, label in places}
    labels = sorted(labels, key=labels.get)
    known = {(one.quantity, one.label): one for one in of_sweeps}
    named = dict.fromkeys([key for key, _ in known] + [key for key, _ in reasons])
    rows = [
        {
            "name": spec.label if spec else key,
            "symbol": spec.symbol if spec else "",
            "unit": spec.unit if spec else "",
            "cells": [
                {
                    "value": known.get((key, label)),
                    "reason": reasons.get((key, label), "not known"),
                }
                for label in labels
            ],
        }
        for key, spec in ((key, quantities.get(key)) for key in named)
    ]
    return {"labels": labels, "rows": rows}, others


def _place(quantity, label):
    """Both sides of one pair beside each other."""
    side, number = _side(quantity, label)
    return number, quantities[quantity].sides.index(side)


def windows_of(parts):
    """What of each sweep was used: its reach, its light, where the slopes were taken.

    Returns
    -------
    list of dict
        By sweep, in the order of `sides_of`.
    """
    tables = {one.key: one for one in parts.tables}
    if "sweeps" not in tables:
        return [
            {
                "label": fit.about,
                "points": fit.points,
                "windows": [("fit", _window(fit.window))],
            }
            for fit in parts.fits
            if fit.about and fit.window
        ]
    reported = tables.get("reported")
    rows = []
    for record in tables["sweeps"].records():
        key = record["sweep"].replace(" ", "_")
        rows.append(
            {
                "label": record["sweep"],
                "points": record["points"],
                "reach": _window(record["voltage"]),
                "labelled": record["labelled"] or "",
                "irradiance": record["irradiance"],
                "irradiance_stated": record["irradiance_stated"],
                "windows": [
                    (name, _window(record[window]))
                    for name, window in (("Rs", "rs_window"), ("Rsh", "rsh_window"))
                    if record[window]
                ],
                "reported": [
                    (_titled(one), one[key])
                    for one in (reported.records() if reported else ())
                    if one[key] is not None
                ],
            }
        )
    return rows


def _titled(row):
    name = row["number"][:1].upper() + row["number"][1:]
    return f"{name} [{row['unit']}]" if row["unit"] else name


def _window(ends):
    if not isinstance(ends, Interval) or ends.low is None or ends.high is None:
        return ""
    return f"{ends.low:.4g} to {ends.high:.4g}".replace("-", "\N{MINUS SIGN}")


def definitions_of(parts):
    """How the numbers are defined, as an analysis tells it in words."""
    return [(one.title, one.words) for one in parts.definitions]


def lifetimes_of(values, parts):
    """What a track says, each number with how it is known, and what is left.

    Returns
    -------
    rows : list of dict
        ``value``, ``kind`` (a flag), ``doubts`` and ``definition``.
    others : list of PropertyValue
    """
    if not parts.intervals:
        return [], values
    rows = [
        {
            "value": value,
            "kind": next(iter(notes_of(value)), None),
            "doubts": doubts_of(value),
            "definition": parts.definition(value.quantity),
        }
        for value in values
    ]
    return rows, []


def models_of(parts):
    """The models that were compared, the best first, with their numbers in words."""
    return [
        {
            "name": one.name,
            "formula": one.formula,
            "bic": one.value,
            "delta": comparison.distance(one),
            "is_chosen": one.chosen,
            "refused": one.refused,
            "parameters": [(each.name, each) for each in one.parameters],
        }
        for comparison in parts.comparisons
        for one in comparison.candidates
    ]


def intervals_of(parts):
    """Stretches without data, by kind, the longest first.

    Returns
    -------
    list of dict
        ``title``, ``count``, ``rows`` of from, to and length [h].
    """
    return [
        {
            "title": table.title,
            "count": table.total or len(table.rows),
            "rows": table.rows[:MOST_INTERVALS],
        }
        for table in parts.tables
    ]
