"""A first look at a file nobody has filed yet: reader, conditions, a few points."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labdata.plugin import (
    Dataset,
    InvalidDataset,
    Reader,
    ReadResult,
    Sniff,
    UnreadableFile,
)
from measurements import registry
from measurements.arrays.preview import downsample, preview
from measurements.reading.conditions import acceptable
from measurements.registry import Detection, techniques

logger = logging.getLogger(__name__)

MOST_BYTES = 4 * 1024 * 1024
"""Larger files are read by workers alone: a text of this size takes 0.1 s."""

EVERYDAY_WORDS = ("curve", "table", "scalar")

POINTS = 160
DIGITS = 4


@dataclass
class Inspection:
    """What a look at a file told, as plain data that a row can keep."""

    detection: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    preview: dict[str, Any] = field(default_factory=dict)


def guess_technique(sniff: Sniff) -> tuple[str, str]:
    """Name the technique that the format alone gives away, and why; or nothing."""
    recognised, _ = registry.ask_readers(sniff)
    found = [reader for reader, _ in recognised if not reader.generic]
    keys = {key for reader in found for key in reader.techniques}
    if len(keys) != 1:
        return "", ""
    labels = " or ".join(reader.label for reader in found)
    return keys.pop(), f"the file looks like {labels}"


def technique_named(file_name: str) -> str:
    """Find the one technique whose key or label stands in a file's name as words.

    ``S-1_PL_298K.csv`` is of photoluminescence; a name that holds two techniques, or
    none, says nothing. Techniques for anything at all are not looked for: their
    names, such as table, are everyday words.
    """
    words = " ".join(re.findall(r"[^\W_]+", file_name.casefold()))
    named = {
        one.key
        for one in techniques
        if one.key not in EVERYDAY_WORDS
        and any(
            f" {text.casefold().replace('_', ' ')} " in f" {words} "
            for text in (one.key, one.label)
        )
    }
    return named.pop() if len(named) == 1 else ""


def inspect(
    sniff: Sniff, load: Callable[[], bytes], *, technique: str, reader: str = ""
) -> Inspection:
    """Find a file's reader and, where it is small, read it for a preview.

    Parameters
    ----------
    sniff : Sniff
        Name, size and beginning of the file.
    load : callable
        Gives all the bytes; called for small files only.
    technique : str
        Key of the technique the file is to be filed under.
    reader : str, optional
        Key of the reader a person asked for.

    Returns
    -------
    Inspection
        ``detection`` holds reader, label and reason, or candidates of a question, or
        the problem in words; ``found`` conditions, time and remarks; ``preview`` a
        curve of few points.
    """
    told = Inspection()
    try:
        chosen = _choose(sniff, technique, reader, told)
        if chosen is not None and sniff.size <= MOST_BYTES:
            result = registry.read(chosen, sniff, load, technique=technique)
            told.found = _found(technique, result)
            told.preview = _curve(technique, result)
    except (UnreadableFile, InvalidDataset) as error:
        told.detection["problem"] = str(error)
    except Exception:
        # A reader that breaks must not keep the file from being kept; the worker
        # will tell what happened to it.
        logger.exception("a look at %s failed", sniff.file_name)
    return told


def _choose(
    sniff: Sniff, technique: str, reader: str, told: Inspection
) -> Reader | None:
    if reader:
        chosen = registry.readers[reader]
        told.detection = _described(chosen, "You chose it.")
        return chosen
    detection = registry.detect(sniff, technique)
    if detection.winner is None:
        told.detection = {
            "question": detection.reason,
            "candidates": _candidates(detection),
        }
        return None
    told.detection = _described(detection.winner, detection.reason)
    return detection.winner


def _described(reader: Reader, reason: str) -> dict[str, Any]:
    return {"reader": reader.key, "label": reader.label, "reason": reason}


def _candidates(detection: Detection) -> list[dict[str, Any]]:
    return [
        {
            "reader": reader.key,
            "label": reader.label,
            "reason": recognition.reason,
            "limits": reader.limits,
        }
        for reader, recognition in detection.candidates
    ]


def _found(technique: str, result: ReadResult) -> dict[str, Any]:
    said = dict(result.conditions)
    if len(result.datasets) == 1:
        said = {**result.datasets[0].conditions, **said}
    usable, remarks = acceptable(technique, said)
    found: dict[str, Any] = {
        "conditions": usable,
        "datasets": len(result.datasets),
        "shape": list(result.datasets[0].dataset.shape),
        "notes": [*result.notes, *remarks],
    }
    if result.measured_at is not None:
        found["measured_at"] = result.measured_at.isoformat()
    return found


def _curve(technique: str, result: ReadResult) -> dict[str, Any]:
    """The first dataset as a curve of few points, in the order the axis rises."""
    drawn = preview(result.datasets[0].dataset).get("curve")
    return few_points(drawn, techniques[technique].figure.y) if drawn else {}


def few_points(dataset: Dataset, channel: str) -> dict[str, Any]:
    """Reduce a curve to what a drawing the size of a thumb can show.

    Parameters
    ----------
    dataset : Dataset
        Of one dimension.
    channel : str
        The channel wanted; the first one where there is no such.

    Returns
    -------
    dict
        ``x`` and ``y`` as lists, missing values left out, with labels and units.
    """
    names = [one.name for one in dataset.channels]
    wanted = dataset.channels[names.index(channel) if channel in names else 0]
    axis = dataset.axes[0]
    small = downsample(Dataset((axis,), (wanted,)), POINTS)
    x, y = small.axes[0].values, small.channels[0].values
    if x.dtype.kind not in "fiu" or y.dtype.kind not in "fiu":
        return {}
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    order = np.argsort(x, kind="stable")
    return {
        "x": [_rounded(value) for value in x[order]],
        "y": [_rounded(value) for value in y[order]],
        "x_label": axis.label,
        "x_unit": axis.unit,
        "y_label": wanted.label,
        "y_unit": wanted.unit,
    }


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS + 2}g}")
