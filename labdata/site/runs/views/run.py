"""The page of a run: curves, numbers, how good it is, where it came from, a verdict."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from analysis import services
from analysis.contract.registry import analyses
from analysis.models import AnalysisRun, Decision
from labdata.common.api.renderers import dumps
from labdata.common.people.access import require_write
from labdata.plugin import AnalysisError, InvalidDataset
from labdata.site.kit.pages import attempt, attempt_act, find, may_write
from labdata.site.kit.results.flag_words import doubts_about, told_flags
from labdata.site.kit.results.run_chain import chain_of
from labdata.site.kit.results.run_forms import QUICK_REASONS, DecisionForm, RunForm
from labdata.site.kit.results.run_rows import (
    Queue,
    describe_rows,
    name_value,
    shown_parameters,
    whole_runs,
    with_verdict,
)
from labdata.site.kit.undo import offer_undo, take_undo
from labdata.site.runs.comparison import compare_values
from labdata.site.runs.parts import (
    comparisons_of,
    details_of,
    figures_of,
    fits_of,
    missing_of,
    tables_of,
    values_of,
)
from measurements.api.describe import describe_array
from measurements.arrays.preview import downsample
from measurements.arrays.rows import load_dataset
from measurements.registry import techniques
from samples.services.references import as_uuid

DECISIONS_SHOWN = 20
OTHERS_SHOWN = 20
COMPARED_AT_MOST = 6
POINTS_DRAWN = 4000


@login_required
@never_cache
def run(request, uuid):
    row = find(whole_runs(), request, uuid=uuid)
    return _run_page(request, row)


def _run_page(request, row, decision_form=None, run_form=None):
    spec = analyses.get(row.analysis)
    can_write = may_write(request.user, row.project)
    values = [name_value(one) for one in row.values.with_standing().order_by("pk")]
    decisions = list(
        Decision.objects.filter(run=row).select_related("user")[:DECISIONS_SHOWN]
    )
    verdict = decisions[0].verdict if decisions else ""
    others = list(
        AnalysisRun.objects.filter(measurement=row.measurement)
        .exclude(pk=row.pk)
        .select_related("cell")
        .order_by("-pk")[:OTHERS_SHOWN]
    )
    if run_form is None and spec and can_write:
        run_form = RunForm(spec=spec, parameters=row.parameters)
    parts = row.parts
    sides, other_values = values_of(values, row)
    context = {
        "run": row,
        "measurement": row.measurement,
        "sample": row.measurement.sample,
        "is_simulated": row.measurement.origin == "simulated",
        "stands": any(value.is_current for value in values),
        "values": values,
        "sides": sides,
        "other_values": other_values,
        "intervals": parts.intervals,
        "definitions": parts.definitions,
        "missing": missing_of(parts, sides),
        "fits": fits_of(parts),
        "comparisons": comparisons_of(parts),
        "tables": tables_of(parts),
        "details": details_of(parts),
        "figures": figures_of(row),
        "flags": told_flags(values, row),
        "doubts": doubts_about(row, values) if row.state == "done" else [],
        "results": row.results.values_list("role", "dataset__uuid"),
        "decisions": decisions,
        "verdict": "" if verdict == Decision.Verdict.WITHDRAWN else verdict,
        "decision_form": decision_form or DecisionForm(),
        "quick_reasons": QUICK_REASONS,
        "others": others,
        "comparison": _comparison_query(row, others),
        "against": _against(request, row),
        "run_form": run_form,
        "adjusting": run_form is not None and run_form.is_bound,
        "roles": _adjustable(row, spec, run_form),
        "parameters": shown_parameters(spec, row),
        "chain": chain_of(row),
        "can_write": can_write,
        "is_old_version": spec is not None and spec.version != row.version,
        "undo": take_undo(request),
        **_queue_part(request, row),
    }
    return render(request, "runs/run.html", context)


def _adjustable(row, spec, run_form):
    """What of a run's parameters is set in its figure: a window, starts of a curve."""
    technique = techniques.get(row.measurement.technique)
    if run_form is None or row.is_open or spec.gathers or technique is None:
        return {}
    roles = run_form.roles
    is_drawn = technique.figure.kind == "curve" and {"window", "start"} & set(roles)
    return roles if is_drawn else {}


def _comparison_query(row, others):
    """Ids of this run and the newest others with a result, for the comparison."""
    done = [one for one in others if one.state == AnalysisRun.State.DONE]
    if row.state != AnalysisRun.State.DONE or not done:
        return ""
    ids = [row.uuid, *(one.uuid for one in done[: COMPARED_AT_MOST - 1])]
    return urlencode({"id": ids}, doseq=True)


