"""Logging and editing processes, and what follows from them for lineage and facts."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from labdata.common.api.errors import Conflict, NestedValidationError
from labdata.common.people.access import Project, require_write
from labdata.common.record.edits import hold, save_edit
from labdata.common.record.names import refuses_unknown_names
from samples import thermal
from samples.facts import replace_facts, with_descendants
from samples.models import (
    Batch,
    ExtraField,
    Process,
    ProcessInput,
    ProcessOutput,
    Segment,
)
from samples.services.amounts import read_amount
from samples.services.fields import check_extra
from samples.services.lineage import refresh_ancestry
from samples.services.parameters import check_parameters
from samples.services.protocols import read_program, resolve_protocol
from samples.services.references import (
    resolve_batch,
    resolve_lot,
    resolve_samples,
)
from samples.services.times import parse_time
from samples.services.together import together

PLAIN_FIELDS = ("name", "state", "operator", "notes")
FROM_PROTOCOL = ("parameters", "program", "state", "notes")


Flow = str | Mapping[str, Any]
"""A sample's code or id, or ``{sample|lot, amount, unit}``."""


class ProcessFields(TypedDict, total=False):
    """What is told of an act beside its kind and what went in and out."""

    name: str
    state: str
    operator: str
    notes: str
    protocol: str | None
    started_at: str | None
    zone: str
    batch: str | Batch | None
    parameters: Mapping[str, Any] | None
    program: Sequence[Mapping[str, Any]] | None
    extra: Mapping[str, Any] | None


class ProcessChanges(ProcessFields, total=False):
    """What may change of an act; its project is named only to be refused."""

    kind: str
    inputs: Sequence[Flow] | None
    outputs: Sequence[str] | None
    project: str


@refuses_unknown_names
@transaction.atomic
def create_process(
    *,
    user: User,
    project: Project,
    kind: str,
    inputs: Sequence[Flow] = (),
    outputs: Sequence[str] = (),
    **values: Unpack[ProcessFields],
) -> Process:
    """Log an act: what went in, what came out, under which conditions.

    A sample named among inputs and outputs alike was changed in place. Inputs are
    sample codes, or ``{sample|lot, amount, unit}``. Of a ``protocol`` given by name
    or id, the conditions that are not given are taken.

    Raises
    ------
    ValidationError
        By field, everything that is wrong; the rows of a programme by index and field.
    """
    require_write(user, project)
    process = Process(project=project, kind=kind, created_by=user)
    segments, flow = _check(process, user, values, inputs, outputs)
    process.save()
    _set_program(process, segments)
    _follow(_set_flow(process, flow))
    return process


@refuses_unknown_names
@transaction.atomic
def check_process(
    *,
    user: User,
    project: Project,
    kind: str,
    inputs: Sequence[Flow] = (),
    **values: Unpack[ProcessFields],
) -> None:
    """Refuse what `create_process` would refuse of an act that makes something."""
    read_process(user=user, project=project, kind=kind, inputs=inputs, **values)


@refuses_unknown_names
def read_process(
    *,
    user: User,
    project: Project,
    kind: str,
    inputs: Sequence[Flow] = (),
    **values: Unpack[ProcessFields],
) -> tuple[Process, Sequence[thermal.Segment], list[dict[str, Any]]]:
    """Check an act that will make something, and save nothing.

    Returns
    -------
    Process, tuple of Segment, list of dict
        The act, its programme, and what goes in as the fields of ``ProcessInput``.

    Raises
    ------
    ValidationError
        As `create_process`.
    """
    process = Process(project=project, kind=kind, created_by=user)
    segments, (rows, _, _) = _check(process, user, values, inputs, outputs=None)
    return process, segments or (), rows


@refuses_unknown_names
@transaction.atomic
def update_process(
    *, user: User, process: Process, **values: Unpack[ProcessChanges]
) -> Process:
    """Change a process; lineage and facts of what it touched follow."""
    hold(process)
    require_write(user, process.project)
    if "project" in values:
        raise ValidationError({"project": "A process stays in its project."})
    if "kind" in values:
        process.kind = values["kind"]
    inputs, outputs = values.get("inputs"), values.get("outputs")
    if "inputs" in values or "outputs" in values:
        given = describe_flow(process)
        inputs = given["inputs"] if inputs is None else inputs
        outputs = given["outputs"] if outputs is None else outputs
    segments, flow = _check(process, user, values, inputs, outputs)
    save_edit(process)
    if segments is not None:
        _set_program(process, segments)
    touched = _samples_of(process)
    if flow is not None:
        touched |= _set_flow(process, flow)
    _follow(touched)
    return process


