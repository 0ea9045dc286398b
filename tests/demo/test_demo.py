"""The whole demo lab is the published study: its samples and its numbers."""

import pytest

from analysis.models import AnalysisRun, PropertyValue
from labdata.common.jobs.runner import execute_queued
from labdata.demo import load_demo, paper_a, paper_b
from labdata.demo.load import PROJECT
from labdata.demo.load_devices import PROJECT as DEVICES
from labdata.demo.spectra import PUBLISHED
from measurements.models import Measurement
from samples.models import Sample
from tests.samples.factories import facts_of

# One test process loads the demo lab for all of them.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.whole_demo,
    pytest.mark.proof,
    pytest.mark.xdist_group("demo-records"),
]


@pytest.fixture(scope="module")
def demo(commit):
    """The demo lab with everything read and analysed, once for all tests here."""

    def build():
        load_demo()
        execute_queued()

    commit(build)


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


def test_what_was_simulated_says_so_and_what_was_published_too(demo):
    values = PropertyValue.objects.all()

    assert set(Measurement.objects.values_list("origin", flat=True)) == {"simulated"}
    assert set(values.values_list("origin", flat=True)) == {"simulated", "reported"}
    reported = values.filter(origin="reported")
    composites = reported.filter(project__slug=PROJECT)
    assert composites.count() == len(paper_a.reported_values())
    assert set(composites.values_list("reference_doi", flat=True)) == {paper_a.DOI}
    devices = reported.filter(project__slug=DEVICES)
    assert devices.count() == len(paper_b.reported_values())
    assert all(paper_b.TITLE in value.reference_locator for value in devices)


def efficiencies(group):
    return PropertyValue.objects.filter(
        sample__code__startswith=f"PB-{paper_b.SHORT[group]}-",
        quantity="jv.pce",
        label="reverse",
        origin="simulated",
    )


def test_the_champion_and_the_means_are_those_of_the_paper(demo):
    champion = efficiencies("CTOCPh-5F").order_by("-value").first()

    assert (champion.sample.code, champion.subject.cell.label) == ("PB-F5-1", "A")
    assert champion.value == pytest.approx(25.61, abs=0.03)
    for group in paper_b.GROUPS:
        found = efficiencies(group).values_list("value", flat=True)
        assert len(found) == 24
        mean = sum(found) / 24
        assert mean == pytest.approx(paper_b.MEAN_PCE[group], abs=0.03)


def test_every_published_retention_is_that_of_the_simulated_track(demo):
    for one in paper_b.AGEINGS:
        value = PropertyValue.objects.get(
            sample__code=paper_b.device_code(one.group, paper_b.AGED_DEVICE[one.test]),
            subject__cell__label=paper_b.AGED_CELL,
            quantity="stability.retention",
            label="end",
            origin="simulated",
        )
        assert abs(value.value - one.retention) < 4 * value.uncertainty + 0.05
