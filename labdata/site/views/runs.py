"""The page of a run: curves, numbers, how good it is, where it came from, a verdict."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from analysis import services
from analysis.models import AnalysisRun, Decision
from analysis.registry import analyses
from labdata.common.access import require_write
from labdata.common.quantities import quantities
from labdata.site.forms import DecisionForm, RunForm
from labdata.site.statistics import describe_fit
from labdata.site.views.base import attempt, attempt_act, find, may_write
from samples.models import ProcessOutput

DECISIONS_SHOWN = 20
OTHERS_SHOWN = 20


def _whole():
    return AnalysisRun.objects.select_related(
        "project",
        "measurement__project",
        "measurement__sample",
        "measurement__parsing",
        "measurement__subject__process",
        "created_by",
    )


@login_required
@never_cache
def run(request, uuid):
    row = find(_whole(), request, uuid=uuid)
    return _run_page(request, row)


def _run_page(request, row, decision_form=None):
    spec = analyses.get(row.analysis)
    can_write = may_write(request.user, row.project)
    values = list(row.values.with_standing().order_by("pk"))
    for value in values:
        value.spec = quantities.get(value.quantity)
        value.unit = value.spec.unit if value.spec else ""
    decisions = list(
        Decision.objects.filter(run=row).select_related("user")[:DECISIONS_SHOWN]
    )
    verdict = decisions[0].verdict if decisions else ""
    context = {
        "run": row,
        "measurement": row.measurement,
        "sample": row.measurement.sample,
        "is_simulated": row.measurement.origin == "simulated",
        "stands": any(value.is_current for value in values),
        "values": values,
        "fit": describe_fit(row.diagnostics),
        "inputs": row.inputs.select_related("dataset__file__blob"),
        "results": row.results.select_related("dataset").defer(
            "dataset__container", "dataset__preview"
        ),
        "decisions": decisions,
        "verdict": "" if verdict == Decision.Verdict.WITHDRAWN else verdict,
        "decision_form": decision_form or DecisionForm(),
        "others": AnalysisRun.objects.filter(
            measurement=row.measurement, analysis=row.analysis
        )
        .exclude(pk=row.pk)
        .order_by("-pk")[:OTHERS_SHOWN],
        "run_form": RunForm(spec=spec, parameters=row.parameters)
        if spec and can_write
        else None,
        "parameters": _parameters(spec, row),
        "made_by": _maker(row.measurement.sample),
        "can_write": can_write,
        "is_old_version": spec is not None and spec.version != row.version,
    }
    return render(request, "runs/run.html", context)


def _maker(sample):
    """The process that made a sample, the last link of the chain."""
    found = ProcessOutput.objects.filter(sample=sample).select_related("process")
    output = found.filter(process__archived_at__isnull=True).first()
    return output.process if output else None


def _parameters(spec, row):
    """The parameters a run was asked with, under the titles its form shows."""
    schema = spec.parameter_schema()["properties"] if spec else {}
    return [
        {
            "title": schema.get(name, {}).get("title") or name,
            "value": value,
            "unit": schema.get(name, {}).get("unit", ""),
            "is_default": name in schema and value == schema[name].get("default"),
        }
        for name, value in row.parameters.items()
    ]


@login_required
@never_cache
def run_state(request, uuid):
    """The live part of a run's page; the header says when it is final."""
    row = find(_whole(), request, uuid=uuid)
    context = {"run": row, "can_write": may_write(request.user, row.project)}
    answer = HttpResponse(render_to_string("runs/state.html", context, request=request))
    answer["X-Final"] = "no" if row.is_open else "yes"
    return answer


@login_required
@require_POST
def run_cancel(request, uuid):
    row = find(_whole(), request, uuid=uuid)
    attempt_act(
        request,
        lambda: services.cancel_run(user=request.user, run=row),
        "The analysis is being stopped.",
    )
    return redirect(row)


@login_required
@require_POST
def run_decide(request, uuid):
    """Accept, reject or withdraw; a rejection needs its reason."""
    row = find(_whole(), request, uuid=uuid)
    require_write(request.user, row.project)
    form = DecisionForm(request.POST)
    decision = attempt(
        form,
        lambda: services.decide(
            user=request.user,
            about=row,
            verdict=form.cleaned_data["verdict"],
            reason=form.cleaned_data["reason"],
        ),
    )
    if decision is not None:
        return redirect(row)
    return _run_page(request, row, decision_form=form)
