"""Measured arrays: named axes and channels with units, in any number of dimensions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from labdata.plugin.errors import InvalidDataset

AXIS_KINDS = ("coordinate", "frame", "index")


def _frozen(values: Any, what: str) -> np.ndarray:
    """Give float64 values nobody can change behind the dataset's back."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidDataset(f"{what} holds something that is no number") from error
    # An array its owner already froze is shared: a map need not exist twice. Compiled
    # code wants numbers in a row.
    if array.flags.writeable or not array.flags.c_contiguous:
        array = array.copy()
        array.setflags(write=False)
    return array


def _check_name(name: str, what: str) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise InvalidDataset(
            f"{name!r} cannot name {what}: letters, digits and underscores only"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """A dimension: a physical coordinate, a frame of a series or a plain index.

    Attributes
    ----------
    name, unit, label : str
        How code, pint and a plot call it; a pure number has the unit ``"1"``.
    values : ndarray, shape (n,)
        Finite float64 positions. [unit]
    kind : {"coordinate", "frame", "index"}
        ``frame`` numbers the spectra or images of a series, whose temperature,
        time and branch are per-frame `Coordinate` s.
    """

    name: str
    unit: str
    label: str
    values: np.ndarray
    kind: str = "coordinate"

    def __post_init__(self) -> None:
        _check_name(self.name, "an axis")
        object.__setattr__(self, "values", _frozen(self.values, f"axis {self.name}"))
        if self.kind not in AXIS_KINDS:
            raise InvalidDataset(f"axis {self.name}: no kind of axis {self.kind!r}")
        if self.values.ndim != 1 or self.values.size == 0:
            raise InvalidDataset(
                f"axis {self.name} needs one row of values, got {self.values.shape}"
            )
        bad = np.flatnonzero(~np.isfinite(self.values))
        if bad.size:
            raise InvalidDataset(
                f"axis {self.name} has {bad.size} values that are not finite,"
                f" the first at position {bad[0] + 1}"
            )

    @property
    def size(self) -> int:
        return self.values.size

    @property
    def is_monotonic(self) -> bool:
        """Whether the values never turn back; equal neighbours are allowed."""
        steps = np.diff(self.values)
        return bool((steps >= 0).all() or (steps <= 0).all())


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """What was measured at every point of the axes; NaN is a missing value."""

    name: str
    unit: str
    label: str
    values: np.ndarray

    def __post_init__(self) -> None:
        _check_name(self.name, "a channel")
        values = _frozen(self.values, f"channel {self.name}")
        object.__setattr__(self, "values", values)


@dataclass(frozen=True, slots=True, eq=False)
class Coordinate:
    """A value per step of one axis: the temperature, time or branch of a frame."""

    name: str
    unit: str | None
    axis: str
    values: np.ndarray

    def __post_init__(self) -> None:
        _check_name(self.name, "a coordinate")
        array = np.asarray(self.values)
        if array.dtype.kind in "OSU":
            if not all(isinstance(item, str) for item in array.ravel().tolist()):
                raise InvalidDataset(f"coordinate {self.name} mixes text and numbers")
            array = array.astype(str)
            array.setflags(write=False)
        else:
            array = _frozen(array, f"coordinate {self.name}")
        object.__setattr__(self, "values", array)

    @property
    def is_text(self) -> bool:
        return self.values.dtype.kind == "U"


Part = TypeVar("Part", Axis, Channel, Coordinate, Axis | Channel | Coordinate)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Channels over common axes, with per-frame coordinates and metadata.

    Attributes
    ----------
    axes : tuple of Axis
        In the order of the channels' dimensions.
    channels : tuple of Channel
        Each of the shape ``(axes[0].size, axes[1].size, ...)``.
    coordinates : tuple of Coordinate
        Each as long as the axis it runs along.
    metadata : mapping
        What JSON can hold, finite numbers only.

    Raises
    ------
    InvalidDataset
        If a name is taken twice, a shape does not fit or metadata is not JSON.
    """

    axes: tuple[Axis, ...]
    channels: tuple[Channel, ...]
    coordinates: tuple[Coordinate, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in ("axes", "channels", "coordinates"):
            object.__setattr__(self, part, tuple(getattr(self, part)))
        object.__setattr__(self, "metadata", dict(self.metadata))
        self._check_names()
        self._check_shapes()
        try:
            json.dumps(self.metadata, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InvalidDataset(f"metadata cannot be kept as JSON: {error}") from error

    def _check_names(self) -> None:
        if not self.axes or not self.channels:
            raise InvalidDataset("a dataset needs at least one axis and one channel")
        names = self.names
        for name in names:
            if names.count(name) > 1:
                raise InvalidDataset(f"the name {name!r} is used twice")

    def _check_shapes(self) -> None:
        for channel in self.channels:
            if channel.values.shape != self.shape:
                raise InvalidDataset(
                    f"channel {channel.name} has shape {channel.values.shape},"
                    f" the axes {', '.join(axis.name for axis in self.axes)}"
                    f" need {self.shape}"
                )
        for coordinate in self.coordinates:
            expected = (self.axis(coordinate.axis).size,)
            if coordinate.values.shape != expected:
                raise InvalidDataset(
                    f"coordinate {coordinate.name} has shape"
                    f" {coordinate.values.shape}, axis {coordinate.axis}"
                    f" needs {expected}"
                )

    @classmethod
    def curve(
        cls,
        x: Sequence[Any],
        *,
        metadata: Mapping[str, Any] | None = None,
        **channels: Sequence[Any],
    ) -> Dataset:
        """Build a one-dimensional dataset in one line.

        Parameters
        ----------
        x : (name, unit, values) or (name, unit, values, label)
            The axis.
        metadata : mapping, optional
            Kept as it is.
        **channels : (unit, values) or (unit, values, label)
            One channel per keyword.
        """
        name, unit, values, *label = x
        axis = Axis(name, unit, label[0] if label else _label(name), values)
        columns = tuple(
            Channel(key, spec[0], spec[2] if len(spec) > 2 else _label(key), spec[1])
            for key, spec in channels.items()
        )
        return cls((axis,), columns, metadata=metadata or {})

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(axis.size for axis in self.axes)

    @property
    def ndim(self) -> int:
        return len(self.axes)

    @property
    def size(self) -> int:
        """Number of points of one channel."""
        return int(np.prod(self.shape))

    @property
    def parts(self) -> tuple[Axis | Channel | Coordinate, ...]:
        return (*self.axes, *self.channels, *self.coordinates)

    @property
    def names(self) -> list[str]:
        return [part.name for part in self.parts]

    def _find(self, parts: Sequence[Part], what: str, name: str) -> Part:
        for part in parts:
            if part.name == name:
                return part
        known = ", ".join(part.name for part in parts) or "none"
        raise InvalidDataset(f"no {what} {name!r} (there: {known})")

    def axis(self, name: str) -> Axis:
        return self._find(self.axes, "axis", name)

    def channel(self, name: str) -> Channel:
        return self._find(self.channels, "channel", name)

    def coordinate(self, name: str) -> Coordinate:
        return self._find(self.coordinates, "coordinate", name)

    def axis_index(self, name: str) -> int:
        return self.axes.index(self.axis(name))

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the values of the axis, channel or coordinate of that name."""
        return self._find(self.parts, "axis, channel or coordinate", name).values

    def unit(self, name: str) -> str | None:
        return self._find(self.parts, "axis, channel or coordinate", name).unit

    def with_metadata(self, **entries: Any) -> Dataset:
        return replace(self, metadata={**self.metadata, **entries})

    def equals(self, other: Dataset) -> bool:
        """Whether names, units, labels, values (NaN included) and entries agree."""
        return (
            [_heading(part) for part in self.parts]
            == [_heading(part) for part in other.parts]
            and self.metadata == other.metadata
            and all(
                np.array_equal(
                    part.values, twin.values, equal_nan=part.values.dtype.kind == "f"
                )
                for part, twin in zip(self.parts, other.parts, strict=True)
            )
        )

    def isel(self, **indexers: int | slice | Sequence[int] | np.ndarray) -> Dataset:
        """Select by position along named axes.

        Parameters
        ----------
        **indexers : int, slice, sequence of int or boolean mask
            An int removes its axis; the axis value and the coordinates there are
            kept in ``metadata["position"]`` with their units.

        Returns
        -------
        Dataset
            Smaller, same names and units.

        Raises
        ------
        InvalidDataset
            If an axis is unknown, a position outside it, nothing is left, or no axis
            remains.
        """
        axes, coordinates = list(self.axes), list(self.coordinates)
        values = [channel.values for channel in self.channels]
        position = dict(self.metadata.get("position", {}))
        for name, indexer in indexers.items():
            place = [axis.name for axis in axes].index(self.axis(name).name)
            axis = axes[place]
            along = [one for one in coordinates if one.axis == name]
            try:
                picked = axis.values[indexer]
                values = [
                    array[(slice(None),) * place + (indexer,)] for array in values
                ]
            except IndexError as error:
                raise InvalidDataset(f"axis {name}: {error}") from error
            if picked.ndim == 0:
                position[name] = _position(axis, indexer)
                position |= {one.name: _position(one, indexer) for one in along}
                del axes[place]
                coordinates = [one for one in coordinates if one.axis != name]
                continue
            if picked.size == 0:
                raise InvalidDataset(f"nothing of axis {name} is selected")
            axes[place] = replace(axis, values=picked)
            coordinates = [
                replace(one, values=one.values[indexer]) if one in along else one
                for one in coordinates
            ]
        if not axes:
            raise InvalidDataset("a selection must leave at least one axis")
        metadata = {**self.metadata, **({"position": position} if position else {})}
        channels = tuple(
            replace(channel, values=array)
            for channel, array in zip(self.channels, values, strict=True)
        )
        return Dataset(tuple(axes), channels, tuple(coordinates), metadata)

    def crop(self, axis: str, low: float, high: float) -> Dataset:
        """Keep the points with ``low <= axis <= high`` [unit of the axis]."""
        values = self.axis(axis).values
        inside = (values >= low) & (values <= high)
        if not inside.any():
            raise InvalidDataset(
                f"{axis} runs from {values.min():g} to {values.max():g}"
                f" {self.unit(axis)}: nothing between {low:g} and {high:g}"
            )
        return self.isel(**{axis: inside})

    def region_mean(self, region: Region) -> Dataset:
        """Average the channels over a region; the axes it does not name remain.

        Parameters
        ----------
        region : Region
            A point, line or box given in axis values.

        Returns
        -------
        Dataset
            Over the remaining axes; ``metadata["region"]`` says where it was.

        Notes
        -----
        A missing value inside the region leaves its point of the mean missing: a
        mean over fewer pixels would look as certain as one over all. A line takes
        the nearest pixel at steps of at most half a pixel, each pixel once.
        """
        names = [name for name, _ in region.ranges]
        places = [self.axis_index(name) for name in names]
        rest = tuple(axis for axis in self.axes if axis.name not in names)
        if not rest:
            raise InvalidDataset("a region must leave at least one axis")
        picked = region.positions(self)
        channels = []
        for channel in self.channels:
            moved = np.moveaxis(channel.values, places, range(len(places)))
            mean = moved[picked].reshape(-1, *moved.shape[len(places) :]).mean(axis=0)
            channels.append(replace(channel, values=mean))
        coordinates = tuple(one for one in self.coordinates if one.axis not in names)
        metadata = {**self.metadata, "region": region.to_json()}
        return Dataset(rest, tuple(channels), coordinates, metadata)


@dataclass(frozen=True, slots=True)
class Region:
    """A point, line or box in axis values.

    Attributes
    ----------
    kind : {"point", "line", "box"}
    ranges : tuple of (axis name, (start, stop))
        Axis values [unit of the axis]; a point has start = stop, a line runs from
        all the starts to all the stops.
    """

    kind: str
    ranges: tuple[tuple[str, tuple[float, float]], ...]

    def __post_init__(self) -> None:
        if self.kind not in ("point", "line", "box"):
            raise InvalidDataset(f"no kind of region {self.kind!r}")
        if not self.ranges:
            raise InvalidDataset("a region needs at least one axis")
        if not np.isfinite([ends for _, ends in self.ranges]).all():
            raise InvalidDataset("a region needs finite limits")

    @classmethod
    def point(cls, **at: float) -> Region:
        return cls("point", tuple((name, (x, x)) for name, x in at.items()))

    @classmethod
    def line(cls, **ends: tuple[float, float]) -> Region:
        return cls("line", tuple((name, (a, b)) for name, (a, b) in ends.items()))

    @classmethod
    def box(cls, **limits: tuple[float, float]) -> Region:
        return cls("box", tuple((name, (a, b)) for name, (a, b) in limits.items()))

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **{name: list(ends) for name, ends in self.ranges}}

    def positions(self, dataset: Dataset) -> tuple[np.ndarray, ...]:
        """Index arrays, one per axis of the region, of the pixels inside it."""
        if self.kind == "box":
            inside = []
            for name, (start, stop) in self.ranges:
                values = dataset.axis(name).values
                low, high = min(start, stop), max(start, stop)
                hits = np.flatnonzero((values >= low) & (values <= high))
                if not hits.size:
                    raise InvalidDataset(f"the box holds no point of axis {name}")
                inside.append(hits)
            return np.ix_(*inside)
        ends = [
            (_nearest(axis, start), _nearest(axis, stop))
            for name, (start, stop) in self.ranges
            for axis in (dataset.axis(name),)
        ]
        longest = max(abs(stop - start) for start, stop in ends)
        steps = 2 * longest + 1
        lines = [np.linspace(start, stop, steps) for start, stop in ends]
        track = np.rint(lines).astype(np.intp)
        return tuple(np.unique(track, axis=1))


def _nearest(axis: Axis, value: float) -> int:
    low, high = axis.values.min(), axis.values.max()
    if not low <= value <= high:
        raise InvalidDataset(
            f"{value:g} is outside axis {axis.name}, {low:g} to {high:g} {axis.unit}"
        )
    return int(np.abs(axis.values - value).argmin())


def _position(part: Axis | Coordinate, index: Any) -> dict[str, Any]:
    value = part.values[index].item()
    missing = isinstance(value, float) and not np.isfinite(value)
    return {"value": None if missing else value, "unit": part.unit}


def _heading(part: Axis | Channel | Coordinate) -> tuple[Any, ...]:
    """Everything of a part but its values."""
    others = tuple(getattr(part, key, None) for key in ("label", "kind", "axis"))
    return (type(part), part.name, part.unit, part.values.dtype.kind, *others)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
