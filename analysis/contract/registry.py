"""Which analyses exist, what they take and what they promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from analysis.contract.parameters import ParameterError, clean, schema_of, to_json
from analysis.contract.quantities import quantities
from analysis.contract.result import Result, UnsuitableData
from labdata.common.registry import Registry
from measurements.arrays.dataset import Dataset

__all__ = [
    "Analysis",
    "ParameterError",
    "Progress",
    "analyses",
    "analysis",
    "finite_curve",
    "load_builtin",
    "no_progress",
]

Progress = Callable[[float, str], None]
"""Called with the fraction done, 0 to 1, and what is being done. It may raise to stop
the analysis: that is how a run is cancelled."""


def no_progress(fraction: float, message: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A pure function of data and parameters, with a version.

    ``outputs`` are the quantity keys a result may hold, ``default_for`` the techniques
    whose measurements are analysed so without being asked. ``whole`` gives the data as
    the analysis sees them, on its axis, but without the window it is asked for.

    ``gathers`` says what one run takes of a measurement that holds several datasets:
    ``""`` its first one, ``"dataset"`` each in a run of its own, ``"cell"`` all of one
    cell together, as a tuple. ``conditions`` are the keys of the conditions it reads
    from ``dataset.metadata["conditions"]``; a run keeps what they were. ``channels``
    are the ones it reads, empty for all.
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

    def __post_init__(self) -> None:
        if strange := set(self.default_for) - set(self.techniques):
            raise ValueError(f"{self.key} is default for {strange} it does not serve")
        for quantity in self.outputs:
            quantities[quantity]

    def serves(self, technique: str) -> bool:
        return technique in self.techniques

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
        """Analyse a dataset, or several where the analysis gathers those of a cell.

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
        """
        if not isinstance(parameters, self.parameters):
            parameters = self.clean_parameters(parameters)
        datasets = (data,) if isinstance(data, Dataset) else tuple(data)
        given = datasets if self.gathers == "cell" else datasets[0]
        result = self.run(given, parameters, progress)
        found = {item.quantity for item in result.estimates}
        if undeclared := found - set(self.outputs):
            raise ValueError(f"{self.key} gave {sorted(undeclared)} undeclared")
        return result


analyses: Registry[Analysis] = Registry("analysis")


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
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Register the decorated ``run(data, parameters, progress)`` as an analysis."""

    def register(run: Callable[..., Result]) -> Callable[..., Result]:
        analyses.add(
            Analysis(
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
            )
        )
        return run

    return register


def load_builtin() -> None:
    """Register everything in this project and what installed packages add."""
    analyses.load("analysis.methods")


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
