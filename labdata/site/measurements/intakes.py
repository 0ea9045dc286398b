"""Dropped files with what became of them: read, fitted, doubted, accepted."""

import re
from collections import Counter
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from analysis import services as analysis_services
from analysis.models import AnalysisRun, Decision
from labdata.common.jobs.models import OPEN_STATES
from labdata.common.people.notices import notify
from labdata.site.kit.results.run_rows import describe_rows, with_verdict
from labdata.site.measurements.likely_plot import likely_plot
from measurements.arrays.rows import load_preview
from measurements.models import Dataset, Intake, IntakeFile, Parsing
from measurements.reading.inspection import few_points
from measurements.registry import techniques
from measurements.services.intakes import cell_of, problems_of
from samples.models import Cell

CURVES_DRAWN = 100

GOOD = "ended without anything to look at, not judged yet"
"""The rule of what is accepted together, as people read it."""

# What a row can be, with the letter that tells a page whether it changed.
WAITING, ASKING, LEFT_OUT = "waiting", "asking", "left_out"
QUEUED, READING, QUESTION, UNREAD = "queued", "reading", "question", "unread"
FITTING, FITTED, UNFITTED, PLAIN = "fitting", "fitted", "unfitted", "plain"
LETTERS = {
    WAITING: "w",
    ASKING: "a",
    LEFT_OUT: "x",
    QUEUED: "q",
    READING: "r",
    QUESTION: "s",
    UNREAD: "u",
    FITTING: "f",
    FITTED: "d",
    UNFITTED: "n",
    PLAIN: "p",
}
OPEN = (QUEUED, READING, FITTING)
_READING = {
    "queued": QUEUED,
    "parsing": READING,
    "question": QUESTION,
    "failed": UNREAD,
    "errored": UNREAD,
}


@dataclass
class Overview:
    """How far the files of an intake have come, in numbers a page can say."""

    rows: list = field(default_factory=list)

    def __post_init__(self):
        self.counts = Counter(row.state for row in self.rows)

    def __getattr__(self, name):
        if name in LETTERS:
            return self.counts[name]
        raise AttributeError(name)

    @property
    def total(self):
        return len(self.rows) - self.counts[LEFT_OUT]

    @property
    def measured(self):
        return self.total - self.counts[WAITING] - self.counts[ASKING]

    @property
    def open(self):
        return sum(self.counts[state] for state in OPEN)

    @property
    def ended(self):
        return self.measured - self.open

    @property
    def percent(self):
        return round(100 * self.ended / self.measured) if self.measured else 0

    @property
    def failed(self):
        return self.counts[UNREAD] + self.counts[UNFITTED]

    @property
    def good(self):
        return [row for row in self.rows if row.is_good]

    @property
    def doubtful(self):
        """Fits nobody judged that the rule leaves out."""
        return [row for row in self.rows if row.needs_eyes]

    @property
    def accepted(self):
        return sum(1 for row in self.rows if row.verdict == "accepted")

    @property
    def seen(self):
        """The rows as letters, so that a page can tell what changed since."""
        return "".join(row.letter for row in self.rows)

    @property
    def rate(self):
        """How many files a minute came to their end, once a few have."""
        times = [row.ended_at for row in self.rows if row.ended_at]
        starts = [row.measurement.created_at for row in self.rows if row.measurement_id]
        if len(times) < 2:
            return None
        minutes = (max(times) - min(starts)).total_seconds() / 60
        return round(len(times) / minutes) if minutes > 0 else None


def describe_intake(intake):
    """All rows of an intake with what became of each, in a fixed number of queries."""
    rows = list(
        intake.files.with_twins()
        .select_related(
            "blob", "sample", "measurement__sample", "measurement__parsing", "intake"
        )
        .order_by("pk")
    )
    rows.sort(key=lambda row: _as_counted(row.name))
    _describe(rows)
    return Overview(rows)


