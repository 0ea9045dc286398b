"""The AM1.5G reference spectrum, and currents integrated over it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

SOURCE = "ASTM G173-03, global tilt (AM1.5G), 280-4000 nm"

ELEMENTARY_CHARGE = 1.602176634e-19
"""[C], exact in the SI."""

PHOTON_ENERGY = 1.98644586e-16
"""Planck constant times the speed of light [J nm]."""

MILLIAMPERES_PER_CM2 = 0.1
"""Of one ampere per square metre."""


@cache
def am15g() -> tuple[np.ndarray, np.ndarray]:
    """Return the AM1.5G spectrum.

    Returns
    -------
    wavelength : ndarray, shape (2002,)
        Increasing. [nm]
    irradiance : ndarray, shape (2002,)
        Spectral irradiance. [W/m²/nm]

    References
    ----------
    .. [1] ASTM G173-03, *Standard Tables for Reference Solar Spectral Irradiances*.
       The data, of the National Renewable Energy Laboratory, are in the public domain.
    """
    path = Path(__file__).with_name("astm_g173.csv")
    table = np.loadtxt(path, delimiter=",", skiprows=4)
    table.setflags(write=False)
    return table[:, 0], table[:, 1]


def current_weights(wavelength: np.ndarray) -> np.ndarray:
    r"""Return by what each point of an EQE spectrum adds to its current density.

    Parameters
    ----------
    wavelength : ndarray, shape (n,)
        Strictly increasing. [nm]

    Returns
    -------
    ndarray, shape (n,)
        So that ``weights @ eqe`` is the current density. [mA/cm²]

    Notes
    -----
    The sum is the trapezoidal rule of

    .. math:: J = \frac{q}{hc} \int \mathrm{EQE}(\lambda)\, E(\lambda)\, \lambda
              \, \mathrm{d}\lambda

    on the points of both the spectrum and the measurement, the EQE being linear
    between its points: the solar spectrum is much finer than the measured one, and
    its absorption bands must not fall between two points. Nothing is added outside
    the measured range.
    """
    solar, irradiance = am15g()
    inside = solar[(solar > wavelength[0]) & (solar < wavelength[-1])]
    grid = np.union1d(inside, wavelength)
    flux = np.interp(grid, solar, irradiance, left=0.0, right=0.0) * grid
    steps = np.diff(grid)
    share = flux * (np.append(steps, 0.0) + np.append(0.0, steps)) / 2
    left = np.clip(
        np.searchsorted(wavelength, grid, "right") - 1, 0, wavelength.size - 2
    )
    part = (grid - wavelength[left]) / (wavelength[left + 1] - wavelength[left])
    weights = np.bincount(left, share * (1 - part), wavelength.size)
    weights += np.bincount(left + 1, share * part, wavelength.size)
    return weights * ELEMENTARY_CHARGE / PHOTON_ENERGY * MILLIAMPERES_PER_CM2
