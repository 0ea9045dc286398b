"""Protocols fill in processes, which keep the version they followed."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from labdata.common.people.access import Role
from samples import services
from samples.deviations import deviations
from tests.samples.factories import (
    add_member,
    facts_of,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

PROGRAM = [
    {"start_temperature": 25, "end_temperature": "573.15 K", "ramp": 20, "dwell": 30}
]


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def project(ada):
    return make_project(ada)


@pytest.fixture
def protocol(ada, project):
    return services.create_protocol(
        user=ada,
        project=project,
        name="Sintering at 300",
        kind="sintering",
        program=PROGRAM,
        parameters={"duration": "1 h"},
    )


def follow(ada, project, protocol, **values):
    make_sample(ada, project, "C-1")
    return make_process(
        ada, project, outputs=["C-1"], protocol=str(protocol.uuid), **values
    )


def test_a_protocol_keeps_checked_numbers(protocol):
    assert protocol.program[0]["end_temperature"] == 300
    assert protocol.parameters == {"duration": 60.0}


def test_a_process_takes_what_is_not_told_from_its_protocol(ada, project, protocol):
    process = follow(ada, project, protocol)

    assert process.program.get().end_temperature == 300
    assert process.parameters == {"duration": 60.0}
    assert process.protocol_version == 1
    assert list(deviations(process)) == []


def test_what_was_done_otherwise_is_told_with_both_numbers(ada, project, protocol):
    process = follow(
        ada,
        project,
        protocol,
        program=[{**PROGRAM[0], "end_temperature": 320}],
        parameters={"speed": 300},
    )

    told = {one.what: (one.said, one.did) for one in deviations(process)}

    assert told == {
        "step 1, to": (300.0, 320.0),
        "duration": (60.0, None),
        "speed": (None, 300.0),
    }


def test_a_step_left_out_and_one_more_are_told(ada, project, protocol):
    more = [*PROGRAM, {"start_temperature": 300, "end_temperature": 25}]
    longer = follow(ada, project, protocol, program=more)
    make_sample(ada, project, "C-2")
    shorter = make_process(
        ada, project, outputs=["C-2"], protocol=protocol.name, program=[]
    )

    assert [(one.what, one.said) for one in deviations(longer)] == [("step 2", None)]
    assert [(one.what, one.did) for one in deviations(shorter)] == [
        ("step 1", "left out")
    ]


def test_a_process_is_compared_with_the_version_it_followed(ada, project, protocol):
    process = follow(ada, project, protocol)

    services.update_protocol(
        user=ada, protocol=protocol, program=[{"end_temperature": 350}]
    )

    process.refresh_from_db()
    assert (process.protocol_version, process.protocol.version) == (1, 2)
    assert list(deviations(process)) == []


def test_a_process_edited_later_keeps_the_version_it_followed(ada, project, protocol):
    process = follow(ada, project, protocol)
    services.update_protocol(user=ada, protocol=protocol, notes="newer")

    services.update_process(
        user=ada, process=process, protocol=str(protocol.uuid), notes="warm"
    )

    process.refresh_from_db()
    assert process.protocol_version == 1


def test_a_zero_that_was_followed_is_no_deviation(ada, project, protocol):
    services.update_protocol(
        user=ada,
        protocol=protocol,
        program=[{"start_temperature": 0, "end_temperature": 300, "dwell": 0}],
    )

    process = follow(ada, project, protocol)

    assert list(deviations(process)) == []


def test_samples_are_found_by_the_protocol_and_follow_its_name(ada, project, protocol):
    process = follow(ada, project, protocol)
    sample = process.outputs.get().sample
    assert facts_of(sample)["process.sintering.protocol"] == "Sintering at 300"

    services.update_protocol(user=ada, protocol=protocol, name="Standard")

    assert facts_of(sample)["process.sintering.protocol"] == "Standard"


def test_a_protocol_of_another_kind_is_refused(ada, project, protocol):
    make_sample(ada, project, "C-1")

    with pytest.raises(ValidationError, match="protocol of sintering, not of ageing"):
        make_process(ada, project, "ageing", outputs=["C-1"], protocol=protocol.name)


def test_a_protocol_put_away_begins_nothing_new(ada, project, protocol):
    process = follow(ada, project, protocol)
    services.set_archived(user=ada, record=protocol, archived=True)
    make_sample(ada, project, "C-2")

    with pytest.raises(ValidationError, match="put away"):
        make_process(ada, project, outputs=["C-2"], protocol=protocol.name)
    kept = services.update_process(
        user=ada, process=process, protocol=str(protocol.uuid), notes="still fine"
    )

    assert kept.protocol == protocol


def test_two_protocols_of_one_name_are_refused(ada, project, protocol):
    with pytest.raises(ValidationError, match="already"):
        services.create_protocol(
            user=ada, project=project, name="Sintering at 300", kind="annealing"
        )


def test_a_protocol_of_another_project_is_not_there(ada, project, protocol):
    other = make_project(ada, "elsewhere")
    make_sample(ada, other, "C-1")

    for told in (protocol.name, str(protocol.uuid)):
        with pytest.raises(ValidationError, match="There is no protocol"):
            make_process(ada, other, outputs=["C-1"], protocol=told)


def test_a_viewer_changes_no_protocol(ada, project, protocol):
    viewer = make_user("viewer")
    add_member(project, viewer, Role.VIEWER)

    with pytest.raises(PermissionDenied):
        services.update_protocol(user=viewer, protocol=protocol, name="Mine")

    protocol.refresh_from_db()
    assert (protocol.name, protocol.version) == ("Sintering at 300", 1)


def test_a_viewer_writes_no_protocol(ada, project):
    viewer = make_user("viewer")
    add_member(project, viewer, Role.VIEWER)

    with pytest.raises(PermissionDenied):
        services.create_protocol(
            user=viewer, project=project, name="Mine", kind="general"
        )
