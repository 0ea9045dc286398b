"""Emission spectra on a wavelength or a photon energy axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labdata.plugin import Axis, Channel, Dataset, UnsuitableData, finite_curve

HC = 1239.841984
"""Planck constant times the speed of light [eV nm]."""

LEAST_COUNT = 1.0

AXES = {"nm": ("wavelength", "Wavelength"), "eV": ("energy", "Photon energy")}
"""Name and label of an axis by its unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """The part of a curve inside a window, on the chosen axis.

    Attributes
    ----------
    x : ndarray, shape (n,)
        Increasing wavelength or photon energy. [nm or eV]
    y : ndarray, shape (n,)
        Intensity per nm, or per eV. [unit of the channel, times nm/eV]
    jacobian : ndarray, shape (n,)
        dλ/dE, or one: what turned the measured intensity into y. [nm/eV or 1]
    axis : {"nm", "eV"}
    channel : Channel
        Where the intensity came from, uncut.
    """

    x: np.ndarray
    y: np.ndarray
    jacobian: np.ndarray
    axis: str
    channel: Channel

    @property
    def middle(self) -> float:
        """Centre of the window. [nm or eV]"""
        return float(self.x[0] + self.x[-1]) / 2

    @property
    def shifted(self) -> np.ndarray:
        """x from the centre of the window, where offset and slope are independent."""
        return self.x - self.middle

    @property
    def axis_name(self) -> str:
        """What x is called as the axis of a dataset."""
        return AXES[self.axis][0]

    @property
    def unit(self) -> str:
        """Unit of y."""
        if self.axis == "nm":
            return self.channel.unit
        return "nm/eV" if self.channel.unit == "1" else f"{self.channel.unit}*nm/eV"

    def poisson_weights(self, expected: np.ndarray) -> np.ndarray:
        """Return 1/variance of y where ``expected / jacobian`` counts are expected.

        The variance of a count is its expectation; y is the count times the Jacobian.
        Below one count the variance is taken as one: errors are then conservative.
        """
        counts = np.maximum(expected / self.jacobian, LEAST_COUNT)
        return 1 / (counts * self.jacobian**2)

    def dataset(self, curves: dict[str, tuple[str, np.ndarray]]) -> Dataset:
        """Return curves over x, given by name as label and values."""
        name, label = AXES[self.axis]
        return Dataset(
            (Axis(name, self.axis, label, self.x),),
            tuple(Channel(key, self.unit, *rest) for key, rest in curves.items()),
        )


def take_spectrum(
    dataset: Dataset,
    channel: str,
    *,
    axis: str = "nm",
    window: tuple[float, float] | None = None,
) -> Spectrum:
    r"""Return a curve over the wavelength on the chosen axis, inside a window.

    Parameters
    ----------
    dataset : Dataset
        One axis of wavelengths in nm, in any order.
    channel : str
    axis : {"nm", "eV"}
    window : (float, float), optional
        Low and high end, both included. [nm or eV, as the axis]

    Raises
    ------
    UnsuitableData
        If it is no finite curve over wavelengths, if nothing lies in the window or
        if all points there have the same wavelength or value.

    Notes
    -----
    With :math:`E = hc/\lambda` the intensity per energy is
    :math:`I_E = I_\lambda \lambda^2 / hc` [1]_, which keeps areas.

    References
    ----------
    .. [1] J. Mooney and P. Kambhampati, J. Phys. Chem. Lett. 4, 3316 (2013).
       :doi:`10.1021/jz401508t`
    """
    wavelength, intensity = finite_curve(dataset, channel)
    if dataset.axes[0].unit != "nm":
        raise UnsuitableData(f"needs a wavelength in nm, not {dataset.axes[0].unit}")
    if not (wavelength > 0).all():
        raise UnsuitableData(f"a wavelength is {wavelength.min():g} nm")
    x = wavelength if axis == "nm" else HC / wavelength
    jacobian = np.ones(x.size) if axis == "nm" else wavelength**2 / HC
    order = np.argsort(x, kind="stable")
    where = ""
    if window:
        low, high = window
        where = f" between {low:g} and {high:g} {axis}"
        order = order[(x[order] >= low) & (x[order] <= high)]
        if not order.size:
            raise UnsuitableData(
                f"no point{where}; the spectrum runs from {x.min():.6g} to"
                f" {x.max():.6g} {axis}"
            )
    x, intensity, jacobian = x[order], intensity[order], jacobian[order]
    if np.ptp(x) == 0:
        raise UnsuitableData(f"all {x.size} points{where} lie at {x[0]:g} {axis}")
    if np.ptp(intensity) == 0:
        raise UnsuitableData(
            f"all {x.size} values of {channel}{where} are {intensity[0]:g}"
        )
    return Spectrum(x, intensity * jacobian, jacobian, axis, dataset.channel(channel))
