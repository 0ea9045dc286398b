"""Logging and editing measurements."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from labdata.common.api.errors import Conflict
from labdata.common.people.access import Project, require_write
from labdata.common.record.edits import held, hold, save_edit
from labdata.common.record.names import refuses_unknown_names
from measurements.models import Measurement
from measurements.reading.conditions import PERSON, clean_conditions, set_by_person
from measurements.reading.parsing import tell_of_conditions
from measurements.registry import readers, techniques
from measurements.services.files import create_files, keep_files
from measurements.services.instruments import resolve_instrument
from measurements.services.readings import start_reading
from samples.facts import default_subject, replace_facts, subject_for
from samples.models import (
    Cell,
    ExtraField,
    Origin,
    Process,
    ProcessInput,
    Relation,
    Sample,
)
from samples.services import parse_time, resolve_project, resolve_sample
from samples.services.devices import resolve_cell
from samples.services.fields import check_extra
from samples.services.references import as_uuid

# An analysis computes; a value without one is reported or typed, not measured here.
ORIGINS = (Origin.COMPUTED, Origin.SIMULATED)
READ_ALREADY = (
    "Its files have been read as this already. Archive the measurement and upload the "
    "files again."
)


class MeasurementFields(TypedDict, total=False):
    """What is told of a measurement beside whose it is and its files."""

    operator: str
    notes: str
    analyse: bool
    origin: str
    instrument: str | None
    conditions: Mapping[str, Any]
    measured_at: str | None
    state: str | Mapping[str, Any] | None
    extra: Mapping[str, Any] | None
    reader: str


class MeasurementChanges(MeasurementFields, total=False):
    """What may change of a measurement, some only until its files are read."""

    sample: str
    technique: str
    cell: str | None


class State(NamedTuple):
    """The state of the sample that was measured, as a person named it."""

    process: Process | None
    relation: str


@refuses_unknown_names
def create_measurement(
    *,
    user: User,
    sample: Sample | str,
    technique: str,
    files: Sequence[Any],
    project: Project | str | None = None,
    cell: str | None = None,
    **values: Unpack[MeasurementFields],
) -> Measurement:
    """Log a measurement, keep its files, and ask for their reading.

    Everything is checked before the bytes move, and the bytes are in the store before
    the transaction begins: a large file holds up nobody else. ``files`` are uploads,
    pairs of name and open binary file, or files kept before; ``sample`` and
    ``project`` rows or codes.

    Raises
    ------
    ValidationError
        By field, in the words of the lab.
    """
    if project is not None and not isinstance(project, Project):
        project = resolve_project(user, project)
    if not isinstance(sample, Sample):
        sample = resolve_sample(user, sample, project=project)
    if project is not None and sample.project_id != project.pk:
        raise ValidationError(
            {"sample": f"{sample.code} is not in the project {project.slug}."}
        )
    require_write(user, sample.project)
    if sample.archived_at:
        raise ValidationError(
            {"sample": f"{sample.code} is archived: restore it, then measure it."}
        )
    cell = resolve_cell(sample, cell)
    measurement = Measurement(
        project=sample.project, sample=sample, created_by=user, analyse=True
    )
    _set_technique(measurement, technique)
    state = _set(measurement, user, values)
    if "reader" in values:
        measurement.reader = check_reader(values["reader"], measurement.technique)
    kept = keep_files(files)
    with transaction.atomic():
        _set_subject(measurement, state, cell)
        measurement.full_clean(validate_constraints=False)
        measurement.save()
        create_files(
            user=user, project=sample.project, kept=kept, measurement=measurement
        )
        start_reading(user=user, measurement=measurement)
    return measurement


@refuses_unknown_names
@transaction.atomic
def update_measurement(
    *, user: User, measurement: Measurement, **values: Unpack[MeasurementChanges]
) -> Measurement:
    """Change the fields given; facts follow.

    Sample, cell, technique and origin can be mended only until the files have been
    read: what was computed since belongs to them.
    """
    # A reading that ends meanwhile writes this row too, and is no edit.
    measurement = held(
        measurement,
        Measurement.objects.select_related(
            "project", "sample", "parsing", "instrument", "subject__cell"
        ),
    )
    require_write(user, measurement.project)
    touched = {measurement.sample_id}
    moved = _differs(measurement, "sample", values)
    misfiled = _differs(measurement, "technique", values)
    relabelled = _differs(measurement, "origin", values)
    for field, differs in (
        ("sample", moved),
        ("technique", misfiled),
        ("origin", relabelled),
    ):
        if differs and measurement.datasets.exists():
            raise ValidationError({field: READ_ALREADY})
    if misfiled and measurement.parsing and measurement.parsing.is_open:
        raise Conflict("Its files are being read at the moment: wait for that.")
    if misfiled:
        _set_technique(measurement, values["technique"])
    if moved:
        _move(measurement, user, values["sample"])
        touched.add(measurement.sample_id)
    cell = None if moved else measurement.subject.cell
    if "cell" in values:
        cell = resolve_cell(measurement.sample, values["cell"])
        if cell != measurement.subject.cell and measurement.datasets.exists():
            raise ValidationError({"cell": READ_ALREADY})
    said = dict(measurement.conditions)
    state = _set(measurement, user, values)
    _set_subject(measurement, state, cell)
    measurement.full_clean(validate_constraints=False)
    save_edit(measurement)
    replace_facts(sample_ids=touched)
    if measurement.conditions != said and measurement.state == "ready":
        tell_of_conditions(measurement)
    if misfiled and measurement.parsing:
        start_reading(user=user, measurement=measurement)
    return measurement


@transaction.atomic
def set_archived(
    *, user: User, measurement: Measurement, archived: bool
) -> Measurement:
    """Put a measurement away, or bring it back; facts follow."""
    hold(measurement)
    # A reading that ended meanwhile wrote this row too, and was no edit.
    measurement.refresh_from_db()
    require_write(user, measurement.project)
    if bool(measurement.archived_at) != archived:
        measurement.archived_at = timezone.now() if archived else None
        save_edit(measurement)
        replace_facts(sample_ids=[measurement.sample_id])
    return measurement


def check_reader(key, technique):
    """Refuse a reader that does not exist or does not serve the technique."""
    if not key:
        return ""
    serving = [reader.key for reader in readers if reader.serves(technique)]
    if key not in serving:
        raise ValidationError(
            {
                "reader": f"There is no reader {key!r} for {technique} "
                f"(there are: {', '.join(serving)})."
            }
        )
    return key


def _differs(measurement, field, values):
    if field == "sample":
        held = (measurement.sample.code, str(measurement.sample.uuid))
        return str(values.get("sample", held[0])) not in held
    return values.get(field, getattr(measurement, field)) != getattr(measurement, field)


def _set_technique(measurement, key):
    if key not in techniques:
        known = ", ".join(sorted(techniques.keys()))
        raise ValidationError(
            {"technique": f"There is no technique {key!r} (known: {known})."}
        )
    if measurement.technique and measurement.technique != key:
        measurement.conditions, measurement.sources = {}, {}
        measurement.reader = ""
    measurement.technique = key


def _move(measurement, user, code):
    sample = resolve_sample(user, code, project=measurement.project)
    if sample.project_id != measurement.project_id:
        raise ValidationError({"sample": f"{sample.code} is in another project."})
    measurement.sample = sample
    measurement.sources.pop("state", None)


def _set(measurement, user, values):
    """Set what was given, unsaved; answers the state named, if one was."""
    for field in ("operator", "notes"):
        if field in values:
            setattr(measurement, field, values[field] or "")
    if "analyse" in values:
        measurement.analyse = values["analyse"]
    if "origin" in values:
        if values["origin"] not in ORIGINS:
            offered = " or ".join(ORIGINS)
            raise ValidationError(
                {"origin": f"A measurement is {offered}, not {values['origin']!r}."}
            )
        measurement.origin = values["origin"]
    if "instrument" in values:
        measurement.instrument = resolve_instrument(
            user, values["instrument"], project=measurement.project
        )
    if "extra" in values:
        measurement.extra = check_extra(
            measurement.project, ExtraField.Target.MEASUREMENT, values["extra"]
        )
    conditions = time = None
    if "conditions" in values:
        conditions = clean_conditions(measurement.technique, values["conditions"])
    if "measured_at" in values:
        time = parse_time(values["measured_at"], field="measured_at")
        if time.moment is not None and time.moment > timezone.now():
            raise ValidationError(
                {"measured_at": f"{values['measured_at']} is in the future."}
            )
    set_by_person(measurement, conditions=conditions, measured_at=time)
    if "state" not in values:
        return None
    return _read_state(user, measurement.sample, values["state"])


def _read_state(user, sample, value):
    """Take ``"as made"``, nothing, or ``{process, relation}``; answers a State."""
    if value in (None, "", {}):
        return State(None, "")
    if value in ("as made", Relation.AS_MADE.value):
        return State(None, Relation.AS_MADE)
    if not isinstance(value, dict) or set(value) - {"process", "relation"}:
        raise ValidationError(
            {"state": 'Write "as made", or {process: id, relation: after}.'}
        )
    relation = value.get("relation") or Relation.AFTER
    if relation not in (Relation.BEFORE, Relation.DURING, Relation.AFTER):
        raise ValidationError(
            {"state": f"{relation!r} is not one of before, during, after."}
        )
    process = (
        Process.objects.visible_to(user).filter(uuid=as_uuid(value.get("process")))
    ).first()
    if process is None:
        raise ValidationError(
            {"state": f"There is no process {value.get('process')!r}."}
        )
    if not ProcessInput.objects.filter(process=process, sample=sample).exists():
        raise ValidationError({"state": f"{sample.code} did not go into {process}."})
    return State(process, relation)


def _set_subject(measurement, state, cell):
    """Point to the state that was seen: the one named, else the likeliest.

    Every cell its files are of is in that state too.
    """
    if state is not None:
        measurement.sources.pop("state", None)
        if state.relation:
            measurement.sources["state"] = PERSON
            measurement.subject = subject_for(
                sample=measurement.sample,
                process=state.process,
                relation=state.relation,
                cell=cell,
            )
    if "state" not in measurement.sources:
        measurement.subject = default_subject(
            sample=measurement.sample, measured_at=measurement.measured_at, cell=cell
        )
    elif measurement.subject.cell != cell:
        measurement.subject = _same_state(measurement, cell)
    if measurement.pk:
        for other in Cell.objects.filter(datasets__measurement=measurement).distinct():
            _same_state(measurement, other)


def _same_state(measurement, cell):
    seen = measurement.subject
    return subject_for(
        sample=measurement.sample,
        process=seen.process,
        relation=seen.relation,
        cell=cell,
    )
