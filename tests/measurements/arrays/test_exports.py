"""Other programs find numbers, units and where they come from."""

import io
import json

import h5py
import numpy as np
import pyarrow.parquet
import pytest

from measurements.arrays.exports import WRITERS, write_csv, write_hdf5, write_parquet

PROVENANCE = {
    "origin": "simulated",
    "sample": "M-25-300",
    "reader_version": 2,
    "note": "two\nlines",
    "nothing": None,
}


def test_hdf5_is_nexus_data_with_units_and_origin(series):
    file = io.BytesIO()

    write_hdf5(series, file, PROVENANCE)

    with h5py.File(file) as root:
        data = root[root.attrs["default"]][root["entry"].attrs["default"]]
        assert data.attrs["NX_class"] == "NXdata"
        assert list(data.attrs["axes"]) == ["frame", "wavelength"]
        signal = data[data.attrs["signal"]]
        assert np.array_equal(signal[:], series["counts"], equal_nan=True)
        assert data["wavelength"].attrs["units"] == "nm"
        assert data.attrs["temperature_indices"] == 0
        assert data["temperature"].attrs["units"] == "°C"
        assert data["branch"].asstr()[2] == "dwell"
        assert root.attrs["origin"] == data.attrs["origin"] == "simulated"
        assert root["entry"].attrs["sample"] == "M-25-300"


def test_parquet_has_units_in_fields_and_provenance_in_the_schema(series):
    file = io.BytesIO()

    write_parquet(series, file, PROVENANCE)

    table = pyarrow.parquet.read_table(io.BytesIO(file.getvalue()))
    assert table.num_rows == series.size
    assert table.schema.field("wavelength").metadata[b"unit"] == b"nm"
    assert table.schema.field("temperature").metadata[b"role"] == b"coordinate of frame"
    assert table.schema.metadata[b"origin"] == b"simulated"
    assert json.loads(table.schema.metadata[b"shape"]) == [6, 201]
    back = table["counts"].to_numpy().reshape(series.shape)
    assert np.array_equal(back, series["counts"], equal_nan=True)
    assert table["branch"][2 * 201].as_py() == "dwell"


def test_csv_says_what_it_is_and_reads_back_exactly(series):
    file = io.BytesIO()

    write_csv(series, file, PROVENANCE)

    lines = file.getvalue().decode().splitlines()
    header = [line for line in lines if line.startswith("#")]
    assert "# origin: simulated" in header
    assert "# note: two lines" in header
    titles, *rows = lines[len(header) :]
    assert titles == (
        "frame [1],wavelength [nm],temperature [°C],time [min],branch,counts [1]"
    )
    assert len(rows) == series.size
    counts = [float(row.split(",")[-1] or "nan") for row in rows]
    assert np.array_equal(counts, series["counts"].ravel(), equal_nan=True)
    assert rows[3 * 201 + 40].endswith(',"dwell",')


@pytest.mark.parametrize("name", WRITERS)
def test_maps_go_through_every_writer(cube, name):
    file = io.BytesIO()

    WRITERS[name](cube.isel(y=slice(0, 32)), file, {"origin": "computed"})

    assert b"computed" in file.getvalue()
