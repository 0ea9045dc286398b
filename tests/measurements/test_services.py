"""Facts, edits and states that follow from measurements."""

import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from labdata.common.people.access import Role
from measurements import services
from measurements.models import Blob, Measurement
from measurements.store.raw import get_store
from samples.facts import compute_facts, replace_facts
from samples.models import Fact
from samples.services import create_extra_field
from tests.measurements.factories import again, make_measurement, pl_text
from tests.samples.factories import (
    add_member,
    facts_of,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def project(user):
    return make_project(user)


@pytest.fixture
def sample(user, project):
    return make_sample(user, project)


def test_conditions_become_facts_of_the_state_measured(user, sample):
    make_measurement(user, sample, conditions={"temperature": 25, "atmosphere": "N2"})

    facts = facts_of(sample)
    assert facts["measurement.pl.temperature"] == 25.0
    assert facts["measurement.pl.atmosphere"] == "N2"
    assert facts["measurement.pl.count"] == 1.0


def test_the_newest_measurement_by_its_own_clock_speaks(user, sample):
    make_measurement(
        user, sample, measured_at="2024-05-01", conditions={"temperature": 25}
    )
    make_measurement(
        user,
        sample,
        data=pl_text(seed=2),
        measured_at="2023-05-01",
        conditions={"temperature": 80},
    )

    facts = facts_of(sample)
    assert facts["measurement.pl.temperature"] == 25.0
    assert facts["measurement.pl.count"] == 2.0


def test_a_measurement_that_could_not_be_read_has_no_facts(user, sample):
    make_measurement(user, sample, data=b"no table", conditions={"temperature": 25})

    replace_facts(sample_ids=[sample.pk])

    assert "measurement.pl.temperature" not in facts_of(sample)


def test_facts_leave_with_the_archived_and_return_with_the_restored(user, sample):
    measurement = make_measurement(user, sample, conditions={"temperature": 25})

    services.set_archived(user=user, measurement=measurement, archived=True)
    away = facts_of(sample)
    services.set_archived(user=user, measurement=again(measurement), archived=False)

    assert "measurement.pl.temperature" not in away
    assert facts_of(sample)["measurement.pl.temperature"] == 25.0


def test_facts_of_simulated_measurements_say_so(user, sample):
    make_measurement(user, sample, conditions={"temperature": 25}, origin="simulated")

    fact = Fact.objects.get(variable__key="measurement.pl.temperature")
    assert fact.origin == "simulated"
    assert fact.variable.unit == "°C"


def test_extra_fields_of_measurements_are_variables(user, project, sample):
    create_extra_field(
        user=user,
        project=project,
        target="measurement",
        key="slit",
        label="Slit",
        kind="number",
        unit="mm",
    )

    make_measurement(user, sample, extra={"slit": "200 µm"})

    assert facts_of(sample)["measurement.pl.slit"] == pytest.approx(0.2)


def test_naming_another_state_moves_the_facts(user, project, sample):
    measurement = make_measurement(user, sample, conditions={"temperature": 25})
    process = make_process(
        user, project, "heating", inputs=[sample.code], outputs=[sample.code]
    )

    state = {"process": str(process.uuid), "relation": "after"}
    services.update_measurement(user=user, measurement=measurement, state=state)

    assert "measurement.pl.temperature" not in facts_of(sample)
    moved = facts_of(sample, process=process)
    assert moved["measurement.pl.temperature"] == 25.0


def test_facts_equal_a_recomputation_after_edits(user, sample):
    measurement = make_measurement(user, sample, conditions={"temperature": 25})
    services.update_measurement(
        user=user, measurement=measurement, conditions={"excitation_power": "3 mW"}
    )
    services.reparse(user=user, measurement=measurement, reader="absolute_pl_text")

    stored = {
        (fact.subject_id, fact.variable.key, fact.value, fact.text)
        for fact in Fact.objects.select_related("variable")
    }
    expected = {
        (row.subject_id, row.variable.key, row.value, row.text)
        for row in compute_facts([sample.pk])
    }
    assert stored == expected


def test_nothing_is_kept_of_a_refused_measurement(user, sample):
    kept = set(get_store())

    with pytest.raises(ValidationError):
        services.create_measurement(
            user=user,
            sample=sample,
            technique="pl",
            files=[("new.csv", io.BytesIO(pl_text(seed=99)))],
            conditions={"temperature": -400},
        )

    assert set(get_store()) == kept
    assert not Measurement.objects.exists()
    assert not Blob.objects.exists()


def test_a_viewer_is_refused_before_any_byte_moves(user, project, sample):
    viewer = make_user("vera")
    add_member(project, viewer, Role.VIEWER)
    kept = set(get_store())

    with pytest.raises(PermissionDenied):
        services.create_measurement(
            user=viewer,
            sample=sample,
            technique="pl",
            files=[SimpleUploadedFile("new.csv", pl_text(seed=98))],
        )

    assert set(get_store()) == kept


def test_a_viewer_attaches_and_describes_no_file(user, project, sample):
    viewer = make_user("vera")
    add_member(project, viewer, Role.VIEWER)
    (kept,) = services.attach_files(
        user=user, files=[("../up/cut.txt", io.BytesIO(b"1"))], sample=sample
    )

    with pytest.raises(PermissionDenied):
        services.attach_files(
            user=viewer, files=[("mine.txt", io.BytesIO(b"2"))], sample=sample
        )
    with pytest.raises(PermissionDenied):
        services.update_file(user=viewer, file=kept, description="Mine")

    assert sample.files.get().name == "cut.txt"


def test_an_archived_sample_is_not_measured(user, sample):
    from samples.services import set_archived

    set_archived(user=user, record=sample, archived=True)

    with pytest.raises(ValidationError, match="archived"):
        make_measurement(user, sample)


def test_a_sample_is_measured_in_its_own_project(user, sample):
    elsewhere = make_project(user, "elsewhere")

    with pytest.raises(ValidationError, match="not in the project elsewhere"):
        make_measurement(user, sample, project=elsewhere)


def test_a_measurement_cannot_move_to_another_project(user, sample):
    measurement = make_measurement(user, sample, data=b"unreadable")
    far = make_sample(user, make_project(user, "elsewhere"), "F-1")

    with pytest.raises(ValidationError, match="another project"):
        services.update_measurement(user=user, measurement=measurement, sample=far.code)


def test_one_filed_under_the_wrong_sample_moves_while_unread(user, project, sample):
    measurement = make_measurement(user, sample, data=b"unreadable")
    right = make_sample(user, project, "S-2")

    services.update_measurement(user=user, measurement=measurement, sample="S-2")

    measurement = again(measurement)
    assert measurement.sample == right
    assert measurement.subject.sample == right


def test_whether_data_were_simulated_is_settled_once_they_were_read(user, sample):
    measurement = make_measurement(user, sample, origin="simulated")

    with pytest.raises(ValidationError, match="read as this already"):
        services.update_measurement(
            user=user, measurement=measurement, origin="computed"
        )
