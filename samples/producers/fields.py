"""Facts from a sample's own fields, its project's extra fields included.

When and by whom a sample was made is told by the act it came out of; where that says
nothing, by the day it was logged and its owner.
"""

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.utils import timezone

from labdata.common.variables import VariableSpec
from samples.facts import FactRow
from samples.models import (
    ExtraField,
    Origin,
    Relation,
    Sample,
)

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
    """Extra fields by project and key; nothing is asked of no projects."""
    if not project_ids:
        return {}
    return {
        (field.project_id, field.key): field
        for field in ExtraField.objects.filter(
            project_id__in=project_ids, target=target
        )
    }


class Told(NamedTuple):
    """What a sample's own row and those it names tell."""

    pk: int
    project_id: int
    created_at: datetime
    extra: dict
    code: str
    kind: str
    project: str
    batch: str | None
    control: str | None
    owner: str | None
    location: str


def sample_facts(recorded):
    """The fields of the samples themselves, in every state alike."""
    samples = _told_of(recorded.sample_ids)
    fields = extra_fields(
        {s.project_id for s in samples if s.extra}, ExtraField.Target.SAMPLE
    )
    taken = {spec.key for spec in FIELDS.values()}
    for sample in samples:
        maker = recorded.makers.get(sample.pk)
        texts = {
            "code": sample.code,
            "kind": sample.kind,
            "project": sample.project,
            "batch": sample.batch,
            "control": sample.control,
            "owner": sample.owner,
            "location": sample.location,
            "made_on": _day(sample, maker),
            "operator": (maker.operator if maker else "") or sample.owner,
        }
        known = [(FIELDS[name], text) for name, text in texts.items() if text]
        for key, value in sample.extra.items():
            field = fields.get((sample.project_id, key))
            if field is not None and f"sample.{key}" not in taken:
                known.append((extra_spec("sample", field), value))
        for subject in recorded.subjects[sample.pk]:
            for spec, value in known:
                yield stated(subject, spec, value)
            yield stated(subject, FIELDS["state"], _state(subject))


def _told_of(sample_ids):
    rows = Sample.objects.filter(pk__in=sample_ids).order_by()
    return [
        Told(*row)
        for row in rows.values_list(
            "pk",
            "project_id",
            "created_at",
            "extra",
            "code",
            "kind",
            "project__slug",
            "batch__code",
            "control__code",
            f"owner__{get_user_model().USERNAME_FIELD}",
            "location",
        )
    ]


def _state(subject):
    """As made, or before, during or after which act."""
    words = Relation(subject.relation).label
    return f"{words} {subject.process}" if subject.process else words


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
