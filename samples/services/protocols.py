"""Writing protocols, and finding the one a process followed."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from labdata.common.api.errors import NestedValidationError
from labdata.common.people.access import Project, require_write
from labdata.common.record.edits import hold, save_edit
from labdata.common.record.names import refuses_unknown_names
from samples.facts import replace_facts, with_descendants
from samples.models import ProcessInput, ProcessOutput, Protocol
from samples.services.parameters import check_parameters
from samples.services.references import as_uuid
from samples.services.together import together
from samples.thermal import ProgramError, check_program

PLAIN_FIELDS = ("kind", "description", "notes", "state")


class ProtocolFields(TypedDict, total=False):
    """How an act is usually done."""

    description: str
    notes: str
    state: str
    parameters: Mapping[str, Any] | None
    program: Sequence[Mapping[str, Any]] | None


class ProtocolChanges(ProtocolFields, total=False):
    """What may change of a protocol; its project is named only to be refused."""

    name: str
    kind: str
    project: str


@refuses_unknown_names
@transaction.atomic
def create_protocol(
    *,
    user: User,
    project: Project,
    name: str,
    kind: str,
    **values: Unpack[ProtocolFields],
) -> Protocol:
    """Keep how an act is usually done, to fill in processes from.

    Raises
    ------
    ValidationError
        By field; the rows of a programme by index and field.
    """
    require_write(user, project)
    protocol = Protocol(project=project, created_by=user)
    _set(protocol, {**values, "name": name, "kind": kind})
    protocol.save()
    return protocol


@refuses_unknown_names
@transaction.atomic
def update_protocol(
    *, user: User, protocol: Protocol, **values: Unpack[ProtocolChanges]
) -> Protocol:
    """Change a protocol; processes that followed it keep what they were."""
    hold(protocol)
    require_write(user, protocol.project)
    if "project" in values:
        raise ValidationError({"project": "A protocol stays in its project."})
    renamed = values.get("name", protocol.name) != protocol.name
    _set(protocol, values)
    save_edit(protocol)
    if renamed:
        _follow_name(protocol)
    return protocol


def _set(protocol, values):
    for field in PLAIN_FIELDS:
        if field in values:
            setattr(protocol, field, values[field] or "")
    protocol.state = protocol.state or Protocol._meta.get_field("state").default
    if "name" in values:
        protocol.name = str(values["name"] or "").strip()

    def parameters():
        if "parameters" in values:
            protocol.parameters = check_parameters(values["parameters"])

    def program():
        if "program" in values:
            protocol.program = [
                segment.as_dict() for segment in read_program(values["program"])
            ]

    together(
        lambda: _check_name(protocol),
        lambda: protocol.full_clean(validate_unique=False, validate_constraints=False),
        parameters,
        program,
    )


def _check_name(protocol):
    same = Protocol.objects.filter(project=protocol.project, name=protocol.name)
    if other := same.exclude(pk=protocol.pk).first():
        put_away = " (archived)" if other.archived_at else ""
        raise ValidationError(
            {"name": f"There is a protocol {other.name!r} already{put_away}."}
        )


def _follow_name(protocol):
    """Samples made by this protocol are found by its name."""
    acts = protocol.processes.values("pk")
    touched = {
        *ProcessInput.objects.filter(process__in=acts).values_list("sample", flat=True),
        *ProcessOutput.objects.filter(process__in=acts).values_list(
            "sample", flat=True
        ),
    } - {None}
    replace_facts(sample_ids=with_descendants(touched))


def read_program(rows):
    """Check the segments of a programme.

    Raises
    ------
    NestedValidationError
        Under ``program``, by index and field.
    """
    try:
        return check_program(rows or ())
    except ProgramError as error:
        raise NestedValidationError({"program": error.errors}) from error


def resolve_protocol(process, text):
    """Find the protocol a process is said to follow, by name or id."""
    if not text:
        return None
    public_id = as_uuid(text)
    there = Protocol.objects.filter(project=process.project)
    found = there.filter(uuid=public_id) if public_id else there.filter(name=text)
    protocol = found.first()
    if protocol is None:
        raise ValidationError({"protocol": f"There is no protocol {str(text)!r}."})
    if protocol.archived_at and protocol.pk != process.protocol_id:
        raise ValidationError(
            {"protocol": f"The protocol {protocol.name!r} was put away."}
        )
    if protocol.kind != process.kind:
        raise ValidationError(
            {
                "protocol": f"{protocol.name!r} is a protocol of "
                f"{protocol.get_kind_display().lower()}, not of "
                f"{process.get_kind_display().lower()}."
            }
        )
    return protocol
