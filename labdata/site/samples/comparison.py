"""Several samples side by side: what is alike, what differs, and whether it matters.

Two values differ when they are further apart than twice their standard uncertainty
together, |Δ| > 2·√(u₁² + u₂²); one that is not known counts as zero.
"""

import math
from dataclasses import dataclass, field
from itertools import combinations

from django.db.models import Prefetch

from analysis.models import PropertyValue
from labdata.common.variables import split_key
from labdata.site.drawings.programme import common_frame, draw_segments, segments_of
from labdata.site.kit.list_columns import STATES
from labdata.site.kit.tags.quantities import DASH, unit_symbol
from labdata.site.kit.tags.values import shown_value
from samples.models import (
    Ancestry,
    Composition,
    Fact,
    Process,
    ProcessOutput,
    Relation,
    Segment,
    Variable,
)
from samples.producers.compositions import effective_compositions

COVERAGE = 2.0
# Numbers typed in different units come back with rounding in the last digits.
ROUNDING = 1e-9
TITLES = {
    "composition": "Composition",
    "ion": "Ions",
    "process": "How it was made",
    "measurement": "How it was measured",
    "value": "What we know",
    "sample": "Further fields",
}
# What the table tells in words of its own, or what follows from the composition.
LEFT_OUT = (
    "sample.code",
    "sample.kind",
    "sample.project",
    "sample.batch",
    "sample.control",
    "sample.owner",
    "sample.location",
)
SAME, WITHIN, DIFFERS = "same", "within", "differs"


@dataclass(frozen=True)
class Cell:
    """One sample's entry in a row: as printed, and as it compares."""

    text: str
    value: float | None = None
    uncertainty: float | None = None
    bound: str = "="
    address: str = ""
    note: str = ""

    @property
    def is_missing(self):
        return self.text in ("", DASH)


MISSING = Cell(DASH)


@dataclass
class Row:
    """One thing the samples are compared by."""

    title: str
    cells: list[Cell]
    verdict: str = SAME
    unit: str = ""
    is_formula: bool = False

    def judge(self):
        """Settle whether the samples differ, and which of them from the first."""
        pairs = [verdict(a, b) for a, b in combinations(self.cells, 2)]
        if DIFFERS in pairs:
            self.verdict = DIFFERS
        elif WITHIN in pairs:
            self.verdict = WITHIN
        first = self.cells[0]
        self.away = [verdict(first, cell) == DIFFERS for cell in self.cells]
        return self

    @property
    def marked(self):
        """The cells, each with whether it differs from that of the first sample."""
        return list(zip(self.cells, self.away, strict=True))


@dataclass
class Section:
    title: str
    rows: list[Row] = field(default_factory=list)

    @property
    def differing(self):
        return sum(row.verdict == DIFFERS for row in self.rows)


def verdict(one, other):
    """Whether two entries are the same, differ within their uncertainties, or do."""
    if one.is_missing or other.is_missing:
        return SAME if one.is_missing and other.is_missing else DIFFERS
    if one.value is None or other.value is None or one.bound != other.bound:
        return SAME if one.text == other.text else DIFFERS
    apart = abs(one.value - other.value)
    if apart <= ROUNDING * max(abs(one.value), abs(other.value)):
        return SAME
    if math.hypot(one.uncertainty or 0.0, other.uncertainty or 0.0) * COVERAGE >= apart:
        return WITHIN
    return DIFFERS


def compare(user, samples):
    """Sections of rows about the samples, in the order given."""
    ids = [sample.pk for sample in samples]
    facts = _facts(ids)
    sections = [_what_it_is(samples)]
    for family in ("composition", "ion", "process", "measurement", "value", "sample"):
        rows = _rows_of(facts.get(family, {}), ids)
        if rows:
            sections.append(Section(TITLES[family], rows))
    return sections


