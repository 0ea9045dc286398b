"""How a result is drawn: layers of datasets over an axis, and marks on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from labdata.plugin.stored import keep, restore


@dataclass(frozen=True, slots=True)
class Data:
    """The inputs of a role, as the figure of their technique draws them."""

    role: str = "data"
    kind: ClassVar[str] = "data"


@dataclass(frozen=True, slots=True)
class Points:
    """A channel as points; ``residual_of`` names the channel it is a residual of."""

    role: str
    channel: str
    label: str = ""
    residual_of: str = ""
    kind: ClassVar[str] = "points"


@dataclass(frozen=True, slots=True)
class Line:
    """A channel as a line.

    ``on`` names the channel it stands on, whose values are added. A ``part`` of the
    whole, such as a component, is thin; ``mark`` is written at its highest point.
    """

    role: str
    channel: str
    label: str = ""
    on: str = ""
    part: bool = False
    mark: str = ""
    kind: ClassVar[str] = "line"


@dataclass(frozen=True, slots=True)
class Band:
    """The area between two channels, such as an interval."""

    role: str
    low: str
    high: str
    label: str = ""
    kind: ClassVar[str] = "band"


@dataclass(frozen=True, slots=True)
class Image:
    """A channel as colour, over ``x`` across and ``y`` down of the drawing."""

    role: str
    channel: str
    label: str = ""
    kind: ClassVar[str] = "image"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a drawing, in the units of its axes.

    Without ``y`` it is a line across, with ``until`` a stretch of x. ``side`` names
    the branch of the technique's figure it is of.
    """

    text: str
    x: float
    y: float | None = None
    until: float | None = None
    side: str = ""

    def __post_init__(self) -> None:
        for name in ("x", "y", "until"):
            number = getattr(self, name)
            if number is not None:
                object.__setattr__(self, name, float(number))


@dataclass(frozen=True, slots=True)
class Marks:
    """Places and stretches of a drawing that mean something."""

    marks: tuple[Mark, ...]
    kind: ClassVar[str] = "marks"


Layer = Data | Points | Line | Band | Image | Marks
LAYERS: Mapping[str, type] = {
    one.kind: one for one in (Data, Points, Line, Band, Image, Marks)
}


def _restore_layer(told: Mapping[str, Any]) -> Layer:
    if told["kind"] == Marks.kind:
        return Marks(tuple(restore(Mark, one) for one in told["marks"]))
    return restore(LAYERS[told["kind"]], told)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Layers over one axis; the first drawing of a result is its picture.

    Attributes
    ----------
    key, title : str
    x : str
        Name of the axis of the datasets; of an image the one across.
    layers : tuple
        The later ones lie on the earlier ones.
    y : str
        Of an image the name of the axis downwards; of curves the label of the
        ordinate, by default that of the first channel.
    log, reversed : tuple of {"x", "y"}
    under : str
        Key of the drawing below which it stands, on the same x.
    caption : str
        A sentence below it.
    """

    key: str
    title: str
    x: str
    layers: tuple[Layer, ...]
    y: str = ""
    log: tuple[Literal["x", "y"], ...] = ()
    reversed: tuple[Literal["x", "y"], ...] = ()
    under: str = ""
    caption: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise ValueError(f"drawing {self.key} has no layer")
        if strange := {*self.log, *self.reversed} - {"x", "y"}:
            raise ValueError(f"drawing {self.key} has no {', '.join(sorted(strange))}")

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All its marks."""
        return tuple(
            mark for one in self.layers if isinstance(one, Marks) for mark in one.marks
        )

    def to_json(self) -> dict[str, Any]:
        layers = [{"kind": one.kind, **keep(one)} for one in self.layers]
        return {**keep(self), "layers": layers}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Drawing:
        """Build it from what was kept; layers of kinds unknown today raise."""
        layers = tuple(map(_restore_layer, told["layers"]))
        return restore(cls, told, layers=layers)
