"""What differs within a set of samples: the variables a series is ordered by."""

from dataclasses import dataclass

from django.db.models import Count, Max, Min

from labdata.common.quantities import quantities
from labdata.common.variables import split_key
from samples.models import Fact, Variable

# What was chosen comes before what was only recorded along the way.
FAMILIES = ("composition", "process", "ion", "measurement", "element", "layer")


@dataclass(frozen=True, slots=True)
class Varying:
    """A number that takes several values within a set of samples."""

    id: int
    key: str
    label: str
    unit: str
    distinct: int
    minimum: float
    maximum: float


def varying(sample_ids):
    """The descriptors that differ among samples, those with most values first.

    Quantities are answers, not what was varied, and are left out. Of two variables
    with as many values the one nearer to what was chosen comes first.
    """
    groups = (
        Fact.objects.filter(
            sample_id__in=sample_ids,
            is_default=True,
            variable__kind=Variable.Kind.NUMBER,
        )
        .values("variable_id", "variable__key", "variable__label", "variable__unit")
        .annotate(
            distinct=Count("value", distinct=True),
            minimum=Min("value"),
            maximum=Max("value"),
        )
        .filter(distinct__gt=1)
    )
    found = [
        Varying(
            group["variable_id"],
            group["variable__key"],
            group["variable__label"],
            group["variable__unit"],
            group["distinct"],
            group["minimum"],
            group["maximum"],
        )
        for group in groups
        if group["variable__key"] not in quantities
    ]
    return sorted(found, key=_rank)


def _rank(one):
    family = split_key(one.key)[0]
    place = FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)
    return (-one.distinct, place, one.key)


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
