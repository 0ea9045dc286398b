"""What changed between two runs of one analysis: inputs, code and numbers."""

import math
from typing import Any

from django.core.exceptions import ValidationError

from analysis.models import AnalysisRun
from labdata.common.measures.quantities import quantities

NUMBERS = ("value", "uncertainty", "low", "high", "bound")


def compare_runs(*, old: AnalysisRun, new: AnalysisRun) -> dict[str, Any]:
    """Compare two runs of the same analysis.

    Returns
    -------
    dict
        ``changes`` of version, parameters, inputs and environment as [old, new], and
        ``values``: per quantity and label both numbers, their ``difference`` and
        ``in_uncertainties``, the difference over the root of the summed squares of
        both uncertainties (None where either states none).
    """
    if old.analysis != new.analysis:
        raise ValidationError(
            {"with": f"{old.analysis} and {new.analysis} cannot be compared."}
        )
    before, after = _values_of(old), _values_of(new)
    return {
        "old": old.uuid,
        "new": new.uuid,
        "changes": _changes(old, new),
        "values": [
            _difference(name, before.get(name), after.get(name))
            for name in sorted({*before, *after})
        ],
    }


def _values_of(run):
    return {
        (row["quantity"], row["label"]): row
        for row in run.values.values("quantity", "label", *NUMBERS)
    }


def _changes(old, new):
    changes = {}
    if old.version != new.version:
        changes["version"] = [old.version, new.version]
    inputs = [
        list(run.inputs.order_by("position").values_list("dataset__uuid", flat=True))
        for run in (old, new)
    ]
    if inputs[0] != inputs[1]:
        changes["datasets"] = inputs
    for name in ("parameters", "environment"):
        first, second = getattr(old, name), getattr(new, name)
        changed = {
            key: [first.get(key), second.get(key)]
            for key in sorted({*first, *second})
            if first.get(key) != second.get(key)
        }
        if changed:
            changes[name] = changed
    return changes


def _difference(name, before, after):
    quantity, label = name
    spec = quantities.get(quantity)
    row = {
        "quantity": quantity,
        "label": label,
        "unit": spec.unit if spec else None,
        "old": before and {field: before[field] for field in NUMBERS},
        "new": after and {field: after[field] for field in NUMBERS},
        "difference": None,
        "in_uncertainties": None,
    }
    if before and after:
        row["difference"] = after["value"] - before["value"]
        errors = (before["uncertainty"], after["uncertainty"])
        if None not in errors and any(errors):
            row["in_uncertainties"] = row["difference"] / math.hypot(*errors)
    return row
