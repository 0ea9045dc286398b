"""Work under way: what is read and fitted now, how fast, and for how long still."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Window
from django.utils import timezone

from analysis.models import AnalysisRun
from labdata.common.jobs.models import OPEN_STATES, State
from measurements.models import Measurement, Parsing

SHOWN = 4
# What a rate is taken from; nothing older says how fast it goes now.
RECENT = timedelta(minutes=10)
# Jobs are done about in the order they were asked for, so that those which ended
# lately lie this near to the first that is open, however long the history.
NEAR = 500


@dataclass(frozen=True)
class Pace:
    """How much of the work of the last minutes is done, and what is left of it.

    ``minutes_left`` is None until something has ended to tell the pace from.
    """

    open: int
    running: int
    done: int
    failed: int
    per_minute: float | None
    minutes_left: float | None

    @property
    def ended(self) -> int:
        return self.done + self.failed

    @property
    def fraction(self) -> float:
        return self.ended / max(1, self.ended + self.open)

    @property
    def rate(self) -> str:
        """Ended jobs a minute: ``142``, ``3.4``."""
        rate = self.per_minute or 0.0
        return f"{rate:.0f}" if rate >= 10 else f"{rate:.2g}"

    @property
    def time_left(self) -> str:
        """``less than a minute``, ``about 4 minutes``, ``about 2 h``."""
        if self.minutes_left is None:
            return ""
        if self.minutes_left < 1:
            return "less than a minute"
        if self.minutes_left < 90:
            minutes = math.ceil(self.minutes_left)
            return f"about {minutes} minute{'s' if minutes > 1 else ''}"
        return f"about {self.minutes_left / 60:.0f} h"


@dataclass(frozen=True)
class UnderWay:
    """Readings and runs that are open, the first of each, and their pace."""

    readings: list
    runs: list
    pace: Pace

    @property
    def is_busy(self) -> bool:
        return self.pace.open > 0

    @property
    def not_shown(self) -> int:
        return self.pace.open - len(self.readings) - len(self.runs)


def under_way(user):
    """What works for a person's projects now, in four queries."""
    visible = Measurement.objects.visible_to(user)
    readings = Parsing.objects.filter(measurement__in=visible)
    runs = AnalysisRun.objects.visible_to(user)
    first = [_first(jobs) for jobs in (readings, runs)]
    ended = [
        job
        for jobs, rows in zip((readings, runs), first, strict=True)
        for job in _ended(jobs, rows)
    ]
    shown = [row for rows in first for row in rows]
    pace = pace_of(
        ended,
        timezone.now(),
        still_open=sum(rows[0].of_all for rows in first if rows),
        running=sum(1 for row in shown if row.state == State.RUNNING),
    )
    return UnderWay(readings=first[0], runs=first[1], pace=pace)


def _first(jobs):
    """The open jobs that come first, each with the number and the oldest of all."""
    rows = jobs.open().select_related("measurement__sample").defer("traceback")
    # "running" comes after "queued" in the alphabet.
    rows = rows.filter(state__in=OPEN_STATES).order_by("-state", "pk")
    return list(
        rows.annotate(of_all=Window(Count("pk")), oldest=Window(Min("pk")))[:SHOWN]
    )


def _ended(jobs, first):
    since = timezone.now() - RECENT
    ended = jobs.filter(finished_at__gte=since)
    if first:
        ended = ended.filter(pk__gt=first[0].oldest - NEAR)
        return ended.values_list("state", "started_at", "finished_at")
    newest = jobs.order_by("-pk").values_list("state", "started_at", "finished_at")
    return [job for job in newest[:NEAR] if job[2] and job[2] >= since]


def pace_of(ended, now, *, still_open, running):
    """The pace of jobs that ended lately, given as state, start and end."""
    ended = list(ended)
    per_minute = None
    if ended:
        first = max(min(job[1] or job[2] for job in ended), now - RECENT)
        span = max((now - first).total_seconds(), 1.0)
        per_minute = 60 * len(ended) / span
    done = sum(1 for job in ended if job[0] == State.DONE)
    return Pace(
        open=still_open,
        running=running,
        done=done,
        failed=len(ended) - done,
        per_minute=per_minute,
        minutes_left=still_open / per_minute if per_minute else None,
    )