@transaction.atomic
def mark_done(*, user: User, process: Process) -> Process:
    """Say that a planned act was done; it began now unless a start is known."""
    hold(process)
    if process.state == Process.State.DONE:
        raise Conflict(f"{process} is done already.")
    values = {"state": Process.State.DONE}
    if process.started_at is None:
        values["started_at"] = f"{timezone.localtime():%Y-%m-%d %H:%M}"
    return update_process(user=user, process=process, **values)


@transaction.atomic
def take_back_done(*, user: User, process: Process) -> Process:
    """Make an act planned again, as it stood before it was marked as done.

    Raises
    ------
    Conflict
        If it was changed since, or was never planned.
    """
    hold(process)
    require_write(user, process.project)
    before = process.history.filter(version=process.version - 1).first()
    if (
        process.state != Process.State.DONE
        or before is None
        or before.state != Process.State.PLANNED
    ):
        raise Conflict(f"{process} was changed since: set it back with Change.")
    for field in ("state", "started_at", "started_precision", "started_zone"):
        setattr(process, field, getattr(before, field))
    save_edit(process)
    _follow(_samples_of(process))
    return process


def describe_flow(process):
    """The inputs and outputs of a process as a caller would write them."""
    inputs = []
    for entry in process.inputs.all():
        if entry.lot_id:
            row = {"lot": str(entry.lot.uuid)}
        else:
            row = {"sample": str(entry.sample.uuid)}
        inputs.append(row | {"amount": entry.amount, "unit": entry.unit})
    if process.in_place:
        outputs = [row["sample"] for row in inputs if "sample" in row]
    else:
        outputs = [str(entry.sample.uuid) for entry in process.outputs.all()]
    return {"inputs": inputs, "outputs": outputs}


def _samples_of(process):
    ids = {entry.sample_id for entry in process.inputs.all()}
    return (ids | {entry.sample_id for entry in process.outputs.all()}) - {None}


def _follow(sample_ids):
    affected = refresh_ancestry(sample_ids=sample_ids)
    replace_facts(sample_ids=set(affected) | set(with_descendants(sample_ids)))


def _check(process, user, values, inputs, outputs):
    """Set the fields of a process, and read its programme and flow, all or nothing.

    Returns
    -------
    tuple of Segment or None, Flow or None
        None where nothing was given.
    """
    found = {"segments": None, "flow": None}

    def protocol():
        if "protocol" not in values:
            return
        chosen = resolve_protocol(process, values["protocol"])
        if chosen and process._state.adding:
            for field in FROM_PROTOCOL:
                values.setdefault(field, getattr(chosen, field))
        if process.protocol_id != (chosen and chosen.pk):
            process.protocol = chosen
            process.protocol_version = chosen and chosen.version

    def plain():
        for field in PLAIN_FIELDS:
            if field in values:
                setattr(process, field, values[field] or "")
        process.state = process.state or Process.State.DONE
        process.full_clean(validate_unique=False, validate_constraints=False)

    def started():
        if "started_at" in values:
            told = parse_time(
                values["started_at"], field="started_at", zone=values.get("zone", "")
            )
            process.started_at = told.moment
            process.started_precision = told.precision
            process.started_zone = told.zone

    def batch():
        if "batch" in values:
            process.batch = resolve_batch(process.project, values["batch"], user=user)

    def parameters():
        if "parameters" in values:
            process.parameters = check_parameters(values["parameters"])

    def extra():
        if "extra" in values:
            process.extra = check_extra(
                process.project, ExtraField.Target.PROCESS, values["extra"]
            )

    def program():
        if values.get("program") is not None:
            found["segments"] = read_program(values["program"])

    def flow():
        if inputs is not None or outputs is not None:
            found["flow"] = _read_flow(process, user, inputs, outputs)

    together(protocol, plain, started, batch, parameters, extra, program, flow)
    return found["segments"], found["flow"]


def _set_program(process, segments):
    for segment in process.program.all():
        segment.delete()
    for position, segment in enumerate(segments or ()):
        Segment(
            process=process,
            position=position,
            start_temperature=segment.start_temperature,
            end_temperature=segment.end_temperature,
            ramp=segment.ramp,
            dwell=segment.dwell,
            atmosphere=segment.atmosphere or "",
            gas_flow=segment.gas_flow,
            pressure=segment.pressure,
            cooling=segment.cooling or "",
        ).save()


