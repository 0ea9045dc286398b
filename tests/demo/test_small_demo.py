"""The small demo lab has one of each kind, and says of everything where it is from."""

import pytest
from django.core.management import CommandError, call_command

from analysis.models import AnalysisRun, PropertyValue
from analysis.stability import isos
from labdata.common.jobs.runner import execute_queued
from labdata.demo import load_demo, paper_a, paper_b
from labdata.demo.extent import SMALL, WHOLE
from measurements.models import Measurement, Parsing
from samples.models import Process, Sample
from tests.samples.factories import facts_of

# One test process loads the demo lab for all of them.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo-records")]


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The small lab with everything read and analysed, once for all tests here."""
    with django_db_blocker.unblock():
        load_demo(small=True)
        execute_queued()
        yield
        call_command("flush", interactive=False, verbosity=0)


def test_one_of_each_kind_is_there_read_and_analysed(demo):
    measured = Measurement.objects.values_list("technique", flat=True)
    analysed = AnalysisRun.objects.values_list("analysis", flat=True)
    kinds = Sample.objects.values_list("kind", flat=True)
    acts = Process.objects.values_list("kind", flat=True)

    assert set(measured) == {"pl", "jv", "eqe", "mpp_tracking", "ageing"}
    assert set(analysed) == {
        *("pl_gaussians", "jv_metrics", "eqe_metrics", "stability_lifetimes")
    }
    assert set(kinds) >= {"powder", "glass", "mixture", "composite", "device"}
    assert set(acts) >= {"melt_quenching", "mixing", "sintering", "synthesis", "ageing"}
    assert set(Parsing.objects.values_list("state", flat=True)) == {"done"}
    assert set(AnalysisRun.objects.values_list("state", flat=True)) == {"done"}


def test_the_counts_are_those_it_promises(demo):
    assert Measurement.objects.filter(technique="pl").count() == len(SMALL.composites)
    assert Sample.objects.filter(kind="device").count() == len(SMALL.devices)
    tracks = Measurement.objects.filter(technique__in=("mpp_tracking", "ageing"))
    assert tracks.count() == len(SMALL.ageings)
    for fraction, temperature in SMALL.composites:
        code = paper_a.composite_code(fraction, temperature)
        facts = facts_of(Sample.objects.get(code=code))
        assert facts["composition.CsPbI3"] == pytest.approx(fraction)
        assert facts["process.sintering.temperature"] == temperature
        assert facts["pl.peak_wavelength"] > 0


def test_everything_in_it_is_in_the_whole_one_but_the_quantum_efficiencies():
    assert set(SMALL.composites) < set(WHOLE.composites)
    assert set(SMALL.devices) < set(WHOLE.devices)
    assert set(SMALL.ageings) < set(WHOLE.ageings)
    assert not WHOLE.responses
    assert not WHOLE.unreported
    aged = {(one.group, paper_b.AGED_DEVICE[one.test]) for one in SMALL.ageings}
    assert aged | set(SMALL.responses) <= set(SMALL.devices)


def test_the_quantum_efficiency_gives_the_current_of_its_cell(demo):
    current = PropertyValue.objects.get(quantity="eqe.jsc")
    swept = PropertyValue.objects.get(
        sample=current.sample,
        subject__cell=current.subject.cell,
        quantity="jv.jsc",
        label="reverse",
        origin="simulated",
    )

    assert current.flags == []
    assert current.value == pytest.approx(swept.value, rel=0.01)
    edge = PropertyValue.objects.get(quantity="eqe.band_gap").value
    assert edge == pytest.approx(1239.84 / 808, rel=0.01)


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
    reported = values.filter(origin="reported")

    assert set(Measurement.objects.values_list("origin", flat=True)) == {"simulated"}
    assert set(values.values_list("origin", flat=True)) == {"simulated", "reported"}
    for rows in (paper_a.reported_values(), paper_b.reported_values()):
        kept = [row for row in rows if SMALL.reports(row, codes_of_all())]
        assert 0 < len(kept) < len(rows)
        codes = {row.sample for row in kept}
        assert reported.filter(sample__code__in=codes).count() == len(kept)
    assert not reported.filter(sample__code__in=SMALL.unreported).exists()


def codes_of_all():
    return set(Sample.objects.values_list("code", flat=True))


def test_a_second_start_adds_nothing_and_a_small_lab_stays_small(demo):
    before = Sample.objects.count(), Measurement.objects.count()

    load_demo(small=True)
    load_demo()

    assert (Sample.objects.count(), Measurement.objects.count()) == before


def test_the_demo_is_refused_where_others_could_sign_in(settings):
    settings.ALLOWED_HOSTS = ["lab.example.org"]

    with pytest.raises(CommandError, match="login is public"):
        call_command("demo", "--no-serve")


def test_the_tests_conform_as_far_as_the_paper_says():
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
