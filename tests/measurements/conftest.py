"""Arrays and files that several tests of the measurement core share."""

import numpy as np
import pytest

from labdata.plugin import Axis, Channel, Coordinate, Dataset
from measurements import registry


@pytest.fixture(scope="session", autouse=True)
def _builtin():
    registry.load_builtin()


@pytest.fixture
def series():
    """Spectra while heating to 350 °C, holding and cooling, one shot missing."""
    temperature = np.array([25.0, 150.0, 350.0, 350.0, 150.0, np.nan])
    branch = np.array(["heating", "heating", "dwell", "dwell", "cooling", "cooling"])
    wavelength = np.linspace(600.0, 800.0, 201)
    centre = 690 + 0.02 * np.nan_to_num(temperature, nan=25.0)[:, None]
    counts = 1000 * np.exp(-(((wavelength - centre) / 20) ** 2))
    counts[3, 40] = np.nan
    return Dataset(
        (
            Axis("frame", "1", "Frame", np.arange(6.0), "frame"),
            Axis("wavelength", "nm", "Wavelength", wavelength),
        ),
        (Channel("counts", "1", "Intensity", counts),),
        (
            Coordinate("temperature", "°C", "frame", temperature),
            Coordinate("time", "min", "frame", np.arange(6) * 8.0),
            Coordinate("branch", None, "frame", branch),
        ),
        {"origin": "simulated"},
    )


@pytest.fixture(scope="session")
def cube():
    """A map of 64 × 64 spectra of 256 points, its peak moving across."""
    y, x = np.mgrid[:64, :64]
    wavelength = np.linspace(500.0, 800.0, 256)
    centre = (600 + x + 0.5 * y)[..., None]
    rng = np.random.default_rng(3)
    counts = rng.poisson(200 * np.exp(-(((wavelength - centre) / 15) ** 2)) + 5)
    return Dataset(
        (
            Axis("y", "µm", "y", np.arange(64) * 0.1),
            Axis("x", "µm", "x", np.arange(64) * 0.1),
            Axis("wavelength", "nm", "Wavelength", wavelength),
        ),
        (Channel("counts", "1", "Intensity", counts.astype(float)),),
    )
