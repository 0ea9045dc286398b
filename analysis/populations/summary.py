"""Groups of a population side by side: numbers, champions, tests, and what to doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from analysis.numerics.statistics import group_tests as numerics
from analysis.populations.points import Point, collect
from analysis.relations.bins import cut
from labdata.common.measures.numbers import format_measured
from labdata.common.variables import Filter

MOST_GROUPS = 40
FEW_NUMBERS = 12
AUTOMATIC_BINS = 4
NOT_KNOWN = "none recorded"


@dataclass(slots=True)
class Group:
    """One group: its points in the order of their values, and what they amount to."""

    name: str
    points: list[Point] = field(default_factory=list)
    excluded: list[Point] = field(default_factory=list)
    summary: numerics.Summary | None = None
    devices: int = 0
    bounded: int = 0
    simulated: int = 0
    value: object = None
    low: float | None = None
    high: float | None = None

    @property
    def champion(self):
        place = self.summary and self.summary.champion
        return None if place is None else self.points[place]

    @property
    def outliers(self):
        return [self.points[place] for place in self.summary.outliers]


@dataclass(slots=True)
class Population:
    """All groups; ``tests`` compare values, ``device_tests`` the means of devices."""

    question: object
    groups: list[Group]
    tests: numerics.Comparison | None
    device_tests: numerics.Comparison | None
    notes: list[str]

    @property
    def comparison(self):
        """The one to trust: that of devices where cells are nested in them."""
        return self.device_tests or self.tests

    @property
    def count(self):
        return sum(len(group.points) for group in self.groups)

    @property
    def excluded_count(self):
        return sum(len(group.excluded) for group in self.groups)

    @property
    def bounded(self):
        return sum(group.bounded for group in self.groups)

    @property
    def simulated(self):
        return sum(group.simulated for group in self.groups)


def summarise(question) -> Population:
    """Group what is asked for, and say what the groups are and whether they differ."""
    counted, excluded = collect(question)
    groups, notes = _groups(question, counted, excluded)
    if len(groups) > MOST_GROUPS:
        notes.append(
            f"{len(groups)} groups: the {MOST_GROUPS} with most values are shown."
        )
        largest = sorted(groups, key=lambda group: -len(group.points))[:MOST_GROUPS]
        groups = [group for group in groups if group in largest]
    for group in groups:
        group.points.sort(key=lambda point: (point.value, str(point.source)))
        devices = [str(point.sample_id) for point in group.points]
        group.devices = len(set(devices))
        group.bounded = sum(point.bound != "=" for point in group.points)
        group.simulated = sum(point.origin == "simulated" for point in group.points)
        is_nested = group.devices < len(devices)
        group.summary = numerics.describe(
            [point.value for point in group.points],
            devices if is_nested else None,
            best=question.best,
        )
    tests, device_tests = _tests(question, groups)
    population = Population(question, groups, tests, device_tests, notes)
    notes += _doubts(population)
    return population


def notes_of(comparison):
    """What to say of a comparison; clusters are devices here."""
    return [
        note.replace("cluster", "device")
        for note in (comparison.notes if comparison else ())
        if not note.startswith("All values are taken as independent")
    ]


def _tests(question, groups):
    values = {
        group.name: [point.value for point in group.points]
        for group in groups
        if group.points
    }
    if not values:
        return None, None
    devices = {
        group.name: [str(point.sample_id) for point in group.points]
        for group in groups
        if group.points
    }
    tests = numerics.compare(values, best=question.best)
    is_nested = any(group.devices < len(group.points) for group in groups)
    if not is_nested:
        return tests, None
    return tests, numerics.compare(values, devices, best=question.best)


def _doubts(population):
    notes = []
    if population.bounded:
        notes.append(
            f"{population.bounded} of {population.count} values are limits (“> 1500 h”)"
            " or approximate (“~ 7.5 %”): means, medians and tests take them at face"
            " value."
        )
    cells = sum(len(group.points) - group.devices for group in population.groups)
    if cells:
        notes.append(
            "Several values are of one device. Cells of one device share its films and"
            " are not independent: the test of devices, which compares their means, is"
            " the one to trust."
        )
    points = [point for group in population.groups for point in group.points]
    states = sorted({point.state for point in points})
    if len({(p.sample_id, p.cell) for p in points}) < len(points) and len(states) > 1:
        notes.append(
            f"The same cells are in it in several states ({', '.join(states[:4])}):"
            " filter or group by state to keep them apart."
        )
    devices = {point.sample_id for point in points}
    shared = sum(group.devices for group in population.groups) - len(devices)
    if shared:
        notes.append(f"{shared} devices have values in several groups.")
    return notes


def _groups(question, counted, excluded):
    by = question.by
    if by is None:
        return [Group("all", counted, excluded)], []
    everyone = [*counted, *excluded]
    if by.is_number:
        return _number_groups(question, counted, everyone)
    groups = {name: Group(name, value=name) for name in _texts(everyone)}
    return _filled(groups, everyone, lambda point: point.by), []


def _texts(points):
    names = {point.by for point in points}
    known = sorted((name for name in names if name is not None), key=_natural)
    return [*([None] if None in names else []), *known]


def _natural(text):
    """Numbers within texts in the order of their size."""
    parts, digits = [], ""
    for letter in f"{text.casefold()}\0":
        if letter.isascii() and letter.isdigit():
            digits += letter
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, letter))
    return parts


def _number_groups(question, counted, everyone):
    """Equal numbers together, or bins of them; bins are those of what counts."""
    notes = []
    numbers = np.array([math.nan if p.by is None else p.by for p in counted], float)
    bins, kind = question.bins, "quantile"
    if bins is None:
        distinct = np.unique(numbers[~np.isnan(numbers)])
        if distinct.size <= FEW_NUMBERS:
            names = {point.by for point in everyone}
            ordered = sorted(name for name in names if name is not None)
            groups = {name: _number_group(name, question.by) for name in ordered}
            if None in names:
                groups[None] = Group(NOT_KNOWN)
            return _filled(groups, everyone, lambda point: point.by), notes
        notes.append(
            f"{question.by.known.label} has {distinct.size} values: they are parted at"
            " their quartiles; choose other bins, or none of them."
        )
        number = AUTOMATIC_BINS
    else:
        number, kind = bins.number, bins.kind
    if not np.any(~np.isnan(numbers)):
        return _filled({None: Group(NOT_KNOWN)}, everyone, lambda point: None), notes
    _, edges = cut(numbers, number, kind)
    groups = {
        place: _bin_group(place, edges, question.by) for place in range(edges.size - 1)
    }
    if any(point.by is None for point in everyone):
        groups[None] = Group(NOT_KNOWN)

    def place(point):
        if point.by is None:
            return None
        side = "left" if kind == "quantile" else "right"
        return int(np.searchsorted(edges[1:-1], point.by, side))

    return _filled(groups, everyone, place), notes


def _filled(groups, points, place):
    for point in points:
        group = groups[place(point)]
        (group.excluded if point.is_excluded else group.points).append(point)
    for key, group in groups.items():
        if key is None:
            group.name = NOT_KNOWN
    return list(groups.values())


def _number_group(number, by):
    return Group(_written(number, by.unit), value=number, low=number, high=number)


def _bin_group(place, edges, by):
    low, high = float(edges[place]), float(edges[place + 1])
    name = f"{_written(low)} to {_written(high, by.unit)}"
    return Group(name, low=low, high=high)


def _written(number, unit=""):
    unit = "" if unit in (None, "1") else unit
    return format_measured(float(f"{number:.4g}"), unit=unit)


def group_filter(question, group):
    """The filter that leaves one group, in the notation of an address; else empty."""
    by = question.by
    if by is None or (group.value is None and group.low is None):
        return ""
    if not by.is_number:
        return str(Filter(by.asked, "eq", (str(group.value),)))
    ends = tuple(f"{end:.12g}" for end in (group.low, group.high))
    unit = "" if by.unit in (None, "1") else f" {by.unit}"
    if group.low == group.high:
        return str(Filter(by.asked, "eq", (f"{ends[0]}{unit}",)))
    return str(Filter(by.asked, "between", tuple(f"{end}{unit}" for end in ends)))
