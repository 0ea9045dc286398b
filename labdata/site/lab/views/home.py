"""The first page: what needs somebody, what runs, what is mine, what is new."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, F, OuterRef, Window
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from analysis import services
from analysis.filtersets import AnalysisRunFilterSet
from analysis.models import AnalysisRun
from labdata.common.jobs.models import OPEN_STATES
from labdata.common.people.access import WRITING_ROLES, Membership
from labdata.common.people.drafts import Draft
from labdata.site.lab.draft_titles import describe_drafts
from labdata.site.lab.under_way import under_way
from measurements.models import Intake, Measurement
from samples.models import Process, Sample
from samples.services.references import as_uuid

SHOWN = 8
BROKEN = ("failed", "errored")
# What of a person's own runs nobody has looked at, as the list of runs is asked for it.
TO_JUDGE = "state=done&current=true&mine=true&verdict=none"
MOST_TO_JUDGE = 500
DRAFTS_SHOWN = 5


@login_required
@never_cache
def home(request):
    user = request.user
    memberships = list(
        Membership.objects.filter(user=user, project__archived_at__isnull=True)
        .select_related("project")
        .order_by("project__slug")
    )
    writable = {one.project_id for one in memberships if one.role in WRITING_ROLES}
    samples = (
        Sample.objects.current()
        .visible_to(user)
        .select_related("project", "composition")
        .order_by("-created_at", "-pk")
    )
    measurements = (
        Measurement.objects.current()
        .visible_to(user)
        .with_state()
        .select_related("sample", "parsing", "project")
        .order_by("-pk")
    )
    mine = list(samples.filter(owner=user)[:SHOWN])
    newest = list(measurements[:SHOWN])
    context = {
        "memberships": memberships,
        "writable": writable,
        "mine": mine,
        "others": samples.exclude(owner=user)[:SHOWN],
        "newest": newest,
        "questions": _counted(measurements.filter(state_key="question")),
        "unread": _counted(measurements.filter(state_key__in=BROKEN)),
        "failed": _counted(_without_result(user)),
        "planned": _planned(user),
        "intakes": Intake.objects.visible_to(user)
        .unfinished()
        .filter(created_by=user)
        .with_counts()
        .order_by("-pk")[:SHOWN],
        "drafts": describe_drafts(
            Draft.objects.visible_to(user).order_by("-updated_at")[:DRAFTS_SHOWN]
        ),
        "to_judge": _to_judge(request),
        "to_judge_query": TO_JUDGE,
        "work": under_way(user),
        "is_empty": not (mine or newest),
        "now": timezone.now(),
    }
    return render(request, "lab/home/home.html", context)


def _counted(rows):
    """The first rows, each with the number of all of them."""
    return list(rows.annotate(of_all=Window(Count("pk")))[:SHOWN])


def _to_judge(request):
    """How many fits wait for a first look, counted up to a bound."""
    visible = AnalysisRun.objects.visible_to(request.user)
    asked = AnalysisRunFilterSet(QueryDict(TO_JUDGE), queryset=visible, request=request)
    return asked.qs.order_by("-pk").values("pk")[:MOST_TO_JUDGE].count()


def _without_result(user):
    """Runs that gave nothing, unless the same was asked again and did or may."""
    later = AnalysisRun.objects.filter(
        measurement=OuterRef("measurement"),
        analysis=OuterRef("analysis"),
        pk__gt=OuterRef("pk"),
        state__in=[*OPEN_STATES, *BROKEN, AnalysisRun.State.DONE],
    )
    return (
        AnalysisRun.objects.visible_to(user)
        .filter(~Exists(later), state__in=BROKEN, measurement__archived_at__isnull=True)
        .select_related("measurement__sample")
        .defer("traceback", "environment", "result")
        .order_by("-pk")
    )


def _planned(user):
    """Planned acts, the one that is due first on top, those without a day last."""
    return _counted(
        Process.objects.current()
        .visible_to(user)
        .filter(state=Process.State.PLANNED)
        .select_related("project")
        .prefetch_related("inputs__sample", "outputs__sample")
        .order_by(F("started_at").asc(nulls_last=True), "-pk")
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def running(request):
    """The part of the first page that lives; a POST stops what it names first."""
    if request.method == "POST":
        told = _stop(request)
        if not request.htmx:
            messages.info(request, told)
            return redirect("site:home")
    work = under_way(request.user)
    context = {
        "work": work,
        "writable": set(
            Membership.objects.filter(
                user=request.user, role__in=WRITING_ROLES
            ).values_list("project_id", flat=True)
        ),
        "was_busy": True,
    }
    answer = render(request, "lab/home/running.html", context)
    if not work.is_busy:
        # What waits for somebody has changed with the last job's end.
        answer["HX-Trigger"] = "work-done"
    return answer


def _stop(request):
    """Cancel one run, or all that this person asked for; say how many that were."""
    runs = AnalysisRun.objects.visible_to(request.user).open()
    if "all" in request.POST:
        chosen = runs.filter(created_by=request.user)
    else:
        named = map(as_uuid, request.POST.getlist("run"))
        chosen = runs.filter(uuid__in=[uuid for uuid in named if uuid])
    stopped = 0
    for run in chosen.select_related("project"):
        try:
            services.cancel_run(user=request.user, run=run)
        except ValidationError:
            # It ended between the list and this act.
            continue
        stopped += 1
    return f"{stopped} analys{'is is' if stopped == 1 else 'es are'} being stopped."
