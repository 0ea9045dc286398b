"""Facts from what samples consist of: components, ions and elements.

``composition.<material>`` is the fraction on the basis the composition was stated on,
labelled with it; where masses or densities allow, the other bases are there under
their labels: ``composition.CsPbI3[mol]``. Ions are fractions of their site, elements
atomic fractions of the whole.

A device without a composition of its own has that of its absorber, whether that is
written as a composition or is a material; absorbers that differ give no answer. Any
other sample without one has that of what it was taken from, as long as the processes
between keep the composition and lead to one answer.
"""

from labdata.common.variables import VariableSpec, variable_key
from samples.facts import FactRow
from samples.formula import (
    CompositionError,
    Constituent,
    convert_basis,
    element_fractions,
    ion_fractions,
    parse_formula,
)
from samples.models import (
    Component,
    Composition,
    Layer,
    Material,
    Origin,
    Process,
    ProcessOutput,
)
from samples.recorded import Recorded

BASES = ("wt", "mol", "vol")
COMPOSITION, MATERIAL = "composition", "material"
KEEP_COMPOSITION = {
    Process.Kind.SPLITTING,
    Process.Kind.SINTERING,
    Process.Kind.ANNEALING,
    Process.Kind.MELT_QUENCHING,
    Process.Kind.WASHING,
    Process.Kind.AGEING,
    Process.Kind.HEATING,
    Process.Kind.GENERAL,
}


def composition_facts(recorded):
    """Component, ion and element fractions of the samples, in every state alike."""
    effective = _effective_substances(recorded)
    wanted = set(effective.values())
    known = _of_compositions({pk for kind, pk in wanted if kind == COMPOSITION})
    if pure := {pk for kind, pk in wanted if kind == MATERIAL}:
        materials = Material.objects.filter(pk__in=pure)
        known |= {(MATERIAL, one.pk): list(_facts_of_pure(one)) for one in materials}
    for sample_id, subjects in recorded.subjects.items():
        for subject in subjects:
            for variable, label, is_default, value, text in known.get(
                effective.get(sample_id), ()
            ):
                yield FactRow(
                    subject_id=subject.pk,
                    sample_id=sample_id,
                    variable=variable,
                    label=label,
                    is_default=is_default,
                    value=value,
                    text=text,
                    origin=Origin.MANUAL.value,
                )


def effective_compositions(sample_ids):
    """Map samples to the composition they have or inherit, where there is one."""
    return {
        sample_id: pk
        for sample_id, (kind, pk) in _effective_substances(Recorded(sample_ids)).items()
        if kind == COMPOSITION
    }


def _of_compositions(ids):
    if not ids:
        return {}
    components = {pk: [] for pk in ids}
    for component in (
        Component.objects.filter(composition_id__in=ids)
        .select_related("material")
        .order_by("position")
    ):
        components[component.composition_id].append(component)
    return {
        (COMPOSITION, one.pk): list(_facts_of(one, components[one.pk]))
        for one in Composition.objects.filter(pk__in=ids)
    }


def _absorbers(stacks):
    """Map samples to what the absorbers of their stacks are of, if that is one thing.

    A layer says so as a composition or as a material.
    """
    found = {}
    for layer in (
        Layer.objects.filter(stack_id__in=stacks, role=Layer.Role.ABSORBER)
        .order_by("stack_id", "position")
        .values("stack_id", "material_id", "composition_id", "composition__text")
    ):
        of_sample = found.setdefault(stacks[layer["stack_id"]], {})
        if layer["composition_id"]:
            of_sample.setdefault(
                layer["composition__text"], (COMPOSITION, layer["composition_id"])
            )
        elif layer["material_id"]:
            of_sample.setdefault(layer["material_id"], (MATERIAL, layer["material_id"]))
    return {
        sample_id: next(iter(substances.values()))
        for sample_id, substances in found.items()
        if len(substances) == 1
    }


