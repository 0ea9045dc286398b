"""Administrators see everything of a measurement and can edit none of it."""

import pytest
from django.urls import reverse

from measurements.models import Instrument, Measurement
from tests.measurements.factories import make_measurement
from tests.samples.factories import make_project, make_sample, make_user

pytestmark = pytest.mark.django_db

MODELS = ("measurement", "parsing", "file", "blob", "dataset")


@pytest.fixture
def measurement():
    user = make_user()
    return make_measurement(user, make_sample(user, make_project(user)))


@pytest.fixture
def rows(measurement):
    file = measurement.files.get()
    return {
        "measurement": measurement,
        "parsing": measurement.parsing,
        "file": file,
        "blob": file.blob,
        "dataset": measurement.datasets.get(),
    }


@pytest.mark.parametrize("name", MODELS)
def test_rows_are_shown(admin_client, rows, name):
    listed = admin_client.get(reverse(f"admin:measurements_{name}_changelist"))
    shown = admin_client.get(
        reverse(f"admin:measurements_{name}_change", args=[rows[name].pk])
    )

    assert listed.status_code == shown.status_code == 200


@pytest.mark.parametrize("name", MODELS)
def test_rows_cannot_be_edited_added_or_deleted(admin_client, rows, name):
    change = reverse(f"admin:measurements_{name}_change", args=[rows[name].pk])
    delete = reverse(f"admin:measurements_{name}_delete", args=[rows[name].pk])
    add = reverse(f"admin:measurements_{name}_add")

    answers = [admin_client.post(path, {}) for path in (change, delete, add)]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Measurement.objects.count() == 1


def test_a_shared_instrument_is_added_with_its_history(admin_client, admin_user):
    admin_client.post(
        reverse("admin:measurements_instrument_add"),
        {"name": "FLS1000", "manufacturer": "Edinburgh"},
    )

    instrument = Instrument.objects.get()
    assert instrument.created_by == admin_user
    assert instrument.history.get().change_set.user == admin_user
