"""Projects: members and roles, fields, instruments and lots, two people at once."""

import pytest

from labdata.common.people.access import Role
from measurements.models import Instrument
from measurements.services.instruments import create_instrument
from samples import services
from samples.models import ExtraField, Lot, Material
from tests.samples.factories import add_member, make_materials, make_project, make_user


@pytest.fixture
def field(ada, project):
    return services.create_extra_field(
        user=ada,
        project=project,
        target="sample",
        key="substrate",
        label="Substrate",
        kind="choice",
        choices=["glass", "ITO"],
    )


@pytest.fixture
def lot(ada, project):
    material, _ = make_materials(ada, project)
    return services.create_lot(
        user=ada, project=project, material=material, code="CS-1", supplier="Alfa"
    )


@pytest.fixture
def instrument(ada, project):
    return create_instrument(user=ada, project=project, name="FLS1000")


def test_a_manager_changes_the_role_of_a_member(client, project, grace):
    client.post("/projects/glasses/members/", {"user": "grace", "role": "manager"})

    assert project.memberships.get(user=grace).role == "manager"


def test_the_last_manager_keeps_the_role(client, ada, project, grace):
    response = client.post(
        "/projects/glasses/members/", {"user": "ada", "role": "viewer"}
    )

    assert "at least one manager" in response.context["form"].errors["role"][0]
    assert project.memberships.get(user=ada).role == "manager"


def test_only_people_one_works_with_are_suggested(client, ada, project, grace):
    elsewhere = make_project(ada, "elsewhere")
    add_member(elsewhere, make_user("colleague"))
    make_user("stranger")

    suggested = client.get("/projects/glasses/").context["colleagues"]

    assert [one.username for one in suggested] == ["colleague"]


def test_members_are_suggested_to_managers_alone(client, project, grace):
    client.force_login(grace)

    assert not client.get("/projects/glasses/").context["colleagues"]


def test_a_member_may_leave(client, project, grace):
    client.force_login(grace)

    response = client.post("/projects/glasses/members/", {"remove": "grace"})

    assert response.url == "/"
    assert not project.memberships.filter(user=grace).exists()


def test_a_project_gets_another_name(client, project):
    client.post("/projects/glasses/edit/", {"name": "Hybrid glasses", "version": "1"})

    project.refresh_from_db()
    assert (project.name, project.version) == ("Hybrid glasses", 2)


def test_contributors_do_not_change_the_project(client, project, grace):
    client.force_login(grace)
    typed = {"name": "Mine", "version": "1"}

    assert client.get("/projects/glasses/edit/").url == "/projects/glasses/"
    assert client.post("/projects/glasses/edit/", typed).status_code == 403


def test_a_project_is_archived_and_brought_back(client, project):
    client.post("/projects/glasses/archive/", {"archived": "yes"})
    project.refresh_from_db()
    archived = project.archived_at
    told = client.get("/projects/glasses/").content.decode()
    client.post("/projects/glasses/archive/", {"archived": "no"})

    project.refresh_from_db()
    assert archived and project.archived_at is None
    assert "nothing new is begun in it" in told


def test_a_field_of_ones_own_takes_its_key_from_its_label(client, project):
    client.post(
        "/projects/glasses/fields/new/",
        {"target": "sample", "kind": "number", "label": "Film thickness", "unit": "nm"},
    )

    made = ExtraField.objects.get()
    assert (made.key, made.unit) == ("film_thickness", "nm")


@pytest.mark.parametrize(
    ("typed", "name", "words"),
    [
        ({"kind": "choice"}, "choices", "at least one answer"),
        ({"kind": "text", "unit": "mm"}, "unit", "Only a number has a unit"),
        ({"kind": "number", "unit": "furlong"}, "unit", "furlong"),
        ({"kind": "text", "key": "Übel"}, "key", "valid value"),
        ({"kind": "text", "key": "substrate"}, "key", "taken by the field 'Substrate'"),
    ],
)
def test_a_wrong_field_is_told_where_it_is_wrong(client, field, typed, name, words):
    response = client.post(
        "/projects/glasses/fields/new/", {"target": "sample", "label": "New"} | typed
    )

    assert words in response.context["form"].errors[name][0]
    assert ExtraField.objects.count() == 1


def test_a_field_offers_other_answers_but_stays_what_it_is(client, field):
    client.post(
        f"/fields/{field.uuid}/edit/",
        {"label": "Support", "choices": "glass, ITO , FTO", "version": "1", "key": "x"},
    )

    field.refresh_from_db()
    assert (field.label, field.choices) == ("Support", ["glass", "ITO", "FTO"])
    assert field.key == "substrate"


def test_managers_alone_decide_on_fields(client, project, field, grace):
    client.force_login(grace)

    asked = client.get(f"/fields/{field.uuid}/edit/")
    added = client.post("/projects/glasses/fields/new/", {"label": "New"})
    archived = client.post(f"/fields/{field.uuid}/archive/")

    assert asked.url == "/projects/glasses/"
    assert (added.status_code, archived.status_code) == (403, 403)


