"""Pages of measurements: upload, what was read, what is asked, what came out."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from analysis import services as analysis_services
from analysis.contract.registry import analyses
from analysis.models import AnalysisRun, RunInput
from analysis.stability import conformity, isos
from labdata.common.people.access import Project, require_write
from labdata.common.people.saved_views import SavedView
from labdata.site.kit.pages import (
    attempt,
    attempt_act,
    find,
    may_write,
    needs_project,
    page_of,
    readable_changes,
)
from labdata.site.kit.results.curve_figures import caption_of
from labdata.site.kit.results.run_forms import RunForm
from labdata.site.kit.results.run_rows import describe_rows, with_verdict
from labdata.site.measurements.forms.measurements import MeasurementForm, ReaderForm
from measurements import services
from measurements.filtersets import STATES, MeasurementFilterSet
from measurements.models import Dataset, File, Intake, Measurement
from measurements.registry import readers, techniques
from samples.models import Cell, Sample

CODES_OFFERED = 300
DATASETS_DRAWN = 24
INTAKES_SHOWN = 5
RUNS_SHOWN = 50
LAST_TECHNIQUE = "last_technique"
FINAL_STATES = ("ready", "question", "failed", "errored")
UNREAD_STATES = ("question", "failed", "errored")


def _cells():
    """The cells the files of measurements are of, to be read with a page of them."""
    rows = Dataset.objects.current().filter(is_result=False, cell__isnull=False)
    rows = rows.select_related("cell").only("measurement", "cell__label")
    rows = rows.order_by("cell__position", "cell_id")
    return Prefetch("datasets", rows, to_attr="on_cells")


def _whole():
    return Measurement.objects.select_related(
        "project",
        "sample",
        "parsing",
        "instrument",
        "subject__process",
        "subject__cell",
        "created_by",
    )


@login_required
def measurement_list(request):
    """The list: filters and parameters are those of the API."""
    visible = Measurement.objects.visible_to(request.user)
    filters = MeasurementFilterSet(request.GET, queryset=visible, request=request)
    rows = filters.qs.select_related(
        "project", "sample", "parsing", "subject__cell"
    ).order_by("-pk")
    rows = rows.prefetch_related("files", _cells())
    page = page_of(request, rows)
    for row in page.object_list:
        labels = dict.fromkeys(one.cell.label for one in row.on_cells)
        named = row.subject.cell
        row.cell_labels = list(labels) or ([named.label] if named else [])
    context = {
        "page": page,
        "filters": filters,
        "projects": Project.objects.current().visible_to(request.user),
        "techniques": [(one.key, one.label) for one in techniques],
        "states": STATES,
        "is_filtered": any(request.GET.get(name) for name in filters.filters),
        "saved_views": SavedView.objects.visible_to(request.user).for_page(
            "measurements"
        ),
        "page_key": "measurements",
        "intakes": Intake.objects.visible_to(request.user)
        .unfinished()
        .filter(created_by=request.user)
        .with_counts()[:INTAKES_SHOWN],
    }
    return render(request, "measurements/list.html", context)


def _named_sample(request):
    """The sample a form names, if there is such a one."""
    code = request.POST.get("sample") or request.GET.get("sample")
    if not code:
        return None
    visible = Sample.objects.visible_to(request.user).select_related("project")
    return visible.filter(code=code).first()


def _upload_form(request, data=None, files=None):
    technique = request.POST.get("technique") or request.GET.get("technique")
    # What this session measured last; before anything was, the form asks.
    technique = technique or request.session.get(LAST_TECHNIQUE, "")
    return MeasurementForm(
        data,
        files,
        initial={
            "technique": technique,
            "operator": request.user.get_full_name() or request.user.get_username(),
            **request.GET.dict(),
        },
        user=request.user,
        technique=technique,
        sample=_named_sample(request),
    )


@login_required
@needs_project
def measurement_new(request):
    if request.method != "POST":
        return _upload_page(request, _upload_form(request))
    form = _upload_form(request, request.POST, request.FILES)
    row = attempt(
        form,
        lambda: services.create_measurement(user=request.user, **form.values()),
    )
    if row is None:
        return _upload_page(request, form)
    request.session[LAST_TECHNIQUE] = row.technique
    return redirect(row)


def _upload_page(request, form):
    context = {
        "form": form,
        "sample": _named_sample(request),
        "cells": Cell.objects.filter(
            sample=_named_sample(request), archived_at__isnull=True
        ).values_list("label", flat=True),
        "codes": Sample.objects.current()
        .visible_to(request.user)
        .order_by("-created_at")
        .values_list("code", flat=True)[:CODES_OFFERED],
    }
    return render(request, "measurements/form.html", context)


@login_required
def technique_part(request):
    """The part of the upload form that depends on the technique, as typed so far."""
    form = _upload_form(request)
    return render(request, "measurements/technique_part.html", {"form": form})


@login_required
@never_cache
def measurement(request, uuid):
    row = find(_whole(), request, uuid=uuid)
    return _measurement_page(request, row)


def _measurement_page(request, row, question_form=None, run_form=None):
    spec = techniques.get(row.technique)
    can_write = may_write(request.user, row.project)
    offered = [one for one in analyses if one.serves(row.technique)]
    if run_form is None and can_write and offered and row.state == "ready":
        run_form = RunForm(spec=_asked_analysis(request, offered))
    datasets = _datasets(row)
    by_cell = _by_cell(row, datasets)
    drawn = None if request.GET.get("datasets") == "all" else DATASETS_DRAWN
    intake = Intake.objects.filter(files__measurement=row).first()
    context = {
        **_neighbours(row, intake),
        "intake": intake,
        "measurement": row,
        "state": row.state,
        "is_final": row.state in FINAL_STATES,
        "conditions": _conditions(row, spec),
        "files": File.objects.filter(measurement=row).select_related("blob"),
        "datasets": datasets,
        "by_cell": by_cell,
        "isos": _conformity(request, row),
        "cells": list(dict.fromkeys(one.cell.label for one in datasets if one.cell)),
        "shown": datasets[1:drawn],
        "runs": AnalysisRun.objects.filter(measurement=row)
        .select_related("created_by", "cell")
        .order_by("-pk")[:RUNS_SHOWN],
        "candidates": _candidates(row),
        "question_form": question_form,
        "run_form": run_form,
        "analyses": offered,
        "can_write": can_write,
        "history": readable_changes(row),
        "figure_caption": caption_of(spec.figure) if spec else "",
        "is_track": bool(spec and spec.joins and row.state not in UNREAD_STATES),
        "has_ended": row.conditions.get("test_state") == "ended",
    }
    return render(request, "measurements/measurement.html", context)


def _datasets(row):
    """What was read from its files, and which of it an analysis took."""
    rows = list(
        Dataset.objects.current()
        .without_arrays()
        .filter(measurement=row, is_result=False)
        .select_related("file", "cell")
        .order_by("cell__position", "cell_id", "pk")
    )
    taken = RunInput.objects.filter(run__measurement=row, run__is_automatic=True)
    analysed = set(taken.values_list("dataset_id", flat=True))
    for one in rows:
        one.is_analysed = one.pk in analysed
    return rows


def _conformity(request, row):
    """The ISOS verdict on an ageing test, from what is recorded of it now."""
    if row.technique not in conformity.TECHNIQUES:
        return None
    asked = request.GET.get("protocol", "").strip()
    told = {
        "asked": asked,
        "fitting": [one.protocol for one in conformity.fitting(row)],
        "rules_version": isos.RULES_VERSION,
        "citation": isos.CITATION,
        "verdict": None,
    }
    try:
        told["claimed"], verdict = conformity.verdict_of(row, asked)
        told["verdict"] = verdict and verdict.to_json()
    except ValidationError as error:
        told["problem"] = " ".join(error.messages)
    return told


def _together(row):
    """Whether curves of a technique belong together even where no cell is named."""
    spec = techniques.get(row.technique)
    return spec is not None and bool(spec.together)


def _by_cell(row, datasets):
    """Curves and runs by cell, where several were measured at once; else nothing."""
    curves = [one for one in datasets if len(one.shape) == 1]
    if len(datasets) < 2 or len(curves) < len(datasets):
        return []
    if not any(one.cell for one in datasets) and not _together(row):
        return []
    runs = with_verdict(
        AnalysisRun.objects.filter(measurement=row)
        .select_related("cell")
        .order_by("-pk")
    )
    groups = {}
    for one in datasets:
        label = one.cell.label if one.cell else ""
        group = groups.setdefault(
            one.cell_id, {"label": label, "datasets": [], "runs": []}
        )
        group["datasets"].append(one)
    for run in describe_rows(runs):
        if run.cell_id in groups and (run.stands or run.state != "done"):
            groups[run.cell_id]["runs"].append(run)
    return list(groups.values())


def _neighbours(row, intake):
    """The measurements before and after: of those dropped together, or its sample's."""
    others = Measurement.objects.current().select_related("sample")
    if intake is not None:
        others = others.filter(intake_file__intake=intake)
    else:
        others = others.filter(sample=row.sample)
    return {
        "before": others.filter(pk__lt=row.pk).order_by("-pk").first(),
        "after": others.filter(pk__gt=row.pk).order_by("pk").first(),
    }


