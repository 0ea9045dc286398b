"""Tests of stability: which still run, how far they are, what they have shown."""

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from django.utils import timezone

from analysis.models import PropertyValue
from analysis.named_quantities import (
    AT_THE_END,
    INITIAL_EFFICIENCY,
    RETENTION,
    T80,
    T95,
    TE80,
    TESTS,
)
from analysis.relations.variables import find_variables
from analysis.stability.isos import claimed_verdict, normalise
from labdata.common.variables import VariableError, parse_variable
from measurements.arrays.rows import load_preview
from measurements.models import Dataset
from measurements.reading.conditions import conditions_in_force
from measurements.registry import techniques
from samples.models import Fact, TimePrecision

RUNNING, ENDED = "running", "ended"
# A test nobody declared ended counts as running while data have come this lately.
QUIET_AFTER = timedelta(days=14)
# A running test is asked about when nothing came for this long, or for this many steps.
LATE_HOURS, LATE_STEPS = 24.0, 5.0
SPARK_POINTS = 60
FINE = (TimePrecision.MINUTE, TimePrecision.SECOND)
VALUES = {
    T80: "t80",
    T95: "t95",
    TE80: "te80",
    INITIAL_EFFICIENCY: "initial_pce",
    RETENTION: "retention",
}
GAPS = "gaps"
VERDICTS = ("conforms", "fails", "undecidable")


@dataclass
class Track:
    """One test of one cell: where it stands."""

    dataset: Dataset
    conditions: dict
    state: str
    is_assumed: bool
    protocol: str
    hours: float
    last_at: object
    verdict: object = None
    values: dict = field(default_factory=dict)
    run: object = None
    group: object = None
    curve: dict | None = None
    warnings: list = field(default_factory=list)

    @property
    def measurement(self):
        return self.dataset.measurement

    @property
    def technique_words(self):
        """The technique as a narrow column says it."""
        return TESTS[self.dataset.technique]

    @property
    def outcome(self):
        """The verdict in a word; empty where no known protocol is claimed."""
        return self.verdict.outcome if self.verdict else ""

    @property
    def verdict_words(self):
        return self.verdict.summary if self.verdict else ""

    @property
    def quiet_hours(self):
        """Hours since the last point."""
        return max(0.0, (timezone.now() - self.last_at).total_seconds() / 3600)

    @property
    def projected(self):
        """The extrapolated T80, while the cell has not reached it."""
        t80, te80 = self.values.get("t80"), self.values.get("te80")
        return te80 if te80 is not None and (t80 is None or t80.bound == ">") else None


@dataclass(frozen=True)
class Asked:
    """The filters of the board, as its address and the API's carry them."""

    project: str = ""
    batch: str = ""
    protocol: str = ""
    state: str = ""
    by: str = ""
    group: str = ""

    @classmethod
    def read(cls, query):
        return cls(
            **{name: query.get(name, "").strip() for name in cls.__dataclass_fields__}
        )

    @property
    def is_filtered(self):
        return any(
            (self.project, self.batch, self.protocol, self.state, self.by, self.group)
        )


def find_tracks(user, asked):
    """Every test that a person may see and that fits, those still running first.

    What a page of them shows is read by `fill`.
    """
    rows = (
        Dataset.objects.current()
        .without_arrays()
        .visible_to(user)
        .filter(
            technique__in=list(TESTS),
            is_result=False,
            region__isnull=True,
            measurement__archived_at__isnull=True,
            measurement__sample__archived_at__isnull=True,
        )
        .select_related("measurement__sample__batch", "project", "cell")
    )
    if asked.project:
        rows = rows.filter(project__slug=asked.project)
    if asked.batch:
        rows = rows.filter(measurement__sample__batch__code=asked.batch)
    tracks = [_track(row) for row in rows]
    if asked.protocol:
        wanted = protocol_code(asked.protocol)
        tracks = [one for one in tracks if one.protocol == wanted]
    if asked.state:
        tracks = [one for one in tracks if one.state == asked.state]
    _set_groups(tracks, asked, user)
    if asked.group:
        tracks = [one for one in tracks if str(one.group) == asked.group]
    return sorted(
        tracks, key=lambda one: (one.state != RUNNING, -one.last_at.timestamp())
    )


def protocol_code(text):
    """A claimed protocol in its one spelling; what is none stays as it was typed."""
    try:
        return normalise(text) if text else ""
    except ValueError:
        return text


def _track(row):
    measurement = row.measurement
    conditions = conditions_of(measurement, row)
    hours = row.axes[0]["last"]
    last_at = row.created_at
    if measurement.measured_at and measurement.measured_precision in FINE:
        last_at = measurement.measured_at + timedelta(hours=hours)
    told = conditions.get("test_state", "")
    fresh = min(last_at, row.created_at) > timezone.now() - QUIET_AFTER
    return Track(
        dataset=row,
        conditions=conditions,
        state=told or (RUNNING if fresh else ENDED),
        is_assumed=not told,
        protocol=protocol_code(str(conditions.get("isos_protocol", "")).strip()),
        hours=hours,
        last_at=last_at,
    )


def conditions_of(measurement, row):
    """What holds for one dataset of a test."""
    return conditions_in_force(measurement, (row.metadata or {}).get("conditions", {}))


