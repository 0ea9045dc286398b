"""What was measured on the cells of a device: best and latest, drawn and in a table."""

from collections import Counter
from dataclasses import dataclass, field

from analysis.models import PropertyValue
from analysis.named_quantities import (
    EFFICIENCY,
    HYSTERESIS,
    OF_A_SWEEP,
    OF_A_TEST,
    SWEEPS,
    T80,
)
from labdata.common.measures.numbers import format_measured
from labdata.common.measures.quantities import quantities
from labdata.site.drawings.stack import CellMark, draw_substrate, level_of
from labdata.site.kit.results.curve_figures import caption_of
from labdata.site.kit.results.flag_words import told_flags
from labdata.site.kit.results.run_rows import name_value
from measurements.models import Dataset
from measurements.registry import techniques
from samples.models import Cell
from samples.services.devices import describe_stack

WHICH = {"best": "best", "latest": "latest"}
COLOURED_BY = (*OF_A_SWEEP, T80)
"""What the map may be coloured by; the first unless asked otherwise."""

SHOWN = OF_A_SWEEP
STABILITY = OF_A_TEST
MARK_DIGITS = 3


@dataclass(slots=True)
class Line:
    """One sweep in a row of the table."""

    words: str
    values: list
    run: object = None


@dataclass(slots=True)
class CellResults:
    """One cell with its values; ``best`` and ``latest`` hold those of one sweep."""

    cell: object
    sweeps: dict = field(default_factory=dict)
    hysteresis: object = None
    stability: dict = field(default_factory=dict)
    count: int = 0

    @property
    def label(self):
        return self.cell.label if self.cell else ""

    @property
    def best(self):
        """Of all sweeps in light that stand, the one with the highest efficiency.

        A flagged one is the best only where there is no other.
        """
        found = [one for one in self.sweeps.values() if EFFICIENCY in one]
        sound = [one for one in found if not one[EFFICIENCY].flags]
        return max(sound or found, key=lambda one: one[EFFICIENCY].value, default={})

    @property
    def latest(self):
        """The sweep that answers for the newest run."""
        found = [one for one in self.sweeps.values() if EFFICIENCY in one]
        newest = max((one[EFFICIENCY].run_order for one in found), default=None)
        last = [one for one in found if one[EFFICIENCY].run_order == newest]
        answering = [one for one in last if one[EFFICIENCY].is_default]
        return next(iter(answering or last), {})

    @property
    def lines(self):
        """The sweeps to tell of: the best, and the latest where that is another."""
        best, latest = self.best, self.latest
        if not best:
            return [Line("—", [None] * len(SHOWN))]
        if latest is best:
            return [_line("best, latest", best)]
        return [_line("best", best), _line("latest", latest)]

    @property
    def t80(self):
        return self.stability.get(T80)

    @property
    def stability_values(self):
        return [self.stability.get(key) for key in STABILITY]

    @property
    def tests(self):
        """The measurements its stability was read from."""
        found = [one.measurement for one in self.stability.values() if one.measurement]
        return list(dict.fromkeys(found))

    def chosen(self, quantity, which):
        """The value of a quantity that stands for the cell."""
        if quantity in STABILITY:
            return self.stability.get(quantity)
        return getattr(self, which).get(quantity)

    @property
    def origin(self):
        """Where all its numbers come from; empty where they differ in that."""
        told = [*self.best.values(), *self.latest.values(), *self.stability.values()]
        told += [self.hysteresis] if self.hysteresis else []
        origins = {one.origin for one in told}
        return origins.pop() if len(origins) == 1 else ""

    @property
    def has_origins(self):
        """Whether each number says for itself where it comes from."""
        return not self.origin

    @property
    def flags(self):
        told = [*self.best.values(), *self.latest.values(), *self.stability.values()]
        told += [self.hysteresis] if self.hysteresis else []
        return told_flags({one.pk: one for one in told}.values())


@dataclass(slots=True)
class DeviceResults:
    """All that a page shows of a device's cells; empty where nothing was measured."""

    rows: list
    quantity: object
    which: str
    map: object
    scale: object
    curves: int
    has_stability: bool
    caption = caption_of(techniques[SWEEPS].figure)
    columns = [quantities[key] for key in SHOWN]
    stability_columns = [quantities[key] for key in STABILITY]
    offered = [quantities[key] for key in COLOURED_BY]

    @property
    def is_empty(self):
        return not any(row.sweeps or row.stability for row in self.rows)


