"""Two people, or six, change one record at the same moment: nothing is lost."""

import io
import itertools

import pytest
from rest_framework.test import APIClient

import measurements.services
from labdata.common.api.views import RecordViewSet, etag
from labdata.site.api_urls import router
from measurements.services.instruments import create_instrument
from samples import services
from tests.samples.factories import (
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)
from tests.site.worlds.spectra import spectrum
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

# Of each kind of record two edits that do not touch each other; a new kind is added
# here, or the test of the list below fails.
EDITS = {
    "projects": ({"name": "Renamed"}, {"description": "Told"}),
    "materials": ({"notes": "Told"}, {"cas_number": "7783-40-6"}),
    "lots": ({"notes": "Told"}, {"purity": "99 %"}),
    "samples": ({"notes": "Told"}, {"location": "Box 7"}),
    "devices": ({"name": "Renamed"}, {"architecture": "nip"}),
    "saved-stacks": ({"name": "Renamed"}, {"architecture": "nip"}),
    "processes": ({"notes": "Told"}, {"operator": "Ada"}),
    "protocols": ({"notes": "Told"}, {"description": "Renewed"}),
    "extra-fields": ({"label": "Renamed"}, {"choices": ["a"]}),
    "instruments": ({"notes": "Told"}, {"model": "Mark II"}),
    "measurements": ({"notes": "Told"}, {"operator": "Ada"}),
    "files": ({"name": "renamed.csv"}, {"description": "Told"}),
}
EDITED = {
    prefix: viewset
    for prefix, viewset, _ in router.registry
    if issubclass(viewset, RecordViewSet) and "patch" in viewset.http_method_names
}


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def records(ada):
    """One record of each kind, by its name in the API."""
    project = make_project(ada)
    material, _ = make_materials(ada, project)
    lot = services.create_lot(user=ada, project=project, material=material, code="L-1")
    field = services.create_extra_field(
        user=ada,
        project=project,
        target="sample",
        key="shelf",
        label="Shelf",
        kind="choice",
        choices=["b"],
    )
    sample = make_sample(ada, project, "S-1")
    device = services.create_device(
        user=ada,
        project=project,
        code="D-1",
        stack={"layers": [{"role": "absorber", "material": material.name}]},
    )
    kept = services.save_stack(
        user=ada,
        project=project,
        name="Stack",
        stack={"layers": [{"role": "absorber", "material": material.name}]},
    )
    process = make_process(ada, project, "ageing", inputs=["S-1"], outputs=["S-1"])
    protocol = services.create_protocol(
        user=ada, project=project, name="Ageing", kind="ageing"
    )
    measurement = measurements.services.create_measurement(
        user=ada,
        sample=sample,
        technique="pl",
        files=[("pl.csv", io.BytesIO(spectrum()))],
    )
    return {
        "projects": project,
        "materials": material,
        "lots": lot,
        "extra-fields": field,
        "samples": sample,
        "devices": device,
        "saved-stacks": kept,
        "processes": process,
        "protocols": protocol,
        "measurements": measurement,
        "files": measurement.files.get(),
        "instruments": create_instrument(user=ada, project=project, name="PL"),
    }


def request(user, method, path, body=None, **headers):
    """An act that asks for one thing, from a thread of its own."""

    def act():
        client = APIClient()
        client.force_authenticate(user)
        return getattr(client, method)(path, body, headers=headers).status_code

    return act


def told(user, prefix, record):
    client = APIClient()
    client.force_authenticate(user)
    return client.get(f"/api/v1/{prefix}/{record.uuid}/").json()


def test_every_kind_of_record_people_edit_is_tried_here():
    assert set(EDITS) == set(EDITED)


def test_of_six_edits_of_one_version_one_is_done_and_five_are_told(ada, records):
    answers = {}
    for prefix, (body, _) in EDITS.items():
        record = records[prefix]
        path, tag = f"/api/v1/{prefix}/{record.uuid}/", {"If-Match": etag(record)}
        acts = [request(ada, "patch", path, body, **tag) for _ in range(6)]
        answers[prefix] = sorted(at_once(record, acts))

    assert answers == {key: [200, *[412] * 5] for key in EDITS}


def test_edits_of_different_fields_are_all_kept(ada, records):
    lost = {}
    for prefix, bodies in EDITS.items():
        record = records[prefix]
        path = f"/api/v1/{prefix}/{record.uuid}/"
        acts = [request(ada, "patch", path, body) for body in bodies]
        answers = at_once(record, acts)
        now = told(ada, prefix, record)
        wanted = dict(itertools.chain.from_iterable(body.items() for body in bodies))
        there = {field: now.get(field) for field in wanted}
        if answers != [200, 200] or there != wanted:
            lost[prefix] = answers, there

    assert lost == {}


def test_an_archive_is_not_undone_by_an_edit_at_the_same_moment(ada, records):
    undone = {}
    for prefix, (body, _) in EDITS.items():
        if not EDITED[prefix].archivable:
            continue
        record = records[prefix]
        path = f"/api/v1/{prefix}/{record.uuid}/"
        acts = [
            request(ada, "patch", path, body),
            request(ada, "post", f"{path}archive/"),
            request(ada, "patch", path, body),
        ]
        answers = at_once(record, acts)
        now = told(ada, prefix, record)
        there = {field: now[field] for field in body}
        if answers != [200] * 3 or not now["archived_at"] or there != body:
            undone[prefix] = answers, now["archived_at"], there

    assert undone == {}


def unsafe_addresses(ada, records):
    """Method and address of everything that changes a record there is."""
    for prefix, viewset in EDITED.items():
        path = f"/api/v1/{prefix}/{records[prefix].uuid}/"
        yield "patch", path
        yield "delete", path
        for extra in viewset.get_extra_actions():
            if extra.url_path in ("archive", "restore") and not viewset.archivable:
                continue
            route = extra.url_path.replace("(?P<username>[^/]+)", str(ada))
            for method in extra.mapping:
                if extra.detail and method != "get":
                    yield method, f"{path}{route}/"


def test_whatever_changes_a_record_heeds_the_version_that_was_read(ada, records):
    asked = list(unsafe_addresses(ada, records))
    answers = {
        (method, path): request(ada, method, path, {}, **{"If-Match": '"older"'})()
        for method, path in asked
    }

    assert len(asked) > 40
    assert {key: code for key, code in answers.items() if code != 412} == {}
