"""Which plot somebody most likely wants of samples just measured, as an address."""

from collections import defaultdict
from urllib.parse import urlencode

from django.urls import reverse

from labdata.common.variables import Filter, VariableName, parse_variable
from samples.models import Fact, Sample, Variable

# What a lab varies on purpose comes before what merely differs from sample to sample.
VARIED_ON_PURPOSE = ("temperature", "dwell", "ramp", "pressure", "gas_flow", "duration")
FAMILIES = ("composition", "ion", "process", "measurement")
LEAST_COVERAGE = 0.8
MOST_CODES = 60


def likely_plot(*, samples, quantity, label=""):
    """Address of a quantity against what varies most among samples, coloured by more.

    Parameters
    ----------
    samples : iterable of int
        Ids of the samples, all visible to whoever asks.
    quantity, label : str
        What was measured of them.

    Returns
    -------
    str or None
        None where nothing varies, or there are no samples.
    """
    ids = sorted(set(samples))
    varying = _varying(ids)
    if not varying:
        return None
    x, *others = varying
    asked = [("x", x), ("y", str(VariableName(quantity, label or None)))]
    if color := next((key for key in others if _is_its_own(varying, x, key)), None):
        asked.append(("color", color))
    if together := _together(ids):
        asked.append(("filter", str(together)))
    return f"{reverse('site:relation')}?{urlencode(asked)}"


def _varying(ids):
    """Variables that differ among the samples, the likeliest axis first, with values.

    Returns
    -------
    dict of str to dict of int to float
        Value of each sample, by variable.
    """
    facts = Fact.objects.filter(
        sample_id__in=ids,
        is_default=True,
        value__isnull=False,
        variable__kind=Variable.Kind.NUMBER,
    ).values_list("variable__key", "sample_id", "value")
    found = defaultdict(dict)
    for key, sample, value in facts.order_by("pk"):
        if _family(key) in FAMILIES and not key.endswith(".count"):
            found[key].setdefault(sample, value)
    kept = {
        key: values
        for key, values in found.items()
        if len(set(values.values())) > 1 and len(values) >= LEAST_COVERAGE * len(ids)
    }
    if any(_family(key) == "composition" for key in kept):
        kept = {key: values for key, values in kept.items() if _family(key) != "ion"}
    return dict(sorted(kept.items(), key=_likelihood))


def _likelihood(item):
    key, values = item
    family, *_, last = key.split(".")
    if family in ("composition", "ion"):
        purpose = 0
    elif last in VARIED_ON_PURPOSE:
        purpose = VARIED_ON_PURPOSE.index(last)
    else:
        purpose = len(VARIED_ON_PURPOSE)
    return (
        purpose == len(VARIED_ON_PURPOSE),
        -len(set(values.values())),
        FAMILIES.index(family),
        purpose,
        key,
    )


def _family(key):
    return key.partition(".")[0]


def _is_its_own(varying, x, key):
    """Whether a variable says more than ``x`` does: no fraction that is the rest."""
    seen = defaultdict(set)
    for sample, value in varying[key].items():
        if sample in varying[x]:
            seen[varying[x][sample]].add(value)
    return any(len(values) > 1 for values in seen.values())


def _together(ids):
    """A filter that finds just these samples: their batch, else their codes."""
    rows = Sample.objects.filter(pk__in=ids).values_list(
        "code", "batch_id", "batch__code"
    )
    codes, batches, names = zip(*rows, strict=True)
    if len(set(batches)) == 1 and names[0]:
        return Filter(parse_variable("sample.batch"), "eq", (names[0],))
    if len(codes) <= MOST_CODES:
        return Filter(parse_variable("sample.code"), "in", tuple(sorted(codes)))
    return None
