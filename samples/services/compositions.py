"""Compositions from what people write: a notation, a formula, or a table."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from labdata.common.people.access import Project
from samples.formula import (
    CompositionError,
    check_amounts,
    composition_text,
    normalise_name,
    parse_basis,
    parse_composition,
    parse_formula,
)
from samples.models import Component, Composition, Material, MaterialName
from samples.services.materials import create_material
from samples.services.references import as_uuid, find_materials, resolve_material


def create_composition(
    *,
    user: User,
    project: Project,
    value: str | Mapping[str, Any] | None,
    create_materials: bool = False,
) -> Composition | None:
    """Make a composition of text or of ``{basis, components: [{material, amount}]}``.

    A compound's formula needs no material to be there. Materials that a blend names
    and nobody has added are refused by name, or made where that was asked for.

    Raises
    ------
    ValidationError
        Under ``composition``.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, dict):
            text, basis, formula, components = _read_table(project, value)
        else:
            text, basis, formula, components = _read_text(project, str(value))
    except CompositionError as error:
        raise ValidationError({"composition": str(error)}) from error
    materials = find_materials(project, [name for name, _, _ in components])
    missing = [entry for entry in components if entry[0] not in materials]
    if formula and not create_materials:
        components = [entry for entry in components if entry[0] in materials]
    elif missing and not create_materials:
        names = ", ".join(name for name, _, _ in missing)
        raise ValidationError(
            {
                "composition": f"Not known as materials yet: {names}. Spell them as "
                "they are known, or have them added."
            }
        )
    else:
        for name, _, found in missing:
            materials[name] = create_material(
                user=user,
                project=project,
                name=name,
                formula=str(found) if found is not None else "",
            )
    _refuse_twice([materials[name] for name, _, _ in components])
    composition = Composition(
        project=project, basis=basis, text=text, formula=formula, created_by=user
    )
    composition.full_clean()
    composition.save()
    Component.objects.bulk_create(
        [
            Component(
                composition=composition,
                position=position,
                material=materials[name],
                amount=amount,
            )
            for position, (name, amount, _) in enumerate(components)
        ]
    )
    return composition


def read_composition(project, text):
    """What a notation says in a project, before anything is saved.

    A name the lab uses for a material comes before its reading as a formula.
    """
    key = normalise_name(text)
    known = MaterialName.objects.filter(
        normalised=key, material__in=Material.objects.usable_in(project)
    )
    return parse_composition(text, known_materials={key} if known.exists() else ())


def _read_text(project, text):
    parsed = read_composition(project, text)
    components = [(c.name, c.amount, c.formula) for c in parsed.components]
    formula = ""
    if parsed.formula is not None and parsed.style in ("formula", "alloy", "material"):
        formula = str(parsed.formula)
    if parsed.style == "alloy":
        components = []
    return text.strip(), parsed.basis, formula, components


def _read_table(project, value):
    unknown = set(value) - {"basis", "components"}
    rows = value.get("components")
    if unknown or not isinstance(rows, list):
        raise CompositionError("write {basis, components: [{material, amount}]}")
    names, amounts = [], []
    for row in rows:
        if not isinstance(row, dict) or not row.get("material"):
            raise CompositionError("each component is {material, amount}")
        if others := sorted(map(str, set(row) - {"material", "amount"})):
            raise CompositionError(
                f"a component has a material and an amount, no {', '.join(others)}"
            )
        name = str(row["material"])
        if as_uuid(name):
            name = resolve_material(project, name, field="composition").name
        amount = row.get("amount")
        if amount is not None and (
            isinstance(amount, bool) or not isinstance(amount, int | float)
        ):
            raise CompositionError(f"the amount of {name} is {amount!r}, no number")
        names.append(name)
        amounts.append(amount)
    fractions = check_amounts(names, amounts)
    basis = parse_basis(str(value.get("basis") or "wt"))
    text = composition_text(list(zip(names, fractions, strict=True)), basis)
    entries = [
        (name, amount, _formula_of(name))
        for name, amount in zip(names, fractions, strict=True)
    ]
    return text, basis, "", entries


def _formula_of(name):
    try:
        return parse_formula(name)
    except CompositionError:
        return None


def _refuse_twice(materials):
    seen = set()
    for material in materials:
        if material.pk in seen:
            raise ValidationError(
                {"composition": f"{material.name} is named twice, by two of its names."}
            )
        seen.add(material.pk)
