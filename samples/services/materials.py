"""Materials, the names they go by, and lots."""

import datetime
from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from labdata.common.people.access import Project, require_unlimited, require_write
from labdata.common.record.edits import hold, save_edit
from labdata.common.record.names import refuses_unknown_names
from samples.facts import replace_facts, with_descendants
from samples.formula import CompositionError, normalise_name, parse_formula
from samples.models import Component, Lot, Material, MaterialName

PLAIN_FIELDS = (
    "formula",
    "molar_mass",
    "density",
    "cas_number",
    "smiles",
    "inchi_key",
    "notes",
)


class MaterialFields(TypedDict, total=False):
    """What is known of a substance beside its names."""

    formula: str
    molar_mass: float | None
    density: float | None
    cas_number: str
    smiles: str
    inchi_key: str
    notes: str


class MaterialChanges(MaterialFields, total=False):
    """What may change of a material; its project is named only to be refused."""

    name: str
    aliases: Sequence[str] | None
    project: str | None


class LotFields(TypedDict, total=False):
    """What stands on the bottle."""

    supplier: str
    purity: str
    amount: str
    received_on: datetime.date | None
    opened_on: datetime.date | None
    notes: str


class LotChanges(LotFields, total=False):
    """What may change of a lot."""

    code: str


def require_material_write(user, project):
    """A project's materials are its writers'; shared ones anyone signed in may add."""
    if project is not None:
        require_write(user, project)
    elif not user.is_authenticated:
        raise PermissionDenied("Sign in first.")
    else:
        require_unlimited(user)


def _require_care(user, material):
    require_material_write(user, material.project)
    if material.project_id is None and not (
        user.is_staff or material.created_by_id == user.pk
    ):
        raise PermissionDenied(
            "A shared material is changed by who added it or by an administrator."
        )


@refuses_unknown_names
@transaction.atomic
def create_material(
    *,
    user: User,
    project: Project | None,
    name: str,
    aliases: Sequence[str] = (),
    **values: Unpack[MaterialFields],
) -> Material:
    """Add a material to a project, or without one to the materials all share."""
    require_material_write(user, project)
    material = Material(project=project, name=name.strip(), created_by=user)
    _set(material, values)
    material.save()
    _set_names(material, aliases)
    return material


@refuses_unknown_names
@transaction.atomic
def update_material(
    *, user: User, material: Material, **values: Unpack[MaterialChanges]
) -> Material:
    """Change a material; the facts of every sample that contains it follow.

    A shared material is changed by who added it, or by the lab's administrators.
    """
    hold(material)
    _require_care(user, material)
    if "project" in values:
        raise ValidationError({"project": "A material stays where it was added."})
    if "name" in values:
        material.name = values["name"].strip()
    _set(material, values)
    save_edit(material)
    aliases = values.get("aliases")
    if aliases is None:
        aliases = [entry.name for entry in material.names.all()]
    _set_names(material, aliases)
    users = Component.objects.filter(material=material)
    replace_facts(
        sample_ids=with_descendants(
            users.values_list("composition__samples", flat=True).exclude(
                composition__samples__isnull=True
            )
        )
    )
    return material


def _set(material, values):
    for field in PLAIN_FIELDS:
        if field in values:
            setattr(material, field, values[field])
    if material.formula:
        try:
            parsed = parse_formula(material.formula)
        except CompositionError as error:
            raise ValidationError({"formula": str(error)}) from error
        if material.molar_mass is None:
            material.molar_mass = parsed.molar_mass
    material.full_clean()


def _set_names(material, aliases):
    wanted = {}
    for name in [material.name, *aliases]:
        wanted.setdefault(normalise_name(name), name.strip())
    scope = MaterialName.objects.filter(project=material.project)
    taken = scope.filter(normalised__in=wanted).exclude(material=material)
    if clash := taken.select_related("material").first():
        field = (
            "name" if clash.normalised == normalise_name(material.name) else "aliases"
        )
        raise ValidationError(
            {field: f"{clash.name!r} already means the material {clash.material}."}
        )
    for entry in material.names.exclude(normalised__in=wanted):
        entry.delete()
    kept = set(material.names.values_list("normalised", flat=True))
    for normalised, name in wanted.items():
        if normalised not in kept:
            MaterialName(
                material=material,
                project=material.project,
                name=name,
                normalised=normalised,
            ).save()


@transaction.atomic
def archive_material(*, user: User, material: Material, archived: bool) -> Material:
    """Put a material away: samples keep it, and nothing new is made with it."""
    hold(material)
    _require_care(user, material)
    material.archived_at = timezone.now() if archived else None
    save_edit(material)
    return material


@refuses_unknown_names
@transaction.atomic
def create_lot(
    *,
    user: User,
    project: Project,
    material: Material,
    code: str,
    **values: Unpack[LotFields],
) -> Lot:
    """Log a bought or made portion of a material."""
    require_write(user, project)
    lot = Lot(project=project, material=material, code=code, created_by=user, **values)
    _check_lot(lot)
    lot.save()
    return lot


@refuses_unknown_names
@transaction.atomic
def update_lot(*, user: User, lot: Lot, **values: Unpack[LotChanges]) -> Lot:
    """Change what is known of a lot."""
    hold(lot)
    require_write(user, lot.project)
    for field, value in values.items():
        setattr(lot, field, value)
    _check_lot(lot)
    save_edit(lot)
    return lot


def _check_lot(lot):
    same = Lot.objects.filter(project=lot.project, code=lot.code).exclude(pk=lot.pk)
    if same.exists():
        raise ValidationError({"code": f"There is a lot {lot.code} already."})
    lot.full_clean(validate_constraints=False)
