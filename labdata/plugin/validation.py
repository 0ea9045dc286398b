"""Whether a result is what its analysis declares, for one check of all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from labdata.plugin.dataset import Dataset
from labdata.plugin.drawings import Band, Data, Drawing, Image, Line, Marks, Points
from labdata.plugin.quantity import Quantity
from labdata.plugin.result import Result

if TYPE_CHECKING:
    from labdata.plugin.analysis import Analysis


def problems_of(
    analysis: Analysis,
    result: Result,
    quantities: Mapping[str, Quantity] | None = None,
) -> list[str]:
    """Say what of a result its analysis does not declare, or what is not in it.

    Parameters
    ----------
    analysis : Analysis
    result : Result
    quantities : mapping, optional
        With it labels are checked against what the quantities say of them.

    Returns
    -------
    list of str
        Empty for a result that keeps its analysis's word.
    """
    return [
        *_of_quantities(analysis, result, quantities or {}),
        *_of_flags(analysis, result),
        *_of_roles(analysis, result),
        *_of_drawings(analysis, result),
        *_of_storage(result),
    ]


def _of_quantities(
    analysis: Analysis, result: Result, quantities: Mapping[str, Quantity]
) -> Iterator[str]:
    outputs = set(analysis.outputs)
    for item in result.estimates:
        if item.quantity not in outputs:
            yield f"the quantity {item.quantity} is not declared"
        elif item.quantity in quantities:
            has_labels = bool(quantities[item.quantity].labels)
            if has_labels != bool(item.label):
                told = "needs a label" if has_labels else "has no labels"
                yield f"{item.name}: the quantity {told}"
    for absent in result.missing:
        if absent.quantity not in outputs:
            yield f"the missing quantity {absent.quantity} is not declared"
    for one in result.definitions:
        if one.quantity and one.quantity not in outputs:
            yield f"the defined quantity {one.quantity} is not declared"


def _of_flags(analysis: Analysis, result: Result) -> Iterator[str]:
    declared = {one.key for one in analysis.flags}
    for item in result.estimates:
        for flag in item.estimate.flags:
            if flag not in declared:
                yield f"the flag {flag} of {item.name} is not declared"
    for raised in result.flags:
        if raised.key not in declared:
            yield f"the flag {raised.key} is not declared"


def _of_roles(analysis: Analysis, result: Result) -> Iterator[str]:
    inputs = {one.role for one in analysis.inputs}
    for role in result.datasets:
        if role in inputs:
            yield f"the role {role} is an input's and a result's"
    for name in ("fits", "comparisons", "tables", "drawings"):
        keys = [one.key for one in getattr(result, name)]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield f"two {name} have the key {key}"


def _of_drawings(analysis: Analysis, result: Result) -> Iterator[str]:
    inputs = {one.role for one in analysis.inputs}
    seen: dict[str, Drawing] = {}
    for drawing in result.drawings:
        where = f"drawing {drawing.key}"
        if drawing.under and drawing.under not in seen:
            yield f"{where} stands below {drawing.under}, which is no drawing before it"
        elif drawing.under and seen[drawing.under].x != drawing.x:
            yield f"{where} has not the x of {drawing.under}"
        seen[drawing.key] = drawing
        units = set()
        for layer in drawing.layers:
            if isinstance(layer, Marks):
                continue
            if isinstance(layer, Data):
                if layer.role not in inputs:
                    yield f"{where}: no input {layer.role}"
                continue
            dataset = result.datasets.get(layer.role)
            if dataset is None:
                yield f"{where}: no dataset {layer.role}"
                continue
            yield from _of_layer(where, drawing, layer, dataset)
            units |= {
                channel.unit
                for channel in dataset.channels
                if channel.name in _channels(layer) and not isinstance(layer, Image)
            }
        if len(units) > 1:
            yield f"{where}: its layers are in {' and '.join(sorted(units))}"


def _channels(layer: Any) -> list[str]:
    """The channels a layer names."""
    if isinstance(layer, Band):
        return [layer.low, layer.high]
    others = [getattr(layer, name, "") for name in ("on", "residual_of")]
    return [layer.channel, *filter(None, others)]


def _of_layer(
    where: str, drawing: Drawing, layer: Points | Line | Band | Image, dataset: Dataset
) -> Iterator[str]:
    axes = [axis.name for axis in dataset.axes]
    wanted = [drawing.x, drawing.y] if isinstance(layer, Image) else [drawing.x]
    if sorted(axes) != sorted(wanted):
        yield (
            f"{where}: {layer.role} lies over {', '.join(axes)}, a {layer.kind} there"
            f" is drawn over {', '.join(wanted)}"
        )
    known = [channel.name for channel in dataset.channels]
    for name in _channels(layer):
        if name not in known:
            yield f"{where}: {layer.role} has no channel {name}"


LONGEST_LABEL, LONGEST_ROLE = 60, 40
"""What a lab has room for."""


def _of_storage(result: Result) -> Iterator[str]:
    kept = result.to_json()
    written = json.dumps(kept, ensure_ascii=False)
    if not written.isascii() and _is_broken(written):
        yield "it holds half of a character, which no text can keep"
    if "\\u0000" in written:
        yield "it holds the sign NUL, which no text can keep"
    labels = [one.label for one in result.estimates]
    for label in (*labels, *(one.label for one in result.missing)):
        if len(label) > LONGEST_LABEL:
            yield f"the label {label[:30]!r}… is longer than {LONGEST_LABEL}"
    for role in result.datasets:
        if len(role) > LONGEST_ROLE:
            yield f"the role {role[:30]!r}… is longer than {LONGEST_ROLE}"
    again = Result.from_json(json.loads(json.dumps(kept, allow_nan=False)))
    if again.unread or again.to_json() != kept:
        yield "it does not come back as it was stored"


def _is_broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
