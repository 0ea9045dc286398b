"""Figures as JSON: what techniques and results declare, with the numbers to draw.

A figure is a list of panels; ``static/js/figures/panels.js`` draws them. A panel of
curves has ``x``, ``y`` (label, unit), ``curves``, ``bands`` between two lines, ``pins``
and ``stretches`` of x that are marked; one of colours has an ``image`` and its
``value`` instead. A panel ``under`` another shares its x.
"""

from dataclasses import dataclass, field

import numpy as np

from labdata.plugin import Dataset, Drawing
from labdata.plugin.drawings import Data
from labdata.site.kit.tags.quantities import unit_symbol
from measurements.arrays.preview import CURVE_POINTS, downsample, preview
from measurements.arrays.rows import load_dataset, load_preview
from measurements.registry import techniques

POINTS = 2000
EXACT = 14000
"""Curves up to this length are drawn as they are where they are looked at closely."""

MOST_CURVES = 60
TURNS_WITHIN = (0.1, 0.9)
"""A curve that is not monotonic turns where its x is extreme, if not near an end."""


def figure_of(rows, technique, *, points=POINTS, simulated=False):
    """The datasets of a technique as one figure, each in the order it was measured.

    Parameters
    ----------
    rows : iterable of Dataset
        With ``cell`` selected; those without what the technique's figure shows, and
        more than `MOST_CURVES`, are left out.
    technique : str
        Key of a technique.
    points : int
        The most of one curve.
    simulated : bool

    Returns
    -------
    dict
        ``panels``, how many curves were ``left_out``, and ``simulated``.
    """
    figure = techniques[technique].figure
    panel = _Panel("data", "Data", log=figure.log, reversed=figure.reversed)
    left_out = _draw_data(panel, rows, figure, points)
    panels = [panel.told()] if panel.x else []
    return {"panels": panels, "left_out": left_out, "simulated": simulated}


def figure_of_run(run):
    """What a run took and what it made of it, as its result says to draw it.

    Returns
    -------
    dict
        As `figure_of`, with a panel for every drawing of the result; a run without
        drawings shows its inputs.
    """
    figure = techniques[run.measurement.technique].figure
    inputs = run.inputs.select_related("dataset__blob", "dataset__cell")
    rows = [entry.dataset for entry in inputs.order_by("position")]
    made = {
        one.role: one.dataset
        for one in run.results.select_related("dataset__blob").order_by("pk")
    }
    simulated = run.measurement.origin == "simulated"
    return _figure(drawings_of(run), rows, made, figure, simulated=simulated)


def figure_of_example(technique, result=None):
    """The example of a technique, or what an analysis made of it.

    Parameters
    ----------
    technique : Technique
    result : Result, optional
        Of an analysis of the example.

    Returns
    -------
    dict
        As `figure_of`; without a panel where there is nothing to draw.
    """
    example = technique.example()
    simulated = example.metadata.get("origin") == "simulated"
    rows = [Unkept(example, technique.label)]
    if result is None:
        return figure_of(rows, technique.key, simulated=simulated)
    made = {role: Unkept(one, role) for role, one in result.datasets.items()}
    drawings = result.drawings or drawings_of_data(technique.figure)
    return _figure(drawings, rows, made, technique.figure, simulated=simulated)


def _figure(drawings, rows, made, figure, *, simulated):
    panels, left_out = [], 0
    for drawing in drawings:
        panel = _Panel(drawing.key, drawing.title)
        left_out += _draw(panel, drawing, rows, made, figure)
        panels.append(panel)
    return {
        "panels": [panel.told() for panel in panels if panel.x],
        "left_out": left_out,
        "simulated": simulated,
    }


def drawings_of(run):
    """The drawings of a run; without a result, its inputs as they were measured."""
    figure = techniques[run.measurement.technique].figure
    return run.parts.drawings or drawings_of_data(figure)


def drawings_of_data(figure):
    """The one drawing of data of which nothing was made yet."""
    if figure.kind == "table":
        return ()
    # How the colours run is the figure's, which draws the data itself.
    alike = {
        name: tuple(one for one in getattr(figure, name) if one != "value")
        for name in ("log", "reversed")
    }
    return (Drawing("data", "Data", figure.x, (Data(),), **alike),)


def caption_of(figure, drawing=None):
    """What stands below a figure: which curve is which, and what is drawn."""
    told = []
    is_of_data = drawing is None or any(one.kind == "data" for one in drawing.layers)
    if figure.branches and is_of_data:
        solid, other = figure.branches.names
        told.append(f"Solid and filled: {solid}. Dashed and hollow: {other}.")
    if figure.caption and is_of_data:
        told.append(figure.caption)
    if drawing is not None and drawing.caption:
        told.append(drawing.caption)
    return " ".join(told)


