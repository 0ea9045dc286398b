"""A lab with measurements to analyse, and a quick analysis to do it with."""

import contextlib
import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from rest_framework.test import APIClient

from analysis import services
from analysis.contract.registry import analyses
from analysis.models import AnalysisRun
from labdata.common.jobs import runner as jobs_runner
from labdata.plugin import (
    Axis,
    Channel,
    Dataset,
    Detail,
    Estimate,
    Flag,
    LabelledEstimate,
    Result,
    UnsuitableData,
    analysis,
    parameter,
)
from measurements.arrays.rows import save_dataset
from measurements.models import Measurement
from samples.facts import default_subject, replace_facts
from tests.samples import factories

_numbers = itertools.count(1)
TOY = Flag("toy", "toy", "No number to believe.")


@dataclass(frozen=True, slots=True)
class Parameters:
    scale: float = parameter(1.0, label="Scale", minimum=0.0)
    peaks: int = parameter(2, label="Peaks", minimum=1, maximum=2)
    fail: str = parameter("", label="How to fail")


def _weigh(dataset, parameters, progress):
    """Two peaks made of the mean count, in no time."""
    progress(0.5, "weighing")
    if parameters.fail == "data":
        raise UnsuitableData("only 3 points after the peak")
    if parameters.fail == "bug":
        raise ZeroDivisionError("a bug")
    mean = float(dataset["counts"].mean()) * parameters.scale
    labels = ["I", "II"][: parameters.peaks]
    estimates = [
        LabelledEstimate(
            "pl.peak_wavelength",
            Estimate(mean + 10 * place, 0.1 * parameters.scale, flags=("toy",)),
            label,
            default=place == 0,
        )
        for place, label in enumerate(labels)
    ]
    estimates.append(LabelledEstimate("pl.r_squared", Estimate(0.5)))
    wavelength = dataset["wavelength"]
    fit = Dataset.curve(
        ("wavelength", "nm", wavelength), fit=("1", np.full(wavelength.size, mean))
    )
    return Result(
        tuple(estimates),
        {"fit": fit},
        details=(Detail("mean", "Mean count", mean),),
        remarks=("Weighed.",),
    )


@contextlib.contextmanager
def installed(version=1):
    """The quick analysis at a version, for as long as this lasts."""
    held = analyses._specs.pop("toy_peaks", None)
    spec = analysis(
        key="toy_peaks",
        version=version,
        label="Toy peaks",
        techniques=["pl"],
        parameters=Parameters,
        outputs=["pl.peak_wavelength", "pl.r_squared"],
        flags=[TOY],
    )(_weigh)
    analyses.add(spec)
    try:
        yield spec
    finally:
        del analyses._specs["toy_peaks"]
        if held is not None:
            analyses.add(held)


@contextlib.contextmanager
def gathering(gathers):
    """The quick analysis, of each dataset or of those of a cell, while this lasts."""

    def run(data, parameters, progress):
        first = data[0] if isinstance(data, tuple) else data
        return _weigh(first, parameters, progress)

    key = f"toy_{gathers}"
    spec = analysis(
        key=key,
        version=1,
        label=f"Toy peaks by {gathers}",
        techniques=["pl"],
        parameters=Parameters,
        outputs=["pl.peak_wavelength", "pl.r_squared"],
        gathers=gathers,
        flags=[TOY],
    )(run)
    analyses.add(spec)
    try:
        yield spec
    finally:
        del analyses._specs[key]


@pytest.fixture(autouse=True)
def toy():
    with installed() as spec:
        yield spec


@pytest.fixture
def user(db):
    return factories.make_user()


@pytest.fixture
def project(user):
    return factories.make_project(user)


@pytest.fixture
def sample(user, project):
    return factories.make_sample(user, project)


@pytest.fixture
def client(user):
    return client_of(user)


def client_of(user):
    client = APIClient()
    client.force_login(user)
    return client


def make_measurement(user, sample, *, level=700.0, technique="pl", **values):
    """A measurement that is ready, with one curve whose mean count is ``level``."""
    measurement = Measurement(
        project=sample.project,
        sample=sample,
        subject=default_subject(sample=sample),
        technique=technique,
        created_by=user,
        **values,
    )
    measurement.full_clean(validate_constraints=False)
    measurement.save()
    add_dataset(measurement, level)
    replace_facts(sample_ids=[sample.pk])
    return measurement


def add_dataset(measurement, level=700.0):
    curve = Dataset.curve(
        ("wavelength", "nm", np.linspace(600.0, 800.0, 5)),
        counts=("1", np.full(5, level)),
    )
    number = next(_numbers)
    return save_dataset(
        curve,
        measurement=measurement,
        name=f"curve {number}",
        identity=f"{number:064d}",
    )


def add_map(measurement):
    """A map of spectra, which an analysis of one spectrum does not take."""
    wavelength = Axis("wavelength", "nm", "Wavelength", np.linspace(600.0, 800.0, 5))
    across = Axis("x", "µm", "x", np.arange(3.0))
    counts = Channel("counts", "1", "Counts", np.ones((3, 5)))
    return save_dataset(
        Dataset((across, wavelength), (counts,)),
        measurement=measurement,
        name="map",
        identity=f"{next(_numbers):064d}",
    )


def done_run(user, measurement, **parameters):
    """A run of the quick analysis, asked for and done."""
    run = services.request_run(
        user=user,
        analysis="toy_peaks",
        measurement=measurement,
        parameters=parameters,
    )
    return execute(run)


def execute(run):
    jobs_runner.execute("analysis.run", run.pk)
    run = AnalysisRun.objects.get(pk=run.pk)
    assert run.state != "errored" or "a bug" in run.traceback, run.traceback
    return run