def results_of(sample, *, quantity=COLOURED_BY[0], which="best", stack=None):
    """The standing values of a device's cells, in a fixed number of queries.

    Parameters
    ----------
    sample : Sample
    quantity : str
        What the map is coloured by, one of `COLOURED_BY`.
    which : {"best", "latest"}
        Sweep whose value the map shows.
    stack : mapping, optional
        The sample's stack as the services describe it, if it was read already.

    Returns
    -------
    DeviceResults
    """
    quantity = quantity if quantity in COLOURED_BY else COLOURED_BY[0]
    which = which if which in WHICH else "best"
    rows = _read(sample)
    stack = describe_stack(sample) if stack is None else stack
    chosen = {row.label: row.chosen(quantity, which) for row in rows.values()}
    numbers = [one.value for one in chosen.values() if one is not None]
    low, high = (min(numbers), max(numbers)) if numbers else (None, None)
    marks = {
        label: _mark(value, low, high)
        for label, value in chosen.items()
        if value is not None and label
    }
    shown = list(rows.values())
    return DeviceResults(
        rows=shown,
        quantity=quantities[quantity],
        which=which,
        map=draw_substrate(stack, marks) if stack else None,
        scale=_scale(quantity, low, high),
        curves=sum(row.count for row in shown),
        has_stability=any(row.stability for row in shown),
    )


def _read(sample):
    """The cells with their standing values, by row id; None for the whole sample."""
    cells = Cell.objects.filter(sample=sample, archived_at__isnull=True)
    rows = {cell.pk: CellResults(cell) for cell in cells}
    wanted = [*SHOWN, HYSTERESIS, *STABILITY]
    values = (
        PropertyValue.objects.current()
        .filter(sample=sample, quantity__in=wanted)
        .select_related("subject__cell", "run", "measurement")
        .order_by("pk")
    )
    for value in map(name_value, values):
        cell = value.subject.cell
        row = rows.setdefault(cell.pk if cell else None, CellResults(cell))
        _take(row, value)
    for cell, count in _sweep_counts(sample).items():
        if cell in rows:
            rows[cell].count = count
    return rows


def _take(row, value):
    """Put a value where it belongs; the newest of a quantity goes before."""
    value.run_order = value.run_id or 0
    if value.quantity == HYSTERESIS:
        if value.is_default:
            row.hysteresis = value
    elif value.quantity in STABILITY:
        if value.is_default:
            row.stability[value.quantity] = value
    else:
        of_sweep = row.sweeps.setdefault((value.run_id or -value.pk, value.label), {})
        of_sweep[value.quantity] = value


def _sweep_counts(sample):
    """How many curves in light each cell has, by row id."""
    return Counter(cell for _, cell, _ in _light_curves(sample))


def _light_curves(sample):
    """Row ids of curves in light, of their cells and measurements, in a fixed order.

    Where nobody says that a curve is dark, it is not.
    """
    rows = Dataset.objects.current().filter(
        measurement__sample=sample,
        measurement__archived_at__isnull=True,
        technique=SWEEPS,
        is_result=False,
        region__isnull=True,
    )
    found = rows.order_by("cell__position", "cell_id", "pk").values_list(
        "pk",
        "cell_id",
        "measurement_id",
        "metadata__conditions__light",
        "measurement__conditions__light",
    )
    return [row[:3] for row in found if "dark" not in row[3:]]


def latest_light_curves(sample):
    """The curves in light of each cell's newest measurement, in a fixed order."""
    curves = _light_curves(sample)
    newest = {}
    for _, cell, measurement in curves:
        newest[cell] = max(newest.get(cell, 0), measurement)
    wanted = [pk for pk, cell, measurement in curves if measurement == newest[cell]]
    rows = Dataset.objects.select_related("cell", "measurement").in_bulk(wanted)
    return [rows[pk] for pk in wanted]


def _line(words, sweep):
    value = sweep[EFFICIENCY]
    side = f", {value.label}" if value.label else ""
    return Line(f"{words}{side}", [sweep.get(key) for key in SHOWN], value.run)


def _mark(value, low, high):
    text = format_measured(value.value, significant=MARK_DIGITS)
    bound = value.bound if value.bound != "=" else ""
    address = value.run.get_absolute_url() if value.run else ""
    return CellMark(
        text=f"{bound}{text}",
        level=level_of(value.value, low, high),
        words=f"{value.name} {bound}{text} {value.unit}".strip(),
        address=address,
    )


def _scale(quantity, low, high):
    """The ends of the colours, as numbers with their unit."""
    if low is None:
        return None
    return {"low": low, "high": high, "unit": quantities[quantity].unit}
