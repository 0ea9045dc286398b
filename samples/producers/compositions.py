"""Facts from what samples consist of: components, ions and elements.

``composition.<material>`` is the fraction on the basis the composition was stated on,
labelled with it; where masses or densities allow, the other bases are there under
their labels: ``composition.CsPbI3[mol]``. Ions are fractions of their site, elements
atomic fractions of the whole.

A device without a composition of its own has that of its absorber. Any other sample
without one has that of what it was taken from, as long
as the processes between keep the composition and lead to one answer.
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
    Ancestry,
    Composition,
    Layer,
    Origin,
    Process,
    ProcessOutput,
    Sample,
)
from samples.producers.subjects import subjects_of

BASES = ("wt", "mol", "vol")
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


def composition_facts(sample_ids):
    """Component, ion and element fractions of the samples, in every state alike."""
    effective = effective_compositions(sample_ids)
    compositions = {
        composition.pk: composition
        for composition in Composition.objects.filter(
            pk__in=set(effective.values())
        ).prefetch_related("components__material")
    }
    known = {pk: list(_facts_of(c)) for pk, c in compositions.items()}
    for sample_id, subjects in subjects_of(sample_ids).items():
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
    family = set(
        Ancestry.objects.filter(descendant_id__in=sample_ids).values_list(
            "ancestor_id", flat=True
        )
    )
    own = dict(
        Layer.objects.filter(
            stack__sample_id__in=family,
            role=Layer.Role.ABSORBER,
            composition__isnull=False,
        )
        .order_by("-position")
        .values_list("stack__sample_id", "composition_id")
    )
    own |= {
        pk: composition
        for pk, composition in Sample.objects.filter(pk__in=family).values_list(
            "pk", "composition_id"
        )
        if composition or pk not in own
    }
    sources = {}
    for child, parent in ProcessOutput.objects.filter(
        sample_id__in=family,
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

    return {pk: found for pk in sample_ids if (found := settle(pk)) is not None}


def _facts_of(composition):
    components = list(composition.components.all())
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
    if not amounts:
        return
    try:
        sites = ion_fractions(amounts, composition.basis)
    except CompositionError:
        sites = {}
    for site, ions in sites.items():
        for ion, fraction in ions.items():
            spec = VariableSpec(
                variable_key("ion", site, ion), f"{ion} on the {site} site", "1"
            )
            yield spec, "", True, fraction, ""
    try:
        elements = element_fractions(amounts, composition.basis)
    except CompositionError:
        return
    for element, fraction in elements.items():
        spec = VariableSpec(
            variable_key("element", element), f"Atomic fraction of {element}", "1"
        )
        yield spec, "", True, fraction, ""
