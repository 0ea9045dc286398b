"""The first page: what is mine, what is new, what runs, what needs somebody."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from analysis.models import AnalysisRun
from labdata.common.access import Project
from labdata.common.jobs.models import OPEN_STATES
from measurements.models import Measurement
from samples.models import Sample

SHOWN = 10
BROKEN = ("failed", "errored")


@login_required
def home(request):
    user = request.user
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
    runs = (
        AnalysisRun.objects.visible_to(user)
        .select_related("measurement__sample")
        .order_by("-pk")
    )
    context = {
        "projects": Project.objects.current().visible_to(user),
        "mine": samples.filter(owner=user)[:SHOWN],
        "recent": samples[:SHOWN],
        "questions": measurements.filter(state_key="question")[:SHOWN],
        "reading": measurements.filter(state_key__in=["queued", "parsing"])[:SHOWN],
        "unread": measurements.filter(state_key__in=BROKEN)[:SHOWN],
        "running": runs.filter(state__in=OPEN_STATES)[:SHOWN],
        "failed": runs.filter(state__in=BROKEN)[:SHOWN],
    }
    return render(request, "home.html", context)
