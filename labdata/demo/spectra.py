"""Simulated PL spectra of the demo lab, the same in every demo."""

import io

import numpy as np

from labdata.demo.paper_a import DOI, ILLUSTRATIVE

# 251 points at 1 nm reproduce all seven published standard errors.
WAVELENGTH = np.arange(570.0, 821.0)
# Square root of the published reduced chi-square, 13025.42 counts².
NOISE = 114.13

# Supplementary Fig. 14b: offset, then centre [nm], w = 2σ [nm] and area of each peak.
PUBLISHED = (81.13, (682.82, 39.27, 418305.79), (716.94, 21.78, 21896.09))


def parameters(fraction, temperature):
    """Offset and two peaks of a composite, and whether the paper prints them.

    The illustrative trends follow the direction of the published ones: emission moves
    to the blue and the low-energy peak gains with temperature, and the intensity
    passes through a maximum near a quarter CsPbI3 by weight at 300 °C.
    """
    offset, (centre, width, area), (centre_2, width_2, area_2) = PUBLISHED
    if (fraction, temperature) == (0.25, 300):
        return PUBLISHED, True
    hotter = (temperature - 300) / 100
    richer = fraction - 0.25
    shift = 14 * richer - 7 * hotter
    strength = (
        np.exp(-((np.log(fraction / 0.25) / 1.4) ** 2))
        * np.exp(-(((temperature - 305) / 70) ** 2))
        + 0.02
    )
    return (
        offset,
        (centre + shift, width * (1 + 0.12 * richer - 0.05 * hotter), area * strength),
        (
            centre_2 + 0.8 * shift,
            width_2 * (1 + 0.2 * richer),
            area_2 * strength * (1 + 2.5 * max(hotter + 0.5, 0)),
        ),
    ), False


def spectrum(fraction, temperature):
    """Counts at each wavelength, with the published noise scaled to the signal."""
    (offset, *peaks), published = parameters(fraction, temperature)
    counts = np.full_like(WAVELENGTH, offset)
    for centre, width, area in peaks:
        height = area / (width * np.sqrt(np.pi / 2))
        counts += height * np.exp(-2 * ((WAVELENGTH - centre) / width) ** 2)
    signal = counts.max() - offset
    noise = NOISE if published else NOISE * max(signal / 8499.0, 0.05)
    seed = [round(fraction * 100), temperature]
    return counts + noise * np.random.default_rng(seed).standard_normal(counts.size)


def spectrum_file(fraction, temperature):
    """The spectrum as the text file an instrument would export, marked simulated."""
    _, published = parameters(fraction, temperature)
    source = f"doi:{DOI}, Supplementary Fig. 14b" if published else ILLUSTRATIVE
    text = io.StringIO()
    text.write("# SIMULATED, not measured\n")
    text.write(f"# Peak parameters: {source}\n")
    text.write("Wavelength (nm),Intensity (counts)\n")
    for x, y in zip(WAVELENGTH, spectrum(fraction, temperature), strict=True):
        text.write(f"{x:.1f},{y:.3f}\n")
    return text.getvalue().encode()
