"""One way of measuring: axes, channels, conditions, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from labdata.plugin.dataset import Axis, Channel, Dataset
from labdata.plugin.errors import UnreadableFile
from labdata.plugin.numbers import is_finite

CONDITIONS = ("number", "text", "choice")
FIGURES = ("curve", "series", "image", "map", "nyquist", "table")
DRAWN = ("x", "y", "value")


@dataclass(frozen=True, slots=True)
class AxisSpec:
    """An axis a technique's datasets have; other axes (frame, x, y) may join it.

    ``unit`` None leaves the unit to the file. ``aliases`` are column titles, without
    unit and in lower case, under which files know it; ``converts_from`` those of
    another quantity that converts to this one, such as photon energy. A ``monotonic``
    axis never turns back.
    """

    name: str
    unit: str | None
    label: str
    aliases: tuple[str, ...] = ()
    converts_from: tuple[str, ...] = ()
    monotonic: bool = False


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A measured quantity and the one unit readers deliver it in."""

    name: str
    unit: str | None
    label: str
    aliases: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """A setting of the measurement, addressed ``measurement.<technique>.<key>``."""

    key: str
    label: str
    unit: str | None = None
    kind: str = "number"
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False

    def __post_init__(self) -> None:
        if self.kind not in CONDITIONS:
            raise ValueError(f"{self.key}: no kind of condition {self.kind!r}")
        if (self.unit is not None) != (self.kind == "number"):
            raise ValueError(f"{self.key}: a number has a unit, others have none")
        if bool(self.choices) != (self.kind == "choice"):
            raise ValueError(f"{self.key}: a choice has choices, others have none")

    def problem(self, value: Any) -> str | None:
        """Say in lab language why ``value`` cannot be this condition, or None."""
        if self.kind == "number":
            return self._number_problem(value)
        if not isinstance(value, str):
            return f"{self.label} is text, got {value!r}."
        if self.kind == "choice" and value not in self.choices:
            return f"{self.label} is one of {', '.join(self.choices)}, not {value!r}."
        return None

    def _number_problem(self, value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{self.label} is a number in {self.unit}, got {value!r}."
        if not is_finite(value):
            return f"{self.label} must be finite, got {value}."
        if self.minimum is not None and value < self.minimum:
            return f"{self.label} is {value:g} {self.unit}, below {self.minimum:g}."
        if self.maximum is not None and value > self.maximum:
            return f"{self.label} is {value:g} {self.unit}, above {self.maximum:g}."
        return None


@dataclass(frozen=True, slots=True)
class Branches:
    """What curves are called that run up or down along x, or turn and do both.

    ``solid`` is the one drawn solid and filled, the other is dashed and hollow.
    ``labelled`` names the condition under which a file may claim another direction.
    """

    rising: str
    falling: str
    solid: str
    labelled: str = ""

    def __post_init__(self) -> None:
        if self.solid not in (self.rising, self.falling):
            raise ValueError(f"{self.solid!r} is neither of both branches")

    @property
    def names(self) -> tuple[str, str]:
        """Both, the solid one first."""
        other = self.falling if self.solid == self.rising else self.rising
        return self.solid, other


@dataclass(frozen=True, slots=True)
class Figure:
    """How a dataset of the technique is drawn when nobody chose otherwise.

    Attributes
    ----------
    x, y : str
        An axis and a channel; of an image or a map the axes across and down.
    kind : {"curve", "series", "image", "map", "nyquist", "table"}
    value : str
        The channel of an image or a map that is shown as colour.
    along : str
        The axis of a series whose steps are its curves.
    log, reversed : tuple of {"x", "y", "value"}
        Which are drawn logarithmically, and which from high to low.
    branches : Branches or None
    aside : (str, str) or None
        A condition and its value, such as ``("light", "dark")``: such a curve is
        drawn and named by the value, but is not what the others are compared with.
    most_negative : float or None
        How much below zero is drawn, as a part of what is above it.
    caption : str
        A sentence below it.
    """

    x: str
    y: str
    kind: Literal["curve", "series", "image", "map", "nyquist", "table"] = "curve"
    value: str = ""
    along: str = ""
    log: tuple[Literal["x", "y", "value"], ...] = ()
    reversed: tuple[Literal["x", "y", "value"], ...] = ()
    branches: Branches | None = None
    aside: tuple[str, str] | None = None
    most_negative: float | None = None
    caption: str = ""

    def __post_init__(self) -> None:
        if self.kind not in FIGURES:
            raise ValueError(f"no kind of figure {self.kind!r}")
        if bool(self.value) != (self.kind in ("image", "map")):
            raise ValueError("an image or a map shows a channel as colour, others none")
        if bool(self.along) != (self.kind == "series"):
            raise ValueError("a series has curves along an axis, others have not")
        if strange := {*self.log, *self.reversed} - set(DRAWN):
            raise ValueError(f"a figure has no {', '.join(sorted(strange))}")

    @property
    def channel(self) -> str:
        """The channel that is drawn."""
        return self.value or self.y

    def is_aside(self, conditions: Mapping[str, Any]) -> bool:
        """Whether a curve measured under these conditions stands aside."""
        return self.aside is not None and conditions.get(self.aside[0]) == self.aside[1]


@dataclass(frozen=True, slots=True)
class Technique:
    """One way of measuring: its axes, channels, units, conditions and figure.

    Attributes
    ----------
    key, label : str
    axes, channels : tuple of AxisSpec, of ChannelSpec
    figure : Figure
    example : callable
        Gives a small simulated dataset, the same at each call.
    conditions : tuple of Condition
    default_analyses : tuple of str
        Keys of the analyses that run by themselves.
    named_by_file : bool
        For techniques such as a table, whose columns carry whatever names and units
        the file gives them.
    joins : bool
        For those whose files may be pieces of one track, joined along time.
    together : {"", "cell", "series"}
        What of a measurement is looked at in one figure even where no cell is named:
        the curves of a cell, or the steps of a series.
    key_quantities : tuple of str
        Shown on top, the most telling first.
    """

    key: str
    label: str
    axes: tuple[AxisSpec, ...]
    channels: tuple[ChannelSpec, ...]
    figure: Figure
    example: Callable[[], Dataset]
    conditions: tuple[Condition, ...] = ()
    default_analyses: tuple[str, ...] = ()
    named_by_file: bool = False
    joins: bool = False
    together: Literal["", "cell", "series"] = ""
    key_quantities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.together not in ("", "cell", "series"):
            raise ValueError(f"{self.key}: together is cell or series")
        names = [spec.name for spec in self.specs]
        keys = [condition.key for condition in self.conditions]
        for one in (names, keys):
            if len(set(one)) < len(one):
                raise ValueError(f"{self.key} declares a name twice: {', '.join(one)}")
        if strange := [*self._unknown_names_of_figure()]:
            raise ValueError(f"{self.key}: its figure names {', '.join(strange)}")

    def _unknown_names_of_figure(self) -> Iterator[str]:
        """What the figure names and the technique has not, each with its kind."""
        figure = self.figure
        axes = {spec.name for spec in self.axes}
        channels = {spec.name for spec in self.channels}
        conditions = {condition.key for condition in self.conditions}
        if figure.kind in ("image", "map"):
            across = [(name, axes, "axis") for name in (figure.x, figure.y)]
        else:
            across = [(figure.x, axes | channels, "axis or channel")]
        named = [*across, (figure.channel, channels, "channel")]
        if figure.along:
            named.append((figure.along, axes, "axis"))
        if figure.aside:
            named.append((figure.aside[0], conditions, "condition"))
        if figure.branches and figure.branches.labelled:
            named.append((figure.branches.labelled, conditions, "condition"))
        for name, known, kind in named:
            if name not in known:
                yield f"the {kind} {name!r}, which it has not"

    @property
    def specs(self) -> tuple[AxisSpec | ChannelSpec, ...]:
        return (*self.axes, *self.channels)

    def problems(self, dataset: Dataset) -> list[str]:
        """Say what keeps a dataset from being one of this technique."""
        if self.named_by_file:
            return []
        found: list[str] = []
        axes = {axis.name: axis for axis in dataset.axes}
        channels = {channel.name: channel for channel in dataset.channels}
        for spec in self.axes:
            axis = axes.get(spec.name)
            found += _mismatch(spec, axis, "axis", required=True)
            if axis is not None and spec.monotonic and not axis.is_monotonic:
                found.append(f"axis {spec.name} turns back on itself")
        for part in self.channels:
            got = channels.get(part.name)
            found += _mismatch(part, got, "channel", required=part.required)
        return found

    def condition_problems(self, values: Mapping[str, Any]) -> dict[str, list[str]]:
        """Check conditions by key; an empty mapping means all is well."""
        known = {condition.key: condition for condition in self.conditions}
        errors = {}
        for key, value in values.items():
            if key not in known:
                errors[key] = [
                    f"{self.label} has no condition {key!r}"
                    f" (known: {', '.join(known) or 'none'})."
                ]
            elif value is not None and (problem := known[key].problem(value)):
                errors[key] = [problem]
        for key, condition in known.items():
            if condition.required and values.get(key) is None:
                errors[key] = [f"{condition.label} is needed."]
        return errors


def unit_of(spec: AxisSpec | ChannelSpec, stated: str | None = None) -> str:
    """Return a spec's unit, the file's where the spec leaves it to the file.

    Raises
    ------
    UnreadableFile
        If neither states one.
    """
    unit = spec.unit or stated
    if unit is None:
        raise UnreadableFile(f"{spec.label} has no unit: the file has to state it.")
    return unit


def _mismatch(
    spec: AxisSpec | ChannelSpec,
    got: Axis | Channel | None,
    what: str,
    *,
    required: bool,
) -> list[str]:
    if got is None:
        return [f"no {what} {spec.name}"] if required else []
    if spec.unit is not None and got.unit != spec.unit:
        return [f"{what} {spec.name} is in {got.unit}, needs {spec.unit}"]
    return []