def _asked_analysis(request, offered):
    asked = request.GET.get("analysis") or request.POST.get("analysis")
    by_key = {one.key: one for one in offered}
    return by_key.get(asked) or offered[0]


def _conditions(row, spec):
    """Conditions in the technique's order, with who said each."""
    if spec is None:
        return []
    return [
        {
            "spec": one,
            "value": row.conditions[one.key],
            "source": row.sources.get(one.key, ""),
        }
        for one in spec.conditions
        if row.conditions.get(one.key) not in (None, "")
    ]


def _candidates(row):
    """The readers a question offers, each once, with its reasons."""
    if row.state != "question":
        return []
    offered = {}
    for one in row.parsing.candidates:
        entry = offered.setdefault(
            one["reader"],
            {"reader": one["reader"], "label": one["label"], "reasons": []},
        )
        reason = f"{one['file']}: {one['reason']}"
        if reason not in entry["reasons"]:
            entry["reasons"].append(reason)
        known = readers.get(one["reader"])
        entry["limits"] = known.limits if known else ""
    return list(offered.values())


@login_required
@never_cache
def measurement_state(request, uuid):
    """The live part of a measurement's page; the header says when it is final."""
    row = find(_whole(), request, uuid=uuid)
    context = {"measurement": row, "state": row.state}
    answer = HttpResponse(
        render_to_string("measurements/state.html", context, request=request)
    )
    answer["X-Final"] = "yes" if row.state in FINAL_STATES else "no"
    return answer


