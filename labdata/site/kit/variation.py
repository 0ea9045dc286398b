"""What differs within a set of samples: the variables a series is ordered by."""

from collections import defaultdict
from dataclasses import dataclass, field

from labdata.common.measures.quantities import quantities
from labdata.common.variables import split_key
from samples.models import Fact, Variable

# What a lab varies on purpose comes before what merely differs from sample to sample.
VARIED_ON_PURPOSE = ("temperature", "dwell", "ramp", "pressure", "gas_flow", "duration")
FAMILIES = ("composition", "ion", "process", "measurement")
LEAST_COVERAGE = 0.8


@dataclass(frozen=True, slots=True)
class Varying:
    """A number that takes several values within a set of samples, by sample id."""

    id: int
    key: str
    label: str
    unit: str
    values: dict = field(default_factory=dict)

    @property
    def family(self):
        return split_key(self.key)[0]

    @property
    def distinct(self):
        return len(set(self.values.values()))


def varying(sample_ids):
    """The descriptors that differ among samples, the likeliest axis first.

    Quantities are answers, not what was varied, and are left out. One query.
    """
    facts = Fact.objects.filter(
        sample_id__in=sample_ids,
        is_default=True,
        value__isnull=False,
        variable__kind=Variable.Kind.NUMBER,
    )
    found = {}
    for key, label, unit, variable, sample, value in facts.order_by("pk").values_list(
        "variable__key",
        "variable__label",
        "variable__unit",
        "variable_id",
        "sample_id",
        "value",
    ):
        if key not in quantities:
            one = found.setdefault(key, Varying(variable, key, label, unit))
            one.values.setdefault(sample, value)
    return sorted((one for one in found.values() if one.distinct > 1), key=_likelihood)


def likely_axes(found, sample_count):
    """Those of `varying` that somebody may have varied: known of nearly all samples.

    Ions follow from the composition, and how often something was done from how.
    """
    kept = [
        one
        for one in found
        if one.family in FAMILIES
        and not one.key.endswith(".count")
        and len(one.values) >= LEAST_COVERAGE * sample_count
    ]
    if any(one.family == "composition" for one in kept):
        return [one for one in kept if one.family != "ion"]
    return kept


def says_more(x, other):
    """Whether a variable says more than ``x`` does: no fraction that is the rest."""
    seen = defaultdict(set)
    for sample, value in other.values.items():
        if sample in x.values:
            seen[x.values[sample]].add(value)
    return any(len(values) > 1 for values in seen.values())


def _likelihood(one):
    last = one.key.rpartition(".")[2]
    if one.family in ("composition", "ion"):
        purpose = 0
    elif last in VARIED_ON_PURPOSE:
        purpose = VARIED_ON_PURPOSE.index(last)
    else:
        purpose = len(VARIED_ON_PURPOSE)
    place = FAMILIES.index(one.family) if one.family in FAMILIES else len(FAMILIES)
    return (
        purpose == len(VARIED_ON_PURPOSE),
        -one.distinct,
        place,
        purpose,
        one.key,
    )


def values_by_subject(variable_id, sample_ids):
    """The value of a variable for each subject, and for each sample as made.

    Returns
    -------
    dict, dict
        By subject id, and by sample id for states nothing else is known of.
    """
    facts = Fact.objects.filter(
        variable_id=variable_id, sample_id__in=sample_ids, is_default=True
    ).values_list("subject_id", "sample_id", "value", "subject__process_id")
    subjects, samples = {}, {}
    for subject, sample, value, process in facts:
        subjects[subject] = value
        if process is None:
            samples[sample] = value
    return subjects, samples