def _against(request, row):
    """The values beside those of the run this one was asked instead of."""
    uuid = as_uuid(request.GET.get("with", ""))
    if uuid is None or row.state != AnalysisRun.State.DONE:
        return None
    both = with_verdict(whole_runs().visible_to(request.user))
    rows = describe_rows(both.filter(uuid__in=[uuid, row.uuid]).order_by("pk"))
    old = next((one for one in rows if one.uuid == uuid), None)
    new = next((one for one in rows if one.uuid == row.uuid), None)
    if old is None or old is new:
        return None
    return {
        "run": old,
        "values": compare_values([old, new], old),
        "query": urlencode({"id": [old.uuid, new.uuid]}, doseq=True),
    }


def _queue_part(request, row):
    """Where one is in a list of runs to judge, if one came from such a list."""
    query = request.POST.get("queue", request.GET.get("queue"))
    if query is None:
        return {"queue": None}
    queue = Queue.of(request, query)
    return {
        "queue": query,
        "queue_before": queue.before(row),
        "queue_after": queue.after(row),
        "queue_left": queue.count_left(),
    }


@login_required
@never_cache
def run_state(request, uuid):
    """The live part of a run's page; the header says when it is final."""
    row = find(whole_runs(), request, uuid=uuid)
    context = {"run": row, "can_write": may_write(request.user, row.project)}
    answer = HttpResponse(render_to_string("runs/state.html", context, request=request))
    answer["X-Final"] = "no" if row.is_open else "yes"
    return answer


@login_required
@require_GET
@never_cache
def run_data(request, uuid):
    """All data of a run as its analysis sees them, also outside the window.

    ``axis`` asks for another one of the axes the analysis offers, ``dataset`` for
    another than the first of several the run took.
    """
    row = find(whole_runs(), request, uuid=uuid)
    spec = analyses.get(row.analysis)
    entries = row.inputs.select_related("dataset__blob").order_by("position")
    if asked := request.GET.get("dataset"):
        entries = entries.filter(dataset__uuid=as_uuid(asked))
    entry = entries.first()
    if spec is None or entry is None:
        return JsonResponse({"detail": "This analysis is not installed."}, status=404)
    parameters = spec.with_axis(row.parameters, request.GET.get("axis"))
    try:
        seen = spec.view(load_dataset(entry.dataset), parameters)
    except (AnalysisError, InvalidDataset) as error:
        return JsonResponse({"detail": str(error)}, status=400)
    told = dumps(describe_array(downsample(seen, POINTS_DRAWN)))
    return HttpResponse(told, content_type="application/json")


@login_required
@require_POST
def run_again(request, uuid):
    """Ask for the same analysis with other parameters, and show what that changes."""
    row = find(whole_runs(), request, uuid=uuid)
    require_write(request.user, row.project)
    spec = analyses.get(row.analysis)
    if spec is None:
        messages.error(request, "This analysis is not installed any more.")
        return redirect(row)
    form = RunForm(request.POST, spec=spec)
    made = attempt(
        form,
        lambda: services.rerun(user=request.user, run=row, parameters=form.parameters),
    )
    if made is None:
        return _run_page(request, row, run_form=form)
    if made.pk == row.pk:
        messages.info(request, "These are the parameters of this run: nothing to do.")
        return redirect(row)
    return redirect(f"{made.get_absolute_url()}?{urlencode({'with': row.uuid})}")


@login_required
@require_POST
def run_cancel(request, uuid):
    row = find(whole_runs(), request, uuid=uuid)
    attempt_act(
        request,
        lambda: services.cancel_run(user=request.user, run=row),
        "The analysis is being stopped.",
    )
    return redirect(row)


@login_required
@require_POST
def run_decide(request, uuid):
    """Accept, reject or withdraw; a rejection needs its reason.

    Who judges a list of runs is taken to the next one without a verdict.
    """
    row = find(whole_runs(), request, uuid=uuid)
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
    if decision is None:
        return _run_page(request, row, decision_form=form)
    query = request.POST.get("queue")
    back = row.get_absolute_url()
    if query is not None:
        back += f"?{urlencode({'queue': query})}"
    if decision.verdict != Decision.Verdict.WITHDRAWN:
        said = decision.get_verdict_display()
        words = f"{said}: {row.get_analysis_display()} of {row.measurement.sample}."
        offer_undo(request, [decision], words, back=back)
    if query is None or decision.verdict == Decision.Verdict.WITHDRAWN:
        return redirect(back)
    following = Queue.of(request, query).next_unjudged(row)
    if following is None:
        messages.success(request, "That was the last one: every fit has its verdict.")
        return redirect(f"{reverse('site:runs')}?{query}")
    return redirect(f"{following.get_absolute_url()}?{urlencode({'queue': query})}")
