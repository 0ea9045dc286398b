"""From the JV curves of a cell over time to one ageing measurement."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from analysis.models import PropertyValue
from analysis.named_quantities import AGEING, SWEEPS
from labdata.common.measures.quantities import quantities
from labdata.common.measures.units import convert
from labdata.common.people.access import require_write
from measurements import services as measurement_services
from measurements.models import Measurement
from measurements.readers.tables import labdata_columns
from measurements.registry import techniques
from samples.models import Cell, Origin, Process, Relation, Sample, TimePrecision
from samples.recorded import in_place_acts
from samples.services.devices import resolve_cell

DIRECTIONS = ("reverse", "forward")
ALONG = {
    "measured_at": "when each curve was measured",
    "cell_age": "the age of the cell logged with each curve",
    "states": "the ageing steps before and after which curves were measured",
}
SECONDS_PER_HOUR = 3600.0
MINUTES_PER_HOUR = 60.0
# Conditions of an ageing step that are conditions of the test, by parameter.
STEP_CONDITIONS = {
    "temperature": "temperature",
    "humidity": "relative_humidity",
    "atmosphere": "atmosphere",
}
FINE = (TimePrecision.SECOND, TimePrecision.MINUTE)


@dataclass
class Point:
    """One JV curve of a cell: when in the test it was, and what it gave."""

    measurement: Measurement
    time: float
    values: dict = field(default_factory=dict)
    simulated: bool = False


def create_ageing_series(
    *,
    user: User,
    sample: Sample,
    cell: str | None = None,
    direction: str = "reverse",
    along: str = "measured_at",
    conditions: Mapping[str, Any] | None = None,
) -> list[Measurement]:
    """Put the JV curves of a device together to one ageing measurement a cell.

    The efficiencies that stand (accepted, or newest) are written, with Voc, Jsc and
    fill factor, to a file that names the measurements they come from; it is read and
    analysed like any other. A series put together before from other curves is put
    away; one of the same curves is given back.

    Parameters
    ----------
    user : User
    sample : Sample
    cell : str, optional
        Label; without it every cell that has two points or more.
    direction : {"reverse", "forward"}
        Of the sweep that counts.
    along : {"measured_at", "cell_age", "states"}
        What tells the time.
    conditions : dict, optional
        Of the test, as for any measurement.

    Returns
    -------
    list of Measurement

    Raises
    ------
    ValidationError
        By field; also where no cell has two points.
    """
    require_write(user, sample.project)
    for name, value, known in (
        ("direction", direction, DIRECTIONS),
        ("along", along, ALONG),
    ):
        if value not in known:
            raise ValidationError(
                {name: f"{value!r} is not one of {', '.join(known)}."}
            )
    wanted = resolve_cell(sample, cell)
    by_cell = _points(sample, direction, along)
    if wanted is not None:
        by_cell = {key: told for key, told in by_cell.items() if key == wanted.pk}
    series = {key: told for key, told in by_cell.items() if len(told) > 1}
    if not series:
        raise ValidationError(
            {"along": _nothing(sample, wanted, direction, along, by_cell)}
        )
    steps = _step_conditions(sample) if along == "states" else {}
    cells = Cell.objects.in_bulk([key for key in series if key is not None])
    return [
        _create(
            user,
            sample,
            cells.get(key),
            points,
            direction,
            along,
            {**steps, **(conditions or {})},
        )
        for key, points in sorted(series.items(), key=lambda item: item[0] or 0)
    ]


def _nothing(sample, cell, direction, along, by_cell):
    place = f"cell {cell.label} of {sample}" if cell else f"any cell of {sample}"
    most = max((len(points) for points in by_cell.values()), default=0)
    found = f"{most} found" if most else "none found"
    return (
        f"A series needs two {direction} curves with an efficiency at two times, told"
        f" by {ALONG[along]}: {found} for {place}."
    )


def _points(sample, direction, along):
    """The points of each cell by its id, in time."""
    names = _channels()
    values = (
        PropertyValue.objects.filter(
            sample=sample,
            quantity__in=names,
            label=direction,
            measurement__technique=SWEEPS,
        )
        .current()
        .select_related("measurement__subject", "run", "subject")
        .order_by("pk")
    )
    clock = _state_clock(sample) if along == "states" else None
    curves = defaultdict(dict)
    for value in values:
        cell = value.run.cell_id if value.run else value.subject.cell_id
        entry = curves[cell].setdefault(
            value.measurement_id, Point(value.measurement, None)
        )
        name, unit = names[value.quantity]
        entry.values[name] = convert(value.value, quantities[value.quantity].unit, unit)
        entry.simulated |= value.origin == Origin.SIMULATED
    return {
        cell: _timed([p for p in found.values() if "pce" in p.values], along, clock)
        for cell, found in curves.items()
    }


def _channels():
    """The channels of the technique that JV gives, by quantity: name and unit."""
    return {
        f"{SWEEPS}.{spec.name}": (spec.name, spec.unit)
        for spec in techniques[AGEING].channels
        if f"{SWEEPS}.{spec.name}" in quantities
    }


def _timed(points, along, clock):
    for point in points:
        point.time = _moment(point.measurement, along, clock)
    known = sorted(
        (point for point in points if point.time is not None),
        key=lambda point: (point.time, point.measurement.pk),
    )
    # Where a state was looked at twice, or one moment told twice, the last look counts.
    known = list({point.time: point for point in known}.values())
    if known and along == "measured_at":
        start = known[0].time
        for point in known:
            point.time -= start
    return known


def _moment(measurement, along, clock):
    """When a curve was measured, as a number of hours; None where nobody knows."""
    if along == "cell_age":
        return measurement.conditions.get("cell_age")
    if along == "states":
        subject = measurement.subject
        return clock.get((subject.process_id, subject.relation))
    if measurement.measured_at is None or measurement.measured_precision not in FINE:
        return None
    return measurement.measured_at.timestamp() / SECONDS_PER_HOUR


def _state_clock(sample):
    """Hours of ageing behind each state of a sample, by process and relation.

    An ageing step whose duration nobody gave leaves the states behind it without.
    """
    clock = {(None, Relation.AS_MADE): 0.0}
    passed = 0.0
    for process in in_place_acts([sample.pk]).get(sample.pk, []):
        clock[process.pk, Relation.BEFORE] = passed
        if process.kind == Process.Kind.AGEING:
            duration = process.parameters.get("duration")
            known = passed is not None and isinstance(duration, int | float)
            passed = passed + duration / MINUTES_PER_HOUR if known else None
        clock[process.pk, Relation.AFTER] = passed
    return clock


def _step_conditions(sample):
    """Conditions of the test that all ageing steps of a sample agree in."""
    steps = [
        process.parameters
        for process in in_place_acts([sample.pk]).get(sample.pk, [])
        if process.kind == Process.Kind.AGEING
    ]
    known = {condition.key for condition in techniques[AGEING].conditions}
    agreed = {}
    for parameter, key in STEP_CONDITIONS.items():
        told = [step.get(parameter) for step in steps]
        if key in known and told and told[0] and all(one == told[0] for one in told):
            agreed[key] = told[0]
    return agreed


def _create(user, sample, cell, points, direction, along, conditions):
    data = _file(sample, cell, points, direction, along)
    label = f" {cell.label}" if cell else ""
    name = f"{sample.code}{label} {direction} JV over time.csv"
    about = f"Series of {direction} JV curves, told by {along}"
    simulated = any(point.simulated for point in points)
    earlier = Measurement.objects.current().filter(
        sample=sample,
        technique=AGEING,
        subject__cell=cell,
        files__description=about,
    )
    kept = measurement_services.keep_upload(_Upload(name, data))
    twin = earlier.filter(files__blob__sha256=kept.sha256).first()
    if twin is not None:
        return twin
    outdated = list(earlier)
    measured = [one.measurement.measured_at for one in points]
    dated = along == "measured_at" and measured[0] is not None
    made = measurement_services.create_measurement(
        user=user,
        sample=sample,
        cell=cell.label if cell else None,
        technique=AGEING,
        files=[kept],
        conditions=conditions,
        origin=Origin.SIMULATED if simulated else Origin.COMPUTED,
        notes=_notes(points, direction, along, outdated),
        **({"measured_at": measured[0].isoformat()} if dated else {}),
    )
    with transaction.atomic():
        for file in made.files.all():
            measurement_services.update_file(user=user, file=file, description=about)
        for old in outdated:
            measurement_services.set_archived(user=user, measurement=old, archived=True)
    return made


def _notes(points, direction, along, outdated):
    told = (
        f"{len(points)} {direction} JV curves put together, told by {ALONG[along]}; the"
        " file names each."
    )
    if outdated:
        told += f" Takes the place of {', '.join(str(old.uuid) for old in outdated)}."
    return told


def _file(sample, cell, points, direction, along):
    names = [
        name
        for name, _ in _channels().values()
        if any(name in p.values for p in points)
    ]
    specs = techniques[AGEING]
    units_of = {spec.name: spec.unit for spec in (*specs.axes, *specs.channels)}
    columns = {"time": [point.time for point in points]}
    for name in names:
        columns[name] = [point.values.get(name, float("nan")) for point in points]
    about = {
        "name": f"{direction} JV over time",
        "cell": cell.label if cell else "",
        "sample": sample.code,
        "direction": direction,
        "along": along,
        "sources": [
            {
                "measurement": str(point.measurement.uuid),
                "measured_at": point.measurement.measured_at.isoformat()
                if point.measurement.measured_at
                else None,
            }
            for point in points
        ],
    }
    return labdata_columns.write(columns, units_of=units_of, about=about)


class _Upload:
    """Bytes made here, in the shape of an upload."""

    def __init__(self, name, data):
        self.name, self.data, self.size = name, data, len(data)
        self.content_type = "text/csv"

    def chunks(self):
        yield self.data
