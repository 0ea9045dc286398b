"""Datasets as rows: small containers inside the database, larger ones in the store."""

import json
from dataclasses import dataclass
from io import BytesIO
from math import prod
from typing import Any

from django.db import transaction
from django.utils import timezone

from labdata.plugin import Dataset
from measurements import models
from measurements.arrays import container
from measurements.arrays.preview import CURVE_POINTS, preview
from measurements.store.raw import get_store, read_bytes

INLINE_BYTES = 256 * 1024
"""Containers up to this size travel with their row: one transaction, one backup."""


MOST_UNPACKED_BYTES = 1024**3
"""What a request may unpack; workers have their own limit."""


class UnpackedTooLarge(Exception):
    """The dataset does not fit into the memory a request may take."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A dataset ready to become a row; a large container lies in the store already."""

    description: dict[str, Any]
    sha256: str
    size: int
    container: bytes | None
    preview: bytes | None


def pack_dataset(dataset: Dataset) -> Packed:
    """Compress a dataset; outside transactions, because a map takes its time."""
    data = container.pack(dataset)
    sha256 = container.digest(data)
    size = len(data)
    inline = size <= INLINE_BYTES
    if not inline:
        get_store().put_stream([data], limit=size)
    return Packed(
        _describe(dataset), sha256, size, data if inline else None, _preview(dataset)
    )


def _describe(dataset):
    return {
        "axes": [
            {
                "name": axis.name,
                "unit": axis.unit,
                "label": axis.label,
                "kind": axis.kind,
                "size": axis.size,
                "first": float(axis.values[0]),
                "last": float(axis.values[-1]),
            }
            for axis in dataset.axes
        ],
        "channels": [
            {"name": one.name, "unit": one.unit, "label": one.label}
            for one in dataset.channels
        ],
        "coordinates": [
            {"name": one.name, "unit": one.unit, "axis": one.axis}
            for one in dataset.coordinates
        ],
        "metadata": dataset.metadata,
        "shape": list(dataset.shape),
    }


@transaction.atomic
def save_packed(
    packed: Packed,
    *,
    measurement,
    name,
    identity,
    technique="",
    file=None,
    region=None,
    reader="",
    reader_version=0,
    is_result=False,
    cell=None,
):
    """Make the row of a packed dataset."""
    blob = None
    if packed.container is None:
        blob, _ = models.Blob.objects.get_or_create(
            sha256=packed.sha256, defaults={"size": packed.size}
        )
    row = models.Dataset(
        project_id=measurement.project_id,
        measurement=measurement,
        file=file,
        region=region,
        name=name[:100],
        technique=technique or measurement.technique,
        reader=reader,
        reader_version=reader_version,
        is_result=is_result,
        cell=cell,
        identity=identity,
        sha256=packed.sha256,
        size=packed.size,
        container=packed.container,
        blob=blob,
        preview=packed.preview,
        **packed.description,
    )
    row.save()
    return row


def save_dataset(dataset: Dataset, **values):
    """Pack a dataset and make its row, for those that are small and few."""
    return save_packed(pack_dataset(dataset), **values)


def load_dataset(row, channels=None) -> Dataset:
    """Read a dataset back, every byte verified.

    Raises
    ------
    CorruptDataset
        If the stored bytes are not those that were written.
    """
    inline = row.container
    data = read_bytes(row.sha256) if inline is None else bytes(inline)
    return container.unpack(data, row.sha256, channels)


def refuse_huge(row, channels=None):
    """Keep an array from the web process that would take its memory.

    Raises
    ------
    UnpackedTooLarge
        With the size and what to do instead.
    """
    names = channels or [channel["name"] for channel in row.channels]
    if 8 * prod(row.shape) * len(names) > MOST_UNPACKED_BYTES:
        raise UnpackedTooLarge(
            f"This dataset has {prod(row.shape):,} points in {len(names)} channels, "
            "too many to unpack here: ask for fewer with ?channels=, take …/preview/, "
            "or download the raw file."
        )


def load_preview(row) -> dict[str, Dataset]:
    """What a page draws first: a curve of about 2,000 points, an image, or both."""
    if row.preview is None:
        return preview(load_dataset(row))
    data = BytesIO(bytes(row.preview))
    sizes = json.loads(data.readline())
    return {
        name: container.Container(BytesIO(data.read(size))).dataset()
        for name, size in sizes.items()
    }


def _preview(dataset):
    """Pack the preview, or None where the dataset itself is no larger."""
    if dataset.ndim == 1 and dataset.size <= CURVE_POINTS:
        return None
    packed = {name: container.pack(one) for name, one in preview(dataset).items()}
    sizes = json.dumps({name: len(data) for name, data in packed.items()})
    return b"".join([sizes.encode(), b"\n", *packed.values()])


def supersede(datasets):
    """Leave datasets where they are and no longer count them."""
    return datasets.filter(superseded_at__isnull=True).update(
        superseded_at=timezone.now()
    )
