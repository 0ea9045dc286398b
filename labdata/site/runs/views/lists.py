"""Many runs at once: the list, judging, asking again, cancelling."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from analysis import services
from analysis.contract.registry import analyses
from analysis.filtersets import VERDICTS, AnalysisRunFilterSet
from analysis.models import AnalysisRun
from analysis.runs.together import address_of
from labdata.common.people.access import Project, require_write
from labdata.common.people.saved_views import SavedView
from labdata.site.kit.forms import LabForm
from labdata.site.kit.pages import attempt, page_of
from labdata.site.kit.results.run_forms import QUICK_REASONS, DecisionForm, RunForm
from labdata.site.kit.results.run_rows import (
    Queue,
    describe_rows,
    whole_runs,
    with_verdict,
)
from labdata.site.kit.undo import decisions_to_undo, offer_undo, take_undo
from samples.services.references import as_uuid

MOST_AT_ONCE = 1000
SWITCHES = (
    ("current", "Only those that count"),
    ("outdated", "Of an old version"),
    ("mine", "Asked by me"),
)
# Filters that stand in addresses only, and stay when others are changed.
KEPT = (
    "batch",
    "created_after",
    "created_before",
    "id",
    "measurement",
    "sample",
    "technique",
)
STATES_ASKED = 100
SHOWN_AGAIN = 20


@login_required
@never_cache
def run_list(request):
    """The list: filters and parameters are those of the API."""
    visible = whole_runs().visible_to(request.user)
    filters = AnalysisRunFilterSet(request.GET, queryset=visible, request=request)
    page = page_of(request, with_verdict(filters.qs).order_by("-pk"))
    page.object_list = describe_rows(page.object_list)
    context = {
        "page": page,
        "filters": filters,
        "projects": Project.objects.current().visible_to(request.user),
        "analyses": [(one.key, one.label) for one in analyses],
        "states": AnalysisRun.State.values,
        "verdicts": VERDICTS,
        "switches": [
            (name, label, request.GET.get(name) == "true") for name, label in SWITCHES
        ],
        "kept": [(name, value) for name in KEPT for value in request.GET.getlist(name)],
        "queue": _queue_query(request.GET),
        "quick_reasons": QUICK_REASONS,
        "is_filtered": any(request.GET.get(name) for name in filters.filters),
        "as_pictures": request.GET.get("show") == "pictures",
        "open_ids": [row.uuid for row in page.object_list if row.is_open],
        "saved_views": SavedView.objects.visible_to(request.user).for_page("runs"),
        "page_key": "runs",
        "undo": take_undo(request),
        "can_write": Project.objects.writable_by(request.user).exists(),
    }
    return render(request, "runs/list.html", context)


def _queue_query(query):
    """What says which runs a list is about, without how it shows them."""
    kept = query.copy()
    for name in ("page", "show"):
        kept.pop(name, None)
    return kept.urlencode()


@login_required
@never_cache
def runs_states(request):
    """What became of the runs a list showed as open; asked until none is."""
    ids = [one for one in map(as_uuid, request.GET.getlist("id")[:STATES_ASKED]) if one]
    rows = with_verdict(whole_runs().visible_to(request.user)).filter(uuid__in=ids)
    rows = describe_rows(rows.order_by("-pk"))
    context = {"rows": rows, "is_over": not any(row.is_open for row in rows)}
    return render(request, "runs/states.html", context)


@login_required
def runs_judge(request):
    """Go to the first run of a list that nobody has judged."""
    query = request.GET.urlencode()
    first = Queue.of(request, query).next_unjudged()
    if first is None:
        messages.info(request, "Every fit here has its verdict.")
        return redirect(f"{reverse('site:runs')}?{query}")
    return redirect(f"{first.get_absolute_url()}?{urlencode({'queue': query})}")


def chosen_runs(request, sent):
    """The runs named by id, or all of a list named by its query, newest first."""
    visible = whole_runs().visible_to(request.user)
    if sent.get("all") == "yes":
        asked = QueryDict(sent.get("query", ""))
        rows = AnalysisRunFilterSet(asked, queryset=visible, request=request).qs
    else:
        given = dict.fromkeys(sent.getlist("id"))
        ids = [as_uuid(one) for one in given]
        if not all(ids):
            raise Http404("An id is none.")
        rows = visible.filter(uuid__in=ids)
        if rows.count() != len(ids):
            raise Http404("There is no such run.")
    return list(rows.order_by("-pk")[: MOST_AT_ONCE + 1])


def way_back(request, otherwise=""):
    """The address a form asks to return to, or another, or the list."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return address
    return otherwise or reverse("site:runs")


