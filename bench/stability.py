"""Long ageing tracks against the usual script: ``python -m bench stability``.

100 tracks of 90,000 points as a tracker logs them. For each, in turn: a bare
``pyarrow.csv`` parse; this project's way from the bytes of the file to the stored
container, its preview and all lifetimes; and numpy.genfromtxt with a rolling median of
pandas that a crossing is looked for in. Then a view of 2,000 points of a stored track
against sending it whole.
"""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable

# Small matrices are slower on several threads, and the rows are to be compared.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from analysis.contract.registry import analyses
from analysis.contract.registry import load_builtin as load_analyses
from bench import Figures, at_least, at_most
from measurements.arrays import container
from measurements.arrays.preview import CURVE_POINTS, downsample, preview
from measurements.registry import load_builtin as load_measurements
from measurements.registry import read, readers, sniff_of

TRACKS = 100
POINTS = 90_000
SLOW_EVERY = 10
"""Of the slow way every tenth track is enough; it takes seconds."""

GOALS = (
    at_most("file to stored lifetimes", 2.5, "× bare pyarrow parse"),
    at_least("file to lifetimes, against the script", 12, "× genfromtxt and pandas"),
    at_least("view of 2,000 points", 50, "× the whole track as JSON"),
)
TITLES = (
    "Timestamp,MPPT_I,MPPT_V,MPPT_P,MPPT_PCE,radiation,TriggerSource,MPPT_J,"
    "MPPT_EFF,Duration,Duration_s,Duration_h"
)


def write_track(seed: int) -> bytes:
    """Write a track of 1500 h at one point a minute, as the tracker does."""
    random = np.random.default_rng(seed)
    seconds = 60.0 * np.arange(POINTS)
    hours = seconds / 3600
    decay = 0.12 * np.exp(-hours / 20) + 0.88 * np.exp(-hours / 6000)
    voltage = -1.05 + 0.002 * random.normal(size=POINTS)
    density = 24 * decay * (1 + 0.01 * random.normal(size=POINTS))
    light = 1000 + random.normal(size=POINTS)
    efficiency = 1000 * np.abs(voltage) * density / light
    begin = np.datetime64("2025-01-15T17:51:28.992", "ms")
    stamps = begin + (1000 * seconds).astype("timedelta64[ms]")
    texts = np.char.replace(np.datetime_as_string(stamps), "T", " ")
    rows = zip(
        texts,
        0.18 * -density,
        voltage,
        0.18 * np.abs(voltage) * density,
        1.02 * efficiency,
        light,
        density,
        efficiency,
        seconds,
        hours,
        strict=True,
    )
    lines = [
        f"{t},{i:.6f},{v:.7f},{p:.1f},{e:.6f},{r:.3f},0,{j!r},{f!r},"
        f"{int(s // 86400)} days {int(s // 3600 % 24):02}:{int(s // 60 % 60):02}:00,"
        f"{s},{h!r}"
        for t, i, v, p, e, r, j, f, s, h in (
            (row[0], *map(float, row[1:])) for row in rows
        )
    ]
    return "\n".join([TITLES, *lines, ""]).encode()


def bare(content: bytes) -> None:
    csv.read_csv(pa.BufferReader(content))


def ours(content: bytes) -> tuple[bytes, float]:
    """Go from the bytes of the file to what is stored, drawn and told of it."""
    sniff = sniff_of("track.csv", content)
    reader = readers["mppt_csv"]
    result = read(reader, sniff, lambda: content, technique="mpp_tracking")
    dataset = result.datasets[0].dataset
    packed = container.pack(dataset)
    container.digest(packed)
    container.pack(preview(dataset)["curve"])
    found = analyses["stability_lifetimes"].apply(dataset)
    return packed, found["stability.t80"].value


def usual(content: bytes) -> float:
    """Do what a script does: the table by name, a rolling median, the first below."""
    table = np.genfromtxt(
        io.BytesIO(content), delimiter=",", names=True, dtype=None, encoding="utf-8"
    )
    efficiency = pd.Series(table["MPPT_EFF"])
    smooth = efficiency.rolling(61, center=True, min_periods=1).median()
    below = np.flatnonzero(smooth.to_numpy() < 0.8 * smooth.iloc[0])
    return float(table["Duration_h"][below[0]]) if below.size else np.inf


def seconds_of(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(figures: Figures) -> None:
    load_measurements()
    load_analyses()
    contents = [write_track(seed) for seed in range(4)]
    packed, _ = ours(contents[0])
    bare(contents[0])
    taken: dict[str, list[float]] = {"bare": [], "ours": [], "usual": []}
    for number in range(TRACKS):
        content = contents[number % len(contents)]
        taken["bare"].append(seconds_of(lambda content=content: bare(content)))
        taken["ours"].append(seconds_of(lambda content=content: ours(content)))
        if number % SLOW_EVERY == 0:
            taken["usual"].append(seconds_of(lambda content=content: usual(content)))
    median = {name: float(np.median(values)) for name, values in taken.items()}
    for name, value in median.items():
        print(f"{name:8}{1e3 * value:10.1f} ms a track")
    stored = container.unpack(packed, container.digest(packed))
    sent = float(np.median([seconds_of(lambda: whole(stored)) for _ in range(5)]))
    views = [seconds_of(lambda: view(packed)) for _ in range(25)]
    figures.add("file to stored lifetimes", median["ours"] / median["bare"])
    against = median["usual"] / median["ours"]
    figures.add("file to lifetimes, against the script", against)
    figures.add("view of 2,000 points", sent / float(np.median(views)))


def whole(dataset) -> str:
    """Write a whole track as JSON."""
    parts = {part.name: part.values.tolist() for part in (*dataset.axes,)}
    parts |= {part.name: part.values.tolist() for part in dataset.channels}
    return json.dumps(parts)


def view(packed: bytes) -> str:
    """Read one channel of the stored track and write 2,000 points of it as JSON."""
    stored = container.Container(io.BytesIO(packed), trusted=True).dataset(["pce"])
    drawn = downsample(stored, CURVE_POINTS)
    return json.dumps([drawn["time"].tolist(), drawn["pce"].tolist()])
