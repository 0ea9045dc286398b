"""Files dropped together: kept at once, described, and made measurements of."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from labdata.common.api.errors import Conflict
from labdata.common.people.access import Project, require_write
from labdata.common.record.edits import hold_many
from labdata.common.record.names import refuses_unknown_names
from measurements.models import Blob, Intake, IntakeFile, Measurement
from measurements.reading.conditions import clean_conditions
from measurements.reading.inspection import guess_technique, inspect, technique_named
from measurements.reading.matching import CodeFinder, find_cell
from measurements.registry import SNIFF_BYTES, sniff_of, techniques
from measurements.services.files import KeptFile, keep_upload, take_files
from measurements.services.instruments import resolve_instrument
from measurements.services.measurements import check_reader, create_measurement
from measurements.store.raw import get_store, read_bytes
from samples.models import Batch, Cell, Sample
from samples.services import parse_time
from samples.services.devices import resolve_cell

MOST_FILES = 500
CANDIDATES = 8
# What a person says of a measurement beside its conditions.
SAID = ("cell", "measured_at", "state", "operator", "instrument", "notes")
# What a look at a file tells of it, and what it needs for that.
SEEN = ("technique", "technique_reason", "reader", "detection", "found", "preview")
FILE_PARTS = ("blob", "sample", "intake__project")


class DroppedFileFields(TypedDict, total=False):
    """What a person says of dropped files."""

    sample: str | Sample | None
    cell: str
    technique: str
    reader: str
    conditions: Mapping[str, Any]
    measured_at: str | None
    state: str | Mapping[str, Any] | None
    operator: str
    instrument: str | None
    notes: str
    is_wanted_twice: bool
    is_left_out: bool


class Submitted(NamedTuple):
    """How many measurements were made, and the files that stay with a problem."""

    created: int
    refused: int


@transaction.atomic
def start_intake(
    *,
    user: User,
    project: Project,
    sample: Sample | None = None,
    batch: Batch | None = None,
    technique: str = "",
) -> Intake:
    """Open a place for files of a project; a sample or a batch narrows whose they are.

    Raises
    ------
    ValidationError
        If sample or batch belong elsewhere, or there is no such technique.
    """
    require_write(user, project)
    for name, row in (("sample", sample), ("batch", batch)):
        if row is not None and row.project_id != project.pk:
            raise ValidationError({name: f"{row} is not in {project.slug}."})
    intake = Intake(
        project=project,
        sample=sample,
        batch=batch,
        technique=_known_technique(technique),
        created_by=user,
    )
    intake.full_clean()
    intake.save()
    return intake


def add_intake_file(
    *, user: User, intake: Intake, upload: Any, folder: str = ""
) -> IntakeFile:
    """Keep a dropped file and say what it seems to be; nothing is measured yet.

    The bytes are in the store before the row is written, so a file whose row is there
    cannot be lost.

    Raises
    ------
    ValidationError
        If the file is empty, or the intake is full.
    """
    require_write(user, intake.project)
    if intake.archived_at:
        raise ValidationError({"file": "These files were put away: drop them anew."})
    if intake.files.count() >= MOST_FILES:
        raise ValidationError(
            {"file": f"{MOST_FILES} files lie here already: upload them first."}
        )
    (taken,) = take_files([upload])
    kept = keep_upload(taken)
    # A folder counts by what it is called, wherever it lay.
    folder = str(PurePosixPath(folder.replace("\\", "/")))[-400:] if folder else ""
    row = IntakeFile(
        intake=intake,
        blob=Blob(sha256=kept.sha256, size=kept.size),
        name=kept.name,
        media_type=kept.media_type,
        folder="" if folder == "." else folder,
    )
    # Before the transaction: reading a file may take long, and nobody waits for it.
    _match(row, _finders(intake))
    _look(row, user)
    with transaction.atomic():
        row.blob, _ = Blob.objects.get_or_create(
            sha256=kept.sha256, defaults={"size": kept.size}
        )
        row.save()
    return row


@refuses_unknown_names
def describe_intake_files(
    *,
    user: User,
    intake: Intake,
    files: Sequence[IntakeFile],
    **said: Unpack[DroppedFileFields],
) -> list[IntakeFile]:
    """Say something of many dropped files at once; what is not given stays.

    Parameters
    ----------
    said
        ``sample`` (code or row), ``cell`` (label), ``technique``, ``reader``,
        ``conditions`` (of those techniques that know them), ``measured_at``, ``state``,
        ``operator``, ``instrument``, ``notes``, ``is_wanted_twice``, ``is_left_out``.

    Raises
    ------
    ValidationError
        By field; then nothing is changed.
    Conflict
        If some are measurements already, or somebody else chooses how to read them.
    """
    require_write(user, intake.project)
    named = intake.files.filter(pk__in=[row.pk for row in files])
    # Before the transaction: reading files may take long, and nobody waits for it.
    looks = _looks_as_said(user, named, said)
    with transaction.atomic():
        rows = list(hold_many(named).select_related(*FILE_PARTS))
        _describe(user, intake, rows, said, looks)
    return rows


def _describe(user, intake, rows, said, looks):
    """Set and save what is said of files that are locked."""
    if any(row.measurement_id for row in rows):
        raise Conflict("Some of these are measurements already: edit those.")
    if "sample" in said:
        sample = _resolve_sample(intake, said["sample"])
    values = _checked(user, intake, said)
    if said.get("conditions"):
        _check_conditions(rows, said.get("technique"), said["conditions"])
    for row in rows:
        row.errors = []
        if "sample" in said:
            row.sample = sample
            row.match = {**row.match, "reason": "You named it." if sample else ""}
            row.values.pop("cell", None)
            _match_cell(row)
        if said.get("cell"):
            _check_cell(row, said["cell"])
        if row.pk in looks:
            _take_look(row, looks[row.pk])
        for name in ("is_wanted_twice", "is_left_out"):
            if name in said:
                setattr(row, name, bool(said[name]))
        row.values = {**row.values, **values}
        if "conditions" in said:
            row.values["conditions"] = _merged(row, said["conditions"])
        row.save()


def _looks_as_said(user, files, said):
    """What each file turns out to be if it is read as a person says, unsaved."""
    if not {"technique", "reader"} & said.keys():
        return {}
    looks = {}
    for row in files.filter(measurement=None).select_related(*FILE_PARTS):
        before = row.technique, row.reader
        technique = _known_technique(said.get("technique", row.technique))
        is_misfiled = technique != row.technique
        if is_misfiled:
            row.technique, row.technique_reason = technique, "you chose it"
            row.reader = ""
        if "reader" in said:
            row.reader = check_reader(said["reader"], row.technique)
        _look(row, user)
        looks[row.pk] = before, is_misfiled, row
    return looks


def _take_look(row, look):
    before, is_misfiled, seen = look
    if (row.technique, row.reader) != before:
        raise Conflict(f"Somebody else chooses how to read {row} just now: look again.")
    if is_misfiled:
        row.values = {**row.values, "conditions": {}}
    for name in SEEN:
        setattr(row, name, getattr(seen, name))


def submit_intake(*, user: User, intake: Intake) -> Submitted:
    """Make a measurement of every dropped file about which nothing is open.

    Each is made whole or not at all; a file that is refused stays and says why.

    Returns
    -------
    Submitted
    """
    require_write(user, intake.project)
    created = refused = 0
    waiting = IntakeFile.objects.filter(intake=intake).waiting()
    for row in waiting.with_twins().select_related("blob", "sample__project"):
        if problems_of(row):
            refused += 1
            continue
        try:
            created += _measure(user, row.pk)
        except ValidationError as error:
            refused += 1
            IntakeFile.objects.filter(pk=row.pk, measurement=None).update(
                errors=error.messages
            )
    return Submitted(created, refused)


@transaction.atomic
def put_intake_away(*, user: User, intake: Intake) -> Intake:
    """Put dropped files away; their bytes and the measurements made of them stay."""
    require_write(user, intake.project)
    if intake.archived_at is None:
        intake.archived_at = timezone.now()
        intake.save(update_fields=["archived_at", "updated_at"])
    return intake


def problems_of(row):
    """What keeps a dropped file from becoming a measurement, by what it concerns.

    ``row`` comes from ``with_twins``. A person can settle all but ``file``.
    """
    problems = {}
    if row.sample_id is None:
        problems["sample"] = _sample_problem(row)
    if not row.technique:
        problems["technique"] = "What was measured?"
    if text := row.detection.get("problem"):
        problems["file"] = text
    if text := row.detection.get("question"):
        problems["reader"] = text
    if not row.is_wanted_twice:
        if row.twin_measurement:
            problems["twin"] = "These bytes are a measurement already."
        elif row.twin_name:
            problems["twin"] = f"It holds the same bytes as {row.twin_name}."
    if row.errors:
        problems["refused"] = " ".join(row.errors)
    return problems


def cell_of(row):
    """The cell a dropped file is of: the one a person named, or that of its name."""
    return row.values.get("cell", row.match.get("cell", ""))


def _sample_problem(row):
    candidates = row.match.get("candidates", [])
    if not candidates:
        return "No sample code in the name: say whose it is."
    if len(candidates) == 1:
        return f"Is it {candidates[0]}? {row.match.get('reason', '')}".strip()
    return f"Which one? {row.match.get('reason', '')}".strip()


def _measure(user, pk):
    """One file into one measurement, once, however often it is asked for."""
    with transaction.atomic():
        held = hold_many(IntakeFile.objects.filter(pk=pk))
        row = held.select_related("blob", "sample__project", "intake").get()
        if row.measurement_id is not None or row.is_left_out:
            return 0
        kept = KeptFile(row.name, row.media_type, row.blob.sha256, row.blob.size)
        row.measurement = create_measurement(
            user=user,
            sample=row.sample,
            technique=row.technique,
            files=[kept],
            reader=row.reader,
            **{"cell": cell_of(row), **row.values},
        )
        row.errors = []
        row.save(update_fields=["measurement", "errors"])
        Intake.objects.filter(pk=row.intake_id).update(finished_at=None)
    return 1


def _known_technique(key):
    if key and key not in techniques:
        known = ", ".join(sorted(techniques.keys()))
        raise ValidationError(
            {"technique": f"There is no technique {key!r} (known: {known})."}
        )
    return key or ""


def _finders(intake):
    """Finders of the codes that are likely meant, and of all the project's."""
    current = Sample.objects.current().filter(project_id=intake.project_id)
    codes = list(current.values_list("code", "batch_id"))
    near = [code for code, batch in codes if intake.batch_id in (None, batch)]
    return CodeFinder(near), CodeFinder([code for code, _ in codes])


