"""A look into a dropped file holds up nobody, however long it takes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from labdata.common.api.errors import Conflict
from labdata.plugin import ParsedDataset, Reader, ReadResult, Recognition
from measurements import registry, services
from measurements.models import IntakeFile
from measurements.techniques.pl import example
from tests.measurements.factories import pl_text
from tests.samples.factories import make_project, make_sample, make_user
from tests.together import beginning_during

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def intake(user):
    project = make_project(user)
    make_sample(user, project, "C-1")
    return services.start_intake(user=user, project=project, technique="pl")


@pytest.fixture
def looks(monkeypatch):
    """Whether a transaction was open at each look of the only readers there are."""
    seen = []

    def read(source):
        seen.append(connection.in_atomic_block)
        return ReadResult((ParsedDataset("look", example()),))

    chosen = registry.Registry("reader")
    for key in ("first", "second"):
        chosen.add(
            Reader(
                key=key,
                version=1,
                label=key.title(),
                techniques=("pl",),
                recognise=lambda sniff: Recognition(1.0, "looks right"),
                read=read,
                sample=pl_text,
                sample_name="look.csv",
                limits="",
            )
        )
    monkeypatch.setattr(registry, "readers", chosen)
    monkeypatch.setattr("measurements.services.measurements.readers", chosen)
    return seen


def drop(user, intake, name="C-1.csv"):
    upload = SimpleUploadedFile(name, pl_text())
    return services.add_intake_file(user=user, intake=intake, upload=upload)


def choosing(user, intake, row, reader):
    return lambda: services.describe_intake_files(
        user=user, intake=intake, files=[row], reader=reader
    )


def test_files_are_read_before_the_transaction_that_keeps_what_was_seen(
    user, intake, looks
):
    row = drop(user, intake)
    choosing(user, intake, row, "second")()

    assert looks
    assert not any(looks)
    assert IntakeFile.objects.get().reader == "second"


def test_of_two_choices_at_once_the_slower_is_told(user, intake, looks):
    row = drop(user, intake)

    with beginning_during([choosing(user, intake, row, "first")]) as answers:
        IntakeFile.objects.filter(pk=row.pk).update(reader="second")

    assert isinstance(answers[0], Conflict)
    assert IntakeFile.objects.get().reader == "second"
