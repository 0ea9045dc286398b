"""Sweeps per second against a spline-and-brentq loop: ``python -m bench jv``.

Voc, Jsc and maximum power of 2,000 noiseless curves of one diode, with points 10 mV
apart, as cells are measured, and 2 mV, where straight lines and a cubic spline agree.
The one pass gives slopes, noise and uncertainties besides. Rounds are interleaved, so
that a busy machine disturbs both alike; the ratio is the median over the rounds.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq, minimize_scalar

from analysis.numerics.photovoltaics import jv
from analysis.numerics.photovoltaics.single_diode import evaluate
from bench import Figures, at_least, at_most

SWEEPS = 2000
ROUNDS = 5
STEPS = {0.01: "points 10 mV apart", 0.002: "points 2 mV apart"}
FINE = 0.002
GOALS = (
    at_least(STEPS[0.01], 10, "× spline and brentq"),
    at_least(STEPS[0.002], 4, "× spline and brentq"),
    at_most("furthest apart, points 2 mV apart", 1e-4, "relative"),
)


def curves(step: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Curves of cells as a batch has them: every parameter scatters."""
    random = np.random.default_rng(5)
    voltage = np.arange(-0.1, 1.25, step)
    found = []
    for _ in range(SWEEPS):
        scale = random.uniform(0.032, 0.05)
        voc, photocurrent = random.uniform(1.0, 1.15), random.uniform(18, 26)
        saturation = photocurrent * np.exp(-voc / scale)
        series, shunt = random.uniform(0.0005, 0.004), random.uniform(0.5, 5)
        current = evaluate(voltage, photocurrent, saturation, series, shunt, scale)
        found.append((voltage, current))
    return found


def by_spline(sweeps: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return Voc, Jsc and maximum power, sweep after sweep."""
    found = np.empty((len(sweeps), 3))
    for row, (voltage, current) in enumerate(sweeps):
        spline = CubicSpline(voltage, current)
        voc = brentq(spline, 0, voltage[-1])
        best = minimize_scalar(
            lambda v, spline=spline: -v * spline(v), bounds=(0, voc), method="bounded"
        )
        found[row] = voc, spline(0.0), -best.fun
    return found


def at_once(sweeps: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the same from one pass over all sweeps."""
    metrics = jv.sweep_metrics(*jv.stack(sweeps))
    return np.stack([metrics.voc, metrics.jsc, metrics.pmax], axis=1)


def compare(step: float, figures: Figures) -> None:
    """Time both ways on sweeps of one spacing [V]."""
    sweeps = curves(step)
    ways = {"spline and brentq": by_spline, "one pass": at_once}
    at_once(sweeps[:10])
    times: dict[str, list[float]] = {name: [] for name in ways}
    results = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            begun = time.perf_counter()
            results[name] = way(sweeps)
            times[name].append(time.perf_counter() - begun)
    title = f"{SWEEPS} sweeps of {sweeps[0][0].size} points"
    print(f"{title:29}{'ms':>10}{'µs/sweep':>12}")
    for name, taken in times.items():
        middle = float(np.median(taken))
        print(f"{name:29}{middle * 1e3:10.1f}{middle / SWEEPS * 1e6:12.1f}")
    figures.add(STEPS[step], float(np.median(np.divide(*times.values()))))
    apart = np.abs(results["one pass"] / results["spline and brentq"] - 1).max(axis=0)
    names = zip(("Voc", "Jsc", "Pmax"), apart, strict=True)
    print(
        "furthest apart, relative: "
        + ", ".join(f"{name} {value:.1e}" for name, value in names)
    )
    if step == FINE:
        figures.add("furthest apart, points 2 mV apart", apart.max())


def measure(figures: Figures) -> None:
    for step in STEPS:
        compare(step, figures)
