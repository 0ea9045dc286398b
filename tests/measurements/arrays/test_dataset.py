"""Datasets fit series, maps and images, and refuse what contradicts itself."""

import numpy as np
import pytest

from labdata.plugin import Axis, Channel, Coordinate, Dataset, InvalidDataset, Region


def test_a_temperature_series_carries_temperature_time_and_branch_per_frame(series):
    hot = series.isel(frame=2)

    assert series.shape == (6, 201)
    assert series["branch"].tolist()[2:5] == ["dwell", "dwell", "cooling"]
    assert series.unit("temperature") == "°C"
    assert hot.shape == (201,)
    assert hot.metadata["position"] == {
        "frame": {"value": 2.0, "unit": "1"},
        "temperature": {"value": 350.0, "unit": "°C"},
        "time": {"value": 16.0, "unit": "min"},
        "branch": {"value": "dwell", "unit": None},
    }


def test_a_frame_of_unknown_temperature_says_so(series):
    lost = series.isel(frame=5)

    assert lost.metadata["position"]["temperature"]["value"] is None


def test_a_selection_takes_the_coordinates_along(series):
    cooling = series.isel(frame=series["branch"] == "cooling", wavelength=slice(0, 10))

    assert cooling.shape == (2, 10)
    assert cooling["time"].tolist() == [32.0, 40.0]
    assert cooling["wavelength"].tolist() == series["wavelength"][:10].tolist()


def test_a_map_gives_the_spectrum_of_a_pixel(cube):
    pixel = cube.isel(y=10, x=20)

    assert cube.shape == (64, 64, 256)
    assert np.array_equal(pixel["counts"], cube["counts"][10, 20])
    assert pixel.axes[0].name == "wavelength"


def test_an_image_is_a_dataset_of_two_axes():
    image = Dataset(
        (Axis("y", "nm", "y", np.arange(3)), Axis("x", "nm", "x", np.arange(4))),
        (Channel("height", "nm", "Height", np.arange(12.0).reshape(3, 4)),),
    )

    assert image.isel(y=1)["height"].tolist() == [4.0, 5.0, 6.0, 7.0]


def test_a_box_averages_its_pixels(cube):
    mean = cube.region_mean(Region.box(y=(0.2, 0.5), x=(1.0, 0.3)))

    expected = cube["counts"][2:6, 3:11].mean(axis=(0, 1))
    assert np.allclose(mean["counts"], expected)
    assert mean.metadata["region"] == {
        "kind": "box",
        "y": [0.2, 0.5],
        "x": [1.0, 0.3],
    }


def test_a_point_takes_the_nearest_pixel(cube):
    spectrum = cube.region_mean(Region.point(x=3.04, y=0.71))

    assert np.array_equal(spectrum["counts"], cube["counts"][7, 30])


def test_a_line_counts_every_pixel_once(cube):
    mean = cube.region_mean(Region.line(y=(0.0, 6.3), x=(0.0, 6.3)))

    diagonal = np.arange(64)
    assert np.allclose(mean["counts"], cube["counts"][diagonal, diagonal].mean(axis=0))


def test_a_region_along_one_axis_keeps_the_other(cube):
    rows = cube.region_mean(Region.box(wavelength=(600, 620)))

    assert rows.shape == (64, 64)


def test_a_missing_value_in_a_region_stays_missing(series):
    mean = series.region_mean(Region.box(frame=(2, 4)))

    assert np.flatnonzero(np.isnan(mean["counts"])).tolist() == [40]


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        (Region.point(x=99.0), "99 is outside axis x, 0 to 6.3 µm"),
        (Region.box(x=(0.11, 0.19)), "no point of axis x"),
        (Region.point(z=1.0), "no axis 'z'"),
        (Region.box(x=(0, 1), y=(0, 1), wavelength=(500, 600)), "at least one axis"),
    ],
)
def test_a_region_outside_is_refused(cube, region, reason):
    with pytest.raises(InvalidDataset, match=reason):
        cube.region_mean(region)


def test_crop_keeps_the_ends(series):
    part = series.crop("wavelength", 650, 660)

    assert part["wavelength"][[0, -1]].tolist() == [650.0, 660.0]
    with pytest.raises(InvalidDataset, match="600 to 800 nm"):
        series.crop("wavelength", 100, 200)


def test_values_cannot_be_changed_and_are_not_the_callers():
    mine = np.arange(3.0)
    dataset = Dataset.curve(("x", "1", mine), y=("1", mine))

    mine[0] = 99.0

    assert dataset["y"][0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        dataset["y"][0] = 1.0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"x": ("x", "nm", [1.0, np.nan])}, "axis x has 1 values that are not finite"),
        ({"x": ("x", "nm", [[1.0, 2.0]])}, "one row"),
        ({"x": ("two words", "nm", [1.0, 2.0])}, "'two words' cannot name"),
        ({"x": ("y", "nm", [1.0, 2.0])}, "'y' is used twice"),
        ({"y": ("1", [1.0, 2.0, 3.0])}, r"channel y has shape \(3,\)"),
        ({"y": ("1", [1.0, "two"])}, "no number"),
        ({"metadata": {"a": float("nan")}}, "JSON"),
        ({"metadata": {"a": object()}}, "JSON"),
    ],
)
def test_contradictions_are_refused(change, reason):
    parts = {"x": ("x", "nm", [1.0, 2.0]), "y": ("1", [1.0, 2.0])} | change

    with pytest.raises(InvalidDataset, match=reason):
        Dataset.curve(**parts)


@pytest.mark.parametrize(
    ("coordinate", "reason"),
    [
        (("t", "°C", "frame", np.arange(3.0)), r"axis frame needs \(6,\)"),
        (("t", "°C", "nowhere", np.arange(6.0)), "no axis 'nowhere'"),
        (("t", None, "frame", np.array([1, "a"] * 3, dtype=object)), "mixes text"),
    ],
)
def test_coordinates_that_do_not_fit_are_refused(series, coordinate, reason):
    with pytest.raises(InvalidDataset, match=reason):
        Dataset(series.axes, series.channels, (Coordinate(*coordinate),))


@pytest.mark.parametrize(
    ("indexers", "reason"),
    [
        ({"frame": 6}, "axis frame"),
        ({"frame": slice(3, 3)}, "nothing of axis frame"),
        ({"frame": 0, "wavelength": 0}, "at least one axis"),
        ({"pixel": 0}, r"no axis 'pixel' \(there: frame, wavelength\)"),
    ],
)
def test_selections_outside_are_refused(series, indexers, reason):
    with pytest.raises(InvalidDataset, match=reason):
        series.isel(**indexers)


def test_equality_looks_at_every_part(series):
    others = [
        series.isel(frame=slice(0, 5)),
        series.with_metadata(note="x"),
        Dataset(series.axes, series.channels, series.coordinates[:2], series.metadata),
    ]

    assert series.equals(Dataset(*(getattr(series, part) for part in PARTS)))
    assert not any(series.equals(other) for other in others)


PARTS = ("axes", "channels", "coordinates", "metadata")