def _match(row, finders):
    _match_sample(row, finders)
    _match_cell(row)


def _match_cell(row):
    """Find which cell of its sample the name of the file tells."""
    match = {key: value for key, value in row.match.items() if key != "cell"}
    if row.sample_id:
        cells = Cell.objects.filter(sample=row.sample_id, archived_at__isnull=True)
        labels = list(cells.values_list("label", flat=True))
        if label := find_cell(row.name, row.sample.code, labels):
            match["cell"] = label
    row.match = match


def _check_cell(row, label):
    if row.sample_id is None:
        raise ValidationError({"cell": f"Say whose {row.name} is, then which cell."})
    resolve_cell(row.sample, label)


def _match_sample(row, finders):
    """Find the sample in the name of the file, else of its folder; never guess."""
    place, match, is_near = _named(row, finders)
    given = row.intake.sample
    names_given = given is not None and match.code in (None, given.code)
    if names_given and (not match.codes or given.code in match.codes):
        row.sample = given
        row.match = {"reason": f"Dropped on {given.code}."}
        return
    candidates = list(match.codes[:CANDIDATES])
    if given is not None:
        reason = f"Dropped on {given.code}, but the {place} says {match.written}."
        candidates.insert(0, given.code)
    elif match.code and is_near:
        row.sample = Sample.objects.current().get(
            project_id=row.intake.project_id, code=match.code
        )
        reason = f"{match.written} stands in the {place}."
        candidates = []
    elif not candidates:
        return
    elif not is_near:
        reason = f"{match.written} in the {place} is not of {row.intake.batch}."
    else:
        reason = f"The {place} may mean {' or '.join(candidates)}."
    row.match = {"reason": reason, "candidates": candidates, "written": match.written}


