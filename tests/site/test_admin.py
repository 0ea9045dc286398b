"""The administration: for administrators alone, and only to look at the record."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.samples.factories import make_project, make_sample, make_user

pytestmark = pytest.mark.django_db


def addresses():
    for model in admin.site._registry:
        yield reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        )


@pytest.fixture
def sample():
    user = make_user("ada")
    return make_sample(user, make_project(user))


def test_administrators_see_every_list(client, sample):
    client.force_login(make_user("root", is_staff=True, is_superuser=True))

    codes = {address: client.get(address).status_code for address in addresses()}

    assert len(codes) > 15
    assert set(codes.values()) == {200}, codes


def test_others_are_sent_away(client, sample):
    client.force_login(sample.created_by)

    assert {client.get(address).status_code for address in addresses()} == {302}


def test_a_sample_cannot_be_edited_past_the_services(client, sample):
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    address = reverse("admin:samples_sample_change", args=[sample.pk])

    shown = client.get(address)
    sent = client.post(address, {"code": "OTHER"})

    sample.refresh_from_db()
    assert shown.status_code == 200
    assert sent.status_code == 403
    assert sample.code == "S-1"
