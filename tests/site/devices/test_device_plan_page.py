"""Planning a batch: the standard device, what varies, the devices that come of it."""

import re

import pytest

from samples import services
from samples.models import Sample
from tests.samples.factories import make_user
from tests.site.worlds.devices import make_device, make_device_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client):
    user = make_user("ada")
    client.force_login(user)
    return make_device_project(user)


@pytest.fixture
def device(project):
    return make_device(project.created_by, project)


def plan(device, **changes):
    return {
        "from": str(device.uuid),
        "project": device.project.slug,
        "batch": "P-1",
        "pattern": "P1-{n:02}",
        "replicates": "2",
        "kind": "device",
        "variations-total": "1",
        "variations-0-path": "layers.interlayer.material",
        "variations-0-values": "CTOC; CTOCPh-5F; none",
        **changes,
    }


def test_a_plan_begins_with_the_question_for_the_standard(client, device):
    page = client.get("/devices/plan/").content.decode()

    assert "Which device is the standard?" in page
    assert f'href="?from={device.uuid}"' in page


def test_a_plan_without_any_device_offers_to_build_one(client, project):
    assert "Build the standard device first" in (
        client.get("/devices/plan/").content.decode()
    )


def test_the_devices_ticked_in_the_list_are_a_standard(client, device):
    page = client.get(f"/devices/plan/?id={device.uuid}").content.decode()

    assert "Interlayer CTOCPh-5F: annealing temperature [°C]" in page
    assert "4 devices" in page


def test_a_plan_is_shown_before_it_is_saved(client, device):
    page = client.post("/devices/plan/preview/", plan(device)).content.decode()

    assert "6 devices" in page
    assert re.findall(r'class="code">(P1-\d\d)<', page) == [
        f"P1-0{number}" for number in range(1, 7)
    ]
    assert Sample.objects.filter(kind="device").count() == 1


def test_a_plan_makes_devices_that_lead_to_their_labels(client, device):
    answer = client.post("/devices/plan/", plan(device), follow=True)

    made = Sample.objects.filter(batch__code="P-1").order_by("code")
    stacks = services.describe_stacks(made)
    assert [one.code for one in made] == [f"P1-0{number}" for number in range(1, 7)]
    substances = [
        [layer.get("material") for layer in stacks[one.pk]["layers"]] for one in made
    ]
    assert substances[0] == ["ITO", None, "CTOC", "Ag"]
    assert substances[5] == ["ITO", None, "Ag"]
    assert len(stacks[made[0].pk]["cells"]) == 2
    page = answer.content.decode()
    assert "6 devices are planned in batch P-1" in page
    assert "/labels/?project=glasses&amp;batch=P-1" in page


def test_values_are_read_in_other_units_and_paired(client, device):
    data = plan(
        device,
        **{
            "pairwise": "yes",
            "replicates": "1",
            "variations-total": "2",
            "variations-0-path": "layers.absorber.thickness",
            "variations-0-values": "0.5 µm, 600 nm",
            "variations-1-path": "layers.interlayer.program.1.end_temperature",
            "variations-1-values": "80 100",
        },
    )

    client.post("/devices/plan/", data)

    made = Sample.objects.filter(batch__code="P-1").order_by("code")
    stacks = services.describe_stacks(made)
    told = [
        (
            stacks[one.pk]["layers"][1]["thickness"],
            stacks[one.pk]["layers"][2]["program"][0]["end_temperature"],
        )
        for one in made
    ]
    assert told == [(500, 80), (600, 100)]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"variations-0-values": ""}, "values"),
        ({"variations-0-path": ""}, "Choose what varies"),
        ({"variations-0-values": "Unobtainium"}, "not known"),
        ({"pattern": "D-1", "replicates": "1", "variations-0-values": "CTOC"}, ""),
        (
            {
                "variations-0-path": "layers.absorber.thickness",
                "variations-0-values": "5 h",
            },
            "nm",
        ),
    ],
)
def test_a_plan_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    client, device, changed, words
):
    answer = client.post("/devices/plan/", plan(device, **changed))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="errorlist"' in page
    assert words in page
    assert 'name="batch" value="P-1"' in page
    assert Sample.objects.filter(kind="device").count() == 1
