"""From a file of the lab's microscope to a relation, with nothing of ours touched."""

from io import BytesIO

import pytest
from lab_maps.scope_text import sample as map_file

from analysis.models import AnalysisRun
from tests.analysis.conftest import client_of
from tests.samples import factories
from tests.site.devices.test_device_results import execute_queued

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def user(db):
    return factories.make_user()


@pytest.fixture
def film(user):
    return factories.make_sample(user, factories.make_project(user))


@pytest.fixture
def client(user):
    return client_of(user)


@pytest.fixture
def measurement(client, film):
    """A map that was uploaded, read and analysed by itself."""
    file = BytesIO(map_file())
    file.name = "spot.map"
    told = client.post(
        f"{API}measurements/",
        {"sample": film.code, "technique": "photocurrent_map", "file": file},
        format="multipart",
    )
    assert told.status_code == 201, told.json()
    execute_queued()
    return client.get(f"{API}measurements/{told.json()['id']}/").json()


def test_lists_name_it_with_the_package_it_came_from(client):
    technique = client.get(f"{API}techniques/photocurrent_map/").json()
    analysis = client.get(f"{API}analyses/dark_spots/").json()
    plugin = client.get(f"{API}plugins/lab_maps/").json()

    assert technique["figure"]["kind"] == "map"
    assert technique["readers"] == ["delimited_text", "labscope_text"]
    assert analysis["distribution"] == "lab-maps 1.2.0"
    assert [one["key"] for one in analysis["flags"]] == ["few_spots"]
    assert plugin["is_used"]
    assert (plugin["contract"], plugin["version"]) == (2, "1.2.0")
    assert client.get(f"{API}quantities/photocurrent.dark_share/").status_code == 200


def test_its_file_is_read_and_its_map_analysed_by_itself(client, measurement):
    assert measurement["state"] == "ready"
    run = AnalysisRun.objects.get()
    told = client.get(f"{API}runs/{run.uuid}/").json()

    assert told["state"] == "done", told["message"]
    assert told["distribution"] == {"name": "lab-maps", "version": "1.2.0"}
    assert told["environment"]["lab-maps"] == "1.2.0"
    values = {one["quantity"]: one for one in told["properties"]}
    assert values["photocurrent.dark_share"]["value"] == pytest.approx(100 / 12)
    assert values["photocurrent.dark_share"]["flags"] == ["few_spots"]
    assert told["notes"] == ["1 of 12 spots are dark."]
    assert [one["shape"] for one in told["datasets"]] == [[3, 4]]
    (layer,) = run.parts.drawing("map").layers
    assert (layer.kind, layer.role, layer.channel) == ("image", "relative", "relative")
    assert told["result"]["flag_words"]["few_spots"]["word"] == "few spots"


def test_its_condition_and_its_quantity_meet_in_a_relation(client, measurement, film):
    told = client.get(
        f"{API}relations/",
        {
            "x": "measurement.photocurrent_map.laser_wavelength",
            "y": "photocurrent.dark_share",
        },
    ).json()

    (row,) = told["results"]
    assert row["sample"] == film.code
    assert (row["x"], row["y"]) == (532.0, pytest.approx(100 / 12))
