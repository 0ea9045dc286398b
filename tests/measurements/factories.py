"""Files and measurements for tests, made through the services requests go through."""

import io

import numpy as np

from labdata.common.jobs.runner import execute
from measurements import services
from measurements.models import Parsing


def pl_text(*, centre=690.0, points=200, seed=1):
    """A photoluminescence spectrum as comma separated text."""
    wavelength = np.arange(600.0, 600.0 + points)
    counts = 100 + 8000 * np.exp(-0.5 * ((wavelength - centre) / 18) ** 2)
    counts += np.random.default_rng(seed).normal(0, 20, wavelength.size)
    rows = [f"{x:.1f},{y:.3f}" for x, y in zip(wavelength, counts, strict=True)]
    return "\n".join(["Wavelength (nm),Intensity (counts)", *rows, ""]).encode()


def make_measurement(user, sample, *, data=None, name="pl.csv", read=True, **values):
    """Log a measurement and, unless told otherwise, read its files."""
    values.setdefault("technique", "pl")
    values.setdefault("analyse", False)
    files = [(name, io.BytesIO(pl_text() if data is None else data))]
    measurement = services.create_measurement(
        user=user, sample=sample, files=files, **values
    )
    if read:
        read_files()
    return again(measurement)


def read_files():
    """Do the queued readings in this process, and leave the analyses queued."""
    for pk in Parsing.objects.filter(state="queued").values_list("pk", flat=True):
        execute("parsing", pk)


def again(row):
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)
