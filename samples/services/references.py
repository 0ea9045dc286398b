"""From what people write (codes, names, slugs) to the rows they may mean."""

import uuid
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from labdata.common.people.access import Project
from samples.formula import normalise_name
from samples.models import Batch, Lot, Material, MaterialName, Sample


def as_uuid(text):
    """The UUID a text spells, or None."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def resolve_project(user: User, text: str, *, field: str = "project") -> Project:
    """Find one of a person's projects by slug or id."""
    projects = Project.objects.visible_to(user)
    public_id = as_uuid(text)
    found = projects.filter(uuid=public_id) if public_id else projects.filter(slug=text)
    project = found.first()
    if project is None:
        raise ValidationError({field: f"There is no project {str(text)!r} of yours."})
    return project


def resolve_samples(
    user: User,
    texts: Sequence[str],
    *,
    project: Project | None = None,
    field: str = "sample",
) -> list[Sample]:
    """Find samples by code or id among what a person may see, in one query each way.

    A code that stands in several projects is looked for in ``project`` first.
    """
    texts = [str(text) for text in texts]
    visible = Sample.objects.visible_to(user).select_related("project")
    ids = {text: as_uuid(text) for text in texts}
    by_uuid = visible.in_bulk([i for i in ids.values() if i], field_name="uuid")
    by_code = {}
    codes = [text for text, public_id in ids.items() if public_id is None]
    for sample in visible.filter(code__in=codes):
        by_code.setdefault(sample.code, []).append(sample)
    found = []
    for text in texts:
        choices = (
            [by_uuid[ids[text]]] if ids[text] in by_uuid else by_code.get(text, [])
        )
        if len(choices) > 1 and project is not None:
            choices = [s for s in choices if s.project_id == project.pk] or choices
        if not choices:
            raise ValidationError({field: f"There is no sample {text!r}."})
        if len(choices) > 1:
            slugs = ", ".join(sorted(s.project.slug for s in choices))
            raise ValidationError(
                {field: f"{text!r} exists in several projects ({slugs}): say which."}
            )
        found.append(choices[0])
    return found


def resolve_sample(
    user: User, text: str, *, project: Project | None = None, field: str = "sample"
) -> Sample:
    """Find one sample by code or id among what a person may see."""
    return resolve_samples(user, [text], project=project, field=field)[0]


def resolve_batch(
    project: Project, code: str | Batch | None, *, user: User | None = None
) -> Batch | None:
    """The batch of this code, made on first mention."""
    if not code:
        return None
    batch = Batch.objects.filter(project=project, code=code).first()
    if batch is None:
        batch = Batch(project=project, code=code, created_by=user)
        batch.full_clean()
        batch.save()
    return batch


def find_materials(project, names):
    """Map each name to the material it means in a project, as far as known.

    A project's own name for a material comes before a shared one.
    """
    wanted = {name: normalise_name(name) for name in names}
    usable = Material.objects.usable_in(project)
    known = {}
    for entry in (
        MaterialName.objects.filter(
            normalised__in=set(wanted.values()), material__in=usable
        )
        .select_related("material")
        .order_by("pk")
    ):
        held = known.get(entry.normalised)
        if held is None or held.project_id is None:
            known[entry.normalised] = entry.material
    return {name: known[key] for name, key in wanted.items() if key in known}


def resolve_material(
    project: Project, text: str, *, field: str = "material"
) -> Material:
    """Find a material by name, alias or id among those a project may use."""
    public_id = as_uuid(text)
    if public_id:
        material = Material.objects.usable_in(project).filter(uuid=public_id).first()
    else:
        material = find_materials(project, [text]).get(text)
    if material is None:
        raise ValidationError({field: f"There is no material {str(text)!r}."})
    return material


def resolve_lot(project: Project, code: str, *, field: str = "lot") -> Lot:
    """Find a lot of a project by its code or id."""
    public_id = as_uuid(code)
    lots = Lot.objects.filter(project=project)
    lot = lots.filter(uuid=public_id) if public_id else lots.filter(code=code)
    if not lot.exists():
        raise ValidationError({field: f"There is no lot {str(code)!r}."})
    return lot.get()
