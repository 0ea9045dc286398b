"""Drawing fewer points must not change what a curve shows."""

import numpy as np

from labdata.plugin import Axis, Channel, Dataset
from measurements.arrays.preview import downsample, preview


def spiked(size=200_000):
    """A smooth curve with one point far up and one far down."""
    values = np.sin(np.linspace(0, 20, size))
    values[123_457], values[54_321] = 50.0, -40.0
    return Dataset.curve(("x", "s", np.linspace(0, 1, size)), y=("1", values))


def test_peaks_survive_where_they_are():
    curve = spiked()

    few = downsample(curve, 2000)

    assert few.size <= 2000
    assert few["y"].max() == 50.0
    assert few["y"].min() == -40.0
    assert few["x"][few["y"].argmax()] == curve["x"][123_457]
    assert few["x"][[0, -1]].tolist() == [0.0, 1.0]


def test_every_channel_keeps_its_peak():
    curve = spiked()
    both = Dataset.curve(
        ("x", "s", curve["x"]), y=("1", curve["y"]), z=("1", curve["y"][::-1])
    )

    few = downsample(both, 1000)

    assert few.size <= 1000
    assert few["y"].max() == few["z"].max() == 50.0


def test_a_gap_stays_a_gap():
    values = np.ones(10_000)
    values[3000:5000] = np.nan
    curve = Dataset.curve(("x", "s", np.arange(10_000)), y=("1", values))

    few = downsample(curve, 200)

    assert np.isnan(few["y"]).any()
    assert few["x"][np.isnan(few["y"])].min() >= 3000


def test_small_datasets_are_left_alone(series):
    assert downsample(series, 10_000) is series


def test_a_large_map_is_averaged_with_its_axes(cube):
    few = downsample(cube, 5000)

    assert few.size <= 5000
    assert np.isclose(few["counts"].mean(), cube["counts"].mean(), rtol=0.02)
    assert cube["wavelength"][0] < few["wavelength"][0] < cube["wavelength"][5] + 40


def test_a_map_previews_as_image_and_summed_spectrum(cube):
    found = preview(cube)

    assert found["image"].shape == (64, 64)
    assert np.allclose(found["image"]["counts"], cube["counts"].mean(axis=2))
    assert np.allclose(found["curve"]["counts"], cube["counts"].sum(axis=(0, 1)))


def test_a_large_image_shrinks_to_256_on_a_side():
    values = np.add.outer(np.arange(600.0), np.arange(300.0))
    image = Dataset(
        (Axis("y", "nm", "y", np.arange(600)), Axis("x", "nm", "x", np.arange(300))),
        (Channel("height", "nm", "Height", values),),
    )

    found = preview(image)

    assert list(found) == ["image"]
    assert found["image"].shape == (256, 256)
    assert np.isclose(found["image"]["height"].mean(), values.mean(), rtol=0.01)


def test_a_series_previews_as_frames_by_wavelength(series):
    found = preview(series)

    assert found["image"].shape == (6, 201)
    assert found["image"]["branch"].tolist() == series["branch"].tolist()
    assert np.isfinite(found["curve"]["counts"]).all()


def test_a_pixel_nobody_measured_stays_missing(cube):
    values = cube["counts"].copy()
    values[5, 6] = np.nan
    holed = Dataset(cube.axes, (Channel("counts", "1", "Intensity", values),))

    image = preview(holed)["image"]["counts"]

    assert np.argwhere(np.isnan(image)).tolist() == [[5, 6]]