@login_required
@require_POST
def measurement_reader(request, uuid):
    """Answer the question which reader is right, or read the files anew."""
    row = find(_whole(), request, uuid=uuid)
    require_write(request.user, row.project)
    form = ReaderForm(request.POST)
    form.fields["reader"].required = row.state == "question"
    act = services.answer_question if row.state == "question" else services.reparse
    done = attempt(
        form,
        lambda: act(
            user=request.user,
            measurement=row,
            reader=form.cleaned_data["reader"],
        ),
    )
    if done is not None:
        return redirect(row)
    return _measurement_page(request, row, question_form=form)


@login_required
@require_POST
def run_new(request, uuid):
    """Ask for an analysis; the same question twice leads to the same run."""
    row = find(_whole(), request, uuid=uuid)
    require_write(request.user, row.project)
    offered = [one for one in analyses if one.serves(row.technique)]
    if not offered:
        return redirect(row)
    form = RunForm(request.POST, spec=_asked_analysis(request, offered))
    run = attempt(
        form,
        lambda: analysis_services.request_run(
            user=request.user,
            analysis=form.spec.key,
            measurement=row,
            parameters=form.parameters,
        ),
    )
    if run is not None:
        return redirect(run)
    return _measurement_page(request, row, run_form=form)


@login_required
@require_POST
def measurement_archive(request, uuid):
    row = find(_whole(), request, uuid=uuid)
    archived = request.POST.get("archived") == "yes"
    said = "put away" if archived else "back"
    attempt_act(
        request,
        lambda: services.set_archived(
            user=request.user, measurement=row, archived=archived
        ),
        f"The measurement is {said}.",
    )
    return redirect(row)
