"""Extra fields of projects, and the values records give them."""

from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from labdata.common.measures.units import UnitError, find_unit, parse_quantity
from labdata.common.people.access import Project, Role, require_role
from labdata.common.record.edits import hold, save_edit
from labdata.common.record.names import refuses_unknown_names
from labdata.plugin.numbers import is_finite
from samples.models import ExtraField


class ExtraFieldFields(TypedDict, total=False):
    """A field that a project adds to its samples, processes or measurements."""

    target: str
    key: str
    label: str
    kind: str
    unit: str
    choices: Sequence[str]


@refuses_unknown_names
@transaction.atomic
def create_extra_field(
    *, user: User, project: Project, **values: Unpack[ExtraFieldFields]
) -> ExtraField:
    """Add a field to a project's records; managers decide on these."""
    require_role(user, project, Role.MANAGER)
    field = ExtraField(project=project, created_by=user, **values)
    _check(field)
    field.save()
    return field


@refuses_unknown_names
@transaction.atomic
def update_extra_field(
    *, user: User, field: ExtraField, **values: Unpack[ExtraFieldFields]
) -> ExtraField:
    """Change what a field is called and offers; its key, kind and unit stay."""
    hold(field)
    require_role(user, field.project, Role.MANAGER)
    for name in ("key", "kind", "unit", "target"):
        if name in values and values[name] != getattr(field, name):
            raise ValidationError(
                {name: "This cannot change: values were stored by it. Add a field."}
            )
    for name in ("label", "choices"):
        if name in values:
            setattr(field, name, values[name])
    _check(field)
    save_edit(field)
    return field


def _check(field):
    if field.unit:
        try:
            find_unit(field.unit)
        except UnitError as error:
            raise ValidationError({"unit": str(error)}) from error
    if field.unit and field.kind != ExtraField.Kind.NUMBER:
        raise ValidationError({"unit": "Only a number has a unit."})
    twins = ExtraField.objects.filter(
        project=field.project, target=field.target, key=field.key
    )
    if twin := twins.exclude(pk=field.pk).first():
        raise ValidationError(
            {"key": f"{field.key!r} is taken by the field {twin.label!r}."}
        )
    if field.kind == ExtraField.Kind.CHOICE and not field.choices:
        raise ValidationError({"choices": "A choice needs at least one answer."})
    field.full_clean()


def check_extra(project, target, values):
    """Check the extra values of a record against its project's fields.

    Raises
    ------
    ValidationError
        Under ``extra``, with the field's key and what it takes.
    """
    if not isinstance(values or {}, dict):
        raise ValidationError({"extra": "Extra fields are a map of key to value."})
    fields = {
        field.key: field
        for field in ExtraField.objects.current().filter(project=project, target=target)
    }
    checked, errors = {}, []
    for key, value in (values or {}).items():
        if key not in fields:
            known = ", ".join(sorted(fields)) or "none"
            errors.append(f"{project.slug} has no field {key!r} here (has: {known}).")
        elif value is not None and value != "":
            try:
                checked[key] = _extra_value(fields[key], value)
            except ValueError as error:
                errors.append(f"{fields[key].label}: {error}")
    if errors:
        raise ValidationError({"extra": errors})
    return checked


def _extra_value(field, value):
    if field.kind == ExtraField.Kind.NUMBER:
        if isinstance(value, bool):
            raise ValueError("a number is needed.")
        if not isinstance(value, int | float):
            return parse_quantity(str(value), unit=field.unit or "1")
        if not is_finite(value):
            raise ValueError(f"{value} is not a finite number.")
        return float(value)
    text = str(value)
    if field.kind == ExtraField.Kind.CHOICE and text not in field.choices:
        raise ValueError(f"{text!r} is none of {', '.join(field.choices)}.")
    if len(text) > 300:
        raise ValueError("at most 300 characters.")
    return text
