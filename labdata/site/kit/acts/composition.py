"""What a typed composition is understood as, told before anything is saved."""

import math
from dataclasses import dataclass

from labdata.common.measures.numbers import format_measured
from samples.formula import (
    CompositionError,
    composition_html,
    normalise_name,
    parse_composition,
    to_html,
)
from samples.models import Material, MaterialName
from samples.services.references import find_materials

BLENDS = ("groups", "mixture", "list")
BASIS_WORDS = {"wt": "by weight", "mol": "by amount of substance", "vol": "by volume"}


@dataclass(frozen=True)
class Understood:
    """A composition as read, or why it cannot be."""

    html: str = ""
    basis: str = ""
    is_blend: bool = False
    parts: tuple = ()
    unknown: tuple = ()
    total: str = ""
    error: str = ""


def read_composition(project, text, basis=""):
    """Read a composition as the services will; None where nothing was typed."""
    if not text.strip():
        return None
    try:
        parsed = parse_typed(project, text, basis)
    except CompositionError as error:
        return Understood(error=str(error))
    names = [component.name for component in parsed.components]
    known = find_materials(project, names) if project else {}
    is_blend = parsed.style in BLENDS
    parts = tuple(
        {
            "html": composition_html([(one.name, None)], parsed.basis),
            "percent": None if one.amount is None else 100 * one.amount,
            "material": known.get(one.name),
        }
        for one in parsed.components
    )
    return Understood(
        html=to_html(parsed),
        basis=BASIS_WORDS[parsed.basis],
        is_blend=is_blend,
        parts=parts,
        unknown=tuple(n for n in names if n not in known) if project else (),
        total=_total(parsed.components),
    )


def _total(components):
    """The sum of the fractions as told, where all are known."""
    amounts = [one.amount for one in components]
    if len(amounts) < 2 or any(amount is None for amount in amounts):
        return ""
    return f"{format_measured(100 * math.fsum(amounts))} %"


def parse_typed(project, text, basis=""):
    """Parse with the basis chosen, a lab's own material names before formulas."""
    key = normalise_name(text)
    known = ()
    if project is not None:
        usable = Material.objects.usable_in(project)
        names = MaterialName.objects.filter(normalised=key, material__in=usable)
        known = {key} if names.exists() else ()
    return parse_composition(text, basis=basis or None, known_materials=known)


def as_service_value(project, text, basis):
    """What the services take for a text and a chosen basis.

    Raises
    ------
    CompositionError
        If it cannot be read.
    """
    if not text:
        return None
    if not basis:
        return text
    parsed = parse_typed(project, text, basis)
    if parsed.style not in BLENDS:
        return text
    return {
        "basis": parsed.basis,
        "components": [
            {"material": one.name, "amount": one.amount} for one in parsed.components
        ],
    }
