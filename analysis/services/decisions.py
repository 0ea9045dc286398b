"""Accepting and rejecting what was found, with a reason that stays."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from analysis.models import AnalysisRun, Decision, PropertyValue
from labdata.common.people.access import require_write
from samples.facts import replace_facts


@transaction.atomic
def decide(
    *, user: User, about: AnalysisRun | PropertyValue, verdict: str, reason: str = ""
) -> Decision:
    """Accept or reject a run or a value, or withdraw an earlier decision.

    Raises
    ------
    ValidationError
        If the verdict is unknown, a rejection has no reason, or the run has no
        result to decide about.
    """
    require_write(user, about.project)
    decision = _decide(user, about, verdict, reason)
    _replace_facts_about([about])
    return decision


@transaction.atomic
def decide_many(
    *, user: User, runs: Sequence[AnalysisRun], verdict: str, reason: str = ""
) -> list[Decision]:
    """Say the same of several runs, all of which must have a result.

    Raises
    ------
    ValidationError
        As `decide` does, before anything is written.
    """
    for run in runs:
        require_write(user, run.project)
    decisions = [_decide(user, run, verdict, reason) for run in runs]
    _replace_facts_about(runs)
    return decisions


@transaction.atomic
def undo_decisions(*, user: User, decisions: Sequence[Decision]) -> list[Decision]:
    """Put back what was said of runs before each of these decisions.

    A decision that is no longer the newest about its run is left alone.
    """
    runs, undone = [], []
    for decision in decisions:
        require_write(user, decision.project)
        said = list(Decision.objects.filter(run=decision.run_id)[:2])
        if said[0].pk != decision.pk:
            continue
        before = said[1] if len(said) > 1 else None
        verdict = before.verdict if before else Decision.Verdict.WITHDRAWN
        reason = before.reason if before else "Undone."
        undone.append(_decide(user, decision.run, verdict, reason))
        runs.append(decision.run)
    _replace_facts_about(runs)
    return undone


def _decide(user, about, verdict, reason):
    is_run = isinstance(about, AnalysisRun)
    if verdict not in Decision.Verdict.values:
        known = ", ".join(Decision.Verdict.values)
        raise ValidationError({"verdict": f"{verdict!r} is not one of {known}."})
    reason = (reason or "").strip()
    if verdict == Decision.Verdict.REJECTED and not reason:
        raise ValidationError({"reason": "Say why it is rejected."})
    if is_run and about.state != AnalysisRun.State.DONE:
        raise ValidationError(
            {"state": f"This run is {about.state}: it has no result."}
        )
    decision = Decision(
        project_id=about.project_id,
        run=about if is_run else None,
        value=None if is_run else about,
        verdict=verdict,
        reason=reason,
        user=user,
    )
    decision.full_clean()
    decision.save()
    return decision


def _replace_facts_about(things):
    """Accepting one value holds its whole run, so the run's other values follow."""
    runs, samples = [], set()
    for about in things:
        if isinstance(about, AnalysisRun):
            runs.append(about.pk)
        elif about.run_id is None:
            samples.add(about.sample_id)
        else:
            runs.append(about.run_id)
    of_runs = PropertyValue.objects.filter(run_id__in=runs)
    samples.update(of_runs.values_list("sample_id", flat=True))
    replace_facts(sample_ids=sorted(samples))
