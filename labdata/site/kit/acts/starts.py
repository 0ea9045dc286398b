"""What a form begins with: the last similar record, another sample, or a protocol."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone

from labdata.common.people.access import Project
from labdata.site.kit.acts.act_form import input_rows, parameter_rows, program_rows
from labdata.site.kit.acts.process_form import MakingForm
from labdata.site.kit.acts.sample_form import SampleForm
from samples.codes import next_code, pieces_of
from samples.models import Process, Sample

RECENT_CODES = 60
SAME_BATCH_WITHIN = timedelta(hours=24)
# What another sample takes over, and what is its own.
TAKEN_OVER = ("kind", "location")
TABLES = {"program": "programme", "parameters": "conditions"}
NOT_VARIED = ("version", "owner", "name", "notes")


@dataclass
class Start:
    """Values of a form before anybody typed, and where they come from."""

    sample: dict = field(default_factory=dict)
    making: dict = field(default_factory=dict)
    rows: dict = field(default_factory=dict)
    source: Sample | None = None
    protocol: object = None
    taken: list = field(default_factory=list)
    code_after: str = ""
    last_code: str = ""
    is_variation: bool = False


def asked_project(request):
    """The project a form is about: the one named, the only one, the last one used."""
    projects = Project.objects.current().writable_by(request.user)
    slug = request.POST.get("project") or request.GET.get("project")
    if slug:
        return projects.filter(slug=slug).first()
    some = list(projects[:2])
    if len(some) < 2:
        return some[0] if some else None
    last = (
        Sample.objects.filter(created_by=request.user, project__in=projects)
        .order_by("-pk")
        .values_list("project", flat=True)
        .first()
    )
    return projects.filter(pk=last).first()


def _with_making():
    return Sample.objects.current().select_related(
        "project",
        "composition",
        "batch",
        "control",
        "owner",
        "made_by__process__protocol",
    )


def maker_of(sample):
    """The act a sample came out of, if that is known and not put away."""
    output = getattr(sample, "made_by", None)
    if output is None or output.process.archived_at:
        return None
    return output.process


def last_similar(user, project, kind=""):
    """The newest sample of a project and kind that was made, of this person first."""
    found = _with_making().filter(project=project)
    if kind:
        found = found.filter(kind=kind)
    # Pieces are logged by splitting, and say nothing of how samples are made.
    found = found.exclude(made_by__process__kind=Process.Kind.SPLITTING)
    mine = Case(
        When(created_by=user, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return found.order_by(mine, "-pk").first()


def proposed_code(user, project, *, kind="", after=None):
    """The next free code of the series a person is in, and the code it follows."""
    found = Sample.objects.filter(project=project).exclude(
        made_by__process__kind=Process.Kind.SPLITTING
    )
    if kind and after is None:
        found = found.filter(kind=kind)
    mine = found.filter(created_by=user)
    codes = list(
        (mine if after is not None or mine.exists() else found)
        .order_by("-pk")
        .values_list("code", flat=True)[:RECENT_CODES]
    )
    if after is not None:
        codes = [after, *codes]

    def is_taken(code):
        return Sample.objects.filter(project=project, code=code).exists()

    code = next_code(codes, is_taken)
    if not code and after is not None:
        code = pieces_of(after, 1, is_taken)[0]
    return code, codes[0] if codes and code else ""


def start_like_last(user, project, kind=""):
    """Begin as the last similar sample was logged, and say which it was."""
    if project is None:
        return Start()
    start = Start(sample={"project": project.slug})
    start.making["operator"] = _operator(user)
    source = last_similar(user, project, kind)
    if source is None:
        start.sample["kind"] = kind
        return start
    start.source = source
    start.sample["kind"] = source.kind
    start.taken.append("kind")
    start.sample["code"], start.code_after = proposed_code(
        user, project, kind=source.kind
    )
    start.last_code = source.code
    if source.batch and timezone.now() - source.created_at < SAME_BATCH_WITHIN:
        start.sample["batch"] = source.batch.code
        start.taken.append("batch")
    process = maker_of(source)
    if process is not None:
        _take_making(start, process)
        if shared := _shared_inputs(process, source):
            start.rows["inputs"] = shared
            start.taken.append("inputs")
    return start


def _operator(user):
    return user.get_full_name() or user.get_username()


def _take_making(start, process):
    start.making |= MakingForm.initial_of(process) | {
        "notes": "",
        "operator": start.making["operator"],
    }
    start.taken.append("process")
    start.rows["program"] = program_rows(process.program.all())
    start.rows["parameters"] = parameter_rows(process.parameters)
    start.taken += [TABLES[name] for name, rows in start.rows.items() if rows]


def _shared_inputs(process, source):
    """What also went into an act whose product was of another composition.

    Such as end members and bottles, of which everything is made; the amounts differ.
    """
    before = (
        Process.objects.current()
        .filter(
            project=process.project,
            kind=process.kind,
            outputs__sample__kind=source.kind,
            pk__lt=process.pk,
        )
        .exclude(outputs__sample__composition=None)
        .exclude(
            outputs__sample__composition__text=source.composition.text
            if source.composition
            else ""
        )
        .order_by("-pk")
        .first()
    )
    rows = input_rows(process)
    shared = {row["code"] for row in input_rows(before)} if before else set()
    return [{"code": row["code"]} for row in rows if row["code"] in shared]


def start_from(user, sample):
    """Begin as a variation of a sample: everything it has, and how it was made."""
    start = Start(source=sample, is_variation=True)
    initial = SampleForm.initial_of(sample)
    start.sample = {k: v for k, v in initial.items() if k not in NOT_VARIED}
    start.sample["project"] = sample.project.slug
    start.sample["code"], start.code_after = proposed_code(
        user, sample.project, after=sample.code
    )
    process = maker_of(sample)
    if process is not None:
        start.making = MakingForm.initial_of(process)
        start.making["operator"] = _operator(user)
        start.rows = {
            "inputs": input_rows(process),
            "parameters": parameter_rows(process.parameters),
            "program": program_rows(process.program.all()),
        }
    return start


def follow_protocol(start, protocol):
    """Fill in what a protocol says, over what else was there."""
    start.protocol = protocol
    start.sample.setdefault("project", protocol.project.slug)
    start.making |= {
        "protocol": str(protocol.uuid),
        "kind": protocol.kind,
        "state": protocol.state,
        "notes": protocol.notes,
    }
    start.rows |= protocol_tables(protocol)
    start.taken = [
        name for name in start.taken if name not in ("process", *TABLES.values())
    ]
    return start


def protocol_tables(protocol):
    """A protocol's conditions as rows of the tables of a form."""
    return {
        "parameters": parameter_rows(protocol.parameters),
        "program": program_rows(protocol.program),
    }
