"""Fits per second against an lmfit loop, in one run: ``python -m bench fits``.

Two Gaussians and an offset on 1000 points, the same noisy curves and the same start
for all. Rounds are interleaved, so that a busy machine disturbs every row alike; the
ratios are medians over the rounds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import lmfit
import numpy as np

from analysis.contract.registry import analyses, load_builtin
from analysis.numerics.fitting.least_squares import fit
from analysis.numerics.peaks import gaussians
from bench import Figures, at_least, at_most
from labdata.plugin import Dataset

ROUNDS = 9
CURVES = 2000
NUMPY_CURVES = 200
WAVELENGTH = np.linspace(575.0, 825.0, 1000)
MIDDLE = 700.0
TRUTH = np.array([81.13, 418305.79, -17.18, 19.635, 21896.09, 16.94, 10.89])
START = TRUTH * [1, 0.9, 1, 1.1, 1.5, 1, 0.8] + [0, 0, 2, 0, 0, -3, 0]
NOISE = 114.13
GOALS = (
    at_least("one public call", 50, "× lmfit"),
    at_least("batch", 300, "× lmfit"),
    at_least("batch without numba", 25, "× lmfit"),
    at_least("automatic fit, 32 starts", 1 / 0.6, "× lmfit"),
    at_most("parameters from a tight minimum", 1e-8, "relative"),
    at_most("standard errors from a tight minimum", 1e-8, "relative"),
    at_least("best minimum found by 32 starts", 0.995, "of the curves"),
    at_most("first fit in a fresh process", 1, "× importing lmfit"),
)
TIMED = [goal.name for goal in GOALS if goal.unit == "× lmfit"]
# What a fresh process, which has numpy, needs until its first fit is done, and what it
# needs until lmfit is only imported.
FIRST_FIT = """
import time
import numpy as np
numpy_there = time.perf_counter()
from analysis.numerics.peaks import gaussians
from analysis.numerics.fitting.least_squares import fit
x = np.linspace(-5, 5, 100)
y = gaussians.evaluate_gaussians(x, np.array([[1.0, 2.0, 0.0, 1.0]]))[0, 0]
fit(gaussians.GAUSSIANS, x, y, [0.5, 1.0, 0.5, 1.5])
print(time.perf_counter() - numpy_there)
"""
LMFIT_ALONE = """
import time
import numpy
numpy_there = time.perf_counter()
import lmfit
print(time.perf_counter() - numpy_there)
"""
FRESH_ROUNDS = 5


def lmfit_parts() -> tuple[lmfit.Model, lmfit.Parameters]:
    model = (
        lmfit.models.ConstantModel()
        + lmfit.models.GaussianModel(prefix="a_")
        + lmfit.models.GaussianModel(prefix="b_")
    )
    names = ["c"] + [
        f"{peak}_{name}" for peak in "ab" for name in ("amplitude", "center", "sigma")
    ]
    values = START.copy()
    values[2::3] += MIDDLE
    return model, model.make_params(**dict(zip(names, values, strict=True)))


def seconds_per_fit(work: Callable[[], object], fits: int, repeats: int) -> float:
    begun = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - begun) / (fits * repeats)


def measure(figures: Figures) -> None:
    load_builtin()
    analysis = analyses["pl_gaussians"]
    x = WAVELENGTH - MIDDLE
    clean = gaussians.evaluate_gaussians(x, TRUTH[None])[0, 0]
    curves = clean + np.random.default_rng(1).normal(0, NOISE, (CURVES, x.size))
    model, start = lmfit_parts()
    datasets = [
        Dataset.curve(("wavelength", "nm", WAVELENGTH), counts=("1", curve))
        for curve in curves[:20]
    ]
    given = analysis.clean_parameters(
        {
            "start": [
                {"centre": START[k + 1] + MIDDLE, "fwhm": 2.35 * START[k + 2]}
                for k in (1, 4)
            ]
        }
    )
    lower, upper = gaussians.bounds(x, 2, linear=False)
    turn = iter(range(10**9))

    def curve() -> np.ndarray:
        return curves[next(turn) % CURVES]

    def dataset() -> Dataset:
        return datasets[next(turn) % len(datasets)]

    def one_call() -> None:
        fit(gaussians.GAUSSIANS, x, curve(), START)

    def automatic() -> None:
        y = curve()
        starts = gaussians.starts(x, y, 2, linear=False, count=32)
        fits = fit(gaussians.GAUSSIANS, x, y, starts, lower=lower, upper=upper)
        fits.best(gaussians.acceptable(fits))

    def batch(backend: str, count: int) -> Callable[[], object]:
        return lambda: fit(
            gaussians.GAUSSIANS, x, curves[:count], START, backend=backend
        )

    rows: dict[str, tuple[Callable[[], object], int, int]] = {
        "lmfit composite": (lambda: model.fit(curve(), start, x=WAVELENGTH), 1, 8),
        "one public call": (
            lambda: fit(gaussians.GAUSSIANS, x, curve(), START),
            1,
            100,
        ),
        "batch": (batch("numba", CURVES), CURVES, 1),
        "batch, one thread": (
            lambda: fit(gaussians.GAUSSIANS, x, curves, START, threads=1),
            CURVES,
            1,
        ),
        "batch without numba": (batch("numpy", NUMPY_CURVES), NUMPY_CURVES, 1),
        "automatic fit, 32 starts": (automatic, 1, 8),
        "pl_gaussians, given start": (lambda: analysis.apply(dataset(), given), 1, 8),
        "pl_gaussians, automatic": (lambda: analysis.apply(dataset()), 1, 8),
    }
    for work, _, _ in rows.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(ROUNDS):
        for name, row in rows.items():
            times[name].append(seconds_per_fit(*row))

    reference = np.array(times["lmfit composite"])
    print(f"{'two Gaussians, 1000 points':28}{'µs/fit':>10}{'× lmfit':>10}")
    for name, taken in times.items():
        ratio = float(np.median(reference / np.array(taken)))
        print(f"{name:28}{np.median(taken) * 1e6:10.1f}{ratio:10.1f}")
        if name in TIMED:
            figures.add(name, ratio)
    found = fit(gaussians.GAUSSIANS, x, curves[:64], START)
    tight = fit(gaussians.GAUSSIANS, x, curves[:64], START, tolerance=1e-12)
    for name, ours, truth in (
        ("parameters", found.parameters, tight.parameters),
        ("standard errors", found.standard_errors, tight.standard_errors),
    ):
        worst = np.abs(ours / truth - 1).max()
        figures.add(f"{name} from a tight minimum", worst)
    figures.add("best minimum found by 32 starts", agreement(x, curves[:200]))
    figures.add("first fit in a fresh process", first_fit())


def agreement(x: np.ndarray, curves: np.ndarray) -> float:
    """Return how often 32 starts from the data end at least as low as the truth."""
    lower, upper = gaussians.bounds(x, 2, linear=False)
    starts = np.stack(
        [gaussians.starts(x, y, 2, linear=False, count=32) for y in curves]
    )
    fits = fit(gaussians.GAUSSIANS, x, curves, starts, lower=lower, upper=upper)
    best = fits.best(gaussians.acceptable(fits))
    known = fit(gaussians.GAUSSIANS, x, curves, TRUTH)
    return float((best.chi_square <= known.chi_square * (1 + 1e-9)).mean())


def first_fit() -> float:
    """Return how long the first fit of a fresh process takes, over importing lmfit."""
    taken: dict[str, list[float]] = {FIRST_FIT: [], LMFIT_ALONE: []}
    for _ in range(FRESH_ROUNDS):
        for program, seconds in taken.items():
            done = subprocess.run(
                [sys.executable, "-c", program],
                cwd=Path(__file__).resolve().parents[1],
                capture_output=True,
                text=True,
                check=True,
            )
            seconds.append(float(done.stdout))
    ours, theirs = (float(np.median(seconds)) for seconds in taken.values())
    print(f"first fit after numpy {ours:.2f} s, importing lmfit {theirs:.2f} s")
    return ours / theirs