@dataclass(frozen=True, slots=True)
class Unkept:
    """A dataset that stands in no row of the database, drawn as those that do."""

    dataset: Dataset
    name: str
    cell_id: None = None

    @property
    def shape(self):
        return self.dataset.shape

    @property
    def metadata(self):
        return self.dataset.metadata


def _preview(row):
    return preview(row.dataset) if isinstance(row, Unkept) else load_preview(row)


def _whole(row):
    return row.dataset if isinstance(row, Unkept) else load_dataset(row)


@dataclass(slots=True)
class _Panel:
    """One box with its axes, while it is filled."""

    key: str
    title: str
    x: dict | None = None
    y: dict | None = None
    value: dict | None = None
    image: dict | None = None
    log: tuple = ()
    reversed: tuple = ()
    under: str = ""
    range: list | None = None
    curves: list = field(default_factory=list)
    bands: list = field(default_factory=list)
    pins: list = field(default_factory=list)
    stretches: list = field(default_factory=list)
    zero: bool = False
    cross: bool = False
    equal: bool = False

    def told(self):
        return {name: getattr(self, name) for name in self.__slots__}

    def describe(self, axis, channel, y=""):
        """Name the axes by the first that is drawn over them."""
        self.x = self.x or _described(axis)
        if self.y is None:
            told = _described(channel)
            self.y = told | {"label": y or told["label"]}


def _draw(panel, drawing, rows, made, figure):
    """Fill a panel with the layers of a drawing; gives how many curves are left out."""
    panel.log, panel.reversed = drawing.log, drawing.reversed
    panel.under = drawing.under
    left_out = 0
    hollow = figure.branches.names[1] if figure.branches else None
    for layer in drawing.layers:
        if layer.kind == "data":
            left_out += _draw_data(panel, rows, figure, EXACT)
        elif layer.kind == "marks":
            _mark(panel, layer.marks, hollow)
        elif layer.kind == "image":
            names = (drawing.x, drawing.y)
            _paint(panel, made.get(layer.role), names, layer.channel, layer.label)
        else:
            _draw_layer(panel, drawing, layer, made.get(layer.role))
    if figure.most_negative is not None and drawing.x == figure.x and not panel.zero:
        panel.range = _range(panel.curves, figure.most_negative)
    return left_out


def _draw_layer(panel, drawing, layer, row):
    """Add points, a line or the ends of a band of a result's dataset."""
    curve = None if row is None else _curve(row, EXACT)
    if curve is None or curve.axes[0].name != drawing.x:
        return
    axis = curve.axes[0]
    x = axis.values.tolist()
    if layer.kind == "band":
        low, high = curve.channel(layer.low), curve.channel(layer.high)
        panel.describe(axis, low, drawing.y)
        ends = {"low": low.values.tolist(), "high": high.values.tolist()}
        panel.bands.append({"name": layer.label or low.label, "x": x, **ends})
        return
    channel = curve.channel(layer.channel)
    panel.describe(axis, channel, drawing.y)
    values, told = channel.values, {}
    if layer.kind == "line" and layer.on:
        base = curve.channel(layer.on).values
        values, told = values + base, {"base": base.tolist()}
    if getattr(layer, "residual_of", ""):
        panel.zero = True
    kind = "points"
    if layer.kind == "line":
        kind = "thin" if layer.part else "line"
    panel.curves.append(
        {
            "name": layer.label or channel.label,
            "kind": kind,
            "mark": getattr(layer, "mark", ""),
            "x": x,
            "y": values.tolist(),
            **told,
        }
    )


def _mark(panel, marks, hollow):
    """Add places and stretches that mean something."""
    for mark in marks:
        if mark.until is not None:
            ends = {"from": mark.x, "to": mark.until}
            panel.stretches.append({**ends, "text": mark.text})
        elif mark.y is None:
            panel.pins.append({"text": mark.text, "x": mark.x})
        else:
            is_hollow = bool(mark.side) and mark.side == hollow
            place = {"x": mark.x, "y": mark.y, "hollow": is_hollow}
            panel.pins.append({"text": mark.text, **place})


def _draw_data(panel, rows, figure, points):
    """Fill a panel as a technique's figure draws; gives how many are left out."""
    draw = {"image": _draw_image, "map": _draw_image, "series": _draw_series}.get(
        figure.kind, _draw_curves
    )
    left_out = draw(panel, rows, figure, points)
    if figure.most_negative is not None:
        panel.range = _range(panel.curves, figure.most_negative)
    panel.cross = figure.branches is not None
    panel.equal = figure.kind == "nyquist"
    return left_out


