"""Stacks and cells: read, kept whole, described as given, variables of relations."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from labdata.common.people.access import Role
from samples import services
from samples.models import Cell, Layer, Material, Sample, SavedStack
from samples.services.together import errors_of
from tests.samples.factories import (
    add_member,
    facts_of,
    make_process,
    make_project,
    make_sample,
    make_user,
)
from tests.samples.stacks import PEROVSKITE, STACK, make_device

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def project(user):
    return make_project(user)


def test_a_stack_is_described_in_its_own_units_as_it_was_given(user, project):
    device = make_device(user, project)

    told = services.describe_stack(device)

    assert told["architecture"] == "pin"
    assert [layer["role"] for layer in told["layers"]] == [
        *("substrate", "absorber", "interlayer", "interlayer")
    ]
    absorber = told["layers"][1]
    assert absorber["thickness"] == pytest.approx(550)
    assert absorber["program"][0]["end_temperature"] == pytest.approx(100)
    assert absorber["program"][0]["dwell"] == pytest.approx(30)
    assert absorber["steps"][1] == {"speed": 5000, "antisolvent": "anisole"}
    assert told["cells"][0] == {"label": "A", "active_area": pytest.approx(0.1)}
    again = make_device(user, project, "D-2", told)
    assert services.describe_stack(again) == told


def test_layers_are_variables_of_the_device_and_of_its_cells(user, project):
    device = make_device(user, project)

    for cell in (None, "A"):
        facts = facts_of(device, cell=cell)
        assert facts["device.architecture"] == "p-i-n (inverted)"
        assert facts["layer.interlayer.material"] == "CTOC"
        assert facts["layer.interlayer.concentration"] == 2.5
        assert facts["layer.absorber.temperature"] == pytest.approx(100)
        assert facts["layer.absorber.speed"] == 5000
        assert facts["ion.A.Cs"] == pytest.approx(0.05)
    assert facts["cell.active_area"] == pytest.approx(0.1)
    second = device.facts.filter(variable__key="layer.interlayer.material", label="2")
    assert {fact.text for fact in second} == {"LiF"}


def test_a_control_without_interlayer_is_not_one_of_which_nothing_is_known(
    user, project
):
    control = make_device(user, project, stack={"layers": STACK["layers"][:2]})
    unknown = make_device(user, project, "D-2", {"cells": [{"label": "A"}]})

    assert facts_of(control)["layer.interlayer.material"] == "none"
    assert "layer.interlayer.material" not in facts_of(unknown)


def test_a_piece_has_the_stack_of_what_it_was_cut_from(user, project):
    device = make_device(user, project)
    piece = make_sample(user, project, "D-1-a", kind="half_stack")
    make_process(user, project, "splitting", inputs=["D-1"], outputs=["D-1-a"])

    assert facts_of(piece)["layer.interlayer.material"] == "CTOC"
    services.set_stack(user=user, sample=device, stack={"layers": []})
    assert "layer.interlayer.material" not in facts_of(piece)


def test_an_own_composition_goes_before_that_of_the_absorber(user, project):
    device = make_device(user, project, composition="CsPbI3")

    assert facts_of(device)["ion.A.Cs"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("stack", "path", "words"),
    [
        ({"layers": "glass"}, ["layers"], "list"),
        ({"layers": [{"role": "roof"}]}, ["layers", "0", "role"], "absorber"),
        ({"layers": [{"material": "C60"}]}, ["layers", "0", "role"], "there for"),
        (
            {"layers": [{"role": "buffer", "thickness": -2}]},
            ["layers", "0", "thickness"],
            "-2 nm; it must be above 0",
        ),
        (
            {"layers": [{"role": "buffer", "thickness": 1e300}]},
            ["layers", "0", "thickness"],
            "which no device has",
        ),
        (
            {"layers": [{"role": "buffer", "thickness": "5 kg"}]},
            ["layers", "0", "thickness"],
            "kg",
        ),
        (
            {"layers": [{"role": "buffer", "rate": float("nan")}]},
            ["layers", "0", "rate"],
            "rate",
        ),
        (
            {"layers": [{"role": "buffer", "material": "a", "composition": "b"}]},
            ["layers", "0", "composition"],
            "material or of a composition",
        ),
        (
            {"layers": [{"role": "buffer", "color": 1}]},
            ["layers", "0", "layer"],
            "color",
        ),
        (
            {"layers": [{"role": "absorber", "program": [{"dwell": -1}]}]},
            ["layers", "0", "program", "0", "dwell"],
            "",
        ),
        ({"layers": [{"role": "buffer"}] * 61}, ["layers"], "at most 60"),
        (
            {"cells": [{"label": "A", "active_area": 0}]},
            ["cells", "0", "active_area"],
            "0 cm²; it must be above 0",
        ),
        (
            {"cells": [{"label": "A"}, {"label": "A"}]},
            ["cells", "1", "label"],
            "already",
        ),
        ({"cells": [{}]}, ["cells", "0", "label"], "label"),
        ({"cells": [7]}, ["cells", "0", "cell"], "7"),
        ({"architecture": "tandem"}, ["architecture"], "pin"),
        ({"architecture": ["pin"]}, ["architecture"], "pin"),
        ({"layers": False}, ["layers"], "list"),
        ({"layers": [{}] * 1_000_000}, ["layers"], "1000000 layers; at most 60"),
        ({"layers": [{"role": "buffer", "steps": "4"}]}, ["layers", "0", "steps"], ""),
        (
            {"layers": [{"role": "buffer", "solution": {"solutes": [{"unit": {}}]}}]},
            ["layers", "0", "solution", "solutes", "0", "unit"],
            "mg/mL",
        ),
        (
            {"layers": [{"role": "buffer", "program": [{"atmosphere": "N\0"}]}]},
            ["layers", "0", "program", "0", "atmosphere"],
            "",
        ),
        (
            {"layers": [{"role": "buffer", "thickness": 10**400}]},
            ["layers", "0", "thickness"],
            "",
        ),
        ({"wheels": 4}, ["stack"], "wheels"),
        ([], ["stack"], "architecture"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(user, project, stack, path, words):
    with pytest.raises(ValidationError) as caught:
        services.create_device(user=user, project=project, code="D-1", stack=stack or 7)

    found = errors_of(caught.value)
    for part in path:
        found = found[part]
    assert words in " ".join(found)
    assert not Sample.objects.exists()


def test_a_material_nobody_added_is_named_and_nothing_is_made(user, project):
    with pytest.raises(ValidationError) as caught:
        services.create_device(user=user, project=project, code="D-1", stack=STACK)

    layers = errors_of(caught.value)["layers"]
    assert "glass is not known" in layers["0"]["material"][0]
    assert not Material.objects.exists()


def test_cells_are_known_by_label_and_kept_once_something_was_said_of_them(
    user, project
):
    import analysis.services

    device = make_device(user, project)
    analysis.services.record_value(
        user=user, sample=device, cell="A", quantity="jv.ff", label="reverse", value=0.8
    )
    first = device.cells.get(label="A")

    services.set_stack(
        user=user,
        sample=device,
        stack={"cells": [{"label": "C"}, {"label": "B", "active_area": 0.2}]},
    )

    assert list(device.cells.values_list("label", flat=True).order_by("label")) == [
        *("A", "B", "C")
    ]
    first.refresh_from_db()
    assert first.archived_at
    assert device.cells.get(label="B").active_area == 0.2
    services.set_stack(user=user, sample=device, stack={"cells": [{"label": "A"}]})
    first.refresh_from_db()
    assert first.archived_at is None
    assert not Cell.objects.filter(label="C").exists()


def test_every_change_of_a_stack_is_in_the_history(user, project):
    device = make_device(user, project)
    version = device.version

    services.set_stack(
        user=user, sample=device, stack={"layers": [{"role": "buffer", "thickness": 7}]}
    )

    assert device.version == version + 1
    assert Layer.history.filter(history_type="+").count() == 5
    assert Layer.history.filter(history_type="-").count() == 4


def test_who_may_only_look_changes_no_stack(user, project):
    device = make_device(user, project)
    viewer = make_user("viewer")
    add_member(project, viewer, Role.VIEWER)

    for act in (
        lambda: services.set_stack(user=viewer, sample=device, stack={}),
        lambda: services.save_stack(user=viewer, project=project, name="x", stack={}),
        lambda: services.plan_devices(user=viewer, project=project, stack=STACK),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_a_kept_stack_is_changed_but_not_replaced_by_another(user, project):
    same = {"user": user, "project": project, "name": "standard"}
    kept = services.save_stack(**same, stack=STACK)

    with pytest.raises(ValidationError, match="already") as refused:
        services.save_stack(**same, stack={"architecture": "nip"})
    services.change_saved_stack(
        user=user, kept=kept, name="standard", stack={"architecture": "nip"}
    )

    assert set(refused.value.message_dict) == {"name"}
    kept = SavedStack.objects.get()
    assert (kept.architecture, kept.layers, kept.version) == ("nip", [], 2)


@pytest.mark.parametrize(
    ("absorbers", "cesium"),
    [
        ([{"material": "CsPbI3"}], 1),
        ([{"composition": PEROVSKITE}], 0.05),
        ([{"material": "CsPbI3"}, {"material": "CsPbI3"}], 1),
        ([{"material": "CsPbI3"}, {"composition": PEROVSKITE}], None),
        ([{"material": "dye"}], None),
    ],
)
def test_a_device_consists_of_its_absorber_where_that_is_one(
    user, project, absorbers, cesium
):
    services.create_material(
        user=user, project=project, name="CsPbI3", formula="CsPbI3"
    )
    layers = [{"role": "absorber", **one} for one in absorbers]
    device = make_device(user, project, stack={"layers": layers})

    assert facts_of(device).get("ion.A.Cs") == (cesium and pytest.approx(cesium))


def test_a_material_as_absorber_says_what_the_same_composition_does(user, project):
    services.create_material(
        user=user, project=project, name="CsPbI3", formula="CsPbI3"
    )
    told = []
    for code, absorber in (
        ("D-1", {"material": "CsPbI3"}),
        ("D-2", {"composition": "CsPbI3"}),
    ):
        stack = {"layers": [{"role": "absorber", **absorber}]}
        facts = make_device(user, project, code, stack).facts.filter(
            variable__key__regex="^(composition|ion|element)[.]"
        )
        told.append(set(facts.values_list("variable__key", "label", "value")))

    assert told[0] == told[1]
    assert len(told[0]) > 5


def remarks(**stack):
    return services.remarks_on_stack({"layers": [], "cells": [], **stack})


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ({"active_area": 0.1, "mask_area": 0.12}, "the mask (0.12 cm²) is larger"),
        ({"active_area": 0.2, "width": 4, "height": 2.5}, "4 × 2.5 mm are 0.1 cm²"),
        ({"x": 20, "width": 6}, "it ends at x = 26 mm, beyond the substrate (25 mm)"),
    ],
)
def test_what_contradicts_itself_in_a_cell_is_said(cell, words):
    (said,) = remarks(substrate_width=25, cells=[{"label": "A", **cell}])

    assert said.startswith(f"Cell A: {words}")


def test_solvents_that_are_no_whole_are_said():
    def solution(*fractions):
        solvents = [{"name": "DMF", "fraction": one} for one in fractions]
        return {"layers": [{"role": "absorber", "solution": {"solvents": solvents}}]}

    assert "add up to 0.7, not 1" in remarks(**solution(0.4, 0.3))[0]
    assert remarks(**solution(0.8, 0.2)) == []
    assert remarks(**solution(4, 1)) == []


def test_a_sound_stack_has_no_remarks():
    cell = {"label": "A", "active_area": 0.1, "mask_area": 0.09, "x": 2, "y": 3}
    cell |= {"width": 4, "height": 2.5}

    assert remarks(substrate_width=25, substrate_height=25, cells=[cell]) == []
