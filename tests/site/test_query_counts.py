"""A list asks the database the same questions whatever the number of rows."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labdata.common.access import Membership, Project
from samples.models import (
    Ancestry,
    Fact,
    MaterialName,
    ProcessInput,
    Sample,
    Subject,
)
from tests.site.test_access_matrix import ROUTES
from tests.site.world import build_world

pytestmark = pytest.mark.django_db(transaction=True)

FEW, MANY = 10, 1000
# Forms, and pages about one thing, list nothing.
NOT_LISTS = (
    "new/",
    "health/",
    "login/",
    "logout/",
    "account/",
    "composition/",
    "docs/",
)


def lists():
    return [
        f"/{route}"
        for route, _ in ROUTES
        if "<" not in route and not route.endswith(NOT_LISTS)
    ]


def clones(row, count, **changes):
    """Copies of a row, all fields alike but those given as functions of a number."""
    model = type(row)
    fields = {
        field.attname: getattr(row, field.attname)
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    made = []
    for number in range(count):
        copy = model(**fields)
        if "uuid" in fields:
            copy.uuid = uuid.uuid4()
        for name, change in changes.items():
            setattr(copy, name, change(number))
        made.append(copy)
    return model.objects.bulk_create(made, batch_size=500)


def multiply(world, count, start):
    """Put ``count`` more of everything beside the one there is."""
    records = world.records
    sample = records["sample"]
    samples = clones(sample, count, code=lambda n: f"N-{start + n}")
    Ancestry.objects.bulk_create(
        [Ancestry(ancestor=s, descendant=s, depth=0) for s in samples]
    )
    Sample.tags.through.objects.bulk_create(
        [
            Sample.tags.through(sample_id=s.pk, tag_id=tag.pk)
            for s in samples
            for tag in sample.tags.all()
        ]
    )
    subjects = Subject.objects.bulk_create([Subject(sample=s) for s in samples])
    template = list(Fact.objects.filter(subject__sample=sample, subject__process=None))
    Fact.objects.bulk_create(
        [
            fact
            for subject, s in zip(subjects, samples, strict=True)
            for fact in _facts(template, subject, s)
        ],
        batch_size=500,
    )
    processes = clones(records["process"], count)
    ProcessInput.objects.bulk_create(
        [
            ProcessInput(process=process, sample=s)
            for process, s in zip(processes, samples, strict=True)
        ]
    )
    materials = clones(
        records["material"], count, name=lambda n: f"Material {start + n}"
    )
    MaterialName.objects.bulk_create(
        [
            MaterialName(material=m, project=m.project, name=m.name, normalised=m.name)
            for m in materials
        ]
    )
    clones(records["lot"], count, code=lambda n: f"L-{start + n}")
    clones(records["batch"], count, code=lambda n: f"B-{start + n}")
    clones(records["extra-field"], count, key=lambda n: f"field_{start + n}")
    projects = clones(records["project"], count, slug=lambda n: f"project-{start + n}")
    Membership.objects.bulk_create(
        [
            Membership(project=p, user=world.users["manager"], role="manager")
            for p in projects
        ]
    )
    measurement = records["measurement"]
    parsings = clones(measurement.parsing, count)
    measured = clones(
        measurement,
        count,
        sample_id=lambda n: samples[n].pk,
        subject_id=lambda n: subjects[n].pk,
        parsing_id=lambda n: parsings[n].pk,
    )
    files = clones(records["file"], count, measurement_id=lambda n: measured[n].pk)
    datasets = clones(
        records["dataset"],
        count,
        measurement_id=lambda n: measured[n].pk,
        file_id=lambda n: files[n].pk,
    )
    runs = clones(
        records["run"],
        count,
        measurement_id=lambda n: measured[n].pk,
        key=lambda n: f"{start + n:064d}",
    )
    records["run"].inputs.model.objects.bulk_create(
        [
            records["run"].inputs.model(run=run, dataset=dataset, sha256="0" * 64)
            for run, dataset in zip(runs, datasets, strict=True)
        ]
    )
    for value in records["run"].values.all():
        clones(
            value,
            count,
            run_id=lambda n: runs[n].pk,
            sample_id=lambda n: samples[n].pk,
            subject_id=lambda n: subjects[n].pk,
            measurement_id=lambda n: measured[n].pk,
        )


def _facts(template, subject, sample):
    for fact in template:
        yield Fact(
            subject=subject,
            sample=sample,
            project_id=fact.project_id,
            variable_id=fact.variable_id,
            label=fact.label,
            is_default=fact.is_default,
            value=fact.value,
            text=fact.text,
            origin=fact.origin,
        )


def count_queries(client, address):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        assert response.status_code in (200, 400), (address, response.status_code)
    return len(queries)


def test_every_list_asks_a_fixed_number_of_questions(client, world_with_rows):
    addresses = lists()
    questions = "/api/v1/relations/?x=sample.code&y=pl.fwhm[I]"

    few = {a: count_queries(client, a) for a in [*addresses, questions]}
    world_with_rows(MANY - FEW)
    many = {a: count_queries(client, a) for a in [*addresses, questions]}

    assert len(addresses) > 20
    grown = {a: (few[a], many[a]) for a in few if many[a] > few[a]}
    assert grown == {}


@pytest.fixture
def world_with_rows(client, transactional_db):
    world = build_world()
    multiply(world, FEW - 1, start=0)
    client.force_login(world.users["manager"])
    # The session and the caches of content types are warm before anything is counted.
    client.get("/api/v1/projects/")
    return lambda count: multiply(world, count, start=FEW)


def test_the_rows_are_there(client, world_with_rows):
    world_with_rows(MANY - FEW)

    answer = client.get("/api/v1/samples/?page_size=200").json()

    assert answer["count"] == MANY
    assert len(answer["results"]) == 200
    assert Project.objects.count() > MANY
