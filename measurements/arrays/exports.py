"""Datasets for other programs: HDF5 as NeXus NXdata, Parquet and CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from labdata.plugin import Dataset

ROWS_AT_ONCE = 262_144
"""Rows of the long form in memory at a time."""

Provenance = Mapping[str, Any]


def write_hdf5(dataset: Dataset, file: BinaryIO, provenance: Provenance) -> None:
    """Write a NeXus file with one NXdata group.

    Parameters
    ----------
    dataset : Dataset
        Of any dimension; the first channel is the signal.
    file : binary file
        Open for reading and writing, seekable.
    provenance : mapping
        Where the numbers come from. Each entry becomes an attribute of the entry
        group; ``origin`` also of the file and the data, so that simulated numbers
        are marked wherever somebody looks first.
    """
    entries = _as_text(provenance)
    with h5py.File(file, "w", track_order=True) as root:
        root.attrs["default"] = "entry"
        entry = root.create_group("entry")
        entry.attrs.update({"NX_class": "NXentry", "default": "data", **entries})
        data = entry.create_group("data")
        data.attrs["NX_class"] = "NXdata"
        if "origin" in entries:
            root.attrs["origin"] = data.attrs["origin"] = entries["origin"]
        data.attrs["metadata"] = json.dumps(dataset.metadata, ensure_ascii=False)
        names = [channel.name for channel in dataset.channels]
        data.attrs["signal"] = names[0]
        if names[1:]:
            data.attrs["auxiliary_signals"] = names[1:]
        data.attrs["axes"] = [axis.name for axis in dataset.axes]
        for place, axis in enumerate(dataset.axes):
            _write_array(data, axis.name, axis.values, axis.unit, axis.label)
            data[axis.name].attrs["kind"] = axis.kind
            data.attrs[f"{axis.name}_indices"] = place
        for channel in dataset.channels:
            _write_array(
                data, channel.name, channel.values, channel.unit, channel.label
            )
        for one in dataset.coordinates:
            _write_array(data, one.name, one.values, one.unit, one.name)
            data[one.name].attrs["axis"] = one.axis
            data.attrs[f"{one.name}_indices"] = dataset.axis_index(one.axis)


def _write_array(
    group: h5py.Group, name: str, values: np.ndarray, unit: str | None, label: str
) -> None:
    if values.dtype.kind == "U":
        group.create_dataset(name, data=values.tolist(), dtype=h5py.string_dtype())
    else:
        # Tiny arrays grow when chunked and compressed.
        packing = {"compression": "gzip", "shuffle": True} if values.size > 512 else {}
        group.create_dataset(name, data=values, **packing)
    group[name].attrs["long_name"] = label
    if unit is not None:
        group[name].attrs["units"] = unit


def write_parquet(dataset: Dataset, file: BinaryIO, provenance: Provenance) -> None:
    """Write the long form: a row per point, a column per axis, coordinate, channel.

    Each field's metadata has ``unit``, ``label`` and ``role``; the schema's metadata
    has every provenance entry, the dataset's own metadata and its shape.
    """
    about = {
        **_as_text(provenance),
        "metadata": json.dumps(dataset.metadata, ensure_ascii=False),
        "shape": json.dumps(dataset.shape),
    }
    schema = pa.schema(
        [
            pa.field(
                name,
                pa.string() if is_text else pa.float64(),
                metadata={"unit": unit or "", "label": label, "role": role},
            )
            for name, unit, label, role, is_text in _fields(dataset)
        ],
        metadata=about,
    )
    with pa.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for columns in _long_form(dataset):
            arrays = [pa.array(values) for values in columns]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def write_csv(dataset: Dataset, file: BinaryIO, provenance: Provenance) -> None:
    """Write the long form as UTF-8 text under a header of ``#`` lines.

    Numbers have as many digits as it takes to read back the same float64; a missing
    value is an empty field.
    """
    entries = {**_as_text(provenance), **_as_text({"metadata": dataset.metadata})}
    for key, value in entries.items():
        file.write(f"# {key}: {' '.join(value.split())}\n".encode())
    fields = _fields(dataset)
    titles = [name if unit is None else f"{name} [{unit}]" for name, unit, *_ in fields]
    file.write((",".join(titles) + "\n").encode())
    schema = pa.schema(
        [(field[0], pa.string() if field[-1] else pa.float64()) for field in fields]
    )
    options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
    with pa.csv.CSVWriter(file, schema, write_options=options) as writer:
        for columns in _long_form(dataset):
            arrays = [pa.array(values, from_pandas=True) for values in columns]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _as_text(entries: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(key): value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, default=str)
        for key, value in entries.items()
        if value is not None
    }


def _fields(dataset: Dataset) -> list[tuple[str, str | None, str, str, bool]]:
    return [
        *((axis.name, axis.unit, axis.label, "axis", False) for axis in dataset.axes),
        *(
            (one.name, one.unit, one.name, f"coordinate of {one.axis}", one.is_text)
            for one in dataset.coordinates
        ),
        *(
            (channel.name, channel.unit, channel.label, "channel", False)
            for channel in dataset.channels
        ),
    ]


def _long_form(dataset: Dataset) -> Iterator[list[np.ndarray]]:
    """Give the rows in order, the last axis fastest, a bounded number at a time."""
    flat = [channel.values.reshape(-1) for channel in dataset.channels]
    for start in range(0, dataset.size, ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, dataset.size))
        at = dict(
            zip(
                [axis.name for axis in dataset.axes],
                np.unravel_index(rows, dataset.shape),
                strict=True,
            )
        )
        yield [
            *(axis.values[at[axis.name]] for axis in dataset.axes),
            *(one.values[at[one.axis]] for one in dataset.coordinates),
            *(values[start : start + rows.size] for values in flat),
        ]


WRITERS: Mapping[str, Callable[[Dataset, BinaryIO, Provenance], None]] = (
    MappingProxyType({"hdf5": write_hdf5, "parquet": write_parquet, "csv": write_csv})
)
"""The export formats by the name the interface gives them."""
