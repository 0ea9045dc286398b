"""Curves of several samples drawn together: found, scaled, put on one grid."""

from dataclasses import dataclass

import numpy as np

from analysis.contract.registry import analyses
from labdata.common.measures.quantities import quantities
from labdata.site.kit.results.curve_figures import drawn_curve
from labdata.site.kit.variation import values_by_subject
from measurements.models import Dataset
from samples.models import Fact

MOST_CURVES = 200
POINTS = 500
GRID_POINTS = 400
NORMALISATIONS = {
    "none": "as measured",
    "maximum": "to the highest point",
    "area": "to the area",
    "initial": "to the beginning",
}
# The beginning of a track is no single point, which may be a lamp warming up.
INITIAL_POINTS = 5


@dataclass(slots=True)
class Curve:
    """One measured curve, with where it stands in the series."""

    measurement: object
    x: np.ndarray
    y: np.ndarray
    cell: object = None
    place: float | None = None
    group: float | None = None


def normalise(x, y, how):
    """Scale a curve to its highest point, area or beginning; a flat one stays.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        ``x`` rising; missing points of ``y`` are NaN.
    how : {"none", "maximum", "area", "initial"}
        The beginning is the median of the first few known points.

    Returns
    -------
    ndarray, shape (n,)
    """
    known = np.isfinite(y)
    if how == "none" or not known.any():
        return y
    if how == "maximum":
        size = float(np.max(y[known]))
    elif how == "initial":
        size = float(np.median(y[known][:INITIAL_POINTS]))
    else:
        size = float(np.trapezoid(y[known], x[known]))
    return y / size if size > 0 else y


def read_curves(measurements, figure, how="none", only=None):
    """The first curve of each cell of each measurement, thinned, in three queries.

    Parameters
    ----------
    measurements : list of Measurement
    figure : Figure
        Which axis and channel.
    how : str
        One of `NORMALISATIONS`.
    only : collection of int, optional
        Ids of the datasets to draw, instead of the first ones.

    Returns
    -------
    list of Curve
        In the order of the measurements; those without a one-dimensional dataset of
        the technique's axis and channel are left out.
    """
    rows = (
        Dataset.objects.current()
        .filter(measurement__in=measurements, is_result=False, region__isnull=True)
        .select_related("cell")
        .order_by("pk")
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    found = {}
    for row in rows:
        of_cell = found.setdefault(row.measurement_id, {})
        of_cell.setdefault(row.cell_id if only is None else row.pk, row)
    curves = []
    for measurement in measurements:
        for row in found.get(measurement.pk, {}).values():
            if (curve := _read_curve(measurement, row, figure, how)) is not None:
                curves.append(curve)
    return curves


def _read_curve(measurement, row, figure, how):
    thin = drawn_curve(row, figure, POINTS)
    if thin is None:
        return None
    order = np.argsort(thin[figure.x], kind="stable")
    x, y = thin[figure.x][order], thin[figure.y][order]
    return Curve(measurement, x, normalise(x, y, how), row.cell)


def place(curves, variable, *, attribute="place"):
    """Give each curve the value a variable has for what was measured."""
    ids = {curve.measurement.sample_id for curve in curves}
    subjects, samples = values_by_subject(variable.id, ids)
    for curve in curves:
        one = curve.measurement
        value = subjects.get(one.subject_id, samples.get(one.sample_id))
        setattr(curve, attribute, value)


def colour_map(curves):
    """Curves as rows of one map over a common axis.

    Parameters
    ----------
    curves : list of Curve
        Those without a place are left out; those at one place are averaged.

    Returns
    -------
    x : ndarray, shape (m,)
    places : ndarray, shape (k,)
        Rising.
    rows : ndarray, shape (k, m)
        NaN where a curve does not reach.
    averaged : int
        How many curves share their row with another.
    """
    placed = [curve for curve in curves if curve.place is not None]
    if not placed:
        return np.empty(0), np.empty(0), np.empty((0, 0)), 0
    low = min(curve.x[0] for curve in placed)
    high = max(curve.x[-1] for curve in placed)
    x = np.linspace(low, high, GRID_POINTS)
    by_place = {}
    for curve in placed:
        known = np.isfinite(curve.y)
        if known.any():
            values = np.interp(x, curve.x[known], curve.y[known], np.nan, np.nan)
            by_place.setdefault(curve.place, []).append(values)
    places = np.array(sorted(by_place))
    rows = np.array([_mean(by_place[one]) for one in places])
    averaged = sum(len(rows) for rows in by_place.values() if len(rows) > 1)
    return x, places, rows, averaged


def _mean(rows):
    if len(rows) == 1:
        return rows[0]
    stack = np.array(rows)
    known = np.isfinite(stack).sum(axis=0)
    total = np.nansum(stack, axis=0)
    return np.where(known > 0, total / np.maximum(known, 1), np.nan)


def quantities_of(technique):
    """The quantities the usual analyses of a technique give, in their order."""
    keys = []
    for one in analyses:
        if technique in one.default_for:
            keys += [key for key in one.outputs if key not in keys]
    return keys


def trends(curves, technique):
    """What was fitted to these samples, one series a quantity and label.

    Returns
    -------
    list of dict
        ``quantity``, ``label``, ``title``, ``unit`` and ``points`` of place, group,
        value, uncertainty, bound, origin, sample id; in one query.
    """
    keys = quantities_of(technique)
    by_subject = {}
    for curve in curves:
        if curve.place is not None:
            by_subject.setdefault(curve.measurement.subject_id, curve)
    facts = (
        Fact.objects.filter(subject_id__in=by_subject, variable__key__in=keys)
        .exclude(value=None)
        .select_related("variable")
    )
    series = {}
    for fact in facts:
        curve = by_subject[fact.subject_id]
        entry = series.setdefault((fact.variable.key, fact.label), [])
        entry.append(
            {
                "x": curve.place,
                "y": fact.value,
                "dy": fact.uncertainty,
                "bound": fact.bound,
                "group": curve.group,
                "origin": fact.origin,
                "sample": str(curve.measurement.sample.uuid),
                "code": curve.measurement.sample.code,
            }
        )
    return [
        {
            "quantity": key,
            "label": label,
            "title": quantities[key].label + (f" [{label}]" if label else ""),
            "unit": quantities[key].unit,
            "points": sorted(points, key=lambda one: one["x"]),
        }
        for (key, label), points in sorted(
            series.items(), key=lambda item: (keys.index(item[0][0]), item[0][1])
        )
    ]