def _effective_substances(recorded):
    """Map samples to the kind and row id of what they consist of, where known."""
    family = recorded.ancestors
    own = {a.sample: (COMPOSITION, a.composition) for a in family if a.composition}
    stacks = {a.stack: a.sample for a in family if a.stack and a.sample not in own}
    if stacks:
        own |= _absorbers(stacks)
    sources = {}
    lacking = {a.sample for a in family if a.sample not in own}
    # What descends from nothing inherits nothing.
    if lacking and any(ancestor.depth for ancestor in family):
        for child, parent in ProcessOutput.objects.filter(
            sample_id__in=lacking,
            process__kind__in=KEEP_COMPOSITION,
            process__archived_at__isnull=True,
            process__inputs__sample_id__isnull=False,
        ).values_list("sample_id", "process__inputs__sample_id"):
            sources.setdefault(child, set()).add(parent)
    settled = {}

    def settle(sample_id):
        if sample_id not in settled:
            if own.get(sample_id):
                settled[sample_id] = own[sample_id]
            else:
                above = {settle(parent) for parent in sources.get(sample_id, ())}
                settled[sample_id] = above.pop() if len(above) == 1 else None
        return settled[sample_id]

    return {
        pk: found for pk in recorded.sample_ids if (found := settle(pk)) is not None
    }


def _facts_of(composition, components):
    for component in components:
        spec = VariableSpec(
            variable_key("composition", component.material.name),
            f"Fraction of {component.material.name}",
            "1",
        )
        text = "" if component.amount is not None else "amount unknown"
        yield spec, composition.basis, True, component.amount, text
    amounts = [_amount(component) for component in components]
    if amounts and all(amount.amount is not None for amount in amounts):
        yield from _other_bases(composition, components, amounts)
    yield from _ions_and_elements(composition, amounts)


def _facts_of_pure(material):
    """Facts of what is one material through and through."""
    name = material.name
    spec = VariableSpec(variable_key("composition", name), f"Fraction of {name}", "1")
    for basis in BASES:
        yield spec, basis, basis == BASES[0], 1.0, ""
    formula = _formula(material.formula)
    if formula is not None:
        yield from _ions_and_elements_of(
            [Constituent(name=name, amount=1.0, formula=formula)], BASES[0]
        )


def _other_bases(composition, components, amounts):
    for basis in BASES:
        if basis == composition.basis:
            continue
        try:
            fractions = convert_basis(amounts, composition.basis, basis)
        except CompositionError:
            continue
        for component, fraction in zip(components, fractions, strict=True):
            name = component.material.name
            spec = VariableSpec(
                variable_key("composition", name), f"Fraction of {name}", "1"
            )
            yield spec, basis, False, fraction, ""


def _amount(component):
    material = component.material
    return Constituent(
        name=material.name,
        amount=component.amount,
        molar_mass=material.molar_mass,
        density=material.density,
        formula=_formula(material.formula),
    )


def _formula(text):
    try:
        return parse_formula(text) if text else None
    except CompositionError:
        return None


def _ions_and_elements(composition, amounts):
    if composition.formula:
        whole = parse_formula(composition.formula)
        amounts = [Constituent(name=composition.text, amount=1.0, formula=whole)]
    if amounts:
        yield from _ions_and_elements_of(amounts, composition.basis)


def _ions_and_elements_of(amounts, basis):
    try:
        sites = ion_fractions(amounts, basis)
    except CompositionError:
        sites = {}
    for site, ions in sites.items():
        for ion, fraction in ions.items():
            spec = VariableSpec(
                variable_key("ion", site, ion), f"{ion} on the {site} site", "1"
            )
            yield spec, "", True, fraction, ""
    try:
        elements = element_fractions(amounts, basis)
    except CompositionError:
        return
    for element, fraction in elements.items():
        spec = VariableSpec(
            variable_key("element", element), f"Atomic fraction of {element}", "1"
        )
        yield spec, "", True, fraction, ""
