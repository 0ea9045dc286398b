"""Facts from a sample's own fields, its project's extra fields included.

When and by whom a sample was made is told by the act it came out of; where that says
nothing, by the day it was logged and its owner.
"""

from django.utils import timezone

from labdata.common.variables import VariableSpec
from samples.facts import FactRow
from samples.models import (
    ExtraField,
    Origin,
    Process,
    ProcessOutput,
    Relation,
    Sample,
)
from samples.producers.subjects import subjects_of

FIELDS = {
    "code": VariableSpec("sample.code", "Code", None, "text"),
    "kind": VariableSpec("sample.kind", "Kind of sample", None, "text"),
    "project": VariableSpec("sample.project", "Project", None, "text"),
    "batch": VariableSpec("sample.batch", "Batch", None, "text"),
    "control": VariableSpec("sample.control", "Control", None, "text"),
    "owner": VariableSpec("sample.owner", "Owner", None, "text"),
    "location": VariableSpec("sample.location", "Location", None, "text"),
    "made_on": VariableSpec("sample.made_on", "Made on", None, "text"),
    "operator": VariableSpec("sample.operator", "Operator", None, "text"),
    "state": VariableSpec("sample.state", "State", None, "text"),
}


def extra_spec(prefix, field):
    """The variable of an extra field.

    Projects may share a key, and so a variable: it is named by the key alone, for the
    label is the project's own word.
    """
    kind = "number" if field.kind == ExtraField.Kind.NUMBER else "text"
    label = field.key.replace("_", " ").capitalize()
    return VariableSpec(f"{prefix}.{field.key}", label, field.unit or None, kind)


def extra_fields(project_ids, target):
    """Extra fields by project and key."""
    return {
        (field.project_id, field.key): field
        for field in ExtraField.objects.filter(
            project_id__in=project_ids, target=target
        )
    }


def sample_facts(sample_ids):
    """The fields of the samples themselves, in every state alike."""
    samples = list(
        Sample.objects.filter(pk__in=sample_ids).select_related(
            "project", "batch", "control", "owner"
        )
    )
    makers = _makers(sample_ids)
    subjects = subjects_of(sample_ids)
    fields = extra_fields({s.project_id for s in samples}, ExtraField.Target.SAMPLE)
    for sample in samples:
        owner = sample.owner.get_username() if sample.owner else ""
        maker = makers.get(sample.pk)
        texts = {
            "code": sample.code,
            "kind": sample.kind,
            "project": sample.project.slug,
            "batch": sample.batch.code if sample.batch else "",
            "control": sample.control.code if sample.control else "",
            "owner": owner,
            "location": sample.location,
            "made_on": _day(sample, maker),
            "operator": (maker.operator if maker else "") or owner,
        }
        known = [(FIELDS[name], text) for name, text in texts.items() if text]
        for key, value in sample.extra.items():
            field = fields.get((sample.project_id, key))
            if field is not None and f"sample.{key}" not in {
                spec.key for spec in FIELDS.values()
            }:
                known.append((extra_spec("sample", field), value))
        for subject in subjects[sample.pk]:
            for spec, value in known:
                yield stated(subject, spec, value)
            yield stated(subject, FIELDS["state"], _state(subject))


def _state(subject):
    """As made, or before, during or after which act."""
    words = Relation(subject.relation).label
    return f"{words} {subject.process}" if subject.process else words


def _makers(sample_ids):
    """The done act each sample came out of, if one is recorded."""
    outputs = ProcessOutput.objects.filter(
        sample_id__in=sample_ids,
        process__state=Process.State.DONE,
        process__archived_at__isnull=True,
    ).select_related("process")
    return {output.sample_id: output.process for output in outputs}


def _day(sample, maker):
    """The day a sample was made, or the month or year where no more is known."""
    moment, precision = sample.created_at, "day"
    if maker is not None and maker.started_at is not None:
        moment, precision = maker.started_at, maker.started_precision
    written = timezone.localtime(moment).date().isoformat()
    return written[: {"year": 4, "month": 7}.get(precision, 10)]


def stated(subject, spec, value, **more):
    """A fact somebody wrote down, number or text as its variable says."""
    content = {"value": float(value)} if spec.kind == "number" else {"text": str(value)}
    return FactRow(
        subject_id=subject.pk,
        sample_id=subject.sample_id,
        variable=spec,
        origin=Origin.MANUAL.value,
        **content,
        **more,
    )
