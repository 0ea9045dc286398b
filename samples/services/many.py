"""Changing many samples at once: all of them, or none."""

from collections.abc import Collection, Sequence
from typing import TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from labdata.common.api.errors import NestedValidationError
from labdata.common.people.access import Project
from labdata.common.record.edits import hold_many
from labdata.common.record.names import refuses_unknown_names
from samples.facts import replace_facts, with_descendants
from samples.models import Sample
from samples.services.samples import write_changes

MOST = 500


class CommonFields(TypedDict, total=False):
    """What can be said of many samples at once."""

    batch: str
    location: str
    owner: str
    archived: bool


@refuses_unknown_names
@transaction.atomic
def change_samples(
    *,
    user: User,
    samples: Sequence[Sample],
    add_tags: Collection[str] = (),
    remove_tags: Collection[str] = (),
    **values: Unpack[CommonFields],
) -> int:
    """Change the same fields of many samples; those that change nothing are left.

    Parameters
    ----------
    samples : list of Sample
        They may be of several projects.
    values
        ``batch``, ``location`` and ``owner`` as `update_sample` takes them, and
        ``archived``, True or False.

    Returns
    -------
    int
        How many samples were changed.

    Raises
    ------
    NestedValidationError
        Under ``samples``, by code, whatever keeps one of them from being changed.
    """
    if len(samples) > MOST:
        raise ValidationError(
            f"{len(samples)} samples are too many to change at once: at most {MOST}."
        )
    rows = (
        hold_many(Sample.objects.filter(pk__in=[sample.pk for sample in samples]))
        .select_related("project", "batch", "owner")
        .prefetch_related("tags")
        .order_by("code", "pk")
    )
    writable = set(Project.objects.writable_by(user).values_list("pk", flat=True))
    errors, changed = {}, []
    for sample in rows:
        given = _differing(sample, values)
        tags = _tags(sample, add_tags, remove_tags)
        if tags is not None:
            given["tags"] = tags
        if not given:
            continue
        try:
            if sample.project_id not in writable:
                raise ValidationError(f"You may not change {sample.project.slug}.")
            write_changes(sample, user, given)
            changed.append(sample.pk)
        except ValidationError as error:
            errors[sample.code] = error.messages
    if errors:
        raise NestedValidationError({"samples": errors})
    replace_facts(sample_ids=with_descendants(changed))
    return len(changed)


def _differing(sample, values):
    """The values that a sample does not have already."""
    has = {
        "batch": sample.batch.code if sample.batch else "",
        "location": sample.location,
        "owner": sample.owner.get_username() if sample.owner else "",
        "archived": sample.archived_at is not None,
    }
    return {name: value for name, value in values.items() if has[name] != value}


def _tags(sample, added, removed):
    """The tags a sample is to have; None where that is what it has."""
    names = [tag.name for tag in sample.tags.all()]
    wanted = [name for name in names if name not in removed]
    wanted += [name for name in added if name not in names]
    return wanted if wanted != names else None
