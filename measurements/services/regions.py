"""Marking points, lines and boxes of a dataset, and the spectra they own."""

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from labdata.common.people.access import require_write
from labdata.plugin import InvalidDataset
from labdata.plugin import Region as Area
from labdata.plugin.numbers import is_finite
from measurements.arrays import container
from measurements.arrays.rows import load_dataset, pack_dataset, save_packed
from measurements.models import Dataset, Region


def create_region(
    *,
    user: User,
    dataset: Dataset,
    kind: str,
    label: str,
    bounds: Mapping[str, float | list[float]],
) -> tuple[Region, Dataset]:
    """Mark a part of a dataset and store the mean over it as a dataset of its own.

    ``bounds`` maps axis names to a value, or to [low, high] (box) or [start, end]
    (line), in the axes' units.

    Raises
    ------
    ValidationError
        Under ``bounds``, with what the axis spans.
    """
    require_write(user, dataset.project)
    shape = _shape(kind, bounds)
    try:
        mean = load_dataset(dataset).region_mean(shape)
    except InvalidDataset as error:
        raise ValidationError({"bounds": f"{str(error).capitalize()}."}) from error
    identity = container.identity(
        dataset.identity, "region", 1, str(shape.to_json()), dataset.pk
    )
    packed = pack_dataset(mean)
    with transaction.atomic():
        there = dataset.measurement.datasets.current().filter(identity=identity)
        if twin := there.select_related("region").first():
            raise ValidationError(
                {"bounds": f"This part is marked already: {twin.region.label}."}
            )
        region = Region(
            dataset=dataset, kind=kind, label=label, bounds=bounds, created_by=user
        )
        region.full_clean()
        region.save()
        row = save_packed(
            packed,
            measurement=dataset.measurement,
            name=label,
            identity=identity,
            technique=dataset.technique,
            region=region,
            reader=dataset.reader,
            reader_version=dataset.reader_version,
        )
    return region, row


def _shape(kind, bounds):
    if not isinstance(bounds, dict) or not bounds:
        raise ValidationError({"bounds": "Give at least one axis and its value."})
    ranges = []
    for axis, value in bounds.items():
        ends = value if isinstance(value, list) else [value, value]
        numbers = all(
            isinstance(end, int | float)
            and not isinstance(end, bool)
            and is_finite(end)
            for end in ends
        )
        if len(ends) != 2 or not numbers:
            raise ValidationError(
                {"bounds": f"{axis} is a number or [low, high], not {value!r}."}
            )
        if kind == Region.Kind.POINT and ends[0] != ends[1]:
            raise ValidationError({"bounds": f"A point has one value of {axis}."})
        ranges.append((axis, (float(ends[0]), float(ends[1]))))
    try:
        return Area(kind, tuple(ranges))
    except InvalidDataset as error:
        raise ValidationError({"bounds": f"{str(error).capitalize()}."}) from error
