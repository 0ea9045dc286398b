"""What property values add to the facts of a sample: one value a label, by a rule.

Of the current values of one subject, quantity and label the fact is the accepted one,
then by the trust in its origin (`samples.choices.Origin`), then the smaller relative
uncertainty, then the newest.
"""

import math
from itertools import groupby

from django.db.models import F

from analysis.models import AnalysisRun, Decision, PropertyValue
from labdata.common.measures.quantities import quantities
from labdata.common.variables import VariableSpec
from samples.facts import FactRow
from samples.models import Origin


def produce(recorded):
    """Give the facts of the samples' current values."""
    values = _current(recorded)
    values.sort(key=lambda row: (row.state_id, row.quantity))
    for _, group in groupby(values, key=lambda row: (row.state_id, row.quantity)):
        yield from _facts_of(list(group))


def _current(recorded):
    """The values that stand, each with its state and whether it was accepted.

    What `analysis.runs.current` says of one value in SQL is said here of all values
    of living samples, so that which run counts is asked once a run, not a value.
    """
    values = list(
        PropertyValue.objects.filter(
            sample_id__in=recorded.sample_ids,
            measurement__archived_at__isnull=True,
            superseded_by__isnull=True,
        )
        .annotate(
            seen_id=F("measurement__subject_id"),
            seen_process=F("measurement__subject__process_id"),
            seen_relation=F("measurement__subject__relation"),
            cell_id=F("run__cell_id"),
        )
        .order_by()
    )
    if not values:
        return []
    about_values = _newest_verdicts(
        "value_id", value__sample_id__in=recorded.sample_ids
    )
    standing, about_runs = frozenset(), {}
    if runs := {value.run_id for value in values} - {None}:
        counting = AnalysisRun.objects.filter(pk__in=runs).current()
        standing = frozenset(counting.values_list("pk", flat=True))
        about_runs = _newest_verdicts("run_id", run_id__in=runs)
    cells = {
        (state.cell_id, state.process_id, state.relation): state.pk
        for state in recorded.states
        if state.cell_id is not None
    }
    current = []
    for value in values:
        own = about_values.get(value.pk)
        stands = value.run_id is None or value.run_id in standing
        if not stands or own == Decision.Verdict.REJECTED:
            continue
        value.is_accepted = Decision.Verdict.ACCEPTED in (
            own,
            about_runs.get(value.run_id),
        )
        # A run's values follow its measurement when people mend which state it saw.
        if value.cell_id is None:
            value.state_id = value.seen_id or value.subject_id
        else:
            state = (value.cell_id, value.seen_process, value.seen_relation)
            value.state_id = cells.get(state, value.subject_id)
        current.append(value)
    return current


def _newest_verdicts(about, **which):
    """The last word on each of the things that decisions are about, by its id."""
    decisions = Decision.objects.filter(**which).order_by("pk")
    return dict(decisions.values_list(about, "verdict"))


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