def _named(row, finders):
    """Where a code was found, which, and whether it is among the likely ones."""
    for finder in finders:
        for place, text in (("file name", row.name), ("folder", row.folder)):
            match = finder.find(text)
            if match.codes:
                return place, match, finder is finders[0]
    return "file name", match, True


def _look(row, user):
    """Recognise the file and read what is cheap to read."""
    with get_store().open(row.blob.sha256) as stored:
        head = stored.read(SNIFF_BYTES)
    sniff = sniff_of(row.name, head, row.blob.size)
    if not row.technique:
        row.technique, row.technique_reason = _likely_technique(row, sniff, user)
    if not row.technique:
        row.detection, row.found, row.preview = {}, {}, {}
        return
    told = inspect(
        sniff,
        partial(read_bytes, row.blob.sha256),
        technique=row.technique,
        reader=row.reader,
    )
    row.detection, row.found, row.preview = told.detection, told.found, told.preview


def _likely_technique(row, sniff, user):
    key, why = guess_technique(sniff)
    if key:
        return key, why
    if row.intake.technique:
        return row.intake.technique, "chosen for these files"
    if key := technique_named(row.name):
        return key, "it stands in the file name"
    mine = Measurement.objects.filter(project_id=row.intake.project_id)
    last = mine.filter(created_by=user).order_by("-pk").first()
    if last is not None:
        return last.technique, "as your last measurement"
    last = mine.order_by("-pk").first()
    if last is not None:
        return last.technique, "as the project's last measurement"
    return "", ""


