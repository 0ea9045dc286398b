"""Files of solar cells for tests of pages: sweeps of several cells, a track."""

import json

import numpy as np


def sweeps_of(cells=("A", "B"), *, current=22.0, steps=56, hysteresis=0.03):
    """Cell, direction, voltage and photocurrent of both sweeps of each cell."""
    voltage = np.round(np.linspace(-0.1, 1.2, steps), 4)
    curves = []
    for number, cell in enumerate(cells):
        for direction, gain in (("reverse", 1.0), ("forward", 1 - hysteresis)):
            order = voltage[::-1] if direction == "reverse" else voltage
            density = gain * (current + number) - 1e-9 * np.expm1(order / 0.045)
            curves.append((cell, direction, order, density))
    return curves


def sweeps_json(cells=("A", "B"), irradiance=100.0, **values):
    """Both directions of each cell as JSON, photocurrent negative as many write it."""
    data = [
        {
            "cell": cell,
            "direction": "REV" if direction == "reverse" else "FWD",
            "measurements": [
                {
                    "V_set [V]": float(v),
                    "J [mA/cm2]": round(-float(j), 8),
                    "area [cm2]": 0.16,
                    "irradiance [mW/cm2]": irradiance,
                }
                for v, j in zip(voltage, density, strict=True)
            ],
        }
        for cell, direction, voltage, density in sweeps_of(cells, **values)
    ]
    return json.dumps({"data": data}).encode()


def track_text(hours=600.0, points=1200, *, start=25.6, gap=None):
    """An efficiency decaying with burn-in, as two columns of text."""
    time = np.linspace(0, hours, points)
    decay = 0.12 * np.exp(-time / 20) + 0.88 * np.exp(-time / 6000)
    noise = np.random.default_rng(5).normal(0, 0.02, points)
    rows = [
        f"{hour:.4f},{value:.4f}"
        for hour, value in zip(time, start * decay + noise, strict=True)
        if gap is None or not gap[0] < hour < gap[1]
    ]
    return "\n".join(["time (h),PCE (%)", *rows, ""]).encode()
