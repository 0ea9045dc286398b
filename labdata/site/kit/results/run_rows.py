"""Runs as lists show them: the numbers that count, the verdict, what to doubt."""

from dataclasses import dataclass

from django.http import QueryDict

from analysis.contract.registry import analyses
from analysis.filtersets import AnalysisRunFilterSet
from analysis.models import AnalysisRun, PropertyValue, RunDataset
from analysis.runs.current import run_stands, verdict_of
from labdata.common.measures.quantities import quantities
from labdata.common.people.access import Project
from labdata.site.kit.results.flag_words import doubts_about
from labdata.site.kit.tags.quantities import unit_symbol

VALUES_IN_A_ROW = 3
LONGEST_QUERY = 4000
MOST_COUNTED = 100


def with_verdict(rows):
    """Annotate the newest verdict, empty where there is none, and whether it stands."""
    return rows.annotate(verdict=verdict_of("run", "pk"), stands=run_stands())


def whole_runs():
    """Runs with everything a row or a page says beside them."""
    return AnalysisRun.objects.select_related(
        "project",
        "measurement__project",
        "measurement__sample",
        "measurement__parsing",
        "measurement__subject__process",
        "cell",
        "created_by",
    )


def describe_rows(rows):
    """Runs annotated `with_verdict`, their values, doubts and curves: two queries.

    ``curve`` is the dataset of a fit that is drawn with its data, as public id and the
    names of both channels.
    """
    rows = list(rows)
    values, made = {}, {}
    ids = [row.pk for row in rows]
    for value in PropertyValue.objects.filter(run_id__in=ids).order_by("pk"):
        values.setdefault(value.run_id, []).append(name_value(value))
    results = RunDataset.objects.filter(run_id__in=ids)
    for run_id, role, uuid in results.values_list("run_id", "role", "dataset__uuid"):
        made[run_id, role] = uuid
    for row in rows:
        own = values.get(row.pk, [])
        row.all_values = own
        row.values_shown = [one for one in own if one.is_default][:VALUES_IN_A_ROW]
        row.doubts = doubts_about(row, own) if row.state == "done" else []
        role, *channels = _drawn_fit(row)
        uuid = made.get((row.pk, role))
        row.curve = (uuid, *channels) if uuid else None
        row.is_drawn = bool(row.result.get("drawings"))
        row.percent = round(100 * (row.progress.get("fraction") or 0))
        spec = analyses.get(row.analysis)
        row.is_old_version = spec is not None and spec.version != row.version
    return rows


def _drawn_fit(run):
    """Role, data and line of the first drawing where both are of one dataset."""
    layers = [one for drawing in run.parts.drawings[:1] for one in drawing.layers]
    points = [one for one in layers if one.kind == "points"]
    lines = [one for one in layers if one.kind == "line" and not one.part]
    for one in points:
        for line in lines:
            if line.role == one.role:
                return one.role, one.channel, line.channel
    return "", "", ""


def name_value(value):
    """Give a value the specification of its quantity, if it is still known."""
    value.spec = quantities.get(value.quantity)
    value.unit = value.spec.unit if value.spec else ""
    value.name = value.spec.label if value.spec else value.quantity
    return value


def shown_parameters(spec, row):
    """The parameters a run was asked with, under the titles its form shows."""
    schema = spec.parameter_schema()["properties"] if spec else {}
    told = []
    for name, value in row.parameters.items():
        entry = schema.get(name, {})
        told.append(
            {
                "title": entry.get("title") or name,
                "text": _written(value, unit_symbol(entry.get("unit", ""))),
                "is_default": name in schema and value == entry.get("default"),
            }
        )
    return told


def _written(value, unit=""):
    """A parameter in words: rows of start values, a window, a number, a choice."""
    if value is None:
        return "automatic"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(
            ", ".join(f"{key} {one:g}" for key, one in row.items() if one is not None)
            for row in value
        )
    if isinstance(value, list):
        value = " to ".join(f"{one:g}" for one in value)
    return f"{value} {unit}".strip()


@dataclass(frozen=True, slots=True)
class Queue:
    """The runs somebody judges one after the other, in the order of a list.

    ``query`` is that list's own; what it says of verdicts is left out, so that one can
    go back to what was judged a moment ago. Superseded runs need no verdict.
    """

    query: str
    rows: object

    @classmethod
    def of(cls, request, query):
        asked = QueryDict(query[:LONGEST_QUERY], mutable=True)
        asked.pop("verdict", None)
        asked.pop("page", None)
        writable = Project.objects.writable_by(request.user)
        rows = AnalysisRun.objects.visible_to(request.user).filter(
            project__in=writable, state=AnalysisRun.State.DONE
        )
        filters = AnalysisRunFilterSet(asked, queryset=rows, request=request)
        return cls(query, filters.qs.current())

    def unjudged(self):
        newest = verdict_of("run", "pk")
        return self.rows.alias(said=newest).filter(said__in=("", "withdrawn"))

    def next_unjudged(self, run=None):
        """The next one without a verdict further down, or else from the top."""
        others = self.unjudged().order_by("-pk")
        if run is None:
            return others.first()
        others = others.exclude(pk=run.pk)
        return others.filter(pk__lt=run.pk).first() or others.first()

    def before(self, run):
        return self.rows.filter(pk__gt=run.pk).order_by("pk").first()

    def after(self, run):
        return self.rows.filter(pk__lt=run.pk).order_by("-pk").first()

    def count_left(self):
        """How many wait for a verdict, counted up to a limit."""
        return self.unjudged().order_by()[:MOST_COUNTED].count()
