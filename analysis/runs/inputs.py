"""What a run is given: which datasets belong together, under which conditions."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from measurements.models import Dataset
from measurements.reading.conditions import conditions_in_force
from samples.models import Cell

AREAS = ("active_area", "mask_area")


@dataclass(frozen=True, slots=True)
class Group:
    """Datasets of one measurement that one run takes, and what tells it from others.

    ``scope`` is the cell's label, or the dataset's name where each is taken alone.
    """

    datasets: list[Dataset]
    cell: Cell | None
    scope: str = ""


def groups_of(spec, measurement, only=None) -> list[Group]:
    """Split what a measurement holds as an analysis takes it.

    Parameters
    ----------
    spec : Analysis
    measurement : Measurement
    only : list of Dataset, optional
        The groups these belong to, instead of all.

    Raises
    ------
    ValidationError
        If the measurement holds no data, or a named dataset is none of its own: then
        nothing is analysed in its place.
    """
    for named in only or ():
        _require_measured(named)
    rows = list(
        Dataset.objects.current()
        .without_arrays()
        .filter(measurement=measurement, is_result=False, region__isnull=True)
        .select_related("cell")
        .order_by("pk")
    )
    if not rows:
        raise ValidationError(
            {"measurements": f"{measurement} holds no data: attach a file first."}
        )
    if spec.gathers == "cell":
        return _by_cell(measurement, rows, only)
    if spec.gathers == "dataset":
        groups = [Group([row], _cell_of(row, measurement), row.name) for row in rows]
        return [group for group in groups if _is_among(group, only)]
    chosen = rows[:1] if only is None else [row for row in rows if row in only]
    return [Group([row], _cell_of(row, measurement)) for row in chosen]


def _require_measured(dataset):
    """Refuse what was not read from a file, by name."""
    if dataset.region_id is not None:
        reason = (
            "is the mean over a region: its numbers would stand for the whole sample."
            " Name the dataset the region is marked on"
        )
    elif dataset.is_result:
        reason = (
            "is the result of an analysis, no measured data. Name the dataset it was"
            " made of"
        )
    else:
        return
    raise ValidationError({"datasets": f"{dataset.name} {reason}."})


def _by_cell(measurement, rows, only):
    cells = {}
    for row in rows:
        cell = _cell_of(row, measurement)
        cells.setdefault(cell.pk if cell else None, (cell, []))[1].append(row)
    groups = [
        Group(datasets, cell, cell.label if cell else "")
        for cell, datasets in cells.values()
    ]
    return [group for group in groups if _is_among(group, only)]


def _is_among(group, only):
    return only is None or any(row in only for row in group.datasets)


def _cell_of(row, measurement):
    return row.cell or measurement.subject.cell


def conditions_of(spec, measurement, group) -> dict:
    """What an analysis is told of the conditions, by the public id of each dataset.

    What people and files say goes before the areas of the cell's own record. These are
    given apart too, so that the analysis can tell a contradiction.
    """
    if not spec.conditions:
        return {}
    known = {}
    for row in group.datasets:
        own = (row.metadata or {}).get("conditions", {})
        held = conditions_in_force(measurement, own)
        told = {}
        for key in spec.conditions:
            value = held.get(key)
            if value is None and key in AREAS and group.cell:
                value = getattr(group.cell, key)
            if value is not None:
                told[key] = value
        if group.cell:
            told |= {
                f"cell_{key}": area
                for key in AREAS
                if key in spec.conditions
                and (area := getattr(group.cell, key)) is not None
            }
        known[str(row.uuid)] = told
    return known
