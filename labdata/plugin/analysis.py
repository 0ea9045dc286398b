"""What an analysis declares: inputs, parameters, promises, and the function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from labdata.plugin.dataset import Dataset
from labdata.plugin.errors import InvalidResult, ParameterError, UnsuitableData
from labdata.plugin.flags import Flag
from labdata.plugin.parameters import clean, schema_of, to_json
from labdata.plugin.result import Result
from labdata.plugin.validation import problems_of

Progress = Callable[[float, str], None]
"""Called with the fraction done, 0 to 1, and what is being done. It may raise to stop
the analysis: that is how a run is cancelled."""

GATHERS = ("", "dataset", "cell")


def no_progress(fraction: float, message: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Input:
    """What an analysis takes, by the role it has there.

    Attributes
    ----------
    role : str
        Its name; no result of the analysis has the same one.
    kind : str
        ``dataset``: today nothing else is handed to an analysis.
    many : bool
        Whether it is several, as a tuple.
    """

    role: str = "data"
    kind: Literal["dataset"] = "dataset"
    many: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.role):
            raise ValueError(f"{self.role!r} cannot name an input")
        if self.kind != "dataset":
            raise ValueError(f"an input is a dataset, not a {self.kind}")


@dataclass(frozen=True, slots=True)
class Analysis:
    """A pure function of data and parameters, with a version.

    Attributes
    ----------
    key, label : str
    version : int
        Raised by any change that can change a number.
    techniques : tuple of str
        Whose datasets it takes.
    parameters : type
        A dataclass of `parameter` fields.
    outputs : tuple of str
        The keys of the quantities a result may hold.
    run : callable
        ``run(data, parameters, progress)``; ``data`` is a Dataset, or a tuple of them
        where the input is many.
    default_for : tuple of str
        The techniques whose measurements are analysed so without being asked.
    description : str
        A sentence.
    whole : callable or None
        Gives the data as the analysis sees them, on its axis, but without the window
        it is asked for.
    gathers : {"", "dataset", "cell"}
        What one run takes of a measurement that holds several datasets: its first
        one, each in a run of its own, or all of one cell together, as a tuple.
    conditions : tuple of str
        Keys of the conditions it reads from ``dataset.metadata["conditions"]``; a run
        keeps what they were.
    channels : tuple of str
        The ones it reads, empty for all.
    inputs : tuple of Input
        One: the data.
    flags : tuple of Flag
        Those its results may raise.
    """

    key: str
    version: int
    label: str
    techniques: tuple[str, ...]
    parameters: type
    outputs: tuple[str, ...]
    run: Callable[[Any, Any, Progress], Result]
    default_for: tuple[str, ...] = ()
    description: str = ""
    whole: Callable[[Dataset, Any], Dataset] | None = None
    gathers: Literal["", "dataset", "cell"] = ""
    conditions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = (Input(),)
    flags: tuple[Flag, ...] = ()

    def __post_init__(self) -> None:
        if strange := set(self.default_for) - set(self.techniques):
            raise ValueError(f"{self.key} is default for {strange} it does not serve")
        if self.gathers not in GATHERS:
            raise ValueError(f"{self.key}: nothing gathers {self.gathers!r}")
        if len(self.inputs) != 1:
            raise ValueError(f"{self.key} takes one input, not {len(self.inputs)}")
        if self.inputs[0].many != (self.gathers == "cell"):
            raise ValueError(f"{self.key}: what gathers a cell takes many datasets")
        keys = [one.key for one in self.flags]
        if len(set(keys)) < len(keys):
            raise ValueError(f"{self.key} declares a flag twice")

    def serves(self, technique: str) -> bool:
        return technique in self.techniques

    def flag(self, key: str) -> Flag | None:
        """Return the flag of that key, if it is declared."""
        return next((one for one in self.flags if one.key == key), None)

    def parameter_schema(self) -> dict[str, Any]:
        return schema_of(self.parameters)

    def clean_parameters(self, values: Mapping[str, Any] | None = None) -> Any:
        """Return the parameters dataclass, or raise `ParameterError` by field."""
        return clean(self.parameters, values)

    def parameters_json(self, parameters: Any) -> dict[str, Any]:
        """Return every parameter, defaults included: what a run's key hashes."""
        return to_json(parameters)

    def with_axis(self, values: Mapping[str, Any], axis: str | None) -> Any:
        """Return stored parameters without window and start values, on another axis.

        What the code of today does not know among them is left out.
        """
        properties = self.parameter_schema()["properties"]
        roles = {name: entry.get("role", "") for name, entry in properties.items()}
        kept = {
            name: value
            for name, value in values.items()
            if roles.get(name, "window") not in ("window", "start")
        }
        if axis:
            kept |= {name: axis for name, role in roles.items() if role == "axis"}
        try:
            return self.clean_parameters(kept)
        except ParameterError:
            return self.clean_parameters()

    def view(self, dataset: Dataset, parameters: Any) -> Dataset:
        """Return the data to draw where a window and start values are chosen."""
        return self.whole(dataset, parameters) if self.whole else dataset

    def apply(
        self,
        data: Dataset | Sequence[Dataset],
        parameters: Any = None,
        progress: Progress = no_progress,
    ) -> Result:
        """Analyse a dataset, or several where the analysis takes many.

        Parameters
        ----------
        data : Dataset or sequence of Dataset
            As the technique declares them; they are not changed.
        parameters : dataclass or mapping, optional
            What `clean_parameters` accepts or returned; None for the defaults.
        progress : callable
            Told the fraction done and what is being done; may raise to cancel.

        Returns
        -------
        Result

        Raises
        ------
        AnalysisError
            The data is the reason why there is no result.
        ParameterError
            The parameters are.
        InvalidResult
            The analysis is: it gave what it does not declare.
        """
        if not isinstance(parameters, self.parameters):
            parameters = self.clean_parameters(parameters)
        datasets = (data,) if isinstance(data, Dataset) else tuple(data)
        given = datasets if self.inputs[0].many else datasets[0]
        result = self.run(given, parameters, progress)
        if problems := problems_of(self, result):
            raise InvalidResult(f"{self.key}: {'; '.join(problems)}")
        return result


