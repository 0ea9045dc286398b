"""The demo lab is the published study: its samples, its lineage, its numbers."""

import pytest
from django.core.management import CommandError, call_command

from analysis.models import AnalysisRun, PropertyValue
from analysis.stability import isos
from labdata.common.jobs.runner import execute_queued
from labdata.demo import load_demo, paper_a, paper_b
from labdata.demo.load import PROJECT
from labdata.demo.load_devices import PROJECT as DEVICES
from labdata.demo.spectra import PUBLISHED
from measurements.models import Measurement
from samples.models import Sample
from tests.samples.factories import facts_of

# One test process loads the demo lab for all of them.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo-records")]


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo lab with everything read and analysed, once for all tests here."""
    with django_db_blocker.unblock():
        load_demo()
        execute_queued()
        yield
        call_command("flush", interactive=False, verbosity=0)


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


def test_the_lineage_goes_back_to_both_end_members(demo):
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
    composites = reported.filter(project__slug=PROJECT)
    assert composites.count() == len(paper_a.reported_values())
    assert set(composites.values_list("reference_doi", flat=True)) == {paper_a.DOI}
    devices = reported.filter(project__slug=DEVICES)
    assert devices.count() == len(paper_b.reported_values())
    assert all(paper_b.TITLE in value.reference_locator for value in devices)


def test_a_second_start_adds_nothing(demo):
    before = Sample.objects.count(), Measurement.objects.count()

    load_demo()

    assert (Sample.objects.count(), Measurement.objects.count()) == before


def test_the_demo_is_refused_where_others_could_sign_in(settings):
    settings.ALLOWED_HOSTS = ["lab.example.org"]

    with pytest.raises(CommandError, match="login is public"):
        call_command("demo", "--no-serve")


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


def test_the_tests_conform_as_far_as_the_paper_says(demo):
    tests = {test: paper_b.TESTS[test][1] for test in paper_b.TESTS}

    assert isos.claimed_verdict(tests["mpp"]) is None
    checked = isos.verdict("ISOS-L-1", tests["mpp"])
    assert checked["load"].outcome == "fails"
    assert checked["temperature"].outcome == "undecidable"
    lamp = isos.claimed_verdict(tests["uv"])
    assert lamp.outcome == lamp["light"].outcome == "fails"
    heat = isos.claimed_verdict(tests["heat"])
    assert heat["temperature"].outcome == "conforms"
    assert heat["load"].outcome == "undecidable"


def test_the_clusters_descend_from_their_precursor_with_masses_and_yields(demo):
    cluster = Sample.objects.get(code="PB-CTOCPh-5F")

    process = cluster.made_by.process

    assert Sample.objects.ancestors_of(cluster).filter(code="PB-CTOC").exists()
    assert {(entry.amount, entry.unit) for entry in process.inputs.all()} == {
        *((100.0, "mg"), (105.0, "mg"), (20.0, "µL"))
    }
    assert process.parameters["ccdc_number"] == "CCDC 2312102"
    assert facts_of(cluster)["process.synthesis.temperature"] == 50
    device = Sample.objects.get(code="PB-F5-1")
    assert facts_of(device, cell="A")["layer.interlayer.material"] == "CTOCPh-5F"
