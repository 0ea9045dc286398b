"""Arrays through the API: exact, thinned, sliced, exported."""

import io

import h5py
import numpy as np
import pyarrow.parquet
import pytest

from labdata.plugin import Dataset
from measurements.arrays.rows import save_dataset
from measurements.models import Measurement
from tests.measurements.factories import pl_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def curve(api):
    """Address of the data of an uploaded spectrum."""
    return f"datasets/{api.measured()['datasets'][0]['id']}/data/"


@pytest.fixture
def stored(api):
    """Store any dataset beside an uploaded one; gives its address."""
    measurement = Measurement.objects.get(uuid=api.measured()["id"])

    def store(dataset):
        row = save_dataset(
            dataset, measurement=measurement, name="one", identity="0" * 64
        )
        return f"datasets/{row.uuid}/"

    return store


def content(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_json_gives_every_point_exactly(api, curve):
    told = api.get(curve).json()

    axis, channel = told["axes"][0], told["channels"][0]
    assert (axis["name"], axis["unit"]) == ("wavelength", "nm")
    rows = [line.split(",") for line in pl_text().decode().splitlines()[1:]]
    assert axis["values"] == [float(row[0]) for row in rows]
    assert channel["values"] == [float(row[1]) for row in rows]
    assert told["is_downsampled"] is False


def test_fewer_points_keep_the_peak(api, stored):
    x = np.linspace(0.0, 1.0, 100_000)
    y = np.zeros(x.size)
    y[54_321] = 7.0
    path = stored(Dataset.curve(("time", "s", x), counts=("1", y)))

    told = api.get(f"{path}data/", max_points=500).json()

    assert told["is_downsampled"] is True
    assert told["full_shape"] == [100_000]
    assert len(told["axes"][0]["values"]) <= 500
    assert max(told["channels"][0]["values"]) == 7.0


def test_a_missing_value_is_null(api, stored):
    path = stored(Dataset.curve(("time", "s", [0, 1]), counts=("1", [np.nan, 2])))

    assert api.get(f"{path}data/").json()["channels"][0]["values"] == [None, 2.0]


def test_parquet_csv_and_hdf5_hold_the_same_numbers(api, curve):
    exact = api.get(curve).json()["channels"][0]["values"]

    table = pyarrow.parquet.read_table(
        io.BytesIO(content(api.get(curve, format="parquet")))
    )
    text = content(api.get(curve, format="csv")).decode()
    file = h5py.File(io.BytesIO(content(api.get(curve, format="hdf5"))))

    rows = [line for line in text.splitlines() if not line.startswith("#")][1:]
    assert table["counts"].to_pylist() == exact
    assert [float(row.split(",")[1]) for row in rows] == exact
    assert file["entry/data/counts"][:].tolist() == exact
    assert file["entry"].attrs["sample"] == "S-1"


def test_exports_carry_the_hash_of_the_raw_file(api):
    told = api.measured()

    path = f"datasets/{told['datasets'][0]['id']}/data/"
    text = content(api.get(path, format="csv")).decode()

    assert f"# file_sha256: {told['files'][0]['sha256']}" in text


def test_slices_take_positions_along_named_axes(api, stored, cube):
    path = stored(cube)

    told = api.get(f"{path}data/", slice=["x:3", "y:2:4"]).json()

    assert told["shape"] == [2, 256]
    np.testing.assert_array_equal(told["channels"][0]["values"], cube["counts"][2:4, 3])


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ({"format": "xlsx"}, "format", "json, csv, parquet, hdf5"),
        ({"slice": "z:1"}, "slice", "there: y, x, wavelength"),
        ({"slice": "x:64"}, "slice", "0 to 63"),
        ({"slice": "x:a"}, "slice", "whole numbers"),
        ({"slice": "x"}, "slice", "axis:index"),
        ({"slice": "x:9:9"}, "slice", "othing of axis x"),
        ({"slice": ["x:1", "x:2"]}, "slice", "twice"),
        ({"max_points": "2"}, "max_points", "4 to"),
        ({"max_points": "many"}, "max_points", "4 to"),
        ({"channels": "current"}, "channels", "there: counts"),
    ],
)
def test_a_wrong_question_is_told_what_would_be_right(
    api, stored, cube, query, field, message
):
    query = {"max_points": 100, **query} if field == "slice" else query
    answer = api.get(f"{stored(cube)}data/", **query)

    assert answer.status_code == 400
    assert message in answer.json()["errors"][field][0]


def test_a_whole_map_as_json_is_refused_with_advice(api, stored, cube):
    path = stored(cube)

    answer = api.get(f"{path}data/")

    assert answer.status_code == 413
    assert "max_points=2000" in answer.json()["detail"]
    assert "parquet" in answer.json()["detail"]
    assert api.get(f"{path}data/", max_points=4096).status_code == 200
    assert content(api.get(f"{path}data/", format="hdf5"))


def test_what_would_fill_the_memory_is_refused_in_any_format(
    api, stored, cube, monkeypatch
):
    path = stored(cube)
    monkeypatch.setattr("measurements.arrays.rows.MOST_UNPACKED_BYTES", 1000)

    answer = api.get(f"{path}data/", format="hdf5")
    region = {"kind": "point", "label": "A", "bounds": {"x": 0.0, "y": 0.0}}

    assert answer.status_code == 413
    assert "preview" in answer.json()["detail"]
    assert api.post(f"{path}regions/", region).status_code == 413


def test_a_map_is_previewed_as_image_and_spectrum(api, stored, cube):
    told = api.get(f"{stored(cube)}preview/").json()

    assert told["image"]["shape"] == [64, 64]
    assert told["curve"]["shape"] == [256]
    assert told["image"]["full_shape"] == [64, 64, 256]


def test_a_region_of_a_map_is_a_dataset_of_its_own(api, stored, cube):
    path = stored(cube)
    body = {"kind": "point", "label": "A", "bounds": {"x": 0.0, "y": 0.0}}

    region = api.post(f"{path}regions/", body)
    twin = api.post(f"{path}regions/", {**body, "label": "B"})

    assert region.status_code == 201
    assert twin.status_code == 400
    assert "marked already: A" in twin.json()["errors"]["bounds"][0]
    (owned,) = region.json()["datasets"]
    told = api.get(f"datasets/{owned}/data/").json()
    assert told["channels"][0]["values"] == cube["counts"][0, 0].tolist()
    listed = api.get(f"{path}regions/").json()
    assert [one["label"] for one in listed] == ["A"]


def test_superseded_datasets_leave_the_list_and_keep_their_address(api):
    told = api.measured()
    dataset = told["datasets"][0]["id"]
    from django.utils import timezone

    row = Measurement.objects.get(uuid=told["id"]).datasets.get()
    row.superseded_at = timezone.now()
    row.save()

    assert api.get("datasets/").json()["count"] == 0
    assert api.get("datasets/", current="false").json()["count"] == 1
    assert api.get(f"datasets/{dataset}/data/").status_code == 200


def test_the_list_does_not_fetch_arrays(api, django_assert_max_num_queries):
    for seed in range(4):
        api.measured(data=pl_text(seed=seed))

    with django_assert_max_num_queries(4) as queries:
        answer = api.get("datasets/", sample="S-1", technique="pl")

    assert answer.json()["count"] == 4
    assert not any('"container"' in query["sql"] for query in queries)
