"""The states of a batch of samples, as producers need them."""

from collections import defaultdict

from samples.models import Subject


def subjects_of(sample_ids):
    """Map each sample to its subjects: itself and its cells, whatever their state.

    Cells that were put away are left out.
    """
    found = defaultdict(list)
    for subject in (
        Subject.objects.filter(sample_id__in=sample_ids, cell__archived_at__isnull=True)
        .select_related("cell", "process")
        .order_by("pk")
    ):
        found[subject.sample_id].append(subject)
    return found
