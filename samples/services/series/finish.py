"""Saying at once that everything planned of a batch was done."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from labdata.common.people.access import require_write
from labdata.common.record.edits import hold_many
from samples.facts import replace_facts, with_descendants
from samples.models import Batch, Process, ProcessInput, ProcessOutput, TimePrecision

AT_ONCE = 200


def planned_of(batch):
    """The acts of a batch, or on its samples, that are still planned."""
    return (
        Process.objects.current()
        .filter(Q(batch=batch) | Q(outputs__sample__batch=batch))
        .filter(project=batch.project, state=Process.State.PLANNED)
        .distinct()
    )


@transaction.atomic
def finish_batch(*, user: User, batch: Batch) -> int:
    """Mark all planned acts of a batch as done; answers how many there were.

    They began now, to the day, unless a start is known.

    Raises
    ------
    ValidationError
        If nothing is planned any more.
    """
    require_write(user, batch.project)
    acts = list(hold_many(planned_of(batch)).filter(state=Process.State.PLANNED))
    if not acts:
        raise ValidationError(f"Nothing of {batch.code} is planned any more.")
    now = timezone.now()
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for act in acts:
        act.state = Process.State.DONE
        act.version += 1
        act.updated_at = now
        if act.started_at is None:
            act.started_at = today
            act.started_precision = TimePrecision.DAY
            act.started_zone = str(timezone.get_current_timezone())
    bulk_update_with_history(
        acts,
        Process,
        [
            "state",
            "version",
            "updated_at",
            "started_at",
            "started_precision",
            "started_zone",
        ],
        batch_size=AT_ONCE,
    )
    ids = [act.pk for act in acts]
    touched = {
        *ProcessOutput.objects.filter(process__in=ids).values_list("sample", flat=True),
        *ProcessInput.objects.filter(process__in=ids, process__in_place=True)
        .exclude(sample=None)
        .values_list("sample", flat=True),
    }
    replace_facts(sample_ids=with_descendants(touched))
    return len(acts)
