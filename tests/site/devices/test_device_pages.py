"""Devices: the list, the builder, the page and the plan."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import analysis.services
from labdata.common.people import drafts
from labdata.common.people.drafts import Draft
from samples import services
from samples.models import Cell, Layer, Material, Sample, SavedStack
from tests.samples.factories import (
    add_member,
    make_materials,
    make_sample,
    make_user,
)
from tests.site.worlds.devices import STACK, make_device, make_device_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    user = make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def project(user):
    return make_device_project(user)


@pytest.fixture
def device(user, project):
    return make_device(user, project, batch="B-1")


def layers(*told):
    """The layers as a browser sends them; tables by ``name-row-column``."""
    data = {"layers-total": str(len(told))}
    for index, layer in enumerate(told):
        data |= {f"layer{index}_{key}": value for key, value in layer.items()}
        data.setdefault(f"layer{index}_role", "")
    return data


@pytest.fixture
def typed(project):
    return {
        "project": project.slug,
        "code": "D-7",
        "kind": "device",
        "batch": "B-7",
        "architecture": "pin",
        "substrate_width": "2.5 cm",
        "substrate_height": "25",
        "cells-total": "1",
        "cells-0-label": "A",
        "cells-0-active_area": "10 mm2",
        **layers(
            {"role": "electrode", "substance": "ITO", "thickness": "150"},
            {"role": "hole_transport"},
            {"role": "absorber", "substance": "CsPbI3", "thickness": "0.55 µm"},
            {
                "role": "interlayer",
                "substance": "CTOCPh-5F",
                "thickness": "2±0.5",
                "method": "spin_coating",
                "steps-total": "1",
                "steps-0-speed": "4000",
                "steps-0-duration": "0.5 min",
                "solutes-total": "1",
                "solutes-0-name": "CTOCPh-5F",
                "solutes-0-concentration": "2.5 g/L",
                "solvents-total": "2",
                "solvents-0-name": "DMF",
                "solvents-0-fraction": "80 %",
                "program-total": "1",
                "program-0-end_temperature": "373.15 K",
                "program-0-dwell": "10",
            },
        ),
    }


def test_an_empty_list_offers_to_build_and_to_plan(client, project):
    page = client.get("/devices/").content.decode()

    assert "There is no device yet" in page
    assert page.count('href="/devices/new/"') == 2
    assert page.count('href="/devices/plan/"') == 2


def test_the_list_says_layers_cells_and_batch(client, device, user, project):
    make_sample(user, project, "POWDER", kind="powder")

    page = client.get("/devices/").content.decode()

    assert "ITO / CsPbI3 / CTOCPh-5F / Ag" in page
    assert "/devices/?batch=B-1" in page
    assert "POWDER" not in page
    assert 'href="/devices/" aria-current="page"' in page


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("layer=ctocph", True),
        ("layer=Spiro", False),
        ("architecture=pin", True),
        ("architecture=nip", False),
        ("batch=B-1", True),
        ("batch=B-2", False),
        ("q=D-1", True),
        ("archived=true", False),
        ("q=&layer=&architecture=&kind=&project=", True),
        ("layer=interlayer:CTOCPh", True),
        ("layer=contact:CTOCPh", False),
    ],
)
def test_the_list_is_filtered(client, device, query, is_found):
    page = client.get(f"/devices/?{query}").content.decode()

    assert (device.get_absolute_url() in page) is is_found
    assert ("No device fits" in page) is not is_found


def record_efficiency(user, device, value, cell="A"):
    return analysis.services.record_value(
        user=user,
        sample=device,
        cell=device.cells.get(label=cell),
        quantity="jv.pce",
        label="reverse",
        value=value,
        origin="reported",
        reference={"doi": "10.1021/example"},
    )


def test_the_best_efficiency_of_all_cells_is_told_with_its_cell(client, device, user):
    record_efficiency(user, device, "21.5", "A")
    record_efficiency(user, device, "23.4", "B")

    page = client.get("/devices/?ordering=-pce").content.decode()

    best = re.search(r'"quantity">(23\.4)</span></span> <span[^>]*>(\w)<', page)
    assert best and best.groups() == ("23.4", "B")


def test_the_list_is_ordered_by_efficiency_with_the_unknown_last(
    client, device, user, project
):
    for code, value in (("D-2", "20"), ("D-3", "25")):
        other = make_device(user, project, code)
        record_efficiency(user, other, value)

    page = client.get("/devices/?ordering=-pce").content.decode()

    assert re.findall(r'aria-label="Select (D-\d)"', page) == ["D-3", "D-2", "D-1"]


def test_the_list_asks_as_much_for_many_devices(client, device, user, project):
    record_efficiency(user, device, "21.5")
    client.get("/devices/")
    with CaptureQueriesContext(connection) as few:
        client.get("/devices/?ordering=-pce")

    for number in range(2, 12):
        other = make_device(user, project, f"D-{number}")
        record_efficiency(user, other, "20")
    with CaptureQueriesContext(connection) as many:
        client.get("/devices/?ordering=-pce")

    assert len(many) == len(few)


def test_a_device_is_built_with_all_that_was_typed(client, typed, user):
    drafts.save_draft(user=user, key="device-new", data={"fields": []})

    answer = client.post("/devices/new/", typed)

    made = Sample.objects.get(code="D-7")
    assert answer["Location"] == made.get_absolute_url()
    stack = services.describe_stack(made)
    assert made.kind == "device"
    assert made.batch.code == "B-7"
    assert stack["substrate_width"] == 25
    assert [layer["role"] for layer in stack["layers"]] == [
        "electrode",
        "absorber",
        "interlayer",
    ]
    interlayer = stack["layers"][2]
    assert stack["layers"][1]["thickness"] == 550
    assert (interlayer["thickness"], interlayer["thickness_uncertainty"]) == (2, 0.5)
    assert interlayer["steps"] == [{"speed": 4000, "duration": 30}]
    assert interlayer["solution"]["solutes"][0]["concentration"] == 2.5
    assert interlayer["solution"]["solvents"] == [{"name": "DMF", "fraction": 0.8}]
    assert interlayer["program"][0]["end_temperature"] == 100
    assert stack["cells"][0]["active_area"] == pytest.approx(0.1)
    assert not Draft.objects.filter(key="device-new").exists()


@pytest.mark.parametrize(
    ("changed", "name", "words"),
    [
        ({"layer2_thickness": "thick"}, "layer2_thickness", "thick"),
        ({"layer2_thickness": "-5"}, "layer2_thickness", "above 0"),
        ({"layer3_steps-0-speed": "4 h"}, "layer3_steps-0-speed", "rpm"),
        (
            {"layer3_solutes-0-concentration": "2.5"},
            "layer3_solutes-0-concentration",
            "of what",
        ),
        (
            {"layer3_program-0-dwell": "-1"},
            "layer3_program-0-dwell",
            "",
        ),
        ({"layer0_role": ""}, "layer0_role", "there for"),
        ({"layer0_substance": "Unobtainium"}, "layer0_substance", "not known"),
        ({"cells-0-active_area": "0"}, "cells-0-active_area", "above 0"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    client, typed, changed, name, words
):
    answer = client.post("/devices/new/", typed | changed)

    page = answer.content.decode()
    error = re.search(rf'id="id_{name}_error">(.*?)</ul>', page, re.S)
    assert error and words in error[1]
    assert not Sample.objects.filter(code="D-7").exists()
    for value in ("CTOCPh-5F", "2±0.5", "0.5 min", "373.15 K"):
        assert f'value="{value}"' in page


def test_unknown_materials_are_added_where_asked_for(client, typed):
    data = typed | {"layer0_substance": "FTO", "create_materials": "on"}

    client.post("/devices/new/", data)

    assert Material.objects.filter(name="FTO").exists()
    made = Sample.objects.get(code="D-7")
    assert services.describe_stack(made)["layers"][0]["material"] == "FTO"


def test_a_formula_with_fractions_is_a_composition_unless_a_material_is_called_so(
    client, typed, user, project
):
    text = "Cs0.05(FA0.98MA0.02)0.95Pb(I0.98Br0.02)3"
    data = typed | {"layer2_substance": text, "create_materials": "on"}
    client.post("/devices/new/", data)
    make_materials(user, project, "FA0.9Cs0.1PbI3")
    named = {"code": "D-8", "layer2_substance": "FA0.9Cs0.1PbI3"}
    client.post("/devices/new/", typed | named)

    first, second = (
        services.describe_stack(Sample.objects.get(code=code))["layers"][1]
        for code in ("D-7", "D-8")
    )
    assert first["composition"] == text
    assert second["material"] == "FA0.9Cs0.1PbI3"


def test_a_stack_is_kept_under_a_name_and_started_from(client, typed):
    client.post("/devices/new/", typed | {"save_as": "Standard p-i-n"})

    kept = SavedStack.objects.get(name="Standard p-i-n")
    page = client.get(f"/devices/new/?from={kept.uuid}").content.decode()

    assert len(kept.layers) == 3
    assert 'value="CTOCPh-5F"' in page
    assert "from the kept stack <strong>Standard p-i-n</strong>" in page


def test_a_kept_stack_is_not_replaced_by_one_of_the_same_name(client, typed):
    client.post("/devices/new/", typed | {"save_as": "Standard"})
    kept = SavedStack.objects.get()

    again = typed | {"code": "D-8", "save_as": "Standard"}
    page = client.post("/devices/new/", again).content.decode()

    assert SavedStack.objects.get().version == kept.version
    assert not Sample.objects.filter(code="D-8").exists()
    start = page.index('<div class="save-as">')
    assert "There is a kept stack" in page[start : page.index("save-bar", start)]


def test_a_device_is_copied_with_the_next_code(client, device):
    page = client.get(f"/devices/new/?from={device.uuid}").content.decode()

    assert 'name="code" value="D-2"' in page
    assert 'name="batch" value="B-1"' in page
    assert (
        'name="layer2_steps-0-speed" id="id_layer2_steps-0-speed" value="4000"' in page
    )
    assert "<svg" in page


def test_a_new_form_proposes_the_usual_roles_and_ignores_those_left_empty(
    client, project
):
    page = client.get("/devices/new/").content.decode()

    assert page.count("data-layer>") == 9  # seven, the template, one without scripts
    assert "The layers are drawn here" in page


def test_the_usual_roles_follow_the_architecture(client, user, project):
    device = services.create_device(
        user=user, project=project, code="D-9", stack={"architecture": "nip"}
    )

    page = client.get(f"/devices/{device.uuid}/stack/").content.decode()

    chosen = re.findall(r'<option value="(\w+)" selected', page)
    roles = [one for one in chosen if one in Layer.Role.values]
    assert roles.index("electron_transport") < roles.index("absorber")
    assert roles.index("absorber") < roles.index("hole_transport")


def test_the_form_of_a_stack_shows_and_changes_it(client, device):
    address = f"/devices/{device.uuid}/stack/"
    page = client.get(address).content.decode()
    data = {
        "version": str(device.version),
        "cells-total": "0",
        **layers({"role": "electrode", "substance": "ITO", "kept": "yes"}),
    }

    answer = client.post(address, data)

    assert 'value="CTOCPh-5F"' in page
    assert answer["Location"] == device.get_absolute_url()
    stack = services.describe_stack(device)
    assert stack["layers"] == [{"role": "electrode", "material": "ITO"}]
    assert not Cell.objects.filter(sample=device, archived_at=None).exists()


def test_a_layer_of_which_only_the_role_is_known_stays(client, user, project):
    half = services.create_device(
        user=user, project=project, code="H-1", stack={"layers": [{"role": "absorber"}]}
    )
    address = f"/devices/{half.uuid}/stack/"
    page = client.get(address).content.decode()

    data = {"version": str(half.version), **layers({"role": "absorber", "kept": "yes"})}
    client.post(address, data)

    assert 'name="layer0_kept" value="yes"' in page
    assert services.describe_stack(half)["layers"] == [{"role": "absorber"}]


def test_any_sample_may_be_given_a_stack(client, user, project):
    film = make_sample(user, project, "F-1", kind="film")
    page = client.get(film.get_absolute_url()).content.decode()

    client.post(
        f"/devices/{film.uuid}/stack/",
        {
            "version": str(film.version),
            **layers({"role": "electrode", "substance": "ITO"}),
        },
    )

    assert f"/devices/{film.uuid}/stack/" in page
    assert "F-1" in client.get("/devices/").content.decode()


def test_of_two_who_change_a_stack_the_second_is_told(client, device, user):
    address = f"/devices/{device.uuid}/stack/"
    data = {
        "version": str(device.version),
        **layers({"role": "electrode", "substance": "ITO"}),
    }
    services.set_stack(user=user, sample=device, stack=STACK)

    answer = client.post(address, data)

    assert answer.status_code == 409
    assert 'name="layer0_substance" id="id_layer0_substance" value="ITO"' in (
        answer.content.decode()
    )
    assert len(services.describe_stack(device)["layers"]) == 4


def test_the_preview_draws_and_tells_units_without_saving(client, typed):
    page = client.post("/devices/preview/", typed).content.decode()

    assert page.count('<g class="layer role-') == 3
    assert "550 nm" in page
    assert re.search(r'id="read_layer2_thickness" hx-swap-oob="true">= 550 nm<', page)
    assert not Sample.objects.filter(code="D-7").exists()


def test_cells_are_spread_over_the_substrate(client, project):
    told = {"grid_count": "6", "grid_area": "10 mm2", "grid_mask": "0.08"}

    answer = client.post("/devices/cells/", told)

    page = answer.content.decode()
    assert 'name="cells-total" value="6"' in page
    assert 'name="cells-5-label" id="id_cells-5-label" value="F"' in page
    assert answer["HX-Trigger-After-Settle"] == "rows-changed"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"grid_count": "6", "grid_area": ""}, "Which active area"),
        ({"grid_count": "x", "grid_area": "0.1"}, "How many cells"),
        ({"grid_count": "6", "grid_area": "9"}, "do not fit"),
        ({"grid_count": "6", "grid_area": "-1"}, "above 0"),
    ],
)
def test_cells_that_cannot_be_spread_leave_the_table_as_it_was(
    client, project, told, words
):
    data = told | {"cells-total": "1", "cells-0-label": "kept"}

    page = client.post("/devices/cells/", data).content.decode()

    assert words in page
    assert 'value="kept"' in page


def test_what_a_layer_may_be_of_is_found_while_typing(client, project):
    page = client.get("/devices/substances/?q=ctoc").content.decode()
    new = client.get("/devices/substances/?q=Spiro").content.decode()

    found = re.findall(r'data-value="([^"]+)"', page)
    assert found == ["CTOC", "CTOCPh-5F"]
    assert re.findall(r'data-value="([^"]+)"', new) == ["Spiro"]


def test_starts_are_found_while_typing(client, device):
    page = client.get("/devices/starts/?q=d-").content.decode()

    assert f'data-href="?from={device.uuid}"' in page
    assert "is called that" in client.get("/devices/starts/?q=zzz").content.decode()


def test_the_page_of_a_device_shows_layers_and_cells(client, device):
    page = client.get(device.get_absolute_url()).content.decode()

    assert page.count('<g class="layer role-') == 4
    assert "4000 rpm for 30 s" in page
    assert "2.5 mg/mL CTOCPh-5F" in page
    assert 'aria-label="cell A, 0.1 cm²"' in page
    assert "technique=jv&amp;cell=B" in page
    for address in (
        f"/devices/{device.uuid}/stack/",
        f"/devices/new/?from={device.uuid}",
        f"/devices/plan/?from={device.uuid}",
        f"/labels/?id={device.uuid}",
    ):
        assert f'href="{address}"' in page


def test_values_of_cells_do_not_pass_for_values_of_the_device(client, device, user):
    record_efficiency(user, device, "23.4", "B")

    page = client.get(device.get_absolute_url()).content.decode()

    known = page[page.index("What we know") : page.index("Layers as a table")]
    assert "23.4" not in known
    assert "cell B, as made" in page


def test_somebody_who_may_only_look_is_offered_no_change(client, device, project):
    viewer = make_user("vera")
    add_member(project, viewer, "viewer")
    client.force_login(viewer)

    page = client.get(device.get_absolute_url()).content.decode()
    answer = client.get(f"/devices/{device.uuid}/stack/")

    assert f"/devices/{device.uuid}/stack/" not in page
    assert answer["Location"] == device.get_absolute_url()


def test_stacks_of_others_are_not_there(client, device):
    client.force_login(make_user("eve"))
    kept = services.save_stack(
        user=device.owner, project=device.project, name="Secret", stack=STACK
    )

    for one in (device, kept):
        assert client.get(f"/devices/plan/?from={one.uuid}").status_code in (302, 404)
    assert "D-1" not in client.get("/devices/").content.decode()
    assert "Secret" not in client.get("/devices/starts/").content.decode()
    assert "CTOC" not in client.get("/devices/substances/?q=CTO").content.decode()[40:]
