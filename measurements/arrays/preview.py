"""Fewer points for drawing: curves that keep their peaks, images, summed spectra."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tsdownsample import NaNMinMaxDownsampler

from labdata.plugin import Axis, Channel, Coordinate, Dataset

CURVE_POINTS = 2000
IMAGE_SIDE = 256


def downsample(dataset: Dataset, max_points: int) -> Dataset:
    """Draw a dataset with at most ``max_points`` points per channel.

    Parameters
    ----------
    dataset : Dataset
        Of any dimension; returned as it is if small enough.
    max_points : int
        At least 4.

    Returns
    -------
    Dataset
        A curve keeps original points: the ends, and the lowest and highest of every
        stretch in every channel, so that no peak and no spike is lost. More
        dimensions are averaged over blocks of neighbours.
    """
    max_points = max(4, max_points)
    if dataset.size <= max_points:
        return dataset
    if dataset.ndim == 1:
        return dataset.isel(**{dataset.axes[0].name: _extremes(dataset, max_points)})
    shape = list(dataset.shape)
    while np.prod(shape) > max_points:
        longest = int(np.argmax(shape))
        shape[longest] = (shape[longest] + 1) // 2
    return _shrink(dataset, shape)


def preview(dataset: Dataset, spectral: str | None = None) -> dict[str, Dataset]:
    """Make what a page shows before anything is asked for.

    Parameters
    ----------
    dataset : Dataset
        Of any dimension.
    spectral : str, optional
        The axis along which one point's curve runs; by default the last axis where
        there are three or more, or where another one numbers frames.

    Returns
    -------
    dict of str to Dataset
        ``"curve"``: the curve, or the sum over all other axes, of about 2,000
        points. ``"image"``: for two or more axes the mean onto the two longest of
        the others (a series: frames × spectral axis), of at most 256 × 256.
    """
    if dataset.ndim == 1:
        return {"curve": downsample(dataset, CURVE_POINTS)}
    names = [axis.name for axis in dataset.axes]
    if spectral is None and (dataset.ndim > 2 or dataset.axes[0].kind == "frame"):
        spectral = names[-1]
    plane = [name for name in names if name != spectral]
    if len(plane) == 1:
        plane = names
    plane = sorted(plane, key=lambda name: -dataset.axis(name).size)[:2]
    image = _reduce(dataset, [name for name in names if name not in plane], mean=True)
    sides = [min(axis.size, IMAGE_SIDE) for axis in image.axes]
    found = {"image": _shrink(image, sides)}
    if spectral is not None:
        others = [name for name in names if name != spectral]
        found["curve"] = downsample(_reduce(dataset, others), CURVE_POINTS)
    return found


def _extremes(dataset: Dataset, max_points: int) -> np.ndarray:
    size = dataset.axes[0].size
    share = max(2, (max_points - 2) // len(dataset.channels) // 2 * 2)
    kept = [np.array([0, size - 1], dtype=np.intp)]
    for channel in dataset.channels:
        # The one that knows NaN keeps the gaps of a curve visible as gaps.
        picked = NaNMinMaxDownsampler().downsample(channel.values, n_out=share)
        kept.append(picked.astype(np.intp))
    return np.unique(np.concatenate(kept))


def _reduce(dataset: Dataset, names: list[str], *, mean: bool = False) -> Dataset:
    """Sum or average the known values over named axes; nowhere known is missing."""
    if not names:
        return dataset
    places = tuple(dataset.axis_index(name) for name in names)
    axes = tuple(axis for axis in dataset.axes if axis.name not in names)
    channels = tuple(
        replace(channel, values=_known(channel.values, places, mean=mean))
        for channel in dataset.channels
    )
    coordinates = tuple(one for one in dataset.coordinates if one.axis not in names)
    return Dataset(axes, channels, coordinates, dataset.metadata)


def _known(values: np.ndarray, places: tuple[int, ...], *, mean: bool) -> np.ndarray:
    known = (~np.isnan(values)).sum(axis=places)
    total = np.nansum(values, axis=places)
    return np.where(known > 0, total / np.maximum(known, 1) if mean else total, np.nan)


def _shrink(dataset: Dataset, shape: list[int]) -> Dataset:
    """Average over blocks so that the axes have at most the lengths of ``shape``."""
    axes: list[Axis] = []
    coordinates: list[Coordinate] = []
    arrays = [channel.values for channel in dataset.channels]
    for place, (axis, length) in enumerate(zip(dataset.axes, shape, strict=True)):
        along = [one for one in dataset.coordinates if one.axis == axis.name]
        if length >= axis.size:
            axes.append(axis)
            coordinates += along
            continue
        edges = np.linspace(0, axis.size, length + 1).astype(np.intp)[:-1]
        axes.append(replace(axis, values=_block_mean(axis.values, edges, 0)))
        arrays = [_block_mean(array, edges, place) for array in arrays]
        for one in along:
            values = (
                one.values[edges] if one.is_text else _block_mean(one.values, edges, 0)
            )
            coordinates.append(replace(one, values=values))
    channels = tuple(
        Channel(channel.name, channel.unit, channel.label, array)
        for channel, array in zip(dataset.channels, arrays, strict=True)
    )
    return Dataset(tuple(axes), channels, tuple(coordinates), dataset.metadata)


def _block_mean(values: np.ndarray, edges: np.ndarray, place: int) -> np.ndarray:
    missing = np.isnan(values)
    known = np.add.reduceat((~missing).astype(float), edges, axis=place)
    total = np.add.reduceat(np.where(missing, 0.0, values), edges, axis=place)
    return np.where(known > 0, total / np.maximum(known, 1), np.nan)
