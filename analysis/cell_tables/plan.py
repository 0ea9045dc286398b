"""Every row of a table as the cell it will be, or what is wrong with it."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError

from analysis.cell_tables.meanings import (
    AGED,
    CONDITIONS,
    LAYERS,
    STATES,
    TARGETS,
    UNITS,
    ColumnUse,
    guess,
)
from analysis.cell_tables.reading import CellTable
from analysis.named_quantities import EFFICIENCY, LOSS
from labdata.common.measures.numbers import Measured, NumberError, parse_measured
from labdata.common.measures.quantities import quantities
from labdata.common.measures.units import (
    UnitError,
    convert,
    convert_uncertainty,
    find_unit,
    parse_quantity,
)
from labdata.common.text.number import parse_number
from samples import series
from samples.models import Cell, Sample
from samples.series import SeriesError, Value
from samples.services.parameters import check_parameters
from samples.services.references import find_materials
from samples.services.series.codes import code_fault
from samples.services.times import parse_time

ONE_CELL = "1"
LOSS_AGREES = 0.05


@dataclass
class PlannedCell:
    """One row: whose cell it is, what is known of it, and what is wrong."""

    line: int
    code: str = ""
    cell: str = ""
    batch: str = ""
    areas: dict[str, float] = field(default_factory=dict)
    made: tuple[str, str] = ("", "")
    layers: dict[tuple[str, str], object] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    values: list[tuple[ColumnUse, Measured]] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def wrong(self, where, message):
        self.errors.setdefault(where, []).append(str(message).rstrip(".") + ".")


@dataclass
class CellPlan:
    """All rows, with what is wrong of the whole under the name of the field."""

    table: CellTable
    uses: list[ColumnUse]
    rows: list[PlannedCell]
    existing: dict[str, Sample] = field(default_factory=dict)
    missing_materials: list[str] = field(default_factory=list)
    materials: dict[str, object] = field(default_factory=dict)
    ageing: dict = field(default_factory=dict)
    hours: float | None = None
    batch: str = ""
    notes: list[str] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def wrong(self, where, message):
        self.errors.setdefault(where, []).append(str(message).rstrip(".") + ".")

    @property
    def wrong_rows(self):
        return [row for row in self.rows if row.errors]

    @property
    def is_sound(self):
        return not self.errors and not self.wrong_rows

    @property
    def devices(self):
        return list(dict.fromkeys(row.code for row in self.rows))

    @property
    def value_count(self):
        return sum(len(row.values) for row in self.rows)


def plan_cells(
    *, project, table, uses=None, batch="", code="", ageing=None, create_materials=False
) -> CellPlan:
    """Read every row as its columns mean.

    Parameters
    ----------
    project : Project
    table : CellTable
    uses : list of ColumnUse, optional
        What the columns mean; guessed from the titles where not given.
    batch : str
        Of rows without one.
    code : str
        Pattern of codes for rows without one, such as ``{batch}-{n:04}``: each row is
        a device of its own then.
    ageing : dict, optional
        ``duration`` and conditions of the ageing behind values "after ageing".
    create_materials : bool
        Whether materials nobody entered yet may be.
    """
    uses = guess(table) if uses is None else list(uses)
    plan = CellPlan(table, uses, [PlannedCell(line) for line in table.lines])
    plan.notes += table.notes
    plan.batch = batch
    _check_uses(plan)
    _set_ageing(plan, ageing or {})
    if plan.errors:
        return plan
    for use in uses:
        _read_column(plan, use)
    _set_names(plan, project, code)
    _check_layers(plan, project, create_materials)
    _compare_loss(plan)
    if not any(row.values for row in plan.rows):
        plan.wrong("columns", "No column is a quantity: say what the numbers are")
    return plan


def _check_uses(plan):
    seen = set()
    for use in plan.uses:
        title = plan.table.titles[use.column].text or f"column {use.column + 1}"
        if use.to not in TARGETS and use.to not in quantities:
            plan.wrong("columns", f"{title}: there is no {use.to!r} a column could be")
            continue
        if use.state not in STATES:
            plan.wrong("columns", f"{title}: {use.state!r} is not one of as_made, aged")
        if use.is_quantity and use.label and not quantities[use.to].labels:
            plan.wrong("columns", f"{title}: {use.to} takes no label")
        key = (use.to, use.state, use.label) if use.is_quantity else use.to
        if key in seen:
            plan.wrong("columns", f"Two columns are {use.to}: choose one")
        seen.add(key)
        wanted = quantities[use.to].unit if use.is_quantity else UNITS.get(use.to)
        if use.unit and wanted:
            try:
                convert(1.0, find_unit(use.unit).symbol, wanted)
            except UnitError as error:
                plan.wrong("columns", f"{title}: {error}")


def _set_ageing(plan, ageing):
    """What happened between "as made" and "after ageing"."""
    is_aged = any(use.is_quantity and use.state == AGED for use in plan.uses)
    if not is_aged:
        return
    try:
        plan.ageing = check_parameters({k: v for k, v in ageing.items() if v})
        hours = parse_quantity(ageing.get("duration") or "", unit="h")
    except ValidationError as error:
        plan.wrong("ageing", " ".join(error.messages))
    except UnitError:
        plan.wrong(
            "duration",
            "Values after ageing need its duration, such as 150 h",
        )
    else:
        if hours <= 0:
            plan.wrong("duration", f"{hours:g} h is no time to age")
        plan.hours = hours


def _read_column(plan, use):
    title = plan.table.titles[use.column].text or f"column {use.column + 1}"
    read = _reader_of(use, plan.table.decimal)
    for row, cells in zip(plan.rows, plan.table.rows, strict=True):
        text = cells[use.column]
        if not text:
            continue
        try:
            read(row, text)
        except (UnitError, NumberError, ValueError) as error:
            row.wrong(title, error)
        except ValidationError as error:
            row.wrong(title, " ".join(error.messages))


def _reader_of(use, decimal):
    """What puts the text of one cell of the table where it belongs."""

    def name(row, text):
        setattr(row, use.to, text)

    def made(row, text):
        if use.to == "sample.operator":
            row.made = (row.made[0], text[:100])
            return
        parse_time(text, field=use.to)
        row.made = (text, row.made[1])

    def area(row, text):
        number = _number(text, use.unit, UNITS[use.to], decimal).value
        if number <= 0:
            raise ValueError(f"an area of {number:g} cm² cannot be")
        row.areas[use.to.partition(".")[2]] = number

    def layer(row, text):
        _, role, part = use.to.split(".")
        if part == "thickness":
            number = _number(text, use.unit, UNITS[use.to], decimal).value
            if number <= 0:
                raise ValueError(f"a thickness of {number:g} nm cannot be")
            row.layers[role, part] = number
        else:
            row.layers[role, part] = text

    def condition(row, text):
        key = use.to.rpartition(".")[2]
        row.conditions |= check_parameters({key: f"{text} {use.unit}".strip()})

    def value(row, text):
        measured = _number(text, use.unit, quantities[use.to].unit, decimal)
        if measured is None:
            return
        low, high = quantities[use.to].possible or (-math.inf, math.inf)
        if not low <= measured.value <= high:
            unit = quantities[use.to].unit
            raise ValueError(
                f"{measured.value:g} is no {quantities[use.to].label.lower()}"
                f" in {'parts of 1' if unit == '1' else unit}: is the unit another?"
            )
        row.values.append((use, measured))

    if use.to in ("code", "cell", "batch"):
        return name
    if use.to in ("sample.made_on", "sample.operator"):
        return made
    if use.to in LAYERS:
        return layer
    if use.to in CONDITIONS:
        return condition
    return area if use.to in UNITS else value


def _number(text, given, unit, decimal):
    """A cell of the table as a number in ``unit``; None where it says it has none."""
    source = find_unit(given).symbol if given else unit
    number = parse_number(text, decimal)
    if number is not None:
        if math.isnan(number):
            return None
        return Measured(number if source == unit else convert(number, source, unit))
    measured = parse_measured(text, decimal=decimal)
    if measured is None:
        return None
    source = measured.unit_text or source
    error = measured.uncertainty
    return Measured(
        convert(measured.value, source, unit),
        None if error is None else convert_uncertainty(error, source, unit),
        measured.bound,
    )


def _set_names(plan, project, pattern):
    """Whose cell each row is; a cell stands in one row."""
    has_codes = any(use.to == "code" for use in plan.uses)
    if not has_codes and not pattern:
        plan.wrong("code", "No column names the devices: write a pattern of codes")
        return
    if message := plan.batch and code_fault(plan.batch):
        plan.wrong("batch", message)
    seen = {}
    for number, row in enumerate(plan.rows, 1):
        row.batch = row.batch or plan.batch
        if not row.code and pattern:
            try:
                values = {
                    "n": Value(str(number), Decimal(number)),
                    "batch": Value(row.batch),
                }
                row.code = series.fill(pattern, values, into="code")
            except SeriesError as error:
                plan.wrong("code", error)
                return
        if message := code_fault(row.code):
            row.wrong("code", message)
        row.cell = row.cell or ONE_CELL
        if len(row.cell) > 40:
            row.wrong("cell", "A cell's name has at most 40 characters")
        if row.batch and (message := code_fault(row.batch)):
            row.wrong("batch", message)
        if (row.code, row.cell) in seen:
            first = seen[row.code, row.cell]
            row.wrong(
                "code", f"cell {row.cell} of {row.code} stands in line {first} already"
            )
        seen.setdefault((row.code, row.cell), row.line)
        if not row.values and not row.errors:
            row.wrong("values", "This row has no value")
    there = Sample.objects.filter(project=project, code__in=plan.devices)
    plan.existing = {sample.code: sample for sample in there}
    for row in plan.rows:
        sample = plan.existing.get(row.code)
        if sample is None:
            continue
        if not has_codes:
            row.wrong("code", f"There is a sample {row.code} already")
        elif sample.archived_at:
            row.wrong("code", f"{row.code} is archived: restore it first")
        elif row.layers:
            row.wrong("code", f"{row.code} exists: its layers are changed on its page")
    _check_known_cells(plan)
    if plan.existing:
        plan.notes.append(f"{len(plan.existing)} of the devices exist already.")


def _check_known_cells(plan):
    """Devices there are give their cells; an area may not be contradicted."""
    cells = Cell.objects.filter(sample__in=plan.existing.values())
    known = {(cell.sample_id, cell.label): cell for cell in cells}
    for row in plan.rows:
        sample = plan.existing.get(row.code)
        cell = sample and known.get((sample.pk, row.cell))
        if cell is None:
            continue
        if cell.archived_at:
            row.wrong("cell", f"Cell {row.cell} of {row.code} was put away")
        for name, area in row.areas.items():
            held = getattr(cell, name)
            if held is not None and not math.isclose(held, area, rel_tol=1e-6):
                row.wrong(
                    name, f"cell {row.cell} of {row.code} has {held:g} cm² already"
                )


def _check_layers(plan, project, create_materials):
    told = defaultdict(dict)
    for row in plan.rows:
        for place, value in row.layers.items():
            held = told[row.code].setdefault(place, value)
            if held != value:
                row.wrong(
                    f"layer.{place[0]}.{place[1]}",
                    f"{row.code} has {held} in another row, not {value}",
                )
    names = {
        value
        for layers in told.values()
        for (_, part), value in layers.items()
        if part == "material"
    }
    plan.materials = find_materials(project, names)
    plan.missing_materials = sorted(names - set(plan.materials))
    if plan.missing_materials and not create_materials:
        listed = ", ".join(plan.missing_materials[:10])
        plan.wrong("create_materials", f"Not known yet: {listed}. Allow to add them")


def _compare_loss(plan):
    """Say whether a stated loss follows from the efficiencies beside it."""
    agree = differ = 0
    for row in plan.rows:
        known = {(use.to, use.state): m.value for use, m in row.values}
        before = known.get((EFFICIENCY, "as_made"))
        after, loss = known.get((EFFICIENCY, AGED)), known.get((LOSS, AGED))
        if None in (before, after, loss) or not before:
            continue
        if abs(loss - 100 * (1 - after / before)) <= LOSS_AGREES:
            agree += 1
        else:
            differ += 1
    if agree or differ:
        words = f"The loss follows from the efficiencies in {agree} rows"
        plan.notes.append(f"{words}, and not in {differ}." if differ else f"{words}.")
