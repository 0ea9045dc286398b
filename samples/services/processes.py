"""Logging and editing processes, and what follows from them for lineage and facts."""

import math

from django.core.exceptions import ValidationError
from django.db import transaction

from labdata.common.access import require_write
from labdata.common.api.errors import NestedValidationError
from labdata.common.units import UnitError, find_unit, parse_quantity
from samples.facts import replace_facts, with_descendants
from samples.models import (
    ExtraField,
    Process,
    ProcessInput,
    ProcessOutput,
    Segment,
)
from samples.services.fields import check_extra
from samples.services.lineage import refresh_ancestry
from samples.services.references import (
    resolve_batch,
    resolve_lot,
    resolve_samples,
)
from samples.services.times import parse_time
from samples.thermal import ProgramError, check_program

PLAIN_FIELDS = ("kind", "name", "state", "operator", "notes")

# Units of parameters that mean the same in every process; others name their own.
PARAMETER_UNITS = {
    "temperature": "°C",
    "duration": "min",
    "concentration": "mg/mL",
    "mass": "mg",
    "volume": "mL",
    "speed": "rpm",
    "pressure": "Pa",
    "yield": "%",
    "humidity": "%",
    "thickness": "nm",
}


@transaction.atomic
def create_process(*, user, project, kind, inputs=(), outputs=(), **values):
    """Log an act: what went in, what came out, under which conditions.

    A sample named among inputs and outputs alike was changed in place. Inputs are
    sample codes, or ``{sample|lot, amount, unit}``.

    Raises
    ------
    ValidationError
        By field; the rows of a programme by index and field.
    """
    require_write(user, project)
    process = Process(project=project, kind=kind, created_by=user)
    _set(process, user, values)
    process.full_clean(validate_constraints=False)
    process.save()
    _set_program(process, values.get("program"))
    touched = _set_flow(process, user, inputs, outputs)
    _follow(touched)
    return process


@transaction.atomic
def update_process(*, user, process, **values):
    """Change a process; lineage and facts of what it touched follow."""
    require_write(user, process.project)
    if "project" in values:
        raise ValidationError({"project": "A process stays in its project."})
    if "kind" in values:
        process.kind = values["kind"]
    _set(process, user, values)
    process.version += 1
    process.full_clean(validate_constraints=False)
    process.save()
    if "program" in values:
        _set_program(process, values["program"])
    touched = _samples_of(process)
    if "inputs" in values or "outputs" in values:
        inputs = values.get("inputs")
        outputs = values.get("outputs")
        given = describe_flow(process)
        touched |= _set_flow(
            process,
            user,
            given["inputs"] if inputs is None else inputs,
            given["outputs"] if outputs is None else outputs,
        )
    _follow(touched)
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


def _set(process, user, values):
    for field in PLAIN_FIELDS[1:]:
        if field in values:
            setattr(process, field, values[field] or "")
    process.state = process.state or Process.State.DONE
    if "started_at" in values:
        told = parse_time(
            values["started_at"], field="started_at", zone=values.get("zone", "")
        )
        process.started_at = told.moment
        process.started_precision = told.precision
        process.started_zone = told.zone
    if "batch" in values:
        process.batch = resolve_batch(process.project, values["batch"], user=user)
    if "parameters" in values:
        process.parameters = check_parameters(values["parameters"])
    if "extra" in values:
        process.extra = check_extra(
            process.project, ExtraField.Target.PROCESS, values["extra"]
        )


def check_parameters(values):
    """Check the parameters of a process: numbers, texts, ``{value, unit}``.

    A known parameter (temperature, duration …) is converted to its unit; an unknown
    one keeps the unit it was given in.

    Raises
    ------
    ValidationError
        Under ``parameters``.
    """
    if not isinstance(values or {}, dict):
        raise ValidationError({"parameters": "Parameters are a map of name to value."})
    checked, errors = {}, {}
    for key, value in (values or {}).items():
        if not str(key).isidentifier() or len(str(key)) > 60:
            errors[key] = ["A parameter is named by letters, digits and _."]
            continue
        if value is None or value == "":
            continue
        try:
            checked[key] = _parameter(key, value)
        except (ValueError, UnitError) as error:
            errors[key] = [str(error)]
    if errors:
        raise NestedValidationError({"parameters": errors})
    return checked


def _parameter(key, value):
    unit = PARAMETER_UNITS.get(key)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        if set(value) - {"value", "unit"} or "value" not in value:
            raise ValueError("Write {value, unit}.")
        given = str(value.get("unit") or unit or "1")
        number = parse_quantity(str(value["value"]), unit=given)
        if unit:
            return parse_quantity(f"{value['value']} {given}", unit=unit)
        find_unit(given)
        return number if given == "1" else {"value": number, "unit": given}
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number.")
        return float(value)
    if isinstance(value, list):
        raise ValueError("A parameter is one value, not a list.")
    text = str(value).strip()
    if len(text) > 300:
        raise ValueError("At most 300 characters.")
    return parse_quantity(text, unit=unit) if unit else text


def _set_program(process, rows):
    if rows is None:
        return
    try:
        segments = check_program(rows)
    except ProgramError as error:
        raise NestedValidationError({"program": error.errors}) from error
    for segment in process.program.all():
        segment.delete()
    for position, segment in enumerate(segments):
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


def _set_flow(process, user, inputs, outputs):
    """Replace what went in and out; answers the ids of all samples touched."""
    before = _samples_of(process)
    rows = _check_inputs(process, user, inputs)
    made = _check_outputs(process, user, outputs)
    used = [row["sample"] for row in rows if row.get("sample") is not None]
    in_place = bool(made) and {s.pk for s in made} <= {s.pk for s in used}
    if not in_place and {s.pk for s in made} & {s.pk for s in used}:
        raise ValidationError(
            {"outputs": "Either all outputs are inputs changed in place, or none is."}
        )
    if not rows and not made:
        raise ValidationError({"inputs": "Name at least one input or output."})
    for entry in [*process.inputs.all(), *process.outputs.all()]:
        entry.delete()
    if process.in_place != in_place:
        process.in_place = in_place
        process.save()
    for row in rows:
        ProcessInput(process=process, **row).save()
    for sample in [] if in_place else made:
        maker = ProcessOutput.objects.filter(sample=sample).first()
        if maker is not None:
            raise ValidationError(
                {
                    "outputs": f"{sample.code} was made already, by "
                    f"{maker.process.get_kind_display().lower()}. To change it in "
                    "place, name it among the inputs as well."
                }
            )
        ProcessOutput(process=process, sample=sample).save()
    # Prefetched rows would still show what was there before.
    process._prefetched_objects_cache = {}
    return before | {s.pk for s in made} | {s.pk for s in used}


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
        if unit:
            find_unit(unit)
        number = parse_quantity(str(amount), unit=unit or "1")
    except UnitError as error:
        raise NestedValidationError({"inputs": {index: [str(error)]}}) from error
    if not number > 0:
        raise NestedValidationError(
            {"inputs": {index: [f"An amount is positive, not {number:g}."]}}
        )
    return {"amount": number, "unit": unit}


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
