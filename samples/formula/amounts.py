"""What a composition contains: conversion of bases, elements, ions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from samples.formula.composition import parse_basis
from samples.formula.errors import CompositionError
from samples.formula.ions import SITE_NAMES
from samples.formula.model import ParsedFormula


@dataclass(frozen=True, slots=True)
class Constituent:
    """A component and what is known of its material.

    ``molar_mass`` [g/mol] defaults to the formula's; ``density`` is in g/cm³.
    """

    name: str
    amount: float | None
    formula: ParsedFormula | None = None
    molar_mass: float | None = None
    density: float | None = None


def convert_basis(
    components: Sequence[Constituent], from_basis: str, to_basis: str
) -> tuple[float, ...]:
    r"""Convert fractions from one basis to another.

    Parameters
    ----------
    components : sequence of Constituent
        With amounts on ``from_basis``.
    from_basis, to_basis : {"wt", "mol", "vol"}

    Returns
    -------
    tuple of float
        Fractions on ``to_basis``, summing to 1. [1]

    Raises
    ------
    CompositionError
        Naming the materials whose amount, molar mass or density is missing. Components
        with amount zero, and a single component, need neither.

    Notes
    -----
    With molar mass :math:`M_i` and density :math:`\rho_i` of the pure components,

    .. math:: w_i \propto x_i M_i \propto \varphi_i \rho_i

    Volumes are taken as additive.
    """
    source, target = parse_basis(from_basis), parse_basis(to_basis)
    _require("amount", [c for c in components if c.amount is None])
    present = [c for c in components if c.amount]
    if not present:
        raise CompositionError("all amounts are zero")
    alone = len(present) == 1
    scale = {c.name: 1.0 for c in present}
    if source != target and not alone:
        into, out_of = _weights(present, source), _weights(present, target)
        scale = {name: into[name] / out_of[name] for name in into}
    parts = [c.amount * scale[c.name] if c.amount else 0.0 for c in components]
    total = sum(parts)
    return tuple(part / total for part in parts)


def element_fractions(
    components: Sequence[Constituent], basis: str
) -> Mapping[str, float]:
    """Return atomic fractions of the elements in the whole composition.

    Parameters
    ----------
    components : sequence of Constituent
        With formulas.
    basis : {"wt", "mol", "vol"}

    Returns
    -------
    mapping of str to float
        Summing to 1. [1]

    Raises
    ------
    CompositionError
        Naming the materials without a formula, or without what the conversion to
        moles needs.
    """
    _require("formula", [c for c in components if c.amount and not c.formula])
    moles = convert_basis(components, basis, "mol")
    atoms: dict[str, float] = {}
    for component, amount in zip(components, moles, strict=True):
        if amount and component.formula:
            for element, count in component.formula.elements.items():
                atoms[element] = atoms.get(element, 0.0) + amount * count
    total = sum(atoms.values())
    return {element: count / total for element, count in sorted(atoms.items())}


def ion_fractions(
    components: Sequence[Constituent], basis: str
) -> Mapping[str, Mapping[str, float]]:
    """Return the fraction of each ion on each perovskite site.

    Parameters
    ----------
    components : sequence of Constituent
        Those that are no halide perovskite are left out, and so need no data.
    basis : {"wt", "mol", "vol"}

    Returns
    -------
    mapping
        ``{"A": {"Cs": 0.05, …}, "B": …, "X": …}``; fractions of a site sum to 1 and
        are weighted by moles of the perovskites. Empty if there is no perovskite. [1]

    Raises
    ------
    CompositionError
        If several perovskites are mixed in amounts that are unknown or cannot be
        converted to moles.
    """
    perovskites = [
        (component, component.formula.sites)
        for component in components
        if component.formula and component.formula.sites
    ]
    if not any(component.amount != 0 for component, _ in perovskites):
        return {}
    if len(perovskites) == 1:
        return dict(perovskites[0][1].fractions)
    moles = convert_basis([component for component, _ in perovskites], basis, "mol")
    result: dict[str, dict[str, float]] = {}
    for site in SITE_NAMES:
        ions: dict[str, float] = {}
        for (_, sites), amount in zip(perovskites, moles, strict=True):
            if amount:
                for ion, count in sites[site].items():
                    ions[ion] = ions.get(ion, 0.0) + amount * count
        total = sum(ions.values())
        result[site] = {ion: count / total for ion, count in sorted(ions.items())}
    return result


def _weights(components: Sequence[Constituent], basis: str) -> dict[str, float]:
    """Return the mass of one unit of amount of each component on a basis."""
    if basis == "wt":
        return {c.name: 1.0 for c in components}
    of_one, what = _molar_mass, "molar mass or formula"
    if basis == "vol":
        of_one, what = _density, "density"
    weights, lacking = {}, []
    for component in components:
        weight = of_one(component)
        if weight is None or not 0 < weight < float("inf"):
            lacking.append(component)
        else:
            weights[component.name] = weight
    _require(what, lacking)
    return weights


def _density(component: Constituent) -> float | None:
    return component.density


def _molar_mass(component: Constituent) -> float | None:
    if component.molar_mass is None and component.formula is not None:
        return component.formula.molar_mass
    return component.molar_mass


def _require(what: str, lacking: Sequence[Constituent]) -> None:
    if lacking:
        names = ", ".join(component.name for component in lacking)
        raise CompositionError(f"{what} is missing for {names}")