def test_an_archived_field_leaves_the_forms_and_comes_back(client, field):
    asked = "/samples/new/?project=glasses"
    before = client.get(asked).content.decode()
    client.post(f"/fields/{field.uuid}/archive/")
    without = client.get(asked).content.decode()
    client.post(f"/fields/{field.uuid}/archive/", {"archived": "no"})

    field.refresh_from_db()
    assert 'name="extra_substrate"' in before
    assert 'name="extra_substrate"' not in without
    assert field.archived_at is None


def test_an_instrument_is_added_from_its_project(client, project):
    asked = client.get("/instruments/new/?project=glasses").context["form"]
    response = client.post(
        "/instruments/new/",
        {"name": "FLS1000", "manufacturer": "Edinburgh", "project": "glasses"},
    )

    assert asked["project"].value() == "glasses"
    assert response.url == "/projects/glasses/#instruments"
    assert Instrument.objects.get().project == project


def test_an_instrument_may_be_the_whole_labs(client, project):
    client.post("/instruments/new/", {"name": "XRD", "project": ""})

    assert Instrument.objects.get().project is None
    assert "the whole lab" in client.get("/projects/glasses/").content.decode()


def test_the_labs_instrument_is_changed_by_who_added_it(client, ada, project, grace):
    shared = create_instrument(user=ada, name="XRD")
    client.force_login(grace)
    address = f"/instruments/{shared.uuid}/edit/"

    assert client.get(address).status_code == 302
    assert client.post(address, {"name": "Mine", "version": "1"}).status_code == 403
    assert client.post(f"/instruments/{shared.uuid}/archive/").status_code == 403


def test_an_archived_instrument_is_shown_as_such(client, instrument):
    client.post(f"/instruments/{instrument.uuid}/archive/")

    text = client.get("/projects/glasses/").content.decode()
    assert "FLS1000 (archived)" in text


def test_a_lot_is_added_on_the_page_of_its_material(client, project):
    material, _ = make_materials(make_user("other"), None, "PbI2", "CsI")

    response = client.post(
        f"/materials/{material.uuid}/lots/new/",
        {
            "code": "PB-7",
            "project": "glasses",
            "supplier": "TCI, L0279",
            "purity": "99.99 %",
            "opened_on": "2026-11-02",
        },
    )

    made = Lot.objects.get()
    assert response.url == f"/materials/{material.uuid}/#lots"
    assert (made.project, str(made.opened_on)) == (project, "2026-11-02")
    assert "TCI, L0279" in client.get(response.url).content.decode()


def test_lots_of_other_projects_are_not_shown_with_a_shared_material(client, project):
    other = make_user("other")
    material, _ = make_materials(other, None, "PbI2", "CsI")
    services.create_lot(
        user=other,
        project=make_project(other, "secret"),
        material=material,
        code="HIDDEN-1",
    )

    text = client.get(f"/materials/{material.uuid}/").content.decode()
    assert "HIDDEN-1" not in text


def test_a_lot_code_that_is_taken_is_told_at_the_field(client, lot):
    response = client.post(
        f"/materials/{lot.material.uuid}/lots/new/",
        {"code": "CS-1", "project": "glasses"},
    )

    assert "There is a lot CS-1" in response.context["form"].errors["code"][0]


@pytest.mark.parametrize("kind", ["lot", "instrument", "field"])
def test_whoever_was_overtaken_loses_nothing(
    client, project, lot, instrument, field, grace, kind
):
    row = {"lot": lot, "instrument": instrument, "field": field}[kind]
    first = {"lot": "code", "instrument": "name", "field": "label"}[kind]
    add_member(project, grace, Role.MANAGER)
    more = {"choices": "glass"} if kind == "field" else {}
    address = f"/{kind}s/{row.uuid}/edit/"
    client.force_login(grace)
    client.post(address, {first: "THEIRS", "version": "1"} | more)

    client.force_login(project.created_by)
    typed = {first: "MINE", "version": "1"} | more
    refused = client.post(address, typed)
    form = refused.context["form"]
    again = client.post(address, typed | {"version": form["version"].value()})

    row.refresh_from_db()
    assert (refused.status_code, form[first].value()) == (409, "MINE")
    assert "THEIRS" in refused.content.decode()
    assert again.status_code == 302
    assert getattr(row, first) == "MINE"


def test_viewers_change_no_lot(client, lot, viewer):
    client.force_login(viewer)

    assert client.get(f"/lots/{lot.uuid}/edit/").status_code == 302
    assert client.post(f"/lots/{lot.uuid}/archive/").status_code == 403


def test_a_material_is_archived_by_who_may_change_it(client, ada, project, grace):
    shared, _ = make_materials(ada, None, "PbI2", "CsI")
    client.force_login(grace)
    refused = client.post(f"/materials/{shared.uuid}/archive/")
    client.force_login(ada)
    client.post(f"/materials/{shared.uuid}/archive/")

    assert refused.status_code == 403
    assert Material.objects.get(pk=shared.pk).archived_at is not None
