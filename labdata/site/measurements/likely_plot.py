"""Which plot somebody most likely wants of samples just measured, as an address."""

from urllib.parse import urlencode

from django.urls import reverse

from labdata.common.variables import Filter, VariableName, parse_variable
from labdata.site.kit.variation import likely_axes, says_more, varying
from samples.models import Sample

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
    axes = likely_axes(varying(ids), len(ids))
    if not axes:
        return None
    x, *others = axes
    asked = [("x", x.key), ("y", str(VariableName(quantity, label or None)))]
    if color := next((one for one in others if says_more(x, one)), None):
        asked.append(("color", color.key))
    if together := _together(ids):
        asked.append(("filter", str(together)))
    return f"{reverse('site:relation')}?{urlencode(asked)}"


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