def analysis(
    *,
    key: str,
    version: int,
    label: str,
    techniques: Sequence[str],
    parameters: type,
    outputs: Sequence[str],
    default_for: Sequence[str] = (),
    whole: Callable[[Dataset, Any], Dataset] | None = None,
    gathers: Literal["", "dataset", "cell"] = "",
    conditions: Sequence[str] = (),
    channels: Sequence[str] = (),
    inputs: Sequence[Input] | None = None,
    flags: Sequence[Flag] = (),
) -> Callable[[Callable[..., Result]], Analysis]:
    """Make the decorated ``run(data, parameters, progress)`` an `Analysis`.

    The first line of its docstring is the description.
    """

    def declare(run: Callable[..., Result]) -> Analysis:
        return Analysis(
            key=key,
            version=version,
            label=label,
            techniques=tuple(techniques),
            parameters=parameters,
            outputs=tuple(outputs),
            run=run,
            default_for=tuple(default_for),
            description=(run.__doc__ or "").partition("\n")[0],
            whole=whole,
            gathers=gathers,
            conditions=tuple(conditions),
            channels=tuple(channels),
            inputs=tuple(inputs or (Input(many=gathers == "cell"),)),
            flags=tuple(flags),
        )

    return declare


def finite_curve(dataset: Dataset, channel: str) -> tuple[np.ndarray, np.ndarray]:
    """Return axis and channel of a one-dimensional dataset, checked.

    Parameters
    ----------
    dataset : Dataset
        With one axis.
    channel : str
        Name of the channel.

    Returns
    -------
    x, y : ndarray, shape (n,)
        Read-only. [unit of the axis, unit of the channel]

    Raises
    ------
    UnsuitableData
        If there are more axes, no such channel, or values that are not finite; the
        message says how many and where the first is.
    """
    if dataset.ndim != 1:
        shape = " × ".join(str(size) for size in dataset.shape)
        raise UnsuitableData(
            f"needs one curve, this dataset is {shape} over"
            f" {', '.join(axis.name for axis in dataset.axes)}"
        )
    names = [one.name for one in dataset.channels]
    if channel not in names:
        raise UnsuitableData(f"no channel {channel!r} (there: {', '.join(names)})")
    axis = dataset.axes[0]
    values = dataset[channel]
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        kind = "missing (NaN)" if np.isnan(values[bad]).all() else "not finite"
        raise UnsuitableData(
            f"{bad.size} of {values.size} values of {channel} are {kind}, the first"
            f" at {axis.name} {axis.values[bad[0]]:g} {axis.unit} (point {bad[0] + 1})"
        )
    return axis.values, values