def _set_groups(tracks, asked, user):
    """Give each track the value of the variable asked for: its cell's, or sample's."""
    if not asked.by or not tracks:
        return
    try:
        variable = parse_variable(asked.by)
    except VariableError:
        return
    projects = {one.dataset.project_id for one in tracks}
    known = find_variables([variable.key], list(projects)).get(variable.key)
    if known is None or known.id is None:
        return
    facts = Fact.objects.filter(
        variable_id=known.id,
        sample_id__in={one.measurement.sample_id for one in tracks},
        **({"label": variable.label} if variable.label else {"is_default": True}),
    ).order_by("pk")
    found = {}
    for sample, cell, value, text in facts.values_list(
        "sample_id", "subject__cell_id", "value", "text"
    ):
        found[sample, cell] = text if value is None else value
    for one in tracks:
        sample = one.measurement.sample_id
        one.group = found.get((sample, one.dataset.cell_id), found.get((sample, None)))


def fill(tracks):
    """Read what a page shows of its tracks: values, verdicts, curves; three queries."""
    measurements = {one.measurement.pk for one in tracks}
    values = (
        PropertyValue.objects.filter(
            measurement__in=measurements, quantity__in=VALUES, run__isnull=False
        )
        .current()
        .select_related("run")
        .order_by("pk")
    )
    by_place = {}
    for value in values:
        if value.quantity == RETENTION and value.label != AT_THE_END:
            continue
        place = (value.measurement_id, value.run.scope)
        by_place.setdefault(place, {})[VALUES[value.quantity]] = value
    pictures = Dataset.objects.in_bulk([one.dataset.pk for one in tracks])
    for one in tracks:
        scopes = [one.dataset.name, getattr(one.dataset.cell, "label", ""), ""]
        found = [by_place.get((one.measurement.pk, scope)) for scope in scopes]
        one.values = next(filter(None, found), {})
        one.run = next((value.run for value in one.values.values()), None)
        one.verdict = _verdict(one.conditions)
        one.curve, step = _curve(pictures[one.dataset.pk])
        one.warnings = _warnings(one, step)
    return tracks


def _verdict(conditions):
    try:
        return claimed_verdict(conditions)
    except ValueError:
        return None


def _curve(row):
    """Few points of the efficiency to draw, and the usual step between points [h]."""
    figure = techniques[row.technique].figure
    curve = load_preview(row)["curve"]
    x, y = curve[figure.x], curve[figure.y]
    step = float(np.median(np.diff(x))) * curve.size / row.shape[0] if x.size > 1 else 0
    known = np.isfinite(y)
    if np.count_nonzero(known) < 2:
        return None, step
    x, y = _medians(x[known], y[known])
    return {"x": x, "y": y, "x_unit": curve.unit(figure.x)}, step


def _medians(x, y):
    """The ends, and between them medians: noise would fill so small a picture."""
    if x.size <= SPARK_POINTS:
        return x.tolist(), y.tolist()
    size = -(-x.size // SPARK_POINTS)
    parts = [slice(at, at + size) for at in range(0, x.size, size)]
    middles = [float(np.median(x[part])) for part in parts]
    return (
        [float(x[0]), *middles[1:-1], float(x[-1])],
        [float(np.median(y[part])) for part in parts],
    )


def _warnings(one, step):
    told = []
    late = max(LATE_HOURS, LATE_STEPS * step)
    if one.state == RUNNING and one.quiet_hours > late:
        told.append(f"no data for {hours_in_words(one.quiet_hours)}")
    for table in one.run.parts.tables if one.run else ():
        if table.key == GAPS:
            gaps = table.total or len(table.rows)
            told.append(f"{gaps} gap{'s' if gaps > 1 else ''} in the track")
    return told


def hours_in_words(hours):
    """``20 min``, ``7 h``, ``12 d``."""
    if hours < 1:
        return f"{60 * hours:.0f} min"
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} d"


def describe_tracks(tracks):
    """The rows as plain values, as the API answers them."""
    return [
        {
            "measurement": str(one.measurement.uuid),
            "dataset": str(one.dataset.uuid),
            "run": str(one.run.uuid) if one.run else None,
            "sample": one.measurement.sample.code,
            "sample_id": str(one.measurement.sample.uuid),
            "cell": one.dataset.cell.label if one.dataset.cell else None,
            "project": one.dataset.project.slug,
            "batch": getattr(one.measurement.sample.batch, "code", None),
            "technique": one.dataset.technique,
            "origin": one.measurement.origin,
            "state": one.state,
            "state_is_assumed": one.is_assumed,
            "protocol": one.protocol or None,
            "verdict": one.outcome or None,
            "verdict_summary": one.verdict_words or None,
            "hours": one.hours,
            "last_at": one.last_at,
            "group": one.group,
            "warnings": one.warnings,
            "curve": one.curve,
            **{name: _number(one.values.get(name)) for name in VALUES.values()},
        }
        for one in tracks
    ]


def _number(value):
    if value is None:
        return None
    return {
        name: getattr(value, name)
        for name in ("value", "uncertainty", "low", "high", "bound", "flags")
    }
