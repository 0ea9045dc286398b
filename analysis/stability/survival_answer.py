"""Survival of cells, group by group, from the lifetimes a relation finds."""

import io
import math
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.csv
from django.core.exceptions import ValidationError

from analysis.named_quantities import LIFETIME_FAMILY, T80, TEST_TIME
from analysis.numerics.statistics.survival_curves import (
    Lifetime,
    SurvivalCurve,
    compare_survival,
    estimate_survival,
)
from analysis.relations import answer, sql
from analysis.relations.question import read_question
from analysis.relations.variables import find_variables
from labdata.common.measures.units import find_unit
from labdata.common.variables import parse_variable

PARAMETERS = ("y", "by", "filter", "origin", "project", "y_unit", "by_unit")
INTERVAL = "interval_censored"
EXTRAPOLATED_END = "upper_end_extrapolated"
EXTRAPOLATED = "extrapolated"
NOBODY = "not known"
ALL = "all cells"
MOST_GROUPS = 12
MOST_CELLS = 20_000
RISK_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One tested cell: whose it is, what is known of its life, and how."""

    sample: str
    sample_id: str
    cell: str
    state: str
    lifetime: Lifetime
    kind: str
    origin: str
    run: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Cells that share a value of the grouping variable, and their survival."""

    name: str
    cells: tuple[Cell, ...]
    curve: SurvivalCurve

    def count(self, kind):
        return sum(1 for cell in self.cells if cell.kind == kind)


@dataclass
class Survival:
    """What was asked, the groups in order, and the test between them."""

    question: object
    groups: list[Group] = field(default_factory=list)
    test: object = None
    notes: list[str] = field(default_factory=list)

    @property
    def count(self):
        return sum(len(group.cells) for group in self.groups)

    @property
    def risk_times(self):
        """Round times at which the number of cells at risk is told."""
        longest = max((group.curve.longest for group in self.groups), default=0.0)
        if not longest:
            return [0.0]
        step = _round_step(longest / RISK_COLUMNS)
        return [step * number for number in range(int(longest / step) + 1)]


def read_survival(parameters, projects):
    """Check the parameters of a survival question and look its variables up.

    ``by`` groups; a cell of which it is not known is a group of its own, for a control
    without an interlayer has no material there.

    Raises
    ------
    ValidationError
        By parameter.
    """
    errors = {
        name: [f"There is no parameter {name!r} here."]
        for name in parameters
        if name not in PARAMETERS
    }
    if errors:
        raise ValidationError(errors)
    asked = {"y": [T80], **parameters}
    # A relation needs two variables; a lifetime alone is asked for over itself.
    asked["x"] = asked["y"]
    for name, other in (("by", "color"), ("by_unit", "color_unit")):
        if name in asked:
            asked[other] = asked.pop(name)
    try:
        question = read_question(asked, projects)
    except ValidationError as error:
        names = {"color": "by", "color_unit": "by_unit"}
        raise ValidationError(
            {names.get(name, name): told for name, told in error.message_dict.items()}
        ) from error
    if not question.y.is_number:
        raise ValidationError({"y": [f"{question.y.asked} is text, not a lifetime."]})
    if not _is_time(question.y.unit):
        raise ValidationError(
            {
                "y": [
                    f"{question.y.asked} is in {question.y.unit or 'no unit'}, which is"
                    " no time: survival is of lifetimes such as stability.t80."
                ]
            }
        )
    return question


def _is_time(unit):
    return bool(unit) and find_unit(unit).kind == find_unit("h").kind


def answer_survival(question, *, confidence=0.95):
    """Survival of each group, with the log-rank test between them.

    Values that are limits count as what they are: ``>`` was alive at the end of its
    test, ``<`` was dead when first looked at, and an interval is one.

    Raises
    ------
    ValidationError
        Under ``by``, if there are too many groups.
    """
    found = Survival(question)
    cells, skipped = {}, 0
    for row in answer.answer_all(question, limit=MOST_CELLS):
        lifetime, kind = _lifetime(row)
        if lifetime is None:
            skipped += 1
            continue
        group = row.get("color") if question.color else ALL
        cells.setdefault(group, []).append(
            Cell(
                sample=row["sample"],
                sample_id=str(row["sample_id"]),
                cell=row.get("cell") or "",
                state=row["state"],
                lifetime=lifetime,
                kind=kind,
                origin=row["y_origin"],
                run=str(row["y_run"]) if row["y_run"] else None,
            )
        )
    if len(cells) > MOST_GROUPS:
        raise ValidationError(
            {
                "by": [
                    f"{question.color.asked} has {len(cells)} values here, too many"
                    f" curves to tell apart (at most {MOST_GROUPS}): filter, or group"
                    " by another variable."
                ]
            }
        )
    for value in sorted(cells, key=_order):
        members = tuple(cells[value])
        curve = estimate_survival([one.lifetime for one in members], confidence)
        found.groups.append(Group(_name(value), members, curve))
    _compare(found)
    _remark(found, skipped)
    return found


def _lifetime(row):
    value, bound = row["y"], row["y_bound"]
    if value is None or value < 0:
        return None, ""
    low, high = row["y_low"], row["y_high"]
    if bound == ">":
        return Lifetime.longer_than(value), "right"
    if bound == "<":
        return Lifetime.shorter_than(value), "left"
    if INTERVAL in row["y_flags"] and low is not None:
        # Where nothing measured tells the upper end, only the lower one is known.
        low = max(low, 0.0)
        if high is None or EXTRAPOLATED_END in row["y_flags"]:
            return Lifetime.longer_than(low), "right"
        if low < high:
            return Lifetime.between(low, high), "interval"
    kind = "extrapolated" if EXTRAPOLATED in row["y_flags"] else "exact"
    return Lifetime.exact(value), kind


