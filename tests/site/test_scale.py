"""Pages hold at the size of a lab of ten years, and in one of ten minutes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samples.models import Sample, Subject
from tests.samples.factories import make_materials, make_sample
from tests.site.test_access_matrix import address
from tests.site.test_query_counts import lists
from tests.site.worlds.crowd import add_measurements, add_samples
from tests.site.worlds.world import build_world

pytestmark = [
    pytest.mark.django_db,
    # Thousands of samples with their facts are written, once for all of it.
    pytest.mark.slow,
]

SAMPLES = [1_000, pytest.param(10_000, marks=pytest.mark.proof)]
MEASUREMENTS = 500
MOST_BYTES = 400_000
MOST_QUERIES = 60
LONG_NAME = "A name that says everything there is to say about one sample"
SIX = "(Aa-1)0.1(Bb-2)0.1(Cc-3)0.2(Dd-4)0.2(Ee-5)0.2(Ff-6)0.2"

ONE_THING = [
    "samples/<uuid:uuid>/",
    "samples/<uuid:uuid>/edit/",
    "measurements/<uuid:uuid>/",
    "runs/<uuid:uuid>/",
    "processes/<uuid:uuid>/",
    "materials/<uuid:uuid>/",
    "projects/<slug:slug>/",
]
QUESTIONS = [
    "/search/?q=L-&all=1",
    "/search/?q=(Aa-1)0.1(Bb-2)0.1(Cc-3)0.2(Dd-4)0.2(Ee-5)0.2(Ff-6)0.2",
    "/search/offered/?q=L-99",
    "/samples/?q=L-9&ordering=-created_at",
    "/explore/?x=sample.code&y=pl.fwhm[I]",
    "/explore/?x=composition.Aa-1&y=pl.fwhm[I]",
]


@pytest.fixture(scope="module", params=SAMPLES)
def big(request, compiled_fit, commit):
    """A lab with everything, much of it, in names as long as they may be."""

    def build():
        world = build_world()
        manager, project = world.users["manager"], world.records["project"]
        names = ("Aa-1", "Bb-2", "Cc-3", "Dd-4", "Ee-5", "Ff-6")
        make_materials(manager, project, *names)
        six = make_sample(
            manager,
            project,
            "SIX",
            composition=SIX,
            name=LONG_NAME,
            batch="B" * 60,
            tags=["T" * 60],
        )
        first = world.records["sample"]
        world.records["sample"] = six
        add_samples(
            world,
            request.param,
            code=lambda n: f"L-{n:05d}-{'X' * 52}",
            name=lambda n: LONG_NAME,
        )
        world.records["sample"] = first
        subject = Subject.objects.get(sample=first, process=None, cell=None)
        add_measurements(world, [first] * MEASUREMENTS, [subject] * MEASUREMENTS, 0)
        return world

    return commit(build)


@pytest.fixture
def manager(big, client):
    client.force_login(big.users["manager"])
    return client


def look(client, path):
    """The answer, its bytes and the queries it cost."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    size = 0 if response.streaming else len(response.content)
    return response, size, len(queries)


def too_much(client, paths):
    """What is beyond the bounds. Times are not asserted: machines differ."""
    wrong = []
    for path in paths:
        response, size, queries = look(client, path)
        if response.status_code not in (200, 286, 302, 400, 405):
            wrong.append((path, response.status_code))
        is_page = not path.startswith("/api/") and "html" in response.get(
            "Content-Type", ""
        )
        if is_page and size > MOST_BYTES:
            wrong.append((path, f"{size} bytes"))
        if queries > MOST_QUERIES:
            wrong.append((path, f"{queries} queries"))
    return wrong


def test_lists_hold_with_thousands_of_samples(manager):
    assert too_much(manager, lists()) == []


def test_questions_hold_with_thousands_of_samples(manager):
    assert too_much(manager, QUESTIONS) == []


def test_pages_of_one_thing_hold_with_five_hundred_measurements(manager, big):
    paths = [address(route, big) for route in ONE_THING]

    assert too_much(manager, paths) == []


def test_every_sample_is_counted(manager, request):
    samples = request.node.callspec.params["big"]

    assert Sample.objects.count() == samples + 2
    page = manager.get("/search/", {"q": "L-", "all": "1"}).content.decode()
    assert f"All {samples} in" in page
