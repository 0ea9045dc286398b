"""Runs asked for at once by one person, who is told when the last has ended."""

from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse

from analysis.models import AnalysisRun
from labdata.common.people.notices import Notice, notify

FEWEST = 2
BROKEN = ("failed", "errored")


def asked_together(run):
    """The runs the same person asked for at the same moment."""
    return AnalysisRun.objects.filter(
        created_by_id=run.created_by_id, created_at=run.created_at, is_automatic=False
    )


def address_of(run):
    """Path of the list of the runs asked for together with this one."""
    moment = run.created_at.isoformat()
    query = {"mine": "true", "created_after": moment, "created_before": moment}
    return f"{reverse('site:runs')}?{urlencode(query)}"


def told_of_end(run) -> None:
    """Note that a run ends in this transaction; whoever asked is told of the last."""
    if run.created_by_id and not run.is_automatic:
        transaction.on_commit(lambda: _tell(run), robust=True)


def _tell(run):
    """Two that end at the same moment may both be the last: it is told once."""
    together = asked_together(run)
    states = list(together.values_list("state", flat=True))
    if len(states) < FEWEST or {"queued", "running"} & set(states):
        return
    address = address_of(run)
    if Notice.objects.filter(user_id=run.created_by_id, address=address).exists():
        return
    text = f"{len(states)} runs of {run.get_analysis_display()} have ended"
    broken = sum(1 for state in states if state in BROKEN)
    text += f", {broken} without a result." if broken else "."
    notify(user=run.created_by, text=text, kind="runs", address=address)
