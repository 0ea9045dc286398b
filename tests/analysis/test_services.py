"""Asking for runs, recording values, deciding: who may, and what is refused."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from analysis import services
from analysis.models import AnalysisRun, PropertyValue
from labdata.common.people.access import Role
from measurements.arrays.rows import supersede
from measurements.services import set_archived
from samples.models import Fact
from tests.analysis.conftest import (
    add_dataset,
    done_run,
    execute,
    installed,
    make_measurement,
)
from tests.samples import factories

pytestmark = pytest.mark.django_db
DOI = "10.1126/science.abf4460"


def ask(user, measurement, **values):
    return services.request_run(
        user=user, analysis="toy_peaks", measurement=measurement, **values
    )


def refusal(call, **values):
    with pytest.raises(ValidationError) as caught:
        call(**values)
    return getattr(caught.value, "nested", None) or caught.value.message_dict


# Runs


def test_asking_twice_gives_the_same_run(user, sample):
    measurement = make_measurement(user, sample)

    first = ask(user, measurement, parameters={"peaks": 2})
    second = ask(user, measurement)

    assert first == second
    assert AnalysisRun.objects.count() == 1


@pytest.mark.parametrize("state", ["errored", "cancelled"])
def test_a_run_without_an_answer_may_be_asked_for_again(user, sample, state):
    measurement = make_measurement(user, sample)
    first = ask(user, measurement, parameters={"fail": "bug"})
    if state == "errored":
        execute(first)
    else:
        services.cancel_run(user=user, run=first)

    second = ask(user, measurement, parameters={"fail": "bug"})

    assert AnalysisRun.objects.get(pk=first.pk).state == state
    assert (first != second, second.state) == (True, "queued")


def test_a_failed_run_is_the_answer_to_its_question(user, sample):
    measurement = make_measurement(user, sample)
    first = execute(ask(user, measurement, parameters={"fail": "data"}))

    assert ask(user, measurement, parameters={"fail": "data"}) == first


def test_other_parameters_are_another_run(user, sample):
    measurement = make_measurement(user, sample)

    first, second = (ask(user, measurement, parameters={"peaks": n}) for n in (1, 2))

    assert first.key != second.key


def test_equal_bytes_in_two_projects_are_two_runs(user, project, sample):
    other = factories.make_sample(user, factories.make_project(user, "twin"), "S-1")
    runs = [ask(user, make_measurement(user, s, level=5.0)) for s in (sample, other)]

    assert runs[0] != runs[1]
    assert runs[0].inputs.get().sha256 == runs[1].inputs.get().sha256


def test_wrong_parameters_are_named_one_by_one(user, sample):
    measurement = make_measurement(user, sample)

    told = refusal(
        ask,
        user=user,
        measurement=measurement,
        parameters={"peaks": 7, "scale": float("nan"), "colour": "red"},
    )

    assert set(told["parameters"]) == {"peaks", "scale", "colour"}
    assert "at most 2" in told["parameters"]["peaks"][0]


def test_the_wrong_technique_is_told_which_is_needed(user, sample):
    measurement = make_measurement(user, sample)
    measurement.technique = "xrd"

    told = refusal(ask, user=user, measurement=measurement)

    assert (
        told["measurements"]
        == ["Toy peaks needs pl data; Photoluminescence of S-1 is xrd."]
        or "needs pl data" in told["measurements"][0]
    )


def test_a_measurement_without_data_is_refused(user, sample):
    measurement = make_measurement(user, sample)
    measurement.datasets.all().delete()

    told = refusal(ask, user=user, measurement=measurement)

    assert "holds no data" in told["measurements"][0]


def test_an_archived_measurement_is_refused(user, sample):
    measurement = make_measurement(user, sample)
    set_archived(user=user, measurement=measurement, archived=True)

    told = refusal(ask, user=user, measurement=measurement)

    assert "restore it first" in told["measurements"][0]


def test_a_viewer_may_not_ask(user, project, sample):
    viewer = factories.make_user("grace")
    factories.add_member(project, viewer, Role.VIEWER)
    measurement = make_measurement(user, sample)

    with pytest.raises(PermissionDenied):
        ask(viewer, measurement)


def test_runs_of_several_measurements_are_one_each(user, sample):
    measurements = [make_measurement(user, sample, level=n) for n in (1.0, 2.0)]

    runs = services.request_runs(
        user=user,
        analysis="toy_peaks",
        measurements=[str(m.uuid) for m in measurements],
    )

    assert [run.measurement for run in runs] == measurements


def test_measurements_of_other_projects_do_not_exist(user, sample):
    stranger = factories.make_user("eve")
    measurement = make_measurement(user, sample)

    told = refusal(
        services.request_runs,
        user=stranger,
        analysis="toy_peaks",
        measurements=[str(measurement.uuid)],
    )

    assert told == {"measurements": [f"There is no measurement '{measurement.uuid}'."]}


def test_an_unknown_analysis_is_told_the_known_ones(user, sample):
    told = refusal(
        services.request_run,
        user=user,
        analysis="pl_gausians",
        measurement=make_measurement(user, sample),
    )

    assert "toy_peaks" in told["analysis"][0]


def test_a_run_that_ended_cannot_be_cancelled(user, sample):
    run = done_run(user, make_measurement(user, sample))

    assert "done" in refusal(services.cancel_run, user=user, run=run)["state"][0]


def test_running_again_without_change_is_the_same_run(user, sample):
    run = done_run(user, make_measurement(user, sample))

    assert services.rerun(user=user, run=run) == run


def test_running_again_after_new_code_supersedes_and_shows_the_difference(user, sample):
    old = done_run(user, make_measurement(user, sample, level=700.0), scale=1.0)
    with installed(version=2):
        new = services.rerun(user=user, run=old)
        new = execute(new)
        PropertyValue.objects.filter(run=new, label="I").update(value=700.3)

    told = services.compare_runs(old=old, new=new)

    assert old.values.count() == 3
    assert set(PropertyValue.objects.current()) == set(new.values.all())
    assert told["changes"]["version"] == [1, 2]
    changed = {(v["quantity"], v["label"]): v for v in told["values"]}
    first = changed["pl.peak_wavelength", "I"]
    assert first["difference"] == pytest.approx(0.3)
    assert first["in_uncertainties"] == pytest.approx(0.3 / 0.02**0.5)
    assert changed["pl.r_squared", ""]["in_uncertainties"] is None


def test_running_again_takes_data_that_was_read_anew(user, sample):
    measurement = make_measurement(user, sample, level=700.0)
    old = done_run(user, measurement)
    supersede(measurement.datasets.filter(is_result=False))
    fresh = add_dataset(measurement, 800.0)

    new = services.rerun(user=user, run=old)

    assert new != old
    assert new.inputs.get().dataset == fresh


def test_default_runs_follow_the_technique_and_the_wish(user, sample):
    measurement = make_measurement(user, sample)
    datasets = list(measurement.datasets.all())

    runs = services.request_default_runs(measurement, datasets)
    measurement.analyse = False
    none = services.request_default_runs(measurement, datasets)

    assert [run.analysis for run in runs] == ["pl_gaussians"]
    assert all(run.is_automatic for run in runs)
    assert none == []


# Values


def record(user, sample, **values):
    values.setdefault("quantity", "pl.peak_wavelength")
    values.setdefault("label", "I")
    values.setdefault("value", 700.0)
    return services.record_value(user=user, sample=sample.code, **values)


def test_a_printed_value_is_read_with_its_uncertainty(user, sample):
    value = record(
        user, sample, quantity="xrd.lattice_a", label="γ", value="10.4500(5)"
    )

    assert (value.value, value.uncertainty) == (10.45, pytest.approx(0.0005))


def test_bounds_and_units_in_the_text_are_understood(user, sample):
    value = record(user, sample, quantity="stability.t80", label="", value="> 62.5 d")

    assert (value.value, value.bound) == (pytest.approx(1500.0), ">")


def test_numbers_in_another_unit_are_converted_with_their_uncertainty(user, sample):
    value = record(
        user,
        sample,
        quantity="dsc.tg",
        label="1",
        value=573.15,
        uncertainty=2,
        low=571.15,
        unit="K",
    )

    assert value.value == pytest.approx(300.0)
    assert (value.uncertainty, value.low) == (2.0, pytest.approx(298.0))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"value": "abc"}, "value"),
        ({"value": float("nan")}, "value"),
        ({"value": "1e999"}, "value"),
        ({"value": ""}, "value"),
        ({"value": None}, "value"),
        ({"value": True}, "value"),
        ({"value": [1]}, "value"),
        ({"value": 1, "uncertainty": -1}, "uncertainty"),
        ({"value": "5.1±0.2", "uncertainty": 0.2}, "uncertainty"),
        ({"value": 1, "uncertainty": float("inf")}, "uncertainty"),
        ({"value": 1, "low": 2}, "low"),
        ({"value": 1, "high": 0}, "high"),
        ({"value": 1, "bound": "?"}, "bound"),
        ({"value": "> 1", "bound": "<"}, "bound"),
        ({"value": 1, "unit": "eV"}, "unit"),
        ({"value": 1, "unit": "parsnip"}, "unit"),
        ({"quantity": "pl.nonsense"}, "quantity"),
        ({"quantity": "pl.r_squared", "label": "I"}, "label"),
        ({"origin": "computed"}, "origin"),
        ({"reference": {"doi": "not a doi"}}, "reference"),
        ({"reference": "10.1/x"}, "reference"),
        ({"state": {"process": "x", "relation": "after"}}, "state"),
        ({"supersedes": "x"}, "supersedes"),
    ],
)
def test_what_cannot_be_recorded_is_refused_at_its_field(user, sample, given, field):
    told = refusal(record, user=user, sample=sample, **given)

    assert field in told
    assert not PropertyValue.objects.exists()


def test_a_reported_value_keeps_its_reference_and_becomes_a_fact(user, sample):
    value = record(
        user,
        sample,
        origin="reported",
        reference={"doi": f"https://doi.org/{DOI}", "locator": "Fig. S14"},
    )

    assert (value.reference_doi, value.reference_locator) == (DOI, "Fig. S14")
    assert Fact.objects.get(source=value.uuid).origin == "reported"


def test_a_correction_replaces_the_value_and_keeps_it(user, sample):
    old = record(user, sample, value=700.0)

    new = record(user, sample, value=701.0, supersedes=str(old.uuid))

    assert list(PropertyValue.objects.current()) == [new]
    assert PropertyValue.objects.count() == 2
    told = refusal(record, user=user, sample=sample, supersedes=str(old.uuid))
    assert "already" in told["supersedes"][0]


def test_a_computed_value_cannot_be_replaced_by_typing(user, sample):
    run = done_run(user, make_measurement(user, sample))
    value = run.values.get(label="I")

    told = refusal(record, user=user, sample=sample, supersedes=str(value.uuid))

    assert "new run" in told["supersedes"][0]


def test_a_value_may_name_the_state_it_is_of(user, project, sample):
    ageing = factories.make_process(
        user, project, "ageing", inputs=[sample.code], outputs=[sample.code]
    )

    before = record(user, sample, state="as made")
    after = record(user, sample, state={"process": str(ageing.uuid)})
    unsaid = record(user, sample)

    assert before.subject.process is None
    assert (after.subject.process, after.subject.relation) == (ageing, "after")
    assert unsaid.subject == after.subject


def test_a_value_is_not_of_a_state_of_another_sample(user, project, sample):
    factories.make_sample(user, project, "S-2")
    ageing = factories.make_process(
        user, project, "ageing", inputs=["S-2"], outputs=["S-2"]
    )

    state = {"process": str(ageing.uuid)}
    told = refusal(record, user=user, sample=sample, state=state)

    assert "was not changed in a process" in told["state"][0]


# Decisions


def test_a_rejection_needs_a_reason(user, sample):
    run = done_run(user, make_measurement(user, sample))

    told = refusal(services.decide, user=user, about=run, verdict="rejected")

    assert "reason" in told


def test_a_run_without_result_cannot_be_judged(user, sample):
    run = ask(user, make_measurement(user, sample))

    assert "state" in refusal(services.decide, user=user, about=run, verdict="accepted")
