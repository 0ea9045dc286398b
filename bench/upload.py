"""From upload accepted to fit visible, on a running lab: ``python -m bench upload``.

A real supervisor on an empty lab; each round uploads one new spectrum of 1,000 points
through the API and asks until the fit's values are there. Beside it, in the same
round, what a person's script would do with the same file in its own process: read it
with numpy and fit it with lmfit. The ratio says what the record, the queue, the two
jobs and the second process cost over that.
"""

import io
import statistics
import tempfile
import time
from pathlib import Path

import lmfit
import numpy as np

from bench import Figures, at_most
from tests.lab import Lab
from tests.site.worlds.spectra import spectrum

ROUNDS = 15
POLL_SECONDS = 0.02
GOALS = (at_most("accepted until the values are there", 30, "× genfromtxt and lmfit"),)


def by_script(content):
    """Seconds to read and fit a file the usual way."""
    began = time.perf_counter()
    table = np.genfromtxt(io.BytesIO(content), delimiter=",", skip_header=1)
    x, y = table.T
    model = (
        lmfit.models.GaussianModel(prefix="a_")
        + lmfit.models.GaussianModel(prefix="b_")
        + lmfit.models.ConstantModel()
    )
    start = model.make_params(
        a_center=x[y.argmax()], a_sigma=15, a_amplitude=3e5, b_center=716, b_sigma=10
    )
    model.fit(y, start, x=x)
    return time.perf_counter() - began


def by_lab(lab, token, number, content):
    """Seconds of the upload itself, and from its acceptance to the values."""
    lab.api(
        "samples/",
        token=token,
        body={"project": "p", "code": f"S-{number}", "kind": "film"},
    )
    began = time.perf_counter()
    measurement = lab.upload(f"S-{number}", f"{number}.csv", content, token=token)
    accepted = time.perf_counter()
    while True:
        _, found = lab.api(
            f"properties/?sample=S-{number}&quantity=pl.fwhm", token=token
        )
        if found["count"]:
            return accepted - began, time.perf_counter() - accepted
        if time.perf_counter() - accepted > 60:
            raise SystemExit(lab.api(f"measurements/{measurement['id']}/", token=token))
        time.sleep(POLL_SECONDS)


def measure(figures: Figures) -> None:
    uploads, waits, scripts = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder) / "data")
        try:
            lab.start()
            lab.create_user("ada", "secret-phrase")
            token = lab.token("ada")
            lab.api("projects/", token=token, body={"slug": "p", "name": "P"})
            by_lab(lab, token, "warm", spectrum(points=1000, seed=0))
            for number in range(ROUNDS):
                content = spectrum(points=1000, seed=number)
                upload, wait = by_lab(lab, token, number, content)
                uploads.append(upload)
                waits.append(wait)
                scripts.append(by_script(content))
        finally:
            lab.destroy()
    script = statistics.median(scripts)
    print(f"upload until accepted     {1e3 * statistics.median(uploads):8.0f} ms")
    print(f"accepted until visible    {1e3 * statistics.median(waits):8.0f} ms")
    print(f"  slowest of {ROUNDS}            {1e3 * max(waits):8.0f} ms")
    print(f"script: genfromtxt, lmfit {1e3 * script:8.0f} ms")
    ratio = statistics.median(waits) / script
    figures.add("accepted until the values are there", ratio)
