"""Figures of several curves: sweeps of a cell, a track with its model, marks."""

import numpy as np

from analysis.contract.quantities import quantities
from analysis.numerics.peaks.spectra import HC
from labdata.site.kit.tags.quantities import unit_symbol
from measurements.arrays import rows as arrays
from measurements.arrays.preview import downsample
from measurements.registry import techniques

POINTS = 2000
MOST_CURVES = 60
TURNS_WITHIN = (0.1, 0.9)
"""A curve that is not monotonic turns where its x is extreme, if not near an end."""

BELOW = 0.2
"""How much of forward bias is drawn, as a part of the photocurrent."""

BAND = ("low", "high")
NOT_DRAWN = ("data",)
INTERVALS = (("gaps", "gap"), ("dropouts", "drop-out"))

TIMES = ("t95", "t80", "ts80", "te80", "burn_in_time")
"""Quantities of a stability test that stand on its time axis."""


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
        kind = "sweep" if technique == "jv" else "points"
        for x, y in _branches(axis.values, channel.values):
            told["curves"].append(
                {
                    "name": row.name,
                    "cell": row.cell.label if row.cell_id else "",
                    "kind": kind,
                    **(_side(row, x) if kind == "sweep" else {}),
                    "x": x.tolist(),
                    "y": y.tolist(),
                }
            )
    if technique == "jv":
        told["range"] = _range(told["curves"])
    return told


def _range(curves):
    """The currents to show: photocurrent whole, of forward bias only a little."""
    lit = [one["y"] for one in curves if not one["dark"] and one["y"]]
    highest = float(max((np.nanmax(one) for one in lit), default=0.0))
    if not highest > 0:
        return None
    lowest = float(min(np.nanmin(one) for one in lit))
    return [max(lowest, -BELOW * highest) - 0.02 * highest, 1.12 * highest]


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


def _side(row, voltage):
    """The direction by the voltage's order, another label, and whether it was dark."""
    conditions = (row.metadata or {}).get("conditions", {})
    side = "reverse" if voltage[0] > voltage[-1] else "forward"
    said = conditions.get("direction") or side
    return {
        "side": side,
        "labelled": said if said != side else "",
        "dark": conditions.get("light") == "dark",
    }


def figure_of_run(run, values):
    """Inputs of a run with what it made of them: model lines, marks, intervals.

    Parameters
    ----------
    run : AnalysisRun
    values : iterable of PropertyValue
        The run's own.

    Returns
    -------
    dict
        As `figure_of`, with ``pins``, ``bands`` and, for what has the same x but
        another unit, ``below``.
    """
    technique = run.measurement.technique
    inputs = run.inputs.select_related("dataset__blob", "dataset__cell")
    told = figure_of(
        [entry.dataset for entry in inputs.order_by("position")],
        technique,
        simulated=run.measurement.origin == "simulated",
    )
    told |= {"pins": _pins(values), "bands": _bands(run.diagnostics)}
    if told["x"] is None:
        return told
    below = {}
    for made in run.results.select_related("dataset__blob").order_by("pk"):
        for channel, line in _lines(made.dataset, techniques[technique].figure):
            is_above = channel.name != "residual"
            if is_above and unit_symbol(channel.unit) == told["y"]["unit"]:
                told["curves"].append(line)
            else:
                below.setdefault(channel.unit, (channel, []))[1].append(line)
    if below:
        channel, lines = next(iter(below.values()))
        told["below"] = {"y": _described(channel), "curves": lines}
        if technique == "jv" and channel.name == "power_density":
            told["below"]["range"] = _range([{**one, "dark": False} for one in lines])
    return told


def _lines(row, figure):
    """The channels of a result on the axis that is drawn, but for the data again."""
    curve = arrays.load_preview(row).get("curve")
    if curve is None or curve.axes[0].name != figure.x:
        return []
    return [
        (
            channel,
            {
                "name": channel.label,
                "kind": "thin" if channel.name in BAND else "line",
                "x": curve.axes[0].values.tolist(),
                "y": channel.values.tolist(),
            },
        )
        for channel in curve.channels
        if channel.name not in (*NOT_DRAWN, figure.y)
    ]


def _pins(values):
    """Places of a figure that are results: points of a sweep, times of a track."""
    known = {(one.quantity, one.label): one.value for one in values}
    pins = []
    for side in dict.fromkeys(label for _, label in known):
        places = (
            ("Voc", known.get(("jv.voc", side)), 0.0),
            ("Jsc", 0.0, known.get(("jv.jsc", side))),
            ("MPP", known.get(("jv.vmp", side)), known.get(("jv.jmp", side))),
        )
        pins += [
            {"text": text, "x": x, "y": y, "hollow": side.startswith("forward")}
            for text, x, y in places
            if x is not None and y is not None
        ]
    for one in values:
        family, _, name = one.quantity.partition(".")
        if family == "stability" and name in TIMES and one.bound in ("=", "~"):
            pins.append({"text": quantities[one.quantity].symbol, "x": one.value})
        elif one.quantity == "eqe.band_gap" and one.value > 0:
            pins.append({"text": "Eg", "x": HC / one.value})
    return pins


def _bands(diagnostics):
    """Stretches of a track in which nothing, or nothing useful, was measured."""
    return [
        {"from": float(first), "to": float(last), "text": text}
        for key, text in INTERVALS
        for first, last in (_ends(one) for one in diagnostics.get(key, ()))
    ]


def _ends(interval):
    if isinstance(interval, dict):
        return interval["from"], interval["to"]
    return interval[:2]