def _draw_curves(panel, rows, figure, points):
    left_out = 0
    for row in rows:
        curve = drawn_curve(row, figure, points)
        if curve is None:
            continue
        if len(panel.curves) >= MOST_CURVES:
            left_out += 1
            continue
        parts = {part.name: part for part in (*curve.axes, *curve.channels)}
        x, y = parts[figure.x], parts[figure.y]
        panel.describe(x, y)
        for across, up in _branches(x.values, y.values, figure):
            panel.curves.append(
                {
                    "name": row.name,
                    "cell": row.cell.label if row.cell_id else "",
                    "kind": "sweep" if figure.branches else "points",
                    **(_side(row, across, figure) if figure.branches else {}),
                    "x": across.tolist(),
                    "y": up.tolist(),
                }
            )
    return left_out


def _draw_series(panel, rows, figure, points):
    """Every step of the axis along which a series runs is a curve."""
    left_out = 0
    for row in rows:
        image = _preview(row).get("image")
        names = {axis.name for axis in image.axes} if image else set()
        if names != {figure.x, figure.along}:
            continue
        axis, along = image.axis(figure.x), image.axis(figure.along)
        channel = image.channel(figure.y)
        values = channel.values
        if image.axes[0].name != figure.along:
            values = values.T
        panel.describe(axis, channel)
        kept = np.linspace(0, along.size - 1, min(along.size, MOST_CURVES)).round()
        left_out += along.size - kept.size
        for step in kept.astype(int):
            name = f"{along.label} {along.values[step]:.4g} {unit_symbol(along.unit)}"
            panel.curves.append(
                {
                    "name": name.strip(),
                    "kind": "line",
                    "x": axis.values.tolist(),
                    "y": values[step].tolist(),
                }
            )
    return left_out


def _draw_image(panel, rows, figure, points):
    """The first dataset as colours; one box cannot hold a second."""
    drawn = 0
    for row in rows:
        if panel.image is not None:
            drawn += 1
            continue
        _paint(panel, row, (figure.x, figure.y), figure.value)
    return drawn


def _paint(panel, row, names, name, label=""):
    """Show a channel over two axes, across and downwards, as colours."""
    image = None if row is None else _preview(row).get("image")
    if image is None or {axis.name for axis in image.axes} != set(names):
        return
    across, down = (image.axis(one) for one in names)
    channel = image.channel(name)
    values = channel.values
    if image.axes[0].name != down.name:
        values = values.T
    panel.x, panel.y = _described(across), _described(down)
    panel.value = _described(channel)
    if label:
        panel.value["label"] = label
    panel.image = {
        "across": across.values.tolist(),
        "down": down.values.tolist(),
        "values": values.tolist(),
    }


def _range(curves, below):
    """The ordinates to show: what is above zero whole, below it only a part."""
    lit = [one["y"] for one in curves if not one.get("aside") and one["y"]]
    highest = float(max((np.nanmax(one) for one in lit), default=0.0))
    if not highest > 0:
        return None
    lowest = float(min(np.nanmin(one) for one in lit))
    return [max(lowest, -below * highest) - 0.02 * highest, 1.12 * highest]


def _curve(row, points):
    """A curve as it is where it is short enough, or else of fewer points, or None."""
    if len(row.shape) != 1:
        return _preview(row).get("curve")
    if CURVE_POINTS < row.shape[0] <= points:
        return _whole(row)
    return _preview(row).get("curve")


def drawn_curve(row, figure, points):
    """A dataset with what is drawn of it, thinned by that one, or None."""
    if len(row.shape) != 1:
        return None
    curve = _curve(row, points)
    axis = curve.axes[0]
    wanted = [name for name in (figure.x, figure.y) if name != axis.name]
    names = {channel.name for channel in curve.channels}
    if not names.issuperset(wanted):
        return None
    if figure.kind != "nyquist" and axis.name != figure.x:
        return None
    channels = tuple(curve.channel(name) for name in wanted)
    curve = type(curve)(curve.axes, channels, (), curve.metadata)
    return downsample(curve, points)


def _described(part):
    return {"label": part.label, "unit": unit_symbol(part.unit)}


def _branches(x, y, figure):
    """A curve there and back as two, so that each runs one way."""
    if figure.kind == "nyquist":
        return [(x, y)]
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
        "hollow": side != branches.solid,
        "labelled": said if said != side else "",
        "aside": figure.aside[1] if figure.is_aside(conditions) else "",
    }
