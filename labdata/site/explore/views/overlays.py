"""Spectra of several samples in one figure, with the trends of what was fitted."""

import csv
from collections import Counter

import numpy as np
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from labdata.common.api.renderers import dumps
from labdata.site.explore import overlay
from labdata.site.kit.tags.quantities import unit_symbol
from labdata.site.kit.variation import likely_axes, says_more, varying
from measurements.models import Dataset, Measurement
from measurements.registry import techniques
from samples.filtersets import SampleFilterSet
from samples.models import Sample
from samples.services.references import as_uuid

VIEWS = {
    "overlay": "on one another",
    "stacked": "one above the other",
    "map": "as a colour map",
}
MOST_GROUPS = 6
DIGITS = 7


class Question:
    """What is drawn: which samples, which technique, ordered and told apart by what.

    A parameter that means nothing is taken as not given, since an address may be
    older than the data.
    """

    def __init__(self, request):
        asked = request.GET
        self.is_named = "id" in asked
        self.tracks = _tracks(request)
        self.samples = _samples(request, self.tracks)
        self.too_many = len(self.samples) > overlay.MOST_CURVES
        self.samples = self.samples[: overlay.MOST_CURVES]
        measured = (
            Measurement.objects.current()
            .visible_to(request.user)
            .filter(sample__in=self.samples)
        )
        if self.tracks is not None:
            measured = measured.filter(datasets__in=self.tracks).distinct()
        counts = Counter(
            dict(
                measured.values("technique")
                .order_by("technique")
                .annotate(count=Count("pk"))
                .values_list("technique", "count")
            )
        )
        self.techniques = [
            (techniques[key], count)
            for key, count in counts.items()
            if key in techniques
        ]
        self.technique = techniques.get(asked.get("technique"))
        if self.technique is None and self.techniques:
            self.technique = max(self.techniques, key=lambda one: one[1])[0]
        self.measurements = (
            measured.filter(technique=self.technique.key)
            if self.technique
            else measured
        )
        self.variables = varying([one.pk for one in self.samples])
        by_key = {one.key: one for one in self.variables}
        likely = likely_axes(self.variables, len(self.samples))
        first = next(iter(likely or self.variables), None)
        self.by = by_key.get(asked.get("by")) or first
        self.group = by_key.get(asked.get("group"))
        if self.by and "group" not in asked:
            self.group = self._likely_group(likely)
        self.normalise = asked.get("normalise")
        if self.normalise not in overlay.NORMALISATIONS:
            self.normalise = "none"
        self.view = asked.get("view") if asked.get("view") in VIEWS else "overlay"

    def _likely_group(self, likely):
        """The condition of few values that was varied beside the first variable."""
        for one in likely:
            if one.distinct <= MOST_GROUPS and says_more(self.by, one):
                return one
        return None

    def curves(self):
        """The newest measurement of the technique on each state of each sample."""
        rows = self.measurements.select_related(
            "sample__composition", "subject__process"
        ).order_by("sample__code", "pk")
        if self.tracks is None:
            rows = {one.subject_id: one for one in rows}.values()
        curves = overlay.read_curves(
            list(rows), self.technique.figure, self.normalise, only=self.tracks
        )
        if self.by:
            overlay.place(curves, self.by)
        if self.group:
            overlay.place(curves, self.group, attribute="group")
        curves.sort(key=lambda one: (one.place is None, one.place or 0.0))
        return curves


def _tracks(request):
    """Ids of the datasets named one by one, such as tracks of cells; None if none."""
    named = [as_uuid(text) for text in request.GET.getlist("track")]
    if not named:
        return None
    visible = Dataset.objects.current().visible_to(request.user)
    known = visible.filter(uuid__in=[one for one in named if one], is_result=False)
    return list(known.values_list("pk", flat=True)[: overlay.MOST_CURVES])


def _samples(request, tracks):
    """The samples named by id, or all that fit the filters of the sample list."""
    visible = (
        Sample.objects.visible_to(request.user)
        .select_related("composition")
        .order_by("code")
    )
    if tracks is not None:
        return list(visible.filter(measurements__datasets__in=tracks).distinct())
    named = [as_uuid(text) for text in request.GET.getlist("id")]
    if named:
        return list(visible.filter(uuid__in=[one for one in named if one]))
    filters = SampleFilterSet(request.GET, queryset=visible, request=request)
    if not any(request.GET.get(name) for name in filters.filters):
        return []
    return list(filters.qs.distinct()[: overlay.MOST_CURVES + 1])


