"""What property values add to the facts of a sample: one value a label, by a rule.

Of the current values of one subject, quantity and label the fact is the accepted one,
then by the trust in its origin (`samples.choices.Origin`), then the smaller relative
uncertainty, then the newest.
"""

import math
from itertools import groupby

from analysis.models import PropertyValue
from labdata.common.measures.quantities import quantities
from labdata.common.variables import VariableSpec
from samples.facts import FactRow
from samples.models import Origin


def produce(sample_ids):
    """Give the facts of the samples' current values, in one query."""
    values = (
        PropertyValue.objects.filter(sample_id__in=sample_ids)
        .current()
        .with_standing()
        .with_state()
        .order_by("state_id", "quantity", "pk")
    )
    for _, group in groupby(values, key=lambda row: (row.state_id, row.quantity)):
        yield from _facts_of(list(group))


def variable_of(quantity_key):
    """The variable a quantity is; one whose plug-in is gone keeps its key as name."""
    quantity = quantities.get(quantity_key)
    if quantity is None:
        return VariableSpec(key=quantity_key, label=quantity_key, unit="1")
    return VariableSpec(key=quantity.key, label=quantity.label, unit=quantity.unit)


def rank(value):
    """Sort key of values of one subject and quantity: the first is picked."""
    return (
        not value.is_accepted,
        Origin(value.origin).trust,
        _relative_uncertainty(value),
        -value.pk,
    )


def default_label(values):
    """The label that answers when none is named.

    That of the best value which has no label or which its analysis marked; where
    nobody marked one, the first in the alphabet.
    """
    marked = [value for value in values if value.is_default or not value.label]
    if marked:
        return min(marked, key=rank).label
    return min(value.label for value in values)


def _facts_of(values):
    answering = default_label(values)
    variable = variable_of(values[0].quantity)
    for label in sorted({value.label for value in values}):
        picked = min((v for v in values if v.label == label), key=rank)
        yield FactRow(
            subject_id=picked.state_id,
            sample_id=picked.sample_id,
            variable=variable,
            label=label,
            is_default=label == answering,
            value=picked.value,
            uncertainty=picked.uncertainty,
            low=picked.low,
            high=picked.high,
            bound=picked.bound,
            flags=tuple(picked.flags),
            origin=picked.origin,
            source=picked.uuid,
        )


def _relative_uncertainty(value):
    if value.uncertainty is None:
        return math.inf
    if value.value == 0:
        return math.inf if value.uncertainty else 0.0
    return value.uncertainty / abs(value.value)
