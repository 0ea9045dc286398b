"""Which values stand, and which of them speaks for the sample."""

import pytest

from analysis import services
from analysis.models import AnalysisRun, PropertyValue
from measurements.arrays.rows import supersede
from measurements.services import set_archived, update_measurement
from samples.models import Fact
from samples.services import set_archived as set_sample_archived
from tests.analysis.conftest import done_run, make_measurement
from tests.samples import factories

pytestmark = pytest.mark.django_db
PEAK = "pl.peak_wavelength"


def decide(user, about, verdict, reason="because"):
    return services.decide(user=user, about=about, verdict=verdict, reason=reason)


def standing(sample):
    return set(PropertyValue.objects.filter(sample=sample).current())


def fact(sample, label="I", quantity=PEAK):
    return Fact.objects.get(sample=sample, variable__key=quantity, label=label)


@pytest.fixture
def measurement(user, sample):
    return make_measurement(user, sample, level=700.0)


@pytest.fixture
def runs(user, measurement):
    return [done_run(user, measurement, scale=scale) for scale in (1.0, 1.1)]


def test_the_newest_done_run_counts_whole(user, sample, measurement, runs):
    third = done_run(user, measurement, peaks=1, scale=1.2)

    assert standing(sample) == set(third.values.all())
    assert not Fact.objects.filter(sample=sample, label="II").exists()


def test_a_failed_run_replaces_nothing(user, sample, measurement, runs):
    done_run(user, measurement, fail="data")

    assert standing(sample) == set(runs[1].values.all())


def test_an_accepted_run_goes_before_newer_ones(user, sample, measurement, runs):
    decide(user, runs[0], "accepted")
    done_run(user, measurement, scale=1.5)

    assert standing(sample) == set(runs[0].values.all())
    assert fact(sample).value == pytest.approx(700.0)


def test_accepting_one_value_holds_its_run(user, sample, measurement, runs):
    decide(user, runs[0].values.get(label="I"), "accepted")

    assert standing(sample) == set(runs[0].values.all())


def test_of_two_accepted_runs_the_newer_counts(user, sample, runs):
    for run in reversed(runs):
        decide(user, run, "accepted")

    assert standing(sample) == set(runs[1].values.all())


def test_a_withdrawn_acceptance_is_none(user, sample, runs):
    decide(user, runs[0], "accepted")
    decide(user, runs[0], "withdrawn")

    assert standing(sample) == set(runs[1].values.all())


def test_rejecting_the_newest_run_brings_back_the_one_before(user, sample, runs):
    decide(user, runs[1], "rejected")

    assert standing(sample) == set(runs[0].values.all())


def test_rejecting_every_run_leaves_nothing(user, sample, runs):
    for run in runs:
        decide(user, run, "rejected")

    assert standing(sample) == set()
    assert not Fact.objects.filter(sample=sample, variable__key=PEAK).exists()


def test_a_rejected_value_drops_out_alone(user, sample, runs):
    rejected = runs[1].values.get(label="II")

    decide(user, rejected, "rejected")

    assert standing(sample) == set(runs[1].values.exclude(pk=rejected.pk))


def test_an_archived_measurement_drops_out_and_comes_back(
    user, sample, measurement, runs
):
    set_archived(user=user, measurement=measurement, archived=True)
    without = standing(sample)
    facts = Fact.objects.filter(sample=sample, variable__key=PEAK).count()
    measurement.refresh_from_db()
    set_archived(user=user, measurement=measurement, archived=False)

    assert (without, facts) == (set(), 0)
    assert standing(sample) == set(runs[1].values.all())
    assert fact(sample).source in runs[1].values.values_list("uuid", flat=True)


def test_an_archived_sample_has_no_current_values(user, sample, runs):
    set_sample_archived(user=user, record=sample, archived=True)

    assert standing(sample) == set()
    assert not Fact.objects.filter(sample=sample).exists()


def test_runs_and_values_agree_on_what_is_current(user, sample, measurement, runs):
    decide(user, runs[0], "accepted")

    assert list(AnalysisRun.objects.current()) == [runs[0]]


def test_each_measurement_has_a_current_run_of_its_own(user, sample, runs):
    other = done_run(user, make_measurement(user, sample, level=650.0))

    assert standing(sample) == set(runs[1].values.all()) | set(other.values.all())


def record(user, sample, value, **values):
    return services.record_value(
        user=user,
        sample=sample.code,
        quantity=PEAK,
        label=values.pop("label", "I"),
        value=value,
        **values,
    )


def test_computed_goes_before_manual_before_reported(user, sample):
    reported = record(user, sample, 1.0, origin="reported", uncertainty=0.001)
    spoken_for = [fact(sample).source == reported.uuid]
    manual = record(user, sample, 2.0, origin="manual")
    spoken_for.append(fact(sample).source == manual.uuid)
    run = done_run(user, make_measurement(user, sample))
    spoken_for.append(fact(sample).source == run.values.get(label="I").uuid)

    assert spoken_for == [True, True, True]


def test_an_accepted_value_goes_before_any_origin(user, sample):
    done_run(user, make_measurement(user, sample))
    reported = record(user, sample, 1.0, origin="reported")

    decide(user, reported, "accepted")

    assert fact(sample).source == reported.uuid


def test_the_smaller_relative_uncertainty_goes_first_then_the_newest(user, sample):
    record(user, sample, 500.0, uncertainty=5)
    better = record(user, sample, 700.0, uncertainty=5)
    record(user, sample, 900.0)
    first = fact(sample).source
    newest = record(user, sample, 700.0, uncertainty=5)

    assert first == better.uuid
    assert fact(sample).source == newest.uuid


def test_an_unlabelled_value_answers_for_the_quantity(user, sample):
    record(user, sample, 1.0)
    unlabelled = record(user, sample, 2.0, label="")

    default = Fact.objects.get(sample=sample, variable__key=PEAK, is_default=True)

    assert default.source == unlabelled.uuid


def test_without_a_marked_label_the_first_in_the_alphabet_answers(user, sample):
    record(user, sample, 2.0, label="II")
    record(user, sample, 1.0, label="I")

    default = Fact.objects.get(sample=sample, variable__key=PEAK, is_default=True)

    assert default.label == "I"


def test_the_values_of_a_run_follow_the_state_its_measurement_saw(
    user, project, sample, measurement, runs
):
    ageing = factories.make_process(
        user, project, "ageing", inputs=[sample.code], outputs=[sample.code]
    )

    update_measurement(
        user=user,
        measurement=measurement,
        state={"process": str(ageing.uuid), "relation": "after"},
    )

    assert fact(sample).subject.process == ageing


def test_a_run_of_data_read_anew_counts_no_longer(user, sample, measurement, runs):
    supersede(measurement.datasets.filter(is_result=False))

    assert standing(sample) == set()
