"""What a run leaves behind, however it ends."""

import numpy as np
import pytest

from analysis import services
from analysis.models import AnalysisRun, PropertyValue
from labdata.common.jobs import runner as jobs_runner
from labdata.common.registry import own_distribution
from measurements.arrays.rows import load_dataset
from samples.models import Fact
from tests.analysis.conftest import (
    add_dataset,
    done_run,
    execute,
    installed,
    make_measurement,
)

pytestmark = pytest.mark.django_db


def ask(user, measurement, **parameters):
    return services.request_run(
        user=user, analysis="toy_peaks", measurement=measurement, parameters=parameters
    )


def test_a_done_run_leaves_values_curves_facts_and_versions(user, sample):
    measurement = make_measurement(user, sample, level=700.0)

    run = execute(ask(user, measurement))

    assert run.state == "done"
    values = {(v.quantity, v.label): v for v in run.values.all()}
    assert set(values) == {
        ("pl.peak_wavelength", "I"),
        ("pl.peak_wavelength", "II"),
        ("pl.r_squared", ""),
    }
    first = values["pl.peak_wavelength", "I"]
    assert (first.value, first.uncertainty) == (pytest.approx(700.0), 0.1)
    assert (first.origin, first.flags, first.is_default) == ("computed", ["toy"], True)
    assert first.subject == measurement.subject
    assert run.parts.detail("mean") == pytest.approx(700.0)
    assert run.remarks == ["Weighed."]
    own = own_distribution()
    assert (run.distribution, run.distribution_version) == (own.name, own.version)
    assert {"labdata", "python", "numpy", "scipy", "lmfit"} <= set(run.environment)
    assert all(run.environment[name] for name in ("labdata", "python", "numpy"))
    fit = load_dataset(run.results.get(role="fit").dataset)
    assert np.allclose(fit["fit"], 700.0)
    facts = Fact.objects.filter(sample=sample, variable__key="pl.peak_wavelength")
    assert {(f.label, f.is_default, f.source) for f in facts} == {
        ("I", True, first.uuid),
        ("II", False, values["pl.peak_wavelength", "II"].uuid),
    }


def test_the_hash_of_what_went_in_is_kept(user, sample):
    measurement = make_measurement(user, sample)

    run = ask(user, measurement)

    entry = run.inputs.get()
    assert entry.sha256 == measurement.datasets.get(is_result=False).sha256


def test_values_of_a_simulated_measurement_say_so(user, sample):
    measurement = make_measurement(user, sample, origin="simulated")

    run = done_run(user, measurement)

    assert {value.origin for value in run.values.all()} == {"simulated"}
    facts = Fact.objects.filter(source__in=run.values.values("uuid"))
    assert {fact.origin for fact in facts} == {"simulated"}


def test_unsuitable_data_fails_with_a_message_for_the_person(user, sample):
    run = execute(ask(user, make_measurement(user, sample), fail="data"))

    assert run.state == "failed"
    assert run.message == "only 3 points after the peak"
    assert not PropertyValue.objects.exists()


def test_a_bug_ends_as_errored_with_its_traceback(user, sample):
    run = execute(ask(user, make_measurement(user, sample), fail="bug"))

    assert run.state == "errored"
    assert "ZeroDivisionError" in run.traceback
    assert "not the data's fault" in run.message


def test_damaged_bytes_are_never_analysed(user, sample):
    measurement = make_measurement(user, sample)
    row = measurement.datasets.get()
    damaged = bytearray(bytes(row.container))
    damaged[len(damaged) // 2] ^= 1
    row.container = bytes(damaged)
    row.save()

    run = services.request_run(user=user, analysis="toy_peaks", measurement=measurement)
    jobs_runner.execute("analysis.run", run.pk)

    run.refresh_from_db()
    assert run.state == "errored"
    assert not run.values.exists()


def test_a_run_asked_of_older_code_is_not_done_by_newer_code(user, sample):
    run = ask(user, make_measurement(user, sample))

    with installed(version=2):
        run = execute(run)

    assert run.state == "failed"
    assert "version 1 to 2" in run.message


def test_of_several_datasets_the_run_says_which_it_used(user, sample):
    measurement = make_measurement(user, sample)
    add_dataset(measurement, 300.0)

    run = done_run(user, measurement)

    name = measurement.datasets.order_by("pk").first().name
    assert run.remarks[-1] == (
        f"The measurement holds 2 datasets; this is the result of {name}."
    )


def test_a_second_message_for_a_done_run_changes_nothing(user, sample):
    run = done_run(user, make_measurement(user, sample))
    before = list(PropertyValue.objects.values_list("pk", flat=True))

    again = execute(run)

    assert again.attempt == run.attempt
    assert list(PropertyValue.objects.values_list("pk", flat=True)) == before
    assert AnalysisRun.objects.get().state == "done"
