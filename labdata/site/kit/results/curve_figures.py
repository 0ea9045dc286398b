"""Figures of several curves: sweeps of a cell, a track with its model, marks."""

import numpy as np

from labdata.site.kit.tags.quantities import unit_symbol
from measurements.arrays import rows as arrays
from measurements.arrays.preview import downsample
from measurements.registry import techniques

POINTS = 2000
MOST_CURVES = 60
TURNS_WITHIN = (0.1, 0.9)
"""A curve that is not monotonic turns where its x is extreme, if not near an end."""


def figure_of(rows, technique, *, points=POINTS, simulated=False):
    """The curves of datasets as one figure, each in the order it was measured.

    Parameters
    ----------
    rows : iterable of Dataset
        With ``cell`` selected; those without the technique's axis and channel, and
        more than `MOST_CURVES`, are left out.
    technique : str
        Key of a technique.
    points : int
        The most of one curve.
    simulated : bool

    Returns
    -------
    dict
        ``x``, ``y`` (label, unit), ``curves``, and how many were ``left_out``; as
        ``static/js/figures/sweeps.js`` draws them.
    """
    figure = techniques[technique].figure
    told = {"x": None, "y": None, "curves": [], "left_out": 0, "simulated": simulated}
    for row in rows:
        curve = drawn_curve(row, figure, points)
        if curve is None:
            continue
        if len(told["curves"]) >= MOST_CURVES:
            told["left_out"] += 1
            continue
        axis, channel = curve.axes[0], curve.channel(figure.y)
        told["x"] = told["x"] or _described(axis)
        told["y"] = told["y"] or _described(channel)
        for x, y in _branches(axis.values, channel.values):
            told["curves"].append(
                {
                    "name": row.name,
                    "cell": row.cell.label if row.cell_id else "",
                    "kind": "sweep" if figure.branches else "points",
                    **(_side(row, x, figure) if figure.branches else {}),
                    "x": x.tolist(),
                    "y": y.tolist(),
                }
            )
    if figure.most_negative is not None:
        told["range"] = _range(told["curves"], figure.most_negative)
    return told


def _range(curves, below):
    """The ordinates to show: what is above zero whole, below it only a part."""
    lit = [one["y"] for one in curves if not one["dark"] and one["y"]]
    highest = float(max((np.nanmax(one) for one in lit), default=0.0))
    if not highest > 0:
        return None
    lowest = float(min(np.nanmin(one) for one in lit))
    return [max(lowest, -below * highest) - 0.02 * highest, 1.12 * highest]


def drawn_curve(row, figure, points):
    """A dataset with the one channel that is drawn, thinned by that one, or None."""
    if len(row.shape) != 1:
        return None
    curve = arrays.load_preview(row).get("curve")
    names = {channel.name for channel in curve.channels}
    if figure.y not in names or curve.axes[0].name != figure.x:
        return None
    curve = type(curve)(curve.axes, (curve.channel(figure.y),), (), curve.metadata)
    return downsample(curve, points)


def _described(part):
    return {"label": part.label, "unit": unit_symbol(part.unit)}


def _branches(x, y):
    """A curve there and back as two, so that each runs one way."""
    step = np.diff(x)
    if step.size == 0 or (step >= 0).all() or (step <= 0).all():
        return [(x, y)]
    low, high = (round(share * x.size) for share in TURNS_WITHIN)
    for turn in (int(np.argmax(x)), int(np.argmin(x))):
        if low < turn < high:
            return [(x[: turn + 1], y[: turn + 1]), (x[turn:], y[turn:])]
    return [(x, y)]


def _side(row, x, figure):
    """The branch by the order of x, another label, and whether it stands aside."""
    conditions = (row.metadata or {}).get("conditions", {})
    branches = figure.branches
    side = branches.falling if x[0] > x[-1] else branches.rising
    said = conditions.get(branches.labelled) or side
    return {
        "side": side,
        "labelled": said if said != side else "",
        "dark": figure.is_aside(conditions),
    }


def figure_of_run(run):
    """Inputs of a run with what it made of them: lines, marks, stretches.

    An adapter of its first drawing, and of the one below it, to the figure of several
    curves.

    Returns
    -------
    dict
        As `figure_of`, with ``pins``, ``bands`` and, for what has the same x but
        another unit, ``below``.
    """
    figure = techniques[run.measurement.technique].figure
    inputs = run.inputs.select_related("dataset__blob", "dataset__cell")
    told = figure_of(
        [entry.dataset for entry in inputs.order_by("position")],
        run.measurement.technique,
        simulated=run.measurement.origin == "simulated",
    )
    above = next(iter(run.parts.drawings), None)
    told |= {"pins": _pins(above, figure), "bands": _bands(above)}
    if told["x"] is None or above is None or above.x != figure.x:
        return told
    made = {
        one.role: arrays.load_preview(one.dataset).get("curve")
        for one in run.results.select_related("dataset__blob").order_by("pk")
    }
    told["curves"] += [line for _, line in _lines(above, made)]
    for under in run.parts.drawings:
        if under.under != above.key:
            continue
        lines = _lines(under, made)
        curves = [line for _, line in lines]
        told["below"] = {"y": _described(lines[0][0]), "curves": curves}
        if figure.most_negative is not None and not _is_residual(under):
            lit = [{**one, "dark": False} for one in curves]
            told["below"]["range"] = _range(lit, figure.most_negative)
    return told


def _is_residual(drawing):
    return any(getattr(layer, "residual_of", "") for layer in drawing.layers)


def _lines(drawing, made):
    """The channels of results that a drawing shows as lines or points."""
    lines = []
    for layer in drawing.layers:
        names = {
            "line": ("channel",),
            "points": ("channel",),
            "band": ("low", "high"),
        }.get(layer.kind, ())
        curve = made.get(getattr(layer, "role", ""))
        for name in names if curve is not None else ():
            channel = curve.channel(getattr(layer, name))
            line = {
                "name": layer.label if layer.kind != "band" else channel.label,
                "kind": "thin" if layer.kind == "band" else "line",
                "x": curve.axes[0].values.tolist(),
                "y": channel.values.tolist(),
            }
            lines.append((channel, line | {"name": line["name"] or channel.label}))
    return lines


def _pins(drawing, figure):
    """Places of a drawing that are results: points of a sweep, times of a track."""
    hollow = figure.branches.names[1] if figure.branches else ""
    return [
        {"text": mark.text, "x": mark.x}
        if mark.y is None
        else {
            "text": mark.text,
            "x": mark.x,
            "y": mark.y,
            "hollow": bool(hollow) and mark.side == hollow,
        }
        for mark in (drawing.marks if drawing else ())
        if mark.until is None
    ]


def _bands(drawing):
    """Stretches of a track that mean something, such as a gap."""
    return [
        {"from": mark.x, "to": mark.until, "text": mark.text}
        for mark in (drawing.marks if drawing else ())
        if mark.until is not None
    ]