def _resolve_sample(intake, named):
    """A sample of the intake's project by code or row; nothing withdraws a choice."""
    if named in (None, ""):
        return None
    current = Sample.objects.current().filter(project_id=intake.project_id)
    code = named.code if isinstance(named, Sample) else str(named).strip()
    found = current.filter(code=code).first()
    if found is None:
        alike = current.filter(code__iexact=code).values_list("code", flat=True)[:3]
        hint = f" Did you mean {', '.join(alike)}?" if alike else ""
        raise ValidationError(
            {"sample": f"{intake.project.slug} has no sample {code!r}.{hint}"}
        )
    return found


def _checked(user, intake, said):
    """What was said, checked as far as it can be before the measurement is made."""
    values = {name: said[name] for name in SAID if name in said}
    if values.get("measured_at"):
        time = parse_time(values["measured_at"], field="measured_at")
        if time.moment > timezone.now():
            raise ValidationError(
                {"measured_at": f"{values['measured_at']} is in the future."}
            )
    if values.get("instrument"):
        found = resolve_instrument(user, values["instrument"], project=intake.project)
        values["instrument"] = str(found.uuid)
    return values


def _check_conditions(rows, technique, conditions):
    """Refuse a condition that no technique here knows, or a value it cannot have."""
    keys = {technique or row.technique for row in rows} - {""}
    known = {key: _of_technique(key, conditions) for key in keys}
    unknown = conditions.keys() - {key for some in known.values() for key in some}
    for key, some in known.items():
        clean_conditions(key, some)
    if unknown:
        named = ", ".join(sorted(unknown))
        raise ValidationError({"conditions": f"None of these files has {named}."})


def _of_technique(key, conditions):
    known = {condition.key for condition in techniques[key].conditions}
    return {name: value for name, value in conditions.items() if name in known}


def _merged(row, conditions):
    """Conditions as said before and now, as far as the technique knows them."""
    before = row.values.get("conditions", {})
    if not row.technique:
        return before
    now = {**before, **_of_technique(row.technique, conditions)}
    return clean_conditions(row.technique, now)
