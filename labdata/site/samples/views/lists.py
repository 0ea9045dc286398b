"""The list of samples: filters of the API, chosen columns, files."""

import csv
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from analysis.relations.variables import visible_projects
from labdata.common.people.access import Project
from labdata.common.people.preferences import preference, set_preference
from labdata.common.people.saved_views import SavedView
from labdata.common.variables import OPERATORS, Filter, VariableError, parse_variable
from labdata.site.kit import list_columns as columns
from labdata.site.kit.pages import page_of
from labdata.site.kit.tags.quantities import unit_symbol
from measurements.registry import techniques
from samples.filtersets import SampleFilterSet
from samples.models import Sample

CHUNK = 500
REMEMBERED = "samples.columns"
MORE_FILTERS = (
    "material",
    "batch",
    "tag",
    "owner",
    "archived",
    "technique",
    "created_after",
    "created_before",
    "ancestor",
)
# A condition is put together of three fields where no script does it.
TYPED = ("where_variable", "where_operator", "where_value")
RELATED = frozenset(["project", "composition", "batch", "owner", "control"])
EXTRA = [(column.key, column.title) for column in columns.FIELDS.values()]


class Asked:
    """What an address asks of the list: which samples, which columns, which order."""

    def __init__(self, request):
        self.user = request.user
        visible = Sample.objects.visible_to(request.user)
        self.filters = SampleFilterSet(request.GET, queryset=visible, request=request)
        self.is_chosen = "columns" in request.GET
        keys = [key for key in request.GET.getlist("columns") if key]
        if not self.is_chosen:
            keys = preference(request.user, REMEMBERED, list(columns.DEFAULT))
        self.ordering = request.GET.get("ordering") or "code"
        by = self.ordering.removeprefix("-")
        also = [] if by in columns.ORDERINGS else [by]
        found, self.unknown = columns.read_columns(
            [*keys, *also], list(visible_projects(request.user))
        )
        self.columns = [column for column in found if column.key in set(keys)]
        self.by = next((c for c in found if c.key == by and c.is_sortable), None)
        if self.by is None and by != "code":
            self.ordering = "code"

    def ids(self):
        """The primary keys of all samples found, in the order asked for."""
        found = self.filters.qs
        by = self.ordering.removeprefix("-")
        sign = "-" if self.ordering.startswith("-") else ""
        if by in columns.ORDERINGS:
            order = found.order_by(sign + columns.ORDERINGS[by], "pk")
            return order.values_list("pk", flat=True)
        return columns.sorted_ids(found, self.by, descending=bool(sign))

    def rows(self, ids):
        """Samples by their ids, in this order, with what their columns need."""
        keys = {column.key for column in self.columns}
        samples = Sample.objects.visible_to(self.user)
        if related := keys & RELATED:
            samples = samples.select_related(*related)
        if "tags" in keys:
            samples = samples.prefetch_related("tags")
        found = samples.in_bulk(list(ids))
        return columns.fill([found[pk] for pk in ids if pk in found], self.columns)


@login_required
def sample_list(request):
    """The list: filters and parameters are those of the API."""
    if request.method == "POST":
        return _remember(request)
    if any(name in request.GET for name in TYPED):
        return redirect(_tidied(request))
    asked = Asked(request)
    page = page_of(request, asked.ids())
    rows = asked.rows(page.object_list)
    if len(rows) == page.paginator.count == 1 and request.GET.get("q") == rows[0].code:
        return redirect(rows[0])
    for row in rows:
        row.shown = [
            (column.show(row), "right" if column.is_number else "")
            for column in asked.columns
        ]
    page.object_list = rows
    names = asked.filters.filters
    context = {
        "filters": asked.filters,
        "page": page,
        "head": [_head(request, asked, column) for column in _heads(asked)],
        "ordering": asked.ordering,
        "unknown": asked.unknown,
        "conditions": told_conditions(request, asked.filters),
        "operators": OPERATORS,
        "carried_columns": request.GET.getlist("columns"),
        "chosen": {column.key for column in asked.columns},
        "fields": EXTRA,
        "variables": [c for c in asked.columns if c.key not in columns.FIELDS],
        "projects": Project.objects.current().visible_to(request.user),
        "kinds": Sample.Kind.choices,
        "techniques": [(one.key, one.label) for one in techniques],
        "has_more_filters": any(request.GET.get(name) for name in MORE_FILTERS),
        "is_filtered": any(
            request.GET.get(name)
            for name in (*names, "created_after", "created_before")
        ),
        "page_key": "samples",
        "saved_views": SavedView.objects.visible_to(request.user).for_page("samples"),
    }
    return render(request, "samples/list.html", context)