def _what_it_is(samples):
    """What is stated of the samples themselves."""
    effective = effective_compositions([s.pk for s in samples])
    compositions = Composition.objects.in_bulk(set(effective.values()))
    fields = [
        ("Kind", [s.get_kind_display() for s in samples]),
        ("Name", [s.name for s in samples]),
        ("Project", [s.project.slug for s in samples]),
        ("Batch", [s.batch.code if s.batch else "" for s in samples]),
        ("Control", [s.control.code if s.control else "" for s in samples]),
        ("Owner", [s.owner.get_username() if s.owner else "" for s in samples]),
        ("Place", [s.location for s in samples]),
        ("Tags", [", ".join(tag.name for tag in s.tags.all()) for s in samples]),
        ("Notes", [s.notes for s in samples]),
        ("Logged", [f"{s.created_at:%Y-%m-%d}" for s in samples]),
    ]
    rows = []
    held = [compositions.get(effective.get(s.pk)) for s in samples]
    if any(held):
        cells = [Cell(c.text, note=c.basis) if c else MISSING for c in held]
        rows.append(Row("Composition", cells, is_formula=True).judge())
    for title, texts in fields:
        if any(texts):
            rows.append(Row(title, [Cell(text or DASH) for text in texts]).judge())
    return Section("What it is", rows)


def _facts(ids):
    """Facts by family, then by variable and label, then by sample: latest state."""
    facts = (
        Fact.objects.filter(sample_id__in=ids)
        .exclude(variable__key__in=LEFT_OUT)
        .exclude(variable__key__startswith="element.")
        .select_related("variable", "subject__process", "subject__cell")
        .order_by("variable__label", "label", *STATES)
    )
    found = {}
    for fact in facts:
        family = split_key(fact.variable.key)[0]
        if fact.source is not None or family not in TITLES:
            family = "value"
        elif not fact.is_default:
            # Of compositions on other bases and numbered acts the default speaks.
            continue
        label = fact.label if family == "value" else ""
        rows = found.setdefault(family, {})
        rows.setdefault((fact.variable, label), {})[fact.sample_id] = fact
    _add_runs(found.get("value", {}))
    return found


def _add_runs(values):
    """Give each value the address of the run it comes from, in one query."""
    facts = [fact for by_sample in values.values() for fact in by_sample.values()]
    runs = {
        row.uuid: row.run
        for row in PropertyValue.objects.filter(
            uuid__in={fact.source for fact in facts if fact.source}
        ).select_related("run")
    }
    for fact in facts:
        run = runs.get(fact.source)
        fact.address = run.get_absolute_url() if run else ""


def _rows_of(facts, ids):
    rows = []
    for (variable, label), by_sample in facts.items():
        title = f"{variable.label} [{label}]" if label else variable.label
        cells = [_cell(by_sample.get(pk)) for pk in ids]
        unit = variable.unit if variable.kind == Variable.Kind.NUMBER else ""
        rows.append(Row(title, cells, unit=unit_symbol(unit)).judge())
    return rows


def _cell(fact):
    if fact is None:
        return MISSING
    note = _state(fact.subject)
    if fact.value is None:
        return Cell(fact.text or DASH, note=note)
    return Cell(
        shown_value(fact, mark=bool(fact.source)),
        fact.value,
        fact.uncertainty,
        fact.bound,
        getattr(fact, "address", ""),
        note,
    )


def _state(subject):
    """The state or cell a fact is of, where it is not the sample as it was made."""
    cell = f"cell {subject.cell}" if subject.cell_id else ""
    if subject.process_id is None:
        return cell
    state = f"{Relation(subject.relation).label} {subject.process}".lower()
    return f"{cell}, {state}" if cell else state


def programs(user, samples):
    """The nearest thermal programme behind each sample, all drawn in one frame."""
    ids = [sample.pk for sample in samples]
    depths = {}
    for descendant, ancestor, depth in Ancestry.objects.filter(
        descendant_id__in=ids
    ).values_list("descendant_id", "ancestor_id", "depth"):
        depths.setdefault(ancestor, []).append((depth, descendant))
    heated = (
        Process.objects.current()
        .visible_to(user)
        .filter(program__isnull=False, outputs__sample_id__in=depths)
        .distinct()
        .prefetch_related(
            Prefetch("program", Segment.objects.order_by("position")),
            Prefetch("outputs", ProcessOutput.objects.all()),
        )
    )
    nearest = {}
    for process in heated:
        for entry in process.outputs.all():
            for depth, descendant in depths.get(entry.sample_id, ()):
                held = nearest.get(descendant)
                if held is None or depth < held[0]:
                    nearest[descendant] = (depth, process)
    segments = {
        pk: segments_of(process.program.all()) for pk, (_, process) in nearest.items()
    }
    frame = common_frame(segments.values())
    drawn = []
    for pk in ids:
        _, process = nearest.get(pk, (None, None))
        drawing = draw_segments(segments[pk], frame) if process else None
        drawn.append({"process": process, "drawing": drawing})
    return drawn if any(one["drawing"] for one in drawn) else []
