"""Accepting and rejecting what was found, with a reason that stays."""

from django.core.exceptions import ValidationError
from django.db import transaction

from analysis.models import AnalysisRun, Decision
from labdata.common.access import require_write
from samples.facts import replace_facts


@transaction.atomic
def decide(*, user, about, verdict, reason="") -> Decision:
    """Accept or reject a run or a value, or withdraw an earlier decision.

    Raises
    ------
    ValidationError
        If the verdict is unknown, a rejection has no reason, or the run has no
        result to decide about.
    """
    require_write(user, about.project)
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
    sample_ids = (
        about.values.values_list("sample_id", flat=True)
        if is_run
        else _samples_of_siblings(about)
    )
    replace_facts(sample_ids=list(sample_ids))
    return decision


def _samples_of_siblings(value):
    """Accepting one value holds its whole run, so the run's other values follow."""
    if value.run_id is None:
        return [value.sample_id]
    return value.run.values.values_list("sample_id", flat=True)