@login_required
def overlaid(request):
    """The page: what is drawn is chosen here, and drawn from ``overlay/data/``."""
    question = Question(request)
    context = {
        "question": question,
        "views": VIEWS,
        "normalisations": overlay.NORMALISATIONS,
        "hidden": [
            (name, value)
            for name, values in request.GET.lists()
            if name not in ("technique", "by", "group", "normalise", "view")
            for value in values
        ],
        "data": f"{reverse('site:overlay-data')}?{request.GET.urlencode()}",
        "relation": _relation(question),
    }
    return render(request, "explore/overlay/overlay.html", context)


def _relation(question):
    """The explorer's parameters for the first trend, and the colour chosen here."""
    if not (question.technique and question.by):
        return None
    keys = overlay.quantities_of(question.technique.key)
    if not keys:
        return None
    asked = {"x": question.by.key, "y": keys[0]}
    if question.group:
        asked["color"] = question.group.key
    return asked


@login_required
def overlay_data(request):
    """Curves, map and trends as numbers; ``format=csv`` gives the curves as rows."""
    question = Question(request)
    curves = question.curves() if question.technique else []
    if request.GET.get("format") == "csv":
        return _as_csv(question, curves)
    told = {"curves": [_told(question, curve) for curve in curves]}
    if question.technique:
        told |= {
            "x": _axis(question.technique.axes, question.technique.figure.x),
            "y": _value_axis(question),
            "trends": [
                {**one, "unit": unit_symbol(one["unit"])}
                for one in overlay.trends(curves, question.technique.key)
            ],
        }
    told["by"] = _variable(question.by)
    told["group"] = _variable(question.group)
    told["view"] = question.view
    if question.view == "map":
        x, places, rows, averaged = overlay.colour_map(curves)
        told["map"] = {
            "x": _digits(x),
            "places": places.tolist(),
            "rows": [_digits(row) for row in rows],
            "averaged": averaged,
            "left_out": sum(1 for curve in curves if curve.place is None),
        }
    return HttpResponse(dumps(told), content_type="application/json")


def _told(question, curve):
    one = curve.measurement
    return {
        "code": one.sample.code,
        "sample": str(one.sample.uuid),
        "cell": curve.cell.label if curve.cell else "",
        "state": "" if one.subject.process_id is None else _state(one.subject),
        "address": one.get_absolute_url(),
        "place": curve.place,
        "group": curve.group,
        "simulated": one.origin == "simulated",
        **(
            {}
            if question.view == "map"
            else {"x": _digits(curve.x), "y": _digits(curve.y)}
        ),
    }


def _state(subject):
    return f"{subject.get_relation_display()} {str(subject.process).lower()}"


def _axis(specs, name):
    spec = next(one for one in specs if one.name == name)
    return {"label": spec.label, "unit": unit_symbol(spec.unit)}


def _value_axis(question):
    axis = _axis(question.technique.channels, question.technique.figure.y)
    if question.normalise != "none":
        scaled = "of the initial" if question.normalise == "initial" else "normalised"
        axis = {"label": f"{axis['label']}, {scaled}", "unit": ""}
    return {**axis, "log": "y" in question.technique.figure.log}


def _variable(one):
    if one is None:
        return None
    return {"key": one.key, "label": one.label, "unit": unit_symbol(one.unit)}


def _digits(values):
    """Numbers with the digits a drawing can show; unknown ones as null."""
    return [
        float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in values
    ]


class _Echo:
    """A file that hands back what is written: rows leave as they are made."""

    def write(self, text):
        return text


def _as_csv(question, curves):
    writer = csv.writer(_Echo())
    x = _axis(question.technique.axes, question.technique.figure.x) if curves else {}
    y = _value_axis(question) if curves else {}
    by = f"{question.by.key} [{question.by.unit}]" if question.by else "place"
    head = ["sample", "cell", "state", "origin", by, _head(x, "x"), _head(y, "y")]

    def rows():
        yield writer.writerow(head)
        for curve in curves:
            one = _told(question, curve)
            for at, value in zip(_digits(curve.x), _digits(curve.y), strict=True):
                yield writer.writerow(
                    [
                        one["code"],
                        one["cell"],
                        one["state"],
                        curve.measurement.origin,
                        one["place"],
                        at,
                        value,
                    ]
                )

    answer = StreamingHttpResponse(rows(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="overlay.csv"'
    return answer


def _head(axis, name):
    return f"{axis['label']} [{axis['unit'] or '1'}]" if axis else name
