"""Columns of the sample list: plain fields, and any variable there are facts of."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, F, Max
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from analysis.relations.variables import find_variables
from labdata.common.variables import VariableError, VariableName, parse_variable
from labdata.site.kit.tags.quantities import (
    DASH,
    formula,
    moment,
    unit_symbol,
)
from labdata.site.kit.tags.values import shown_value
from measurements.models import Measurement
from samples.models import Composition, Fact
from samples.producers.compositions import effective_compositions

MOST = 30
INHERITED = mark_safe(' <span class="muted small" title="Inherited">↑</span>')
# As made comes first, then the acts on a sample in the order they happened. The sample
# itself comes after its cells, and of these the first last: the last one is shown.
STATES = (
    Coalesce("subject__process__started_at", "subject__process__created_at").asc(
        nulls_first=True
    ),
    "subject__process_id",
    F("subject__cell__position").desc(nulls_last=True),
)
MEASURED = Coalesce("measured_at", "created_at")


@dataclass(frozen=True)
class FieldColumn:
    """A field of samples: how a page shows it, and how a file writes it."""

    key: str
    title: str
    show: Callable
    write: Callable
    order: str = ""
    is_number: bool = False
    is_sortable: bool = True

    def csv_head(self):
        return [self.key]

    def csv_cells(self, row):
        return [self.write(row)]


def _cell_mark(cell):
    if cell is None:
        return ""
    return format_html(' <span class="muted small">cell {}</span>', cell)


@dataclass(frozen=True)
class VariableColumn:
    """A variable, of the label asked for or of the default one."""

    asked: VariableName
    variable_id: int | None
    label: str
    unit: str
    is_number: bool

    @property
    def key(self):
        return str(self.asked)

    @property
    def is_sortable(self):
        return self.variable_id is not None

    @property
    def title(self):
        words = f"{self.label} [{self.asked.label}]" if self.asked.label else self.label
        unit = unit_symbol(self.unit)
        return f"{words} ({unit})" if unit else words

    def is_mine(self, fact):
        if fact.variable_id != self.variable_id:
            return False
        label = self.asked.label
        return fact.is_default if label is None else fact.label == label

    def facts(self):
        """All facts of the variable, those of later states last."""
        label = self.asked.label
        mine = {"is_default": True} if label is None else {"label": label}
        facts = Fact.objects.filter(variable_id=self.variable_id, **mine)
        return facts.order_by(*STATES)

    def show(self, row):
        fact = row.known_facts.get(self.key)
        if fact is None:
            return DASH
        if fact.value is None:
            return fact.text
        # What was stated of a sample is plain; what was found out says by whom.
        told = shown_value(fact, mark=fact.source is not None)
        return format_html("{}{}", told, _cell_mark(fact.subject.cell))

    def csv_head(self):
        if not self.is_number:
            return [self.key]
        unit = f" ({self.unit})" if self.unit not in ("", "1") else ""
        return [f"{self.key}{unit}", f"{self.key} uncertainty", f"{self.key} bound"]

    def csv_cells(self, row):
        fact = row.known_facts.get(self.key)
        if not self.is_number:
            return [fact.text if fact else ""]
        if fact is None:
            return ["", "", ""]
        if fact.value is None:
            return [fact.text, "", ""]
        return [fact.value, fact.uncertainty, fact.bound]


def _composition(row):
    if row.shown_composition is None:
        return DASH
    basis = row.shown_composition.basis
    tail = format_html(' <span class="muted small">{}</span>', basis)
    return format_html(
        '<span class="nowrap">{}{}{}</span>',
        formula(row.shown_composition.text),
        "" if basis == "mol" else tail,
        "" if row.composition_id else INHERITED,
    )


def _code(text):
    return format_html('<span class="code">{}</span>', text) if text else ""


def _user(row):
    return row.owner.get_username() if row.owner else ""


def _iso(value):
    return value.isoformat() if value else ""


FIELDS = {
    column.key: column
    for column in (
        FieldColumn(
            "composition",
            "Composition",
            _composition,
            lambda row: row.shown_composition.text if row.shown_composition else "",
            is_sortable=False,
        ),
        FieldColumn(
            "kind",
            "Kind",
            lambda row: row.get_kind_display(),
            lambda row: row.kind,
            "kind",
        ),
        FieldColumn("name", "Name", lambda row: row.name, lambda row: row.name, "name"),
        FieldColumn(
            "batch",
            "Batch",
            lambda row: _code(row.batch and row.batch.code),
            lambda row: row.batch.code if row.batch else "",
            "batch__code",
        ),
        FieldColumn(
            "measurements",
            "Measurements",
            lambda row: row.measurement_count or DASH,
            lambda row: row.measurement_count,
            is_number=True,
        ),
        FieldColumn(
            "measured",
            "Last measured",
            lambda row: moment(row.last_measured, "day"),
            lambda row: _iso(row.last_measured),
        ),
        FieldColumn(
            "project",
            "Project",
            lambda row: row.project.slug,
            lambda row: row.project.slug,
            "project__slug",
        ),
        FieldColumn("owner", "Owner", _user, _user, "owner__username"),
        FieldColumn(
            "location",
            "Place",
            lambda row: row.location,
            lambda row: row.location,
            "location",
        ),
        FieldColumn(
            "tags",
            "Tags",
            lambda row: ", ".join(tag.name for tag in row.tags.all()),
            lambda row: ", ".join(tag.name for tag in row.tags.all()),
            is_sortable=False,
        ),
        FieldColumn(
            "control",
            "Control",
            lambda row: _code(row.control and row.control.code),
            lambda row: row.control.code if row.control else "",
            "control__code",
        ),
        FieldColumn(
            "created_at",
            "Logged",
            lambda row: moment(row.created_at),
            lambda row: _iso(row.created_at),
            "created_at",
        ),
        FieldColumn(
            "updated_at",
            "Changed",
            lambda row: moment(row.updated_at),
            lambda row: _iso(row.updated_at),
            "updated_at",
        ),
    )
}
DEFAULT = (
    "composition",
    "kind",
    "name",
    "batch",
    "measurements",
    "project",
    "owner",
    "created_at",
)
ORDERINGS = {"code": "code"} | {
    column.key: column.order for column in FIELDS.values() if column.order
}


def read_columns(keys, project_ids):
    """The columns asked for, and the words that are none, in one query.

    What plug-ins declare is a column before anybody measured it.
    """
    keys = list(dict.fromkeys(keys))
    names, unknown = {}, []
    for key in keys:
        if key in FIELDS:
            continue
        try:
            names[key] = parse_variable(key)
        except VariableError:
            unknown.append(key)
    asked = {name.key for name in names.values()}
    known = find_variables(asked, project_ids) if asked else {}
    columns = []
    for key in keys:
        if key in FIELDS:
            columns.append(FIELDS[key])
        elif key in names and names[key].key in known:
            columns.append(_variable_column(names[key], known[names[key].key]))
        elif key in names:
            unknown.append(key)
    return columns[:MOST], unknown


def _variable_column(name, known):
    return VariableColumn(name, known.id, known.label, known.unit, known.is_number)


def fill(rows, columns):
    """Give rows what their columns need: one query a kind of column, not a row."""
    ids = [row.pk for row in rows]
    keys = {column.key for column in columns}
    if "composition" in keys:
        _add_compositions(rows)
    if keys & {"measurements", "measured"}:
        _add_measurements(rows, ids)
    facts = _facts_of(ids, [c for c in columns if isinstance(c, VariableColumn)])
    for row in rows:
        row.known_facts = facts.get(row.pk, {})
    return rows


def _add_compositions(rows):
    effective = effective_compositions([r.pk for r in rows if r.composition_id is None])
    inherited = Composition.objects.in_bulk(set(effective.values()))
    for row in rows:
        row.shown_composition = row.composition or inherited.get(effective.get(row.pk))


def _add_measurements(rows, ids):
    counted = {
        sample_id: (count, last)
        for sample_id, count, last in Measurement.objects.current()
        .filter(sample_id__in=ids)
        .order_by()
        .values_list("sample_id")
        .annotate(count=Count("pk"), last=Max(MEASURED))
    }
    for row in rows:
        row.measurement_count, row.last_measured = counted.get(row.pk, (0, None))


def _facts_of(sample_ids, columns):
    """Facts by sample and key of the column, of the latest state that has one.

    What only cells have is told of the first of them, and which that is.
    """
    found = {}
    ids = {column.variable_id for column in columns} - {None}
    if not ids:
        return found
    facts = Fact.objects.filter(
        sample_id__in=sample_ids, variable_id__in=ids
    ).select_related("subject__cell")
    for fact in facts.order_by(*STATES):
        for column in columns:
            if column.is_mine(fact):
                found.setdefault(fact.sample_id, {})[column.key] = fact
    return found


def sorted_ids(rows, column, *, descending):
    """The ids of samples in the order of a column; those without a value come last."""
    ids = list(rows.order_by("code", "pk").values_list("pk", flat=True))
    values = dict(_values_of(rows, column))
    there = [pk for pk in ids if values.get(pk) not in (None, "")]
    there.sort(key=values.get, reverse=descending)
    missing = set(ids) - set(there)
    return there + [pk for pk in ids if pk in missing]


def _values_of(rows, column):
    """Pairs of sample and value of a column that the table of samples does not hold."""
    within = rows.order_by().values("pk")
    if isinstance(column, VariableColumn):
        held = "value" if column.is_number else "text"
        return column.facts().filter(sample__in=within).values_list("sample_id", held)
    told = Count("pk") if column.key == "measurements" else Max(MEASURED)
    return (
        Measurement.objects.current()
        .filter(sample__in=within)
        .order_by()
        .values_list("sample_id")
        .annotate(told=told)
    )