def _require_some(rows):
    if not rows:
        raise ValidationError("Tick at least one run.")
    if len(rows) > MOST_AT_ONCE:
        raise ValidationError(f"At most {MOST_AT_ONCE} at a time.")


@login_required
@require_POST
def runs_decide(request):
    """Accept, reject or withdraw what was said of several runs."""
    rows = chosen_runs(request, request.POST)
    back = way_back(request)
    form = DecisionForm(request.POST)
    done = [row for row in rows if row.state == AnalysisRun.State.DONE]

    def act():
        _require_some(rows)
        return services.decide_many(
            user=request.user,
            runs=done,
            verdict=form.cleaned_data["verdict"],
            reason=form.cleaned_data["reason"],
        )

    decisions = attempt(form, act)
    if decisions is None:
        for errors in form.errors.values():
            messages.error(request, " ".join(errors))
        return redirect(back)
    said = decisions[0].get_verdict_display() if decisions else "Nothing"
    words = f"{said}: {count_of(len(decisions), 'fit')}."
    if left := len(rows) - len(done):
        words += f" {count_of(left, 'run')} without a result left out."
    offer_undo(request, decisions, words)
    return redirect(back)


@login_required
@require_POST
def runs_undo(request):
    """Take back what was said a moment ago."""
    ids = [one for one in map(as_uuid, request.POST.getlist("id")) if one]
    undone = services.undo_decisions(
        user=request.user, decisions=decisions_to_undo(request.user, ids)
    )
    if undone:
        messages.success(request, f"Taken back: {count_of(len(undone), 'verdict')}.")
    else:
        messages.warning(request, "Nothing was taken back: others judged since.")
    return redirect(way_back(request))


@login_required
@require_POST
def runs_cancel(request):
    """Stop those of the chosen runs that are waiting or running."""
    rows = chosen_runs(request, request.POST)
    for row in rows:
        require_write(request.user, row.project)
    stopped = 0
    for row in rows:
        if row.is_open:
            services.cancel_run(user=request.user, run=row)
            stopped += 1
    messages.success(request, f"{count_of(stopped, 'run')} being stopped.")
    return redirect(way_back(request))


@login_required
@never_cache
def runs_again(request):
    """Ask the chosen runs' questions again, as they were or with other parameters."""
    sent = request.POST if request.method == "POST" else request.GET
    rows = chosen_runs(request, sent)
    kinds = sorted({row.analysis for row in rows})
    spec = analyses.get(kinds[0]) if len(kinds) == 1 else None
    if not rows:
        messages.warning(request, "Tick at least one run.")
        return redirect(way_back(request))
    if request.method != "POST" or "how" not in request.POST:
        alike = all(row.parameters == rows[0].parameters for row in rows)
        parameters = rows[0].parameters if alike else None
        form = RunForm(spec=spec, parameters=parameters) if spec else None
        return _again_page(request, rows, spec, form)
    asks_other = request.POST["how"] == "other" and spec is not None
    form = RunForm(request.POST, spec=spec) if asks_other else LabForm(request.POST)

    def act():
        _require_some(rows)
        return services.rerun_many(
            user=request.user,
            runs=rows,
            parameters=form.parameters if asks_other else None,
        )

    made = attempt(form, act)
    if made is None:
        return _again_page(request, rows, spec, form, how=request.POST["how"])
    fresh = [run for run in made if run.is_open]
    words = f"{count_of(len(fresh), 'analysis')} queued."
    if answered := len(made) - len(fresh):
        words += f" {answered} had their answer already."
    messages.success(request, words)
    return redirect(address_of(fresh[0]) if fresh else way_back(request))


def _again_page(request, rows, spec, form, how=""):
    versions = {one.key: one.version for one in analyses}
    old = sum(1 for row in rows if versions.get(row.analysis) != row.version)
    context = {
        "rows": rows[:SHOWN_AGAIN],
        "count": len(rows),
        "measurements": len({row.measurement_id for row in rows}),
        "old": old,
        "ids": [row.uuid for row in rows],
        "spec": spec,
        "form": form,
        "how": how or ("other" if spec and not old else "same"),
        "next": way_back(request),
    }
    return render(request, "runs/again.html", context)


def count_of(number, thing):
    """``1 fit``, ``24 fits``, ``2 analyses``."""
    plural = {"analysis": "analyses"}.get(thing, f"{thing}s")
    return f"{number} {thing if number == 1 else plural}"