def told_conditions(request, filters):
    """Each condition in words, and the address of the list without it."""
    texts = [text for text in request.GET.getlist("where") if text.strip()]
    read = filters.form.cleaned_data.get("where") or [None] * len(texts)
    told = []
    for place, (text, condition) in enumerate(zip(texts, read, strict=True)):
        query = request.GET.copy()
        query.pop("page", None)
        query.setlist("where", texts[:place] + texts[place + 1 :])
        told.append(
            {
                "text": text,
                "words": _in_words(condition) if condition else text,
                "without": f"?{query.urlencode()}",
            }
        )
    return told


def _in_words(condition):
    variable, asked = condition.variable, condition.asked
    label = variable.label
    if asked.variable.label:
        label += f" [{asked.variable.label}]"
    between = " and " if asked.operator == "between" else ", "
    if condition.numbers:
        values = between.join(f"{number:g}" for number in condition.numbers)
    else:
        values = between.join(asked.values)
    words = f"{label} {OPERATORS[asked.operator]} {values}"
    return f"{words} {unit_symbol(variable.unit)}".strip()


class _Code:
    """The first column of every list, which is always there."""

    key, title, is_number, is_sortable = "code", "Code", False, True


def _heads(asked):
    return [_Code, *asked.columns]


def _head(request, asked, column):
    """One column head: its words, and the address that sorts by it."""
    by = asked.ordering.removeprefix("-")
    is_down = asked.ordering.startswith("-")
    query = request.GET.copy()
    query.pop("page", None)
    sorted_by = by == column.key
    query["ordering"] = f"-{column.key}" if sorted_by and not is_down else column.key
    return {
        "title": column.title,
        "style": "right wrap" if column.is_number else "",
        "address": f"?{query.urlencode()}" if column.is_sortable else "",
        "sort": ("descending" if is_down else "ascending") if sorted_by else "",
    }


def _remember(request):
    """Keep the columns a person chose, and show them by an address of their own."""
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    query.pop("columns", None)
    query.pop("page", None)
    keys = [key.strip() for key in request.POST.getlist("columns") if key.strip()]
    if "reset" in request.POST:
        keys = []
    else:
        query.setlist("columns", keys)
    _, unknown = columns.read_columns(keys, list(visible_projects(request.user)))
    kept = [key for key in keys if key not in unknown][: columns.MOST]
    set_preference(user=request.user, key=REMEMBERED, value=kept or None)
    return redirect(f"{request.path}?{query.urlencode()}")


def _tidied(request):
    """The address with a typed condition in the notation of the API."""
    query = request.GET.copy()
    variable, operator, value = (query.get(name, "").strip() for name in TYPED)
    texts = query.getlist("where")
    if variable and value:
        texts.append(_written(variable, operator, value))
    for name in TYPED:
        query.pop(name, None)
    query.setlist("where", texts)
    kept = [(name, value) for name, all_ in query.lists() for value in all_ if value]
    return f"{request.path}?{urlencode(kept)}"


def _written(variable, operator, value):
    """A condition as the API writes it; what cannot be one is left to be refused."""
    try:
        if operator not in ("in", "between"):
            return str(Filter(parse_variable(variable), operator, (value,)))
    except VariableError:
        pass
    return f"{variable}:{operator}:{value}"


class _Echo:
    """A file that hands every line to whoever streams it."""

    def write(self, line):
        return line


@login_required
def sample_csv(request):
    """The whole list with its chosen columns as a file, written while it is sent."""
    asked = Asked(request)
    ids = list(asked.ids())
    name = f"samples-{timezone.localtime():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _lines(asked, ids),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(asked, ids):
    writer = csv.writer(_Echo())
    head = ["code"]
    for column in asked.columns:
        head += column.csv_head()
    yield writer.writerow([*head, "id"])
    for start in range(0, len(ids), CHUNK):
        for row in asked.rows(ids[start : start + CHUNK]):
            cells = [row.code]
            for column in asked.columns:
                cells += column.csv_cells(row)
            yield writer.writerow([*cells, row.uuid])