def _read_flow(process, user, inputs, outputs):
    """Check what went in and out; ``outputs`` None says that something will."""
    found = {}

    def read_inputs():
        found["inputs"] = _check_inputs(process, user, inputs)

    def read_outputs():
        found["outputs"] = _check_outputs(process, user, outputs)

    together(read_inputs, read_outputs)
    rows, made = found["inputs"], found["outputs"]
    used = {row["sample"].pk for row in rows if row.get("sample") is not None}
    ids = {sample.pk for sample in made}
    in_place = bool(made) and ids <= used
    if not in_place and ids & used:
        raise ValidationError(
            {"outputs": "Either all outputs are inputs changed in place, or none is."}
        )
    if not rows and not made and outputs is not None:
        raise ValidationError({"inputs": "Name at least one input or output."})
    if not in_place:
        _refuse_made_twice(process, made)
    return rows, made, in_place


def _refuse_made_twice(process, samples):
    others = ProcessOutput.objects.filter(sample__in=samples)
    if process.pk:
        others = others.exclude(process=process)
    maker = others.select_related("process", "sample").first()
    if maker is not None:
        raise ValidationError(
            {
                "outputs": f"{maker.sample.code} was made already, by "
                f"{maker.process.get_kind_display().lower()}. To change it in "
                "place, name it among the inputs as well."
            }
        )


def _set_flow(process, flow):
    """Replace what went in and out; answers the ids of all samples touched."""
    rows, made, in_place = flow
    before = _samples_of(process)
    for entry in [*process.inputs.all(), *process.outputs.all()]:
        entry.delete()
    if process.in_place != in_place:
        process.in_place = in_place
        process.save()
    for row in rows:
        ProcessInput(process=process, **row).save()
    for sample in [] if in_place else made:
        ProcessOutput(process=process, sample=sample).save()
    # Prefetched rows would still show what was there before.
    process._prefetched_objects_cache = {}
    used = {row["sample"].pk for row in rows if row.get("sample") is not None}
    return before | {sample.pk for sample in made} | used


def _check_inputs(process, user, inputs):
    rows = [row if isinstance(row, dict) else {"sample": row} for row in inputs or ()]
    errors = {}
    for index, row in enumerate(rows):
        unknown = set(row) - {"sample", "lot", "amount", "unit"}
        if unknown or bool(row.get("sample")) == bool(row.get("lot")):
            errors[index] = ["Name a sample or a lot, with amount and unit if known."]
    if errors:
        raise NestedValidationError({"inputs": errors})
    codes = [row["sample"] for row in rows if row.get("sample")]
    samples = dict(
        zip(
            codes,
            resolve_samples(user, codes, project=process.project, field="inputs"),
            strict=True,
        )
    )
    checked, seen = [], set()
    for index, row in enumerate(rows):
        sample = samples.get(row.get("sample"))
        lot = (
            resolve_lot(process.project, row["lot"], field="inputs")
            if row.get("lot")
            else None
        )
        _check_project(process, sample or lot, "inputs")
        if (sample or lot) in seen:
            raise NestedValidationError({"inputs": {index: ["Named twice."]}})
        seen.add(sample or lot)
        checked.append(
            {"sample": sample, "lot": lot, **_amount(index, row)},
        )
    return checked


def _amount(index, row):
    amount, unit = row.get("amount"), row.get("unit") or ""
    if amount in (None, ""):
        return {"amount": None, "unit": ""}
    try:
        number, symbol = read_amount(amount, unit)
    except ValueError as error:
        nested = {"inputs": {index: {"amount": [str(error)]}}}
        raise NestedValidationError(nested) from error
    return {"amount": number, "unit": symbol}


def _check_outputs(process, user, outputs):
    codes = list(outputs or ())
    samples = resolve_samples(user, codes, project=process.project, field="outputs")
    if len({s.pk for s in samples}) < len(samples):
        raise ValidationError({"outputs": "A sample is named twice."})
    for sample in samples:
        _check_project(process, sample, "outputs")
    return samples


def _check_project(process, thing, field):
    if thing.project_id != process.project_id:
        raise ValidationError(
            {field: f"{thing} is not in the project {process.project.slug}."}
        )
