"""The closure table: who descends from whom, kept true as processes change."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from samples.models import Ancestry, ProcessInput, ProcessOutput, Sample


def add_root(sample):
    """Start the ancestry of a new sample: itself."""
    Ancestry.objects.create(ancestor=sample, descendant=sample, depth=0)


@transaction.atomic
def refresh_ancestry(*, sample_ids: Iterable[int]) -> set[int]:
    """Recompute the ancestors of the samples and of all that descends from them.

    Raises
    ------
    ValidationError
        If a sample would descend from itself; nothing is changed then.
    """
    affected = _walk(set(sample_ids), _children_of)
    parents = _parents_within(affected)
    depths = {}
    for sample_id in affected:
        _depths_of(sample_id, parents, depths, trail=())
    Ancestry.objects.filter(descendant_id__in=affected).delete()
    Ancestry.objects.bulk_create(
        [
            Ancestry(ancestor_id=ancestor, descendant_id=sample_id, depth=depth)
            for sample_id in affected
            for ancestor, depth in depths[sample_id].items()
        ],
        batch_size=500,
    )
    return affected


def _walk(start, step):
    found, edge = set(start), set(start)
    while edge:
        edge = {there for _, there in step(edge)} - found
        found |= edge
    return found


def _children_of(sample_ids):
    return ProcessOutput.objects.filter(
        process__inputs__sample_id__in=sample_ids
    ).values_list("process__inputs__sample_id", "sample_id")


def _parents_of(sample_ids):
    return ProcessInput.objects.filter(
        process__outputs__sample_id__in=sample_ids, sample__isnull=False
    ).values_list("process__outputs__sample_id", "sample_id")


def _parents_within(sample_ids):
    parents = {}
    edge, seen = set(sample_ids), set(sample_ids)
    while edge:
        links = set(_parents_of(edge))
        for child, parent in links:
            parents.setdefault(child, set()).add(parent)
        edge = {parent for _, parent in links} - seen
        seen |= edge
    return parents


def _depths_of(sample_id, parents, depths, trail):
    if sample_id in trail:
        codes = dict(Sample.objects.filter(pk__in=trail).values_list("pk", "code"))
        ring = [codes[pk] for pk in trail[trail.index(sample_id) :]]
        raise ValidationError(
            {
                "inputs": "A sample cannot descend from itself: "
                + " → ".join([*ring, ring[0]])
            }
        )
    if sample_id not in depths:
        own = {sample_id: 0}
        for parent in parents.get(sample_id, ()):
            above = _depths_of(parent, parents, depths, (*trail, sample_id))
            for ancestor, depth in above.items():
                own[ancestor] = min(own.get(ancestor, depth + 1), depth + 1)
        depths[sample_id] = own
    return depths[sample_id]
