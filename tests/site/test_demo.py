"""The demo lab is the published study: its samples, its lineage, its numbers."""

import pytest
from django.core.management import CommandError, call_command

from analysis.models import AnalysisRun, PropertyValue
from labdata.common.jobs.runner import execute_queued
from labdata.site.demo import load_demo, paper_a
from labdata.site.demo.spectra import PUBLISHED
from measurements.models import Measurement
from samples.models import Sample
from tests.samples.factories import facts_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def loaded(transactional_db):
    load_demo()


@pytest.fixture
def demo(loaded):
    execute_queued()


def test_every_composition_and_temperature_is_there_and_fitted_within_its_errors(demo):
    study = paper_a.pl_study()

    assert len(study) == 39
    for fraction, temperature in study:
        sample = Sample.objects.get(code=paper_a.composite_code(fraction, temperature))
        facts = facts_of(sample)
        assert facts["composition.CsPbI3"] == pytest.approx(fraction)
        assert facts["process.sintering.temperature"] == temperature
        assert facts["pl.peak_wavelength"] > 0
    assert set(AnalysisRun.objects.values_list("state", flat=True)) == {"done"}
    fitted = PropertyValue.objects.filter(sample__code="PA-C25-300", origin="simulated")

    for label, (centre, width, area) in zip(("I", "II"), PUBLISHED[1:], strict=True):
        for quantity, truth in (
            ("pl.peak_wavelength", centre),
            ("pl.sigma", width / 2),
            ("pl.area", area),
        ):
            value = fitted.get(quantity=quantity, label=label)
            assert abs(value.value - truth) < 4 * value.uncertainty


def test_the_lineage_goes_back_to_both_end_members(loaded):
    composite = Sample.objects.get(code="PA-C25-300")

    ancestors = Sample.objects.ancestors_of(composite).values_list("code", flat=True)

    assert set(ancestors) == {
        *("PA-C25-300", "PA-M25", "PA-CsPbI3", "PA-agZIF-62", "PA-ZIF-62")
    }
    followed = composite.made_by.process.protocol
    assert followed.name == "Sintering at 300 °C, N2"
    planned = composite.uses.get(process__state="planned").process
    assert planned.in_place


def test_what_was_simulated_says_so_and_what_was_published_too(demo):
    values = PropertyValue.objects.all()

    assert set(Measurement.objects.values_list("origin", flat=True)) == {"simulated"}
    assert set(values.values_list("origin", flat=True)) == {"simulated", "reported"}
    reported = values.filter(origin="reported")
    assert reported.count() == len(paper_a.reported_values())
    assert set(reported.values_list("reference_doi", flat=True)) == {paper_a.DOI}


def test_a_second_start_adds_nothing(loaded):
    before = Sample.objects.count(), Measurement.objects.count()

    load_demo()

    assert (Sample.objects.count(), Measurement.objects.count()) == before


def test_the_demo_is_refused_where_others_could_sign_in(settings):
    settings.ALLOWED_HOSTS = ["lab.example.org"]

    with pytest.raises(CommandError, match="login is public"):
        call_command("demo", "--no-serve")
