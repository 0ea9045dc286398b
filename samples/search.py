"""What people type to find a sample or a material: codes, names, any notation."""

import functools
import operator

from django.db.models import Exists, OuterRef, Q

from labdata.common.variables import variable_key
from samples.formula import (
    CompositionError,
    element_fractions,
    normalise_name,
    parse_composition,
    plain_text,
)
from samples.formula.amounts import Constituent
from samples.models import (
    Cell,
    Fact,
    Material,
    MaterialName,
    Process,
    ProcessInput,
    ProcessOutput,
    Sample,
    Stack,
)

LONGEST = 300
MOST_WORDS = 8
MOST_NAMES = 500
# Amounts are written with two or three digits: 0.33 finds 0.333.
AMOUNT_TOLERANCE = 0.0051
ELEMENT_TOLERANCE = 1e-4


def are_devices():
    """Samples with a stack or cells, and those called devices."""
    return (
        Q(kind=Sample.Kind.DEVICE)
        | Exists(Stack.objects.filter(sample=OuterRef("pk")))
        | Exists(Cell.objects.filter(sample=OuterRef("pk")))
    )


def words_of(text):
    """The words that must all be found, without what no text of ours can hold."""
    printable = "".join(c if c.isprintable() else " " for c in text[:LONGEST])
    return printable.split()[:MOST_WORDS]


def plain_query(text):
    """What was typed, as one line without typesetting."""
    return plain_text(" ".join(words_of(text)))


def every(conditions):
    return functools.reduce(operator.and_, conditions)


def kinds_named(choices, word):
    """The keys of choices whose label contains a word."""
    folded = word.casefold()
    return [key for key, label in choices if folded in str(label).casefold()]


def samples_like(user, text):
    """A condition on samples: all words, or the same composition however written.

    A word is found in the code, name, composition, kind, batch, a tag, or a material
    the sample contains, by any of the material's names. Costs one query itself.
    """
    words = words_of(text)
    if not words:
        return Q()
    parsed = _as_composition(text)
    names = _material_names(user, words, parsed)
    found = every(_sample_word(user, word, names) for word in words)
    return found | _same_composition(user, parsed, names)


def materials_like(text):
    """A condition on materials: a name, an alias, the formula or the CAS number."""
    plain = plain_query(text)
    if not plain:
        return Q()
    key = normalise_name(plain)
    names = MaterialName.objects.filter(
        Q(normalised__icontains=key) | Q(name__icontains=" ".join(words_of(text)))
    )
    return (
        Q(pk__in=names.values("material_id"))
        | Q(formula__icontains=plain)
        | Q(cas_number=plain)
    )


def processes_like(text):
    """A condition on processes: a name or a kind, and codes of what they were about."""
    words = words_of(text)
    if not words:
        return Q()
    named = [
        Q(name__icontains=word) | Q(kind__in=kinds_named(Process.Kind.choices, word))
        for word in words
    ]
    about = [
        Q(pk__in=link.objects.filter(sample__code__icontains=word).values("process_id"))
        for word in words
        for link in (ProcessInput, ProcessOutput)
    ]
    pairs = zip(named, about[::2], about[1::2], strict=True)
    return functools.reduce(operator.or_, named) & every(
        name | made_from | made for name, made_from, made in pairs
    )


def _as_composition(text):
    try:
        return parse_composition(plain_query(text))
    except CompositionError:
        return None


def _material_names(user, words, parsed):
    """Normalised names to the materials' own, of those a person may know."""
    wanted = Q()
    for word in words:
        wanted |= Q(normalised__icontains=normalise_name(word))
    if parsed is not None:
        keys = [key for component in parsed.components for key in component.keys]
        wanted |= Q(normalised__in=keys)
    visible = Material.objects.visible_to(user)
    return list(
        MaterialName.objects.filter(wanted, material__in=visible).values_list(
            "normalised", "material__name"
        )[:MOST_NAMES]
    )


def _sample_word(user, word, names):
    folded = normalise_name(word).casefold()
    materials = {name for key, name in names if folded and folded in key.casefold()}
    tagged = Sample.tags.through.objects.filter(tag__name__icontains=word)
    found = (
        Q(code__icontains=word)
        | Q(name__icontains=word)
        | Q(composition__text__icontains=word)
        | Q(composition__text__icontains=plain_text(word))
        | Q(batch__code__icontains=word)
        | Q(kind__in=kinds_named(Sample.Kind.choices, word))
        | Q(pk__in=tagged.values("sample_id"))
    )
    if materials:
        contains = _facts(user, materials).exclude(value=0)
        found |= Q(pk__in=contains.values("sample_id"))
    return found


def _facts(user, materials, **which):
    keys = [variable_key("composition", name) for name in sorted(materials)]
    return Fact.objects.visible_to(user).filter(variable__key__in=keys, **which)


def _same_composition(user, parsed, names):
    """Samples that consist of the same, inherited compositions included."""
    nothing = Q(pk__in=[])
    if parsed is None:
        return nothing
    if parsed.formula is not None:
        return _same_elements(user, parsed)
    conditions = []
    for component in parsed.components:
        materials = {name for key, name in names if key in component.keys}
        if not materials:
            return nothing
        facts = _facts(user, materials)
        if component.amount is not None and len(parsed.components) > 1:
            facts = facts.filter(
                label=parsed.basis, value__range=_around(component.amount)
            )
        conditions.append(Q(pk__in=facts.values("sample_id")))
    return every(conditions)


def _around(amount):
    return amount - AMOUNT_TOLERANCE, amount + AMOUNT_TOLERANCE


def _same_elements(user, parsed):
    whole = Constituent(name="", amount=1.0, formula=parsed.formula)
    try:
        elements = element_fractions([whole], "mol")
    except CompositionError:
        return Q(pk__in=[])
    return every(
        Q(
            pk__in=Fact.objects.visible_to(user)
            .filter(
                variable__key=variable_key("element", element),
                is_default=True,
                value__range=(
                    fraction * (1 - ELEMENT_TOLERANCE),
                    fraction * (1 + ELEMENT_TOLERANCE),
                ),
            )
            .values("sample_id")
        )
        for element, fraction in elements.items()
    )