def _order(value):
    """Numbers by size, texts by the alphabet, what is not known last."""
    if value is None:
        return (2, 0.0, "")
    if isinstance(value, str):
        return (1, 0.0, value)
    return (0, value, "")


def _name(value):
    if value is None:
        return NOBODY
    return value if isinstance(value, str) else f"{value:.6g}"


def _compare(found):
    if len(found.groups) < 2:
        return
    try:
        found.test = compare_survival(
            {
                group.name: [cell.lifetime for cell in group.cells]
                for group in found.groups
            }
        )
    except ValueError as error:
        found.notes.append(f"No test: {error}.")


def _remark(found, skipped):
    cells = [cell for group in found.groups for cell in group.cells]
    if skipped:
        found.notes.append(f"{skipped} values are negative and no lifetimes: left out.")
    places = {(cell.sample_id, cell.cell) for cell in cells}
    if len(places) < len(cells):
        found.notes.append(
            f"{len(cells)} tests of {len(places)} cells: a cell tested in several"
            " states counts in each, though they are not independent."
        )
    if any(cell.kind == "extrapolated" for cell in cells):
        found.notes.append(
            "Some of these lifetimes are extrapolated from a model, not seen."
        )
    untold = _without(found.question) if cells else 0
    if untold:
        found.notes.append(
            f"{untold} tested cells that fit have no {found.question.y.known.label}"
            " and are in no curve: look why before you compare."
        )
    simulated = sum(1 for cell in cells if cell.origin == "simulated")
    if simulated:
        found.notes.append(f"{simulated} of {len(cells)} lifetimes are simulated.")


def _without(question):
    """How many cells were tested but have no value of y."""
    if not str(question.y.asked).startswith(f"{LIFETIME_FAMILY}.") or question.is_empty:
        return 0
    known = find_variables([TEST_TIME], list(question.projects)).get(TEST_TIME)
    if known is None or known.id is None:
        return 0
    tested = replace(
        question,
        y=replace(
            question.y,
            asked=parse_variable(TEST_TIME),
            known=known,
            unit=known.unit,
        ),
    )
    counts = [sql.count(one).rows()[0][0] for one in (tested, question)]
    return max(0, counts[0] - counts[1])


def _round_step(width):
    power = 10.0 ** math.floor(math.log10(width))
    return next(power * one for one in (1, 2, 5, 10) if power * one >= width)


def describe_survival(found):
    """The answer as plain values, for JSON and for drawing."""
    question = found.question
    columns = answer.describe_columns(
        [question.y, *([question.color] if question.color else [])]
    )
    times = found.risk_times
    return {
        "count": found.count,
        "y": columns[0],
        "by": columns[1] if question.color else None,
        "filters": answer.describe_filters(question),
        "groups": [_describe_group(group, times) for group in found.groups],
        "test": _describe_test(found.test),
        "risk_times": times,
        "notes": found.notes,
    }


def _describe_group(group, times):
    curve, median = group.curve, group.curve.quantile()
    return {
        "group": group.name,
        "count": len(group.cells),
        "deaths": curve.deaths,
        "censored": curve.censored,
        "interval_censored": group.count("interval"),
        "left_censored": group.count("left"),
        "method": curve.method,
        "confidence": curve.confidence,
        "longest": curve.longest,
        "median": {
            "value": median.value,
            "low": median.low,
            "high": median.high,
            "bound": median.bound,
        },
        "at_risk": [
            sum(1 for cell in group.cells if cell.lifetime.low >= time)
            for time in times
        ],
        "steps": {
            name: getattr(curve, name).tolist()
            for name in ("start", "time", "survival", "low", "high", "at_risk")
        },
        "censored_at": sorted(
            cell.lifetime.low for cell in group.cells if cell.kind == "right"
        ),
        "cells": [
            {
                "sample": cell.sample,
                "sample_id": cell.sample_id,
                "cell": cell.cell,
                "state": cell.state,
                "kind": cell.kind,
                "low": cell.lifetime.low,
                "high": cell.lifetime.high
                if math.isfinite(cell.lifetime.high)
                else None,
                "origin": cell.origin,
                "run": cell.run,
            }
            for cell in group.cells
        ],
    }


def _describe_test(test):
    if test is None:
        return None
    return {
        "name": "log-rank",
        "description": test.description,
        "chi_square": test.chi_square,
        "degrees_of_freedom": test.degrees_of_freedom,
        "p_value": test.p_value,
        "observed": test.observed,
        "expected": test.expected,
        "flags": list(test.flags),
    }


def write_csv(found):
    """The steps of all curves as rows, beginning with everybody alive."""
    rows = []
    for group in found.groups:
        told = _describe_group(group, [])
        rows.append((group.name, 0.0, 0.0, 1.0, 1.0, 1.0, len(group.cells)))
        steps = told["steps"].values()
        rows += [(group.name, *step) for step in zip(*steps, strict=True)]
    unit = found.question.y.unit or "1"
    names = ["group", f"start [{unit}]", f"time [{unit}]"]
    names += ["survival", "low", "high", "at_risk"]
    columns = list(zip(*rows, strict=True)) or [[] for _ in names]
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(
        pa.table([pa.array(list(column)) for column in columns], names=names), buffer
    )
    return buffer.getvalue()