def _as_counted(name):
    """Sort key that puts C-2 before C-10."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part.casefold())
        for part in re.split(r"(\d+)", name)
    ]


def describe_row(row):
    """One file anew, as `describe_intake` tells it."""
    rows = list(
        IntakeFile.objects.filter(pk=row.pk)
        .with_twins()
        .select_related(
            "blob",
            "sample",
            "measurement__sample",
            "measurement__parsing",
            "intake__project",
        )
    )
    _describe(rows)
    return rows[0]


def _describe(rows):
    runs = _runs_of([row.measurement_id for row in rows if row.measurement_id])
    curves = _curves_of([one.curve for one in runs.values() if one.curve])
    cells = _cells_of([row.sample_id for row in rows if row.sample_id])
    for row in rows:
        row.cells = cells.get(row.sample_id, [])
        row.cell = cell_of(row)
        row.run = runs.get(row.measurement_id)
        row.problems = problems_of(row)
        row.state = _state_of(row)
        row.verdict = row.run.verdict if row.run else ""
        row.verdict = "" if row.verdict == "withdrawn" else row.verdict
        fitted = row.state == FITTED and row.run.stands and not row.verdict
        row.is_good = fitted and not row.run.doubts
        row.needs_eyes = fitted and bool(row.run.doubts)
        row.letter = LETTERS[row.state]
        if row.verdict:
            row.letter = row.letter.upper()
        row.ended_at = _ended_at(row)
        drawn = row.run.curve if row.run else None
        row.fit = curves.get(drawn[0]) if drawn else None
        row.technique_spec = techniques.get(row.technique)


def _state_of(row):
    if row.measurement_id is None:
        if row.is_left_out:
            return LEFT_OUT
        return ASKING if row.problems else WAITING
    if (reading := row.measurement.state) != "ready":
        return _READING[reading]
    if row.run is None:
        return PLAIN
    if row.run.is_open or row.run.has_open:
        return FITTING
    return FITTED if row.run.state == "done" else UNFITTED


def _ended_at(row):
    if row.measurement_id is None or row.state in OPEN:
        return None
    parsing = row.measurement.parsing
    return row.run.finished_at if row.run else parsing and parsing.finished_at


def _runs_of(measurement_ids):
    """The run to show of each measurement: the one that counts, else the newest."""
    rows = with_verdict(
        AnalysisRun.objects.filter(measurement_id__in=measurement_ids).select_related(
            "measurement__sample", "measurement__project", "project"
        )
    ).order_by("-pk")
    chosen = {}
    for run in describe_rows(rows):
        held = chosen.get(run.measurement_id)
        run.has_open = run.is_open or bool(held and held.has_open)
        if held is None or (run.stands and not held.stands):
            chosen[run.measurement_id] = run
        elif run.is_open:
            held.has_open = True
    return chosen


def _curves_of(drawn):
    """Data and fit of result datasets as few points, as `describe_rows` names them."""
    channels = {uuid: names for uuid, *names in drawn[:CURVES_DRAWN]}
    found = {}
    for row in Dataset.objects.filter(uuid__in=channels).select_related("blob"):
        data, fit = channels[row.uuid]
        curve = load_preview(row).get("curve")
        if curve is not None:
            found[row.uuid] = {
                "data": few_points(curve, data),
                "fit": few_points(curve, fit),
            }
    return found


def _cells_of(sample_ids):
    """Labels of the cells of samples, by row id."""
    labels = {}
    cells = Cell.objects.filter(sample__in=sample_ids, archived_at__isnull=True)
    for sample, label in cells.values_list("sample_id", "label"):
        labels.setdefault(sample, []).append(label)
    return labels


def accept_good(*, user, intake):
    """Accept every fit of an intake that the rule calls good.

    Returns
    -------
    list of Decision
    """
    with transaction.atomic():
        rows = describe_intake(intake).good
        return analysis_services.decide_many(
            user=user,
            runs=[row.run for row in rows],
            verdict=Decision.Verdict.ACCEPTED,
            reason=f"Accepted together: {GOOD}.",
        )


def plot_of(overview):
    """The address at which an intake's numbers are best looked at, or None."""
    fitted = [row for row in overview.rows if row.state == FITTED]
    asked = next((row.run.values_shown[0] for row in fitted if row.run.values_shown), 0)
    if not asked:
        return None
    return likely_plot(
        samples=[row.measurement.sample_id for row in fitted],
        quantity=asked.quantity,
        label=asked.label,
    )


def finish_intake_of(job):
    """Note, and tell who dropped the files, when the last of them is fitted.

    Called after every job has ended; what it is about need not come from an intake.
    """
    if not isinstance(job, Parsing | AnalysisRun):
        return
    intake = (
        Intake.objects.filter(
            files__measurement_id=job.measurement_id, finished_at__isnull=True
        )
        .select_related("created_by", "project")
        .first()
    )
    if intake is not None:
        finish_if_over(intake)


def finish_if_over(intake):
    """Mark an intake as finished and send one notice, if nothing is under way."""
    measured = intake.files.filter(measurement__isnull=False)
    if not measured.exists():
        return
    still_read = measured.filter(measurement__parsing__state__in=OPEN_STATES)
    still_fitted = AnalysisRun.objects.filter(
        measurement__intake_file__intake=intake, state__in=OPEN_STATES
    )
    if still_read.exists() or still_fitted.exists():
        return
    now = timezone.now()
    open_rows = Intake.objects.filter(pk=intake.pk, finished_at__isnull=True)
    # Two workers may end the last two fits at once: one of them tells.
    if not open_rows.update(finished_at=now):
        return
    notify(
        user=intake.created_by,
        text=_told(describe_intake(intake)),
        address=intake.get_absolute_url(),
        kind="intake",
    )


def _told(overview):
    parts = [f"{overview.measured} files are read and fitted"]
    if overview.measured == 1:
        parts = ["1 file is read and fitted"]
    if overview.good:
        parts.append(f"{len(overview.good)} good")
    if overview.doubtful:
        parts.append(f"{len(overview.doubtful)} to look at")
    if overview.failed:
        parts.append(f"{overview.failed} failed")
    if waiting := overview.total - overview.measured:
        parts.append(f"{waiting} not uploaded yet")
    return ", ".join(parts) + "."
