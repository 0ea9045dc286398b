"""Creating, editing and putting away samples."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from labdata.common.people.access import Project, require_write
from labdata.common.record.edits import hold, save_edit
from labdata.common.record.names import refuses_unknown_names
from labdata.common.record.records import Record
from samples.facts import replace_facts, with_descendants
from samples.models import Ancestry, Batch, ExtraField, Sample, Tag
from samples.services.compositions import create_composition
from samples.services.fields import check_extra
from samples.services.lineage import add_root
from samples.services.references import resolve_batch, resolve_sample
from samples.services.together import together

PLAIN_FIELDS = ("code", "kind", "name", "location", "notes")


class SharedFields(TypedDict, total=False):
    """What samples that are logged together may have in common."""

    name: str
    composition: str | Mapping[str, Any] | None
    control: str | None
    owner: str | None
    location: str
    notes: str
    tags: Sequence[str] | None
    extra: Mapping[str, Any] | None


class SampleFields(SharedFields, total=False):
    """What is told of a sample beside its code and kind."""

    batch: str | Batch | None


class SampleChanges(SampleFields, total=False):
    """What may change of a sample; its project is named only to be refused."""

    code: str
    kind: str
    archived: bool
    project: str


@refuses_unknown_names
@transaction.atomic
def create_sample(
    *,
    user: User,
    project: Project,
    code: str,
    kind: str,
    create_materials: bool = False,
    **values: Unpack[SampleFields],
) -> Sample:
    """Log a sample.

    ``composition`` is text or ``{basis, components}``; ``batch``, ``control``,
    ``owner`` and ``tags`` are given by their codes and names.

    Raises
    ------
    ValidationError
        By field, in the words of the lab.
    """
    require_write(user, project)
    sample = Sample(project=project, code=code, kind=kind, created_by=user, owner=user)
    together(
        lambda: _check_code(sample),
        lambda: _set(sample, user, values, create_materials),
        lambda: sample.full_clean(validate_constraints=False),
    )
    sample.save()
    _set_tags(sample, values.get("tags"))
    add_root(sample)
    replace_facts(sample_ids=[sample.pk])
    return sample


@refuses_unknown_names
@transaction.atomic
def update_sample(
    *,
    user: User,
    sample: Sample,
    create_materials: bool = False,
    **values: Unpack[SampleChanges],
) -> Sample:
    """Change the fields given of a sample; its descendants' facts follow."""
    hold(sample)
    require_write(user, sample.project)
    write_changes(sample, user, values, create_materials=create_materials)
    replace_facts(sample_ids=with_descendants([sample.pk]))
    return sample


def write_changes(
    sample: Sample, user: User, values: SampleChanges, *, create_materials: bool = False
) -> None:
    """Check and save the fields given of a sample held; facts are the caller\'s."""
    if "project" in values:
        raise ValidationError({"project": "A sample stays in its project."})
    for field in ("code", "kind"):
        if field in values:
            setattr(sample, field, values[field])
    if "code" in values:
        _check_code(sample)
    _set(sample, user, values, create_materials)
    if "archived" in values:
        sample.archived_at = timezone.now() if values["archived"] else None
    sample.full_clean(validate_constraints=False)
    save_edit(sample)
    _set_tags(sample, values.get("tags"))


def _check_code(sample):
    there = Sample.objects.filter(project=sample.project, code=sample.code)
    other = there.exclude(pk=sample.pk).first()
    if other is None:
        return
    put_away = ", archived" if other.archived_at else ""
    raise ValidationError(
        {
            "code": f"There is a sample {sample.code} in {sample.project.slug} "
            f"already ({other.get_kind_display().lower()}{put_away})."
        }
    )


def _set(sample, user, values, create_materials):
    for field in PLAIN_FIELDS[2:]:
        if field in values:
            setattr(sample, field, values[field] or "")
    if "composition" in values:
        sample.composition = create_composition(
            user=user,
            project=sample.project,
            value=values["composition"],
            create_materials=create_materials,
        )
    if "batch" in values:
        sample.batch = resolve_batch(sample.project, values["batch"], user=user)
    if "control" in values:
        sample.control = _control(user, sample, values["control"])
    if "owner" in values:
        sample.owner = _owner(sample.project, values["owner"])
    if "extra" in values:
        sample.extra = check_extra(
            sample.project, ExtraField.Target.SAMPLE, values["extra"]
        )


def _control(user, sample, code):
    if not code:
        return None
    control = resolve_sample(user, code, project=sample.project, field="control")
    if control.pk == sample.pk:
        raise ValidationError({"control": "A sample cannot be its own control."})
    if control.project_id != sample.project_id:
        raise ValidationError({"control": "The control is in another project."})
    return control


def _owner(project, username):
    if not username:
        return None
    users = get_user_model().objects.filter(memberships__project=project)
    owner = users.filter(username=username).first()
    if owner is None:
        raise ValidationError(
            {"owner": f"{username!r} is no member of {project.slug}."}
        )
    return owner


def _set_tags(sample, names):
    if names is None:
        return
    tags = []
    for name in dict.fromkeys(str(name).strip() for name in names):
        if not name or len(name) > 60:
            raise ValidationError({"tags": "A tag has 1 to 60 characters."})
        tags.append(Tag.objects.get_or_create(project=sample.project, name=name)[0])
    sample.tags.set(tags)


@transaction.atomic
def set_archived(*, user: User, record: Record, archived: bool) -> Record:
    """Put a record away, or bring it back; facts follow for what it touches."""
    hold(record)
    require_write(user, record.project)
    if bool(record.archived_at) != archived:
        record.archived_at = timezone.now() if archived else None
        save_edit(record)
        replace_facts(sample_ids=_touched_by(record))
    return record


def _touched_by(record):
    """The samples whose facts change when a record of this app is put away."""
    if isinstance(record, Sample):
        return with_descendants([record.pk])
    if hasattr(record, "inputs"):
        ids = {entry.sample_id for entry in record.outputs.all()}
        if record.in_place:
            ids |= {entry.sample_id for entry in record.inputs.all()}
        return with_descendants(ids - {None})
    return []


@transaction.atomic
def delete_sample(*, user: User, sample: Sample) -> None:
    """Delete a sample nothing was made of, measured on or said about.

    Raises
    ------
    ProtectedError
        If something depends on it; it can be archived.
    """
    hold(sample)
    require_write(user, sample.project)
    if Ancestry.objects.filter(ancestor=sample, depth__gt=0).exists():
        children = Sample.objects.descendants_of(sample).exclude(pk=sample.pk)
        raise ProtectedError("samples descend from it", set(children))
    sample.delete()
