"""Everything a person may see that answers to a few typed words, in groups."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.urls import NoReverseMatch, reverse

from labdata.common.people.access import Project, visible_project_ids
from labdata.site.lab import documents
from measurements.models import File, Instrument, Measurement
from measurements.search import files_like, measurements_like
from samples.models import (
    Batch,
    Lot,
    Material,
    MaterialName,
    Process,
    ProcessOutput,
    Protocol,
    Sample,
    Tag,
)
from samples.search import (
    every,
    materials_like,
    processes_like,
    samples_like,
    words_of,
)

SHOWN_OF_PROCESS = 3


@dataclass(frozen=True)
class Hit:
    """One record as a line: its name, what helps to tell it, where it is.

    ``formula`` is typeset by the page.
    """

    name: str
    address: str
    detail: str = ""
    formula: str = ""
    is_code: bool = False


@dataclass(frozen=True)
class Group:
    """Records of one kind; ``count`` is of all, ``everything`` the list of them."""

    key: str
    label: str
    count: int
    hits: tuple[Hit, ...]
    everything: str = ""

    @property
    def has_more(self) -> bool:
        return self.count > len(self.hits)


@dataclass(frozen=True)
class Kind:
    """How one kind of record is looked for and written as a line."""

    key: str
    label: str
    rows: Callable[[AbstractBaseUser, str], QuerySet]
    hit: Callable[[object, str], Hit]
    list_name: str = ""
    page_name: str = ""


def find(user, text, *, limit):
    """Groups of what was found, at most ``limit`` records each, in a fixed order.

    Costs two queries for samples, and one or two for every other kind, however much
    there is.
    """
    if not words_of(text):
        return []
    groups = []
    for kind in KINDS:
        if kind.page_name and not _exists(kind.page_name):
            continue
        rows = list(kind.rows(user, text).annotate(of_all=Window(Count("pk")))[:limit])
        if rows:
            groups.append(
                Group(
                    key=kind.key,
                    label=kind.label,
                    count=rows[0].of_all,
                    hits=tuple(kind.hit(row, text) for row in rows),
                    everything=_list(kind.list_name, q=text) if kind.list_name else "",
                )
            )
    return [*groups, *_help(text, limit)]


def _help(text, limit):
    """Sections of the documents by their headings; the text is searched there."""
    found = documents.find_sections(text, headings_only=True)
    if not found:
        return []
    hits = tuple(
        Hit(
            name=one.section.title,
            address=one.address,
            detail=one.document.title if one.section.anchor else "",
        )
        for one in found[:limit]
    )
    everything = f"{reverse('site:help')}?{urlencode({'q': text})}"
    return [Group("help", "Help", len(found), hits, everything)]


def sample_with_code(user, text):
    """The one sample whose code this is, archived or not; None if none or several."""
    code = " ".join(words_of(text))
    if not code:
        return None
    found = list(Sample.objects.visible_to(user).filter(code__iexact=code)[:3])
    exact = [sample for sample in found if sample.code == code] or found
    return exact[0] if len(exact) == 1 else None


def _list(name, **query):
    return f"{reverse(name)}?{urlencode(query)}"


def _exists(name):
    try:
        reverse(name, args=["00000000-0000-0000-0000-000000000000"])
    except NoReverseMatch:
        return False
    return True


def _ranked(rows, field, text, *then):
    """Exact names first, then names that begin so, then the rest."""
    text = " ".join(words_of(text))
    rank = Case(
        When(**{f"{field}__iexact": text}, then=Value(0)),
        When(**{f"{field}__istartswith": text}, then=Value(1)),
        When(**{f"{field}__icontains": text}, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return rows.annotate(rank=rank).order_by("rank", *(then or (field,)), "pk")


def _in_words(field, text):
    return every(Q(**{f"{field}__icontains": word}) for word in words_of(text))


def _samples(user, text):
    rows = Sample.objects.current().visible_to(user).filter(samples_like(user, text))
    return _ranked(rows.select_related("composition", "project"), "code", text)


def _sample_hit(sample, text):
    words = [sample.name, sample.get_kind_display(), sample.project.slug]
    return Hit(
        name=sample.code,
        address=sample.get_absolute_url(),
        detail=" · ".join(filter(None, words)),
        formula=sample.composition.text if sample.composition else "",
        is_code=True,
    )


def _measurements(user, text):
    rows = Measurement.objects.current().visible_to(user)
    words = [Q(name__icontains=word) for word in words_of(text)]
    files = File.objects.filter(functools.reduce(operator.or_, words)).order_by("pk")
    return (
        rows.filter(measurements_like(text))
        .select_related("sample")
        .prefetch_related(Prefetch("files", files, to_attr="named"))
        .order_by("-pk")
    )


def _measurement_hit(measurement, text):
    words = [*(file.name for file in measurement.named[:2])]
    folded = measurement.notes.casefold()
    if any(word.casefold() in folded for word in words_of(text)):
        words.append(_around(measurement.notes, words_of(text)))
    return Hit(
        name=f"{measurement.get_technique_display()} of {measurement.sample.code}",
        address=measurement.get_absolute_url(),
        detail=" · ".join(words),
    )


def _around(notes, words, width=80):
    """The part of a note that holds the first of the words found in it."""
    line = " ".join(notes.split())
    folded = line.casefold()
    at = min(folded.find(w.casefold()) for w in words if w.casefold() in folded)
    start = max(0, at - width // 3)
    part = line[start : start + width]
    return f"{'…' if start else ''}{part}{'…' if start + width < len(line) else ''}"


def _files(user, text):
    attached = Q(sample__isnull=False) | Q(process__isnull=False)
    rows = File.objects.current().visible_to(user).filter(attached, files_like(text))
    return rows.select_related("sample", "process").order_by("-pk")


def _file_hit(file, text):
    owner = file.sample or file.process
    return Hit(
        name=file.name,
        address=owner.get_absolute_url(),
        detail=" · ".join(filter(None, [f"at {owner}", file.description])),
    )


def _materials(user, text):
    rows = Material.objects.current().visible_to(user).filter(materials_like(text))
    names = Prefetch("names", MaterialName.objects.order_by("pk"), to_attr="aliases")
    return _ranked(rows.prefetch_related(names), "name", text)


def _material_hit(material, text):
    others = [one.name for one in material.aliases if one.name != material.name]
    return Hit(
        name=material.name,
        address=reverse("site:material", args=[material.uuid]),
        detail=", ".join(others[:3]),
        formula=material.formula if material.formula != material.name else "",
    )


def _lots(user, text):
    rows = Lot.objects.current().visible_to(user)
    found = every(
        Q(code__icontains=word) | Q(supplier__icontains=word) for word in words_of(text)
    )
    return _ranked(rows.filter(found).select_related("material"), "code", text)


def _lot_hit(lot, text):
    return Hit(
        name=lot.code,
        address=reverse("site:material", args=[lot.material.uuid]),
        detail=" · ".join(filter(None, [lot.material.name, lot.supplier])),
        is_code=True,
    )


def _batches(user, text):
    rows = Batch.objects.current().visible_to(user).filter(_in_words("code", text))
    return _ranked(rows.select_related("project"), "code", text)


def _batch_hit(batch, text):
    return Hit(
        name=batch.code,
        address=reverse("site:batch", args=[batch.uuid]),
        detail=f"batch in {batch.project.slug}",
        is_code=True,
    )


def _tags(user, text):
    rows = Tag.objects.filter(
        _in_words("name", text), project__in=visible_project_ids(user)
    )
    return _ranked(rows.select_related("project"), "name", text)


def _tag_hit(tag, text):
    return Hit(
        name=tag.name,
        address=_list("site:samples", tag=tag.name, project=tag.project.slug),
        detail=f"tag in {tag.project.slug}",
    )


def _processes(user, text):
    rows = Process.objects.current().visible_to(user).filter(processes_like(text))
    outputs = ProcessOutput.objects.select_related("sample").order_by("pk")
    return rows.prefetch_related(Prefetch("outputs", outputs)).order_by("-pk")


def _process_hit(process, text):
    made = process.outputs.all()
    codes = [
        output.sample.code for output in itertools.islice(made, SHOWN_OF_PROCESS)
    ] + (["…"] if len(made) > SHOWN_OF_PROCESS else [])
    words = [
        process.get_kind_display() if process.name else "",
        f"made {', '.join(codes)}" if codes else "",
        "planned" if process.state == Process.State.PLANNED else "",
    ]
    return Hit(
        name=str(process),
        address=process.get_absolute_url(),
        detail=" · ".join(filter(None, words)),
    )


def _protocols(user, text):
    rows = Protocol.objects.current().visible_to(user)
    return _ranked(rows.filter(_in_words("name", text)), "name", text)


def _protocol_hit(protocol, text):
    return Hit(
        name=protocol.name,
        address=protocol.get_absolute_url(),
        detail=f"protocol of {protocol.get_kind_display().lower()}",
    )


def _instruments(user, text):
    rows = Instrument.objects.current().visible_to(user)
    used = Measurement.objects.visible_to(user).filter(instrument=OuterRef("pk"))
    found = every(
        Q(name__icontains=word) | Q(model__icontains=word) for word in words_of(text)
    )
    return _ranked(rows.filter(found, Exists(used)), "name", text)


def _instrument_hit(instrument, text):
    words = [instrument.manufacturer, instrument.model]
    return Hit(
        name=instrument.name,
        address=_list("site:measurements", instrument=instrument.name),
        detail=" · ".join(["what it measured", *filter(None, words)]),
    )


def _projects(user, text):
    rows = Project.objects.current().visible_to(user)
    found = every(
        Q(slug__icontains=word) | Q(name__icontains=word) for word in words_of(text)
    )
    return _ranked(rows.filter(found), "slug", text)


def _project_hit(project, text):
    return Hit(
        name=project.slug, address=project.get_absolute_url(), detail=project.name
    )


KINDS = (
    Kind("samples", "Samples", _samples, _sample_hit, "site:samples"),
    Kind(
        "measurements",
        "Measurements",
        _measurements,
        _measurement_hit,
        "site:measurements",
    ),
    Kind("files", "Files", _files, _file_hit),
    Kind("materials", "Materials", _materials, _material_hit, "site:materials"),
    Kind("lots", "Lots", _lots, _lot_hit),
    Kind("batches", "Batches", _batches, _batch_hit),
    Kind("tags", "Tags", _tags, _tag_hit),
    Kind("processes", "Processes", _processes, _process_hit, "site:processes"),
    Kind(
        "protocols",
        "Protocols",
        _protocols,
        _protocol_hit,
        page_name="site:protocol",
    ),
    Kind("instruments", "Instruments", _instruments, _instrument_hit),
    Kind("projects", "Projects", _projects, _project_hit),
)
