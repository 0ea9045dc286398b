"""Several runs as columns of the same tables: numbers, quality, parameters."""

import math
from dataclasses import dataclass

from analysis.contract.registry import analyses
from labdata.plugin import Fit
from labdata.site.kit.results.run_rows import shown_parameters

SIGNIFICANT = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of one run beside the same of the run all are compared with."""

    value: object = None
    is_reference: bool = False
    difference: float | None = None
    in_uncertainties: float | None = None

    @property
    def is_significant(self):
        return abs(self.in_uncertainties or 0) >= SIGNIFICANT


def reference_of(rows):
    """The run the others are compared with: the one that counts, or else the oldest."""
    standing = [row for row in rows if row.stands]
    return standing[0] if standing else min(rows, key=lambda row: row.pk)


def compare_values(rows, reference):
    """A line per quantity and label, with a cell for each run."""
    by_run = [
        {(one.quantity, one.label): one for one in row.all_values} for row in rows
    ]
    of_reference = by_run[rows.index(reference)]
    names = list(dict.fromkeys(name for own in by_run for name in own))
    lines = []
    for name in names:
        cells = []
        for row, own in zip(rows, by_run, strict=True):
            if row is reference:
                cells.append(Cell(own.get(name), is_reference=True))
            else:
                cells.append(_cell(own.get(name), of_reference.get(name)))
        known = next(own[name] for own in by_run if name in own)
        lines.append({"value": known, "cells": cells})
    return lines


def _cell(value, before):
    if value is None or before is None or {value.bound, before.bound} != {"="}:
        return Cell(value)
    difference = value.value - before.value
    errors = (value.uncertainty, before.uncertainty)
    if None in errors or not any(errors):
        return Cell(value, difference=difference)
    return Cell(
        value,
        difference=difference,
        in_uncertainties=difference / math.hypot(*errors),
    )


def compare_statistics(rows):
    """How good each fit is; the best is marked where they are of the same points."""
    fits = [next(iter(row.parts.fits), Fit()) for row in rows]
    extent = {(one.axis, one.window, one.points) for one in fits}
    weights = {one.weights for one in fits}
    spectra = {row.measurement_id for row in rows}
    comparable = len(spectra) == len(extent) == len(weights) == 1
    lines = []
    named = {one.key: one for fit in fits for one in fit.statistics}
    for key, statistic in named.items():
        numbers = [fit.statistic(key) for fit in fits]
        known = [number for number in numbers if number is not None]
        best = None
        if comparable and statistic.better == "lower" and len(set(known)) > 1:
            best = min(known)
        cells = [
            {"number": number, "is_best": number is not None and number == best}
            for number in numbers
        ]
        lines.append({"label": statistic.label, "cells": cells})
    return lines, comparable


def compare_parameters(rows):
    """What each run was asked with; lines that differ are marked."""
    described = [
        {one["title"]: one for one in shown_parameters(analyses.get(row.analysis), row)}
        for row in rows
    ]
    lines = [
        {
            "title": "Version",
            "cells": [f"{row.get_analysis_display()} v{row.version}" for row in rows],
        }
    ]
    for title in dict.fromkeys(name for own in described for name in own):
        cells = [own[title]["text"] if title in own else "—" for own in described]
        lines.append({"title": title, "cells": cells})
    for line in lines:
        line["differs"] = len(set(line["cells"])) > 1
    return lines
