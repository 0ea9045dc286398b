"""What a mixture is, proposed from the samples and lots that go into it."""

from dataclasses import dataclass

from labdata.common.measures.units import UnitError, parse_quantity
from labdata.site.drawings.ancestry import inherited_composition
from samples.formula import composition_text
from samples.mixtures import Part, UnknownMixture, mixed_fractions
from samples.models import Basis


@dataclass(frozen=True)
class Proposal:
    """A composition to take over, or why the amounts do not tell one."""

    text: str = ""
    reason: str = ""


def propose_mixture(user, found, rows):
    """Propose a composition from the rows of inputs, once there are two of them.

    Parameters
    ----------
    found : dict
        Code to ``{"sample": Sample}`` or ``{"lot": Lot}``.
    rows : list of dict
        With ``code`` and ``amount`` as typed.
    """
    rows = [row for row in rows if row["code"] in found]
    if len(rows) < 2:
        return Proposal()
    parts = [_part(user, found[row["code"]], row) for row in rows]
    try:
        fractions = mixed_fractions(parts)
    except UnknownMixture as error:
        return Proposal(reason=str(error))
    return Proposal(composition_text(list(fractions.items()), Basis.WEIGHT.value))


def _part(user, thing, row):
    try:
        mass = parse_quantity(row["amount"], unit="mg") if row["amount"] else None
    except UnitError:
        mass = None
    if mass is not None and row["amount"].strip()[-1:].isdigit():
        # A bare number has no unit, and might be a volume.
        mass = None
    if "lot" in thing:
        return Part(row["code"], mass, {thing["lot"].material.name: 1.0})
    composition, _ = inherited_composition(user, thing["sample"])
    return Part(row["code"], mass, _fractions(composition))


def _fractions(composition):
    """Weight fractions of the materials of a composition, where they are known."""
    if composition is None:
        return None
    components = list(composition.components.select_related("material"))
    if not components or composition.formula:
        return {composition.text: 1.0}
    if composition.basis != Basis.WEIGHT or any(c.amount is None for c in components):
        return None
    return {c.material.name: c.amount for c in components if c.amount}
