"""Spectra as files, with known peaks."""

import numpy as np


def spectrum(*, seed=1, points=200):
    """A delimited text with peaks at 680 and 716 nm, as bytes."""
    wavelength = np.linspace(600.0, 799.0, points)
    counts = 100 + 8000 * np.exp(-0.5 * ((wavelength - 680) / 18) ** 2)
    counts += 900 * np.exp(-0.5 * ((wavelength - 716) / 11) ** 2)
    counts += np.random.default_rng(seed).normal(0, 20, wavelength.size)
    rows = zip(wavelength, counts, strict=True)
    table = "\n".join(f"{x:.3f},{y:.3f}" for x, y in rows)
    return f"Wavelength (nm),Intensity (counts)\n{table}\n".encode()
